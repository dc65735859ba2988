#pragma once

#include <string>

#include "json.hpp"

namespace firebrand::e2e {

/// Holds a value to a JSON Schema of an OpenAPI document: as much of the vocabulary as ours use
/// ($ref, allOf, type, enum, required, properties, additionalProperties, items, minimum, maximum).
/// What the schema of an object does not name is an objection too, unless it allows others: an
/// answer with a member that nobody described is a page that was forgotten.
/// @return the first objection, with its place; empty if there is none.
[[nodiscard]] std::string schema_objection(const Json& document, const Json& schema,
                                           const Json& value);

}  // namespace firebrand::e2e
