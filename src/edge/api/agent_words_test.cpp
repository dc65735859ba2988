#include "edge/api/agent_words.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace firebrand {
namespace {

TEST(AgentWords, NameBrowserAndSystem) {
  constexpr std::pair<std::string_view, std::string_view> kAgents[] = {
      {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
       "Edge, Windows"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/126.0.0.0 Safari/537.36",
       "Chrome, macOS"},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
       "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
       "Safari, iPhone"},
      {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/126.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.49",
       "WeChat, Android"},
      {"curl/7.88.1", "curl"},
      {"Mozilla/5.0 (Windows NT 10.0)", "Windows"},
      {"", ""},
      {"<script>alert(1)</script>", ""}};
  for (const auto& [agent, words] : kAgents) { EXPECT_EQ(agent_words(agent), words) << agent; }
}

}  // namespace
}  // namespace firebrand
