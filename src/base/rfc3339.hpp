#pragma once

#include <optional>
#include <string_view>

#include "base/text.hpp"
#include "base/types.hpp"

namespace firebrand {

/// "2026-11-21T20:00:00.000Z": UTC, always milliseconds and 'Z'. Instants outside of the years
/// 0000 to 9999 are written as the first or last one inside.
[[nodiscard]] Text<24> format_rfc3339(Timestamp time);

/// An instant as RFC 3339 (5.6) writes it: a date, 'T', a time with any number of decimals, and
/// 'Z' or an offset; all in the proleptic Gregorian calendar. Decimals beyond the millisecond are
/// dropped. Nothing if malformed, if there is no such day, in a leap second (it has no place in
/// Unix time), or outside of the years 0000 to 9999.
[[nodiscard]] std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace firebrand
