#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "base/prng.hpp"
#include "base/types.hpp"

/// What fans do, without the means to do it: no clock, no socket. A driver carries out the steps,
/// over HTTP or inside a simulation, and says what came back.
namespace firebrand {

/// How many fans do what, in millionths. Each habit is drawn on its own; of pays and cancels a fan
/// does at most one, and who does neither abandons the order.
struct FanMix {
  std::uint32_t early = 100'000;        ///< Comes before the opening, asks, and asks again at it.
  std::uint32_t waits = 50'000;         ///< Asks again while another wave is still to come.
  std::uint32_t looks = 300'000;        ///< Reads the drop's status before buying.
  std::uint32_t greedy = 30'000;        ///< Asks for one unit more than the limit first.
  std::uint32_t double_click = 50'000;  ///< Sends the purchase twice at once, with one key.
  std::uint32_t hang_up = 30'000;       ///< Leaves before the answer; asks again with the same key.
  std::uint32_t repeat = 80'000;        ///< Sends the purchase once more after its answer.
  std::uint32_t other_body = 20'000;    ///< Then sends the same key with another quantity.
  std::uint32_t second_order = 50'000;  ///< Then buys again with another key.
  std::uint32_t pays = 800'000;
  std::uint32_t cancels = 80'000;
  std::uint32_t pay_twice = 30'000;     ///< Of those who pay: the payment is reported twice.
  std::uint32_t cancel_twice = 50'000;  ///< Of those who cancel.
  std::uint32_t pay_late = 50'000;      ///< Of those who cancel: money comes all the same.
  // Where people can reserve, or codes were handed out.
  std::uint32_t cheats = 30'000;         ///< Comes without anything, or with a code made up.
  std::uint32_t reserves = 600'000;      ///< Takes a reservation.
  std::uint32_t reserve_twice = 80'000;  ///< Asks for it once more.
  std::uint32_t withdraws = 50'000;      ///< Gives it up.
  std::uint32_t pays_deposit = 920'000;
  std::uint32_t deposit_twice = 30'000;  ///< Of those who pay it: the payment is reported twice.
  std::uint32_t deposit_late = 40'000;   ///< It comes after its time, or after the withdrawal.
  std::uint32_t has_code = 200'000;      ///< Brings a code.
  std::uint32_t shares_code = 50'000;    ///< Of those: the code of the one before.
  std::uint32_t mistypes_code = 30'000;  ///< Of those: with a wrong letter.
  // Where there is a waiting room.
  std::uint32_t queues = 600'000;       ///< Takes a place, and buys when let in.
  std::uint32_t joins_early = 600'000;  ///< Of those: before the wave's time.
  std::uint32_t joins_twice = 80'000;   ///< Takes a place once more, which is the same one.
  std::uint32_t stops_asking = 50'000;  ///< Is not heard of again.
  std::uint32_t leaves_room = 50'000;   ///< Gives the place up.
  std::uint32_t rejoins = 400'000;      ///< Of those: takes a place again.
  // Where there is a draw.
  std::uint32_t enters = 500'000;       ///< Takes part, and pays for what is won.
  std::uint32_t enters_twice = 80'000;  ///< Of those: once more, which changes nothing.
  std::uint32_t leaves_draw = 50'000;   ///< Of those: takes part no longer.
  // Where there is a waitlist.
  std::uint32_t waitlists = 500'000;       ///< Joins it when all is sold, and pays for what comes.
  std::uint32_t leaves_waitlist = 50'000;  ///< Of those: gives the place up.
  // Where the shop says something of people, and it matters.
  std::uint32_t in_group = 300'000;     ///< Is in the group that a wave is for.
  std::uint32_t shares_home = 400'000;  ///< Has a household and an address, with the next ones.

  Millis think_max{4'000};  ///< Longest time before paying or cancelling, at least a tenth of it.

  struct Field {
    std::string_view name;
    std::uint32_t FanMix::*ppm;
  };
  /// All the shares, by the names that parse_fan_mix() and the report use.
  static const std::array<Field, 37> kFields;

  friend bool operator==(const FanMix&, const FanMix&) = default;
};

struct FanMixError {
  std::string message;
};

/// "pays=90,greedy=0.5": changes to the mix of above, in percent with at most four decimals.
/// Errors: an unknown name, a number outside of 0 to 100, pays and cancels above 100 together.
[[nodiscard]] Expected<FanMix, FanMixError> parse_fan_mix(std::string_view text);

enum class FanEnd : std::uint8_t { abandons, pays, cancels };

/// What a fan sends with a purchase.
enum class FanCode : std::uint8_t {
  none,
  own,      ///< One that nobody else has.
  shared,   ///< That of the one before.
  made_up,  ///< One that is not good, or never was.
};

/// What there is in a launch beside units for whoever comes first.
struct LaunchOffers {
  bool reservations = false;
  bool codes = false;
  bool room = false;
  bool draw = false;
  bool waitlist = false;
  bool group = false;  ///< A wave for one, and the shop says who is in it.
  bool homes = false;  ///< A limit of a household or an address, and the shop says whose is whose.
};

/// How many fans share one household, and one address, those with neighbouring numbers: as far as
/// they have a home at all.
inline constexpr std::uint32_t kFansOfHousehold = 3;
inline constexpr std::uint32_t kFansOfAddress = 6;

/// What one fan is going to do, drawn before anything happens.
struct FanPlan {
  std::int32_t quantity = 1;  ///< 1 to the limit.
  FanEnd end = FanEnd::abandons;
  bool waits = false;
  bool looks = false;
  bool greedy = false;
  bool double_click = false;
  bool hang_up = false;
  bool repeat = false;
  bool other_body = false;
  bool second_order = false;
  bool pay_twice = false;
  bool cancel_twice = false;
  bool pay_late = false;
  bool cheats = false;
  bool reserves = false;
  bool reserve_twice = false;
  bool withdraws = false;
  bool pays_deposit = false;
  bool deposit_twice = false;
  bool deposit_late = false;
  FanCode code = FanCode::none;
  bool queues = false;
  bool joins_early = false;
  bool joins_twice = false;
  bool stops_asking = false;
  bool leaves_room = false;
  bool rejoins = false;
  bool enters = false;
  bool enters_twice = false;
  bool leaves_draw = false;
  bool waitlists = false;
  bool leaves_waitlist = false;
  bool in_group = false;
  bool shares_home = false;
  Millis early_by{0};  ///< Before the opening; zero: comes with the crowd.
  Millis think{0};     ///< Between the order and paying or cancelling.
};

inline constexpr Millis kEarlyMax{5'000};

/// REQUIRES: per_person_limit >= 1.
[[nodiscard]] FanPlan plan_fan(const FanMix& mix, std::uint32_t per_person_limit, Prng& prng);

/// Takes out of a plan what the launch does not offer, and what a cheat does without.
void keep_to(FanPlan& plan, const LaunchOffers& offers);

enum class FanAct : std::uint8_t {
  sign_in,
  look,
  order,
  pay,
  cancel,
  reserve,
  pay_deposit,
  withdraw,
  join,
  ask_place,
  leave_room,
  enter,
  leave_draw,
  watch_draw,
  read_receipt,
  join_waitlist,
  ask_waitlist,
  leave_waitlist,
  read_prize,
  leave,
};

/// From when the delay of a step counts.
enum class FanWhen : std::uint8_t {
  now,
  at_arrival,    ///< The fan's own, or now if that has passed.
  at_opening,    ///< The drop's, or now if that has passed.
  at_entering,   ///< Likewise to enter the draw.
  at_joining,    ///< Likewise to take a place.
  at_reserving,  ///< When the fan wants to reserve, or now if that has passed.
};

/// What a fan does next.
struct FanStep {
  FanAct act = FanAct::leave;
  FanWhen when = FanWhen::now;
  std::uint8_t key = 0;       ///< Of an order: which of the fan's keys, 0 to kFanKeys - 1.
  std::uint8_t copies = 1;    ///< Of an order: sent so many times at once.
  bool hang_up = false;       ///< The fan is gone before the answer: report no_answer.
  bool with_code = false;     ///< Of an order: the fan's code goes with it.
  std::int32_t quantity = 0;  ///< Of an order.
  Millis delay{0};
};

/// Keys of a fan: for the order that is paid or cancelled, for a second one, for asking too much.
inline constexpr std::uint8_t kKeyFirst = 0;
inline constexpr std::uint8_t kKeySecond = 1;
inline constexpr std::uint8_t kKeyGreedy = 2;
/// No key that is sent: it stands for the order that was won, or came by the waitlist.
inline constexpr std::uint8_t kKeyPrize = 3;
inline constexpr std::uint8_t kFanKeys = 4;

/// What came back, as far as it matters to a fan. Of several copies: the first in this order.
enum class FanAnswerKind : std::uint8_t {
  done,      ///< Signed in, seen, ordered (or the same order again), paid, cancelled.
  refused,   ///< For good: sold out, limit, key reused, not signed in, ...
  not_open,  ///< The driver knows the opening.
  paused,
  next_wave,  ///< Sold out now, but another wave is still to come.
  again,      ///< Nothing is decided yet: to be asked again.
  too_long,   ///< Likewise, and the crowd will not wait any longer.
  busy,       ///< 503 and the like: nothing has happened.
  no_answer,  ///< Nobody knows whether it has happened.
};

struct FanAnswer {
  FanAnswerKind kind = FanAnswerKind::no_answer;
  Millis retry_after{0};  ///< With busy and again: as the server asked.
  Millis deposit_due{0};  ///< Of a reservation: until then its deposit is to be paid; zero: none.
};

/// A deposit that would be late only after so long is not paid at all.
inline constexpr Millis kDepositLateMax{20'000};

/// How long to wait before the same request is sent again, the `attempt`th time in a row (from 1):
/// doubling from 50 ms to 2 s, at least `retry_after`, spread so that a crowd that was refused
/// together does not come back together.
[[nodiscard]] Millis retry_delay(std::uint32_t attempt, Millis retry_after, Prng& prng);

/// One fan from sign-in to leaving: reserves where that can be done, waits where there is a waiting
/// room, buys, and looks at last what the draw or the waitlist has brought. Who has a reservation
/// or a code joins the room only if that was of no use. The purchase of a fan is one intent and has
/// one key: whatever gets lost on the way, it is asked again with that key until there is an
/// answer.
class FanBehaviour {
 public:
  FanBehaviour(const FanPlan& plan, std::uint32_t per_person_limit)
      : plan_(plan), limit_(per_person_limit) {}

  /// The first step.
  [[nodiscard]] FanStep start() const noexcept;

  /// The step after the answer to the last one. After `leave` there is none.
  /// REQUIRES: the fan has not left.
  [[nodiscard]] FanStep next(const FanAnswer& answer, Prng& prng) noexcept;

  [[nodiscard]] const FanPlan& plan() const noexcept { return plan_; }
  [[nodiscard]] bool has_left() const noexcept { return stage_ == Stage::gone; }

 private:
  enum class Stage : std::uint8_t {
    signing_in,
    reserving,
    reserving_again,
    paying_deposit,
    paying_deposit_again,
    withdrawing,
    withdrawing_again,
    entering,
    entering_again,
    leaving_draw,
    joining,
    joining_again,
    leaving_room,
    rejoining,
    waiting_turn,
    looking,
    asking_too_much,
    ordering,
    repeating,
    changing_body,
    ordering_again,
    paying,
    paying_again,
    cancelling,
    cancelling_again,
    paying_late,
    joining_waitlist,
    leaving_waitlist,
    waiting_for_unit,
    watching_draw,
    reading_receipt,
    reading_prize,
    paying_prize,
    cancelling_prize,
    gone,
  };

  [[nodiscard]] FanStep step() const noexcept;
  [[nodiscard]] Stage stage_after(bool is_done) const noexcept;
  [[nodiscard]] Stage stage_after_reserving() const noexcept;
  [[nodiscard]] Stage stage_after_deposit() const noexcept;
  [[nodiscard]] Stage stage_after_withdrawing() const noexcept;
  [[nodiscard]] Stage stage_of_draw() const noexcept;
  [[nodiscard]] Stage stage_of_buying() const noexcept;
  [[nodiscard]] Stage stage_after_joining() const noexcept;
  [[nodiscard]] Stage first_purchase() const noexcept;
  [[nodiscard]] Stage stage_after_order(Stage from) const noexcept;
  [[nodiscard]] Stage stage_without_order() const noexcept;
  [[nodiscard]] Stage stage_at_end() const noexcept;
  [[nodiscard]] Stage stage_of_prize() const noexcept;
  [[nodiscard]] Millis delay_of(Stage stage) const noexcept;

  FanPlan plan_;
  std::uint32_t limit_;
  Stage stage_ = Stage::signing_in;
  bool has_order_ = false;
  bool has_reservation_ = false;
  bool has_entry_ = false;   // In the draw.
  bool has_joined_ = false;  // Or was refused a place.
  bool has_come_back_ = false;
  bool is_admitted_ = false;
  bool has_tried_ = false;      // To buy, with the first key.
  Millis deposit_due_{0};       // Zero: there is none to be paid.
  bool is_again_ = false;       // The step has been sent before: no tricks this time.
  std::uint32_t attempts_ = 0;  // Of this step, in a row without a decision.
  std::uint32_t waits_ = 0;     // For a pause or a wave to end, in all.
};

}  // namespace firebrand
