#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/launch/payments.hpp"
#include "edge/payments/payment_providers.hpp"
#include "edge/payments/refund_queue.hpp"

namespace firebrand {

/// What the desk needs of the parts around it; called on its thread.
struct PaymentDeskOutside {
  std::function<Timestamp()> now;  ///< The wall clock.
  /// Refunds of the provider's payments whose end the records do not know, oldest first; none: they
  /// cannot be read now.
  std::function<std::optional<std::vector<RefundAsked>>(PaymentProvider)> asked;
  /// A refund has its end. It may come to nothing: then it is said again later.
  std::function<void(const RefundWanted&, RefundState)> ended;
};

struct PaymentDeskStats {
  std::atomic<std::uint64_t> payments{0};         ///< Made by a provider.
  std::atomic<std::uint64_t> payments_failed{0};  ///< Calls that made none.
  std::atomic<std::uint64_t> refund_calls{0};
  std::atomic<std::uint64_t> refunds_ended{0};
};

/// Asks payment providers: at once for payments that buyers want to make, and until they have their
/// end for refunds. At least once, under an id that the provider knows again. See docs/payments.md.
///
/// One thread steps it: calls wait for the network, not for each other.
class PaymentDesk {
 public:
  static constexpr Millis kWaitMax{1'000};
  /// To each provider: one that hangs takes no room from the others.
  static constexpr std::size_t kRefundCallsMax = 8;
  static constexpr std::size_t kPaymentCallsMax = 512;
  /// A payment that was made is answered with again for so long; its provider knows it longer.
  static constexpr Millis kOfferKept{60'000};

  using PaymentMade = std::function<void(const PaymentReply&)>;

  PaymentDesk(PaymentProviders providers, OutgoingOptions outgoing, PaymentDeskOutside outside);
  ~PaymentDesk();
  PaymentDesk(const PaymentDesk&) = delete;
  PaymentDesk& operator=(const PaymentDesk&) = delete;

  /// One round: takes what was asked, sends, waits for answers.
  void step();

  // Any thread.
  /// Ends a wait of step().
  void wake() noexcept;
  [[nodiscard]] const PaymentProviders& providers() const;
  /// Makes a payment, once for its number; `then` runs on the desk's thread.
  /// @return false if too many wait: `then` never runs.
  [[nodiscard]] bool make_payment(PaymentProvider, PaymentWanted, PaymentMade then);
  [[nodiscard]] std::optional<RefundProgress> progress(std::string_view refund_id) const;
  [[nodiscard]] const PaymentDeskStats& stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firebrand
