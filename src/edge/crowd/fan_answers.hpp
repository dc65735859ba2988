#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"
#include "base/types.hpp"

/// What a crowd reads: the JSON of answers, as far as a fan and the check need it. Members that are
/// not named here are skipped: a client lives with a server that has learnt more.
namespace firebrand {

enum class OrderStateView : std::uint8_t { pending_payment, paid, expired, cancelled, other };
[[nodiscard]] std::string_view order_state_name(OrderStateView) noexcept;

struct OrderView {
  std::string order_id;
  std::string drop_id;
  std::string person_id;
  std::string currency;
  std::int64_t total_minor = 0;
  std::int32_t quantity = 0;
  std::int32_t wave = 0;
  OrderStateView state = OrderStateView::other;
  Timestamp created_at{};
  Timestamp expires_at{};

  friend bool operator==(const OrderView&, const OrderView&) = default;
};

struct UnitsView {
  std::int64_t total = 0;
  std::int64_t unreleased = 0;
  std::int64_t available = 0;
  std::int64_t held = 0;
  std::int64_t sold = 0;
  std::int64_t withdrawn = 0;
  std::int64_t returned = 0;

  friend bool operator==(const UnitsView&, const UnitsView&) = default;
};

enum class ReservationStateView : std::uint8_t {
  pending_deposit,
  reserved,
  ordered,
  used,
  withdrawn,
  lapsed,
  defaulted,
  returned,
  other,
};
inline constexpr std::size_t kReservationStateViews = 8;  ///< Without `other`.
[[nodiscard]] std::string_view reservation_state_name(ReservationStateView) noexcept;

/// One's own reservation.
struct ReservationView {
  std::string reservation_id;
  std::string drop_id;
  std::string currency;
  std::int64_t deposit_minor = 0;
  ReservationStateView state = ReservationStateView::other;
  Timestamp deposit_due_at{};
};

/// Who may buy from a wave, and how it is decided who does.
enum class AudienceView : std::uint8_t { everyone, reservation_holders, code_holders, other };
enum class DecisionView : std::uint8_t { first_come, waiting_room, draw, other };

struct WaveStatusView {
  std::int32_t wave = 0;  ///< Counted from 1.
  AudienceView audience = AudienceView::other;
  DecisionView decision = DecisionView::other;
  Timestamp opens_at{};
  std::int64_t units = 0;
  std::int64_t available = 0;
  std::string group{};  ///< If only its people may buy.
};

/// The terms on which people reserve in a drop, and how many have.
struct ReservingView {
  Timestamp opens_at{};
  Timestamp closes_at{};
  Timestamp balance_due_at{};
  std::int64_t cap = 0;
  std::int64_t deposit_minor = 0;
  std::array<std::int64_t, kReservationStateViews> counts{};  ///< By ReservationStateView.
};

/// How many wait for what comes back.
struct WaitlistView {
  bool is_open = false;
  Timestamp ends_at{};
  std::int64_t waiting = 0;
  std::int64_t served = 0;  ///< In all.
};

enum class WaitlistStateView : std::uint8_t { waiting, served, left, passed_over, other };
[[nodiscard]] std::string_view waitlist_state_name(WaitlistStateView) noexcept;

/// One's own place in a waitlist.
struct WaitlistPlaceView {
  std::uint64_t place = 0;  ///< Counted from 1 in the order of joining.
  WaitlistStateView state = WaitlistStateView::other;
  std::string order_id{};  ///< If served; else empty.
};

struct DropStatusView {
  std::string drop_id;
  std::string state;
  Timestamp opens_at{};
  std::uint32_t per_person_limit = 1;
  UnitsView units;
  std::string currency{};
  std::int64_t price_minor = 0;          ///< Of one unit in that currency; zero: not told.
  std::int32_t per_household_limit = 0;  ///< Zero: none.
  std::int32_t per_address_limit = 0;
  std::vector<WaveStatusView> waves{};
  std::optional<ReservingView> reserving{};
  std::optional<WaitlistView> waitlist{};

  /// Nothing if the status does not name it.
  [[nodiscard]] const WaveStatusView* wave(std::int32_t number) const {
    for (const WaveStatusView& one : waves) {
      if (one.wave == number) { return &one; }
    }
    return nullptr;
  }
  /// The group that the crowd's people are in: of the first wave that is for one; empty if none is.
  [[nodiscard]] std::string_view group() const {
    for (const WaveStatusView& one : waves) {
      if (!one.group.empty()) { return one.group; }
    }
    return {};
  }
};

struct SessionView {
  std::string token;
  std::string person_id;
};

struct PaymentView {
  std::string order_id;
  std::string payment_id;
  std::string outcome;  ///< "paid", "refund_due".
};

enum class PlaceStateView : std::uint8_t { waiting, admitted, used, left, lapsed, expired, other };
[[nodiscard]] std::string_view place_state_name(PlaceStateView) noexcept;

/// What a fan gets who joins a waiting room.
struct PlaceTicketView {
  std::string place_token;
  std::int64_t place = 0;
};

/// A place as it stands.
struct PlaceStandView {
  std::int64_t place = 0;
  PlaceStateView state = PlaceStateView::other;
  Millis ask_again{0};
  Timestamp until{};  ///< While admitted.
};

/// A waiting room as everybody sees it.
struct RoomPageView {
  std::int32_t wave = 0;
  bool is_closed = false;
  Timestamp joins_from{};
  Timestamp opens_at{};
  Timestamp ends_at{};
  std::int64_t joined = 0;
  std::uint64_t early = 0;       ///< Places whose order was drawn by lot.
  std::string order{"pending"};  ///< Or "revealed", or "withheld": then the secret is zeros.
  Hash256 commitment{};
  Hash256 secret{};

  [[nodiscard]] bool is_over(Timestamp now) const { return is_closed || now >= ends_at; }
};

enum class ReceiptStateView : std::uint8_t {
  entered,
  left,
  excluded,
  won,
  reserve,
  passed_over,
  other,
};
[[nodiscard]] std::string_view receipt_state_name(ReceiptStateView) noexcept;

/// A fan's part in a draw.
struct ReceiptView {
  std::string entrant;  ///< What stands for the fan in its record.
  ReceiptStateView state = ReceiptStateView::other;
  std::string order_id;  ///< If won; else empty.
};

/// A draw as everybody sees it.
struct DrawPageView {
  std::string draw_id;
  std::int32_t wave = 0;
  std::string state;  ///< "open", "closed", "decided", "completed".
  std::int64_t entrants = 0;
  Timestamp closes_at{};
  Timestamp beacon_at{};
};

struct DepositView {
  std::string reservation_id;
  std::string payment_id;
  std::string outcome;  ///< "reserved", "refund_due".
};

struct ProblemView {
  std::string code;
  std::optional<Timestamp> opens_at;
  std::optional<Timestamp> server_time;
};

/// Reads bodies; keeps its parser and buffer between calls. Each returns nothing for a body that is
/// not of that form.
class AnswerReader {
 public:
  AnswerReader();
  ~AnswerReader();
  AnswerReader(const AnswerReader&) = delete;
  AnswerReader& operator=(const AnswerReader&) = delete;

  [[nodiscard]] std::optional<OrderView> order(std::string_view body);
  [[nodiscard]] std::optional<DropStatusView> drop(std::string_view body);
  /// The drop to send a crowd to when none is named: of {"data":[...]}, the one that opens last.
  [[nodiscard]] std::optional<std::string> newest_drop_id(std::string_view body);
  [[nodiscard]] std::optional<SessionView> session(std::string_view body);
  [[nodiscard]] std::optional<PaymentView> payment(std::string_view body);
  [[nodiscard]] std::optional<ReservationView> reservation(std::string_view body);
  [[nodiscard]] std::optional<PlaceTicketView> place_ticket(std::string_view body);
  [[nodiscard]] std::optional<PlaceStandView> place(std::string_view body);
  [[nodiscard]] std::optional<RoomPageView> room(std::string_view body);
  [[nodiscard]] std::optional<ReceiptView> receipt(std::string_view body);
  [[nodiscard]] std::optional<DrawPageView> draw(std::string_view body);
  /// Of {"data":[...]}: those of a drop.
  [[nodiscard]] std::vector<DrawPageView> draws(std::string_view body);
  [[nodiscard]] std::optional<WaitlistPlaceView> waitlist_place(std::string_view body);
  [[nodiscard]] std::optional<DepositView> deposit(std::string_view body);
  [[nodiscard]] std::optional<ProblemView> problem(std::string_view body);
  /// {"server_time":...}
  [[nodiscard]] std::optional<Timestamp> server_time(std::string_view body);
  /// {"drop_id":...}, as GET /demo answers.
  [[nodiscard]] std::optional<std::string> drop_id(std::string_view body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firebrand
