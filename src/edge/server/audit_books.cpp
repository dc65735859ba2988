#include "edge/server/audit_books.hpp"

#include "base/codec_binary.hpp"
#include "base/id_text.hpp"
#include "core/engine/numbers.hpp"

namespace firebrand {

namespace {

template <class Id>
std::string name_of(Id id) {
  return std::string(format_id(id).view());
}

std::int64_t in_drop(const DropUnits& units) {
  return units.unreleased + units.available + units.held + units.sold + units.returned;
}

bool is_whole(const DropUnits& units) {
  const bool below_zero = units.unreleased < 0 || units.available < 0 || units.held < 0 ||
                          units.sold < 0 || units.returned < 0;
  return !below_zero && units.total == in_drop(units) + units.withdrawn;
}

bool same(const DropUnits& a, const DropUnits& b) {
  return a.total == b.total && a.unreleased == b.unreleased && a.available == b.available &&
         a.held == b.held && a.sold == b.sold && a.withdrawn == b.withdrawn &&
         a.returned == b.returned;
}

std::string text_of(const DropUnits& units) {
  return "total " + std::to_string(units.total) + ", unreleased " +
         std::to_string(units.unreleased) + ", available " + std::to_string(units.available) +
         ", held " + std::to_string(units.held) + ", sold " + std::to_string(units.sold) +
         ", withdrawn " + std::to_string(units.withdrawn) + ", returned " +
         std::to_string(units.returned);
}

/// Beside waves, which count from 1.
enum Sharing : std::uint16_t { kDropOfPerson = 0, kHousehold = 0x100, kAddress = 0x101 };

SharedKeys keys_in(const Standing& standing) {
  return {claim_of(standing, ClaimKind::household).value_or(0),
          claim_of(standing, ClaimKind::address).value_or(0)};
}

void add(AuditTotals& totals, const DropUnits& units, std::int64_t sign) {
  totals.unreleased += sign * units.unreleased;
  totals.available += sign * units.available;
  totals.held += sign * units.held;
  totals.sold += sign * units.sold;
  totals.returned += sign * units.returned;
}

}  // namespace

// ---- What records and facts say ----------------------------------------------------------------

void AuditBooks::take_command(std::uint16_t number, std::uint16_t version,
                              std::span<const std::byte> payload) {
  purchase_ = {};
  if (number == kNumberOf<ReceiveStock>) {
    const auto command = decode<ReceiveStock>(payload, version);
    touch(command->sku_id).received += command->quantity;
    totals_.received += command->quantity;
  } else if (number == kNumberOf<CreateDrop>) {
    planned_ = *decode<CreateDrop>(payload, version);
  } else if (number == kNumberOf<PlaceOrder>) {
    const auto command = decode<PlaceOrder>(payload, version);
    asked_ += command->quantity;
    purchase_ = keys_in(command->standing);
  } else if (number == kNumberOf<EnterDraw>) {
    const auto command = decode<EnterDraw>(payload, version);
    const std::pair who(command->draw_id, command->person_id);
    const SharedKeys keys = keys_in(command->standing);
    entrants_.erase(who);
    if (!keys.none()) { entrants_.emplace(who, keys); }
  } else if (number == kNumberOf<ConfirmPayment>) {
    const Money amount = decode<ConfirmPayment>(payload, version)->amount;
    touch(amount.currency).arrived += amount.minor;
  } else if (number == kNumberOf<ConfirmDeposit>) {
    const Money amount = decode<ConfirmDeposit>(payload, version)->amount;
    touch(amount.currency).arrived += amount.minor;
  }
}

void AuditBooks::take_fact(std::uint16_t number, std::span<const std::byte> payload) {
  const auto take_if = [&]<class Fact>(const Fact*) {
    if (number == kNumberOf<Fact>) { take(*decode<Fact>(payload)); }
  };
  take_if(static_cast<StockReceived*>(nullptr));
  take_if(static_cast<DropCreated*>(nullptr));
  take_if(static_cast<DrawOpened*>(nullptr));
  take_if(static_cast<WaveReleased*>(nullptr));
  take_if(static_cast<UnitsMoved*>(nullptr));
  take_if(static_cast<UnitsWithdrawn*>(nullptr));
  take_if(static_cast<DropCancelled*>(nullptr));
  take_if(static_cast<OrderPlaced*>(nullptr));
  take_if(static_cast<OrderPaid*>(nullptr));
  take_if(static_cast<OrderArchived*>(nullptr));
  take_if(static_cast<RefundDue*>(nullptr));
  take_if(static_cast<PaymentUnmatched*>(nullptr));
  take_if(static_cast<UnitsReturned*>(nullptr));
  take_if(static_cast<RefundRequested*>(nullptr));
  take_if(static_cast<RefundConfirmed*>(nullptr));
  take_if(static_cast<RefundFailed*>(nullptr));
  take_if(static_cast<ReservationsOpened*>(nullptr));
  take_if(static_cast<DepositPaid*>(nullptr));
  take_if(static_cast<DepositRefundDue*>(nullptr));
  take_if(static_cast<ReservationUsed*>(nullptr));
  take_if(static_cast<ReservationEnded*>(nullptr));
  // One unit each: a draw asks for them on behalf of those who won, a waitlist of those who waited.
  if (number == kNumberOf<DrawWon> || number == kNumberOf<DrawPromoted> ||
      number == kNumberOf<WaitlistServed>) {
    ++asked_;
  }
  if (number == kNumberOf<OrderExpired>) {
    const auto fact = decode<OrderExpired>(payload);
    give_back(fact->order_id, fact->drop_id);
  } else if (number == kNumberOf<OrderCancelled>) {
    const auto fact = decode<OrderCancelled>(payload);
    give_back(fact->order_id, fact->drop_id);
  }
}

void AuditBooks::take(const StockReceived& fact) { touch(fact.sku_id).free += fact.quantity; }

void AuditBooks::take(const DropCreated& fact) {
  DropBook& drop = touch(fact.drop_id);
  drop.sku_id = fact.sku_id;
  drop.per_person_limit = fact.per_person_limit;
  drop.per_household_limit = planned_.per_household_limit;
  drop.per_address_limit = planned_.per_address_limit;
  for (const WavePlan& wave : planned_.waves) { drop.wave_limits.push_back(wave.per_person_limit); }
  drop.units.total = fact.units;
  drop.units.unreleased = fact.units;
  touch(fact.sku_id).free -= fact.units;
}

void AuditBooks::take(const DrawOpened& fact) {
  draws_[{fact.plan.drop_id, fact.plan.wave}] = fact.draw_id;
}

void AuditBooks::take(const WaveReleased& fact) {
  DropBook& drop = touch(fact.drop_id);
  drop.units.unreleased -= fact.units;
  drop.units.available += fact.units;
  drop.released.insert(fact.wave);
}

void AuditBooks::take(const UnitsMoved& fact) {
  DropBook& drop = touch(fact.drop_id);
  const auto kind_of = [&](std::uint16_t wave) -> std::int64_t& {
    return drop.released.contains(wave) ? drop.units.available : drop.units.unreleased;
  };
  kind_of(fact.from_wave) -= fact.units;
  kind_of(fact.to_wave) += fact.units;
}

void AuditBooks::take(const UnitsWithdrawn& fact) {
  DropBook& drop = touch(fact.drop_id);
  drop.units.available -= fact.units;
  drop.units.withdrawn += fact.units;
  touch(drop.sku_id).free += fact.units;
}

void AuditBooks::take(const DropCancelled& fact) {
  DropBook& drop = touch(fact.drop_id);
  drop.cancelled = true;
  // The state is asked whether these are as many as were withdrawn.
  drop.units.unreleased = 0;
  drop.units.available = 0;
  drop.units.withdrawn += fact.withdrawn;
  touch(drop.sku_id).free += fact.withdrawn;
}

void AuditBooks::take(const OrderPlaced& fact) {
  DropBook& drop = touch(fact.drop_id);
  const OpenOrder order{fact.drop_id, fact.person_id, fact.quantity,
                        fact.total,   fact.wave,      keys_of(fact)};
  if (!open_orders_.emplace(fact.order_id, order).second) {
    report_("order " + name_of(fact.order_id) + " begins twice");
  }
  drop.units.available -= fact.quantity;
  drop.units.held += fact.quantity;
  totals_.ordered += fact.quantity;
  count(order, fact.quantity);
}

SharedKeys AuditBooks::keys_of(const OrderPlaced& fact) const {
  const auto draw = draws_.find({fact.drop_id, fact.wave});
  if (draw == draws_.end()) { return purchase_; }
  const auto entrant = entrants_.find({draw->second, fact.person_id});
  return entrant == entrants_.end() ? SharedKeys{} : entrant->second;
}

void AuditBooks::count(const OpenOrder& order, std::int64_t units) {
  const auto found = drops_.find(order.drop_id);
  if (found == drops_.end()) { return; }
  const DropBook& drop = found->second;
  const auto count_by = [&](std::uint16_t by, std::uint64_t number, std::int64_t limit,
                            const std::string& who) {
    if (limit == 0 || number == 0) { return; }
    const auto owned = owned_.try_emplace({order.drop_id, by, number}).first;
    owned->second += units;
    if (units > 0 && owned->second > limit) {
      report_(who + " has " + std::to_string(owned->second) + " units of drop " +
              name_of(order.drop_id) + ", whose limit is " + std::to_string(limit));
    }
    if (owned->second == 0) { owned_.erase(owned); }
  };
  const std::string person = "person " + name_of(order.person_id);
  count_by(kDropOfPerson, order.person_id.value, drop.per_person_limit, person);
  if (order.wave >= 1 && order.wave <= drop.wave_limits.size()) {
    count_by(order.wave, order.person_id.value, drop.wave_limits[order.wave - 1U],
             person + " in wave " + std::to_string(order.wave));
  }
  count_by(kHousehold, order.keys.household, drop.per_household_limit,
           "the household of " + person);
  count_by(kAddress, order.keys.address, drop.per_address_limit, "the address of " + person);
}

void AuditBooks::take(const OrderPaid& fact) {
  const OpenOrder order = end_order(fact.order_id, fact.drop_id);
  DropBook& drop = touch(fact.drop_id);
  drop.units.held -= order.quantity;
  drop.units.sold += order.quantity;
  paid_orders_.emplace(fact.order_id, order);
  touch(fact.amount.currency).revenue += fact.amount.minor;
  if (order.quantity > 0 && order.total != fact.amount) {
    report_("order " + name_of(fact.order_id) + " was paid with another amount than its total");
  }
}

void AuditBooks::take(const OrderArchived& fact) {
  if (open_orders_.contains(fact.order_id)) {
    report_("order " + name_of(fact.order_id) + " was archived before it ended");
  }
  paid_orders_.erase(fact.order_id);
}

void AuditBooks::take(const RefundDue& fact) {
  touch(fact.amount.currency).refunds_due += fact.amount.minor;
}

void AuditBooks::take(const PaymentUnmatched& fact) {
  touch(fact.amount.currency).unmatched += fact.amount.minor;
  unmatched_.emplace(fact.payment_id.view());
}

void AuditBooks::take(const UnitsReturned& fact) {
  DropBook& drop = touch(fact.drop_id);
  drop.units.sold -= fact.quantity;
  if (fact.to == ReturnTo::on_sale) { totals_.given_back += fact.quantity; }
  if (fact.to == ReturnTo::returned) {
    drop.units.returned += fact.quantity;
  } else if (drop.cancelled) {
    drop.units.withdrawn += fact.quantity;
    touch(drop.sku_id).free += fact.quantity;
  } else {
    drop.units.available += fact.quantity;
  }
  const auto order = paid_orders_.find(fact.order_id);
  if (order != paid_orders_.end()) {
    count(order->second, -fact.quantity);
    if (fact.units_left == 0) { paid_orders_.erase(order); }
  }
  touch(fact.owed.currency).revenue -= fact.owed.minor;
  touch(fact.owed.currency).refunds_due += fact.owed.minor;
}

std::int64_t& AuditBooks::due_of(std::string_view payment_id, Currency currency) {
  MoneyBook& money = touch(currency);
  return unmatched_.contains(payment_id) ? money.unmatched : money.refunds_due;
}

void AuditBooks::take(const RefundRequested& fact) {
  due_of(fact.payment_id.view(), fact.amount.currency) -= fact.amount.minor;
  touch(fact.amount.currency).sent += fact.amount.minor;
}

void AuditBooks::take(const RefundConfirmed& fact) {
  MoneyBook& money = touch(fact.amount.currency);
  money.refunded += fact.amount.minor;
  if (fact.was_requested) {
    money.sent -= fact.amount.minor;
  } else {
    due_of(fact.payment_id.view(), fact.amount.currency) -= fact.amount.minor - fact.unasked.minor;
    money.revenue -= fact.unasked.minor;
  }
}

void AuditBooks::take(const RefundFailed& fact) {
  touch(fact.amount.currency).sent -= fact.amount.minor;
  due_of(fact.payment_id.view(), fact.amount.currency) += fact.amount.minor;
}

void AuditBooks::take(const ReservationsOpened& fact) {
  deposit_kinds_[fact.drop_id] = fact.deposit_kind;
}

void AuditBooks::take(const DepositPaid& fact) {
  touch(fact.amount.currency).deposits += fact.amount.minor;
}

void AuditBooks::take(const DepositRefundDue& fact) {
  touch(fact.amount.currency).refunds_due += fact.amount.minor;
}

void AuditBooks::take(const ReservationUsed& fact) {
  MoneyBook& money = touch(fact.deposit.currency);
  money.deposits -= fact.deposit.minor;
  money.revenue += fact.deposit.minor;
}

void AuditBooks::take(const ReservationEnded& fact) {
  MoneyBook& money = touch(fact.owed.currency);
  money.forfeits += fact.kept.minor;
  money.refunds_due += fact.owed.minor;
  // Who is owed twice the deposit gets the second half from the seller.
  const bool is_double = fact.state == ReservationState::returned &&
                         deposit_kinds_[fact.drop_id] == DepositKind::binding;
  const std::int64_t penalty = is_double ? fact.owed.minor / 2 : 0;
  money.penalties += penalty;
  money.deposits -= fact.kept.minor + fact.owed.minor - penalty;
}

void AuditBooks::give_back(OrderId id, DropId drop_id) {
  const OpenOrder order = end_order(id, drop_id);
  DropBook& drop = touch(drop_id);
  drop.units.held -= order.quantity;
  if (drop.cancelled) {
    drop.units.withdrawn += order.quantity;
    touch(drop.sku_id).free += order.quantity;
  } else {
    drop.units.available += order.quantity;
  }
  totals_.given_back += order.quantity;
  count(order, -order.quantity);
}

AuditBooks::OpenOrder AuditBooks::end_order(OrderId id, DropId drop_id) {
  const auto found = open_orders_.find(id);
  if (found == open_orders_.end()) {
    report_("order " + name_of(id) + " ends twice, or never began");
    return {};
  }
  const OpenOrder order = found->second;
  if (order.drop_id != drop_id) {
    report_("order " + name_of(id) + " began in drop " + name_of(order.drop_id) + " and ends in " +
            name_of(drop_id));
  }
  open_orders_.erase(found);
  return order;
}

AuditBooks::DropBook& AuditBooks::touch(DropId id) {
  touched_drops_.insert(id);
  return drops_[id];
}
AuditBooks::SkuBook& AuditBooks::touch(SkuId id) {
  touched_skus_.insert(id);
  return skus_[id];
}
AuditBooks::MoneyBook& AuditBooks::touch(Currency currency) {
  touched_currencies_.insert(currency);
  return money_[currency];
}

// ---- Against the state -------------------------------------------------------------------------

void AuditBooks::check(const State& state, std::span<const DropId> changed) {
  touched_drops_.insert(changed.begin(), changed.end());
  if (asked_ != totals_.ordered) {
    report_("orders were placed over " + std::to_string(totals_.ordered) +
            " units, but the records asked for " + std::to_string(asked_));
    asked_ = totals_.ordered;  // Said once.
  }
  for (const DropId id : touched_drops_) { check_drop(state, id); }
  for (const SkuId id : touched_skus_) { check_sku(state, id); }
  for (const Currency currency : touched_currencies_) { check_money(state, currency); }
  touched_drops_.clear();
  touched_skus_.clear();
  touched_currencies_.clear();
}

void AuditBooks::check_all(const State& state) {
  for (const auto& [id, drop] : drops_) { touched_drops_.insert(id); }
  for (std::uint64_t id = 1; id <= state.drops.size(); ++id) { touch(DropId{id}); }
  for (const auto& [id, sku] : skus_) { touched_skus_.insert(id); }
  for (std::uint64_t id = 1; id <= state.catalogue.size(); ++id) { touch(SkuId{id}); }
  for (const auto& [currency, money] : money_) { touched_currencies_.insert(currency); }
  state.ledger.for_each_account([&](const Account& account) {
    if (account.key.asset.kind() != AssetKind::money) { return; }
    touch(Currency{static_cast<std::uint16_t>(account.key.asset.number())});
  });
  check(state, {});
}

void AuditBooks::check_drop(const State& state, DropId id) {
  DropBook& book = drops_[id];
  if (!state.drops.has(id)) {
    report_("facts name drop " + name_of(id) + ", which there is not");
    return;
  }
  const DropUnits units = state.drops.units(id);
  if (!is_whole(units)) {
    report_("units of drop " + name_of(id) + " do not add up: " + text_of(units));
  }
  if (!same(units, book.units)) {
    report_("units of drop " + name_of(id) + " are " + text_of(units) +
            "; by its facts they would be " + text_of(book.units));
  }
  const SkuId sku_id = state.drops.drop(id).plan.sku_id;
  touch(sku_id).in_drops += in_drop(units) - in_drop(book.seen);
  add(totals_, book.seen, -1);
  add(totals_, units, 1);
  book.seen = units;
}

void AuditBooks::check_sku(const State& state, SkuId id) {
  SkuBook& book = skus_[id];
  const std::int64_t free = state.stock.on_hand(id);
  totals_.free += free - book.seen_free;
  book.seen_free = free;
  if (free < 0 || book.received != free + book.in_drops) {
    report_("units of SKU " + name_of(id) + " are not those received: received " +
            std::to_string(book.received) + ", free " + std::to_string(free) + ", in drops " +
            std::to_string(book.in_drops));
  }
  if (free != book.free) {
    report_("free units of SKU " + name_of(id) + " are " + std::to_string(free) +
            "; by the facts they would be " + std::to_string(book.free));
  }
}

void AuditBooks::check_money(const State& state, Currency currency) {
  const auto has = [&](Holder holder) {
    return state.ledger.balance({holder, Asset::money(currency)}).available;
  };
  const MoneyBook& book = money_[currency];
  MoneyBook is{.arrived = -has(Holder::payments()),
               .revenue = has(Holder::revenue()),
               .refunds_due = has(Holder::refunds_due()),
               .unmatched = has(Holder::unmatched()),
               .sent = has(Holder::refunds_sent()),
               .refunded = has(Holder::refunded()),
               .forfeits = has(Holder::forfeits()),
               .penalties = -has(Holder::penalties())};
  // Those of each drop stand in an account of their own: the rest of the money is theirs.
  is.deposits = is.arrived + is.penalties - is.revenue - is.refunds_due - is.unmatched - is.sent -
                is.refunded - is.forfeits;
  if (is == book) { return; }
  const auto text = [](const MoneyBook& money) {
    std::string said = "payments " + std::to_string(money.arrived) + ", revenue " +
                       std::to_string(money.revenue) + ", refunds due " +
                       std::to_string(money.refunds_due) + ", unmatched " +
                       std::to_string(money.unmatched) + ", sent back " +
                       std::to_string(money.sent) + ", refunded " + std::to_string(money.refunded);
    if (money.deposits != 0 || money.forfeits != 0 || money.penalties != 0) {
      said += ", deposits " + std::to_string(money.deposits) + ", forfeits " +
              std::to_string(money.forfeits) + ", penalties " + std::to_string(money.penalties);
    }
    return said;
  };
  report_("money in " + std::string(currency.code()) + " is " + text(is) +
          "; by records and facts it would be " + text(book));
}

}  // namespace firebrand
