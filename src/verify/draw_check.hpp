#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "verify/public_log.hpp"
#include "verify/words.hpp"

namespace firebrand {

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

/// Computes everything in the record again: commitment, root, seed, winners and reserve. The
/// format: docs/formats/draw-record.md.
/// @return why not, for whoever wants to know.
[[nodiscard]] Expected<VerifiedDraw, Words> verify_draw_record(std::string_view record);

/// Whether the record tells what the public log tells of the draw: what was fixed before anybody
/// entered, who took part, the root, the reveal, the beacon, and what each got.
[[nodiscard]] Expected<void, Words> check_draw_in_log(std::string_view record,
                                                      const PublicLog& log);

[[nodiscard]] Report report_of(const VerifiedDraw& draw);

}  // namespace firebrand
