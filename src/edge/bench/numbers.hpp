#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/assert.hpp"

namespace firebrand {

/// "12.50" with two decimals: a number as people and JSON write it.
[[nodiscard]] inline std::string decimal(double value, int decimals) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return {text, static_cast<std::size_t>(size)};
}

/// The middle one, of an even number the mean of the two. REQUIRES: values.
[[nodiscard]] inline double median(std::vector<double> values) {
  FB_ASSERT(!values.empty());
  std::ranges::sort(values);
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

}  // namespace firebrand
