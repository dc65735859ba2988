#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "edge/crowd/crowd_driver.hpp"

namespace firebrand {

/// What some fans have beside an order.
struct OwnClaims {
  std::optional<ReservationView> reservation{};
  bool has_paid_deposit = false;
  bool has_withdrawn = false;
  std::string place_token{};
  std::string place{};                    ///< Its number; empty: none.
  std::chrono::microseconds heard_at{0};  ///< The newest question about it that was answered.
  Millis asked_again_max{0};              ///< The longest that it was told to stay away for.
  bool has_left_room = false;
  std::string entrant{};  ///< In the draw; empty: none.
  bool has_left_draw = false;
  std::string listed{};  ///< Number of the place in the waitlist; empty: none.
  std::string prize{};   ///< The order that was won, or came by the waitlist; empty: none.

  /// The place cannot have lapsed: a room keeps one for at least four times as long as it tells its
  /// fan to stay away; where that is the shortest it ever tells, only a second is sure.
  [[nodiscard]] bool kept_up(std::chrono::microseconds now) const {
    constexpr Millis kLeast{1'000};
    const Millis may_be_away = asked_again_max > kLeast ? 3 * asked_again_max : kLeast;
    return now - heard_at < may_be_away;
  }
};

/// "crowd-<run>-<fan>-<key>": an Idempotency-Key of a fan.
[[nodiscard]] std::string crowd_key(const CrowdRun& run, std::uint32_t fan, std::uint8_t key);

/// Writes the requests about claims, takes what comes back, and notes both: the part of the driver
/// that knows reservations, waiting rooms, draws and waitlists.
class ClaimDesk {
 public:
  /// Whose request or answer it is, and when.
  struct Asking {
    std::uint32_t fan = 0;
    std::string_view token;
    std::chrono::microseconds now{0};       ///< Since the start.
    std::chrono::microseconds asked_at{0};  ///< Of an answer: when its request was sent.
    Timestamp server_now{};
    /// Fans wait no longer than this for what is not decided.
    std::chrono::microseconds patience_until{0};
    Millis spread{0};  ///< So that those who wait for one moment do not all come at it.
  };

  ClaimDesk(const CrowdRun& run, CrowdJournal& journal, CrowdReport& report)
      : run_(run), journal_(journal), report_(report) {}

  /// Whether the act is one of these.
  [[nodiscard]] static bool has(FanAct act);
  /// REQUIRES: has(act).
  void write(FanRequest& request, FanAct act, const Asking& who, const OwnClaims& claims);
  /// @return nothing if the body is not the act's answer. REQUIRES: has(act).
  [[nodiscard]] std::optional<FanAnswer> read(AnswerReader& reader, FanAct act,
                                              std::string_view body, const Asking& who,
                                              OwnClaims& claims);
  /// A refusal, as far as it says something about a claim.
  void refused(FanAct act, std::string_view code, const Asking& who, const OwnClaims& claims);

 private:
  void note(CrowdClaimKind kind, const Asking& who, const std::string& id,
            std::string_view text = {});
  FanAnswer take_reservation(const ReservationView& mine, const Asking& who, OwnClaims& claims);
  FanAnswer take_deposit(const DepositView& deposit, const Asking& who, OwnClaims& claims);
  FanAnswer take_withdrawn(const ReservationView& mine, const Asking& who, OwnClaims& claims);
  FanAnswer take_ticket(PlaceTicketView ticket, const Asking& who, OwnClaims& claims);
  FanAnswer take_place(const PlaceStandView& stand, const Asking& who, OwnClaims& claims);
  FanAnswer take_left_room(const Asking& who, OwnClaims& claims);
  FanAnswer take_entry(const ReceiptView& receipt, const Asking& who, OwnClaims& claims);
  FanAnswer take_left_draw(const ReceiptView& receipt, const Asking& who, OwnClaims& claims);
  FanAnswer take_draw(const DrawPageView& draw, const Asking& who);
  FanAnswer take_listed(const WaitlistPlaceView& place, const Asking& who, OwnClaims& claims);
  FanAnswer take_listing(const WaitlistPlaceView& place, const Asking& who, OwnClaims& claims);
  FanAnswer take_unlisted(const WaitlistPlaceView& place, const Asking& who);
  FanAnswer take_receipt(const ReceiptView& receipt, const Asking& who, OwnClaims& claims);

  const CrowdRun& run_;
  CrowdJournal& journal_;
  CrowdReport& report_;
};

}  // namespace firebrand
