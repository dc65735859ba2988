#include "core/launch/waitlist_queries.hpp"
#include "sim/crowd.hpp"

/// What is sent about waitlists: by staff and by those who wait.
namespace firebrand {

SimRequest Crowd::open_waitlist(Timestamp now) {
  const KnownDrop drop = recent_of(drops_);
  const std::int64_t soonest = often(3) ? -50 : 1;
  const std::int64_t latest = often(30) ? 30'000 : 3'000'000'000;
  OpenWaitlist command{.drop_id = often(2) ? DropId{77} : drop.id,
                       .ends_at = now + Millis{prng_.between(soonest, latest)}};
  if (often(30)) { command.places_max = prng_.between(often(5) ? 0 : 1, 9); }
  return request_of(command, {ActorKind::staff, 1});
}

SimRequest Crowd::about_waitlist() {
  const KnownWaitlist list = recent_of(waitlists_);
  const DropId drop = often(2) ? some_drop_id() : list.drop;
  const PersonId person = !list.persons.empty() && often(50) ? one_of(list.persons)
                          : often(1)                         ? PersonId{}
                                     : PersonId{prng_.below(habits_.persons) + 1};
  const Actor fan{ActorKind::fan, person.value};
  if (often(35)) { return request_of(JoinWaitlist{drop, person}, fan); }
  if (often(12)) { return request_of(LeaveWaitlist{drop, person}, fan); }
  if (often(20)) { return request_of(FindWaitlistPlace{drop, person}); }
  if (often(1)) { return request_of(CloseWaitlist{drop}, {ActorKind::staff, 1}); }
  // Another wave, of which people who wait may buy what they may have.
  if (often(10)) {
    const auto wave = static_cast<std::uint16_t>(prng_.between(1, 4));
    return request_of(ReleaseWave{drop, wave}, {ActorKind::staff, 1});
  }
  // Who sells it out, and who gives something back.
  if (orders_.empty() || often(50)) {
    PlaceOrder command{.drop_id = drop, .person_id = person};
    if (often(25)) { command.quantity = static_cast<std::int32_t>(prng_.between(2, 3)); }
    return request_of(command, fan);
  }
  const KnownOrder order = recent_of(orders_);
  return request_of(CancelOrder{.order_id = order.id, .person_id = order.person},
                    {ActorKind::fan, order.person.value});
}

void Crowd::learn_of_waitlist(const SimRequest& request) {
  if (request.number == kNumberOf<OpenWaitlist>) {
    if (const auto command = decode<OpenWaitlist>(request.payload)) {
      waitlists_.push_back({.drop = command->drop_id});
    }
  }
  if (request.number != kNumberOf<JoinWaitlist>) { return; }
  const auto command = decode<JoinWaitlist>(request.payload);
  for (KnownWaitlist& list : waitlists_) {
    if (!command || list.drop != command->drop_id) { continue; }
    if (list.persons.size() > 12) { list.persons.erase(list.persons.begin()); }
    list.persons.push_back(command->person_id);
  }
}

}  // namespace firebrand
