#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "base/codec_binary.hpp"
#include "base/json_writer.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/registry.hpp"
#include "log/reader.hpp"
#include "runtime/replay.hpp"
#include "views/records/records.hpp"
#include "views/records/schema.hpp"
#include "views/records/sqlite.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kFactsPerStep = 4096;
constexpr int kOpenFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

/// WAL without a sync for each commit: after a crash the tail is read from facts/ again.
constexpr char kPragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;";

/// Up to where facts are in the tables. Nothing if the tables must be made: they are missing, of
/// another schema, or cannot be read.
Expected<std::optional<log::Position>, RecordsError> read_cursor(Database& database) {
  const auto unless_damaged =
      [&](RecordsError error) -> Expected<std::optional<log::Position>, RecordsError> {
    if (database.damaged()) { return std::optional<log::Position>(); }
    return Unexpected(std::move(error));
  };
  if (auto done = database.run(kPragmas); !done) { return unless_damaged(done.error()); }
  Statement statement(database,
                      "SELECT fact_offset, fact_index FROM cursor, pragma_user_version "
                      "WHERE user_version = ?1");
  auto row = statement.bind(std::int64_t{kRecordsSchema}).step();
  if (!row) { return unless_damaged(row.error()); }
  if (!*row) { return std::optional<log::Position>(); }
  return std::optional(log::Position{{static_cast<std::uint64_t>(statement.integer(0))},
                                     static_cast<std::uint16_t>(statement.integer(1))});
}

/// Empty tables, in place: readers with open connections see them, too.
Expected<void, RecordsError> make_tables(Database& database) {
  if (auto done = database.clear(); !done) { return done; }
  if (auto done = database.run(kPragmas); !done) { return done; }
  const std::string tables = std::string("BEGIN;") + kRecordsTables +
                             "PRAGMA user_version = " + std::to_string(kRecordsSchema) + "; COMMIT";
  return database.run(tables.c_str());
}

/// Writes facts of each kind into their tables. No two facts make the same row: a second one is
/// refused, because then the records or facts/ are damaged.
class FactTables {
 public:
  explicit FactTables(const Database& database)
      : begin_(database, "BEGIN"),
        move_(database, "UPDATE cursor SET fact_offset = ?1, fact_index = ?2"),
        commit_(database, "COMMIT"),
        place_(database, "INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, 0)"),
        close_(database, "UPDATE orders SET state = ?2 WHERE order_id = ?1"),
        return_(database,
                "UPDATE orders SET returned = returned + ?2, "
                "state = CASE WHEN ?3 = 0 THEN 4 ELSE state END WHERE order_id = ?1"),
        pay_(database, "INSERT INTO payments VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, 0)"),
        // Ids of deposits are counted apart until they are owed back; orders come first here.
        unless_deposit_(database, "DELETE FROM payments WHERE payment_id = ?1 AND outcome = 3"),
        deposit_(database,
                 "INSERT INTO payments VALUES (NULL, ?1, 0, ?2, ?3, ?4, ?5, 0, 0, ?6, ?7) "
                 "ON CONFLICT (payment_id) DO UPDATE SET owed = ?5 WHERE outcome = 3"),
        deposit_paid_(database, "UPDATE reservations SET paid_by = ?2 WHERE reservation_id = ?1"),
        owe_deposit_(database,
                     "UPDATE payments SET owed = ?2 WHERE payment_id = "
                     "(SELECT paid_by FROM reservations WHERE reservation_id = ?1)"),
        owe_(database, "UPDATE payments SET owed = owed + ?2 WHERE order_id = ?1 AND outcome = 0"),
        move_money_(database,
                    "UPDATE payments SET owed = owed + ?2, asked = asked + ?3, "
                    "refunded = refunded + ?4 WHERE payment_id = ?1"),
        refund_(database,
                "INSERT INTO refunds VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6) "
                "ON CONFLICT (refund_id) DO UPDATE SET state = ?5, changed_at = ?6"),
        reserve_(database,
                 "INSERT INTO reservations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, '') "
                 "ON CONFLICT DO UPDATE SET state = ?4, reserved_at = ?7, kept = 0, owed = 0"),
        reservation_(database,
                     "UPDATE reservations SET state = ?2, kept = ?3, owed = ?4 "
                     "WHERE reservation_id = ?1"),
        make_codes_(database, "INSERT INTO code_batches VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
        sku_(database, "INSERT INTO skus VALUES (?1, ?2, ?3, ?4, 0)"),
        price_(database, "INSERT INTO prices VALUES (?1, ?2, ?3, ?4)"),
        receive_(database, "UPDATE skus SET received = received + ?2 WHERE sku_id = ?1"),
        launch_(database, "INSERT INTO launches VALUES (?1, ?2, ?3, ?4)"),
        key_(database, "INSERT INTO api_keys VALUES (?1, ?2, 0, ?3)"),
        revoke_(database, "UPDATE api_keys SET state = 1 WHERE api_key_id = ?1"),
        event_(database, "INSERT INTO drop_events VALUES (?1, ?2, ?3, ?4, ?5)") {}

  using Done = Expected<void, RecordsError>;

  Done begin() { return begin_.run(); }
  /// Everything since begin(), and that it was everything up to `position`.
  Done commit(log::Position position) {
    auto done = move_.bind(position.offset.value).bind(std::int64_t{position.index}).run();
    return done ? commit_.run() : done;
  }

  Done write(const OrderPlaced& fact, const log::RecordHeader& header) {
    return place_.bind(fact.order_id.value)
        .bind(fact.person_id.value)
        .bind(fact.drop_id.value)
        .bind(std::int64_t{fact.wave})
        .bind(std::int64_t{fact.quantity})
        .bind(fact.total.minor)
        .bind(fact.total.currency.code())
        .bind(to_unix_ms(header.timestamp))
        .bind(to_unix_ms(fact.expires_at))
        .run();
  }
  Done write(const OrderPaid& fact, const log::RecordHeader& header) {
    auto done = close(fact.order_id, OrderState::paid);
    return done ? pay(fact, PaymentOutcome::paid, header) : done;
  }
  Done write(const OrderExpired& fact, const log::RecordHeader&) {
    return close(fact.order_id, OrderState::expired);
  }
  Done write(const OrderCancelled& fact, const log::RecordHeader&) {
    return close(fact.order_id, OrderState::cancelled);
  }
  Done write(const RefundDue& fact, const log::RecordHeader& header) {
    return pay(fact, PaymentOutcome::refund_due, header);
  }
  Done write(const PaymentUnmatched& fact, const log::RecordHeader& header) {
    return pay(fact, PaymentOutcome::unmatched, header);
  }
  Done write(const UnitsReturned& fact, const log::RecordHeader&) {
    auto done = return_.bind(fact.order_id.value)
                    .bind(std::int64_t{fact.quantity})
                    .bind(std::int64_t{fact.units_left})
                    .run();
    return done ? owe_.bind(fact.order_id.value).bind(fact.owed.minor).run() : done;
  }
  Done write(const RefundRequested& fact, const log::RecordHeader& header) {
    auto done = refund(fact, RefundState::requested, header);
    return done ? move(fact, 0, fact.amount.minor, 0) : done;
  }
  Done write(const RefundConfirmed& fact, const log::RecordHeader& header) {
    auto done = refund(fact, RefundState::done, header);
    const std::int64_t asked = fact.was_requested ? 0 : fact.amount.minor;
    return done ? move(fact, fact.unasked.minor, asked, fact.amount.minor) : done;
  }
  Done write(const RefundFailed& fact, const log::RecordHeader& header) {
    auto done = refund(fact, RefundState::failed, header);
    return done ? move(fact, 0, -fact.amount.minor, 0) : done;
  }
  // A second time after it was given up or had lapsed.
  Done write(const ReservationMade& fact, const log::RecordHeader& header) {
    return reserve_.bind(fact.reservation_id.value)
        .bind(fact.drop_id.value)
        .bind(fact.person_id.value)
        .bind(std::int64_t{static_cast<int>(fact.state)})
        .bind(fact.deposit.minor)
        .bind(fact.deposit.currency.code())
        .bind(to_unix_ms(header.timestamp))
        .run();
  }
  Done write(const DepositPaid& fact, const log::RecordHeader& header) {
    auto done = reservation(fact.reservation_id, ReservationState::reserved, 0, 0);
    if (done) {
      done = deposit_paid_.bind(fact.reservation_id.value).bind(fact.payment_id.view()).run();
    }
    return done ? deposit(fact, PaymentOutcome::deposit, 0, header) : done;
  }
  Done write(const ReservationUsed& fact, const log::RecordHeader&) {
    return reservation(fact.reservation_id, ReservationState::used, 0, 0);
  }
  Done write(const ReservationEnded& fact, const log::RecordHeader&) {
    return reservation(fact.reservation_id, fact.state, fact.kept.minor, fact.owed.minor);
  }
  Done write(const DepositRefundDue& fact, const log::RecordHeader& header) {
    return deposit(fact, PaymentOutcome::deposit, 0, header);
  }
  Done write(const DepositOwed& fact, const log::RecordHeader& header) {
    if (fact.payment_id.empty()) {
      return owe_deposit_.bind(fact.reservation_id.value).bind(fact.amount.minor).run();
    }
    // A deposit that fits nothing is here already, so that it is a penalty that is new.
    return deposit(fact, PaymentOutcome::penalty, fact.amount.minor, header);
  }
  Done write(const CodeBatchCreated& fact, const log::RecordHeader&) {
    return make_codes_.bind(fact.code_batch_id.value)
        .bind(fact.drop_id.value)
        .bind(fact.count)
        .bind(std::int64_t{static_cast<int>(fact.kind)})
        .bind(to_unix_ms(fact.valid_from))
        .bind(to_unix_ms(fact.valid_until))
        .run();
  }
  Done write(const SkuAdded& fact, const log::RecordHeader&) {
    auto done = sku_.bind(fact.sku_id.value)
                    .bind(fact.code.view())
                    .bind(fact.name.zh.view())
                    .bind(fact.name.en.view())
                    .run();
    for (std::size_t i = 0; done && i < fact.prices.size(); ++i) {
      done = price_.bind(fact.sku_id.value)
                 .bind(std::int64_t{static_cast<int>(i)})
                 .bind(fact.prices[i].minor)
                 .bind(fact.prices[i].currency.code())
                 .run();
    }
    return done;
  }
  Done write(const StockReceived& fact, const log::RecordHeader&) {
    return receive_.bind(fact.sku_id.value).bind(fact.quantity).run();
  }
  Done write(const LaunchCreated& fact, const log::RecordHeader&) {
    return launch_.bind(fact.launch_id.value)
        .bind(fact.code.view())
        .bind(fact.name.zh.view())
        .bind(fact.name.en.view())
        .run();
  }
  Done write(const ApiKeyAdded& fact, const log::RecordHeader& header) {
    return key_.bind(fact.api_key_id.value)
        .bind(fact.name.view())
        .bind(to_unix_ms(header.timestamp))
        .run();
  }
  Done write(const ApiKeyRevoked& fact, const log::RecordHeader&) {
    return revoke_.bind(fact.api_key_id.value).run();
  }
  // What everybody may see of a drop.
  Done write(const DropOpened& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const WaveReleased& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const WaveRevealed& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const TieKeyRevealed& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const WaveSoldOut& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const DropPaused& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const DropResumed& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const DropCancelled& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const WaitingRoomOpened& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const WaitingRoomRevealed& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const WaitingRoomClosed& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const WaitlistOpened& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  Done write(const WaitlistClosed& fact, const log::RecordHeader& header) {
    return event(fact, header);
  }
  // Who was served has an order, which is in the lists.
  Done write(const WaitlistJoined&, const log::RecordHeader&) { return {}; }
  Done write(const WaitlistLeft&, const log::RecordHeader&) { return {}; }
  Done write(const WaitlistServed&, const log::RecordHeader&) { return {}; }
  Done write(const WaitlistPassedOver&, const log::RecordHeader&) { return {}; }
  // There is no list of places: whoever has one asks for it, and the engine knows it.
  Done write(const PlaceJoined&, const log::RecordHeader&) { return {}; }
  Done write(const PlaceAdmitted&, const log::RecordHeader&) { return {}; }
  Done write(const PlaceEnded&, const log::RecordHeader&) { return {}; }
  Done write(const AdmissionChanged&, const log::RecordHeader&) { return {}; }
  // The live board shows drops, what their waves have and what was refused.
  Done write(const DropCreated&, const log::RecordHeader&) { return {}; }
  Done write(const DropCommitted&, const log::RecordHeader&) { return {}; }
  Done write(const DropExcluded&, const log::RecordHeader&) { return {}; }
  Done write(const UnitsMoved&, const log::RecordHeader&) { return {}; }
  Done write(const UnitsWithdrawn&, const log::RecordHeader&) { return {}; }
  Done write(const RefusalsRecorded&, const log::RecordHeader&) { return {}; }
  Done write(const TieOrderRecorded&, const log::RecordHeader&) { return {}; }
  // The engine answers for batches and what they brought.
  Done write(const CodeRevoked&, const log::RecordHeader&) { return {}; }
  Done write(const CodeBatchRevoked&, const log::RecordHeader&) { return {}; }
  Done write(const CodeUsed&, const log::RecordHeader&) { return {}; }
  Done write(const CodeCameBack&, const log::RecordHeader&) { return {}; }
  Done write(const CodeSold&, const log::RecordHeader&) { return {}; }
  // The live board shows the terms.
  Done write(const ReservationsOpened&, const log::RecordHeader&) { return {}; }
  // For those who send reminders: nobody asks for a list of them.
  Done write(const ReservationReminderDue&, const log::RecordHeader&) { return {}; }
  // Its order stays as it ended.
  Done write(const OrderArchived&, const log::RecordHeader&) { return {}; }
  // The public record of a draw is made from facts/ itself; how far it is, the live board shows.
  Done write(const DrawOpened&, const log::RecordHeader&) { return {}; }
  Done write(const DrawEntered&, const log::RecordHeader&) { return {}; }
  Done write(const DrawLeft&, const log::RecordHeader&) { return {}; }
  Done write(const DrawTicketsGranted&, const log::RecordHeader&) { return {}; }
  Done write(const DrawExcluded&, const log::RecordHeader&) { return {}; }
  Done write(const DrawClosed&, const log::RecordHeader&) { return {}; }
  Done write(const DrawRootPublished&, const log::RecordHeader&) { return {}; }
  Done write(const DrawRevealed&, const log::RecordHeader&) { return {}; }
  Done write(const DrawRevealWithheld&, const log::RecordHeader&) { return {}; }
  Done write(const DrawBeaconPosted&, const log::RecordHeader&) { return {}; }
  Done write(const DrawWon&, const log::RecordHeader&) { return {}; }
  Done write(const DrawReserved&, const log::RecordHeader&) { return {}; }
  Done write(const DrawPassedOver&, const log::RecordHeader&) { return {}; }
  Done write(const DrawCompleted&, const log::RecordHeader&) { return {}; }
  Done write(const DrawPromoted&, const log::RecordHeader&) { return {}; }
  // Endpoints are few: the live board has all of them.
  Done write(const WebhookAdded&, const log::RecordHeader&) { return {}; }
  Done write(const WebhookChanged&, const log::RecordHeader&) { return {}; }
  Done write(const WebhookPaused&, const log::RecordHeader&) { return {}; }
  Done write(const WebhookResumed&, const log::RecordHeader&) { return {}; }
  Done write(const WebhookSecretRotated&, const log::RecordHeader&) { return {}; }
  Done write(const WebhookRemoved&, const log::RecordHeader&) { return {}; }
  // Who is of the staff, and signed in, is asked of the engine.
  Done write(const StaffAdded&, const log::RecordHeader&) { return {}; }
  Done write(const StaffRoleChanged&, const log::RecordHeader&) { return {}; }
  Done write(const StaffRemoved&, const log::RecordHeader&) { return {}; }
  Done write(const PasswordChanged&, const log::RecordHeader&) { return {}; }
  Done write(const SessionRevoked&, const log::RecordHeader&) { return {}; }
  Done write(const SecondFactorConfirmed&, const log::RecordHeader&) { return {}; }
  Done write(const SecondFactorRemoved&, const log::RecordHeader&) { return {}; }
  Done write(const ApiKeyRotated&, const log::RecordHeader&) { return {}; }

  std::vector<DropEvent> events;  ///< Written since they were taken.

 private:
  /// A payment that came: all of it is owed back, unless it paid.
  template <class F>
  Done pay(const F& fact, PaymentOutcome outcome, const log::RecordHeader& header) {
    auto done = unless_deposit_.bind(fact.payment_id.view()).run();
    if (!done) { return done; }
    return pay_.bind(fact.payment_id.view())
        .bind(fact.order_id.value)
        .bind(std::int64_t{static_cast<int>(outcome)})
        .bind(fact.amount.minor)
        .bind(fact.amount.currency.code())
        .bind(outcome == PaymentOutcome::paid ? std::int64_t{0} : fact.amount.minor)
        .bind(to_unix_ms(header.timestamp))
        .run();
  }
  /// Money of a reservation.
  template <class F>
  Done deposit(const F& fact, PaymentOutcome outcome, std::int64_t owed,
               const log::RecordHeader& header) {
    return deposit_.bind(fact.payment_id.view())
        .bind(std::int64_t{static_cast<int>(outcome)})
        .bind(fact.amount.minor)
        .bind(fact.amount.currency.code())
        .bind(owed)
        .bind(to_unix_ms(header.timestamp))
        .bind(fact.reservation_id.value)
        .run();
  }
  /// A refund as it stands now.
  template <class F>
  Done refund(const F& fact, RefundState state, const log::RecordHeader& header) {
    return refund_.bind(fact.refund_id.view())
        .bind(fact.payment_id.view())
        .bind(fact.amount.minor)
        .bind(fact.amount.currency.code())
        .bind(std::int64_t{static_cast<int>(state)})
        .bind(to_unix_ms(header.timestamp))
        .run();
  }
  template <class F>
  Done move(const F& fact, std::int64_t owed, std::int64_t asked, std::int64_t refunded) {
    return move_money_.bind(fact.payment_id.view()).bind(owed).bind(asked).bind(refunded).run();
  }
  Done close(OrderId id, OrderState state) {
    return close_.bind(id.value).bind(std::int64_t{static_cast<int>(state)}).run();
  }
  Done reservation(ReservationId id, ReservationState state, std::int64_t kept, std::int64_t owed) {
    return reservation_.bind(id.value)
        .bind(std::int64_t{static_cast<int>(state)})
        .bind(kept)
        .bind(owed)
        .run();
  }
  template <class F>
  Done event(const F& fact, const log::RecordHeader& header) {
    events.push_back({header.position(), fact.drop_id, std::string(F::kName), to_json(fact)});
    return event_.bind(fact.drop_id.value)
        .bind(header.offset.value)
        .bind(std::int64_t{header.index})
        .bind(events.back().name)
        .bind(events.back().data)
        .run();
  }

  Statement begin_;
  Statement move_;
  Statement commit_;
  Statement place_;
  Statement close_;
  Statement return_;
  Statement pay_;
  Statement unless_deposit_;
  Statement deposit_;
  Statement deposit_paid_;
  Statement owe_deposit_;
  Statement owe_;
  Statement move_money_;
  Statement refund_;
  Statement reserve_;
  Statement reservation_;
  Statement make_codes_;
  Statement sku_;
  Statement price_;
  Statement receive_;
  Statement launch_;
  Statement key_;
  Statement revoke_;
  Statement event_;
};

/// Decodes the fact as what its number says and writes it. Every registered fact must have a
/// write(): a new one does not build without.
template <class... Entries>
Expected<void, RecordsError> write_fact(FactTables& tables, const log::RecordView& record,
                                        std::tuple<Entries...>*) {
  Expected<void, RecordsError> done;
  bool known = false;
  const auto try_as = [&]<class Entry>(Entry*) {
    if (record.header.type != Entry::kNumber) { return; }
    known = true;
    const auto fact = decode<typename Entry::Type>(record.payload, record.header.version);
    if (fact) {
      done = tables.write(*fact, record.header);
    } else {
      done = Unexpected(RecordsError{"records: fact " + log::to_string(record.header.position()) +
                                     " does not decode"});
    }
  };
  (try_as(static_cast<Entries*>(nullptr)), ...);
  if (!known) {
    return Unexpected(RecordsError{"records: fact " + log::to_string(record.header.position()) +
                                   " is of a newer program"});
  }
  return done;
}

}  // namespace

struct RecordsProjector::State {
  log::FileSystem& files;
  std::string data;
  std::string path;
  Database database{};
  std::optional<FactTables> tables{};
  std::optional<log::Reader> reader{};
  log::Position read_to{};
  std::atomic<std::uint64_t> cursor{0};
  std::atomic<std::uint64_t> complete{0};
  std::optional<RecordsError> failed{};

  Expected<void, RecordsError> open() {
    auto opened = Database::open(path, kOpenFlags);
    if (!opened) { return Unexpected(opened.error()); }
    database = std::move(*opened);
    const auto found = read_cursor(database);
    if (!found) { return Unexpected(found.error()); }
    if (auto done = *found ? Expected<void, RecordsError>() : make_tables(database); !done) {
      return done;
    }
    tables.emplace(database);
    go_on_behind(found->value_or(log::Position{}));
    return {};
  }

  void go_on_behind(log::Position position) {
    read_to = position;
    cursor.store(log::pack(read_to), std::memory_order_release);
    set_complete({});
    reader.reset();
  }

  /// Where the cursor stands, more facts of the same record may follow.
  void set_complete(LogOffset known) {
    const std::uint64_t behind = read_to.offset.value - (read_to.offset.value > 0 ? 1 : 0);
    complete.store(std::max(known.value, behind), std::memory_order_release);
  }

  Expected<bool, RecordsError> step(log::Position stored, LogOffset stored_complete) {
    auto stepped = step(stored);
    if (stepped) { set_complete(read_to == stored ? stored_complete : LogOffset{}); }
    return stepped;
  }

  Expected<bool, RecordsError> step(log::Position stored) {
    if (stored < read_to) {
      // facts/ was restored from an older backup: what we know may not have happened.
      if (auto done = make_tables(database); !done) { return Unexpected(done.error()); }
      go_on_behind({});
    }
    if (stored == read_to) { return false; }
    if (!reader) {
      const log::Position from =
          read_to == log::Position{}
              ? log::Position{}
              : log::Position{read_to.offset, static_cast<std::uint16_t>(read_to.index + 1)};
      auto opened = log::Reader::open(files, facts_directory(data), from);
      if (!opened) { return Unexpected(RecordsError{opened.error().message}); }
      reader.emplace(std::move(*opened));
    }
    reader->set_limit(stored);
    if (auto done = tables->begin(); !done) { return Unexpected(done.error()); }
    std::size_t count = 0;
    while (count < kFactsPerStep) {
      const auto record = reader->next();
      if (!record && record.error() == log::ReadError::end_of_log) { break; }
      if (!record) { return Unexpected(RecordsError{std::string(reader->message())}); }
      if (auto done = write_fact(*tables, *record, static_cast<Facts*>(nullptr)); !done) {
        return Unexpected(done.error());
      }
      read_to = record->header.position();
      ++count;
    }
    if (auto done = tables->commit(read_to); !done) { return Unexpected(done.error()); }
    cursor.store(log::pack(read_to), std::memory_order_release);
    return count > 0;
  }
};

RecordsProjector::RecordsProjector(std::unique_ptr<State> state) : state_(std::move(state)) {}
RecordsProjector::~RecordsProjector() = default;

Expected<std::unique_ptr<RecordsProjector>, RecordsError> RecordsProjector::open(
    log::FileSystem& files, const std::string& data, const std::string& path) {
  std::unique_ptr<State> state(new State{.files = files, .data = data, .path = path});
  if (auto done = state->open(); !done) { return Unexpected(done.error()); }
  return std::unique_ptr<RecordsProjector>(new RecordsProjector(std::move(state)));
}

Expected<bool, RecordsError> RecordsProjector::step(log::Position stored, LogOffset complete) {
  if (state_->failed) { return Unexpected(*state_->failed); }
  auto stepped = state_->step(stored, complete);
  if (!stepped) {
    state_->failed = stepped.error();
    (void)state_->database.run("ROLLBACK");  // Nobody shall wait for our lock.
  }
  return stepped;
}

std::vector<DropEvent> RecordsProjector::take_events() {
  return std::exchange(state_->tables->events, {});
}

log::Position RecordsProjector::cursor() const noexcept {
  return log::unpack(state_->cursor.load(std::memory_order_acquire));
}

LogOffset RecordsProjector::complete() const noexcept {
  return {state_->complete.load(std::memory_order_acquire)};
}

}  // namespace firebrand
