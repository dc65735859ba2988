#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "edge/server/audit_books.hpp"
#include "log/file_system.hpp"
#include "runtime/replay.hpp"

namespace firebrand {

/// Problems beyond so many are counted, not kept.
inline constexpr std::size_t kAuditProblemsMax = 50;

struct AuditReport {
  std::uint64_t records = 0;
  LogOffset offset{};  ///< Of the last record.
  std::uint64_t facts = 0;
  std::uint64_t stored_facts = 0;  ///< Of them, those in facts/.
  AuditTotals units{};
  std::uint64_t digest = 0;
  std::uint64_t problems = 0;
  std::vector<std::string> first_problems;  ///< Each with the offset it was found at.
};

/// Replays the whole log of a data directory, without snapshots, beside books of its own
/// (audit_books.hpp) and checks
///  - after each record, for every drop, SKU and currency it touched: units and money are conserved
///    and are what records and facts say; no order begins or ends twice; nobody is over a limit;
///  - the same for everything at the end;
///  - every 250,000 records and at the end, the engine's own invariants, which abort;
///  - facts/ holds exactly the facts that replay returns (audit_facts.hpp).
/// Errors: the log cannot be read or replayed to its end.
[[nodiscard]] Expected<AuditReport, ReplayError> audit(log::FileSystem& files,
                                                       const std::string& data);

/// The same on the machine's files; prints what it found.
/// @return 0 if all is well, 1 if not or if it cannot be read.
[[nodiscard]] int run_audit(const std::string& data);

}  // namespace firebrand
