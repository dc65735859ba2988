#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "log/record.hpp"

/// Facts as the outside gets them: CloudEvents 1.0 in structured JSON. See docs/events.md.
namespace firebrand {

/// A kind of event: one for each registered fact.
struct EventType {
  std::uint16_t number = 0;           ///< Of the fact, in facts/.
  std::uint16_t version = 0;          ///< Of the fact.
  std::string_view name;              ///< Of the fact: "order_placed".
  std::string_view doc;               ///< What happened, in English.
  std::string (*schema)() = nullptr;  ///< JSON Schema of `data`.

  /// "org.firebrand.order_placed"; of a later version with ".v2" behind it.
  [[nodiscard]] std::string text() const;
};

/// In the order of their numbers.
[[nodiscard]] std::span<const EventType> event_types();
/// Null if there is none.
[[nodiscard]] const EventType* find_event_type(std::uint16_t number);
[[nodiscard]] const EventType* find_event_type(std::string_view text);

/// "evt_17-2"
[[nodiscard]] std::string format_event_id(log::Position position);
[[nodiscard]] std::optional<log::Position> parse_event_id(std::string_view text);

struct Event {
  log::Position position{};
  const EventType* type = nullptr;
  /// What it is about, such as "ord_7": its order, else its person, else its drop, else what else
  /// it names. Events with the same key are told in their order.
  std::string key{};
  std::string json{};  ///< The CloudEvent.
};

struct EventError {
  std::string message;
};

/// @param source  Of the installation, for the attribute of that name.
/// @return an error for facts of a newer program, and for damage.
[[nodiscard]] Expected<Event, EventError> make_event(const log::RecordView& record,
                                                     std::string_view source);

}  // namespace firebrand
