#include "core/launch/sale.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/facts.hpp"
#include "core/launch/headroom.hpp"

namespace firebrand {

namespace {

/// Units on sale in one of the waves, or why there are none.
struct Pick {
  PlaceOrderStatus status{};
  std::uint16_t wave = 0;
};

/// What gives the right to so many units of an order back to its drop.
TransferOp right_back(const Order& order, std::int32_t units) {
  const Asset right = Asset::right(order.drop_id);
  return {.from = {Holder::person(order.person_id), right},
          .to = {Holder::rights_source(), right},
          .amount = units};
}

Pick pick_wave(const Drops& drops, DropId id, std::int32_t quantity) {
  using enum PlaceOrderStatus;
  const Drop& drop = drops.drop(id);
  bool some_left = false;
  bool more_to_come = false;
  for (std::uint16_t wave = 1; wave <= drop.plan.waves.size(); ++wave) {
    if (!drop.is_released(wave)) {
      more_to_come = true;
      continue;
    }
    const std::int64_t available = drops.available(id, wave);
    if (available >= quantity) { return {created, wave}; }
    some_left = some_left || available > 0;
  }
  if (some_left) { return {quantity_not_available}; }
  return {more_to_come ? wave_sold_out : sold_out};
}

}  // namespace

PlaceOrderResult Sale::apply(const PlaceOrder& command, const CommandContext& context) noexcept {
  using enum PlaceOrderStatus;
  // Shape: no state is read.
  if (command.quantity < 1 || command.quantity > kOrderQuantityMax) {
    return {quantity_out_of_range};
  }
  if (command.person_id.value < 1 ||
      command.person_id.value > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }

  // State. The moment of opening is judged by the stamp, whether or not run_due has come to it.
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  const Drop& drop = drops_.drop(command.drop_id);
  if (drop.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (context.timestamp < drop.plan.opens_at) { return {not_open}; }
  if (drop.pausing == Pausing::paused) { return {paused}; }
  const Currency currency = command.currency.is_none() ? drop.plan.currency : command.currency;
  const auto price = catalogue_.price(drop.plan.sku_id, currency);
  if (!price) { return {currency_not_offered}; }
  const auto total = checked_mul(*price, command.quantity);
  FB_ASSERT(total.has_value());  // kPriceMinorMax times kOrderQuantityMax fits.
  const Pick pick = pick_wave(drops_, command.drop_id, command.quantity);
  sold_out_hint_ = pick.status == sold_out ? command.drop_id : DropId{};
  if (pick.status != created) { return {pick.status}; }
  if (orders_.full()) { return {orders_full}; }
  if (ledger_.accounts() + kAccountsHeadroom > ledger_.options().accounts_max) {
    return {accounts_full};
  }
  const AccountKey wave{Holder::wave(command.drop_id, pick.wave), Asset::stock(drop.plan.sku_id)};
  const Asset right = Asset::right(command.drop_id);
  const AccountKey rights{Holder::person(command.person_id), right};
  const std::array<Op, 2> ops = {TransferOp{.from = {Holder::rights_source(), right},
                                            .to = rights,
                                            .amount = command.quantity,
                                            .to_ceiling = drop.plan.per_person_limit},
                                 HoldOp{.account = wave, .amount = command.quantity}};
  const PostResult posted = ledger_.post(ops);
  if (posted.status == PostStatus::ceiling_exceeded) { return limit_refusal(rights); }
  if (posted.status == PostStatus::holds_full) { return {orders_full}; }
  FB_ASSERT(posted.status == PostStatus::posted);

  // Past this line the command has succeeded.
  const Order order{
      .order_id = orders_.next_id(),
      .person_id = command.person_id,
      .drop_id = command.drop_id,
      .total = *total,
      .created_at = context.timestamp,
      .expires_at = context.timestamp + std::chrono::seconds{drop.plan.payment_window_seconds},
      .hold_id = posted.first_hold_id,
      .quantity = command.quantity,
      .wave = pick.wave,
  };
  orders_.place(order);
  drops_.count_order(command.drop_id, &OrderCounts::placed);
  context.facts->emit(OrderPlaced{order.order_id, order.person_id, order.drop_id, order.wave,
                                  order.quantity, order.total, order.expires_at});
  if (drops_.available(command.drop_id, pick.wave) == 0) {
    context.facts->emit(WaveSoldOut{command.drop_id, pick.wave});
  }
  return {created, pick.wave, order.order_id, order.created_at, order.expires_at, order.total};
}

PlaceOrderResult Sale::limit_refusal(const AccountKey& rights) const noexcept {
  // At most kPerPersonLimitMax: it fits.
  return {.status = PlaceOrderStatus::purchase_limit,
          .owned = static_cast<std::int32_t>(ledger_.balance(rights).available)};
}

CancelOrderResult Sale::apply(const CancelOrder& command, const CommandContext& context) noexcept {
  using enum CancelOrderStatus;
  const Order* const order = orders_.find(command.order_id);
  if (order == nullptr) {
    return {orders_.was_archived(command.order_id) ? order_archived : order_not_found};
  }
  if (order->person_id != command.person_id) { return {order_not_found}; }
  switch (order->state) {
    case OrderState::pending_payment:
      break;
    case OrderState::paid:
    case OrderState::returned:
      return {order_paid};
    case OrderState::expired:
      return {order_expired};
    case OrderState::cancelled:
      return {already_cancelled};
  }
  if (context.timestamp >= order->expires_at) { return {order_expired}; }

  // Past this line the command succeeds.
  give_back(*order);
  orders_.close(command.order_id, OrderState::cancelled, context.timestamp);
  drops_.count_order(order->drop_id, &OrderCounts::cancelled);
  context.facts->emit(OrderCancelled{command.order_id, order->drop_id});
  return {cancelled};
}

ConfirmPaymentResult Sale::apply(const ConfirmPayment& command,
                                 const CommandContext& context) noexcept {
  using enum ConfirmPaymentStatus;
  // Shape.
  if (command.payment_id.empty()) { return {payment_id_must_not_be_empty}; }
  if (command.amount.minor < 1 || command.amount.minor > kAmountMax) {
    return {amount_must_be_positive};
  }
  if (command.amount.currency.is_none()) { return {currency_must_not_be_none}; }

  // Replay, by the provider's own id.
  if (const std::uint64_t number = payments_.find(command.payment_id.view()); number != 0) {
    const Payment& known = payments_.payment(number);
    if (known.order_id != command.order_id || known.amount != command.amount) {
      return {exists_with_different_fields};
    }
    return {exists, known.outcome};
  }

  // State. Money that came is booked, whatever it was meant for.
  if (payments_.full()) { return {payments_full}; }
  const PaymentOutcome outcome = outcome_of(command, context.timestamp);
  const bool is_paid = outcome == PaymentOutcome::paid;
  const Asset money = Asset::money(command.amount.currency);
  std::array<Op, 2> ops = {TransferOp{.from = {Holder::payments(), money},
                                      .to = {holder_of(outcome), money},
                                      .amount = command.amount.minor}};
  DropId drop_id{};
  if (is_paid) {
    const Order& order = *orders_.find(command.order_id);
    drop_id = order.drop_id;
    ops[1] =
        SettleOp{.hold_id = order.hold_id,
                 .to = {Holder::sold(drop_id), Asset::stock(drops_.drop(drop_id).plan.sku_id)}};
  }
  const PostStatus posted = ledger_.post(std::span(ops).first(is_paid ? 2 : 1)).status;
  if (posted == PostStatus::overflow) { return {money_overflow}; }
  FB_ASSERT(posted == PostStatus::posted);  // There is room: headroom.hpp.

  // Past this line the command has succeeded.
  payments_.add(Payment{.id_hash = payment_hash(command.payment_id.view()),
                        .order_id = command.order_id,
                        .amount = command.amount,
                        .outcome = outcome});
  switch (outcome) {
    case PaymentOutcome::paid:
      orders_.close(command.order_id, OrderState::paid, context.timestamp);
      drops_.count_order(drop_id, &OrderCounts::paid);
      context.facts->emit(OrderPaid{command.order_id, drop_id, command.payment_id, command.amount});
      return {paid, outcome};
    case PaymentOutcome::refund_due:
      context.facts->emit(RefundDue{command.order_id, command.payment_id, command.amount});
      return {refund_due, outcome};
    case PaymentOutcome::unmatched:
      break;
  }
  context.facts->emit(PaymentUnmatched{command.order_id, command.payment_id, command.amount,
                                       why_unmatched(command)});
  return {unmatched, outcome};
}

PaymentOutcome Sale::outcome_of(const ConfirmPayment& command, Timestamp now) const noexcept {
  using enum PaymentOutcome;
  const Order* const order = orders_.find(command.order_id);
  if (order == nullptr) { return orders_.was_archived(command.order_id) ? refund_due : unmatched; }
  if (command.amount != order->total) { return unmatched; }
  const bool in_time = order->state == OrderState::pending_payment && now < order->expires_at;
  return in_time ? paid : refund_due;
}

UnmatchedReason Sale::why_unmatched(const ConfirmPayment& command) const noexcept {
  using enum UnmatchedReason;
  const Order* const order = orders_.find(command.order_id);
  if (order == nullptr) { return order_not_found; }
  return command.amount.currency != order->total.currency ? currency_mismatch : amount_mismatch;
}

void Sale::expire_due(OrderId id, const CommandContext& context) noexcept {
  const Order* const order = orders_.find(id);
  if (order == nullptr || order->state != OrderState::pending_payment) { return; }
  give_back(*order);
  orders_.close(id, OrderState::expired, context.timestamp);
  drops_.count_order(order->drop_id, &OrderCounts::expired);
  context.facts->emit(OrderExpired{id, order->drop_id});
}

void Sale::archive_due(OrderId id, const CommandContext& context) noexcept {
  const Order* const order = orders_.find(id);
  if (order == nullptr) { return; }
  // It changed once more, and has a later deadline for it.
  if (context.timestamp < order->closed_at + kOrderRetention) { return; }
  if (order->state == OrderState::paid) {
    if (drops_.may_sell(order->drop_id)) { return orders_.keep(id, context.timestamp); }
    const PostStatus posted = ledger_.post(right_back(*order, units_kept(*order))).status;
    FB_ASSERT(posted == PostStatus::posted);  // A paid order's person has the right.
  }
  orders_.archive(id);
  context.facts->emit(OrderArchived{id});
}

void Sale::give_back(const Order& order) noexcept {
  const std::array<Op, 2> ops = {ReleaseOp{.hold_id = order.hold_id},
                                 right_back(order, order.quantity)};
  const PostStatus posted = ledger_.post(ops).status;
  // A pending order's hold is live and its person has the rights: nothing can refuse this.
  FB_ASSERT(posted == PostStatus::posted);
  drops_.withdraw_released(order.drop_id, order.wave);
}

void Sale::prefetch(const PlaceOrder& command) const noexcept {
  if (command.person_id.value > static_cast<std::uint64_t>(kPersonIdMax) ||
      !drops_.has(command.drop_id) || command.drop_id == sold_out_hint_) {
    return;
  }
  ledger_.prefetch({Holder::person(command.person_id), Asset::right(command.drop_id)});
}

std::int32_t Sale::units_kept(const Order& order) const noexcept {
  return order.quantity - payments_.units_returned(order.order_id);
}

void Sale::check_invariants() const {
  payments_.check_invariants(ledger_);
  check_holds();
  check_rights();
}

void Sale::check_holds() const {
  orders_.for_each([&](const Order& order) {
    if (order.state != OrderState::pending_payment) { return; }
    const auto hold = ledger_.find_hold(order.hold_id);
    FB_ASSERT(hold.has_value() && hold->amount == order.quantity);
    FB_ASSERT(hold->account.holder == Holder::wave(order.drop_id, order.wave));
  });
}

void Sale::check_rights() const {
  std::vector<std::pair<AccountKey, std::int64_t>> owned;
  orders_.for_each([&](const Order& order) {
    if (order.state != OrderState::pending_payment && order.state != OrderState::paid) { return; }
    owned.emplace_back(right_back(order, 1).from, units_kept(order));
  });
  std::ranges::sort(owned);
  std::uint64_t owners = 0;
  for (std::size_t i = 0; i < owned.size(); ++owners) {
    const AccountKey account = owned[i].first;
    std::int64_t sum = 0;
    for (; i < owned.size() && owned[i].first == account; ++i) { sum += owned[i].second; }
    FB_ASSERT(ledger_.balance(account) == (Balance{.available = sum}));
    FB_ASSERT(sum <= drops_.drop({account.asset.number()}).plan.per_person_limit);
  }
  // Each owner has an account, so that as many accounts are those of owners alone.
  std::uint64_t accounts = 0;
  ledger_.for_each_account([&](const Account& account) {
    const bool is_right = account.key.asset.kind() == AssetKind::right;
    if (is_right && account.key.holder.kind() == HolderKind::person) { ++accounts; }
  });
  FB_ASSERT(accounts == owners);
}

}  // namespace firebrand
