#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec_text.hpp"
#include "base/expected.hpp"

/// Every registered command, query and fact as one line of text (base/codec_text.hpp): what golden
/// scripts and the command line speak. For people and tests, not for a hot path.
namespace firebrand {

/// What a line says: a command's or query's number and record bytes.
struct CommandText {
  std::uint16_t number = 0;
  std::vector<std::byte> bytes{};
};

/// Reads `place_order drop_id=1 person_id=3`. The error of an unknown name lists those there are.
[[nodiscard]] Expected<CommandText, TextError> parse_command_text(std::string_view line);

/// `created wave=1 order_id=7 expires_at=900000`: the status by its name, then the fields of the
/// Result that are not at their defaults, nested ones alike.
/// @param number  Of a command or query; `bytes` are record bytes of its Result.
/// @return empty if there is no such number or the bytes are not its Result.
[[nodiscard]] std::string print_result(std::uint16_t number, std::span<const std::byte> bytes,
                                       TextTimes times = TextTimes::unix_ms);

/// `order_paid order_id=7 drop_id=1 payment_id="p-1" amount=CNY:199900`
/// @return empty if there is no such fact or the bytes are not one.
[[nodiscard]] std::string print_fact(std::uint16_t number, std::span<const std::byte> bytes,
                                     TextTimes times = TextTimes::unix_ms);

}  // namespace firebrand
