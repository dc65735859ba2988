#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace firebrand {

/// Fields of an application/x-www-form-urlencoded body, decoded and sorted by name. Nothing if an
/// escape is malformed or a name comes twice: two readers could then see two different bodies.
[[nodiscard]] std::optional<std::map<std::string, std::string, std::less<>>> read_form(
    std::string_view body);

/// One name or value, so that read_form() reads it.
[[nodiscard]] std::string encode_form(std::string_view text);

}  // namespace firebrand
