#include "verify/plan_book.hpp"

#include <string>
#include <utility>

#include "base/hex.hpp"
#include "base/rfc3339.hpp"
#include "base/wave_moment.hpp"
#include "base/whole_number.hpp"

namespace firebrand {

namespace {

constexpr std::uint16_t kWavesMax = 32;

/// A number from 1 on.
template <class Number>
bool read_number(std::string_view text, Number& out) {
  return read_whole_number(text, out) && out > 0;
}

/// What stands before the separator; the rest stays behind it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

}  // namespace

PlanBook::Done PlanBook::take(const ProofLeaf& leaf) {
  const std::string_view kind = leaf.kind;
  const std::string_view name = leaf.find("drop");
  if (kind == "drop_created") {
    drops_.try_emplace(name, Drop{.opens_at = leaf.find("opens_at")});
    return {};
  }
  const bool is_ours = kind == "drop_committed" || kind == "drop_excluded" ||
                       kind == "wave_released" || kind == "wave_revealed";
  if (!is_ours) { return {}; }
  const auto found = drops_.find(name);
  if (found == drops_.end()) { return no("it is of no drop that was planned", "该场次从未宣布"); }
  Drop& drop = found->second;
  if (kind == "drop_committed") { return committed(drop, leaf); }
  if (kind == "wave_revealed") { return revealed(drop, leaf); }
  if (kind == "drop_excluded") {
    // All times have one form, whose order is that of its text.
    if (drop.opens_at.empty() || leaf.time >= drop.opens_at) {
      return no("somebody was kept out of a sale that had begun", "开售之后才将人排除");
    }
    ++drop.excluded[leaf.find("reason")];
    return {};
  }
  std::uint16_t number = 0;
  if (!read_number(leaf.find("wave"), number)) { return malformed_field(); }
  drop.waves[number].released = parse_rfc3339(leaf.time);
  return {};
}

PlanBook::Done PlanBook::committed(Drop& drop, const ProofLeaf& leaf) {
  if (drop.is_committed || !drop.waves.empty()) {
    return no("what decides the moments was fixed again, or too late",
              "决定时刻的承诺被更换或太迟");
  }
  drop.is_committed = true;
  std::string_view windows = leaf.find("windows");
  if (windows.empty()) { return {}; }
  if (!from_hex(leaf.find("commitment"), drop.commitment.data)) { return malformed_field(); }
  while (!windows.empty()) {
    // 2@2026-11-21T20:00:00.000Z+60
    std::string_view window = take_until(windows, ',');
    std::uint16_t number = 0;
    const bool has_number = read_number(take_until(window, '@'), number);
    Wave wave{.window_from = parse_rfc3339(take_until(window, '+'))};
    if (!has_number || number > kWavesMax || !wave.window_from ||
        !read_number(window, wave.window_seconds) || !drop.waves.try_emplace(number, wave).second) {
      return malformed_field();
    }
  }
  return {};
}

PlanBook::Done PlanBook::revealed(Drop& drop, const ProofLeaf& leaf) {
  std::uint16_t number = 0;
  std::uint64_t drop_number = 0;
  std::string_view id = leaf.find("drop");
  Hash256 secret;
  const auto moment = parse_rfc3339(leaf.find("moment"));
  (void)take_until(id, '_');
  if (!read_number(leaf.find("wave"), number) || !read_number(id, drop_number) || !moment ||
      !from_hex(leaf.find("secret"), secret.data)) {
    return malformed_field();
  }
  const auto found = drop.waves.find(number);
  if (found == drop.waves.end() || !found->second.window_from) {
    return no("a moment is told of a wave for which none was fixed", "该批次没有事先承诺的时刻");
  }
  if (hash_secret(secret, number) != drop.commitment) {
    return no("the secret of the wave is not the one of the commitment", "批次密值与承诺不符");
  }
  Wave& wave = found->second;
  if (wave_moment({drop_number}, number, *wave.window_from, wave.window_seconds, secret) !=
      *moment) {
    return no("the secret of the wave comes to another moment", "批次密值算出的是另一时刻");
  }
  wave.moment = moment;
  return {};
}

Report PlanBook::report() const {
  Report report;
  for (const auto& [name, drop] : drops_) {
    const std::string id(name);
    for (const auto& [number, wave] : drop.waves) {
      if (!wave.window_from) { continue; }
      const std::string n = std::to_string(number);
      const std::string en = "  " + id + ", wave " + n + ", at random: ";
      const std::string zh = "  " + id + " 第 " + n + " 批（随机时刻）：";
      if (!wave.moment) {
        report.push_back({en + (wave.released ? "released, but its moment was not proven."
                                              : "its moment has not come."),
                          zh + (wave.released ? "已开售，但时刻未经证明。" : "时刻尚未到来。")});
        continue;
      }
      const std::string moment(format_rfc3339(*wave.moment).view());
      if (!wave.released) {
        report.push_back(
            {en + "its moment was " + moment + ", fixed beforehand; nothing was released.",
             zh + "事先承诺的时刻为 " + moment + "，没有开售。"});
        continue;
      }
      const std::string late = std::to_string((*wave.released - *wave.moment).count());
      if (*wave.released < *wave.moment) {
        report.push_back({en + "released by hand, before its moment " + moment + ".",
                          zh + "在承诺的时刻 " + moment + " 之前由人工开售。"});
      } else {
        report.push_back({en + "released " + late + " ms after its moment " + moment +
                              ", which was fixed beforehand.",
                          zh + "在事先承诺的时刻 " + moment + " 之后 " + late + " 毫秒开售。"});
      }
    }
    for (const auto& [reason, people] : drop.excluded) {
      const std::string n = std::to_string(people);
      const std::string why(reason);
      report.push_back(
          {"  " + id + ": " + n + " kept out before the opening (" + why +
               "), under names that nobody can tie to a buyer's.",
           "  " + id + "：开售前排除 " + n + " 人（" + why + "），其名称无法与买家对应。"});
    }
  }
  return report;
}

}  // namespace firebrand
