#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/launch/drops.hpp"

namespace firebrand {

/// Refused purchases since they were last recorded, by drop and reason. At most
/// kRefusalsPerRecordMax pairs in one period.
class RefusalSums {
 public:
  /// @return false if there is no place left for the pair: it is not in the sums.
  [[nodiscard]] bool add(DropId drop_id, std::uint8_t reason) {
    // The same pair comes again and again: look at the last one first.
    if (last_ < sums_.size() && matches(sums_[last_], drop_id, reason)) {
      ++sums_[last_].count;
      return true;
    }
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      if (matches(sums_[i], drop_id, reason)) {
        last_ = i;
        ++sums_[i].count;
        return true;
      }
    }
    if (sums_.size() >= kRefusalsPerRecordMax) { return false; }
    last_ = sums_.size();
    sums_.push_back({drop_id, reason, 1});
    return true;
  }

  [[nodiscard]] bool empty() const { return sums_.empty(); }

  /// Everything summed so far; starts anew.
  [[nodiscard]] RecordRefusals take() {
    const RecordRefusals taken{sums_};
    sums_.clear();
    last_ = 0;
    return taken;
  }

 private:
  [[nodiscard]] static bool matches(const RefusalCount& sum, DropId drop_id, std::uint8_t reason) {
    return sum.drop_id == drop_id && sum.reason == reason;
  }

  List<RefusalCount, kRefusalsPerRecordMax> sums_;
  std::size_t last_ = 0;
};

}  // namespace firebrand
