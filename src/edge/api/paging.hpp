#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edge/api/api.hpp"

namespace firebrand {

/// Value of a query parameter as it stands (our values need no percent-decoding); empty if absent.
[[nodiscard]] std::string_view query_value(std::string_view query, std::string_view name);

/// What a query parameter must be, in both languages.
struct ParameterWords {
  std::string en;
  std::string zh;
};
/// 422 that names a query parameter and what it must be.
void refuse_parameter(Api& api, const Asker& asker, std::string_view parameter, JsonErrorCode code,
                      const ParameterWords& expected);

/// Null if it is not known, or there is none.
inline void write_time(JsonWriter& json, std::string_view name, Timestamp at) {
  json.key(name);
  if (at == Timestamp{}) { return json.null(); }
  json.value(at);
}

/// A page of a list, by number: newest first unless the list says otherwise.
struct PageQuery {
  std::uint32_t limit = 50;  ///< 1 to 200.
  std::uint64_t before = 0;  ///< Numbers smaller than this (greater, oldest first); 0: all.
  std::uint64_t list = 0;    ///< The list and its filters: what a cursor of this page is good for.
  std::string address{};     ///< The page behind this one: all but the cursor at its end.
};
/// Reads `limit` and `cursor`; answers the problem itself if they are not valid, 400 if the cursor
/// is of another list or of other filters.
/// @param parameters  Those of the list: what is neither limit nor cursor filters it.
[[nodiscard]] std::optional<PageQuery> read_page(Api& api, const Call& call,
                                                 std::span<const QueryParameter> parameters);

/// The opaque cursor behind an entry.
[[nodiscard]] std::string cursor_of(const PageQuery& page, std::uint64_t number);
/// Value of the Link header (RFC 8288) that leads to the entries behind this one.
[[nodiscard]] std::string link_to_next(const PageQuery& page, std::uint64_t number);

/// {"data":[...],"next_cursor":...,"has_more":...,"log_position":...}
/// @param last      Number of the last entry if there are more behind it.
/// @param position  None: the list does not rest on the log, and says none.
template <class WriteEntry>
[[nodiscard]] std::string page_json(const PageQuery& page, std::size_t count,
                                    std::optional<std::uint64_t> last,
                                    std::optional<LogOffset> position, WriteEntry&& write_entry) {
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("data");
  json.begin_array();
  for (std::size_t i = 0; i < count; ++i) { write_entry(json, i); }
  json.end_array();
  json.key("next_cursor");
  if (last) {
    json.string(cursor_of(page, *last));
  } else {
    json.null();
  }
  json.key("has_more");
  json.boolean(last.has_value());
  if (position) { json.field("log_position", *position); }
  json.end_object();
  return body;
}

/// Answers with at most `page.limit` of the entries; one more tells that there are more.
/// @param write  Writes one entry: `write(json, entry)`.
template <class T, class NumberOf, class Write>
void respond_page(Api& api, const Asker& asker, const std::vector<T>& entries,
                  const PageQuery& page, std::optional<LogOffset> position, NumberOf&& number_of,
                  Write&& write) {
  const std::size_t count = std::min<std::size_t>(entries.size(), page.limit);
  const bool more = entries.size() > count;
  const auto last =
      more ? std::optional<std::uint64_t>(number_of(entries[count - 1])) : std::nullopt;
  const std::string body =
      page_json(page, count, last, position,
                [&](JsonWriter& json, std::size_t i) { write(json, entries[i]); });
  if (!more) { return api.respond_json(asker, 200, body); }
  const std::string link = link_to_next(page, *last);
  const std::array headers = {HttpField{"Link", link}};
  api.respond_json(asker, 200, body, headers);
}

/// Answers with a page of what `read(records)` gives: at most `page.limit` entries and one more.
template <class Read, class NumberOf>
void respond_list(Api& api, const Asker& asker, const PageQuery& page, Read read,
                  NumberOf number_of) {
  api.read_records(asker, std::move(read),
                   [&api, asker, page, number_of](const auto& entries, LogOffset position) {
                     respond_page(api, asker, entries, page, position, number_of,
                                  [](JsonWriter& json, const auto& entry) { json.value(entry); });
                   });
}

}  // namespace firebrand
