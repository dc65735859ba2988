#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace firebrand {

/// RFC 4648: with + and / and padding, the same without padding, or with - and _ and none.
enum class Base64 : std::uint8_t { padded, unpadded, url };

[[nodiscard]] std::string to_base64(std::span<const unsigned char> bytes, Base64 form);

/// Bytes have one text: blanks, another alphabet and stray bits at the end are refused.
/// @param bytes  Room for them.
/// @return how many they are; nothing if the text is not base64 or they do not fit.
[[nodiscard]] std::optional<std::size_t> from_base64(std::string_view text, Base64 form,
                                                     std::span<unsigned char> bytes);

}  // namespace firebrand
