#include "verify/draw_check.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "base/draw.hpp"
#include "base/hex.hpp"
#include "base/whole_number.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kFormat = "firebrand-draw/1";
constexpr std::array kZero = {std::byte{0}};

/// Lines of the record by name, and the entries behind the last of them.
struct ReadRecord {
  std::map<std::string, std::string, std::less<>> single;
  std::vector<std::string> winners;
  std::vector<std::string> reserve;
  std::vector<std::string> passed;    ///< "entrant reason"
  std::vector<std::string> excluded;  ///< "hash reason"
  std::vector<std::string> entries;

  [[nodiscard]] std::string_view find(std::string_view name) const {
    const auto found = single.find(name);
    return found == single.end() ? std::string_view{} : std::string_view(found->second);
  }
  [[nodiscard]] bool hash(std::string_view name, Hash256& out) const {
    return from_hex(find(name), out.data);
  }
  [[nodiscard]] bool number(std::string_view name, std::uint64_t& out) const {
    return read_whole_number(find(name), out);
  }
};

/// What stands before the first `end`.
std::string_view before(std::string_view text, char end) { return text.substr(0, text.find(end)); }

Expected<ReadRecord, Words> read_record(std::string_view text) {
  if (!text.ends_with('\n')) {
    return no("the record has no end: something is missing", "文件没有正常结尾：缺少内容");
  }
  const auto take_line = [&] {
    const std::string_view line = before(text, '\n');
    text.remove_prefix(line.size() + 1);
    return line;
  };
  if (take_line() != kFormat) { return no("this is no draw record", "这不是抽签记录"); }
  ReadRecord record;
  while (!text.empty() && !record.single.contains("entries")) {
    const std::string_view line = take_line();
    const std::string name(before(line, ' '));
    const std::string value(line.substr(std::min(name.size() + 1, line.size())));
    if (name == "winner") {
      record.winners.push_back(value);
    } else if (name == "reserve") {
      record.reserve.push_back(value);
    } else if (name == "passed") {
      record.passed.push_back(value);
    } else if (name == "excluded") {
      record.excluded.push_back(value);
    } else if (!record.single.emplace(name, value).second) {
      return no("the line " + name + " comes twice", name + " 一行重复出现");
    }
  }
  while (!text.empty()) { record.entries.emplace_back(take_line()); }
  return record;
}

/// The seed, once all that leads to it fits together.
Expected<Hash256, Words> check_seed(const ReadRecord& record) {
  Hash256 commit;
  Hash256 reveal;
  Hash256 beacon;
  Hash256 root;
  std::uint64_t entries = 0;
  const bool whole = record.hash("commit", commit) && record.hash("reveal", reveal) &&
                     record.hash("beacon", beacon) && record.hash("root", root) &&
                     record.number("entries", entries) && !record.find("draw").empty();
  if (!whole) { return no("a line is missing or malformed", "缺少某一行或格式有误"); }
  const std::string_view revealing = record.find("revealing");
  if (revealing == "withheld" ? !reveal.is_zero() : draw_commitment(reveal) != commit) {
    return no("the reveal is not the one of the commitment", "揭示值与承诺不符");
  }
  if (revealing != "withheld" && revealing != "revealed") {
    return no("the record does not say whether the reveal was withheld", "记录未说明是否揭示");
  }
  if (record.entries.size() != entries) {
    return no("the list has another number of entries than it says", "名单数量与所写不符");
  }
  const auto not_rising = std::ranges::adjacent_find(record.entries, std::greater_equal{});
  if (not_rising != record.entries.end()) {
    return no("the entries are not sorted, or one comes twice: " + *not_rising,
              "名单未排序或有重复：" + *not_rising);
  }
  if (entrants_root(record.entries) != root) {
    return no("the entries have another root", "名单与公布的根不符");
  }
  return draw_seed(record.find("draw"), root, reveal, beacon);
}

/// What the leaves of one draw say, in the form of its record.
struct LoggedDraw {
  std::string drop;
  std::string wave;
  std::int64_t units = 0;  ///< Of its wave.
  std::map<std::string, std::string, std::less<>> single;
  std::map<std::string, std::int64_t, std::less<>> tickets;  ///< Of those who take part.
  std::map<std::string, std::string, std::less<>> excluded;  ///< Reason by entrant.
  std::set<std::string, std::less<>> passed;
  std::vector<std::string> winners;
  std::vector<std::string> reserve;
  bool completed = false;
  std::set<std::string, std::less<>> seen{};  ///< Kinds of leaves.

  /// Whether the leaf may stand where it stands: a commitment that comes late commits to nothing.
  [[nodiscard]] bool is_in_turn(const ProofLeaf& leaf) const {
    const auto was = [this](std::string_view kind) { return seen.contains(kind); };
    const std::string_view kind = leaf.kind;
    if (kind == "draw_opened") { return !was(kind); }
    if (!was("draw_opened")) { return false; }
    if (kind == "draw_closed") { return !was(kind); }
    if (kind == "draw_root_published") { return was("draw_closed") && !was(kind); }
    if (kind == "draw_revealed" || kind == "draw_reveal_withheld") {
      return was("draw_closed") && !was("draw_revealed") && !was("draw_reveal_withheld");
    }
    if (kind == "draw_beacon_posted") { return was("draw_root_published") && !was(kind); }
    if (kind == "draw_entered" || kind == "draw_left" || kind == "draw_excluded" ||
        kind == "draw_tickets_granted") {
      return !was("draw_closed");
    }
    return was("draw_beacon_posted") && (was("draw_revealed") || was("draw_reveal_withheld"));
  }

  void take(const ProofLeaf& leaf) {
    const std::string entrant(leaf.find("entrant"));
    const auto keep = [&](const char* name) { single[name] = leaf.find(name); };
    if (leaf.kind == "draw_opened") {
      for (const auto& [name, value] : leaf.fields) {
        single[std::string(name)] = proof_text(value);
      }
      drop = leaf.find("drop");
      wave = leaf.find("wave");
      single["drop"] = drop.substr(drop.find('_') + 1);
    } else if (leaf.kind == "draw_entered" || leaf.kind == "draw_tickets_granted") {
      (void)read_whole_number(leaf.find("tickets"), tickets[entrant]);
    } else if (leaf.kind == "draw_left") {
      tickets.erase(entrant);
    } else if (leaf.kind == "draw_excluded") {
      tickets.erase(entrant);
      excluded[entrant] = leaf.find("reason");
    } else if (leaf.kind == "draw_root_published") {
      keep("root");
      single["root_published_at"] = leaf.time;
    } else if (leaf.kind == "draw_revealed") {
      keep("reveal");
      single["revealing"] = "revealed";
    } else if (leaf.kind == "draw_reveal_withheld") {
      single["reveal"] = to_hex(Hash256{}.data);
      single["revealing"] = "withheld";
    } else if (leaf.kind == "draw_beacon_posted") {
      keep("beacon");
    } else if (leaf.kind == "draw_won") {
      winners.push_back(entrant);
    } else if (leaf.kind == "draw_reserved") {
      reserve.push_back(entrant);
    } else if (leaf.kind == "draw_passed_over" && !completed) {
      passed.insert(entrant + " " + std::string(leaf.find("reason")));
    } else if (leaf.kind == "draw_completed") {
      completed = true;
    }
  }
  /// What its wave has to hand out: what was released, and what was moved there or away since.
  void take_units(const ProofLeaf& leaf) {
    std::int64_t count = 0;
    (void)read_whole_number(leaf.find("units"), count);
    if (leaf.kind == "wave_released" && leaf.find("wave") == wave) { units = count; }
    if (leaf.kind != "units_moved" || units == 0) { return; }
    if (leaf.find("to_wave") == wave) { units += count; }
    if (leaf.find("from_wave") == wave) { units -= count; }
  }
  [[nodiscard]] std::vector<std::string> entries() const {
    std::vector<std::string> entries;
    for (const auto& [entrant, count] : tickets) {
      for (std::int64_t i = 1; i <= count; ++i) {
        entries.push_back(entrant + "#" + std::to_string(i));
      }
    }
    sort_entrants(entries);
    return entries;
  }
  /// As the record lists them. REQUIRES: the commitment is well-formed.
  [[nodiscard]] std::vector<std::string> exclusions() const {
    Hash256 commit;
    (void)from_hex(single.at("commit"), commit.data);
    std::vector<std::string> lines;
    for (const auto& [entrant, reason] : excluded) {
      const Hash256 hash = sha256({bytes_of("firebrand-excluded/1"), kZero, bytes_of(commit),
                                   bytes_of(std::string_view(entrant))});
      lines.push_back(to_hex(hash.data) + " " + reason);
    }
    std::ranges::sort(lines);
    return lines;
  }
};

}  // namespace

Expected<VerifiedDraw, Words> verify_draw_record(std::string_view text) {
  const auto record = read_record(text);
  if (!record) { return Unexpected(record.error()); }
  std::uint64_t units = 0;
  std::uint64_t reserve_max = 0;
  if (!record->number("units", units) || !record->number("reserve_max", reserve_max)) {
    return no("a line is missing or malformed", "缺少某一行或格式有误");
  }
  const auto seed = check_seed(*record);
  if (!seed) { return Unexpected(seed.error()); }
  std::set<std::string_view> may_not;
  for (const std::string& line : record->passed) { may_not.insert(before(line, ' ')); }
  std::vector<std::string_view> winners;
  std::vector<std::string_view> reserve;
  std::set<std::string_view> drawn;
  std::uint64_t passed = 0;
  const std::uint64_t count = record->entries.size();
  for (const std::uint32_t place : draw_order(*seed, count, count)) {
    if (winners.size() == units && reserve.size() == reserve_max) { break; }
    const std::string_view entrant = before(record->entries[place], '#');
    if (!drawn.insert(entrant).second) { continue; }
    if (may_not.contains(entrant)) {
      ++passed;
      continue;
    }
    (winners.size() < units ? winners : reserve).push_back(entrant);
  }
  if (!std::ranges::equal(winners, record->winners)) {
    return no("the winners are others", "中签者不是这些人");
  }
  if (!std::ranges::equal(reserve, record->reserve)) {
    return no("the reserve is another one", "候补名单不符");
  }
  if (passed != record->passed.size()) {
    return no("somebody was passed over who was not drawn", "有未被抽中的人被标为跳过");
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

Expected<void, Words> check_draw_in_log(std::string_view text, const PublicLog& log) {
  const auto record = read_record(text);
  if (!record) { return Unexpected(record.error()); }
  LoggedDraw logged;
  const auto is_of_draw = [&](const ProofLeaf& leaf) {
    return leaf.kind.starts_with("draw_") && leaf.find("draw") == record->find("draw");
  };
  // First which wave it is: its units may have been released before the draw was opened.
  auto read = for_each_leaf(log, [&](const ProofLeaf& leaf) -> Expected<void, Words> {
    if (leaf.kind == "draw_opened" && is_of_draw(leaf)) { logged.take(leaf); }
    return {};
  });
  if (!read) { return Unexpected(read.error()); }
  read = for_each_leaf(log, [&](const ProofLeaf& leaf) -> Expected<void, Words> {
    if (is_of_draw(leaf)) {
      if (!logged.is_in_turn(leaf)) {
        return no("a step of the draw stands out of its turn: " + std::string(leaf.kind),
                  "抽签的步骤顺序有误：" + std::string(leaf.kind));
      }
      logged.seen.insert(std::string(leaf.kind));
      logged.take(leaf);
    } else if (leaf.find("drop") == logged.drop && !logged.completed) {
      logged.take_units(leaf);
    }
    return {};
  });
  if (!read) { return Unexpected(read.error()); }
  if (!logged.completed || !logged.single.contains("commit")) {
    return no("the public log knows of no such draw that was completed",
              "公开日志中没有这一已完成的抽签");
  }
  logged.single["units"] = std::to_string(logged.units);
  logged.single["entries"] = std::to_string(logged.entries().size());
  for (const auto& [name, value] : record->single) {
    const auto found = logged.single.find(name);
    if (found == logged.single.end() || found->second != value) {
      return no("the line " + name + " is not what the public log says",
                name + " 一行与公开日志不符");
    }
  }
  for (const auto& [name, value] : logged.single) {
    if (!record->single.contains(name)) {
      return no("the line " + name + " is missing", "缺少 " + name + " 一行");
    }
  }
  const auto differs = [](std::string what_en, std::string what_zh) {
    return no(what_en + " are not those of the public log", what_zh + "与公开日志不符");
  };
  if (record->entries != logged.entries()) { return differs("the entries", "名单"); }
  if (record->excluded != logged.exclusions()) { return differs("the exclusions", "被排除者"); }
  if (record->winners != logged.winners) { return differs("the winners", "中签者"); }
  if (record->reserve != logged.reserve) { return differs("the places of the reserve", "候补"); }
  const std::set<std::string, std::less<>> passed(record->passed.begin(), record->passed.end());
  if (passed != logged.passed) { return differs("those who were passed over", "被跳过者"); }
  return {};
}

Report report_of(const VerifiedDraw& draw) {
  const auto text = [](auto number) { return std::to_string(number); };
  Report report{{draw.draw + ": the order of " + text(draw.entries) +
                     " entries is the one that reveal and beacon come to; " + text(draw.winners) +
                     " won, " + text(draw.reserve) + " are in reserve, " + text(draw.passed) +
                     " were passed over.",
                 draw.draw + "：" + text(draw.entries) + " 个报名的顺序由揭示值与信标算出；" +
                     text(draw.winners) + " 人中签，" + text(draw.reserve) + " 人候补，" +
                     text(draw.passed) + " 人被跳过。"}};
  if (draw.withheld) {
    report.push_back({"  The reveal was withheld: 32 zero bytes stand for it.",
                      "  未按时揭示：以 32 个零字节代替。"});
  }
  if (draw.root_late) {
    report.push_back({"  The root was published when the beacon's value could be known already.",
                      "  公布根时信标的值可能已经公开。"});
  }
  return report;
}

}  // namespace firebrand
