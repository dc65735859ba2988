#include "edge/api/draw_record.hpp"

#include <algorithm>

#include "base/enum_name.hpp"
#include "base/hex.hpp"
#include "base/rfc3339.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kFormat = "firebrand-draw/1";

class RecordWriter {
 public:
  void line(std::string_view name, std::string_view value) {
    text_.append(name).append(" ").append(value).append("\n");
  }
  void line(std::string_view name, const Hash256& hash) { line(name, to_hex(hash.data)); }
  void line(std::string_view name, std::integral auto number) {
    line(name, std::string_view(std::to_string(number)));
  }
  void line(std::string_view name, Timestamp at) { line(name, format_rfc3339(at).view()); }
  void entry(std::string_view entry) { text_.append(entry).append("\n"); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string write_draw_record(const Draw& draw, std::int64_t units, const DrawFacts& facts,
                              const Credentials& credentials) {
  const OpenDraw& plan = draw.plan;
  RecordWriter record;
  record.entry(kFormat);
  record.line("draw", draw_name(draw.draw_id));
  record.line("drop", plan.drop_id.value);
  record.line("wave", plan.wave);
  record.line("units", units);
  record.line("closes_at", plan.closes_at);
  record.line("reveal_due_at", plan.reveal_due_at);
  record.line("beacon_at", plan.beacon_at);
  record.line("beacon_source", plan.beacon_source.view());
  record.line("beacon_round", plan.beacon_round);
  record.line("fallback", enum_name(plan.fallback));
  record.line("wins", enum_name(plan.wins));
  record.line("tickets_max", plan.tickets_max);
  record.line("reserve_max", plan.reserve_max);
  record.line("commit", plan.commit);
  record.line("root_published_at", draw.rooted_at);
  record.line("root", draw.root);
  record.line("revealing", enum_name(draw.revealing));
  record.line("reveal", draw.reveal);
  record.line("beacon", draw.beacon);
  const auto name_of = [&](PersonId person) {
    return entrant_text(credentials.draw_entrant(draw.draw_id, person));
  };
  std::vector<std::string> excluded;  // In an order that says nothing of when it was done.
  for (const auto& [person, reason] : facts.excluded) {
    const Hash256 hash =
        exclusion_hash(plan.commit, credentials.draw_entrant(draw.draw_id, person));
    excluded.push_back(to_hex(hash.data) + " " + std::string(enum_name(reason)));
  }
  std::ranges::sort(excluded);
  for (const std::string& each : excluded) { record.line("excluded", each); }
  for (const auto& [person, reason] : facts.passed) {
    record.line("passed", name_of(person) + " " + std::string(enum_name(reason)));
  }
  for (const PersonId person : facts.winners) { record.line("winner", name_of(person)); }
  for (const PersonId person : facts.reserve) { record.line("reserve", name_of(person)); }
  const DrawEntries entries(facts.holders);
  record.line("entries", entries.count());
  entries.for_each([&](std::string_view entry) { record.entry(entry); });
  return record.take();
}

}  // namespace firebrand
