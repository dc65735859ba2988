#include "views/trail/trail.hpp"

#include <atomic>
#include <utility>

#include "base/codec_binary.hpp"
#include "core/access/access.hpp"
#include "core/engine/numbers.hpp"
#include "log/reader.hpp"
#include "runtime/replay.hpp"
#include "views/records/sqlite.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kRecordsPerStep = 20'000;
/// A crash makes us read so many again at most; the file is not written for each that is passed.
constexpr std::uint64_t kCursorEvery = 200'000;
constexpr std::int64_t kSchema = 1;
constexpr int kWriteFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
constexpr int kReadFlags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;

/// Each commit is synced: the log may be removed behind the cursor.
constexpr char kPragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

constexpr char kTables[] = R"sql(
BEGIN;
CREATE TABLE cursor (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  log_offset  INTEGER NOT NULL,
  whole       INTEGER NOT NULL
);
INSERT INTO cursor VALUES (1, 0, 1);
CREATE TABLE trail (
  log_offset  INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  actor_kind  INTEGER NOT NULL,
  actor_id    INTEGER NOT NULL,
  operation   TEXT    NOT NULL,
  subject     TEXT    NOT NULL,
  fields      TEXT    NOT NULL
);
-- Each ends with log_offset, because that is the row's number.
CREATE INDEX trail_of_actor ON trail (actor_kind, actor_id);
CREATE INDEX trail_of_operation ON trail (operation);
CREATE INDEX trail_at ON trail (at);
CREATE TABLE names (
  actor_kind  INTEGER NOT NULL,
  actor_id    INTEGER NOT NULL,
  name        TEXT    NOT NULL,
  log_offset  INTEGER NOT NULL,
  PRIMARY KEY (actor_kind, actor_id)
) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
)sql";

RecordsError about(const RecordsError& error) {
  constexpr std::string_view kOfRecords = "records: ";
  std::string_view text = error.message;
  if (text.starts_with(kOfRecords)) { text.remove_prefix(kOfRecords.size()); }
  return {"trail: " + std::string(text)};
}

using Done = Expected<void, RecordsError>;

class TrailTables {
 public:
  explicit TrailTables(const Database& database)
      : begin_(database, "BEGIN IMMEDIATE"),
        move_(database, "UPDATE cursor SET log_offset = ?1, whole = ?2"),
        commit_(database, "COMMIT"),
        add_(database, "INSERT INTO trail VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
        // Numbers of staff and of keys count from 1, in the order of the log.
        name_(database,
              "INSERT INTO names SELECT ?1, coalesce(max(actor_id), 0) + 1, ?2, ?3 FROM names "
              "WHERE actor_kind = ?1") {}

  Done begin() { return begin_.run(); }
  Done commit(LogOffset cursor, bool whole) {
    auto done = move_.bind(cursor.value).bind(std::int64_t{whole ? 1 : 0}).run();
    return done ? commit_.run() : done;
  }
  Done add(const TrailEntry& entry) {
    return add_.bind(entry.position.value)
        .bind(to_unix_ms(entry.at))
        .bind(std::int64_t{static_cast<int>(entry.actor.kind)})
        .bind(entry.actor.id)
        .bind(entry.operation)
        .bind(entry.subject)
        .bind(entry.fields)
        .run();
  }
  Done name_next(ActorKind kind, std::string_view name, LogOffset offset) {
    return name_.bind(std::int64_t{static_cast<int>(kind)}).bind(name).bind(offset.value).run();
  }

 private:
  Statement begin_;
  Statement move_;
  Statement commit_;
  Statement add_;
  Statement name_;
};

Expected<std::int64_t, RecordsError> version_of(const Database& database) {
  Statement ask(database, "PRAGMA user_version");
  const auto row = ask.step();
  if (!row) { return Unexpected(row.error()); }
  return ask.integer(0);
}

}  // namespace

struct TrailProjector::State {
  log::FileSystem& files;
  std::string data;
  Database database{};
  std::optional<TrailTables> tables{};
  std::optional<log::Reader> reader{};
  LogOffset read_to{};                 ///< What a reader has passed.
  LogOffset written{};                 ///< What the file says.
  std::atomic<std::uint64_t> kept{0};  ///< The same, for any thread.
  bool whole = true;  ///< All of the log was read: we know which numbers staff and keys have.
  std::atomic<std::uint64_t> cursor{0};

  Done open(const std::string& path, LogOffset durable) {
    auto opened = Database::open(path, kWriteFlags);
    if (!opened) { return Unexpected(opened.error()); }
    database = std::move(*opened);
    if (auto done = database.run(kPragmas); !done) { return done; }
    const auto version = version_of(database);
    if (!version) { return Unexpected(version.error()); }
    if (*version == 0) {
      if (auto done = database.run(kTables); !done) { return done; }
    } else if (*version != kSchema) {
      return Unexpected(RecordsError{path + " was written by a newer program"});
    }
    if (auto done = read_cursor(); !done) { return done; }
    if (durable < written) {
      if (auto done = drop_behind(durable); !done) { return done; }
    }
    tables.emplace(database);
    go_on_from(written);
    kept.store(written.value, std::memory_order_release);
    return {};
  }

  Done read_cursor() {
    Statement ask(database, "SELECT log_offset, whole FROM cursor");
    const auto row = ask.step();
    if (!row) { return Unexpected(row.error()); }
    written = {static_cast<std::uint64_t>(ask.integer(0))};
    whole = ask.integer(1) != 0;
    return {};
  }

  /// The log was put back to an earlier record: what followed has not happened any more.
  Done drop_behind(LogOffset durable) {
    const std::string last = std::to_string(durable.value);
    const std::string sql = "BEGIN IMMEDIATE; DELETE FROM trail WHERE log_offset > " + last +
                            "; DELETE FROM names WHERE log_offset > " + last +
                            "; UPDATE cursor SET log_offset = " + last + "; COMMIT";
    auto done = database.run(sql.c_str());
    if (done) { written = durable; }
    return done;
  }

  void go_on_from(LogOffset offset) {
    reader.reset();
    read_to = offset;
    cursor.store(read_to.value, std::memory_order_release);
  }

  Done seek() {
    auto opened = log::Reader::open(files, log_directory(data), {{read_to.value + 1}, 0});
    if (!opened && opened.error().code == log::OpenErrorCode::trimmed) {
      // Some staff may have been added in what is not kept any more: nobody new is named.
      whole = false;
      opened = log::Reader::open(files, log_directory(data), {});
    }
    if (!opened) { return Unexpected(RecordsError{opened.error().message}); }
    reader.emplace(std::move(*opened));
    return {};
  }

  Done take(const TrailEntry& entry, const log::RecordView& record) {
    if (auto done = tables->add(entry); !done || !whole) { return done; }
    if (record.header.type == kNumberOf<AddStaff>) {
      const auto command = decode<AddStaff>(record.payload, record.header.version);
      FB_ASSERT(command.has_value());  // The entry was made of it.
      return tables->name_next(ActorKind::staff, command->login.view(), entry.position);
    }
    if (record.header.type == kNumberOf<AddApiKey>) {
      const auto command = decode<AddApiKey>(record.payload, record.header.version);
      FB_ASSERT(command.has_value());
      return tables->name_next(ActorKind::api_key, command->name.view(), entry.position);
    }
    return {};
  }

  Expected<bool, RecordsError> step(LogOffset durable) {
    if (durable <= read_to) { return false; }
    if (!reader) {
      if (auto done = seek(); !done) { return Unexpected(done.error()); }
    }
    reader->set_limit({durable, 0});
    LogOffset at = read_to;
    bool writes = false;
    for (std::size_t count = 0; count < kRecordsPerStep; ++count) {
      const auto record = reader->next();
      if (!record && record.error() == log::ReadError::end_of_log) { break; }
      if (!record) { return Unexpected(RecordsError{std::string(reader->message())}); }
      const auto entry = make_trail_entry(*record);
      if (!entry) { return Unexpected(entry.error()); }
      at = record->header.offset;
      if (!*entry) { continue; }
      if (auto done = writes ? Done() : tables->begin(); !done) { return Unexpected(done.error()); }
      writes = true;
      if (auto done = take(**entry, *record); !done) { return Unexpected(done.error()); }
    }
    if (at == read_to) { return false; }
    if (writes || at.value - written.value >= kCursorEvery) {
      if (auto done = writes ? Done() : tables->begin(); !done) { return Unexpected(done.error()); }
      if (auto done = tables->commit(at, whole); !done) { return Unexpected(done.error()); }
      written = at;
      kept.store(written.value, std::memory_order_release);
    }
    read_to = at;
    cursor.store(read_to.value, std::memory_order_release);
    return true;
  }
};

TrailProjector::TrailProjector(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrailProjector::~TrailProjector() = default;

Expected<std::unique_ptr<TrailProjector>, RecordsError> TrailProjector::open(
    log::FileSystem& files, const std::string& data, const std::string& path, LogOffset durable) {
  std::unique_ptr<State> state(new State{.files = files, .data = data});
  if (auto done = state->open(path, durable); !done) { return Unexpected(about(done.error())); }
  return std::unique_ptr<TrailProjector>(new TrailProjector(std::move(state)));
}

Expected<bool, RecordsError> TrailProjector::step(LogOffset durable) {
  auto stepped = state_->step(durable);
  if (stepped) { return stepped; }
  (void)state_->database.run("ROLLBACK");  // Nobody shall wait for our lock.
  state_->go_on_from(state_->written);
  return Unexpected(about(stepped.error()));
}

LogOffset TrailProjector::cursor() const noexcept {
  return {state_->cursor.load(std::memory_order_acquire)};
}

LogOffset TrailProjector::kept() const noexcept {
  return {state_->kept.load(std::memory_order_acquire)};
}

Expected<std::vector<TrailEntry>, RecordsError> TrailReader::entries(
    const TrailFilter& filter) const {
  // The index of the narrowest filter, named: the planner has no statistics.
  std::string sql =
      "SELECT t.log_offset, t.at, t.actor_kind, t.actor_id, n.name, t.operation, t.subject, "
      "t.fields FROM trail AS t ";
  if (filter.actor) {
    sql += "INDEXED BY trail_of_actor ";
  } else if (!filter.operation.empty()) {
    sql += "INDEXED BY trail_of_operation ";
  }
  sql +=
      "LEFT JOIN names AS n ON n.actor_kind = t.actor_kind AND n.actor_id = t.actor_id "
      "WHERE t.log_offset < ?1";
  if (filter.actor) { sql += " AND t.actor_kind = ?2 AND t.actor_id = ?3"; }
  if (!filter.operation.empty()) { sql += " AND t.operation = ?4"; }
  // Times never go back from record to record, so that they are bounds of the position.
  if (filter.from) {
    sql +=
        " AND t.log_offset >= "
        "(SELECT log_offset FROM trail WHERE at >= ?5 ORDER BY at, log_offset LIMIT 1)";
  }
  if (filter.until) {
    sql +=
        " AND t.log_offset <= "
        "(SELECT log_offset FROM trail WHERE at < ?6 ORDER BY at DESC, log_offset DESC LIMIT 1)";
  }
  sql += " ORDER BY t.log_offset DESC LIMIT ?7";

  auto database = Database::open(path_, kReadFlags);
  if (!database) { return Unexpected(about(database.error())); }
  Statement ask(*database, sql);
  const Actor actor = filter.actor.value_or(Actor{});
  ask.bind(filter.before.value == 0 ? std::uint64_t{INT64_MAX} : filter.before.value)
      .bind(std::int64_t{static_cast<int>(actor.kind)})
      .bind(actor.id)
      .bind(filter.operation)
      .bind(to_unix_ms(filter.from.value_or(Timestamp{})))
      .bind(to_unix_ms(filter.until.value_or(Timestamp{})))
      .bind(std::int64_t{filter.limit});
  std::vector<TrailEntry> entries;
  for (;;) {
    const auto row = ask.step();
    if (!row) { return Unexpected(about(row.error())); }
    if (!*row) { return entries; }
    entries.push_back({.position = {static_cast<std::uint64_t>(ask.integer(0))},
                       .at = from_unix_ms(ask.integer(1)),
                       .actor = {static_cast<ActorKind>(ask.integer(2)),
                                 static_cast<std::uint64_t>(ask.integer(3))},
                       .name = std::string(ask.text(4)),
                       .operation = std::string(ask.text(5)),
                       .subject = std::string(ask.text(6)),
                       .fields = std::string(ask.text(7))});
  }
}

}  // namespace firebrand
