#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text.hpp"
#include "base/types.hpp"

/// How a priority code is written: "000100-00EFX2-MK5QZV-N8T3CW", 24 digits of Crockford's base 32
/// in groups of six. The first nine say batch (20 bits) and place (24 bits, then one 0); the other
/// fifteen are 75 bits of an HMAC over both, so that codes need not be stored and cannot be
/// guessed: of 2^75 texts for a place one is right. Format: docs/codes.md.
namespace firebrand {

/// Which code a text stands for.
struct CodePlace {
  CodeBatchId code_batch_id{};   ///< 1 to 2^20 - 1.
  std::uint32_t code_index = 0;  ///< From 0, below 2^24.

  friend bool operator==(const CodePlace&, const CodePlace&) = default;
};

inline constexpr std::size_t kCodeDigits = 24;
inline constexpr std::size_t kCodeTextBytes = kCodeDigits + 3;
inline constexpr std::size_t kCodeInputBytesMax = 64;
using CodeText = Text<kCodeTextBytes>;
using CodeMac = std::array<unsigned char, 32>;

/// What the HMAC is made over.
[[nodiscard]] std::array<unsigned char, 12> code_message(const CodePlace& place);

/// REQUIRES: a place within its bits.
[[nodiscard]] CodeText format_code(const CodePlace& place, const CodeMac& mac);

/// The place that a text claims; whether it is right, the text made anew tells. Small letters,
/// blanks and hyphens anywhere are fine, O is 0, I and L are 1.
[[nodiscard]] std::optional<CodePlace> read_code_place(std::string_view text);
/// The text as format_code() writes it; nothing if it cannot be a code.
[[nodiscard]] std::optional<CodeText> normal_code(std::string_view text);

}  // namespace firebrand
