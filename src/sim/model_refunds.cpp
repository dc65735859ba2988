#include "core/launch/refund_facts.hpp"
#include "sim/model_sale.hpp"

namespace firebrand {

namespace {

template <class Id>
std::string text(const Id& id) {
  return std::string(id.view());
}

}  // namespace

ReturnUnitsResult ModelSale::apply(const ReturnUnits& command, ModelDrops& drops, ModelShop& shop,
                                   const ModelContext& context) {
  using enum ReturnUnitsStatus;
  if (command.quantity < 1 || command.quantity > kPerPersonLimitMax) {
    return {quantity_out_of_range};
  }
  if (is_archived(command.order_id)) { return {order_archived}; }
  const auto found = orders_.find(command.order_id.value);
  if (found == orders_.end()) { return {order_not_found}; }
  Order& order = found->second;
  if (order.state != OrderState::paid) { return {order_not_paid}; }
  ModelPayment& payment = payments_.at(paid_by_.at(order.order_id.value));
  if (payment.units + command.quantity > order.quantity) { return {quantity_exceeds_order}; }
  ModelDrop& drop = *drops.find(order.drop_id);
  const DropUnits units = drop.units();
  const bool sells = units.unreleased + units.available + units.held > 0;
  if (command.to == ReturnTo::on_sale && !drop.cancelled() && !sells &&
      context.now >= drop.plan.opens_at + kOrderRetention) {
    return {drop_over};
  }

  drop.sold -= command.quantity;
  drop.count(order, keys_.at(order.order_id.value), -command.quantity);
  if (command.to == ReturnTo::returned) {
    drop.returned += command.quantity;
  } else if (drop.cancelled()) {
    drop.withdrawn += command.quantity;
    shop.give(drop.plan.sku_id, command.quantity);
  } else {
    drop.waves[order.wave - 1U].available += command.quantity;
    drops.units_came(order.drop_id.value, order.wave, context);
    if (drop.plan.waves[order.wave - 1U].decision == WaveDecision::draw) {
      context.deadlines.insert(
          {context.now, DeadlineKind::draw_unit_back, order.drop_id.value, order.wave});
    }
  }
  payment.units += command.quantity;
  // Their share of what was paid; the deposit of a reservation is no part of it.
  const std::int64_t value = order.total.minor * payment.units / order.quantity;
  const std::int64_t more = value > payment.back ? value - payment.back : 0;
  payment.back += more;
  ModelMoney& money = money_[order.total.currency];
  money.revenue -= more;
  money.owed_back += more;
  const std::int32_t left = order.quantity - payment.units;
  const Money owed{more, order.total.currency};
  if (left == 0) { close(order, OrderState::returned, context); }
  context.emit(UnitsReturned{order.order_id, order.drop_id, order.wave, command.quantity, left,
                             command.to, owed});
  return {returned, left, owed};
}

RequestRefundResult ModelSale::apply(const RequestRefund& command, const ModelContext& context) {
  using enum RequestRefundStatus;
  if (command.refund_id.empty()) { return {refund_id_must_not_be_empty}; }
  if (command.payment_id.empty()) { return {payment_id_must_not_be_empty}; }
  if (command.amount.minor < 1 || command.amount.minor > kAmountMax) {
    return {amount_must_be_positive};
  }
  const std::string payment_id = text(command.payment_id);
  if (const auto known = refunds_.find(text(command.refund_id)); known != refunds_.end()) {
    if (known->second.payment_id == payment_id && known->second.amount == command.amount) {
      return {exists, known->second.state};
    }
    return {exists_with_different_fields};
  }
  const auto found = payments_.find(payment_id);
  if (found == payments_.end()) { return {payment_not_found}; }
  ModelPayment& payment = found->second;
  if (payment.command.amount.currency != command.amount.currency) { return {currency_mismatch}; }
  if (command.amount.minor > payment.due()) { return {refund_exceeds_due}; }

  ModelMoney& money = money_[command.amount.currency];
  money.due_of(payment.outcome) -= command.amount.minor;
  money.sent += command.amount.minor;
  payment.asked += command.amount.minor;
  refunds_[text(command.refund_id)] = {payment_id, command.amount, RefundState::requested};
  context.emit(RefundRequested{command.refund_id, command.payment_id, payment.command.order_id,
                               command.amount});
  return {requested, RefundState::requested};
}

ConfirmRefundResult ModelSale::apply(const ConfirmRefund& command, const ModelContext& context) {
  using enum ConfirmRefundStatus;
  if (command.refund_id.empty()) { return {refund_id_must_not_be_empty}; }
  if (command.payment_id.empty()) { return {payment_id_must_not_be_empty}; }
  if (command.amount.minor < 0) { return {amount_must_not_be_negative}; }
  if (command.outcome == RefundState::requested) { return {outcome_must_be_final}; }
  const std::string payment_id = text(command.payment_id);
  const auto found = payments_.find(payment_id);
  const auto known = refunds_.find(text(command.refund_id));
  Money amount = command.amount;
  if (known != refunds_.end()) {
    const bool says_other = amount.minor != 0 && amount != known->second.amount;
    if (known->second.payment_id != payment_id || says_other) {
      return {exists_with_different_fields};
    }
    amount = known->second.amount;
    if (known->second.state == command.outcome) { return {exists}; }
    if (known->second.state == RefundState::done) { return {refund_done}; }
  } else {
    if (found == payments_.end()) { return {payment_not_found}; }
    if (command.outcome == RefundState::failed || amount.minor == 0) { return {refund_not_found}; }
    if (amount.currency != found->second.command.amount.currency) { return {currency_mismatch}; }
  }
  ModelPayment& payment = found->second;
  ModelMoney& money = money_[amount.currency];
  const OrderId order_id = payment.command.order_id;
  const Money none{0, amount.currency};
  const bool on_its_way = known != refunds_.end() && known->second.state == RefundState::requested;
  if (on_its_way && command.outcome == RefundState::done) {
    money.sent -= amount.minor;
    money.refunded += amount.minor;
    known->second.state = RefundState::done;
    context.emit(
        RefundConfirmed{command.refund_id, command.payment_id, order_id, amount, none, true});
    return {confirmed};
  }
  if (on_its_way) {
    money.sent -= amount.minor;
    money.due_of(payment.outcome) += amount.minor;
    payment.asked -= amount.minor;
    known->second.state = RefundState::failed;
    context.emit(RefundFailed{command.refund_id, command.payment_id, order_id, amount});
    return {failed};
  }
  if (payment.asked + amount.minor > payment.command.amount.minor) {
    return {refund_exceeds_payment};
  }
  // What is owed goes first; what nobody owed was revenue.
  const std::int64_t owed = payment.due() < amount.minor ? payment.due() : amount.minor;
  const Money unasked{amount.minor - owed, amount.currency};
  money.due_of(payment.outcome) -= owed;
  money.revenue -= unasked.minor;
  money.refunded += amount.minor;
  payment.asked += amount.minor;
  payment.back += unasked.minor;
  refunds_[text(command.refund_id)] = {payment_id, amount, RefundState::done};
  context.emit(
      RefundConfirmed{command.refund_id, command.payment_id, order_id, amount, unasked, false});
  return {booked};
}

}  // namespace firebrand
