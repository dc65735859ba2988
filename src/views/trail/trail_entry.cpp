#include <algorithm>
#include <array>
#include <tuple>
#include <type_traits>

#include "base/codec_binary.hpp"
#include "base/id_text.hpp"
#include "base/json_writer.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/registry.hpp"
#include "views/trail/trail.hpp"

namespace firebrand {

namespace {

/// A command as the trail knows it.
struct Operation {
  std::uint16_t number = 0;
  std::string_view name;
  const StructTable& (*table)() = nullptr;
  /// Subject and fields; false if the bytes are not this command.
  bool (*read)(const log::RecordView&, TrailEntry&) = nullptr;
};

bool is_shown(const FieldTable& field) {
  const FieldKind kind = field.type->kind;
  const bool is_list = kind == FieldKind::list;
  if ((is_list ? field.type->entry->kind : kind) == FieldKind::bytes) { return false; }
  return field.from != From::stamped ||
         (!is_list && kind != FieldKind::text && kind != FieldKind::nested);
}

void write_shown(JsonWriter& json, const StructTable& table, const void* object);

void write_shown(JsonWriter& json, const TypeTable& type, const void* value) {
  if (type.kind == FieldKind::nested) { return write_shown(json, type.nested(), value); }
  if (type.kind != FieldKind::list) { return json.write(type, value); }
  json.begin_array();
  const std::size_t size = type.list_size(value);
  for (std::size_t i = 0; i < size; ++i) { write_shown(json, *type.entry, type.list_at(value, i)); }
  json.end_array();
}

void write_shown(JsonWriter& json, const StructTable& table, const void* object) {
  json.begin_object();
  for (const FieldTable& field : table.fields()) {
    const bool is_default = field.rule.presence == Presence::optional &&
                            equal_values(*field.type, field.in(object), field.in(table.defaults()));
    if (is_default || !is_shown(field)) { continue; }
    json.key(field.name);
    write_shown(json, *field.type, field.in(object));
  }
  json.end_object();
}

/// The first id that it names, else its first text: a code, a login.
std::string subject_of(const StructTable& table, const void* command) {
  std::string_view text;
  for (const FieldTable& field : table.fields()) {
    const TypeTable& type = *field.type;
    if (!is_shown(field)) { continue; }
    if (type.kind == FieldKind::text && text.empty()) { text = type.view_text(field.in(command)); }
    if (type.kind != FieldKind::strong || type.prefix == nullptr) { continue; }
    const auto number = static_cast<std::uint64_t>(load_number(type, field.in(command)));
    if (number != 0) { return std::string(format_id_number(number, type.prefix).view()); }
  }
  return std::string(text);
}

template <class RegistryEntry>
bool read_as(const log::RecordView& record, TrailEntry& entry) {
  using C = typename RegistryEntry::Type;
  const auto command = decode<C>(record.payload, record.header.version);
  if (!command) { return false; }
  entry.subject = subject_of(struct_table<C>(), &*command);
  entry.fields = trail_fields(struct_table<C>(), &*command);
  if constexpr (std::is_same_v<C, OpenSession>) {
    // Whoever signs in is nobody yet.
    entry.actor = {ActorKind::staff, command->staff_id.value};
  }
  return true;
}

template <class... Entries>
constexpr auto make_operations(std::tuple<Entries...>*) {
  return std::array{Operation{Entries::kNumber, Entries::Type::kName,
                              &struct_table<typename Entries::Type>, &read_as<Entries>}...};
}

constexpr auto kOperations = make_operations(static_cast<Commands*>(nullptr));

/// What a key sends in the name of a fan is the fan's doing.
bool acts_for_fan(const StructTable& table) {
  return std::ranges::any_of(table.fields(),
                             [](const FieldTable& field) { return field.from == From::caller; });
}

}  // namespace

const std::vector<std::string_view>& trail_operations() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> made;
    for (const Operation& operation : kOperations) { made.push_back(operation.name); }
    return made;
  }();
  return names;
}

std::string trail_fields(const StructTable& table, const void* command) {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  write_shown(json, table, command);
  return text;
}

Expected<std::optional<TrailEntry>, RecordsError> make_trail_entry(const log::RecordView& record) {
  using Entry = std::optional<TrailEntry>;
  const log::RecordHeader& header = record.header;
  const auto kind = static_cast<ActorKind>(header.actor_kind);
  // By far the most records end here.
  if (kind != ActorKind::staff && kind != ActorKind::api_key &&
      header.type != kNumberOf<AddStaff> && header.type != kNumberOf<AddApiKey> &&
      header.type != kNumberOf<OpenSession>) {
    return Entry();
  }
  const auto* const operation = std::ranges::find(kOperations, header.type, &Operation::number);
  if (operation == kOperations.end()) {
    return Unexpected(
        RecordsError{"record " + log::to_string(header.position()) + " is of a newer program"});
  }
  if (kind == ActorKind::api_key && acts_for_fan(operation->table())) { return Entry(); }
  TrailEntry entry{.position = header.offset,
                   .at = header.timestamp,
                   .actor = {kind, header.actor_id},
                   .operation = std::string(operation->name)};
  if (!operation->read(record, entry)) {
    return Unexpected(
        RecordsError{"record " + log::to_string(header.position()) + " does not decode"});
  }
  return Entry(std::move(entry));
}

}  // namespace firebrand
