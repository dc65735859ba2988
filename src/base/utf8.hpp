#pragma once

#include <string_view>

namespace firebrand {

/// Whether the bytes are well-formed UTF-8: no overlong forms, surrogates or anything beyond
/// U+10FFFF. Source: Unicode 15, table 3-7. Runs of ASCII go eight bytes at a time.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace firebrand
