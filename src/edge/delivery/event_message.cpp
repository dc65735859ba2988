#include "edge/delivery/event_message.hpp"

#include <simdjson.h>

#include <optional>

#include "base/assert.hpp"

namespace firebrand {

namespace {

namespace ondemand = simdjson::ondemand;

/// A header's value: blanks, quotes, percent signs and all outside printable ASCII as %XX.
void put_encoded(std::string& out, std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '"' && c != '%') {
      out += c;
    } else {
      out.append({'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]});
    }
  }
}

/// Attributes as headers, data as the body; none if the text is no such event.
std::optional<EventMessage> binary_message(std::string_view event) {
  const simdjson::padded_string json(event);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object members;
  if (parser.iterate(json).get(document) != simdjson::SUCCESS ||
      document.get_object().get(members) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  EventMessage message;
  for (auto member : members) {
    std::string_view name;
    ondemand::value value;
    if (member.unescaped_key().get(name) != simdjson::SUCCESS ||
        member.value().get(value) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    if (name == "data") {
      std::string_view data;
      if (simdjson::to_json_string(value).get(data) != simdjson::SUCCESS) { return std::nullopt; }
      message.body = data;
      continue;
    }
    std::string header =
        name == "datacontenttype" ? "content-type: " : "ce-" + std::string(name) + ": ";
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) { return std::nullopt; }
    if (name == "datacontenttype") {
      header += text;
    } else {
      put_encoded(header, text);
    }
    message.headers.push_back(std::move(header));
  }
  return message;
}

}  // namespace

EventMessage make_event_message(WebhookMode mode, std::span<const std::string_view> events) {
  FB_ASSERT(!events.empty());
  if (mode == WebhookMode::batch) {
    EventMessage message{
        .headers = {"content-type: application/cloudevents-batch+json; charset=utf-8"},
        .body = "["};
    for (const std::string_view event : events) {
      if (message.body.size() > 1) { message.body += ','; }
      message.body += event;
    }
    message.body += ']';
    return message;
  }
  if (mode == WebhookMode::binary) {
    if (auto message = binary_message(events.front())) { return std::move(*message); }
  }
  return {.headers = {"content-type: application/cloudevents+json; charset=utf-8"},
          .body = std::string(events.front())};
}

}  // namespace firebrand
