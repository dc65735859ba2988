#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "edge/api/draw_entries.hpp"

/// The public record of a draw: all that a stranger needs to compute it again. The format:
/// docs/formats/draw-record.md.
namespace firebrand {

/// @param units  Of the wave.  REQUIRES: facts.completed.
[[nodiscard]] std::string write_draw_record(const Draw& draw, std::int64_t units,
                                            const DrawFacts& facts, const Credentials& credentials);

/// What a verified record says.
struct VerifiedDraw {
  std::string draw;
  std::uint64_t entries = 0;
  std::uint64_t winners = 0;
  std::uint64_t reserve = 0;
  std::uint64_t passed = 0;
  bool withheld = false;
  bool root_late = false;  ///< Published when the beacon's value could be known.
};

/// Computes everything in the record again: commitment, root, seed, winners and reserve.
/// @return why not, for whoever wants to know.
[[nodiscard]] Expected<VerifiedDraw, std::string> verify_draw_record(std::string_view record);

}  // namespace firebrand
