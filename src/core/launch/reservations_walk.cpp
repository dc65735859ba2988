#include <algorithm>
#include <array>

#include "core/facts.hpp"
#include "core/launch/payment_id.hpp"
#include "core/launch/reservation_facts.hpp"
#include "core/launch/reservations.hpp"
#include "core/piece.hpp"

/// How reservations change and end, alone and all of a drop; what is saved of them.
namespace firebrand {

namespace {

/// The digest is a sum: what a part of the module adds must be told from what another part adds.
enum class Part : std::uint8_t { terms = 1, standing = 2, entry = 3, payment = 4 };

std::uint64_t standing_hash(const ReservationBook& book) {
  const ReservationCounts& counts = book.counts;
  const std::uint64_t taken =
      hash_words(counts.pending_deposit, counts.reserved, counts.ordered, counts.used);
  const std::uint64_t ended =
      hash_words(counts.withdrawn, counts.lapsed, counts.defaulted, counts.returned);
  const std::uint64_t walks = hash_words(book.settling, book.seller_defaults, book.remind_next,
                                         book.settle_next, book.leave_next);
  return hash_words(Part::standing, book.terms.drop_id, book.newest, taken, ended, walks);
}

std::uint64_t whole_hash(std::uint64_t number, const ReservationBook& book) {
  return hash_words(Part::terms, entry_hash(number, book.terms)) + standing_hash(book);
}

std::uint64_t payment_entry_hash(std::uint64_t number, const DepositPayment& payment) {
  return hash_words(Part::payment, entry_hash(number, payment));
}

}  // namespace

std::uint64_t Reservations::hash_of(const Reservation& entry) noexcept {
  const std::uint64_t who =
      hash_words(entry.reservation_id, entry.drop_id, entry.person_id, entry.previous);
  return hash_words(Part::entry, who, entry.order_id, entry.reserved_at, entry.deposit_due_at,
                    entry.state);
}

// ---- One reservation ---------------------------------------------------------------------------

void Reservations::become(Reservation& entry, ReservationState to) noexcept {
  FB_ASSERT(reservation_may_become(entry.state, to));
  ReservationBook& book = *mutable_book(entry.drop_id);
  const std::uint64_t before = hash_of(entry);
  const std::uint64_t book_before = standing_hash(book);
  --book.counts.of(entry.state);
  ++book.counts.of(to);
  entry.state = to;
  digest_.replace(before, hash_of(entry));
  digest_.replace(book_before, standing_hash(book));
  drops_.touch(entry.drop_id);
}

Reservation& Reservations::take_place(DropId drop_id, PersonId person_id,
                                      Reservation* earlier) noexcept {
  if (earlier != nullptr) {
    become(*earlier, ReservationState::pending_deposit);
    return *earlier;
  }
  ReservationBook& book = *mutable_book(drop_id);
  const std::uint64_t before = standing_hash(book);
  const ReservationId id{entries_.size() + 1};
  remember(Reservation{
      .reservation_id = id, .drop_id = drop_id, .person_id = person_id, .previous = book.newest});
  book.newest = id;
  ++book.counts.pending_deposit;
  digest_.replace(before, standing_hash(book));
  drops_.touch(drop_id);
  return entries_[id.value - 1];
}

void Reservations::move(const AccountKey& from, const AccountKey& to, std::int64_t minor) noexcept {
  const std::array<Op, 1> ops = {TransferOp{.from = from, .to = to, .amount = minor}};
  const PostStatus posted = ledger_.post(ops).status;
  // A paid deposit is in its drop's account; that there is room: headroom.hpp and confirm_deposit.
  FB_ASSERT(posted == PostStatus::posted);
}

void Reservations::end(Reservation& entry, ReservationState to,
                       const CommandContext& context) noexcept {
  const ReservationBook& terms = *book(entry.drop_id);
  const Money due = deposit(terms);
  const bool was_paid = entry.state != ReservationState::pending_deposit && due.minor > 0;
  const bool is_binding = terms.terms.deposit_kind == DepositKind::binding;
  const bool by_seller = to == ReservationState::returned;
  Money kept{0, due.currency};
  Money owed{0, due.currency};
  if (was_paid) {
    const Asset money = Asset::money(due.currency);
    const AccountKey from{Holder::deposits(entry.drop_id), money};
    const AccountKey refunds{Holder::refunds_due(), money};
    const bool is_lost = is_binding && !by_seller;
    move(from, is_lost ? AccountKey{Holder::forfeits(), money} : refunds, due.minor);
    (is_lost ? kept : owed).minor = due.minor;
    if (is_binding && by_seller) {
      move({Holder::penalties(), money}, refunds, due.minor);
      owed.minor += due.minor;
    }
  }
  become(entry, to);
  context.facts->emit(
      ReservationEnded{entry.reservation_id, entry.drop_id, entry.person_id, to, kept, owed});
  if (owed.minor == 0) { return; }
  FB_ASSERT(entry.paid_by != 0);
  owe(entry.reservation_id,
      {.id_hash = payments_[entry.paid_by - 1].id_hash,
       .amount = due,
       .outcome = PaymentOutcome::deposit},
      {}, context);
  if (owed.minor == due.minor) { return; }
  const auto id = penalty_id(entry.reservation_id);
  owe(entry.reservation_id,
      {.id_hash = payment_hash(id.view()), .amount = due, .outcome = PaymentOutcome::penalty},
      id.view(), context);
}

void Reservations::owe(ReservationId id, const Payment& owed, std::string_view payment_id,
                       const CommandContext& context) noexcept {
  if (context.rules_version < kRulesDepositsRefunded) { return; }
  // An id that came with an order's payment as well names that one.
  if (money_back_.full() || money_back_.find(owed.id_hash) != 0) { return; }
  money_back_.add(owed);
  context.facts->emit(DepositOwed{id, payment_id, owed.amount});
}

void Reservations::deposit_due(ReservationId id, const CommandContext& context) noexcept {
  Reservation* const found = entry(id);
  if (found == nullptr || found->state != ReservationState::pending_deposit) { return; }
  // Who reserved once more has more time.
  if (context.timestamp < found->deposit_due_at) { return; }
  end(*found, ReservationState::lapsed, context);
}

void Reservations::exclude(DropId id, PersonId person, const CommandContext& context) noexcept {
  Reservation* const mine = const_cast<Reservation*>(find(id, person));
  if (mine == nullptr) { return; }
  if (mine->state == ReservationState::pending_deposit) {
    end(*mine, ReservationState::lapsed, context);
  } else if (mine->state == ReservationState::reserved) {
    end(*mine, ReservationState::returned, context);
  }
}

// ---- For the sale ------------------------------------------------------------------------------

void Reservations::take(const Reservation& used, OrderId order_id) noexcept {
  Reservation& mine = *entry(used.reservation_id);
  const std::uint64_t before = hash_of(mine);
  mine.order_id = order_id;
  digest_.replace(before, hash_of(mine));
  become(mine, ReservationState::ordered);
}

std::optional<TransferOp> Reservations::deposit_into_revenue(
    const Reservation& used) const noexcept {
  const Money due = deposit(*book(used.drop_id));
  if (due.minor == 0) { return std::nullopt; }
  const Asset money = Asset::money(due.currency);
  return TransferOp{.from = {Holder::deposits(used.drop_id), money},
                    .to = {Holder::revenue(), money},
                    .amount = due.minor};
}

void Reservations::bought(const Reservation& used, const CommandContext& context) noexcept {
  Reservation& mine = *entry(used.reservation_id);
  become(mine, ReservationState::used);
  context.facts->emit(ReservationUsed{mine.reservation_id, mine.drop_id, mine.order_id,
                                      deposit(*book(mine.drop_id))});
}

void Reservations::order_ended(const Order& order, const CommandContext& context) noexcept {
  const Reservation* const used = of_order(order);
  if (used == nullptr) { return; }
  Reservation& mine = *entry(used->reservation_id);
  const std::uint64_t before = hash_of(mine);
  mine.order_id = {};
  digest_.replace(before, hash_of(mine));
  if (drops_.drop(mine.drop_id).phase == DropPhase::cancelled ||
      drops_.exclusions().has(mine.drop_id, mine.person_id)) {
    return end(mine, ReservationState::returned, context);
  }
  // Who was offered a unit and let it go, when no time was left to buy another; whenever run_due
  // comes to it.
  const Timestamp ended = std::min(context.timestamp, order.expires_at);
  if (ended >= book(mine.drop_id)->terms.balance_due_at) {
    return end(mine, ReservationState::defaulted, context);
  }
  become(mine, ReservationState::reserved);
}

// ---- All reservations of a drop ----------------------------------------------------------------

void Reservations::step_due(DropId id, AudienceStep step, const CommandContext& context) noexcept {
  ReservationBook* const found = mutable_book(id);
  if (found == nullptr) { return; }
  switch (step) {
    case AudienceStep::remind:
      return remind(id, *found, context);
    case AudienceStep::settle:
      return settle(id, *found, context);
    case AudienceStep::leave:
      return leave(id, *found, context);
    case AudienceStep::codes_leave:
      return;
  }
}

void Reservations::remind(DropId id, ReservationBook& book,
                          const CommandContext& context) noexcept {
  const Drop& drop = drops_.drop(id);
  if (drop.phase == DropPhase::cancelled) { return; }
  ReservationId next = book.remind_next.value == 0 ? book.newest : book.remind_next;
  for (int i = 0; i < kEntriesPerStep && next.value != 0; ++i) {
    const Reservation& mine = *entry(next);
    if (mine.state == ReservationState::reserved) {
      context.facts->emit(
          ReservationReminderDue{mine.reservation_id, id, mine.person_id, drop.plan.opens_at});
    }
    next = mine.previous;
  }
  const std::uint64_t before = standing_hash(book);
  book.remind_next = next;
  digest_.replace(before, standing_hash(book));
  if (next.value == 0) { return; }
  schedule_.push(step_at(context.timestamp + kStepPause, AudienceStep::remind, id.value));
}

bool Reservations::holders_can_buy(DropId id, Timestamp now) const noexcept {
  const Drop& drop = drops_.drop(id);
  if (drop.phase == DropPhase::cancelled || drop.pausing == Pausing::paused) { return false; }
  if (now < drop.plan.opens_at) { return false; }
  for (std::uint16_t wave = 1; wave <= drop.plan.waves.size(); ++wave) {
    // What is drawn cannot be bought, nor what has a waiting room that was never opened, nor what
    // is for those who wait; and who reserves was not asked what the wave asks.
    const WavePlan& plan = drop.plan.waves[wave - 1U];
    const bool has_no_room =
        plan.decision == WaveDecision::waiting_room && rooms_.find(id, wave) == nullptr;
    const bool is_theirs = plan.audience != WaveAudience::code_holders &&
                           plan.decision != WaveDecision::draw && !has_no_room &&
                           asks_nothing(plan);
    if (is_theirs && drop.is_released(wave) && drops_.on_sale(id, wave) > 0) { return true; }
  }
  return false;
}

void Reservations::settle(DropId id, ReservationBook& book,
                          const CommandContext& context) noexcept {
  if (book.settling == Settling::done) { return; }
  const std::uint64_t before = standing_hash(book);
  if (book.settling == Settling::not_begun) {
    // Asked once, so that all are treated alike however many steps it takes.
    book.settling = Settling::running;
    book.seller_defaults = !holders_can_buy(id, context.timestamp);
    book.settle_next = book.newest;
  }
  ReservationId next = book.settle_next;
  digest_.replace(before, standing_hash(book));
  for (int i = 0; i < kEntriesPerStep && next.value != 0; ++i) {
    Reservation& mine = *entry(next);
    next = mine.previous;
    if (mine.state == ReservationState::pending_deposit) {
      end(mine, ReservationState::lapsed, context);
    } else if (mine.state == ReservationState::reserved) {
      end(mine, book.seller_defaults ? ReservationState::returned : ReservationState::defaulted,
          context);
    }
  }
  const std::uint64_t between = standing_hash(book);
  book.settle_next = next;
  if (next.value == 0) { book.settling = Settling::done; }
  digest_.replace(between, standing_hash(book));
  schedule_.push(next.value == 0
                     ? step_at(context.timestamp + kOrderRetention, AudienceStep::leave, id.value)
                     : step_at(context.timestamp + kStepPause, AudienceStep::settle, id.value));
}

void Reservations::leave(DropId id, ReservationBook& book, const CommandContext& context) noexcept {
  const std::uint64_t before = standing_hash(book);
  ReservationId next = book.leave_next.value == 0 ? book.newest : book.leave_next;
  for (int i = 0; i < kEntriesPerStep && next.value != 0; ++i) {
    Reservation& mine = *entry(next);
    // Settling was a month ago; an order waits for a week at most.
    FB_ASSERT(!takes_place(mine.state) || mine.state == ReservationState::used);
    next = mine.previous;
    digest_.remove(hash_of(mine));
    const std::uint64_t slot = mine.reservation_id.value - 1;
    by_person_.erase(hash_words(mine.drop_id, mine.person_id), static_cast<std::uint32_t>(slot));
    mine.reservation_id = {};
    entries_.retire(slot);
  }
  book.leave_next = next;
  if (next.value == 0) { book.newest = {}; }
  digest_.replace(before, standing_hash(book));
  if (next.value == 0) { return; }
  schedule_.push(step_at(context.timestamp + kStepPause, AudienceStep::leave, id.value));
}

// ---- State -------------------------------------------------------------------------------------

void Reservations::remember(const ReservationBook& book) {
  books_.push_back(book);
  const std::uint64_t drop = book.terms.drop_id.value;
  if (drop >= book_of_.size()) { book_of_.resize(drop + 1); }
  book_of_[drop] = static_cast<std::uint32_t>(books_.size());
  digest_.add(whole_hash(books_.size(), book));
}

void Reservations::remember(const Reservation& entry) {
  by_person_.insert(hash_words(entry.drop_id, entry.person_id),
                    static_cast<std::uint32_t>(entries_.size()));
  entries_.push_back(entry);
  digest_.add(hash_of(entry));
}

void Reservations::remember(const DepositPayment& payment) noexcept {
  payments_by_id_.insert(payment_index_hash(payment.id_hash),
                         static_cast<std::uint32_t>(payments_.size()));
  payments_.push_back(payment);
  if (payment.outcome == DepositOutcome::reserved) {
    Reservation* const its = entry(payment.reservation_id);
    if (its != nullptr) { its->paid_by = static_cast<std::uint32_t>(payments_.size()); }
  }
  digest_.add(payment_entry_hash(payments_.size(), payment));
}

std::map<Currency, DepositMoney> Reservations::money() const {
  std::map<Currency, DepositMoney> money;
  for (std::uint64_t i = 0; i < payments_.size(); ++i) {
    money[payments_[i].amount.currency].came += payments_[i].amount.minor;
  }
  for (auto& [currency, of] : money) {
    const Asset asset = Asset::money(currency);
    // Penalties are a source, so below zero: they come on top.
    of.refunds_due = of.came - ledger_.balance({Holder::forfeits(), asset}).available -
                     ledger_.balance({Holder::penalties(), asset}).available;
  }
  for (const ReservationBook& book : books_) {
    const Money due = deposit(book);
    if (due.minor == 0) { continue; }
    DepositMoney& of = money[due.currency];
    of.revenue += book.counts.used * due.minor;
    of.refunds_due -= (book.counts.reserved + book.counts.ordered + book.counts.used) * due.minor;
  }
  return money;
}

void Reservations::check_invariants() const {
  Digest digest;
  for (std::uint64_t i = 0; i < payments_.size(); ++i) {
    digest.add(payment_entry_hash(i + 1, payments_[i]));
  }
  std::vector<ReservationCounts> counts(books_.size());
  for (std::uint64_t i = entries_.next_resident(0); i < entries_.size();
       i = entries_.next_resident(i + 1)) {
    const Reservation& entry = entries_[i];
    if (entry.reservation_id.value == 0) { continue; }
    digest.add(hash_of(entry));
    ++counts[book_of_[entry.drop_id.value] - 1].of(entry.state);
    const bool has_order =
        entry.state == ReservationState::ordered || entry.state == ReservationState::used;
    FB_ASSERT(has_order == (entry.order_id.value != 0));
  }
  for (std::size_t i = 0; i < books_.size(); ++i) {
    const ReservationBook& book = books_[i];
    digest.add(whole_hash(i + 1, book));
    const bool all_here = book.leave_next.value == 0 && book.newest.value != 0;
    if (all_here) { FB_ASSERT(counts[i] == book.counts); }
    FB_ASSERT(book.counts.taken() <= book.terms.cap);
    const Money due = deposit(book);
    const std::int64_t paid = (book.counts.reserved + book.counts.ordered) * due.minor;
    const AccountKey account{Holder::deposits(book.terms.drop_id), Asset::money(due.currency)};
    FB_ASSERT(ledger_.balance(account) == (Balance{.available = paid}));
  }
  FB_ASSERT(digest == digest_);
}

void Reservations::save(ByteSink& sink) const {
  save_entries(sink, books_);
  std::uint64_t here = 0;
  const auto for_each = [&](auto&& take) {
    for (std::uint64_t i = entries_.next_resident(0); i < entries_.size();
         i = entries_.next_resident(i + 1)) {
      if (entries_[i].reservation_id.value != 0) { take(entries_[i]); }
    }
  };
  for_each([&](const Reservation&) { ++here; });
  put_u64(sink, entries_.size());
  put_u64(sink, here);
  for_each([&](const Reservation& entry) { save_entry(sink, entry); });
  put_u64(sink, payments_.size());
  for (std::uint64_t i = 0; i < payments_.size(); ++i) { save_entry(sink, payments_[i]); }
}

bool Reservations::load(ByteSource& source) {
  books_.clear();
  book_of_.clear();
  entries_ = {};
  by_person_ = {};
  payments_ = {};
  payments_by_id_ = {};
  digest_ = {};
  bool is_known = true;
  const auto take_book = [&](const ReservationBook& book) {
    // A drop that is not there would make an array as long as its number.
    is_known =
        is_known && drops_.has(book.terms.drop_id) && this->book(book.terms.drop_id) == nullptr;
    if (is_known) { remember(book); }
  };
  if (!load_entries<ReservationBook>(source, take_book) || !is_known) { return false; }
  std::uint64_t size = 0;
  std::uint64_t here = 0;
  if (!get_u64(source, size) || !get_u64(source, here)) { return false; }
  if (here > size || size > kReservationsMax) { return false; }
  Reservation entry;
  for (std::uint64_t i = 0; i < here; ++i) {
    if (!load_entry(source, entry)) { return false; }
    const std::uint64_t number = entry.reservation_id.value;
    if (number <= entries_.size() || number > size || book(entry.drop_id) == nullptr) {
      return false;
    }
    entries_.skip_to(number - 1);
    remember(entry);
  }
  entries_.skip_to(size);
  return load_entries<DepositPayment>(source,
                                      [this](const DepositPayment& paid) { remember(paid); });
}

}  // namespace firebrand
