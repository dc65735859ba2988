#include "sim/model_sale.hpp"

namespace firebrand {

PlaceOrderResult ModelSale::apply(const PlaceOrder& command, ModelDrops& drops,
                                  const ModelShop& shop, ModelReservations& reservations,
                                  ModelCodes& codes, const ModelContext& context) {
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

  // The first wave in order that is for this buyer and has the whole quantity.
  ModelWave* from = nullptr;
  std::uint16_t number = 0;
  bool some_left = false;
  bool more_to_come = false;
  std::optional<PlaceOrderStatus> asked_for;
  for (std::size_t i = 0; i < drop->waves.size() && from == nullptr; ++i) {
    ModelWave& wave = drop->waves[i];
    const WaveAudience audience = drop->plan.waves[i].audience;
    const bool sells = !wave.released || wave.available > 0;
    if (audience == WaveAudience::reservation_holders && reservation == nullptr) {
      if (sells && !asked_for) { asked_for = reservation_required; }
      continue;
    }
    if (audience == WaveAudience::code_holders && !has_code) {
      if (sells && !asked_for) { asked_for = code_required; }
      continue;
    }
    if (!wave.released) { more_to_come = true; }
    if (wave.released && wave.available > 0) { some_left = true; }
    if (wave.released && wave.available >= command.quantity) {
      from = &wave;
      number = static_cast<std::uint16_t>(i + 1);
    }
  }
  if (from == nullptr) {
    if (some_left) { return {quantity_not_available}; }
    if (asked_for) { return {*asked_for}; }
    return {more_to_come ? wave_sold_out : sold_out};
  }
  if (drop->rights[person] + command.quantity > drop->plan.per_person_limit) {
    return {.status = purchase_limit, .owned = static_cast<std::int32_t>(drop->rights[person])};
  }

  from->available -= command.quantity;
  from->held += command.quantity;
  drop->rights[person] += command.quantity;
  ++drop->orders.placed;
  ++placed_;
  const Order order{.order_id = {placed_},
                    .person_id = command.person_id,
                    .drop_id = command.drop_id,
                    .total = {total, currency},
                    .created_at = context.now,
                    .expires_at = context.now + Millis{seconds * 1'000},
                    .hold_id = {placed_},
                    .quantity = command.quantity,
                    .wave = number};
  orders_[placed_] = order;
  if (reservation != nullptr) {
    reservations.take(reservation->reservation_id.value, order.order_id);
  }
  context.deadlines.insert({order.expires_at, DeadlineKind::order_expires, placed_, 0});
  context.emit(OrderPlaced{order.order_id, order.person_id, order.drop_id, order.wave,
                           order.quantity, order.total, order.expires_at});
  if (drop->plan.waves[number - 1U].audience == WaveAudience::code_holders) {
    codes.use(command.code_batch_id, command.code_index, command.person_id, order.order_id,
              context);
  }
  if (from->available == 0) { context.emit(WaveSoldOut{command.drop_id, number}); }
  return {created, number, order.order_id, order.created_at, order.expires_at, order.total};
}

void ModelSale::give_back(const Order& order, ModelDrops& drops, ModelShop& shop) {
  ModelDrop& drop = *drops.find(order.drop_id);
  ModelWave& wave = drop.waves[order.wave - 1U];
  drop.rights[order.person_id.value] -= order.quantity;
  wave.held -= order.quantity;
  if (drop.cancelled()) {
    drop.withdrawn += order.quantity;
    shop.give(drop.plan.sku_id, order.quantity);
  } else {
    wave.available += order.quantity;
  }
}

void ModelSale::close(Order& order, OrderState state, const ModelContext& context) {
  order.state = state;
  order.closed_at = context.now;
  order.hold_id = {};
  context.deadlines.insert(
      {context.now + kOrderRetention, DeadlineKind::order_archives, order.order_id.value, 0});
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
  if (order.state == OrderState::paid) { return {order_paid}; }
  if (order.state == OrderState::cancelled) { return {already_cancelled}; }
  if (order.state == OrderState::expired || order.expires_at <= context.now) {
    return {order_expired};
  }
  give_back(order, drops, shop);
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
  const std::string payment_id(command.payment_id.view());
  if (const auto known = payments_.find(payment_id); known != payments_.end()) {
    const ConfirmPayment& first = known->second.command;
    if (first.order_id == command.order_id && first.amount == command.amount) {
      return {exists, known->second.outcome};
    }
    return {exists_with_different_fields};
  }
  if (is_archived(command.order_id)) { return {order_archived}; }
  const auto found = orders_.find(command.order_id.value);
  if (found == orders_.end()) { return {order_not_found}; }
  Order& order = found->second;
  if (command.amount.currency != order.total.currency) { return {currency_mismatch}; }
  if (command.amount.minor != order.total.minor) { return {amount_mismatch}; }

  const bool in_time = order.state == OrderState::pending_payment && context.now < order.expires_at;
  const PaymentOutcome outcome = in_time ? PaymentOutcome::paid : PaymentOutcome::refund_due;
  payments_[payment_id] = {command, outcome};
  ModelMoney& money = money_[command.amount.currency];
  money.came += command.amount.minor;
  (in_time ? money.revenue : money.owed_back) += command.amount.minor;
  if (!in_time) {
    context.emit(RefundDue{command.order_id, command.payment_id, command.amount});
    return {refund_due, outcome};
  }
  ModelDrop& drop = *drops.find(order.drop_id);
  drop.waves[order.wave - 1U].held -= order.quantity;
  drop.sold += order.quantity;
  ++drop.orders.paid;
  close(order, OrderState::paid, context);
  context.emit(OrderPaid{command.order_id, order.drop_id, command.payment_id, command.amount});
  reservations.order_paid(order, context);
  codes.order_paid(order.order_id, context);
  return {paid, outcome};
}

void ModelSale::order_expires(std::uint64_t number, ModelDrops& drops, ModelShop& shop,
                              ModelReservations& reservations, ModelCodes& codes,
                              const ModelContext& context) {
  const auto found = orders_.find(number);
  if (found == orders_.end() || found->second.state != OrderState::pending_payment) { return; }
  give_back(found->second, drops, shop);
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
  if (order.state == OrderState::paid) {
    ModelDrop& drop = *drops.find(order.drop_id);
    const DropUnits units = drop.units();
    if (!drop.cancelled() && units.unreleased + units.available + units.held > 0) {
      ++kept_;
      context.deadlines.insert(
          {context.now + kOrderRetention, DeadlineKind::order_archives, number, 0});
      return;
    }
    drop.rights[order.person_id.value] -= order.quantity;
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
  return {found, order->second};
}

}  // namespace firebrand
