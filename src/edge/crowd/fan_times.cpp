#include "edge/crowd/fan_times.hpp"

#include <algorithm>

namespace firebrand {

namespace {

using std::chrono::microseconds;

const WaveStatusView* first_wave(const DropStatusView& drop, AudienceView audience,
                                 DecisionView decision) {
  const auto found =
      std::find_if(drop.waves.begin(), drop.waves.end(), [&](const WaveStatusView& wave) {
        const bool asks_more = audience == AudienceView::everyone && !wave.group.empty();
        return wave.audience == audience && wave.decision == decision && !asks_more;
      });
  return found == drop.waves.end() ? nullptr : &*found;
}

/// What is done ahead of the sale is spread over the time that there is for it, in the order in
/// which fans arrive, and over no more than the duration.
microseconds ahead(microseconds arrival, microseconds from, microseconds until,
                   microseconds duration) {
  const microseconds begin = std::max(from, microseconds{0});
  const microseconds length = std::min(until - begin, duration);
  if (length <= microseconds{0} || duration <= microseconds{0}) { return begin; }
  // The last fifth is for who gets an answer late.
  return begin + microseconds{static_cast<std::int64_t>(0.8 * static_cast<double>(length.count()) *
                                                        (static_cast<double>(arrival.count()) /
                                                         static_cast<double>(duration.count())))};
}

}  // namespace

const WaveStatusView* home_wave(const FanPlan& plan, std::uint32_t fan,
                                const DropStatusView& drop) {
  const WaveStatusView* home = nullptr;
  if (plan.reserves) {
    home = first_wave(drop, AudienceView::reservation_holders, DecisionView::first_come);
  }
  if (home == nullptr && plan.code != FanCode::none) {
    home = first_wave(drop, AudienceView::code_holders, DecisionView::first_come);
  }
  if (home == nullptr && plan.in_group) {
    const auto group = std::find_if(drop.waves.begin(), drop.waves.end(),
                                    [](const WaveStatusView& wave) { return !wave.group.empty(); });
    if (group != drop.waves.end()) { home = &*group; }
  }
  if (home == nullptr && plan.queues) {
    const auto room = std::find_if(
        drop.waves.begin(), drop.waves.end(),
        [](const WaveStatusView& wave) { return wave.decision == DecisionView::waiting_room; });
    if (room != drop.waves.end()) { home = &*room; }
  }
  if (home == nullptr) {
    home = first_wave(drop, AudienceView::everyone, DecisionView::first_come);
  }
  if (home != nullptr || drop.waves.empty()) { return home; }
  return &drop.waves[fan % drop.waves.size()];
}

FanTimes fan_times(const FanPlan& plan, std::uint32_t fan, microseconds arrival,
                   const LaunchTimes& launch) {
  const WaveStatusView* const home = home_wave(plan, fan, launch.drop);
  const microseconds drop_opens = launch.since_start(launch.drop.opens_at);
  const microseconds opens =
      home == nullptr ? drop_opens : std::max(drop_opens, launch.since_start(home->opens_at));
  FanTimes times;
  times.arrives_at = std::max(opens, microseconds{0}) + arrival;
  if (plan.early_by != Millis{0} && opens > microseconds{0}) {
    times.arrives_at = std::max<microseconds>(opens - plan.early_by, microseconds{0});
  }
  if (plan.reserves && launch.drop.reserving.has_value()) {
    const microseconds from = launch.since_start(launch.drop.reserving->opens_at);
    microseconds until = launch.since_start(launch.drop.reserving->closes_at);
    if (opens > from) { until = std::min(until, opens); }
    times.reserves_at = ahead(arrival, from, until, launch.duration);
  }
  if (plan.enters && launch.draw != nullptr) {
    microseconds until = launch.since_start(launch.draw->closes_at);
    if (opens > microseconds{0}) { until = std::min(until, opens); }
    times.enters_at = ahead(arrival, microseconds{0}, until, launch.duration);
  }
  if (plan.queues && launch.room != nullptr) {
    const microseconds turn = std::max(launch.since_start(launch.room->opens_at), microseconds{0});
    times.joins_at = plan.joins_early ? ahead(arrival, launch.since_start(launch.room->joins_from),
                                              turn, launch.duration)
                                      : turn + arrival;
  }
  return times;
}

}  // namespace firebrand
