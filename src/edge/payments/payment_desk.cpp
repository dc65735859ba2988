#include "edge/payments/payment_desk.hpp"

#include <sodium.h>

#include <mutex>
#include <utility>

#include "base/enum_name.hpp"

namespace firebrand {

struct PaymentDesk::State {
  /// Of which provider, and the number that it knows the payment by.
  using Name = std::pair<PaymentProvider, std::string>;

  struct Wish {
    PaymentProvider provider{};
    PaymentWanted wanted;
    PaymentMade then;
  };
  /// A payment that is being made or was: some 300 bytes, gone after kOfferKept.
  struct Offer {
    std::optional<PaymentReply> reply{};  ///< None: the call is under way.
    Timestamp until{};
    std::vector<PaymentMade> waiting{};
  };
  struct Call {
    PaymentProvider provider{};
    std::string payment{};  ///< Its number; empty: a refund.
    std::optional<RefundQueue::Attempt> refund{};
  };

  State(PaymentProviders the_providers, OutgoingOptions outgoing, PaymentDeskOutside the_outside)
      : providers(std::move(the_providers)), outside(std::move(the_outside)), calls(outgoing) {
    std::uint64_t seed = 0;
    randombytes_buf(&seed, sizeof seed);
    prng = Prng(seed);
  }

  const PaymentProviders providers;
  const PaymentDeskOutside outside;
  OutgoingCalls calls;
  Prng prng{0};
  PaymentDeskStats stats{};
  std::map<Name, Offer> offers{};
  std::map<PaymentProvider, RefundQueue> refunds{};
  std::map<std::uint64_t, Call> under_way{};
  std::uint64_t last_call = 0;
  std::map<PaymentProvider, std::size_t> refund_calls{};
  Timestamp looked_at{};
  bool changed = false;  ///< What show() shows.

  std::atomic<std::size_t> open_payments{0};  ///< Wishes without a reply.

  mutable std::mutex mutex{};
  std::vector<Wish> wishes{};                                     ///< Under the mutex.
  std::map<std::string, RefundProgress, std::less<>> progress{};  ///< Under the mutex.

  void start(Call call, const OutgoingRequest& request) {
    calls.start(++last_call, request);
    under_way.emplace(last_call, std::move(call));
  }

  // ---- Payments --------------------------------------------------------------------------------

  void take_wishes(Timestamp now) {
    std::vector<Wish> taken;
    {
      const std::lock_guard lock(mutex);
      taken.swap(wishes);
    }
    std::erase_if(offers, [now](const auto& entry) {
      return entry.second.reply && entry.second.until <= now;
    });
    for (Wish& wish : taken) {
      const Name name{wish.provider, wish.wanted.number};
      const auto [entry, is_new] = offers.try_emplace(name);
      if (entry->second.reply) {
        tell(wish.then, *entry->second.reply);
        continue;
      }
      entry->second.waiting.push_back(std::move(wish.then));
      if (!is_new) { continue; }
      const auto request = providers.payment(wish.provider, std::move(wish.wanted), now);
      if (request) {
        start({.provider = name.first, .payment = name.second}, *request);
      } else {
        answer(name, Unexpected(std::string("amount_not_taken")), now);
      }
    }
  }

  void tell(const PaymentMade& then, const PaymentReply& reply) {
    open_payments.fetch_sub(1);
    then(reply);
  }

  void answer(const Name& name, PaymentReply reply, Timestamp now) {
    (reply ? stats.payments : stats.payments_failed).fetch_add(1);
    Offer& offer = offers.at(name);
    for (const PaymentMade& then : std::exchange(offer.waiting, {})) { tell(then, reply); }
    // The next one who asks shall find the provider recovered.
    offer.until = reply ? now + kOfferKept : now;
    offer.reply = std::move(reply);
  }

  // ---- Refunds ---------------------------------------------------------------------------------

  void look_for_refunds(Timestamp now) {
    if (now < looked_at + kWaitMax && now >= looked_at) { return; }
    looked_at = now;
    changed = true;
    for (const PaymentProvider provider : providers.offered()) {
      auto asked = outside.asked(provider);
      if (!asked) { continue; }
      std::erase_if(*asked, [&](const RefundAsked& refund) {
        return !providers.takes(provider, refund.wanted.amount.currency);
      });
      refunds[provider].see(*asked, now);
    }
  }

  void start_refunds(Timestamp now) {
    for (const PaymentProvider provider : providers.offered()) { start_refunds(provider, now); }
  }

  void start_refunds(PaymentProvider provider, Timestamp now) {
    RefundQueue& queue = refunds[provider];
    std::size_t& open = refund_calls[provider];
    while (open < kRefundCallsMax) {
      auto attempt = queue.next(now);
      if (!attempt) { return; }
      const auto request = providers.refund(provider, attempt->wanted, attempt->look_up, now);
      if (!request) {
        const std::string id = attempt->wanted.refund_id;
        (void)queue.settle(id, {RefundStage::again, "amount_not_taken"}, now, prng);
        continue;
      }
      ++open;
      stats.refund_calls.fetch_add(1);
      start({.provider = provider, .payment = {}, .refund = std::move(attempt)}, *request);
    }
  }

  void settle(const Call& call, const OutgoingResult& result, Timestamp now) {
    --refund_calls[call.provider];
    changed = true;
    const auto& [wanted, look_up] = *call.refund;
    const RefundReply reply =
        result ? providers.read_refund(call.provider, wanted.refund_id, look_up, *result, now)
               : RefundReply{look_up ? RefundStage::look_up : RefundStage::again,
                             std::string(enum_name(result.error().code))};
    if (!refunds[call.provider].settle(wanted.refund_id, reply, now, prng)) { return; }
    stats.refunds_ended.fetch_add(1);
    outside.ended(wanted,
                  reply.stage == RefundStage::done ? RefundState::done : RefundState::failed);
  }

  void finish(const OutgoingCalls::Done& done) {
    const auto node = under_way.extract(done.id);
    const Call& call = node.mapped();
    const Timestamp now = outside.now();
    if (call.refund) { return settle(call, done.result, now); }
    answer({call.provider, call.payment},
           done.result ? providers.read_payment(call.provider, *done.result, now)
                       : Unexpected(std::string(enum_name(done.result.error().code))),
           now);
  }

  void show() {
    if (!std::exchange(changed, false)) { return; }
    std::map<std::string, RefundProgress, std::less<>> now_known;
    for (const auto& [provider, queue] : refunds) { now_known.merge(queue.progress()); }
    const std::lock_guard lock(mutex);
    progress.swap(now_known);
  }
};

PaymentDesk::PaymentDesk(PaymentProviders providers, OutgoingOptions outgoing,
                         PaymentDeskOutside outside)
    : state_(
          std::make_unique<State>(std::move(providers), std::move(outgoing), std::move(outside))) {}
PaymentDesk::~PaymentDesk() = default;

void PaymentDesk::step() {
  State& state = *state_;
  const Timestamp now = state.outside.now();
  state.take_wishes(now);
  state.look_for_refunds(now);
  state.start_refunds(now);
  for (const OutgoingCalls::Done& done : state.calls.step(kWaitMax)) { state.finish(done); }
  state.show();
}

void PaymentDesk::wake() noexcept { state_->calls.wake(); }

const PaymentProviders& PaymentDesk::providers() const { return state_->providers; }

bool PaymentDesk::make_payment(PaymentProvider provider, PaymentWanted wanted, PaymentMade then) {
  if (state_->open_payments.load() >= kPaymentCallsMax) { return false; }
  state_->open_payments.fetch_add(1);
  {
    const std::lock_guard lock(state_->mutex);
    state_->wishes.push_back({provider, std::move(wanted), std::move(then)});
  }
  wake();
  return true;
}

std::optional<RefundProgress> PaymentDesk::progress(std::string_view refund_id) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->progress.find(refund_id);
  if (found == state_->progress.end()) { return std::nullopt; }
  return found->second;
}

const PaymentDeskStats& PaymentDesk::stats() const { return state_->stats; }

}  // namespace firebrand
