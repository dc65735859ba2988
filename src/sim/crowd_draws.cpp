#include <algorithm>

#include "base/draw.hpp"
#include "core/launch/draw_queries.hpp"
#include "sim/crowd.hpp"

/// What organisers, entrants and the drawing server send about draws.
namespace firebrand {

SimRequest Crowd::about_draws(Timestamp now) {
  KnownDraw& draw =
      draws_[draws_.size() - 1 - prng_.below(std::min<std::size_t>(draws_.size(), 4))];
  if (draw.id == DrawId{}) { return opening(draw, now); }
  const bool over = draw.seen.phase != DrawPhase::open;
  if (often(25)) { return request_of(FindDraw{often(2) ? DrawId{prng_.below(40)} : draw.id}); }
  if (often(over ? 15 : 75)) { return entering(draw); }
  return drawing(draw);
}

/// Moments, minutes, hours or weeks: the clock of a run leaps.
Millis Crowd::some_while() {
  constexpr std::int64_t kWhiles[] = {2'000, 60'000, 3'600'000, 40LL * 24 * 3'600'000};
  return Millis{prng_.between(1, kWhiles[prng_.below(4)])};
}

SimRequest Crowd::opening(const KnownDraw& draw, Timestamp now) {
  OpenDraw command{.drop_id = often(3) ? some_drop_id() : draw.drop,
                   .wave = often(3) ? static_cast<std::uint16_t>(prng_.below(8)) : draw.wave,
                   .closes_at = now + (often(3) ? Millis{-50} : some_while()),
                   .beacon_round = prng_.below(9),
                   .beacon_source = often(2) ? "" : "drand-quicknet",
                   .commit = draw_commitment(draw.reveal),
                   .wins = often(40) ? DrawWins::one_per_launch : DrawWins::one_per_draw,
                   .tickets_max = static_cast<std::int32_t>(prng_.between(often(2) ? 0 : 1, 5)),
                   .reserve_max = prng_.between(often(2) ? -1 : 0, 40)};
  command.reveal_due_at = command.closes_at + (often(2) ? Millis{0} : some_while());
  command.beacon_at = command.reveal_due_at + Millis{prng_.between(often(2) ? 0 : 1, 500)};
  if (often(1)) { command.commit = {}; }
  return request_of(command, {ActorKind::staff, 1});
}

SimRequest Crowd::entering(const KnownDraw& draw) {
  const DrawId id{often(2) ? prng_.below(40) : draw.id.value};
  const PersonId person{often(1) ? 0 : prng_.below(habits_.persons) + 1};
  const Actor fan{ActorKind::fan, person.value};
  const std::uint64_t choice = prng_.below(100);
  if (choice < 70) { return request_of(EnterDraw{id, person, standing_of(person)}, fan); }
  if (choice < 80) { return request_of(LeaveDraw{id, person}, fan); }
  if (choice < 86) { return request_of(FindDrawEntry{id, person}); }
  if (choice < 95) {
    return request_of(GrantDrawTickets{id, person, static_cast<std::int32_t>(prng_.between(0, 6))},
                      {ActorKind::api_key, 1});
  }
  return request_of(ExcludeFromDraw{id, person, static_cast<DrawExclusion>(prng_.below(6))},
                    {ActorKind::staff, 1});
}

SimRequest Crowd::drawing(KnownDraw& draw) {
  // What comes next as far as is known, or anything.
  const bool next_is_beacon = draw.seen.phase < DrawPhase::decided;
  const std::uint64_t choice = often(10) ? prng_.below(100)
                               : draw.seen.revealing == DrawReveal::awaited && next_is_beacon ? 0
                               : !draw.seen.rooted                                            ? 20
                               : next_is_beacon                                               ? 40
                                                                                              : 90;
  if (choice < 15) {
    RevealDraw command{draw.id, draw.reveal};
    if (often(10)) { command.reveal.data[0] ^= 1U; }
    return request_of(command, {ActorKind::staff, 1});
  }
  if (choice < 30) {
    return request_of(
        PublishDrawRoot{draw.id, draw.reveal, draw.seen.tickets + (often(5) ? 1 : 0)});
  }
  if (choice < 50) {
    PostBeacon command{draw.id, sha256({bytes_of(draw.reveal)})};
    if (often(10)) { command.value.data[0] ^= 1U; }
    return request_of(command, {ActorKind::api_key, 1});
  }
  // The order is nobody's business here: any order of those who are in must be applied alike.
  ApplyDrawResults command{.draw_id = draw.id, .first = draw.seen.applied};
  std::uint64_t picks = often(3) ? 0 : prng_.below(often(50) ? 4 : 30) + 1;
  while (picks-- > 0 && !draw.entered.empty()) {
    std::swap(draw.entered[prng_.below(draw.entered.size())], draw.entered.back());
    command.persons.push_back(draw.entered.back());
    if (!often(2)) { draw.entered.pop_back(); }
  }
  if (often(2)) { ++command.first; }
  command.last = draw.entered.empty() || often(5);
  return request_of(command);
}

void Crowd::learn_of_draw(const SimRequest& request, const SimAnswer& answer) {
  const auto with = [&](DrawId id, auto&& learn) {
    for (KnownDraw& draw : draws_) {
      if (draw.id == id) { learn(draw); }
    }
  };
  if (const auto result =
          request.number == kNumberOf<OpenDraw> ? answer.as<OpenDrawResult>() : std::nullopt) {
    const auto command = decode<OpenDraw>(request.payload);
    for (KnownDraw& draw : draws_) {
      const bool is_it = command && draw.drop == command->drop_id && draw.wave == command->wave;
      if (is_it) { draw.id = result->draw_id; }
    }
  }
  if (request.number == kNumberOf<EnterDraw>) {
    const auto command = decode<EnterDraw>(request.payload);
    if (!command) { return; }
    with(command->draw_id, [&](KnownDraw& draw) {
      const bool known = std::ranges::find(draw.entered, command->person_id) != draw.entered.end();
      if (!known) { draw.entered.push_back(command->person_id); }
    });
  }
  if (request.number == kNumberOf<LeaveDraw>) {
    const auto command = decode<LeaveDraw>(request.payload);
    if (!command) { return; }
    with(command->draw_id, [&](KnownDraw& draw) { std::erase(draw.entered, command->person_id); });
  }
  if (request.number == kNumberOf<ExcludeFromDraw>) {
    const auto command = decode<ExcludeFromDraw>(request.payload);
    if (!command) { return; }
    with(command->draw_id, [&](KnownDraw& draw) { std::erase(draw.entered, command->person_id); });
  }
  if (request.number == kNumberOf<FindDraw>) {
    const auto result = answer.as<FindDrawResult>();
    if (result) {
      with(result->draw.draw_id, [&](KnownDraw& draw) { draw.seen = result->draw; });
    }
  }
  if (request.number == kNumberOf<ApplyDrawResults>) {
    const auto result = answer.as<ApplyDrawResultsResult>();
    const auto command = decode<ApplyDrawResults>(request.payload);
    if (!result || !command) { return; }
    with(command->draw_id, [&](KnownDraw& draw) { draw.seen.applied = result->next; });
  }
}

}  // namespace firebrand
