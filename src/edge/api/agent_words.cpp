#include "edge/api/agent_words.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace firebrand {

namespace {

struct Mark {
  std::string_view part;  ///< Of the text.
  std::string_view word;
};
// Browsers name those they descend from, and systems too: the first that fits is meant.
constexpr std::array kBrowsers = {Mark{"MicroMessenger/", "WeChat"},
                                  Mark{"Edg", "Edge"},
                                  Mark{"OPR/", "Opera"},
                                  Mark{"SamsungBrowser/", "Samsung"},
                                  Mark{"HuaweiBrowser/", "Huawei"},
                                  Mark{"Firefox/", "Firefox"},
                                  Mark{"FxiOS/", "Firefox"},
                                  Mark{"Chrome/", "Chrome"},
                                  Mark{"CriOS/", "Chrome"},
                                  Mark{"Safari/", "Safari"},
                                  Mark{"curl/", "curl"}};
constexpr std::array kSystems = {Mark{"Windows", "Windows"}, Mark{"iPhone", "iPhone"},
                                 Mark{"iPad", "iPad"},       Mark{"Harmony", "HarmonyOS"},
                                 Mark{"Android", "Android"}, Mark{"Mac OS X", "macOS"},
                                 Mark{"CrOS", "ChromeOS"},   Mark{"Linux", "Linux"}};

std::string_view word_of(std::span<const Mark> marks, std::string_view text) {
  const auto found = std::ranges::find_if(
      marks, [&](const Mark& mark) { return text.find(mark.part) != std::string_view::npos; });
  return found == marks.end() ? std::string_view() : found->word;
}

}  // namespace

std::string agent_words(std::string_view user_agent) {
  const std::string browser(word_of(kBrowsers, user_agent));
  const std::string_view system = word_of(kSystems, user_agent);
  return browser + (browser.empty() || system.empty() ? "" : ", ") + std::string(system);
}

}  // namespace firebrand
