#include "core/launch/reservations.hpp"

#include <array>

#include "core/facts.hpp"
#include "core/launch/payment_id.hpp"
#include "core/launch/reservation_facts.hpp"

namespace firebrand {

namespace {

bool is_window(std::int32_t seconds) { return seconds >= 1 && seconds <= kPaymentWindowSecondsMax; }

}  // namespace

OpenReservationsResult Reservations::apply(const OpenReservations& command,
                                           const CommandContext& context) noexcept {
  using enum OpenReservationsStatus;
  // Shape: no state is read.
  if (command.opens_at >= command.closes_at || command.closes_at > command.balance_due_at) {
    return {reservation_times_out_of_order};
  }
  if (command.cap < 1 || command.cap > kReservationCapMax) {
    return {reservation_cap_out_of_range};
  }
  const bool has_deposit = command.deposit_kind != DepositKind::none;
  if (command.deposit_minor < 0 || has_deposit != (command.deposit_minor > 0)) {
    return {deposit_kind_without_amount};
  }
  if (!is_window(command.deposit_window_seconds) || !is_window(command.balance_window_seconds)) {
    return {payment_window_out_of_range};
  }
  if (command.reminder_seconds < 0 || command.reminder_seconds > kReminderSecondsMax) {
    return {reminder_out_of_range};
  }

  // Replay.
  if (const ReservationBook* const known = book(command.drop_id)) {
    return {known->terms == command ? exists : exists_with_different_fields};
  }

  // State.
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  const Drop& drop = drops_.drop(command.drop_id);
  if (drop.phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (command.balance_due_at <= drop.plan.opens_at) { return {balance_due_before_opening}; }
  const auto price = catalogue_.price(drop.plan.sku_id, drop.plan.currency);
  FB_ASSERT(price.has_value());  // create_drop has seen it, and prices stay.
  if (command.deposit_minor >= price->minor) { return {deposit_not_below_price}; }
  // At most kPriceMinorMax: the products fit.
  const bool too_high = command.deposit_minor * 100 > price->minor * kBindingDepositPercentMax;
  if (command.policy == DepositPolicy::cn && command.deposit_kind == DepositKind::binding &&
      too_high) {
    return {deposit_too_high};
  }

  // Past this line the command has succeeded.
  remember(ReservationBook{.terms = command});
  const std::uint64_t drop_number = command.drop_id.value;
  if (command.reminder_seconds > 0) {
    schedule_.push(step_at(drop.plan.opens_at - std::chrono::seconds{command.reminder_seconds},
                           AudienceStep::remind, drop_number));
  }
  schedule_.push(step_at(command.balance_due_at, AudienceStep::settle, drop_number));
  drops_.touch(command.drop_id);
  context.facts->emit(ReservationsOpened{command.drop_id, command.opens_at, command.closes_at,
                                         command.cap, command.deposit_kind, deposit(books_.back()),
                                         command.balance_due_at});
  return {opened};
}

ReserveResult Reservations::apply(const Reserve& command, const CommandContext& context) noexcept {
  using enum ReserveStatus;
  if (command.person_id.value < 1 ||
      command.person_id.value > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  const ReservationBook* const book = mutable_book(command.drop_id);
  if (book == nullptr) { return {reservations_not_offered}; }

  // Replay. A place whose deposit is overdue is free, whether or not run_due has come to it.
  Reservation* const earlier = const_cast<Reservation*>(find(command.drop_id, command.person_id));
  const bool overdue = earlier != nullptr && earlier->state == ReservationState::pending_deposit &&
                       context.timestamp >= earlier->deposit_due_at;
  if (earlier != nullptr && takes_place(earlier->state) && !overdue) {
    return {exists, earlier->reservation_id, earlier->state, deposit(*book),
            earlier->deposit_due_at};
  }

  // State.
  if (drops_.drop(command.drop_id).phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (context.timestamp < book->terms.opens_at) { return {reservations_not_open}; }
  if (context.timestamp >= book->terms.closes_at) { return {reservations_closed}; }
  const std::int64_t others = book->counts.taken() - (overdue ? 1 : 0);
  if (others >= book->terms.cap || entries_.size() >= kReservationsMax) {
    return {reservations_full};
  }
  if (drops_.exclusions().has(command.drop_id, command.person_id)) { return {excluded_from_drop}; }

  // Past this line the command has succeeded.
  if (overdue) { end(*earlier, ReservationState::lapsed, context); }
  const bool asks_deposit = book->terms.deposit_kind != DepositKind::none;
  Reservation& made = take_place(command.drop_id, command.person_id, earlier);
  digest_.remove(hash_of(made));
  made.reserved_at = context.timestamp;
  made.deposit_due_at = {};
  if (asks_deposit) {
    made.deposit_due_at =
        context.timestamp + std::chrono::seconds{book->terms.deposit_window_seconds};
    schedule_.push({made.deposit_due_at, DeadlineKind::deposit_due, made.reservation_id.value});
  }
  digest_.add(hash_of(made));
  if (!asks_deposit) { become(made, ReservationState::reserved); }
  context.facts->emit(ReservationMade{made.reservation_id, command.drop_id, command.person_id,
                                      made.state, deposit(*book), made.deposit_due_at});
  return {created, made.reservation_id, made.state, deposit(*book), made.deposit_due_at};
}

WithdrawReservationResult Reservations::apply(const WithdrawReservation& command,
                                              const CommandContext& context) noexcept {
  using enum WithdrawReservationStatus;
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  Reservation* const mine = const_cast<Reservation*>(find(command.drop_id, command.person_id));
  if (mine == nullptr) { return {reservation_not_found}; }
  switch (mine->state) {
    case ReservationState::pending_deposit:
      if (context.timestamp >= mine->deposit_due_at) { return {reservation_ended}; }
      break;
    case ReservationState::reserved:
      break;
    case ReservationState::ordered:
      return {reservation_ordered};
    case ReservationState::withdrawn:
      return {already_withdrawn};
    case ReservationState::used:
    case ReservationState::lapsed:
    case ReservationState::defaulted:
    case ReservationState::returned:
      return {reservation_ended};
  }
  // What is about to be settled is settled as the terms say, not by who is quicker.
  const bool is_over = drops_.drop(command.drop_id).phase == DropPhase::cancelled ||
                       context.timestamp >= book(command.drop_id)->terms.balance_due_at;
  if (is_over) { return {reservation_ended}; }

  // Past this line the command succeeds.
  end(*mine, ReservationState::withdrawn, context);
  return {withdrawn};
}

ConfirmDepositResult Reservations::apply(const ConfirmDeposit& command,
                                         const CommandContext& context) noexcept {
  using enum ConfirmDepositStatus;
  // Shape.
  if (command.payment_id.empty()) { return {payment_id_must_not_be_empty}; }
  if (command.amount.minor < 1 || command.amount.minor > kAmountMax) {
    return {amount_must_be_positive};
  }
  if (command.amount.currency.is_none()) { return {currency_must_not_be_none}; }

  // Replay, by the provider's own id.
  const Bytes<16> id_hash = payment_hash(command.payment_id.view());
  if (const DepositPayment* const known = find_payment(id_hash)) {
    if (known->reservation_id != command.reservation_id || known->amount != command.amount) {
      return {exists_with_different_fields};
    }
    return {exists, known->outcome};
  }

  // State.
  if (payments_.size() >= kDepositPaymentsMax) { return {payments_full}; }
  Reservation* const found = entry(command.reservation_id);
  const bool fits = found != nullptr && waits_for(*found, command.amount, context.timestamp);
  const Asset money = Asset::money(command.amount.currency);
  const Holder to = fits ? Holder::deposits(found->drop_id) : Holder::refunds_due();
  const TransferOp money_in{
      .from = {Holder::payments(), money}, .to = {to, money}, .amount = command.amount.minor};
  // So far below the bound that the deposit finds room wherever it goes, twice.
  if (ledger_.balance(money_in.from).available < -kBalanceMax / 4) { return {money_overflow}; }
  const PostStatus posted = ledger_.post(money_in).status;
  if (posted == PostStatus::overflow) { return {money_overflow}; }
  FB_ASSERT(posted == PostStatus::posted);  // There is room: headroom.hpp.

  // Past this line the command has succeeded.
  const DepositOutcome outcome = fits ? DepositOutcome::reserved : DepositOutcome::refund_due;
  remember(DepositPayment{id_hash, command.reservation_id, command.amount, outcome});
  if (!fits) {
    context.facts->emit(
        DepositRefundDue{command.reservation_id, command.payment_id, command.amount});
    owe(command.reservation_id,
        {.id_hash = id_hash, .amount = command.amount, .outcome = PaymentOutcome::deposit},
        command.payment_id.view(), context);
    return {refund_due, outcome};
  }
  become(*found, ReservationState::reserved);
  context.facts->emit(
      DepositPaid{command.reservation_id, found->drop_id, command.payment_id, command.amount});
  return {reserved, outcome};
}

bool Reservations::waits_for(const Reservation& entry, Money paid, Timestamp now) const noexcept {
  const ReservationBook& terms = *book(entry.drop_id);
  return entry.state == ReservationState::pending_deposit && paid == deposit(terms) &&
         now < entry.deposit_due_at && now < terms.terms.balance_due_at &&
         drops_.drop(entry.drop_id).phase != DropPhase::cancelled;
}

CancelDropResult Reservations::apply(const CancelDrop& command,
                                     const CommandContext& context) noexcept {
  const CancelDropResult result = drops_.apply(command, context);
  if (result.status == CancelDropStatus::cancelled && book(command.drop_id) != nullptr) {
    schedule_.push(step_at(context.timestamp, AudienceStep::settle, command.drop_id.value));
  }
  return result;
}

const ReservationBook* Reservations::book(DropId id) const noexcept {
  return const_cast<Reservations*>(this)->mutable_book(id);
}

ReservationBook* Reservations::mutable_book(DropId id) noexcept {
  if (id.value >= book_of_.size() || book_of_[id.value] == 0) { return nullptr; }
  return &books_[book_of_[id.value] - 1];
}

Reservation* Reservations::entry(ReservationId id) noexcept {
  if (id.value < 1 || !entries_.resident(id.value - 1)) { return nullptr; }
  Reservation& found = entries_[id.value - 1];
  return found.reservation_id == id ? &found : nullptr;
}

const Reservation* Reservations::find(DropId drop_id, PersonId person_id) const noexcept {
  const auto slot = by_person_.find(hash_words(drop_id, person_id), [&](std::uint32_t i) {
    return entries_[i].drop_id == drop_id && entries_[i].person_id == person_id;
  });
  return slot ? &entries_[*slot] : nullptr;
}

Money Reservations::deposit(const ReservationBook& book) const noexcept {
  return {book.terms.deposit_minor, drops_.drop(book.terms.drop_id).plan.currency};
}

const Reservation* Reservations::usable(DropId drop_id, PersonId person_id,
                                        Timestamp now) const noexcept {
  const ReservationBook* const terms = book(drop_id);
  if (terms == nullptr || now >= terms->terms.balance_due_at) { return nullptr; }
  const Reservation* const mine = find(drop_id, person_id);
  return mine != nullptr && mine->state == ReservationState::reserved ? mine : nullptr;
}

const Reservation* Reservations::of_order(const Order& order) const noexcept {
  if (book(order.drop_id) == nullptr) { return nullptr; }
  const Reservation* const mine = find(order.drop_id, order.person_id);
  return mine != nullptr && mine->order_id == order.order_id ? mine : nullptr;
}

const DepositPayment* Reservations::find_payment(const Bytes<16>& id_hash) const noexcept {
  const auto slot = payments_by_id_.find(payment_index_hash(id_hash), [&](std::uint32_t i) {
    return payments_[i].id_hash == id_hash;
  });
  return slot ? &payments_[*slot] : nullptr;
}

}  // namespace firebrand
