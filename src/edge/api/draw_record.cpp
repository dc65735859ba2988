#include "edge/api/draw_record.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

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

/// Lines of the record by name, and the entries behind the last of them.
struct ReadRecord {
  std::map<std::string, std::string, std::less<>> single;
  std::vector<std::string> winners;
  std::vector<std::string> reserve;
  std::set<std::string, std::less<>> passed;
  std::uint64_t excluded = 0;
  std::vector<std::string> entries;

  [[nodiscard]] std::string_view find(std::string_view name) const {
    const auto found = single.find(name);
    return found == single.end() ? std::string_view{} : std::string_view(found->second);
  }
  [[nodiscard]] bool hash(std::string_view name, Hash256& out) const {
    return from_hex(find(name), out.data);
  }
  [[nodiscard]] bool number(std::string_view name, std::uint64_t& out) const {
    const std::string_view text = find(name);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    return !text.empty() && read.ec == std::errc{} && read.ptr == text.data() + text.size();
  }
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view entrant_of(std::string_view entry) { return entry.substr(0, entry.find('#')); }

Expected<ReadRecord, std::string> read_record(std::string_view text) {
  if (take_line(text) != kFormat) { return Unexpected(std::string("this is no draw record")); }
  ReadRecord record;
  while (!text.empty() && !record.single.contains("entries")) {
    const std::string_view line = take_line(text);
    const std::size_t blank = line.find(' ');
    const std::string name(line.substr(0, blank));
    const std::string value(blank == std::string_view::npos ? "" : line.substr(blank + 1));
    if (name == "winner") {
      record.winners.push_back(value);
    } else if (name == "reserve") {
      record.reserve.push_back(value);
    } else if (name == "passed") {
      record.passed.insert(value.substr(0, value.find(' ')));
    } else if (name == "excluded") {
      ++record.excluded;
    } else if (!record.single.emplace(name, value).second) {
      return Unexpected("the line " + name + " comes twice");
    }
  }
  while (!text.empty()) { record.entries.emplace_back(take_line(text)); }
  return record;
}

/// The seed, once all that leads to it fits together.
Expected<Hash256, std::string> check_seed(const ReadRecord& record) {
  Hash256 commit;
  Hash256 reveal;
  Hash256 beacon;
  Hash256 root;
  std::uint64_t entries = 0;
  const bool whole = record.hash("commit", commit) && record.hash("reveal", reveal) &&
                     record.hash("beacon", beacon) && record.hash("root", root) &&
                     record.number("entries", entries) && !record.find("draw").empty();
  if (!whole) { return Unexpected(std::string("a line is missing or malformed")); }
  const std::string_view revealing = record.find("revealing");
  if (revealing == "withheld" ? !reveal.is_zero() : draw_commitment(reveal) != commit) {
    return Unexpected(std::string("the reveal is not the one of the commitment"));
  }
  if (revealing != "withheld" && revealing != "revealed") {
    return Unexpected(std::string("the record does not say whether the reveal was withheld"));
  }
  if (record.entries.size() != entries) {
    return Unexpected(std::string("the list has another number of entries than it says"));
  }
  const auto not_rising = std::ranges::adjacent_find(record.entries, std::greater_equal{});
  if (not_rising != record.entries.end()) {
    return Unexpected("the entries are not sorted, or one comes twice: " + *not_rising);
  }
  if (entrants_root(record.entries) != root) {
    return Unexpected(std::string("the entries have another root"));
  }
  return draw_seed(record.find("draw"), root, reveal, beacon);
}

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

Expected<VerifiedDraw, std::string> verify_draw_record(std::string_view text) {
  const auto record = read_record(text);
  if (!record) { return Unexpected(record.error()); }
  std::uint64_t units = 0;
  std::uint64_t reserve_max = 0;
  if (!record->number("units", units) || !record->number("reserve_max", reserve_max)) {
    return Unexpected(std::string("a line is missing or malformed"));
  }
  const auto seed = check_seed(*record);
  if (!seed) { return Unexpected(seed.error()); }
  std::vector<std::string_view> winners;
  std::vector<std::string_view> reserve;
  std::set<std::string_view> drawn;
  std::uint64_t passed = 0;
  const std::uint64_t count = record->entries.size();
  for (const std::uint32_t place : draw_order(*seed, count, count)) {
    if (winners.size() == units && reserve.size() == reserve_max) { break; }
    const std::string_view entrant = entrant_of(record->entries[place]);
    if (!drawn.insert(entrant).second) { continue; }
    if (record->passed.contains(entrant)) {
      ++passed;
      continue;
    }
    (winners.size() < units ? winners : reserve).push_back(entrant);
  }
  if (!std::ranges::equal(winners, record->winners)) {
    return Unexpected(std::string("the winners are others"));
  }
  if (!std::ranges::equal(reserve, record->reserve)) {
    return Unexpected(std::string("the reserve is another one"));
  }
  if (passed != record->passed.size()) {
    return Unexpected(std::string("somebody was passed over who was not drawn"));
  }
  return VerifiedDraw{.draw = std::string(record->find("draw")),
                      .entries = count,
                      .winners = winners.size(),
                      .reserve = reserve.size(),
                      .passed = passed,
                      .withheld = record->find("revealing") == "withheld",
                      // All times have one form, whose order is that of its text.
                      .root_late = record->find("root_published_at") >= record->find("beacon_at")};
}

}  // namespace firebrand
