#include "edge/api/problem.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/assert.hpp"
#include "base/json_writer.hpp"

namespace firebrand {

namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) { text.remove_prefix(1); }
  while (text.ends_with(' ') || text.ends_with('\t')) { text.remove_suffix(1); }
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Thousandths of "1", "0.8" or "0.875"; nothing if it is no such number up to 1.
std::optional<int> read_quality(std::string_view text) {
  constexpr std::size_t kDecimalsMax = 3;
  if (text.empty() || (text[0] != '0' && text[0] != '1')) { return std::nullopt; }
  int thousandths = (text[0] - '0') * 1'000;
  text.remove_prefix(1);
  if (text.empty()) { return thousandths; }
  if (text[0] != '.' || text.size() > 1 + kDecimalsMax) { return std::nullopt; }
  int worth = 100;
  for (const char c : text.substr(1)) {
    if (c < '0' || c > '9') { return std::nullopt; }
    thousandths += (c - '0') * worth;
    worth /= 10;
  }
  return thousandths <= 1'000 ? std::optional(thousandths) : std::nullopt;
}

struct LanguageRange {
  std::string_view primary;  ///< "zh" of "zh-Hans-CN".
  int quality = 1'000;
};

std::optional<LanguageRange> read_range(std::string_view text) {
  const std::size_t end = std::min(text.find(';'), text.size());
  const std::string_view tag = trimmed(text.substr(0, end));
  LanguageRange range{.primary = tag.substr(0, tag.find('-'))};
  if (end == text.size()) { return range; }
  const std::string_view weight = trimmed(text.substr(end + 1));
  if (weight.size() < 2 || lower(weight[0]) != 'q' || weight[1] != '=') { return std::nullopt; }
  const auto quality = read_quality(weight.substr(2));
  if (!quality) { return std::nullopt; }
  range.quality = *quality;
  return range;
}

/// How much a reader wants one language.
struct Wish {
  std::string_view language;
  int quality = -1;  ///< -1: not named.
  std::size_t place = 0;

  void take(const LanguageRange& range, std::size_t at) {
    const bool is_it = range.primary.size() == language.size() &&
                       std::equal(language.begin(), language.end(), range.primary.begin(),
                                  [](char want, char came) { return want == lower(came); });
    if (!is_it || range.quality <= quality) { return; }
    quality = range.quality;
    place = at;
  }
};

}  // namespace

Language language_of(std::string_view accept_language) {
  Wish en{.language = "en"};
  Wish zh{.language = "zh"};
  int others = 0;
  for (std::size_t place = 1; !accept_language.empty(); ++place) {
    const std::size_t end = std::min(accept_language.find(','), accept_language.size());
    if (const auto range = read_range(accept_language.substr(0, end))) {
      if (range->primary == "*") { others = range->quality; }
      en.take(*range, place);
      zh.take(*range, place);
    }
    accept_language.remove_prefix(std::min(end + 1, accept_language.size()));
  }
  const auto quality = [&](const Wish& wish) { return wish.quality < 0 ? others : wish.quality; };
  if (quality(zh) != quality(en)) {
    return quality(zh) > quality(en) ? Language::zh : Language::en;
  }
  // Both alike. One that is not named, or refused, has no place.
  return zh.quality > 0 && (en.quality <= 0 || zh.place < en.place) ? Language::zh : Language::en;
}

std::string problem_body(std::string_view code, Language language, std::string_view detail,
                         std::string_view request_id,
                         std::span<const ProblemExtension> extensions) {
  const ProblemKind* const kind = find_problem_kind(code);
  FB_ASSERT(kind != nullptr);
  const bool zh = language == Language::zh;
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("type");
  json.string(std::string("/problems/").append(kind->code));
  json.key("title");
  json.string(zh ? kind->title_zh : kind->title_en);
  json.key("status");
  json.number(kind->status);
  json.key("detail");
  json.string(!detail.empty() ? detail : zh ? kind->advice_zh : kind->advice_en);
  json.key("instance");
  json.string(std::string("urn:firebrand:req:").append(request_id));
  json.key("code");
  json.string(kind->code);
  for (const ProblemExtension& extension : extensions) {
    json.key(extension.name);
    json.raw(extension.json);
  }
  json.end_object();
  return body;
}

std::string problem_page(const ProblemKind& kind, Language language) {
  const bool zh = language == Language::zh;
  std::string page = "<!doctype html><html lang=\"";
  page += zh ? "zh" : "en";
  page +=
      "\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>";
  page += kind.code;
  page += "</title><h1>";
  page += zh ? kind.title_zh : kind.title_en;
  page += "</h1><p><code>";
  page += kind.code;
  page += "</code> · HTTP ";
  page += std::to_string(kind.status);
  page += "</p><p>";
  page += zh ? kind.advice_zh : kind.advice_en;
  page += "</p>";
  return page;
}

}  // namespace firebrand
