#include "edge/payments/statement.hpp"

#include <optional>
#include <set>
#include <utility>

namespace firebrand {

namespace {

/// The fields of one record, which a quoted line end may make longer than a line.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) { text_.remove_prefix(3); }
  }

  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] std::size_t line() const { return line_; }

  /// Nothing if a quote is never closed or text follows one.
  std::optional<std::vector<std::string>> next() {
    std::vector<std::string> fields(1);
    line_ = next_line_;
    while (!text_.empty()) {
      if (text_.front() == '"' && fields.back().empty()) {
        if (!take_quoted(fields.back())) { return std::nullopt; }
        continue;
      }
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == ',') {
        fields.emplace_back();
      } else if (c == '\n') {
        ++next_line_;
        return fields;
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
    return fields;
  }

 private:
  bool take_quoted(std::string& field) {
    text_.remove_prefix(1);
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"' && !text_.starts_with('"')) {
        return text_.empty() || text_.front() == ',' || text_.front() == '\r' ||
               text_.front() == '\n';
      }
      if (c == '"') { text_.remove_prefix(1); }
      if (c == '\n') { ++next_line_; }
      field += c;
    }
    return false;
  }

  std::string_view text_;
  std::size_t line_ = 1;
  std::size_t next_line_ = 1;
};

using Columns = std::map<std::string, std::size_t, std::less<>>;

std::string_view cell(const std::vector<std::string>& fields, const Columns& columns,
                      std::string_view name) {
  const auto column = columns.find(name);
  if (column == columns.end() || column->second >= fields.size()) { return {}; }
  return fields[column->second];
}

/// What is wrong with the line, or nothing.
std::string read_line(const std::vector<std::string>& fields, const Columns& columns,
                      std::string_view provider, StatementLine& out) {
  const auto is_short = [](const std::string& id) { return id.size() <= kPaymentIdBytesMax; };
  const std::string_view kind = cell(fields, columns, "kind");
  if (kind != "payment" && kind != "refund") { return "kind must be payment or refund"; }
  out.kind = kind == "payment" ? StatementKind::payment : StatementKind::refund;
  out.payment_id = cell(fields, columns, "payment_id");
  if (out.payment_id.empty()) { return "payment_id is missing"; }
  if (!provider.empty() && !out.payment_id.starts_with(std::string(provider) + ":")) {
    out.payment_id.insert(0, std::string(provider) + ":");
  }
  if (!is_short(out.payment_id)) { return "payment_id is longer than any that is booked"; }
  out.refund_id = cell(fields, columns, "refund_id");
  if (!is_short(out.refund_id)) { return "refund_id is longer than any that is booked"; }
  if (out.kind == StatementKind::refund && out.refund_id.empty()) { return "refund_id is missing"; }
  const auto currency = Currency::parse(cell(fields, columns, "currency"));
  if (!currency) { return "currency is not known"; }
  const auto amount = parse_amount(cell(fields, columns, "amount"), *currency);
  if (!amount || amount->minor < 1) {
    return "amount must be positive, in main units, with at most the currency's decimals";
  }
  out.amount = *amount;
  return {};
}

/// By the provider's own hand: known by its name and its own id, as the payment is.
std::string named_refund_id(const StatementLine& line) {
  return line.payment_id.substr(0, line.payment_id.find(':') + 1) + line.refund_id;
}

/// As it is booked.
std::string refund_id_of(const StatementLine& line, const StatementBooks& books) {
  if (books.refunds.contains(line.refund_id)) { return line.refund_id; }
  std::string named = named_refund_id(line);
  return books.refunds.contains(named) ? named : line.refund_id;
}

void add(StatementBooks& books, const PaymentRecord& payment, bool in_period) {
  if (payment.outcome == PaymentOutcome::penalty) { return; }
  books.payments.try_emplace(std::string(payment.payment_id.view()),
                             BookedPayment{payment.amount, in_period});
}

void add(StatementBooks& books, const RefundRecord& refund, bool in_period) {
  if (refund.of_penalty) { return; }
  books.refunds.try_emplace(
      std::string(refund.refund_id.view()),
      BookedRefund{std::string(refund.payment_id.view()), refund.amount, refund.state, in_period});
}

}  // namespace

Expected<std::vector<StatementLine>, std::string> read_statement(std::string_view text,
                                                                 std::string_view provider) {
  CsvReader csv(text);
  const auto at = [&](std::string_view what) {
    return Unexpected("line " + std::to_string(csv.line()) + ": " + std::string(what));
  };
  const auto header = csv.next();
  if (!header) { return at("a quote is not closed, or text follows one"); }
  Columns columns;
  for (std::size_t i = 0; i < header->size(); ++i) { columns.emplace((*header)[i], i); }
  for (const char* const name : {"kind", "payment_id", "amount", "currency"}) {
    if (!columns.contains(name)) { return at(std::string("there is no column ") + name); }
  }
  std::vector<StatementLine> lines;
  while (!csv.at_end()) {
    const auto fields = csv.next();
    if (!fields) { return at("a quote is not closed, or text follows one"); }
    if (fields->size() == 1 && fields->front().empty()) { continue; }
    StatementLine line{.line = csv.line()};
    if (const std::string wrong = read_line(*fields, columns, provider, line); !wrong.empty()) {
      return at(wrong);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

Expected<StatementBooks, RecordsError> read_books(const RecordsReader& records,
                                                  const std::vector<StatementLine>& lines,
                                                  std::string_view provider, Timestamp from,
                                                  Timestamp until, std::uint32_t booked_max) {
  const std::string prefix = provider.empty() ? "" : std::string(provider) + ":";
  StatementBooks books;
  const auto payments = records.payments_of(prefix, from, until, booked_max);
  if (!payments) { return Unexpected(payments.error()); }
  for (const PaymentRecord& payment : *payments) { add(books, payment, true); }
  const auto refunds = records.refunds_of(prefix, from, until, booked_max);
  if (!refunds) { return Unexpected(refunds.error()); }
  for (const RefundRecord& refund : *refunds) { add(books, refund, true); }
  books.is_whole = payments->size() < booked_max && refunds->size() < booked_max;
  for (const StatementLine& line : lines) {
    if (line.kind == StatementKind::payment) {
      if (books.payments.contains(line.payment_id)) { continue; }
      const auto payment = records.payment(line.payment_id);
      if (!payment) { return Unexpected(payment.error()); }
      if (*payment) { add(books, **payment, false); }
      continue;
    }
    for (const std::string& id : {line.refund_id, named_refund_id(line)}) {
      if (books.refunds.contains(id)) { continue; }
      const auto refund = records.refund(id);
      if (!refund) { return Unexpected(refund.error()); }
      if (*refund) { add(books, **refund, false); }
    }
  }
  return books;
}

std::vector<Difference> reconcile(const std::vector<StatementLine>& lines,
                                  const StatementBooks& books) {
  using enum DifferenceKind;
  std::vector<Difference> differences;
  std::set<std::string> payments_there;
  std::set<std::string> refunds_there;
  for (const StatementLine& line : lines) {
    const bool is_payment = line.kind == StatementKind::payment;
    const std::string id = is_payment ? line.payment_id : refund_id_of(line, books);
    const auto say = [&](DifferenceKind kind, Money here) {
      differences.push_back({kind, line.line, id, line.amount, here});
    };
    if (!(is_payment ? payments_there : refunds_there).insert(id).second) {
      say(line_repeated, {});
      continue;
    }
    if (is_payment) {
      const auto here = books.payments.find(id);
      if (here == books.payments.end()) {
        say(payment_not_booked, {});
      } else if (here->second.amount != line.amount) {
        say(amount_differs, here->second.amount);
      }
      continue;
    }
    const auto here = books.refunds.find(id);
    if (here == books.refunds.end()) {
      say(refund_not_booked, {});
    } else if (here->second.payment_id != line.payment_id) {
      say(refund_of_another_payment, here->second.amount);
    } else if (here->second.amount != line.amount) {
      say(amount_differs, here->second.amount);
    } else if (here->second.state != RefundState::done) {
      say(refund_not_done, here->second.amount);
    }
  }
  for (const auto& [id, payment] : books.payments) {
    if (payment.in_period && !payments_there.contains(id)) {
      differences.push_back({payment_not_on_statement, 0, id, {}, payment.amount});
    }
  }
  for (const auto& [id, refund] : books.refunds) {
    const bool must_be_there = refund.in_period && refund.state == RefundState::done;
    if (must_be_there && !refunds_there.contains(id)) {
      differences.push_back({refund_not_on_statement, 0, id, {}, refund.amount});
    }
  }
  return differences;
}

}  // namespace firebrand
