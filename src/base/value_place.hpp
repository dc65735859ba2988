#pragma once

#include <cstddef>
#include <string_view>

namespace firebrand {

/// Where a value stands in what a codec reads: a chain of names and indices on the stack, spelled
/// out on error only, by each form in its own way. The place without a parent is the whole.
struct ValuePlace {
  const ValuePlace* parent = nullptr;
  std::string_view name{};
  std::size_t index = 0;
  bool is_entry = false;

  [[nodiscard]] ValuePlace field(std::string_view field_name) const {
    return {this, field_name, 0, false};
  }
  [[nodiscard]] ValuePlace entry(std::size_t i) const { return {this, {}, i, true}; }
};

}  // namespace firebrand
