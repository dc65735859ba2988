#include "sim/model_reservations.hpp"

#include <algorithm>

namespace firebrand {

namespace {

constexpr std::size_t kStep = 300;

ModelDeadline step(Timestamp at, std::uint64_t drop, AudienceStep what) {
  return {at, DeadlineKind::audience_step, drop * 8 + static_cast<std::uint64_t>(what), 0};
}

/// Up to a step of ids, from `next` (none: from the newest) downwards; `next` moves on.
std::vector<std::uint64_t> take_step(const std::vector<std::uint64_t>& ids,
                                     std::optional<std::uint64_t>& next) {
  std::vector<std::uint64_t> taken;
  auto end = next ? std::upper_bound(ids.begin(), ids.end(), *next) : ids.end();
  while (end != ids.begin() && taken.size() < kStep) { taken.push_back(*--end); }
  next.reset();
  if (end != ids.begin()) { next = *std::prev(end); }
  return taken;
}

}  // namespace

const ModelBook* ModelReservations::book(DropId id) const {
  const auto found = books_.find(id.value);
  return found == books_.end() ? nullptr : &found->second;
}

Reservation* ModelReservations::find(DropId drop, PersonId person) {
  const auto found = by_person_.find({drop.value, person.value});
  return found == by_person_.end() ? nullptr : &entries_.at(found->second);
}

std::int64_t ModelReservations::taken(const ModelBook& book) const {
  return std::ranges::count_if(book.ids, [&](std::uint64_t id) {
    const ReservationState state = entries_.at(id).state;
    return state == ReservationState::pending_deposit || state == ReservationState::reserved ||
           state == ReservationState::ordered || state == ReservationState::used;
  });
}

void ModelReservations::end(Reservation& entry, ReservationState state,
                            const ModelContext& context) {
  const ModelBook& book = books_.at(entry.drop_id.value);
  const Currency currency = book.deposit.currency;
  Money kept{0, currency};
  Money owed{0, currency};
  if (entry.state != ReservationState::pending_deposit && book.deposit.minor > 0) {
    ModelDepositMoney& money = money_[currency];
    const std::int64_t deposit = book.deposit.minor;
    const bool binding = book.terms.deposit_kind == DepositKind::binding;
    money.waiting -= deposit;
    if (binding && state != ReservationState::returned) {
      kept.minor = deposit;
    } else {
      owed.minor = binding ? 2 * deposit : deposit;
    }
    money.forfeits += kept.minor;
    money.owed_back += owed.minor;
    if (owed.minor > deposit) { money.penalties += deposit; }
  }
  entry.state = state;
  context.emit(
      ReservationEnded{entry.reservation_id, entry.drop_id, entry.person_id, state, kept, owed});
  if (owed.minor == 0) { return; }
  const ReservationId id = entry.reservation_id;
  owe(id, paid_by_.at(id.value), {}, book.deposit, PaymentOutcome::deposit, context);
  if (owed.minor > book.deposit.minor) {
    const std::string penalty = "penalty:rsv_" + std::to_string(id.value);
    owe(id, penalty, penalty, book.deposit, PaymentOutcome::penalty, context);
  }
}

void ModelReservations::owe(ReservationId id, const std::string& payment, const std::string& told,
                            Money amount, PaymentOutcome outcome, const ModelContext& context) {
  ConfirmPayment command{.payment_id = std::string_view(payment), .amount = amount};
  if (!context.payments.try_emplace(payment, ModelPayment{command, outcome}).second) { return; }
  context.emit(DepositOwed{id, std::string_view(told), amount});
}

OpenReservationsResult ModelReservations::apply(const OpenReservations& command, ModelDrops& drops,
                                                const ModelShop& shop,
                                                const ModelContext& context) {
  using enum OpenReservationsStatus;
  if (!(command.opens_at < command.closes_at && command.closes_at <= command.balance_due_at)) {
    return {reservation_times_out_of_order};
  }
  if (command.cap < 1 || command.cap > kReservationCapMax) {
    return {reservation_cap_out_of_range};
  }
  const bool fits = command.deposit_kind == DepositKind::none ? command.deposit_minor == 0
                                                              : command.deposit_minor > 0;
  if (!fits) { return {deposit_kind_without_amount}; }
  for (const std::int32_t seconds :
       {command.deposit_window_seconds, command.balance_window_seconds}) {
    if (seconds < 1 || seconds > kPaymentWindowSecondsMax) { return {payment_window_out_of_range}; }
  }
  if (command.reminder_seconds < 0 || command.reminder_seconds > kReminderSecondsMax) {
    return {reminder_out_of_range};
  }
  if (const ModelBook* const known = book(command.drop_id)) {
    return {known->terms == command ? exists : exists_with_different_fields};
  }
  const ModelDrop* const drop = drops.find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (command.balance_due_at <= drop->plan.opens_at) { return {balance_due_before_opening}; }
  const std::int64_t price = *shop.price(drop->plan.sku_id, drop->plan.currency);
  if (command.deposit_minor >= price) { return {deposit_not_below_price}; }
  // A fifth of the price.
  if (command.policy == DepositPolicy::cn && command.deposit_kind == DepositKind::binding &&
      command.deposit_minor * 5 > price) {
    return {deposit_too_high};
  }

  const Money deposit{command.deposit_minor, drop->plan.currency};
  books_[command.drop_id.value] = {.terms = command, .deposit = deposit};
  if (command.reminder_seconds != 0) {
    context.deadlines.insert(
        step(drop->plan.opens_at - Millis{std::int64_t{command.reminder_seconds} * 1'000},
             command.drop_id.value, AudienceStep::remind));
  }
  context.deadlines.insert(
      step(command.balance_due_at, command.drop_id.value, AudienceStep::settle));
  context.emit(ReservationsOpened{command.drop_id, command.opens_at, command.closes_at, command.cap,
                                  command.deposit_kind, deposit, command.balance_due_at});
  return {opened};
}

ReserveResult ModelReservations::apply(const Reserve& command, ModelDrops& drops,
                                       const ModelContext& context) {
  using enum ReserveStatus;
  const std::uint64_t person = command.person_id.value;
  if (person == 0 || person > static_cast<std::uint64_t>(kPersonIdMax)) {
    return {person_out_of_range};
  }
  const ModelDrop* const drop = drops.find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  const auto found = books_.find(command.drop_id.value);
  if (found == books_.end()) { return {reservations_not_offered}; }
  ModelBook& book = found->second;
  Reservation* mine = find(command.drop_id, command.person_id);
  const bool overdue = mine != nullptr && mine->state == ReservationState::pending_deposit &&
                       mine->deposit_due_at <= context.now;
  if (mine != nullptr && !overdue && mine->state <= ReservationState::used) {
    return {exists, mine->reservation_id, mine->state, book.deposit, mine->deposit_due_at};
  }
  if (drop->cancelled()) { return {drop_cancelled}; }
  if (context.now < book.terms.opens_at) { return {reservations_not_open}; }
  if (context.now >= book.terms.closes_at) { return {reservations_closed}; }
  if (taken(book) - (overdue ? 1 : 0) >= book.terms.cap) { return {reservations_full}; }
  if (drop->excluded.contains(person)) { return {excluded_from_drop}; }

  if (overdue) { end(*mine, ReservationState::lapsed, context); }
  if (mine == nullptr) {
    const std::uint64_t id = ++made_;
    mine = &entries_[id];
    *mine = {.reservation_id = {id},
             .drop_id = command.drop_id,
             .person_id = command.person_id,
             .previous = {book.ids.empty() ? 0 : book.ids.back()}};
    by_person_[{command.drop_id.value, person}] = id;
    book.ids.push_back(id);
  }
  mine->reserved_at = context.now;
  const bool free = book.terms.deposit_kind == DepositKind::none;
  mine->deposit_due_at =
      free ? Timestamp{}
           : context.now + Millis{std::int64_t{book.terms.deposit_window_seconds} * 1'000};
  mine->state = free ? ReservationState::reserved : ReservationState::pending_deposit;
  if (!free) {
    context.deadlines.insert(
        {mine->deposit_due_at, DeadlineKind::deposit_due, mine->reservation_id.value, 0});
  }
  context.emit(ReservationMade{mine->reservation_id, command.drop_id, command.person_id,
                               mine->state, book.deposit, mine->deposit_due_at});
  return {created, mine->reservation_id, mine->state, book.deposit, mine->deposit_due_at};
}

WithdrawReservationResult ModelReservations::apply(const WithdrawReservation& command,
                                                   ModelDrops& drops, const ModelContext& context) {
  using enum WithdrawReservationStatus;
  const ModelDrop* const drop = drops.find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  Reservation* const mine = find(command.drop_id, command.person_id);
  if (mine == nullptr) { return {reservation_not_found}; }
  if (mine->state == ReservationState::ordered) { return {reservation_ordered}; }
  if (mine->state == ReservationState::withdrawn) { return {already_withdrawn}; }
  const bool overdue =
      mine->state == ReservationState::pending_deposit && mine->deposit_due_at <= context.now;
  const bool running =
      mine->state == ReservationState::pending_deposit || mine->state == ReservationState::reserved;
  if (!running || overdue || drop->cancelled() ||
      context.now >= books_.at(command.drop_id.value).terms.balance_due_at) {
    return {reservation_ended};
  }
  end(*mine, ReservationState::withdrawn, context);
  return {withdrawn};
}

ConfirmDepositResult ModelReservations::apply(const ConfirmDeposit& command, ModelDrops& drops,
                                              const ModelContext& context) {
  using enum ConfirmDepositStatus;
  if (command.payment_id.empty()) { return {payment_id_must_not_be_empty}; }
  if (command.amount.minor < 1 || command.amount.minor > kAmountMax) {
    return {amount_must_be_positive};
  }
  if (command.amount.currency.is_none()) { return {currency_must_not_be_none}; }
  const std::string payment_id(command.payment_id.view());
  if (const auto known = payments_.find(payment_id); known != payments_.end()) {
    const ConfirmDeposit& first = known->second.command;
    if (first.reservation_id == command.reservation_id && first.amount == command.amount) {
      return {exists, known->second.outcome};
    }
    return {exists_with_different_fields};
  }
  const auto found = entries_.find(command.reservation_id.value);
  bool waits = found != entries_.end();
  if (waits) {
    const Reservation& named = found->second;
    const ModelBook& book = books_.at(named.drop_id.value);
    waits = named.state == ReservationState::pending_deposit && command.amount == book.deposit &&
            context.now < named.deposit_due_at && context.now < book.terms.balance_due_at &&
            !drops.find(named.drop_id)->cancelled();
  }
  const DepositOutcome outcome = waits ? DepositOutcome::reserved : DepositOutcome::refund_due;
  payments_[payment_id] = {command, outcome};
  ModelDepositMoney& money = money_[command.amount.currency];
  money.came += command.amount.minor;
  (waits ? money.waiting : money.owed_back) += command.amount.minor;
  if (!waits) {
    context.emit(DepositRefundDue{command.reservation_id, command.payment_id, command.amount});
    owe(command.reservation_id, payment_id, payment_id, command.amount, PaymentOutcome::deposit,
        context);
    return {refund_due, outcome};
  }
  Reservation& mine = found->second;
  mine.state = ReservationState::reserved;
  paid_by_[mine.reservation_id.value] = payment_id;
  context.emit(DepositPaid{mine.reservation_id, mine.drop_id, command.payment_id, command.amount});
  return {reserved, outcome};
}

void ModelReservations::drop_cancelled(DropId drop, const ModelContext& context) {
  if (book(drop) == nullptr) { return; }
  context.deadlines.insert(step(context.now, drop.value, AudienceStep::settle));
}

void ModelReservations::deposit_due(std::uint64_t number, const ModelContext& context) {
  const auto found = entries_.find(number);
  if (found == entries_.end()) { return; }
  Reservation& mine = found->second;
  if (mine.state != ReservationState::pending_deposit || mine.deposit_due_at > context.now) {
    return;
  }
  end(mine, ReservationState::lapsed, context);
}

void ModelReservations::step_due(std::uint64_t deadline_id, ModelDrops& drops,
                                 const ModelRooms& rooms, const ModelContext& context) {
  const std::uint64_t number = deadline_id / 8;
  const auto what = static_cast<AudienceStep>(deadline_id % 8);
  const auto found = books_.find(number);
  if (found == books_.end()) { return; }
  ModelBook& book = found->second;
  const ModelDrop& drop = *drops.find(DropId{number});
  const Timestamp next_step = context.now + Millis{1};
  if (what == AudienceStep::remind) {
    if (drop.cancelled()) { return; }
    for (const std::uint64_t id : take_step(book.ids, book.remind_next)) {
      const Reservation& mine = entries_.at(id);
      if (mine.state != ReservationState::reserved) { continue; }
      context.emit(ReservationReminderDue{mine.reservation_id, mine.drop_id, mine.person_id,
                                          drop.plan.opens_at});
    }
    if (book.remind_next) { context.deadlines.insert(step(next_step, number, what)); }
  } else if (what == AudienceStep::settle) {
    settle(number, drop, rooms, book, context);
  } else if (what == AudienceStep::leave) {
    const std::vector<std::uint64_t> leaving = take_step(book.ids, book.leave_next);
    for (const std::uint64_t id : leaving) {
      by_person_.erase({number, entries_.at(id).person_id.value});
      entries_.erase(id);
      ++left_;
    }
    book.ids.resize(book.ids.size() - leaving.size());
    if (book.leave_next) { context.deadlines.insert(step(next_step, number, what)); }
  }
}

void ModelReservations::settle(std::uint64_t number, const ModelDrop& drop, const ModelRooms& rooms,
                               ModelBook& book, const ModelContext& context) {
  if (book.settling == Settling::done) { return; }
  if (book.settling == Settling::not_begun) {
    book.settling = Settling::running;
    bool could_buy = false;
    for (std::size_t i = 0; i < drop.waves.size(); ++i) {
      const bool theirs = drop.plan.waves[i].audience == WaveAudience::everyone ||
                          drop.plan.waves[i].audience == WaveAudience::reservation_holders;
      const bool drawn = drop.plan.waves[i].decision == WaveDecision::draw;
      const bool roomless =
          drop.plan.waves[i].decision == WaveDecision::waiting_room &&
          rooms.find(DropId{number}, static_cast<std::uint16_t>(i + 1)) == nullptr;
      const WavePlan& plan = drop.plan.waves[i];
      const bool asks = !plan.group.empty() || !plan.region.empty() || !plan.channel.empty() ||
                        plan.members_before != Timestamp{} || plan.risk_max < 100;
      const bool on_sale = drop.on_sale(static_cast<std::uint16_t>(i + 1)) > 0;
      could_buy = could_buy || (theirs && !drawn && !roomless && !asks && on_sale);
    }
    const bool sells = !drop.cancelled() && !drop.paused && context.now >= drop.plan.opens_at;
    book.seller_defaults = !(sells && could_buy);
  }
  for (const std::uint64_t id : take_step(book.ids, book.settle_next)) {
    Reservation& mine = entries_.at(id);
    if (mine.state == ReservationState::pending_deposit) {
      end(mine, ReservationState::lapsed, context);
    } else if (mine.state == ReservationState::reserved) {
      end(mine, book.seller_defaults ? ReservationState::returned : ReservationState::defaulted,
          context);
    }
  }
  if (book.settle_next) {
    context.deadlines.insert(step(context.now + Millis{1}, number, AudienceStep::settle));
  } else {
    book.settling = Settling::done;
    context.deadlines.insert(step(context.now + kOrderRetention, number, AudienceStep::leave));
  }
}

FindReservationResult ModelReservations::answer(const FindReservation& query,
                                                const ModelDrops& drops) const {
  using enum FindReservationStatus;
  if (query.drop_id.value < 1 || query.drop_id.value > drops.all().size()) {
    return {drop_not_found};
  }
  const auto mine = by_person_.find({query.drop_id.value, query.person_id.value});
  if (mine == by_person_.end()) { return {reservation_not_found}; }
  return {found, entries_.at(mine->second), books_.at(query.drop_id.value).deposit};
}

const Reservation* ModelReservations::usable(DropId drop, PersonId person, Timestamp now) const {
  const ModelBook* const found = book(drop);
  if (found == nullptr || found->terms.balance_due_at <= now) { return nullptr; }
  const auto mine = by_person_.find({drop.value, person.value});
  if (mine == by_person_.end()) { return nullptr; }
  const Reservation& entry = entries_.at(mine->second);
  return entry.state == ReservationState::reserved ? &entry : nullptr;
}

void ModelReservations::person_excluded(DropId drop, PersonId person, const ModelContext& context) {
  Reservation* const mine = find(drop, person);
  if (mine == nullptr) { return; }
  if (mine->state == ReservationState::reserved) {
    end(*mine, ReservationState::returned, context);
  } else if (mine->state == ReservationState::pending_deposit) {
    end(*mine, ReservationState::lapsed, context);
  }
}

void ModelReservations::take(std::uint64_t reservation, OrderId order) {
  entries_.at(reservation).order_id = order;
  entries_.at(reservation).state = ReservationState::ordered;
}

void ModelReservations::order_paid(const Order& order, const ModelContext& context) {
  Reservation* const mine = find(order.drop_id, order.person_id);
  if (mine == nullptr || mine->order_id != order.order_id) { return; }
  const Money deposit = books_.at(order.drop_id.value).deposit;
  money_[deposit.currency].waiting -= deposit.minor;
  money_[deposit.currency].revenue += deposit.minor;
  mine->state = ReservationState::used;
  context.emit(ReservationUsed{mine->reservation_id, mine->drop_id, order.order_id, deposit});
}

void ModelReservations::order_ended(const Order& order, const ModelDrops& drops,
                                    const ModelContext& context) {
  Reservation* const mine = find(order.drop_id, order.person_id);
  if (mine == nullptr || mine->order_id != order.order_id) { return; }
  mine->order_id = {};
  const ModelDrop& drop = drops.all()[order.drop_id.value - 1];
  if (drop.cancelled() || drop.excluded.contains(order.person_id.value)) {
    end(*mine, ReservationState::returned, context);
  } else if (std::min(context.now, order.expires_at) >=
             books_.at(order.drop_id.value).terms.balance_due_at) {
    end(*mine, ReservationState::defaulted, context);
  } else {
    mine->state = ReservationState::reserved;
  }
}

}  // namespace firebrand
