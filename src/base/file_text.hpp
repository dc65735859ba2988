#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>

namespace firebrand {

/// What stands in a file, a pipe included, that somebody has named. Nothing if it cannot be read.
/// @param bytes_max  Of what is longer, its first so many bytes.
[[nodiscard]] std::optional<std::string> file_text(
    const std::string& path, std::size_t bytes_max = std::numeric_limits<std::size_t>::max());

}  // namespace firebrand
