#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

  friend bool operator==(const UnitsView&, const UnitsView&) = default;
};

struct DropStatusView {
  std::string drop_id;
  std::string state;
  Timestamp opens_at{};
  std::uint32_t per_person_limit = 1;
  UnitsView units;
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
