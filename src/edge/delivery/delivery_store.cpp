#include "edge/delivery/delivery_store.hpp"

#include <sqlite3.h>

#include "views/events/events.hpp"
#include "views/records/sqlite.hpp"

namespace firebrand {

namespace {

constexpr int kSchema = 2;
constexpr int kWriteFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
constexpr int kReadFlags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;

constexpr char kTables[] = R"sql(
BEGIN;
CREATE TABLE endpoints (
  webhook_id     INTEGER PRIMARY KEY,
  fact_offset    INTEGER NOT NULL,
  fact_index     INTEGER NOT NULL,
  failing_since  INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE deliveries (
  number       INTEGER PRIMARY KEY,
  webhook_id   INTEGER NOT NULL,
  fact_offset  INTEGER NOT NULL,
  fact_index   INTEGER NOT NULL,
  state        INTEGER NOT NULL,
  type         TEXT    NOT NULL,
  key          TEXT    NOT NULL,
  body         TEXT    NOT NULL,
  attempts     INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  reason       TEXT    NOT NULL,
  batch        TEXT    NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX delivery_of_event ON deliveries (webhook_id, fact_offset, fact_index);
CREATE INDEX deliveries_in_state ON deliveries (webhook_id, state, number);
CREATE TABLE attempts (
  number      INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_id  INTEGER NOT NULL,
  event_id    TEXT    NOT NULL,
  type        TEXT    NOT NULL,
  at          INTEGER NOT NULL,
  took        INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  reason      TEXT    NOT NULL,
  answer      TEXT    NOT NULL
);
CREATE INDEX attempts_of_endpoint ON attempts (webhook_id, number);
PRAGMA user_version = 2;
COMMIT;
)sql";

constexpr char kFromVersion1[] = R"sql(
BEGIN;
ALTER TABLE deliveries ADD COLUMN batch TEXT NOT NULL DEFAULT '';
PRAGMA user_version = 2;
COMMIT;
)sql";

enum : std::int64_t { kOwed = 0, kDead = 1 };

constexpr std::string_view kDeliveryColumns =
    "SELECT fact_offset, fact_index, type, key, body, attempts, at, reason, number, batch "
    "FROM deliveries ";

DeliveryStoreError about(const RecordsError& error) {
  constexpr std::string_view kOfRecords = "records: ";
  std::string_view text = error.message;
  if (text.starts_with(kOfRecords)) { text.remove_prefix(kOfRecords.size()); }
  return {"deliveries: " + std::string(text)};
}

std::string text_of(std::string_view text) { return std::string(text); }

log::Position position_of(const Statement& row) {
  return {{static_cast<std::uint64_t>(row.integer(0))}, static_cast<std::uint16_t>(row.integer(1))};
}

KeptDelivery delivery_of(const Statement& row, WebhookId id) {
  return {.webhook_id = id,
          .position = position_of(row),
          .type = text_of(row.text(2)),
          .key = text_of(row.text(3)),
          .body = text_of(row.text(4)),
          .attempts = static_cast<std::uint32_t>(row.integer(5)),
          .at = from_unix_ms(row.integer(6)),
          .reason = text_of(row.text(7)),
          .batch = text_of(row.text(9))};
}

/// Every row of a statement that is bound.
template <class T, class Make>
Expected<std::vector<T>, DeliveryStoreError> all_rows(Statement& statement, Make make) {
  std::vector<T> rows;
  for (;;) {
    const auto stepped = statement.step();
    if (!stepped) { return Unexpected(about(stepped.error())); }
    if (!*stepped) { break; }
    rows.push_back(make(statement));
  }
  statement.reset();
  return rows;
}

}  // namespace

struct DeliveryStore::State {
  std::string path;
  Database database{};

  [[nodiscard]] Expected<void, RecordsError> write_all(const DeliveryChanges& changes) {
    Statement upsert(database,
                     "INSERT INTO deliveries (webhook_id, fact_offset, fact_index, state, type, "
                     "key, body, attempts, at, reason, batch) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                     "ON CONFLICT (webhook_id, fact_offset, fact_index) DO UPDATE SET "
                     "state = excluded.state, attempts = excluded.attempts, at = excluded.at, "
                     "reason = excluded.reason, batch = excluded.batch");
    const auto put = [&](const KeptDelivery& delivery, std::int64_t state) {
      return upsert.bind(delivery.webhook_id.value)
          .bind(delivery.position.offset.value)
          .bind(std::int64_t{delivery.position.index})
          .bind(state)
          .bind(delivery.type)
          .bind(delivery.key)
          .bind(delivery.body)
          .bind(std::int64_t{delivery.attempts})
          .bind(to_unix_ms(delivery.at))
          .bind(delivery.reason)
          .bind(delivery.batch)
          .run();
    };
    for (const KeptDelivery& delivery : changes.kept) {
      if (auto done = put(delivery, kOwed); !done) { return done; }
    }
    for (const KeptDelivery& delivery : changes.dead) {
      if (auto done = put(delivery, kDead); !done) { return done; }
    }
    Statement settle(database,
                     "DELETE FROM deliveries WHERE webhook_id = ? AND fact_offset = ? AND "
                     "fact_index = ?");
    for (const DeliveryKey& key : changes.settled) {
      if (auto done = settle.bind(key.webhook_id.value)
                          .bind(key.position.offset.value)
                          .bind(std::int64_t{key.position.index})
                          .run();
          !done) {
        return done;
      }
    }
    Statement move(database,
                   "INSERT INTO endpoints (webhook_id, fact_offset, fact_index) VALUES (?, ?, ?) "
                   "ON CONFLICT (webhook_id) DO UPDATE SET fact_offset = excluded.fact_offset, "
                   "fact_index = excluded.fact_index");
    for (const auto& [id, cursor] : changes.cursors) {
      if (auto done =
              move.bind(id.value).bind(cursor.offset.value).bind(std::int64_t{cursor.index}).run();
          !done) {
        return done;
      }
    }
    Statement fail(database, "UPDATE endpoints SET failing_since = ? WHERE webhook_id = ?");
    for (const auto& [id, since] : changes.failing) {
      if (auto done = fail.bind(to_unix_ms(since)).bind(id.value).run(); !done) { return done; }
    }
    if (auto done = write_attempts(changes); !done) { return done; }
    for (const WebhookId id : changes.removed) {
      for (const char* const sql : {"DELETE FROM endpoints WHERE webhook_id = ?",
                                    "DELETE FROM deliveries WHERE webhook_id = ?",
                                    "DELETE FROM attempts WHERE webhook_id = ?"}) {
        Statement remove(database, sql);
        if (auto done = remove.bind(id.value).run(); !done) { return done; }
      }
    }
    return {};
  }

  [[nodiscard]] Expected<void, RecordsError> write_attempts(const DeliveryChanges& changes) {
    if (changes.attempts.empty()) { return {}; }
    Statement note(database,
                   "INSERT INTO attempts (webhook_id, event_id, type, at, took, status, reason, "
                   "answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (const DeliveryAttempt& attempt : changes.attempts) {
      if (auto done = note.bind(attempt.webhook_id.value)
                          .bind(attempt.event_id)
                          .bind(attempt.type)
                          .bind(to_unix_ms(attempt.at))
                          .bind(std::int64_t{attempt.took.count()})
                          .bind(std::int64_t{attempt.status})
                          .bind(attempt.reason)
                          .bind(attempt.answer)
                          .run();
          !done) {
        return done;
      }
    }
    Statement trim(database,
                   "DELETE FROM attempts WHERE number <= (SELECT max(number) FROM attempts) - ?");
    return trim.bind(kAttemptsKept).run();
  }
};

DeliveryStore::DeliveryStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
DeliveryStore::~DeliveryStore() = default;

Expected<std::unique_ptr<DeliveryStore>, DeliveryStoreError> DeliveryStore::open(
    const std::string& path) {
  std::unique_ptr<State> state(new State{.path = path});
  auto opened = Database::open(path, kWriteFlags);
  if (!opened) { return Unexpected(about(opened.error())); }
  state->database = std::move(*opened);
  // A transaction that a lost power takes back is sent again: no more than that.
  for (const char* const sql : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"}) {
    if (auto done = state->database.run(sql); !done) { return Unexpected(about(done.error())); }
  }
  std::int64_t version = 0;
  {
    Statement ask(state->database, "PRAGMA user_version");
    const auto row = ask.step();
    if (!row) { return Unexpected(about(row.error())); }
    version = ask.integer(0);
  }
  if (version == 0 || version == 1) {
    const char* const sql = version == 0 ? kTables : kFromVersion1;
    if (auto done = state->database.run(sql); !done) { return Unexpected(about(done.error())); }
  } else if (version != kSchema) {
    return Unexpected(DeliveryStoreError{path + " was written by a newer program"});
  }
  return std::unique_ptr<DeliveryStore>(new DeliveryStore(std::move(state)));
}

Expected<void, DeliveryStoreError> DeliveryStore::write(const DeliveryChanges& changes) {
  if (changes.empty()) { return {}; }
  auto done = state_->database.run("BEGIN IMMEDIATE");
  if (done) { done = state_->write_all(changes); }
  if (done) { done = state_->database.run("COMMIT"); }
  if (!done) {
    (void)state_->database.run("ROLLBACK");
    return Unexpected(about(done.error()));
  }
  return {};
}

Expected<std::vector<StoredEndpoint>, DeliveryStoreError> DeliveryStore::endpoints() {
  Statement ask(state_->database,
                "SELECT fact_offset, fact_index, webhook_id, failing_since FROM endpoints");
  return all_rows<StoredEndpoint>(ask, [](const Statement& row) {
    return StoredEndpoint{{static_cast<std::uint64_t>(row.integer(2))},
                          position_of(row),
                          from_unix_ms(row.integer(3))};
  });
}

Expected<std::vector<KeptDelivery>, DeliveryStoreError> DeliveryStore::owed(WebhookId id) {
  Statement ask(state_->database, std::string(kDeliveryColumns) +
                                      "WHERE webhook_id = ? AND state = 0 "
                                      "ORDER BY fact_offset, fact_index");
  ask.bind(id.value);
  return all_rows<KeptDelivery>(ask, [id](const Statement& row) { return delivery_of(row, id); });
}

Expected<std::vector<log::Position>, DeliveryStoreError> DeliveryStore::dead(WebhookId id) {
  Statement ask(
      state_->database,
      "SELECT fact_offset, fact_index FROM deliveries WHERE webhook_id = ? AND state = 1");
  ask.bind(id.value);
  return all_rows<log::Position>(ask, &position_of);
}

Expected<std::vector<KeptDelivery>, DeliveryStoreError> DeliveryStore::revive(
    WebhookId id, std::optional<log::Position> position) {
  Statement revive(state_->database,
                   "UPDATE deliveries SET state = 0, attempts = 0, at = 0, reason = '', "
                   "batch = '' "
                   "WHERE webhook_id = ? AND state = 1 AND "
                   "(? = 1 OR (fact_offset = ? AND fact_index = ?))");
  const log::Position one = position.value_or(log::Position{});
  if (auto done = revive.bind(id.value)
                      .bind(std::int64_t{position ? 0 : 1})
                      .bind(one.offset.value)
                      .bind(std::int64_t{one.index})
                      .run();
      !done) {
    return Unexpected(about(done.error()));
  }
  return owed(id);
}

Expected<std::uint64_t, DeliveryStoreError> DeliveryStore::count_dead(WebhookId id) {
  Statement ask(state_->database,
                "SELECT count(*) FROM deliveries WHERE webhook_id = ? AND state = 1");
  ask.bind(id.value);
  const auto row = ask.step();
  if (!row) { return Unexpected(about(row.error())); }
  return static_cast<std::uint64_t>(ask.integer(0));
}

Expected<std::vector<StoredAttempt>, DeliveryStoreError> DeliveryStore::attempts(
    WebhookId id, std::uint64_t before, std::uint32_t limit) const {
  auto database = Database::open(state_->path, kReadFlags);
  if (!database) { return Unexpected(about(database.error())); }
  Statement ask(*database,
                "SELECT number, event_id, type, at, took, status, reason, answer FROM attempts "
                "WHERE webhook_id = ? AND (? = 0 OR number < ?) ORDER BY number DESC LIMIT ?");
  ask.bind(id.value).bind(before).bind(before).bind(std::int64_t{limit});
  return all_rows<StoredAttempt>(ask, [id](const Statement& row) {
    return StoredAttempt{.attempt = {.webhook_id = id,
                                     .event_id = text_of(row.text(1)),
                                     .type = text_of(row.text(2)),
                                     .at = from_unix_ms(row.integer(3)),
                                     .took = Millis{row.integer(4)},
                                     .status = static_cast<int>(row.integer(5)),
                                     .reason = text_of(row.text(6)),
                                     .answer = text_of(row.text(7))},
                         .number = static_cast<std::uint64_t>(row.integer(0))};
  });
}

Expected<std::vector<DeadLetter>, DeliveryStoreError> DeliveryStore::dead_letters(
    WebhookId id, std::uint64_t before, std::uint32_t limit) const {
  auto database = Database::open(state_->path, kReadFlags);
  if (!database) { return Unexpected(about(database.error())); }
  Statement ask(*database, std::string(kDeliveryColumns) +
                               "WHERE webhook_id = ? AND state = 1 AND (? = 0 OR number < ?) "
                               "ORDER BY number DESC LIMIT ?");
  ask.bind(id.value).bind(before).bind(before).bind(std::int64_t{limit});
  return all_rows<DeadLetter>(ask, [](const Statement& row) {
    return DeadLetter{.event_id = format_event_id(position_of(row)),
                      .type = text_of(row.text(2)),
                      .attempts = static_cast<std::uint32_t>(row.integer(5)),
                      .at = from_unix_ms(row.integer(6)),
                      .reason = text_of(row.text(7)),
                      .body = text_of(row.text(4)),
                      .number = static_cast<std::uint64_t>(row.integer(8))};
  });
}

}  // namespace firebrand
