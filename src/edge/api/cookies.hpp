#pragma once

#include <algorithm>
#include <string_view>

namespace firebrand {

inline constexpr std::string_view kSessionCookie = "firebrand_session";

/// The value of one cookie of a Cookie header; empty if it is not there.
[[nodiscard]] constexpr std::string_view cookie_value(std::string_view cookies,
                                                      std::string_view name) {
  while (!cookies.empty()) {
    std::string_view cookie = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(cookie.size() + 1, cookies.size()));
    while (cookie.starts_with(' ')) { cookie.remove_prefix(1); }
    if (cookie.size() > name.size() && cookie.starts_with(name) && cookie[name.size()] == '=') {
      return cookie.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace firebrand
