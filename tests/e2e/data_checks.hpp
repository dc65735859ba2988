#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "program.hpp"

namespace firebrand::e2e {

/// What `firebrand audit` counted, and the digest it came to.
struct Audited {
  std::int64_t sold = 0;
  std::int64_t held = 0;
  std::int64_t given_back = 0;
  std::string digest;
};

/// Audits a data directory that no server uses, and replays it twice and once without snapshots:
/// everything must hold, and all must come to the same digest. Failures are the test's.
Audited check_directory(const std::string& data);

}  // namespace firebrand::e2e
