#pragma once

#include <cstdint>

#include "base/text.hpp"

namespace firebrand {

/// Names for requests whose callers gave none: "req_" and 16 hexadecimal digits, counted from a
/// start of chance, so that two runs of the program, or two parts of it, hardly meet.
class RequestIds {
 public:
  RequestIds();
  [[nodiscard]] Text<40> next();

 private:
  std::uint64_t newest_ = 0;
};

}  // namespace firebrand
