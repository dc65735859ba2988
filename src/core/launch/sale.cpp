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
  std::int32_t owned = 0;  ///< Of the limit of a wave: `wave` is that one.
};

AccountKey right_of(PersonId person_id, DropId drop_id) {
  return {Holder::person(person_id), Asset::right(drop_id)};
}

/// What a buyer brings, which opens waves that are not for everyone.
struct Admission {
  const Standing& standing;
  bool has_reservation = false;
  bool has_code = false;
};

/// Why a wave is not for this buyer; `created` if it is.
PlaceOrderStatus refusal_of(const WavePlan& wave, const Admission& buyer) {
  using enum PlaceOrderStatus;
  if (wave.audience == WaveAudience::reservation_holders && !buyer.has_reservation) {
    return reservation_required;
  }
  if (wave.audience == WaveAudience::code_holders && !buyer.has_code) { return code_required; }
  return status_of(bar_of(wave, buyer.standing), created);
}

/// Why a person may not buy from a wave that a waiting room decides; `created` if the person may.
PlaceOrderStatus refusal_of(WaitingRooms::Turn turn) {
  switch (turn) {
    case WaitingRooms::Turn::may_buy:
    case WaitingRooms::Turn::anybody:
      break;
    case WaitingRooms::Turn::not_inside:
      return PlaceOrderStatus::not_in_waiting_room;
    case WaitingRooms::Turn::waits:
      return PlaceOrderStatus::waiting_turn;
    case WaitingRooms::Turn::too_late:
      return PlaceOrderStatus::admission_over;
  }
  return PlaceOrderStatus::created;
}

/// Units of the person's pending and paid orders in a wave that has a limit of its own.
std::int32_t units_in_wave(const Ledger& ledger, DropId id, std::uint16_t wave, PersonId person) {
  const AccountKey right{Holder::person(person), Asset::wave_right(id, wave)};
  return static_cast<std::int32_t>(ledger.balance(right).available);  // At most the limit: it fits.
}

/// A wave that is not for this buyer is passed over. If it would have sold, or may yet, and no
/// other does, the refusal says what it asks for.
Pick pick_wave(const Ledger& ledger, const Drops& drops, const WaitingRooms& rooms,
               const PlaceOrder& command, const Admission& buyer, Timestamp now) {
  using enum PlaceOrderStatus;
  const DropId id = command.drop_id;
  const std::int32_t quantity = command.quantity;
  const Drop& drop = drops.drop(id);
  bool some_left = false;
  bool more_to_come = false;
  Pick bar{created};
  bool some_drawn = false;
  for (std::uint16_t wave = 1; wave <= drop.plan.waves.size(); ++wave) {
    const WavePlan& plan = drop.plan.waves[wave - 1U];
    if (plan.decision == WaveDecision::draw) {
      some_drawn = some_drawn || !drop.is_released(wave) || drops.available(id, wave) > 0;
      continue;
    }
    Pick barred{refusal_of(plan, buyer), wave};
    if (barred.status == created && plan.per_person_limit > 0) {
      barred.owned = units_in_wave(ledger, id, wave, command.person_id);
      if (barred.owned + quantity > plan.per_person_limit) { barred.status = purchase_limit; }
    }
    if (barred.status != created) {
      const bool sells = !drop.is_released(wave) || drops.on_sale(id, wave) > 0;
      if (sells && bar.status == created) { bar = barred; }
      continue;
    }
    if (!drop.is_released(wave)) {
      more_to_come = true;
      continue;
    }
    const std::int64_t available = drops.on_sale(id, wave);
    if (available > 0 && plan.decision == WaveDecision::waiting_room) {
      const PlaceOrderStatus refusal = refusal_of(rooms.turn(id, wave, command.person_id, now));
      if (refusal != created) {
        if (bar.status == created) { bar = {refusal}; }
        continue;
      }
    }
    if (available > 0 && command.proof == OrderProof::none && is_head_start(drop, wave, now)) {
      if (bar.status == created) { bar = {proof_wanted, wave}; }
      continue;
    }
    if (available >= quantity) { return {created, wave}; }
    some_left = some_left || available > 0;
  }
  if (some_left) { return {quantity_not_available}; }
  if (bar.status != created) { return bar; }
  if (more_to_come) { return {wave_sold_out}; }
  return {some_drawn ? wave_is_drawn : sold_out};
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
  if (drops_.exclusions().has(command.drop_id, command.person_id)) { return {excluded_from_drop}; }
  const Currency currency = command.currency.is_none() ? drop.plan.currency : command.currency;
  const auto price = catalogue_.price(drop.plan.sku_id, currency);
  if (!price) { return {currency_not_offered}; }
  auto total = checked_mul(*price, command.quantity);
  FB_ASSERT(total.has_value());  // kPriceMinorMax times kOrderQuantityMax fits.
  const Reservation* const reservation =
      reservations_.usable(command.drop_id, command.person_id, context.timestamp);
  std::int32_t payment_window_seconds = drop.plan.payment_window_seconds;
  if (reservation != nullptr) {
    const ReservationBook& book = *reservations_.book(command.drop_id);
    const Money deposit = reservations_.deposit(book);
    // The deposit is a part of the price, so the rest must be in its currency.
    if (deposit.minor > 0 && deposit.currency != currency) { return {currency_not_offered}; }
    total->minor -= deposit.minor;
    payment_window_seconds = book.terms.balance_window_seconds;
  }
  const bool has_code = command.code_batch_id.value != 0;
  if (has_code && !codes_.usable(command.code_batch_id, command.code_index, command.drop_id,
                                 command.person_id, context.timestamp)) {
    return {code_not_usable};
  }
  const Pick pick = pick_wave(ledger_, drops_, rooms_, command,
                              {.standing = command.standing,
                               .has_reservation = reservation != nullptr,
                               .has_code = has_code},
                              context.timestamp);
  sold_out_hint_ = pick.status == sold_out ? command.drop_id : DropId{};
  if (pick.status == purchase_limit) {
    return {.status = purchase_limit, .wave = pick.wave, .owned = pick.owned};
  }
  if (pick.status == proof_wanted) { return {proof_wanted, pick.wave}; }
  if (pick.status != created) { return {pick.status}; }
  if (const PlaceOrderStatus refusal = room_in_books(); refusal != created) { return {refusal}; }
  return take({.drop_id = command.drop_id,
               .wave = pick.wave,
               .person_id = command.person_id,
               .quantity = command.quantity,
               .total = *total,
               .payment_window_seconds = payment_window_seconds,
               .reservation = reservation,
               .code_batch_id = command.code_batch_id,
               .code_index = command.code_index,
               .keys = shared_keys(drop.plan, command.standing)},
              context);
}

FurtherRights further_rights(const Drop& drop, DropId id, std::uint16_t wave, PersonId person,
                             const SharedKeys& keys) noexcept {
  FurtherRights further;
  const std::int32_t in_wave = drop.plan.waves[wave - 1U].per_person_limit;
  if (in_wave > 0) { further.add({Holder::person(person), Asset::wave_right(id, wave)}, in_wave); }
  if (keys.household != 0) {
    further.add({Holder::household(keys.household), Asset::right(id)},
                drop.plan.per_household_limit);
  }
  if (keys.address != 0) {
    further.add({Holder::address(keys.address), Asset::right(id)}, drop.plan.per_address_limit);
  }
  return further;
}

FurtherRights Sale::further_rights(const Order& order) const noexcept {
  return firebrand::further_rights(drops_.drop(order.drop_id), order.drop_id, order.wave,
                                   order.person_id, buyer_keys_.of(order.order_id));
}

PlaceOrderStatus Sale::room() const noexcept {
  const PlaceOrderStatus books = room_in_books();
  if (books != PlaceOrderStatus::created) { return books; }
  return ledger_.holds() < ledger_.options().holds_max ? PlaceOrderStatus::created
                                                       : PlaceOrderStatus::orders_full;
}

PlaceOrderStatus Sale::room_in_books() const noexcept {
  if (orders_.full()) { return PlaceOrderStatus::orders_full; }
  if (ledger_.accounts() + kAccountsHeadroom > ledger_.options().accounts_max) {
    return PlaceOrderStatus::accounts_full;
  }
  return PlaceOrderStatus::created;
}

PlaceOrderResult Sale::take(const Purchase& purchase, const CommandContext& context) noexcept {
  using enum PlaceOrderStatus;
  const Drop& drop = drops_.drop(purchase.drop_id);
  const AccountKey wave{Holder::wave(purchase.drop_id, purchase.wave),
                        Asset::stock(drop.plan.sku_id)};
  const AccountKey right = right_of(purchase.person_id, purchase.drop_id);
  const FurtherRights further = firebrand::further_rights(drop, purchase.drop_id, purchase.wave,
                                                          purchase.person_id, purchase.keys);
  const auto take_right = [&](const AccountKey& to, std::int32_t limit) {
    return TransferOp{.from = {Holder::rights_source(), to.asset},
                      .to = to,
                      .amount = purchase.quantity,
                      .to_ceiling = limit};
  };
  const std::array<Op, 2> ops = {take_right(right, drop.plan.per_person_limit),
                                 HoldOp{.account = wave, .amount = purchase.quantity}};
  PostResult posted;
  if (further.size == 0) {
    posted = ledger_.post(ops);
  } else {
    std::array<Op, 2 + kFurtherRightsMax> all = {ops[0]};
    std::size_t size = 1;
    for (const auto& [account, limit] : further) { all[size++] = take_right(account, limit); }
    all[size++] = ops[1];
    posted = ledger_.post(std::span(all).first(size));
  }
  if (posted.status == PostStatus::ceiling_exceeded) {
    return limit_refusal(posted.op == 0 ? right : further.rights[posted.op - 1U].account);
  }
  if (posted.status == PostStatus::holds_full) { return {orders_full}; }
  FB_ASSERT(posted.status == PostStatus::posted);

  // Past this line the command has succeeded.
  const Order order{
      .order_id = orders_.next_id(),
      .person_id = purchase.person_id,
      .drop_id = purchase.drop_id,
      .total = purchase.total,
      .created_at = context.timestamp,
      .expires_at = context.timestamp + std::chrono::seconds{purchase.payment_window_seconds},
      .hold_id = posted.first_hold_id,
      .quantity = purchase.quantity,
      .wave = purchase.wave,
  };
  orders_.place(order);
  buyer_keys_.keep(order.order_id, purchase.keys);
  if (purchase.reservation != nullptr) {
    reservations_.take(*purchase.reservation, order.order_id);
  }
  drops_.count_order(order.drop_id, &OrderCounts::placed);
  context.facts->emit(OrderPlaced{order.order_id, order.person_id, order.drop_id, order.wave,
                                  order.quantity, order.total, order.expires_at});
  // A code is not spent in a wave that asks for none.
  if (purchase.code_batch_id.value != 0 && may_use_code(order)) {
    codes_.use(purchase.code_batch_id, purchase.code_index, order.person_id, order.order_id,
               context);
  }
  if (drops_.available(order.drop_id, order.wave) == 0) {
    context.facts->emit(WaveSoldOut{order.drop_id, order.wave});
    drops_.sold_out(order.drop_id, order.wave, context);
  }
  use_place(order, context);
  return {created, order.wave, order.order_id, order.created_at, order.expires_at, order.total};
}

PlaceOrderResult Sale::place_for(DropId drop_id, std::uint16_t wave, PersonId person_id,
                                 const SharedKeys& keys, const CommandContext& context) noexcept {
  const Drop& drop = drops_.drop(drop_id);
  const auto price = catalogue_.price(drop.plan.sku_id, drop.plan.currency);
  FB_ASSERT(price.has_value());  // Asked for when the drop was planned; prices stay.
  Purchase purchase{.drop_id = drop_id,
                    .wave = wave,
                    .person_id = person_id,
                    .total = *price,
                    .payment_window_seconds = drop.plan.payment_window_seconds,
                    .reservation = reservations_.usable(drop_id, person_id, context.timestamp),
                    .keys = keys};
  if (purchase.reservation != nullptr) {
    const ReservationBook& book = *reservations_.book(drop_id);
    purchase.total.minor -= reservations_.deposit(book).minor;  // In the drop's currency, as here.
    purchase.payment_window_seconds = book.terms.balance_window_seconds;
  }
  return take(purchase, context);
}

void Sale::use_place(const Order& order, const CommandContext& context) noexcept {
  const WavePlan& wave = drops_.drop(order.drop_id).plan.waves[order.wave - 1U];
  if (wave.decision != WaveDecision::waiting_room) { return; }
  const auto turn = rooms_.turn(order.drop_id, order.wave, order.person_id, context.timestamp);
  if (turn != WaitingRooms::Turn::may_buy) { return; }  // The room is closed.
  rooms_.use(order.drop_id, order.wave, order.person_id, context);
}

PlaceOrderResult Sale::limit_refusal(const AccountKey& right) const noexcept {
  using enum PlaceOrderStatus;
  const HolderKind kind = right.holder.kind();
  // At most kPerPersonLimitMax: it fits.
  return {.status = kind == HolderKind::household ? household_limit
                    : kind == HolderKind::address ? address_limit
                                                  : purchase_limit,
          .owned = static_cast<std::int32_t>(ledger_.balance(right).available)};
}

ExcludeFromDropResult Sale::apply(const ExcludeFromDrop& command,
                                  const CommandContext& context) noexcept {
  using enum ExcludeFromDropStatus;
  const PersonId person = command.person_id;
  if (person.value < 1 || person.value > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  if (drops_.exclusions().has(command.drop_id, person)) { return {already_excluded}; }
  const Drop& drop = drops_.drop(command.drop_id);
  if (drop.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (context.timestamp >= drop.plan.opens_at) { return {drop_has_opened}; }
  if (drops_.exclusions().full(command.drop_id)) { return {drop_exclusions_full}; }

  // Past this line the command has succeeded.
  const DropExcluded entry{command.drop_id, person, command.reason};
  drops_.exclude(entry);
  context.facts->emit(entry);
  reservations_.exclude(command.drop_id, person, context);
  rooms_.exclude(command.drop_id, person, context);
  return {excluded};
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
  give_back(*order, context.timestamp);
  orders_.close(command.order_id, OrderState::cancelled, context.timestamp);
  drops_.count_order(order->drop_id, &OrderCounts::cancelled);
  context.facts->emit(OrderCancelled{command.order_id, order->drop_id});
  reservations_.order_ended(*order, context);
  if (may_use_code(*order)) { codes_.order_ended(command.order_id, context); }
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
  // The order is there, unchanged since outcome_of(), if it is paid now.
  const Order* const order = is_paid ? orders_.find(command.order_id) : nullptr;
  const Reservation* const reservation = is_paid ? reservations_.of_order(*order) : nullptr;
  const auto deposit =
      reservation == nullptr ? std::nullopt : reservations_.deposit_into_revenue(*reservation);
  std::array<Op, 3> ops = {TransferOp{.from = {Holder::payments(), money},
                                      .to = {holder_of(outcome), money},
                                      .amount = command.amount.minor}};
  std::size_t moves = 1;
  if (is_paid) {
    const Asset stock = Asset::stock(drops_.drop(order->drop_id).plan.sku_id);
    ops[moves++] = SettleOp{.hold_id = order->hold_id, .to = {Holder::sold(order->drop_id), stock}};
  }
  if (deposit) { ops[moves++] = *deposit; }
  const PostStatus posted = ledger_.post(std::span(ops).first(moves)).status;
  if (posted == PostStatus::overflow) { return {money_overflow}; }
  FB_ASSERT(posted == PostStatus::posted);  // There is room: headroom.hpp.

  // Past this line the command has succeeded.
  payments_.add(Payment{.id_hash = payment_hash(command.payment_id.view()),
                        .order_id = command.order_id,
                        .amount = command.amount,
                        .outcome = outcome});
  switch (outcome) {
    case PaymentOutcome::paid:
      close_paid(command, reservation, context);
      return {paid, outcome};
    case PaymentOutcome::refund_due:
      context.facts->emit(RefundDue{command.order_id, command.payment_id, command.amount});
      return {refund_due, outcome};
    case PaymentOutcome::unmatched:
    case PaymentOutcome::deposit:  // Not by this command.
    case PaymentOutcome::penalty:
      break;
  }
  context.facts->emit(PaymentUnmatched{command.order_id, command.payment_id, command.amount,
                                       why_unmatched(command)});
  return {unmatched, outcome};
}

void Sale::close_paid(const ConfirmPayment& command, const Reservation* reservation,
                      const CommandContext& context) noexcept {
  const Order& order = *orders_.find(command.order_id);
  const DropId drop_id = order.drop_id;
  const bool with_code = may_use_code(order);
  orders_.close(command.order_id, OrderState::paid, context.timestamp);
  drops_.count_order(drop_id, &OrderCounts::paid);
  context.facts->emit(OrderPaid{command.order_id, drop_id, command.payment_id, command.amount});
  if (reservation != nullptr) { reservations_.bought(*reservation, context); }
  if (with_code) { codes_.order_paid(command.order_id, context); }
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
  give_back(*order, context.timestamp);
  orders_.close(id, OrderState::expired, context.timestamp);
  drops_.count_order(order->drop_id, &OrderCounts::expired);
  context.facts->emit(OrderExpired{id, order->drop_id});
  reservations_.order_ended(*order, context);
  if (may_use_code(*order)) { codes_.order_ended(id, context); }
}

void Sale::archive_due(OrderId id, const CommandContext& context) noexcept {
  const Order* const order = orders_.find(id);
  if (order == nullptr) { return; }
  // It changed once more, and has a later deadline for it.
  if (context.timestamp < order->closed_at + kOrderRetention) { return; }
  if (order->state == OrderState::paid) {
    // As long as a unit may come back on sale. A winner may have paid before the drop opened.
    const Timestamp opens_at = drops_.drop(order->drop_id).plan.opens_at;
    if (drops_.may_sell(order->drop_id) || context.timestamp < opens_at + kOrderRetention) {
      return orders_.keep(id, context.timestamp);
    }
    post_back(nullptr, *order, units_kept(*order));
    buyer_keys_.end(id);
  }
  orders_.archive(id);
  context.facts->emit(OrderArchived{id});
}

bool Sale::may_use_code(const Order& order) const noexcept {
  const auto& waves = drops_.drop(order.drop_id).plan.waves;
  return waves[order.wave - 1U].audience == WaveAudience::code_holders;
}

void Sale::give_back(const Order& order, Timestamp now) noexcept {
  const Op release = ReleaseOp{.hold_id = order.hold_id};
  post_back(&release, order, order.quantity);
  buyer_keys_.end(order.order_id);
  drops_.units_came_back(order.drop_id, order.wave, now);
}

void Sale::post_back(const Op* first, const Order& order, std::int32_t units) noexcept {
  std::array<Op, 2 + kFurtherRightsMax> ops;
  std::size_t size = 0;
  if (first != nullptr) { ops[size++] = *first; }
  ops[size++] = right_back(right_of(order.person_id, order.drop_id), units);
  for (const auto& further : further_rights(order)) {
    ops[size++] = right_back(further.account, units);
  }
  const PostStatus posted = ledger_.post(std::span(ops).first(size)).status;
  // A pending order's hold is live; who has a pending or paid order has the rights.
  FB_ASSERT(posted == PostStatus::posted);
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
  payments_.check_invariants(ledger_, reservations_.money());
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
  struct Owned {
    AccountKey account{};
    std::int64_t units = 0;
    std::int64_t limit = 0;
  };
  std::vector<Owned> owned;
  std::size_t with_keys = 0;
  orders_.for_each([&](const Order& order) {
    const bool has_keys = !buyer_keys_.of(order.order_id).none();
    with_keys += has_keys ? 1 : 0;
    if (order.state != OrderState::pending_payment && order.state != OrderState::paid) {
      FB_ASSERT(!has_keys);
      return;
    }
    const std::int32_t units = units_kept(order);
    owned.push_back({right_of(order.person_id, order.drop_id), units,
                     drops_.drop(order.drop_id).plan.per_person_limit});
    for (const auto& [account, limit] : further_rights(order)) {
      owned.push_back({account, units, limit});
    }
  });
  FB_ASSERT(with_keys == buyer_keys_.orders());
  std::ranges::sort(owned, {}, &Owned::account);
  std::uint64_t owners = 0;
  for (std::size_t i = 0; i < owned.size(); ++owners) {
    const Owned first = owned[i];
    std::int64_t sum = 0;
    for (; i < owned.size() && owned[i].account == first.account; ++i) { sum += owned[i].units; }
    FB_ASSERT(ledger_.balance(first.account) == (Balance{.available = sum}));
    FB_ASSERT(sum <= first.limit);
  }
  // Each owner has an account, so that as many accounts are those of owners alone.
  std::uint64_t accounts = 0;
  ledger_.for_each_account([&](const Account& account) {
    const AssetKind kind = account.key.asset.kind();
    const bool is_right = kind == AssetKind::right || kind == AssetKind::wave_right;
    if (is_right && account.key.holder.kind() != HolderKind::rights_source) { ++accounts; }
  });
  FB_ASSERT(accounts == owners);
}

}  // namespace firebrand
