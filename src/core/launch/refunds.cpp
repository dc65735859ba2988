#include "core/launch/refunds.hpp"

#include <algorithm>
#include <array>

#include "core/facts.hpp"
#include "core/launch/headroom.hpp"
#include "core/launch/refund_facts.hpp"
#include "core/launch/sale.hpp"

namespace firebrand {

ReturnUnitsResult Refunds::apply(const ReturnUnits& command,
                                 const CommandContext& context) noexcept {
  using enum ReturnUnitsStatus;
  if (command.quantity < 1 || command.quantity > kPerPersonLimitMax) {
    return {quantity_out_of_range};
  }
  const Order* const order = orders_.find(command.order_id);
  if (order == nullptr) {
    return {orders_.was_archived(command.order_id) ? order_archived : order_not_found};
  }
  if (order->state != OrderState::paid) { return {order_not_paid}; }
  const std::uint64_t number = payments_.paid_for(command.order_id);
  FB_ASSERT(number != 0);
  Payment payment = payments_.payment(number);
  const std::int32_t units_left = order->quantity - payment.units_returned - command.quantity;
  if (units_left < 0) { return {quantity_exceeds_order}; }
  const bool on_sale = command.to == ReturnTo::on_sale;
  if (on_sale && !may_go_on_sale(order->drop_id, context.timestamp)) { return {drop_over}; }

  // Past this line the command succeeds.
  const DropId drop_id = order->drop_id;
  const std::uint16_t wave = order->wave;
  payment.units_returned += command.quantity;
  // What went back unasked counts for units that come back after it. A deposit is a part of the
  // price that the payment does not hold, so the last unit may bring a minor unit more.
  const std::int64_t price = order->total.minor * payment.units_returned / order->quantity;
  const std::int64_t owed_back = std::max(payment.returned, price);
  const Money owed{owed_back - payment.returned, payment.amount.currency};
  payment.returned = owed_back;
  const Asset stock = Asset::stock(drops_.drop(drop_id).plan.sku_id);
  const Asset money = Asset::money(owed.currency);
  std::array<Op, 3 + kFurtherRightsMax> ops = {
      TransferOp{.from = {Holder::sold(drop_id), stock},
                 .to = {on_sale ? Holder::wave(drop_id, wave) : Holder::returned(drop_id), stock},
                 .amount = command.quantity},
      right_back({Holder::person(order->person_id), Asset::right(drop_id)}, command.quantity)};
  std::size_t size = 2;
  for (const auto& further : further_rights(drops_.drop(drop_id), drop_id, wave, order->person_id,
                                            buyer_keys_.of(command.order_id))) {
    ops[size++] = right_back(further.account, command.quantity);
  }
  if (owed.minor > 0) {
    ops[size++] = TransferOp{.from = {Holder::revenue(), money},
                             .to = {Holder::refunds_due(), money},
                             .amount = owed.minor};
  }
  post(std::span(ops).first(size));
  payments_.change(number, payment);
  if (units_left == 0) {
    buyer_keys_.end(command.order_id);
    orders_.close(command.order_id, OrderState::returned, context.timestamp);
  }
  if (on_sale) {
    drops_.units_came_back(drop_id, wave, context.timestamp);
  } else {
    drops_.touch(drop_id);
  }
  context.facts->emit(UnitsReturned{command.order_id, drop_id, wave, command.quantity, units_left,
                                    command.to, owed});
  return {returned, units_left, owed};
}

/// A drop that has sold all may sell again only while no right in it can have ended: orders leave,
/// and take their rights along, kOrderRetention after they were paid at the earliest.
bool Refunds::may_go_on_sale(DropId id, Timestamp now) const noexcept {
  const Drop& drop = drops_.drop(id);
  return drop.phase == DropPhase::cancelled || drops_.may_sell(id) ||
         now < drop.plan.opens_at + kOrderRetention;
}

RequestRefundResult Refunds::apply(const RequestRefund& command,
                                   const CommandContext& context) noexcept {
  using enum RequestRefundStatus;
  if (command.refund_id.empty()) { return {refund_id_must_not_be_empty}; }
  if (command.payment_id.empty()) { return {payment_id_must_not_be_empty}; }
  if (command.amount.minor < 1 || command.amount.minor > kAmountMax) {
    return {amount_must_be_positive};
  }
  const std::uint64_t number = payments_.find(command.payment_id.view());
  if (const std::uint64_t known = payments_.find_refund(command.refund_id.view()); known != 0) {
    const Refund& refund = payments_.refund(known);
    const bool same = refund.payment == number && refund.minor == command.amount.minor &&
                      payments_.payment(number).amount.currency == command.amount.currency;
    if (!same) { return {exists_with_different_fields}; }
    return {exists, refund.state};
  }
  if (number == 0) { return {payment_not_found}; }
  Payment payment = payments_.payment(number);
  if (command.amount.currency != payment.amount.currency) { return {currency_mismatch}; }
  if (command.amount.minor > payment.due()) { return {refund_exceeds_due}; }
  if (payments_.refunds_full()) { return {refunds_full}; }

  // Past this line the command succeeds.
  const Asset money = Asset::money(payment.amount.currency);
  const Op op = TransferOp{.from = {due_holder_of(payment.outcome), money},
                           .to = {Holder::refunds_sent(), money},
                           .amount = command.amount.minor};
  post(std::span(&op, 1));
  payment.asked += command.amount.minor;
  payments_.change(number, payment);
  payments_.add(Refund{payment_hash(command.refund_id.view()), number, command.amount.minor,
                       RefundState::requested});
  context.facts->emit(
      RefundRequested{command.refund_id, command.payment_id, payment.order_id, command.amount});
  return {requested, RefundState::requested};
}

ConfirmRefundResult Refunds::apply(const ConfirmRefund& command,
                                   const CommandContext& context) noexcept {
  using enum ConfirmRefundStatus;
  if (command.refund_id.empty()) { return {refund_id_must_not_be_empty}; }
  if (command.payment_id.empty()) { return {payment_id_must_not_be_empty}; }
  if (command.amount.minor < 0) { return {amount_must_not_be_negative}; }
  if (command.outcome == RefundState::requested) { return {outcome_must_be_final}; }
  const std::uint64_t number = payments_.find(command.payment_id.view());
  if (const std::uint64_t known = payments_.find_refund(command.refund_id.view()); known != 0) {
    const Refund& refund = payments_.refund(known);
    const bool is_its = refund.payment == number;
    const Money is{refund.minor, payments_.payment(refund.payment).amount.currency};
    if (!is_its || (command.amount.minor != 0 && command.amount != is)) {
      return {exists_with_different_fields};
    }
    return finish(known, command, context);
  }
  if (number == 0) { return {payment_not_found}; }
  if (command.outcome == RefundState::failed || command.amount.minor == 0) {
    return {refund_not_found};
  }
  return book(0, number, command.amount.minor, command, context);
}

ConfirmRefundResult Refunds::finish(std::uint64_t number, const ConfirmRefund& command,
                                    const CommandContext& context) noexcept {
  using enum ConfirmRefundStatus;
  Refund refund = payments_.refund(number);
  if (refund.state == command.outcome) { return {exists}; }
  if (refund.state == RefundState::done) { return {refund_done}; }
  if (refund.state == RefundState::failed) {
    return book(number, refund.payment, refund.minor, command, context);
  }

  // Past this line the command succeeds.
  const bool is_done = command.outcome == RefundState::done;
  Payment payment = payments_.payment(refund.payment);
  const Money amount{refund.minor, payment.amount.currency};
  const Asset money = Asset::money(amount.currency);
  const Holder to = is_done ? Holder::refunded() : due_holder_of(payment.outcome);
  const Op op = TransferOp{
      .from = {Holder::refunds_sent(), money}, .to = {to, money}, .amount = amount.minor};
  post(std::span(&op, 1));
  refund.state = command.outcome;
  payments_.change(number, refund);
  if (is_done) {
    context.facts->emit(RefundConfirmed{command.refund_id, command.payment_id, payment.order_id,
                                        amount, Money{0, amount.currency}, true});
    return {confirmed};
  }
  payment.asked -= amount.minor;
  payments_.change(refund.payment, payment);
  context.facts->emit(
      RefundFailed{command.refund_id, command.payment_id, payment.order_id, amount});
  return {failed};
}

/// Money went back that was not on its way: first out of what is owed back, then out of revenue.
/// @param number  Of the refund that had failed; zero: it is new.
ConfirmRefundResult Refunds::book(std::uint64_t number, std::uint64_t payment_number,
                                  std::int64_t minor, const ConfirmRefund& command,
                                  const CommandContext& context) noexcept {
  using enum ConfirmRefundStatus;
  Payment payment = payments_.payment(payment_number);
  const Currency currency = payment.amount.currency;
  if (command.amount.minor != 0 && command.amount.currency != currency) {
    return {currency_mismatch};
  }
  if (minor > payment.amount.minor - payment.asked) { return {refund_exceeds_payment}; }
  if (number == 0 && payments_.refunds_full()) { return {refunds_full}; }

  // Past this line the command succeeds.
  const std::int64_t owed = std::min(minor, payment.due());
  const std::int64_t unasked = minor - owed;
  const Asset money = Asset::money(currency);
  const AccountKey refunded{Holder::refunded(), money};
  const Op from_due =
      TransferOp{.from = {due_holder_of(payment.outcome), money}, .to = refunded, .amount = owed};
  const Op from_revenue =
      TransferOp{.from = {Holder::revenue(), money}, .to = refunded, .amount = unasked};
  if (owed > 0) { post(std::span(&from_due, 1)); }
  if (unasked > 0) { post(std::span(&from_revenue, 1)); }
  payment.asked += minor;
  payment.returned += unasked;
  payments_.change(payment_number, payment);
  const Refund refund{payment_hash(command.refund_id.view()), payment_number, minor,
                      RefundState::done};
  if (number == 0) {
    payments_.add(refund);
  } else {
    payments_.change(number, refund);
  }
  context.facts->emit(RefundConfirmed{command.refund_id, command.payment_id, payment.order_id,
                                      Money{minor, currency}, Money{unasked, currency}, false});
  return {booked};
}

void Refunds::post(std::span<const Op> ops) noexcept {
  const PostStatus posted = ledger_.post(ops).status;
  // The payment has the money, the order the units and the right; there is room: headroom.hpp.
  FB_ASSERT(posted == PostStatus::posted);
}

}  // namespace firebrand
