#include "core/launch/queries.hpp"
#include "sim/crowd.hpp"

/// What staff and fans send about reservations.
namespace firebrand {

SimRequest Crowd::terms(Timestamp now) {
  // Mostly of a drop that has not opened yet: who reserves then is reminded.
  KnownDrop drop = recent_of(drops_);
  for (int tries = 0; tries < 4 && drop.opens_at <= now; ++tries) { drop = recent_of(drops_); }
  std::int64_t price = 100;
  for (const KnownSku& sku : skus_) {
    for (const Money& money : sku.prices) {
      if (sku.id == drop.sku && money.currency == drop.currency) { price = money.minor; }
    }
  }
  const Timestamp begins = std::max(now, drop.opens_at);
  const Timestamp closes = begins + Millis{prng_.between(-500, often(40) ? 12'000 : 600'000)};
  // Drawn one after the other: compilers may take the arguments of a call in any order.
  const std::int64_t earliest = often(80) ? 1'000 : -3'000;
  const std::int64_t ahead = often(50) ? 20'000 : 200'000;
  const std::int64_t fewest = often(2) ? 0 : 1;
  const std::int64_t most = often(50) ? 10 : 400;
  const std::int64_t soonest = often(3) ? -100 : 0;
  const std::int64_t latest = often(50) ? 20'000 : 600'000;
  OpenReservations command{
      .drop_id = drop.id,
      .opens_at = begins - Millis{prng_.between(earliest, ahead)},
      .closes_at = closes,
      .cap = prng_.between(fewest, most),
      .deposit_window_seconds = static_cast<std::int32_t>(prng_.between(1, often(30) ? 5 : 600)),
      .balance_due_at = closes + Millis{prng_.between(soonest, latest)},
      .balance_window_seconds = static_cast<std::int32_t>(prng_.between(1, often(30) ? 9 : 600)),
      .reminder_seconds = static_cast<std::int32_t>(prng_.between(0, 5)),
      .policy = often(20) ? DepositPolicy::none : DepositPolicy::cn};
  if (often(75)) {
    command.deposit_kind = often(60) ? DepositKind::binding : DepositKind::refundable;
    command.deposit_minor = prng_.between(1, std::max<std::int64_t>(1, price / 5));
    if (often(5)) { command.deposit_minor = price + prng_.between(-1, 1); }
  }
  if (often(2)) { command.deposit_minor = 1; }
  if (often(2)) { command.deposit_window_seconds = 0; }
  return request_of(command);
}

SimRequest Crowd::about_reservations() {
  const std::uint64_t choice = prng_.below(10);
  if (reservations_.empty() || choice < 3) {
    const PersonId person{often(1) ? 0 : prng_.below(habits_.persons) + 1};
    const bool known = !books_.empty() && often(90);
    return request_of(Reserve{known ? recent_of(books_) : some_drop_id(), person},
                      {ActorKind::fan, person.value});
  }
  const KnownReservation mine = recent_of(reservations_);
  if (choice < 7) {
    const Actor provider{ActorKind::api_key, 1};
    if (!deposits_.empty() && often(15)) {
      ConfirmDeposit command = recent_of(deposits_);
      if (often(10)) { ++command.amount.minor; }
      return request_of(command, provider);
    }
    ConfirmDeposit command{.reservation_id = mine.id,
                           .payment_id = numbered("dep-", prng_.below(1'000'000'000)),
                           .amount = mine.deposit};
    if (often(4)) { command.amount.minor += prng_.between(-2, 2); }
    if (often(3)) { command.amount.currency = Currency::of("GBP"); }
    if (often(2)) { command.reservation_id = {prng_.below(10'000)}; }
    if (often(1)) { command.payment_id = ""; }
    deposits_.push_back(command);
    return request_of(command, provider);
  }
  const PersonId person{often(5) ? mine.person.value + 1 : mine.person.value};
  if (choice < 8) {
    return request_of(WithdrawReservation{mine.drop, person}, {ActorKind::fan, person.value});
  }
  return request_of(FindReservation{often(5) ? some_drop_id() : mine.drop, person});
}

}  // namespace firebrand
