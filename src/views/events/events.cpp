#include "views/events/events.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "base/codec_binary.hpp"
#include "base/id_text.hpp"
#include "base/json_schema.hpp"
#include "base/json_writer.hpp"
#include "core/engine/registry.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kTypePrefix = "org.firebrand.";
constexpr std::string_view kIdPrefix = "evt_";

/// What a fact is about: what is nearest to one buyer first.
template <class F>
std::string key_of(const F& fact) {
  std::string key;
  const auto take = [&](const auto& id) {
    if (key.empty() && id.value != 0) { key = format_id(id).view(); }
  };
  if constexpr (requires { fact.order_id; }) { take(fact.order_id); }
  if constexpr (requires { fact.person_id; }) { take(fact.person_id); }
  if constexpr (requires { fact.drop_id; }) { take(fact.drop_id); }
  if constexpr (requires { fact.launch_id; }) { take(fact.launch_id); }
  if constexpr (requires { fact.sku_id; }) { take(fact.sku_id); }
  if constexpr (requires { fact.webhook_id; }) { take(fact.webhook_id); }
  if constexpr (requires { fact.api_key_id; }) { take(fact.api_key_id); }
  if constexpr (requires { fact.staff_id; }) { take(fact.staff_id); }
  return key;
}

template <class F>
std::string schema_of() {
  return json_schema<F>(SchemaFor::output);
}

struct Entry {
  EventType type;
  /// Key and data; false if the bytes are not this fact.
  bool (*read)(const log::RecordView&, std::string& key, std::string& data) = nullptr;
};

template <class RegistryEntry>
bool read_as(const log::RecordView& record, std::string& key, std::string& data) {
  const auto fact = decode<typename RegistryEntry::Type>(record.payload, record.header.version);
  if (!fact) { return false; }
  key = key_of(*fact);
  data = to_json(*fact);
  return true;
}

template <class... Entries>
constexpr auto make_table(std::tuple<Entries...>*) {
  return std::array{Entry{{Entries::kNumber, Entries::kVersion, Entries::Type::kName,
                           Entries::Type::kDoc, &schema_of<typename Entries::Type>},
                          &read_as<Entries>}...};
}

constexpr auto kTable = make_table(static_cast<Facts*>(nullptr));
constexpr auto kTypes = [] {
  std::array<EventType, kTable.size()> types;
  for (std::size_t i = 0; i < types.size(); ++i) { types[i] = kTable[i].type; }
  return types;
}();
static_assert(std::ranges::is_sorted(kTypes, std::ranges::less_equal{}, &EventType::number));

const Entry* find_entry(std::uint16_t number) {
  const auto found = std::ranges::lower_bound(kTable, number, {},
                                              [](const Entry& entry) { return entry.type.number; });
  return found != kTable.end() && found->type.number == number ? &*found : nullptr;
}

template <class Number>
const char* read_digits(const char* from, const char* end, Number& number) {
  const auto read = std::from_chars(from, end, number);
  return read.ec == std::errc{} ? read.ptr : nullptr;
}

}  // namespace

std::string EventType::text() const {
  std::string text(kTypePrefix);
  text += name;
  if (version > 1) { text.append(".v").append(std::to_string(version)); }
  return text;
}

std::span<const EventType> event_types() { return kTypes; }

const EventType* find_event_type(std::uint16_t number) {
  const Entry* const entry = find_entry(number);
  return entry == nullptr ? nullptr : &kTypes[static_cast<std::size_t>(entry - kTable.data())];
}

const EventType* find_event_type(std::string_view text) {
  const auto found =
      std::ranges::find_if(kTypes, [&](const EventType& type) { return type.text() == text; });
  return found == kTypes.end() ? nullptr : &*found;
}

std::string format_event_id(log::Position position) {
  std::string id(kIdPrefix);
  id += std::to_string(position.offset.value);
  id.append("-").append(std::to_string(position.index));
  return id;
}

std::optional<log::Position> parse_event_id(std::string_view text) {
  if (!text.starts_with(kIdPrefix)) { return std::nullopt; }
  text.remove_prefix(kIdPrefix.size());
  const char* const end = text.data() + text.size();
  log::Position position;
  const char* at = read_digits(text.data(), end, position.offset.value);
  if (at == nullptr || at == end || *at != '-') { return std::nullopt; }
  at = read_digits(at + 1, end, position.index);
  // What does not fit into one word is no place in a log.
  const bool fits = position.offset.value < std::uint64_t{1} << 48U;
  return at == end && fits ? std::optional(position) : std::nullopt;
}

Expected<Event, EventError> make_event(const log::RecordView& record, std::string_view source) {
  const log::Position position = record.header.position();
  const Entry* const entry = find_entry(record.header.type);
  if (entry == nullptr) {
    return Unexpected(EventError{"fact " + log::to_string(position) + " is of a newer program"});
  }
  Event event{.position = position, .type = find_event_type(record.header.type)};
  std::string data;
  if (!entry->read(record, event.key, data)) {
    return Unexpected(EventError{"fact " + log::to_string(position) + " does not decode"});
  }
  CharSink sink(event.json);
  JsonWriter json(sink);
  const auto text = [&](std::string_view name, std::string_view value) {
    json.key(name);
    json.string(value);
  };
  json.begin_object();
  text("specversion", "1.0");
  text("id", format_event_id(position));
  text("source", source);
  text("type", event.type->text());
  if (!event.key.empty()) {
    text("subject", event.key);
    text("partitionkey", event.key);
  }
  json.field("time", record.header.timestamp);
  text("datacontenttype", "application/json");
  json.key("data");
  json.raw(data);
  json.end_object();
  return event;
}

}  // namespace firebrand
