#include "edge/server/audit.hpp"

#include <cinttypes>
#include <cstdio>

#include "edge/server/audit_facts.hpp"
#include "log/snapshot_file.hpp"

namespace firebrand {

namespace {

/// Walks of all invariants are O(n): now and then, and at the end.
constexpr std::uint64_t kRecordsPerWalk = 250'000;

/// Facts must have come so far: a snapshot counts only once they have.
LogOffset newest_snapshot(log::FileSystem& files, const std::string& data) {
  const auto offsets = log::list_snapshots(files, snapshots_directory(data));
  return offsets && !offsets->empty() ? offsets->front() : LogOffset{};
}

void print(const AuditReport& report) {
  for (const std::string& problem : report.first_problems) {
    std::printf("PROBLEM %s\n", problem.c_str());
  }
  const AuditTotals& units = report.units;
  std::printf("audited     %" PRIu64 " records up to offset %" PRIu64 ", %" PRIu64
              " facts (%" PRIu64 " stored)\n",
              report.records, report.offset.value, report.facts, report.stored_facts);
  std::printf("units       received %" PRId64 " = free %" PRId64 " + unreleased %" PRId64
              " + available %" PRId64 " + held %" PRId64 " + sold %" PRId64 " + returned %" PRId64
              "\n",
              units.received, units.free, units.unreleased, units.available, units.held, units.sold,
              units.returned);
  std::printf("ordered     %" PRId64 " = sold %" PRId64 " + held %" PRId64 " + given back %" PRId64
              " + returned %" PRId64 "\n",
              units.ordered, units.sold, units.held, units.given_back, units.returned);
  std::printf("digest      %016" PRIx64 "\n", report.digest);
  if (report.problems == 0) {
    std::printf("conserved at every offset: nothing lost, made up or sold twice\n");
  } else {
    std::printf("%" PRIu64 " problems\n", report.problems);
  }
}

}  // namespace

Expected<AuditReport, ReplayError> audit(log::FileSystem& files, const std::string& data) {
  AuditReport report;
  std::string where = "at the beginning: ";
  const auto add_problem = [&](const std::string& what) {
    ++report.problems;
    if (report.first_problems.size() < kAuditProblemsMax) {
      report.first_problems.push_back(where + what);
    }
  };
  AuditBooks books(add_problem);
  StoredFacts stored(files, facts_directory(data), newest_snapshot(files, data), add_problem);
  FoldedState state;
  const auto replayed =
      replay_log(files, data, state, {UINT64_MAX},
                 [&](const log::RecordView& record, const Outcome&, const FactBuffer& facts) {
                   ++report.records;
                   report.facts += facts.entries().size();
                   where = "at offset " + std::to_string(record.header.offset.value) + ": ";
                   books.take_command(record.header.type, record.header.version, record.payload);
                   for (const FactBuffer::Entry& fact : facts.entries()) {
                     books.take_fact(fact.type, facts.payload(fact));
                   }
                   books.check(state.engine->state(), state.engine->take_touched_drops());
                   stored.follow(record, facts);
                   if (report.records % kRecordsPerWalk == 0) { state.engine->check_invariants(); }
                 });
  if (!replayed) { return Unexpected(replayed.error()); }
  where = "at the end: ";
  books.check_all(state.engine->state());
  stored.end();
  if (report.records > 0) { state.engine->check_invariants(); }
  report.offset = state.offset;
  report.stored_facts = stored.count();
  report.units = books.totals();
  report.digest = state.engine->digest();
  return report;
}

int run_audit(const std::string& data) {
  log::PosixFileSystem files;
  const auto report = audit(files, data);
  if (!report) {
    std::fprintf(stderr, "firebrand: %s\n", report.error().message.c_str());
    return 1;
  }
  print(*report);
  return report->problems == 0 ? 0 : 1;
}

}  // namespace firebrand
