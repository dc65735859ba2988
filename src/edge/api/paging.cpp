#include "edge/api/paging.hpp"

#include <array>
#include <charconv>

namespace firebrand {

namespace {

using enum JsonErrorCode;

constexpr std::uint32_t kPageMax = 200;

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

}  // namespace

std::string_view query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

void refuse_parameter(Api& api, const Asker& asker, std::string_view parameter, JsonErrorCode code,
                      const ParameterWords& expected) {
  const bool zh = asker.language == Language::zh;
  const std::string detail = zh ? "要求：" + expected.zh : "expected " + expected.en;
  api.refuse_invalid(asker, {.at = "parameter",
                             .name = std::string(parameter),
                             .code = code,
                             .detail = detail,
                             .message = std::string(parameter) + (zh ? " " : ": ") + detail});
}

std::string cursor_of(std::uint64_t number) {
  std::array<char, 20> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, 36).ptr;
  return "b" + std::string(text.data(), end);
}

std::optional<PageQuery> read_page(Api& api, const Call& call) {
  PageQuery page;
  const std::string_view limit = query_value(call.http.query, "limit");
  const bool is_number = limit.empty() || read_number(limit, page.limit);
  if (!is_number || page.limit < 1 || page.limit > kPageMax) {
    refuse_parameter(api, call, "limit", is_number ? out_of_range : malformed_value,
                     {"an integer, 1 to 200", "整数，1 至 200"});
    return std::nullopt;
  }
  const std::string_view cursor = query_value(call.http.query, "cursor");
  if (cursor.empty()) { return page; }
  const char* const end = cursor.data() + cursor.size();
  const auto read = std::from_chars(cursor.data() + 1, end, page.before, 36);
  if (cursor.front() != 'b' || read.ec != std::errc{} || read.ptr != end) {
    refuse_parameter(api, call, "cursor", malformed_value,
                     {"a next_cursor of this list", "本列表的 next_cursor"});
    return std::nullopt;
  }
  return page;
}

}  // namespace firebrand
