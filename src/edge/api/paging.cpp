#include "edge/api/paging.hpp"

#include <array>
#include <charconv>

#include "base/digest.hpp"

namespace firebrand {

namespace {

using enum JsonErrorCode;

constexpr std::uint32_t kPageMax = 200;
/// Of a list's hash in its cursors: they take no cursor of another list for theirs, no more.
constexpr std::uint64_t kListBits = 0xFF'FFFF'FFFF;

template <class Number>
bool read_number(std::string_view text, Number& number, int base = 10) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

void append_base36(std::string& text, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 36).ptr;
  text.append(digits.data(), end);
}

void append_parameter(std::string& address, std::string_view name, std::string_view value) {
  if (!value.empty()) { address.append(name).append("=").append(value).append("&"); }
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

std::string cursor_of(const PageQuery& page, std::uint64_t number) {
  std::string cursor = "b";
  append_base36(cursor, number);
  cursor += '.';
  append_base36(cursor, page.list);
  return cursor;
}

std::string link_to_next(const PageQuery& page, std::uint64_t number) {
  return "<" + page.address + cursor_of(page, number) + R"(>; rel="next")";
}

std::optional<PageQuery> read_page(Api& api, const Call& call,
                                   std::span<const QueryParameter> parameters) {
  PageQuery page;
  const std::string_view limit = query_value(call.http.query, "limit");
  const bool is_number = limit.empty() || read_number(limit, page.limit);
  if (!is_number || page.limit < 1 || page.limit > kPageMax) {
    refuse_parameter(api, call, "limit", is_number ? out_of_range : malformed_value,
                     {"an integer, 1 to 200", "整数，1 至 200"});
    return std::nullopt;
  }
  page.address.append(call.http.path).append("?");
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name == "limit" || parameter.name == "cursor") { continue; }
    append_parameter(page.address, parameter.name, query_value(call.http.query, parameter.name));
  }
  page.list = hash_bytes(std::as_bytes(std::span(page.address))) & kListBits;
  append_parameter(page.address, "limit", limit);
  page.address += "cursor=";
  const std::string_view cursor = query_value(call.http.query, "cursor");
  if (cursor.empty()) { return page; }
  const std::size_t dot = std::min(cursor.find('.'), cursor.size());
  std::uint64_t list = 0;
  const bool is_cursor = cursor.starts_with('b') && dot < cursor.size() &&
                         read_number(cursor.substr(1, dot - 1), page.before, 36) &&
                         read_number(cursor.substr(dot + 1), list, 36);
  if (is_cursor && list == page.list) { return page; }
  api.refuse(
      call, "malformed",
      call.language == Language::zh
          ? "cursor 不是本列表在这些筛选条件下的 next_cursor；请去掉它重新开始。"
          : "The cursor is no next_cursor of this list with these filters; begin without it.");
  return std::nullopt;
}

}  // namespace firebrand
