#include <mutex>
#include <utility>

#include "views/records/records.hpp"
#include "views/records/sqlite.hpp"

namespace firebrand {

namespace {

constexpr char kOrderColumns[] =
    "SELECT order_id, person_id, drop_id, wave, quantity, amount, currency, state, created_at, "
    "expires_at, returned FROM orders ";

/// The index of the narrowest filter. Named, because the planner has no statistics and would walk
/// a whole drop for one person's orders.
std::string_view index_for(const OrderFilter& filter) {
  if (filter.person_id.value != 0) { return "INDEXED BY orders_of_person "; }
  if (filter.drop_id.value != 0) {
    return filter.state ? "INDEXED BY orders_of_drop_in_state " : "INDEXED BY orders_of_drop ";
  }
  return filter.state ? "INDEXED BY orders_in_state " : "";
}

Currency currency_of(std::string_view code) {
  const auto currency = Currency::parse(code);
  FB_ASSERT(currency.has_value());  // We wrote it.
  return *currency;
}

OrderRecord order_of(const Statement& row) {
  return {.order_id = {static_cast<std::uint64_t>(row.integer(0))},
          .person_id = {static_cast<std::uint64_t>(row.integer(1))},
          .drop_id = {static_cast<std::uint64_t>(row.integer(2))},
          .wave = static_cast<std::uint16_t>(row.integer(3)),
          .quantity = static_cast<std::int32_t>(row.integer(4)),
          .total = {row.integer(5), currency_of(row.text(6))},
          .state = static_cast<OrderState>(row.integer(7)),
          .created_at = from_unix_ms(row.integer(8)),
          .expires_at = from_unix_ms(row.integer(9)),
          .units_returned = static_cast<std::int32_t>(row.integer(10))};
}

constexpr char kPaymentColumns[] =
    "SELECT number, payment_id, order_id, outcome, amount, currency, owed, asked, refunded, "
    "created_at, reservation_id FROM payments ";

PaymentRecord payment_of(const Statement& row) {
  return {.number = static_cast<std::uint64_t>(row.integer(0)),
          .payment_id = row.text(1),
          .order_id = {static_cast<std::uint64_t>(row.integer(2))},
          .outcome = static_cast<PaymentOutcome>(row.integer(3)),
          .amount = {row.integer(4), currency_of(row.text(5))},
          .owed_back = row.integer(6),
          .asked = row.integer(7),
          .refunded = row.integer(8),
          .created_at = from_unix_ms(row.integer(9)),
          .reservation_id = {static_cast<std::uint64_t>(row.integer(10))}};
}

constexpr char kRefundColumns[] =
    "SELECT r.number, r.refund_id, r.payment_id, r.amount, r.currency, p.amount, r.state, "
    "r.changed_at, p.outcome FROM refunds AS r JOIN payments AS p ON p.payment_id = r.payment_id ";

RefundRecord refund_of(const Statement& row) {
  const Currency currency = currency_of(row.text(4));
  return {.number = static_cast<std::uint64_t>(row.integer(0)),
          .refund_id = row.text(1),
          .payment_id = row.text(2),
          .amount = {row.integer(3), currency},
          .paid = {row.integer(5), currency},
          .state = static_cast<RefundState>(row.integer(6)),
          .changed_at = from_unix_ms(row.integer(7)),
          .of_penalty = static_cast<PaymentOutcome>(row.integer(8)) == PaymentOutcome::penalty};
}

/// The one row of a statement, if there is one.
template <class Entry, class Make>
Expected<std::optional<Entry>, RecordsError> row_of(Statement& statement, Make&& make) {
  const auto row = statement.step();
  if (!row) { return Unexpected(row.error()); }
  return *row ? std::optional<Entry>(make(statement)) : std::optional<Entry>();
}

/// All rows of a statement, each made into an entry.
template <class Entry, class Make>
Expected<std::vector<Entry>, RecordsError> rows(Statement& statement, Make&& make) {
  std::vector<Entry> entries;
  for (;;) {
    const auto row = statement.step();
    if (!row) { return Unexpected(row.error()); }
    if (!*row) { return entries; }
    entries.push_back(make(statement));
  }
}

std::uint64_t or_highest(std::uint64_t before) { return before == 0 ? INT64_MAX : before; }

}  // namespace

struct RecordsReader::State {
  std::string path;
  std::mutex mutex;
  std::vector<Database> idle;  // Connections that nobody uses now.

  Expected<Database, RecordsError> take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Database database = std::move(idle.back());
        idle.pop_back();
        return database;
      }
    }
    return Database::open(path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX);
  }
  void give_back(Database database) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(database));
  }

  /// Runs `query(database)` on a connection of its own.
  template <class Result, class Query>
  Expected<Result, RecordsError> read(Query&& query) {
    auto database = take();
    if (!database) { return Unexpected(database.error()); }
    Expected<Result, RecordsError> result = query(*database);
    give_back(std::move(*database));
    return result;
  }
};

RecordsReader::RecordsReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
RecordsReader::~RecordsReader() = default;

Expected<std::unique_ptr<RecordsReader>, RecordsError> RecordsReader::open(
    const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  auto database = state->take();
  if (!database) { return Unexpected(database.error()); }
  state->give_back(std::move(*database));
  return std::unique_ptr<RecordsReader>(new RecordsReader(std::move(state)));
}

Expected<std::vector<OrderRecord>, RecordsError> RecordsReader::orders(
    const OrderFilter& filter) const {
  std::string sql = kOrderColumns;
  sql += index_for(filter);
  sql += "WHERE order_id < ?1";
  if (filter.person_id.value != 0) { sql += " AND person_id = ?2"; }
  if (filter.drop_id.value != 0) { sql += " AND drop_id = ?3"; }
  if (filter.state) { sql += " AND state = ?4"; }
  sql += " ORDER BY order_id DESC LIMIT ?5";
  using Entries = std::vector<OrderRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database, sql);
    statement.bind(or_highest(filter.before.value))
        .bind(filter.person_id.value)
        .bind(filter.drop_id.value)
        .bind(std::int64_t{filter.state ? static_cast<int>(*filter.state) : 0})
        .bind(std::int64_t{filter.limit});
    return rows<OrderRecord>(statement, &order_of);
  });
}

Expected<std::optional<OrderRecord>, RecordsError> RecordsReader::order(OrderId id) const {
  using Entry = std::optional<OrderRecord>;
  return state_->read<Entry>([&](const Database& database) -> Expected<Entry, RecordsError> {
    Statement statement(database, std::string(kOrderColumns) + "WHERE order_id = ?1");
    statement.bind(id.value);
    const auto row = statement.step();
    if (!row) { return Unexpected(row.error()); }
    return *row ? Entry(order_of(statement)) : Entry();
  });
}

Expected<std::vector<PaymentRecord>, RecordsError> RecordsReader::payments(
    PaymentChoice choice, std::uint64_t before, std::uint32_t limit) const {
  std::string sql = std::string(kPaymentColumns) + "WHERE number < ?1";
  if (choice == PaymentChoice::owed) { sql += " AND owed > asked"; }
  sql += " ORDER BY number DESC LIMIT ?2";
  using Entries = std::vector<PaymentRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database, sql);
    statement.bind(or_highest(before)).bind(std::int64_t{limit});
    return rows<PaymentRecord>(statement, &payment_of);
  });
}

Expected<std::vector<PaymentRecord>, RecordsError> RecordsReader::payments_of(
    std::string_view prefix, Timestamp from, Timestamp until, std::uint32_t limit) const {
  using Entries = std::vector<PaymentRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database, std::string(kPaymentColumns) +
                                      "WHERE substr(payment_id, 1, ?2) = ?1 "
                                      "AND created_at >= ?3 AND created_at < ?4 LIMIT ?5");
    statement.bind(prefix).bind(std::uint64_t{prefix.size()});
    statement.bind(to_unix_ms(from)).bind(to_unix_ms(until)).bind(std::int64_t{limit});
    return rows<PaymentRecord>(statement, &payment_of);
  });
}

Expected<std::optional<PaymentRecord>, RecordsError> RecordsReader::payment(
    std::string_view payment_id) const {
  using Entry = std::optional<PaymentRecord>;
  return state_->read<Entry>([&](const Database& database) {
    Statement statement(database, std::string(kPaymentColumns) + "WHERE payment_id = ?1");
    statement.bind(payment_id);
    return row_of<PaymentRecord>(statement, &payment_of);
  });
}

Expected<std::vector<RefundRecord>, RecordsError> RecordsReader::refunds_of(
    std::string_view prefix, Timestamp from, Timestamp until, std::uint32_t limit) const {
  using Entries = std::vector<RefundRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database, std::string(kRefundColumns) +
                                      "WHERE substr(r.payment_id, 1, ?2) = ?1 "
                                      "AND r.changed_at >= ?3 AND r.changed_at < ?4 LIMIT ?5");
    statement.bind(prefix).bind(std::uint64_t{prefix.size()});
    statement.bind(to_unix_ms(from)).bind(to_unix_ms(until)).bind(std::int64_t{limit});
    return rows<RefundRecord>(statement, &refund_of);
  });
}

Expected<std::optional<RefundRecord>, RecordsError> RecordsReader::refund(
    std::string_view refund_id) const {
  using Entry = std::optional<RefundRecord>;
  return state_->read<Entry>([&](const Database& database) {
    Statement statement(database, std::string(kRefundColumns) + "WHERE r.refund_id = ?1");
    statement.bind(refund_id);
    return row_of<RefundRecord>(statement, &refund_of);
  });
}

Expected<std::vector<RefundRecord>, RecordsError> RecordsReader::refunds(
    std::uint64_t before, std::uint32_t limit) const {
  using Entries = std::vector<RefundRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database, std::string(kRefundColumns) +
                                      "WHERE r.number < ?1 ORDER BY r.number DESC LIMIT ?2");
    statement.bind(or_highest(before)).bind(std::int64_t{limit});
    return rows<RefundRecord>(statement, &refund_of);
  });
}

Expected<std::vector<RefundRecord>, RecordsError> RecordsReader::refunds_requested(
    std::string_view prefix, std::uint32_t limit) const {
  using Entries = std::vector<RefundRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database, std::string(kRefundColumns) +
                                      "WHERE r.state = 0 AND substr(r.payment_id, 1, ?2) = ?1 "
                                      "ORDER BY r.number LIMIT ?3");
    statement.bind(prefix).bind(std::uint64_t{prefix.size()}).bind(std::int64_t{limit});
    return rows<RefundRecord>(statement, &refund_of);
  });
}

Expected<std::vector<ReservationRecord>, RecordsError> RecordsReader::reservations(
    DropId drop_id, ReservationId before, std::uint32_t limit) const {
  using Entries = std::vector<ReservationRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database,
                        "SELECT reservation_id, person_id, state, deposit, currency, reserved_at, "
                        "kept, owed FROM reservations INDEXED BY reservations_of_drop "
                        "WHERE drop_id = ?1 AND reservation_id < ?2 "
                        "ORDER BY reservation_id DESC LIMIT ?3");
    statement.bind(drop_id.value).bind(or_highest(before.value)).bind(std::int64_t{limit});
    return rows<ReservationRecord>(statement, [&](const Statement& row) {
      const Currency currency = currency_of(row.text(4));
      return ReservationRecord{.reservation_id = {static_cast<std::uint64_t>(row.integer(0))},
                               .drop_id = drop_id,
                               .person_id = {static_cast<std::uint64_t>(row.integer(1))},
                               .state = static_cast<ReservationState>(row.integer(2)),
                               .deposit = {row.integer(3), currency},
                               .reserved_at = from_unix_ms(row.integer(5)),
                               .kept = {row.integer(6), currency},
                               .owed = {row.integer(7), currency}};
    });
  });
}

Expected<std::vector<CodeBatchRecord>, RecordsError> RecordsReader::code_batches(
    DropId drop_id, CodeBatchId before, std::uint32_t limit) const {
  using Entries = std::vector<CodeBatchRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database,
                        "SELECT code_batch_id, count, kind, valid_from, valid_until "
                        "FROM code_batches INDEXED BY code_batches_of_drop "
                        "WHERE drop_id = ?1 AND code_batch_id < ?2 "
                        "ORDER BY code_batch_id DESC LIMIT ?3");
    statement.bind(drop_id.value).bind(or_highest(before.value)).bind(std::int64_t{limit});
    return rows<CodeBatchRecord>(statement, [&](const Statement& row) {
      return CodeBatchRecord{.code_batch_id = {static_cast<std::uint64_t>(row.integer(0))},
                             .drop_id = drop_id,
                             .count = row.integer(1),
                             .kind = static_cast<CodeKind>(row.integer(2)),
                             .valid_from = from_unix_ms(row.integer(3)),
                             .valid_until = from_unix_ms(row.integer(4))};
    });
  });
}

Expected<std::vector<SkuRecord>, RecordsError> RecordsReader::skus(SkuId before,
                                                                   std::uint32_t limit) const {
  using Entries = std::vector<SkuRecord>;
  return state_->read<Entries>([&](const Database& database) -> Expected<Entries, RecordsError> {
    Statement statement(database,
                        "SELECT sku_id, code, name_zh, name_en, received FROM skus "
                        "WHERE sku_id < ?1 ORDER BY sku_id DESC LIMIT ?2");
    statement.bind(or_highest(before.value)).bind(std::int64_t{limit});
    auto skus = rows<SkuRecord>(statement, [](const Statement& row) {
      return SkuRecord{.sku_id = {static_cast<std::uint64_t>(row.integer(0))},
                       .code = row.text(1),
                       .name = {row.text(2), row.text(3)},
                       .received = row.integer(4)};
    });
    if (!skus) { return skus; }
    Statement prices(database,
                     "SELECT amount, currency FROM prices WHERE sku_id = ?1 ORDER BY place");
    for (SkuRecord& sku : *skus) {
      prices.bind(sku.sku_id.value);
      const auto found = rows<Money>(prices, [](const Statement& row) {
        return Money{row.integer(0), currency_of(row.text(1))};
      });
      if (!found) { return Unexpected(found.error()); }
      for (const Money& price : *found) { sku.prices.push_back(price); }
      prices.reset();
    }
    return skus;
  });
}

Expected<std::vector<LaunchRecord>, RecordsError> RecordsReader::launches(
    LaunchId before, std::uint32_t limit) const {
  using Entries = std::vector<LaunchRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database,
                        "SELECT launch_id, code, name_zh, name_en FROM launches "
                        "WHERE launch_id < ?1 ORDER BY launch_id DESC LIMIT ?2");
    statement.bind(or_highest(before.value)).bind(std::int64_t{limit});
    return rows<LaunchRecord>(statement, [](const Statement& row) {
      return LaunchRecord{.launch_id = {static_cast<std::uint64_t>(row.integer(0))},
                          .code = row.text(1),
                          .name = {row.text(2), row.text(3)}};
    });
  });
}

Expected<std::vector<ApiKeyRecord>, RecordsError> RecordsReader::api_keys(
    ApiKeyId before, std::uint32_t limit) const {
  using Entries = std::vector<ApiKeyRecord>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database,
                        "SELECT api_key_id, name, state, created_at FROM api_keys "
                        "WHERE api_key_id < ?1 ORDER BY api_key_id DESC LIMIT ?2");
    statement.bind(or_highest(before.value)).bind(std::int64_t{limit});
    return rows<ApiKeyRecord>(statement, [](const Statement& row) {
      return ApiKeyRecord{.api_key_id = {static_cast<std::uint64_t>(row.integer(0))},
                          .name = row.text(1),
                          .state = static_cast<ApiKeyState>(row.integer(2)),
                          .created_at = from_unix_ms(row.integer(3))};
    });
  });
}

Expected<std::vector<DropEvent>, RecordsError> RecordsReader::drop_events(
    DropId drop_id, log::Position after, std::uint32_t limit) const {
  using Entries = std::vector<DropEvent>;
  return state_->read<Entries>([&](const Database& database) {
    Statement statement(database,
                        "SELECT fact_offset, fact_index, name, data FROM drop_events "
                        "WHERE drop_id = ?1 AND (fact_offset, fact_index) > (?2, ?3) "
                        "ORDER BY fact_offset, fact_index LIMIT ?4");
    statement.bind(drop_id.value)
        .bind(after.offset.value)
        .bind(std::int64_t{after.index})
        .bind(std::int64_t{limit});
    return rows<DropEvent>(statement, [&](const Statement& row) {
      return DropEvent{.position = {{static_cast<std::uint64_t>(row.integer(0))},
                                    static_cast<std::uint16_t>(row.integer(1))},
                       .drop_id = drop_id,
                       .name = std::string(row.text(2)),
                       .data = std::string(row.text(3))};
    });
  });
}

}  // namespace firebrand
