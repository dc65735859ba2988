#include <string>

#include "edge/api/openapi.hpp"
#include "views/events/events.hpp"

namespace firebrand {

namespace {

/// The CloudEvent of one type: what all have, with the schema of its data.
std::string schema_of(const EventType& type) {
  return R"({"allOf":[{"$ref":"#/components/schemas/Event"},{"type":"object","properties":{)"
         R"("type":{"type":"string","const":")" +
         type.text() + R"("},"data":)" + type.schema() + "}}]}";
}

}  // namespace

void write_webhooks(JsonWriter& json) {
  const auto text = [&](std::string_view name, std::string_view value) {
    json.key(name);
    json.string(value);
  };
  json.begin_object();
  for (const EventType& type : event_types()) {
    json.key(type.text());
    json.begin_object();
    json.key("post");
    json.begin_object();
    text("operationId", "on_" + std::string(type.name));
    json.key("tags");
    json.raw(R"(["webhooks"])");
    text("summary", type.doc);
    text("description",
         "Sent to endpoints that ask for it, in the mode that is set: the whole event, its data "
         "with the rest as ce-* headers, or a list of events; see docs/webhooks.md.");
    json.key("security");
    json.raw("[]");
    json.key("requestBody");
    json.begin_object();
    json.key("required");
    json.boolean(true);
    json.key("content");
    json.begin_object();
    json.key("application/cloudevents+json");
    json.begin_object();
    json.key("schema");
    json.raw(schema_of(type));
    json.end_object();
    json.key("application/json");
    json.begin_object();
    json.key("schema");
    json.raw(type.schema());
    json.end_object();
    json.key("application/cloudevents-batch+json");
    json.raw(R"({"schema":{"type":"array","items":{"$ref":"#/components/schemas/Event"}}})");
    json.end_object();
    json.end_object();
    json.key("responses");
    json.raw(R"({"2XX":{"description":"Taken."},"410":{"description":"Not called any more."},)"
             R"("4XX":{"description":"Tried again later."}})");
    json.end_object();
    json.end_object();
  }
  json.end_object();
}

}  // namespace firebrand
