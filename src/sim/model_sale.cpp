#include "sim/model_sale.hpp"

#include "sim/model_standing.hpp"

namespace firebrand {

PlaceOrderResult ModelSale::apply(const PlaceOrder& command, ModelDrops& drops,
                                  const ModelShop& shop, ModelReservations& reservations,
                                  ModelCodes& codes, ModelRooms& rooms,
                                  const ModelContext& context) {
  using enum PlaceOrderStatus;
  if (command.quantity < 1 || command.quantity > kOrderQuantityMax) {
    return {quantity_out_of_range};
  }
  const std::uint64_t person = command.person_id.value;
  if (person == 0 || person > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  ModelDrop* const drop = drops.find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (context.now < drop->plan.opens_at) { return {not_open}; }
  if (drop->paused) { return {paused}; }
  if (drop->excluded.contains(person)) { return {excluded_from_drop}; }
  const Currency currency = command.currency.is_none() ? drop->plan.currency : command.currency;
  const auto price = shop.price(drop->plan.sku_id, currency);
  if (!price) { return {currency_not_offered}; }

  // With a reservation the deposit is paid already, and the rest in its currency.
  const Reservation* const reservation =
      reservations.usable(command.drop_id, command.person_id, context.now);
  std::int64_t total = *price * command.quantity;
  std::int64_t seconds = drop->plan.payment_window_seconds;
  if (reservation != nullptr) {
    const ModelBook& book = *reservations.book(command.drop_id);
    if (book.deposit.minor != 0 && currency != drop->plan.currency) {
      return {currency_not_offered};
    }
    total -= book.deposit.minor;
    seconds = book.terms.balance_window_seconds;
  }

  const bool has_code = command.code_batch_id.value != 0;
  if (has_code && !codes.usable(command.code_batch_id, command.code_index, command.drop_id,
                                command.person_id, context.now)) {
    return {code_not_usable};
  }

  // The first wave in order that has the whole quantity, of those that sell to this buyer.
  std::uint16_t number = 0;
  bool some_left = false;
  bool more_to_come = false;
  bool drawn = false;
  std::optional<PlaceOrderStatus> asked_for;
  std::uint16_t asking = 0;
  PlaceOrderResult wave_limit{purchase_limit};
  for (std::size_t i = 0; i < drop->waves.size() && number == 0; ++i) {
    const ModelWave& wave = drop->waves[i];
    if (drop->plan.waves[i].decision == WaveDecision::draw) {
      drawn = drawn || !wave.released || wave.available > 0;
      continue;
    }
    const WaveAudience audience = drop->plan.waves[i].audience;
    const bool sells = !wave.released || drop->on_sale(static_cast<std::uint16_t>(i + 1)) > 0;
    if (audience == WaveAudience::reservation_holders && reservation == nullptr) {
      if (sells && !asked_for) { asked_for = reservation_required; }
      continue;
    }
    if (audience == WaveAudience::code_holders && !has_code) {
      if (sells && !asked_for) { asked_for = code_required; }
      continue;
    }
    const WavePlan& plan = drop->plan.waves[i];
    if (const auto lacks = unfit(plan, command.standing, created); lacks != created) {
      if (sells && !asked_for) { asked_for = lacks; }
      continue;
    }
    const auto of_wave = static_cast<std::uint16_t>(i + 1);
    if (plan.per_person_limit != 0) {
      const std::int64_t owned = drop->in_wave[{of_wave, person}];
      if (owned + command.quantity > plan.per_person_limit) {
        if (sells && !asked_for) {
          asked_for = purchase_limit;
          wave_limit.wave = of_wave;
          wave_limit.owned = static_cast<std::int32_t>(owned);
        }
        continue;
      }
    }
    if (!wave.released) { more_to_come = true; }
    const std::int64_t on_sale = drop->on_sale(static_cast<std::uint16_t>(i + 1));
    const bool has_room = drop->plan.waves[i].decision == WaveDecision::waiting_room;
    if (has_room && wave.released && on_sale > 0) {
      const PlaceOrderStatus door = rooms.gate(command.drop_id, static_cast<std::uint16_t>(i + 1),
                                               command.person_id, context.now);
      if (door != created) {
        if (!asked_for) { asked_for = door; }
        continue;
      }
    }
    if (drop->plan.proof_bits > 0 && command.proof == OrderProof::none && wave.released &&
        on_sale > 0 && drop->is_for_proofs(of_wave, context.now)) {
      if (!asked_for) {
        asked_for = proof_wanted;
        asking = of_wave;
      }
      continue;
    }
    if (wave.released && on_sale > 0) { some_left = true; }
    if (wave.released && on_sale >= command.quantity) {
      number = static_cast<std::uint16_t>(i + 1);
    }
  }
  if (number == 0) {
    if (some_left) { return {quantity_not_available}; }
    if (asked_for == purchase_limit) { return wave_limit; }
    if (asked_for) { return {*asked_for, asking}; }
    if (more_to_come) { return {wave_sold_out}; }
    return {drawn ? wave_is_drawn : sold_out};
  }
  const PlaceOrderResult placed =
      place(command, number, {total, currency}, seconds, drops, &codes, context);
  if (placed.status == created && reservation != nullptr) {
    reservations.take(reservation->reservation_id.value, placed.order_id);
  }
  const WaveDecision decision = drop->plan.waves[number - 1U].decision;
  if (placed.status == created && decision == WaveDecision::waiting_room) {
    rooms.bought(command.drop_id, number, command.person_id, context);
  }
  return placed;
}

PlaceOrderResult ModelSale::take(DropId drop_id, std::uint16_t wave, PersonId person,
                                 const Standing& standing, ModelDrops& drops, const ModelShop& shop,
                                 ModelReservations& reservations, const ModelContext& context) {
  const CreateDrop& plan = drops.find(drop_id)->plan;
  const PlaceOrder order{.drop_id = drop_id, .person_id = person, .standing = standing};
  Money total{*shop.price(plan.sku_id, plan.currency), plan.currency};
  std::int64_t seconds = plan.payment_window_seconds;
  const Reservation* const reservation = reservations.usable(drop_id, person, context.now);
  if (reservation != nullptr) {
    total.minor -= reservations.book(drop_id)->deposit.minor;
    seconds = reservations.book(drop_id)->terms.balance_window_seconds;
  }
  const PlaceOrderResult placed = place(order, wave, total, seconds, drops, nullptr, context);
  if (placed.status == PlaceOrderStatus::created && reservation != nullptr) {
    reservations.take(reservation->reservation_id.value, placed.order_id);
  }
  return placed;
}

PlaceOrderResult ModelSale::place(const PlaceOrder& command, std::uint16_t number, Money total,
                                  std::int64_t seconds, ModelDrops& drops, ModelCodes* codes,
                                  const ModelContext& context) {
  using enum PlaceOrderStatus;
  ModelDrop* const drop = drops.find(command.drop_id);
  ModelWave* const from = &drop->waves[number - 1U];
  const std::uint64_t person = command.person_id.value;
  if (drop->rights[person] + command.quantity > drop->plan.per_person_limit) {
    return {.status = purchase_limit, .owned = static_cast<std::int32_t>(drop->rights[person])};
  }
  SharedKeys keys;
  for (const Claim& claim : command.standing) {
    if (claim.kind == ClaimKind::household && drop->plan.per_household_limit != 0 &&
        keys.household == 0) {
      keys.household = claim.value;
    }
    if (claim.kind == ClaimKind::address && drop->plan.per_address_limit != 0 &&
        keys.address == 0) {
      keys.address = claim.value;
    }
  }
  const std::int64_t at_home = keys.household == 0 ? 0 : drop->in_household[keys.household];
  if (keys.household != 0 && at_home + command.quantity > drop->plan.per_household_limit) {
    return {.status = household_limit, .owned = static_cast<std::int32_t>(at_home)};
  }
  const std::int64_t at_address = keys.address == 0 ? 0 : drop->at_address[keys.address];
  if (keys.address != 0 && at_address + command.quantity > drop->plan.per_address_limit) {
    return {.status = address_limit, .owned = static_cast<std::int32_t>(at_address)};
  }

  from->available -= command.quantity;
  from->held += command.quantity;
  ++drop->orders.placed;
  ++placed_;
  const Order order{.order_id = {placed_},
                    .person_id = command.person_id,
                    .drop_id = command.drop_id,
                    .total = total,
                    .created_at = context.now,
                    .expires_at = context.now + Millis{seconds * 1'000},
                    .hold_id = {placed_},
                    .quantity = command.quantity,
                    .wave = number};
  orders_[placed_] = order;
  keys_[placed_] = keys;
  drop->count(order, keys, command.quantity);
  context.deadlines.insert({order.expires_at, DeadlineKind::order_expires, placed_, 0});
  context.emit(OrderPlaced{order.order_id, order.person_id, order.drop_id, order.wave,
                           order.quantity, order.total, order.expires_at});
  const bool asks_for_code = drop->plan.waves[number - 1U].audience == WaveAudience::code_holders;
  if (codes != nullptr && asks_for_code) {
    codes->use(command.code_batch_id, command.code_index, command.person_id, order.order_id,
               context);
  }
  if (from->available == 0) {
    context.emit(WaveSoldOut{command.drop_id, number});
    drops.units_changed(command.drop_id.value, number, context);
    if (!drop->kept.empty() && !drop->kept.contains(number)) {
      const std::uint64_t id = command.drop_id.value + (std::uint64_t{number} << 32U);
      context.deadlines.insert({context.now, DeadlineKind::waitlist_due, id, 0});
    }
  }
  return {created, number, order.order_id, order.created_at, order.expires_at, order.total};
}

void ModelSale::give_back(const Order& order, ModelDrops& drops, ModelShop& shop,
                          const ModelContext& context) {
  ModelDrop& drop = *drops.find(order.drop_id);
  ModelWave& wave = drop.waves[order.wave - 1U];
  drop.count(order, keys_.at(order.order_id.value), -order.quantity);
  wave.held -= order.quantity;
  if (drop.cancelled()) {
    drop.withdrawn += order.quantity;
    shop.give(drop.plan.sku_id, order.quantity);
    return;
  }
  wave.available += order.quantity;
  drops.units_came(order.drop_id.value, order.wave, context);
  if (drop.plan.waves[order.wave - 1U].decision == WaveDecision::draw) {
    context.deadlines.insert(
        {context.now, DeadlineKind::draw_unit_back, order.drop_id.value, order.wave});
  }
}

void ModelSale::close(Order& order, OrderState state, const ModelContext& context) {
  order.state = state;
  order.closed_at = context.now;
  order.hold_id = {};
  context.deadlines.insert(
      {context.now + kOrderRetention, DeadlineKind::order_archives, order.order_id.value, 0});
}

ExcludeFromDropResult ModelSale::apply(const ExcludeFromDrop& command, ModelDrops& drops,
                                       ModelReservations& reservations, ModelRooms& rooms,
                                       const ModelContext& context) {
  using enum ExcludeFromDropStatus;
  const std::uint64_t person = command.person_id.value;
  if (person == 0 || person > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  ModelDrop* const drop = drops.find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (drop->excluded.contains(person)) { return {already_excluded}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (context.now >= drop->plan.opens_at) { return {drop_has_opened}; }
  if (drop->excluded.size() == kDropExclusionsMax) { return {drop_exclusions_full}; }
  drop->excluded[person] = command.reason;
  context.emit(DropExcluded{command.drop_id, command.person_id, command.reason});
  reservations.person_excluded(command.drop_id, command.person_id, context);
  for (std::uint16_t wave = 1; wave <= drop->waves.size(); ++wave) {
    rooms.person_excluded(command.drop_id, wave, command.person_id, context);
  }
  return {excluded};
}

CancelOrderResult ModelSale::apply(const CancelOrder& command, ModelDrops& drops, ModelShop& shop,
                                   ModelReservations& reservations, ModelCodes& codes,
                                   const ModelContext& context) {
  using enum CancelOrderStatus;
  if (is_archived(command.order_id)) { return {order_archived}; }
  const auto found = orders_.find(command.order_id.value);
  if (found == orders_.end()) { return {order_not_found}; }
  Order& order = found->second;
  if (order.person_id != command.person_id) { return {order_not_found}; }
  if (order.state == OrderState::paid || order.state == OrderState::returned) {
    return {order_paid};
  }
  if (order.state == OrderState::cancelled) { return {already_cancelled}; }
  if (order.state == OrderState::expired || order.expires_at <= context.now) {
    return {order_expired};
  }
  give_back(order, drops, shop, context);
  close(order, OrderState::cancelled, context);
  ++drops.find(order.drop_id)->orders.cancelled;
  context.emit(OrderCancelled{order.order_id, order.drop_id});
  reservations.order_ended(order, drops, context);
  codes.order_ended(order.order_id, context);
  return {cancelled};
}

ConfirmPaymentResult ModelSale::apply(const ConfirmPayment& command, ModelDrops& drops,
                                      ModelReservations& reservations, ModelCodes& codes,
                                      const ModelContext& context) {
  using enum ConfirmPaymentStatus;
  if (command.payment_id.empty()) { return {payment_id_must_not_be_empty}; }
  if (command.amount.minor < 1 || command.amount.minor > kAmountMax) {
    return {amount_must_be_positive};
  }
  if (command.amount.currency.is_none()) { return {currency_must_not_be_none}; }
  const std::string payment_id(command.payment_id.view());
  if (const auto known = payments_.find(payment_id); known != payments_.end()) {
    const ConfirmPayment& first = known->second.command;
    if (first.order_id == command.order_id && first.amount == command.amount) {
      return {exists, known->second.outcome};
    }
    return {exists_with_different_fields};
  }
  ModelMoney& money = money_[command.amount.currency];
  money.came += command.amount.minor;
  const auto found = orders_.find(command.order_id.value);
  const auto keep_apart = [&](UnmatchedReason reason) -> ConfirmPaymentResult {
    money.unmatched += command.amount.minor;
    payments_[payment_id] = {command, PaymentOutcome::unmatched};
    context.emit(PaymentUnmatched{command.order_id, command.payment_id, command.amount, reason});
    return {unmatched, PaymentOutcome::unmatched};
  };
  const bool is_here = found != orders_.end();
  if (!is_here && !is_archived(command.order_id)) {
    return keep_apart(UnmatchedReason::order_not_found);
  }
  if (is_here && command.amount.currency != found->second.total.currency) {
    return keep_apart(UnmatchedReason::currency_mismatch);
  }
  if (is_here && command.amount.minor != found->second.total.minor) {
    return keep_apart(UnmatchedReason::amount_mismatch);
  }
  const bool in_time = is_here && found->second.state == OrderState::pending_payment &&
                       context.now < found->second.expires_at;
  if (!in_time) {
    money.owed_back += command.amount.minor;
    payments_[payment_id] = {command, PaymentOutcome::refund_due};
    context.emit(RefundDue{command.order_id, command.payment_id, command.amount});
    return {refund_due, PaymentOutcome::refund_due};
  }
  Order& order = found->second;
  money.revenue += command.amount.minor;
  payments_[payment_id] = {command, PaymentOutcome::paid};
  paid_by_[order.order_id.value] = payment_id;
  ModelDrop& drop = *drops.find(order.drop_id);
  drop.waves[order.wave - 1U].held -= order.quantity;
  drop.sold += order.quantity;
  ++drop.orders.paid;
  close(order, OrderState::paid, context);
  context.emit(OrderPaid{command.order_id, order.drop_id, command.payment_id, command.amount});
  reservations.order_paid(order, context);
  codes.order_paid(order.order_id, context);
  return {paid, PaymentOutcome::paid};
}

void ModelSale::order_expires(std::uint64_t number, ModelDrops& drops, ModelShop& shop,
                              ModelReservations& reservations, ModelCodes& codes,
                              const ModelContext& context) {
  const auto found = orders_.find(number);
  if (found == orders_.end() || found->second.state != OrderState::pending_payment) { return; }
  give_back(found->second, drops, shop, context);
  close(found->second, OrderState::expired, context);
  ++drops.find(found->second.drop_id)->orders.expired;
  context.emit(OrderExpired{{number}, found->second.drop_id});
  reservations.order_ended(found->second, drops, context);
  codes.order_ended({number}, context);
}

void ModelSale::order_archives(std::uint64_t number, ModelDrops& drops,
                               const ModelContext& context) {
  const auto found = orders_.find(number);
  if (found == orders_.end()) { return; }
  const Order& order = found->second;
  if (context.now < order.closed_at + kOrderRetention) { return; }
  if (order.state == OrderState::paid) {
    ModelDrop& drop = *drops.find(order.drop_id);
    const DropUnits units = drop.units();
    const bool selling = !drop.cancelled() && units.unreleased + units.available + units.held > 0;
    if (selling || context.now < drop.plan.opens_at + kOrderRetention) {
      ++kept_;
      context.deadlines.insert(
          {context.now + kOrderRetention, DeadlineKind::order_archives, number, 0});
      return;
    }
    drop.count(order, keys_.at(number),
               payments_.at(paid_by_.at(number)).units - std::int64_t{order.quantity});
    ++rights_ended_;
  }
  orders_.erase(found);
  context.emit(OrderArchived{{number}});
}

FindOrderResult ModelSale::answer(const FindOrder& query) const {
  using enum FindOrderStatus;
  if (is_archived(query.order_id)) { return {order_archived}; }
  const auto order = orders_.find(query.order_id.value);
  if (order == orders_.end()) { return {order_not_found}; }
  const auto payment = paid_by_.find(query.order_id.value);
  const std::int32_t units = payment == paid_by_.end() ? 0 : payments_.at(payment->second).units;
  return {found, order->second, units};
}

}  // namespace firebrand
