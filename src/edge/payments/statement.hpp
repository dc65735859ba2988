#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/money.hpp"
#include "core/launch/payments.hpp"
#include "views/records/records.hpp"

/// A provider's statement of a day beside our own books: docs/payments.md.
namespace firebrand {

enum class StatementKind : std::uint8_t { payment, refund };

/// One line of a statement.
struct StatementLine {
  std::size_t line = 0;  ///< In the file, from 1.
  StatementKind kind{};
  std::string payment_id{};
  std::string refund_id{};  ///< Of a refund.
  Money amount{};
};

/// Reads a CSV file (RFC 4180, UTF-8) with a header. Columns, in any order, others are passed over:
/// kind (payment, refund), payment_id, refund_id, amount (decimal, main units), currency.
/// @param provider  Put before payment ids without one: "wechat" makes 42 "wechat:42". May be
///                  empty.
/// @return the message for the operator, with the line, on failure: nothing is guessed.
[[nodiscard]] Expected<std::vector<StatementLine>, std::string> read_statement(
    std::string_view text, std::string_view provider);

/// What is known here of one payment or refund.
struct BookedPayment {
  Money amount{};
  bool in_period = false;  ///< It must be on the statement.
};
struct BookedRefund {
  std::string payment_id{};
  Money amount{};
  RefundState state{};
  bool in_period = false;
};
struct StatementBooks {
  std::map<std::string, BookedPayment> payments{};
  std::map<std::string, BookedRefund> refunds{};
  bool is_whole = true;  ///< Else more was booked than asked for.
};

/// What is booked within [from, until), and whatever else the lines name. Penalties are no
/// provider's: they are left out.
/// @param provider  As of read_statement(); empty: of all.
/// @param booked_max  Payments, and refunds, of that time: no more are read.
[[nodiscard]] Expected<StatementBooks, RecordsError> read_books(
    const RecordsReader& records, const std::vector<StatementLine>& lines,
    std::string_view provider, Timestamp from, Timestamp until,
    std::uint32_t booked_max = UINT32_MAX);

/// The names are a part of the API.
enum class DifferenceKind : std::uint8_t {
  payment_not_booked,        ///< On the statement, not here.
  payment_not_on_statement,  ///< Here, not on the statement.
  refund_not_booked,
  refund_not_on_statement,
  amount_differs,
  refund_of_another_payment,
  refund_not_done,  ///< Money went back that is on its way here, or that failed.
  line_repeated,    ///< The statement says the same twice.
};

struct Difference {
  DifferenceKind kind{};
  std::size_t line = 0;  ///< Of the statement; zero: it is not there.
  std::string id{};      ///< Of the payment or refund.
  Money there{};         ///< On the statement; none if it is not there.
  Money here{};          ///< In our books; none if it is not there.

  friend bool operator==(const Difference&, const Difference&) = default;
};

/// Every difference: those of the statement in its order, then what is missing on it by id.
[[nodiscard]] std::vector<Difference> reconcile(const std::vector<StatementLine>& lines,
                                                const StatementBooks& books);

}  // namespace firebrand
