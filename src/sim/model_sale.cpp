#include "sim/model_sale.hpp"

namespace firebrand {

PlaceOrderResult ModelSale::apply(const PlaceOrder& command, ModelDrops& drops,
                                  const ModelShop& shop, const ModelContext& context) {
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

  // The first wave in order that has the whole quantity.
  ModelWave* from = nullptr;
  std::uint16_t number = 0;
  bool some_left = false;
  bool more_to_come = false;
  for (std::size_t i = 0; i < drop->waves.size() && from == nullptr; ++i) {
    ModelWave& wave = drop->waves[i];
    if (!wave.released) { more_to_come = true; }
    if (wave.released && wave.available > 0) { some_left = true; }
    if (wave.released && wave.available >= command.quantity) {
      from = &wave;
      number = static_cast<std::uint16_t>(i + 1);
    }
  }
  if (from == nullptr) {
    if (some_left) { return {quantity_not_available}; }
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
  const Order order{
      .order_id = {placed_},
      .person_id = command.person_id,
      .drop_id = command.drop_id,
      .total = {*price * command.quantity, currency},
      .created_at = context.now,
      .expires_at = context.now + Millis{std::int64_t{drop->plan.payment_window_seconds} * 1'000},
      .hold_id = {placed_},
      .quantity = command.quantity,
      .wave = number};
  orders_[placed_] = order;
  context.deadlines.insert({order.expires_at, DeadlineKind::order_expires, placed_, 0});
  context.emit(OrderPlaced{order.order_id, order.person_id, order.drop_id, order.wave,
                           order.quantity, order.total, order.expires_at});
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
  give_back(order, drops, shop);
  close(order, OrderState::cancelled, context);
  ++drops.find(order.drop_id)->orders.cancelled;
  context.emit(OrderCancelled{order.order_id, order.drop_id});
  return {cancelled};
}

ConfirmPaymentResult ModelSale::apply(const ConfirmPayment& command, ModelDrops& drops,
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
  return {paid, PaymentOutcome::paid};
}

void ModelSale::order_expires(std::uint64_t number, ModelDrops& drops, ModelShop& shop,
                              const ModelContext& context) {
  const auto found = orders_.find(number);
  if (found == orders_.end() || found->second.state != OrderState::pending_payment) { return; }
  give_back(found->second, drops, shop);
  close(found->second, OrderState::expired, context);
  ++drops.find(found->second.drop_id)->orders.expired;
  context.emit(OrderExpired{{number}, found->second.drop_id});
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
    if (!drop.cancelled() && units.unreleased + units.available + units.held > 0) {
      ++kept_;
      context.deadlines.insert(
          {context.now + kOrderRetention, DeadlineKind::order_archives, number, 0});
      return;
    }
    drop.rights[order.person_id.value] -= order.quantity - payments_.at(paid_by_.at(number)).units;
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
