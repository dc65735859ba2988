#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/money.hpp"
#include "base/types.hpp"
#include "core/access/access.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/commerce/orders.hpp"
#include "core/launch/code_commands.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/payments.hpp"
#include "core/launch/reservation_state.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"

/// Lists and look-ups over what happened, in SQLite: a projection of facts/ with its own cursor,
/// that can be deleted at any time and is built again. Layout: docs/formats/records.md.
namespace firebrand {

/// In the data directory.
inline constexpr char kRecordsFile[] = "records.db";

/// Something that happened to a drop and that everybody may see, in the order of the facts.
struct DropEvent {
  log::Position position{};
  DropId drop_id{};
  std::string name;  ///< Of the fact: "wave_released".
  std::string data;  ///< The fact as JSON.
};

struct RecordsError {
  std::string message;
};

/// Feeds the database: one step reads some facts and writes them with the cursor in one
/// transaction. One thread.
class RecordsProjector {
 public:
  /// @param path  The database file, made if missing.
  [[nodiscard]] static Expected<std::unique_ptr<RecordsProjector>, RecordsError> open(
      log::FileSystem& files, const std::string& data, const std::string& path);
  ~RecordsProjector();
  RecordsProjector(const RecordsProjector&) = delete;
  RecordsProjector& operator=(const RecordsProjector&) = delete;

  /// Takes facts up to `stored` (what the runtime's projector has made readable), at most a few
  /// thousand. @return whether there were any; an error is repeated by every further call.
  /// @param complete  Every fact of every log record up to here stands at or before `stored`.
  [[nodiscard]] Expected<bool, RecordsError> step(log::Position stored, LogOffset complete = {});

  /// Public events of drops that the steps since the last call have written.
  [[nodiscard]] std::vector<DropEvent> take_events();

  /// Any thread: facts up to here can be found in the database.
  [[nodiscard]] log::Position cursor() const noexcept;
  /// Any thread: every fact of every log record up to here can be found in the database.
  [[nodiscard]] LogOffset complete() const noexcept;

 private:
  struct State;
  explicit RecordsProjector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct OrderRecord {
  static constexpr std::string_view kName = "order";
  static constexpr std::string_view kDoc = "An order as the records know it.";
  OrderId order_id{};
  PersonId person_id{};
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::int32_t quantity = 0;
  Money total{};
  OrderState state{};
  Timestamp created_at{};
  Timestamp expires_at{};
  std::int32_t units_returned = 0;
  Pickup pickup{};  ///< Of the drop: whoever shows the order fills it in.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::body, Rule{}, "The order.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "From which drop.");
    field(3, "wave", self.wave, From::body, Rule{}, "From which wave, counted from 1.");
    field(4, "person_id", self.person_id, From::body, Rule{}, "Who ordered.");
    field(5, "quantity", self.quantity, From::body, Rule{}, "Units.");
    field(6, "total", self.total, From::body, Rule{}, "What is to be paid.");
    field(7, "state", self.state, From::body, Rule{}, "Where the order stands.");
    field(8, "created_at", self.created_at, From::body, Rule{}, "When it was placed.");
    field(9, "expires_at", self.expires_at, From::body, Rule{}, "When an unpaid order ends.");
    field(10, "units_returned", self.units_returned, From::body, Rule{},
          "Units that the buyer gave back.");
    field(11, "pickup", self.pickup, From::body, Rule{}, "Who may take the units over.");
  }
};

struct PaymentRecord {
  static constexpr std::string_view kName = "payment";
  static constexpr std::string_view kDoc = "Money that came.";
  std::uint64_t number = 0;
  Text<kPaymentIdBytesMax> payment_id{};
  OrderId order_id{};
  PaymentOutcome outcome{};
  Money amount{};
  std::int64_t owed_back = 0;
  std::int64_t asked = 0;
  std::int64_t refunded = 0;
  Timestamp created_at{};
  ReservationId reservation_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "number", self.number, From::body, Rule{}, "In the order in which they came, from 1.");
    field(2, "payment_id", self.payment_id, From::body, Rule{}, "The provider's id.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order that it names.");
    field(4, "outcome", self.outcome, From::body, Rule{},
          "Paid, owed back, or fitting no order; a deposit; a penalty, owed by the seller on top.");
    field(5, "amount", self.amount, From::body, Rule{}, "What came; of a penalty, what is owed.");
    field(6, "owed_back", self.owed_back, From::body, Rule{},
          "Minor units that ever became owed back.");
    field(7, "asked", self.asked, From::body, Rule{},
          "Of these, minor units that a refund was asked for, or that went back.");
    field(8, "refunded", self.refunded, From::body, Rule{}, "Minor units that went back.");
    field(9, "created_at", self.created_at, From::body, Rule{}, "When it came.");
    field(10, "reservation_id", self.reservation_id, From::body,
          Rule{.presence = Presence::optional}, "Of a deposit or penalty: the reservation.");
  }
};

struct RefundRecord {
  std::uint64_t number = 0;  ///< In the order in which they were first heard of, from 1.
  Text<kRefundIdBytesMax> refund_id{};
  Text<kPaymentIdBytesMax> payment_id{};
  Money amount{};
  Money paid{};  ///< The whole payment.
  RefundState state{};
  Timestamp changed_at{};
  bool of_penalty = false;  ///< No provider has the money: you pay it yourself.
};

/// Which payments, newest first.
enum class PaymentChoice : std::uint8_t { all, owed };

struct ReservationRecord {
  static constexpr std::string_view kName = "reservation";
  static constexpr std::string_view kDoc = "A reservation as the records know it.";
  ReservationId reservation_id{};
  DropId drop_id{};
  PersonId person_id{};
  ReservationState state{};
  Money deposit{};
  Timestamp reserved_at{};
  Money kept{};
  Money owed{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{}, "The reservation.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Whose.");
    field(4, "state", self.state, From::body, Rule{},
          "Where it stands; `reserved` also while its order waits for payment.");
    field(5, "deposit", self.deposit, From::body, Rule{}, "What was asked for.");
    field(6, "reserved_at", self.reserved_at, From::body, Rule{}, "When it was made.");
    field(7, "kept", self.kept, From::body, Rule{}, "Of the deposit, lost by the buyer.");
    field(8, "owed", self.owed, From::body, Rule{}, "To the buyer, at its end.");
  }
};

struct CodeBatchRecord {
  static constexpr std::string_view kName = "code_batch_terms";
  static constexpr std::string_view kDoc = "A batch of codes as it was made.";
  CodeBatchId code_batch_id{};
  DropId drop_id{};
  std::int64_t count = 0;
  CodeKind kind{};
  Timestamp valid_from{};
  Timestamp valid_until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "For which drop.");
    field(3, "count", self.count, From::body, Rule{}, "How many codes.");
    field(4, "kind", self.kind, From::body, Rule{}, "Transferable or bound.");
    field(5, "valid_from", self.valid_from, From::body, Rule{}, "From when they are good.");
    field(6, "valid_until", self.valid_until, From::body, Rule{}, "Until when.");
  }
};

struct SkuRecord {
  static constexpr std::string_view kName = "sku";
  static constexpr std::string_view kDoc = "A SKU with the units that ever arrived.";
  SkuId sku_id{};
  Code code{};
  LocalizedName name{};
  List<Money, kPricesMax> prices{};
  std::int64_t received = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "sku_id", self.sku_id, From::body, Rule{}, "The SKU.");
    field(2, "code", self.code, From::body, Rule{}, "Its code.");
    field(3, "name", self.name, From::body, Rule{}, "What people read.");
    field(4, "prices", self.prices, From::body, Rule{}, "One price per currency.");
    field(5, "received", self.received, From::body, Rule{}, "Units that ever arrived.");
  }
};

struct LaunchRecord {
  static constexpr std::string_view kName = "launch";
  static constexpr std::string_view kDoc = "A launch.";
  LaunchId launch_id{};
  Code code{};
  LocalizedName name{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "launch_id", self.launch_id, From::body, Rule{}, "The launch.");
    field(2, "code", self.code, From::body, Rule{}, "Its code.");
    field(3, "name", self.name, From::body, Rule{}, "What people read.");
  }
};

/// Without its grant, which the live board has.
struct ApiKeyRecord {
  ApiKeyId api_key_id{};
  Text<kLoginBytesMax> name{};
  ApiKeyState state{};
  Timestamp created_at{};
};

/// Which orders, newest first.
struct OrderFilter {
  PersonId person_id{};               ///< Zero: of everybody.
  DropId drop_id{};                   ///< Zero: of every drop.
  std::optional<OrderState> state{};  ///< None: in every state.
  OrderId before{};                   ///< Only orders with a smaller number; zero: from the newest.
  std::uint32_t limit = 50;           ///< 1 to 200.
};

/// Reads the database; any number of threads, each call takes a connection of its own.
class RecordsReader {
 public:
  [[nodiscard]] static Expected<std::unique_ptr<RecordsReader>, RecordsError> open(
      const std::string& path);
  ~RecordsReader();
  RecordsReader(const RecordsReader&) = delete;
  RecordsReader& operator=(const RecordsReader&) = delete;

  [[nodiscard]] Expected<std::vector<OrderRecord>, RecordsError> orders(const OrderFilter&) const;
  [[nodiscard]] Expected<std::optional<OrderRecord>, RecordsError> order(OrderId) const;
  /// Of a drop, newest first, numbers smaller than `before` (zero: all), at most `limit`.
  [[nodiscard]] Expected<std::vector<ReservationRecord>, RecordsError> reservations(
      DropId, ReservationId before, std::uint32_t limit) const;
  /// Of a drop, newest first, numbers smaller than `before` (zero: all), at most `limit`.
  [[nodiscard]] Expected<std::vector<CodeBatchRecord>, RecordsError> code_batches(
      DropId, CodeBatchId before, std::uint32_t limit) const;
  /// Newest first, numbers smaller than `before` (zero: all), at most `limit`.
  [[nodiscard]] Expected<std::vector<PaymentRecord>, RecordsError> payments(
      PaymentChoice choice, std::uint64_t before, std::uint32_t limit) const;
  /// Payments that came, and refunds that changed last, within [from, until), whose payment id
  /// begins so; empty: all. At most `limit`.
  [[nodiscard]] Expected<std::vector<PaymentRecord>, RecordsError> payments_of(
      std::string_view prefix, Timestamp from, Timestamp until, std::uint32_t limit) const;
  [[nodiscard]] Expected<std::vector<RefundRecord>, RecordsError> refunds_of(
      std::string_view prefix, Timestamp from, Timestamp until, std::uint32_t limit) const;
  [[nodiscard]] Expected<std::optional<PaymentRecord>, RecordsError> payment(
      std::string_view payment_id) const;
  [[nodiscard]] Expected<std::optional<RefundRecord>, RecordsError> refund(
      std::string_view refund_id) const;
  /// Newest first, numbers smaller than `before` (zero: all), at most `limit`.
  [[nodiscard]] Expected<std::vector<RefundRecord>, RecordsError> refunds(
      std::uint64_t before, std::uint32_t limit) const;
  /// Those that were asked for and have no end yet, whose payment id begins so, oldest first, at
  /// most `limit`.
  [[nodiscard]] Expected<std::vector<RefundRecord>, RecordsError> refunds_requested(
      std::string_view prefix, std::uint32_t limit) const;
  [[nodiscard]] Expected<std::vector<SkuRecord>, RecordsError> skus(SkuId before,
                                                                    std::uint32_t limit) const;
  [[nodiscard]] Expected<std::vector<LaunchRecord>, RecordsError> launches(
      LaunchId before, std::uint32_t limit) const;
  [[nodiscard]] Expected<std::vector<ApiKeyRecord>, RecordsError> api_keys(
      ApiKeyId before, std::uint32_t limit) const;
  /// Public events of a drop after a position, oldest first, at most `limit`.
  [[nodiscard]] Expected<std::vector<DropEvent>, RecordsError> drop_events(
      DropId, log::Position after, std::uint32_t limit) const;

 private:
  struct State;
  explicit RecordsReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace firebrand
