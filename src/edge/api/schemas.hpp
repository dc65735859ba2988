#pragma once

#include <string>

#include "base/json_schema.hpp"

namespace firebrand {

/// For Route::request_schema: what a body may hold.
template <Described T>
std::string body_schema_of() {
  return json_schema<T>(SchemaFor::input);
}

/// For Route::response_schema: all fields.
template <Described T>
std::string answer_schema_of() {
  return json_schema<T>(SchemaFor::output);
}

/// {"data":[...],"next_cursor":...,"has_more":...,"log_position":...}
template <Described T>
std::string page_schema_of() {
  return R"({"type":"object","required":["data","next_cursor","has_more","log_position"],"properties":{)"
         R"("data":{"type":"array","items":)" +
         answer_schema_of<T>() +
         R"(},"next_cursor":{"type":["string","null"],"description":"Pass it as `cursor` for what follows."},)"
         R"("has_more":{"type":"boolean"},)"
         R"("log_position":{"type":"string","description":"The list shows all up to this log offset at least."}}})";
}

}  // namespace firebrand
