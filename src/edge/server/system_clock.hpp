#pragma once

#include "runtime/stamper.hpp"

namespace firebrand {

/// The machine's own clocks. Any thread.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp wall() override;
  [[nodiscard]] std::int64_t monotonic_ms() override;
};

}  // namespace firebrand
