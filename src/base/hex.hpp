#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/char_sink.hpp"

namespace firebrand {

/// Two lower-case digits for each byte.
void put_hex(CharSink& sink, std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);

/// Fills all of `bytes` from exactly twice as many digits of either case, or returns false.
[[nodiscard]] bool from_hex(std::string_view text, std::span<std::uint8_t> bytes);

}  // namespace firebrand
