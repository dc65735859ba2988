#pragma once

#include <string>
#include <string_view>

namespace firebrand {

/// Browser and system of a User-Agent in words, such as "Firefox, Linux", so that people know their
/// sessions apart; what is not known is left out, and nothing else of the text is kept.
[[nodiscard]] std::string agent_words(std::string_view user_agent);

}  // namespace firebrand
