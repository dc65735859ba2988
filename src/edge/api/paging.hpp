#pragma once

#include <cstdint>
#include <optional>
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

/// A page of a list: newest first, by number.
struct PageQuery {
  std::uint32_t limit = 50;  ///< 1 to 200.
  std::uint64_t before = 0;  ///< Numbers smaller than this; 0: from the newest.
};
/// Reads `limit` and `cursor`; answers the problem itself if they are not valid.
[[nodiscard]] std::optional<PageQuery> read_page(Api& api, const Call& call);

/// The opaque cursor behind an entry, and back.
[[nodiscard]] std::string cursor_of(std::uint64_t number);

/// {"data":[...],"next_cursor":...,"has_more":...,"log_position":...} of at most `limit` entries;
/// one more tells that there are more.
template <Described T, class NumberOf>
void respond_page(Api& api, const Asker& asker, const std::vector<T>& entries, std::uint32_t limit,
                  LogOffset position, NumberOf&& number_of) {
  const bool more = entries.size() > limit;
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("data");
  json.begin_array();
  for (std::size_t i = 0; i < entries.size() && i < limit; ++i) { json.value(entries[i]); }
  json.end_array();
  json.key("next_cursor");
  if (more) {
    json.string(cursor_of(number_of(entries[limit - 1])));
  } else {
    json.null();
  }
  json.key("has_more");
  json.boolean(more);
  json.field("log_position", position);
  json.end_object();
  api.respond_json(asker, 200, body);
}

/// Answers with a page of what `read(records)` gives: at most `limit` entries and one more.
template <class Read, class NumberOf>
void respond_list(Api& api, const Asker& asker, std::uint32_t limit, Read read,
                  NumberOf number_of) {
  api.read_records(asker, std::move(read),
                   [&api, asker, limit, number_of](const auto& entries, LogOffset position) {
                     respond_page(api, asker, entries, limit, position, number_of);
                   });
}

}  // namespace firebrand
