#pragma once

#include <cstdint>

#include "edge/api/credentials.hpp"
#include "views/proof/proof_log.hpp"

namespace firebrand {

/// The names and keys of an installation's public log. @param key  Number of the newest key; while
/// a key is changed the one before it signs too. `credentials` outlives the log.
[[nodiscard]] ProofOptions proof_options(const Credentials& credentials, std::uint32_t key);

}  // namespace firebrand
