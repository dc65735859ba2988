#include "core/access/queries.hpp"
#include "core/launch/queries.hpp"
#include "sim/crowd.hpp"

/// What fans, shops and the payment provider send.
namespace firebrand {

Standing Crowd::standing_of(PersonId person) {
  const std::uint64_t n = person.value;
  const std::uint64_t persons_a_household = habits_.topic == CrowdTopic::draws ? 50 : 3;
  Standing standing;
  if (often(20)) { return standing; }
  standing.push_back({ClaimKind::group, name_hash(n % 2 == 0 ? "club" : "press")});
  if (n % 5 == 0) { standing.push_back({ClaimKind::group, name_hash("staff")}); }
  standing.push_back({ClaimKind::region, name_hash(n % 3 == 0 ? "south" : "north")});
  standing.push_back({ClaimKind::channel, name_hash(n % 4 == 0 ? "store" : "app")});
  if (!often(10)) { standing.push_back({ClaimKind::member_since, n * 1'000}); }
  if (!often(10)) { standing.push_back({ClaimKind::household, n / persons_a_household + 1}); }
  if (!often(10)) { standing.push_back({ClaimKind::address, n / 4 + 1}); }
  if (!often(20)) { standing.push_back({ClaimKind::risk, n % 101}); }
  return standing;
}

SimRequest Crowd::purchase() {
  const PersonId person{often(1) ? 0 : prng_.below(habits_.persons) + 1};
  PlaceOrder command{.drop_id = some_drop_id(), .person_id = person};
  if (!reservations_.empty() && often(habits_.topic == CrowdTopic::reservations ? 70 : 20)) {
    const KnownReservation& mine = recent_of(reservations_);
    command.drop_id = mine.drop;
    command.person_id = mine.person;
  }
  if (!batches_.empty() && often(10)) { offer_code(command); }
  if (often(30)) { command.proof = OrderProof::good; }
  if (often(15)) { command.quantity = static_cast<std::int32_t>(prng_.between(2, 4)); }
  if (often(1)) { command.quantity = static_cast<std::int32_t>(prng_.between(-1, 2'000)); }
  if (often(4)) { command.currency = Currency::of(often(50) ? "USD" : "EUR"); }
  command.standing = standing_of(command.person_id);
  return request_of(command, {ActorKind::fan, command.person_id.value});
}

SimRequest Crowd::next_purchase() {
  SimRequest request = purchase();
  if (prng_.chance_ppm(habits_.with_key_ppm)) { request.key = some_key(); }
  return send({std::move(request)});
}

SimRequest Crowd::by_fan() {
  if (orders_.empty() || prng_.chance_ppm(habits_.buy_ppm)) { return purchase(); }
  if (often(45)) { return payment(); }
  if (!payments_.empty() && often(12)) { return refund(); }
  if (often(45)) { return query(); }
  const KnownOrder order = recent_of(orders_);
  const PersonId person{often(5) ? order.person.value + 1 : order.person.value};
  const OrderId id{often(3) ? prng_.below(5'000) : order.id.value};
  return request_of(CancelOrder{.order_id = id, .person_id = person},
                    {ActorKind::fan, person.value});
}

SimRequest Crowd::payment() {
  const Actor provider{ActorKind::api_key, 1};
  if (!payments_.empty() && often(15)) {
    // The provider repeats itself, at times with another story.
    ConfirmPayment command = recent_of(payments_);
    if (often(10)) { ++command.amount.minor; }
    if (often(10)) { ++command.order_id.value; }
    return request_of(command, provider);
  }
  const KnownOrder order = recent_of(orders_);
  ConfirmPayment command{.order_id = order.id,
                         .payment_id = numbered("pay-", prng_.below(1'000'000'000)),
                         .amount = order.total};
  if (often(4)) { command.amount.minor += prng_.between(-2, 2); }
  if (often(3)) { command.amount.currency = Currency::of("GBP"); }
  if (often(2)) { command.order_id = {prng_.below(10'000)}; }
  if (often(1)) { command.payment_id = ""; }
  payments_.push_back(command);
  return request_of(command, provider);
}

/// What the provider says of refunds: of those that were asked for, and of others.
SimRequest Crowd::refund() {
  const Actor provider{ActorKind::api_key, 1};
  ConfirmRefund command;
  if (!refunds_.empty() && often(80)) {
    const RequestRefund& asked = recent_of(refunds_);
    command = {asked.refund_id, asked.payment_id, asked.amount};
    if (often(20)) { command.amount = {}; }
    if (often(5)) { ++command.amount.minor; }
    if (often(3)) { command.payment_id = recent_of(payments_).payment_id; }
  } else {
    const ConfirmPayment& payment = recent_of(payments_);
    command = {numbered("by-hand-", prng_.below(1'000'000)), payment.payment_id, payment.amount};
    if (often(40)) { command.amount.minor = command.amount.minor / 2; }
    if (often(3)) { command.amount.currency = Currency::of("GBP"); }
    if (often(3)) { command.payment_id = numbered("nobody-", prng_.below(9)); }
  }
  if (often(25)) { command.outcome = RefundState::failed; }
  if (often(1)) { command.outcome = RefundState::requested; }
  return request_of(command, provider);
}

SimRequest Crowd::query() {
  if (prng_.below(10) < 7) {
    return request_of(FindOrder{often(5) ? OrderId{prng_.below(5'000)} : recent_of(orders_).id});
  }
  return asking_of_staff();
}

}  // namespace firebrand
