#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "base/types.hpp"
#include "edge/protocols/answers.hpp"
#include "edge/protocols/requests.hpp"

namespace firebrand {

/// A refund that the core has asked for and whose end it does not know.
struct RefundAsked {
  RefundWanted wanted{};
  Timestamp asked_at{};
};

/// How far a refund is, for staff.
struct RefundProgress {
  std::uint32_t attempts = 0;  ///< Since the start of the server.
  std::string reason{};        ///< Of the last answer; empty: there is none.
  Timestamp next_at{};         ///< Of the next attempt.
};

/// Which refund is asked for next. No I/O and no clock. One thread.
///
/// A refund that is under way at the provider is asked for again as well, ever less often: the
/// provider knows it again and says how it stands, should its notice be lost.
///
/// Cost: some 300 bytes for each that waits; the caller bounds how many.
class RefundQueue {
 public:
  /// Before the second attempt, and at most; each is twice the one before, and drawn from 80 to
  /// 120 % of it.
  static constexpr Millis kWaitFirst{2'000};
  static constexpr Millis kWaitMax{std::chrono::hours{1}};
  /// What has its end is in the core by then, or is asked for once more.
  static constexpr Millis kSettling{30'000};
  /// Stripe keeps an id for a day: after most of it a refund is looked up first.
  static constexpr Millis kLookUpAfter{std::chrono::hours{20}};

  struct Attempt {
    RefundWanted wanted{};
    bool look_up = false;
  };

  /// All that wait for an end now. What is not among them has one.
  void see(const std::vector<RefundAsked>& asked, Timestamp now);
  /// The next to be asked for now, if any. It is in flight until settle().
  [[nodiscard]] std::optional<Attempt> next(Timestamp now);
  /// @return whether the answer is the end: done or failed.
  bool settle(std::string_view refund_id, const RefundReply& reply, Timestamp now, Prng& prng);

  [[nodiscard]] std::map<std::string, RefundProgress, std::less<>> progress() const;

 private:
  struct Item {
    RefundAsked refund;
    RefundProgress progress{};
    bool look_up = false;
    bool in_flight = false;
  };
  std::map<std::string, Item, std::less<>> items_;
};

}  // namespace firebrand
