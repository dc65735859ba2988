#include "core/launch/payments.hpp"

#include <array>
#include <map>

#include "core/piece.hpp"

namespace firebrand {

namespace {

/// The digest is a sum: a refund must be told from the payment with its number.
enum class Part : std::uint8_t { refund = 1 };

std::uint64_t refund_hash(std::uint64_t number, const Refund& refund) {
  return hash_words(Part::refund, entry_hash(number, refund));
}

/// A payment of which nothing went back counts as its first four fields: a snapshot from before
/// there were others keeps its digest.
std::uint64_t payment_digest(std::uint64_t number, const Payment& payment) {
  constexpr std::size_t kFirstFields = 16 + 8 + 10 + 1;
  std::array<std::byte, encoded_size_max<Payment>()> bytes;
  std::size_t size = encode(payment, bytes.data());
  const bool untouched = payment.returned == 0 && payment.asked == 0 && payment.units_returned == 0;
  if (untouched) { size = kFirstFields; }
  return hash_words(number, hash_bytes(std::span(bytes).first(size)));
}

/// Where the money of a currency must stand.
struct Stands {
  std::int64_t came = 0;
  std::int64_t revenue = 0;
  std::int64_t refunds_due = 0;
  std::int64_t unmatched = 0;
  std::int64_t sent = 0;
  std::int64_t refunded = 0;
};

}  // namespace

Holder holder_of(PaymentOutcome outcome) {
  return outcome == PaymentOutcome::paid ? Holder::revenue() : due_holder_of(outcome);
}

Holder due_holder_of(PaymentOutcome outcome) {
  return outcome == PaymentOutcome::unmatched ? Holder::unmatched() : Holder::refunds_due();
}

std::uint64_t Payments::find(const Bytes<16>& hash) const noexcept {
  const auto slot = by_id_.find(payment_index_hash(hash),
                                [&](std::uint32_t i) { return payments_[i].id_hash == hash; });
  return slot ? std::uint64_t{*slot} + 1 : 0;
}

std::uint64_t Payments::paid_for(OrderId id) const noexcept {
  const auto slot =
      by_order_.find(hash_words(id), [&](std::uint32_t i) { return payments_[i].order_id == id; });
  return slot ? std::uint64_t{*slot} + 1 : 0;
}

std::uint64_t Payments::find_refund(std::string_view refund_id) const noexcept {
  const Bytes<16> hash = payment_hash(refund_id);
  const auto slot = refunds_by_id_.find(
      payment_index_hash(hash), [&](std::uint32_t i) { return refunds_[i].id_hash == hash; });
  return slot ? std::uint64_t{*slot} + 1 : 0;
}

std::int32_t Payments::units_returned(OrderId id) const noexcept {
  const std::uint64_t number = paid_for(id);
  return number == 0 ? 0 : payment(number).units_returned;
}

void Payments::add(const Payment& payment) noexcept {
  const auto slot = static_cast<std::uint32_t>(payments_.size());
  by_id_.insert(payment_index_hash(payment.id_hash), slot);
  if (payment.outcome == PaymentOutcome::paid) {
    by_order_.insert(hash_words(payment.order_id), slot);
  }
  payments_.push_back(payment);
  digest_.add(payment_digest(payments_.size(), payment));
}

void Payments::add(const Refund& refund) noexcept {
  refunds_by_id_.insert(payment_index_hash(refund.id_hash),
                        static_cast<std::uint32_t>(refunds_.size()));
  refunds_.push_back(refund);
  digest_.add(refund_hash(refunds_.size(), refund));
}

void Payments::change(std::uint64_t number, const Payment& to) noexcept {
  digest_.replace(payment_digest(number, payments_[number - 1]), payment_digest(number, to));
  payments_[number - 1] = to;
}

void Payments::change(std::uint64_t number, const Refund& to) noexcept {
  digest_.replace(refund_hash(number, refunds_[number - 1]), refund_hash(number, to));
  refunds_[number - 1] = to;
}

void Payments::check_invariants(const Ledger& ledger,
                                const std::map<Currency, DepositMoney>& deposits) const {
  Digest digest;
  std::map<Currency, Stands> stands;
  for (const auto& [currency, of] : deposits) {
    stands[currency] = {.came = of.came, .revenue = of.revenue, .refunds_due = of.refunds_due};
  }
  for (std::uint64_t i = 0; i < payments_.size(); ++i) {
    const Payment& payment = payments_[i];
    digest.add(payment_digest(i + 1, payment));
    FB_ASSERT(payment.asked >= 0 && payment.due() >= 0);
    FB_ASSERT(payment.returned >= 0 && payment.owed_back() <= payment.amount.minor);
    Stands& money = stands[payment.amount.currency];
    if (payment.outcome == PaymentOutcome::deposit || payment.outcome == PaymentOutcome::penalty) {
      money.refunds_due -= payment.asked;  // It is in there, as of deposits.
      continue;
    }
    money.came += payment.amount.minor;
    if (payment.outcome == PaymentOutcome::paid) {
      money.revenue += payment.amount.minor - payment.returned;
    }
    (payment.outcome == PaymentOutcome::unmatched ? money.unmatched : money.refunds_due) +=
        payment.due();
  }
  std::map<std::uint64_t, std::int64_t> asked;
  for (std::uint64_t i = 0; i < refunds_.size(); ++i) {
    const Refund& refund = refunds_[i];
    digest.add(refund_hash(i + 1, refund));
    FB_ASSERT(refund.payment >= 1 && refund.payment <= payments_.size());
    if (refund.state == RefundState::failed) { continue; }
    asked[refund.payment] += refund.minor;
    Stands& money = stands[payment(refund.payment).amount.currency];
    (refund.state == RefundState::done ? money.refunded : money.sent) += refund.minor;
  }
  FB_ASSERT(digest == digest_);
  for (std::uint64_t number = 1; number <= payments_.size(); ++number) {
    const auto sum = asked.find(number);
    FB_ASSERT(payment(number).asked == (sum == asked.end() ? 0 : sum->second));
  }
  for (const auto& [currency, money] : stands) {
    const Asset asset = Asset::money(currency);
    const auto has = [&](Holder holder) { return ledger.balance({holder, asset}).available; };
    FB_ASSERT(has(Holder::payments()) == -money.came);
    FB_ASSERT(has(Holder::revenue()) == money.revenue);
    FB_ASSERT(has(Holder::refunds_due()) == money.refunds_due);
    FB_ASSERT(has(Holder::unmatched()) == money.unmatched);
    FB_ASSERT(has(Holder::refunds_sent()) == money.sent);
    FB_ASSERT(has(Holder::refunded()) == money.refunded);
  }
}

void Payments::save(ByteSink& sink) const {
  put_u64(sink, payments_.size());
  for (std::uint64_t i = 0; i < payments_.size(); ++i) { save_entry(sink, payments_[i]); }
  put_u64(sink, refunds_.size());
  for (std::uint64_t i = 0; i < refunds_.size(); ++i) { save_entry(sink, refunds_[i]); }
}

bool Payments::load(ByteSource& source, std::uint16_t version) {
  *this = {};
  const auto take = [this](const Payment& payment) { add(payment); };
  if (!load_entries<Payment>(source, take, version)) { return false; }
  if (version < 2) { return true; }
  bool good = true;
  const bool read = load_entries<Refund>(source, [&](const Refund& refund) {
    good = good && refund.payment >= 1 && refund.payment <= payments_.size();
    add(refund);
  });
  return read && good;
}

}  // namespace firebrand
