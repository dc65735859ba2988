#pragma once

#include <cstdint>
#include <string>

#include "edge/api/draw_entries.hpp"

/// The public record of a draw: all that a stranger needs to compute it again
/// (verify/draw_check.hpp). The format: docs/formats/draw-record.md.
namespace firebrand {

/// @param units  Of the wave.  REQUIRES: facts.completed.
[[nodiscard]] std::string write_draw_record(const Draw& draw, std::int64_t units,
                                            const DrawFacts& facts, const Credentials& credentials);

}  // namespace firebrand
