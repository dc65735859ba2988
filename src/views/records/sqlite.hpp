#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/expected.hpp"
#include "views/records/records.hpp"

namespace firebrand {

/// One connection to a database. One thread at a time.
class Database {
 public:
  Database() = default;
  Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Database& operator=(Database&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Database() { sqlite3_close_v2(handle_); }

  [[nodiscard]] static Expected<Database, RecordsError> open(const std::string& path, int flags) {
    Database database;
    if (sqlite3_open_v2(path.c_str(), &database.handle_, flags, nullptr) != SQLITE_OK) {
      return Unexpected(database.error(path));
    }
    sqlite3_busy_timeout(database.handle_, 5'000);
    return database;
  }

  [[nodiscard]] Expected<void, RecordsError> run(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      return Unexpected(error(sql));
    }
    return {};
  }
  /// Makes it a database without tables, for every connection, whatever stands in the file now.
  [[nodiscard]] Expected<void, RecordsError> clear() {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
    auto done = run("VACUUM");
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
    return done;
  }
  /// Whether the last call failed by what stands in the file, not for want of space, time or
  /// rights.
  [[nodiscard]] bool damaged() const {
    const int code = sqlite3_errcode(handle_);
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
  }
  [[nodiscard]] RecordsError error(std::string_view doing) const {
    return {std::string("records: ") + sqlite3_errmsg(handle_) + " (" + std::string(doing) + ")"};
  }
  [[nodiscard]] sqlite3* handle() const { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

/// A prepared statement, bound and stepped from the left. One that cannot be prepared, because the
/// schema is damaged or just being built again, says so when it is stepped.
class Statement {
 public:
  Statement(const Database& database, std::string_view sql) : database_(database.handle()) {
    if (sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) != SQLITE_OK) {
      unprepared_ = database.error(sql);
    }
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(handle_); }

  /// Binds the next parameter.
  Statement& bind(std::int64_t value) {
    sqlite3_bind_int64(handle_, ++bound_, value);
    return *this;
  }
  Statement& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(std::string_view text) {
    sqlite3_bind_text(handle_, ++bound_, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
    return *this;
  }

  /// @return whether there is a row.
  [[nodiscard]] Expected<bool, RecordsError> step() {
    if (handle_ == nullptr) { return Unexpected(unprepared_); }
    const int result = sqlite3_step(handle_);
    if (result == SQLITE_ROW) { return true; }
    if (result == SQLITE_DONE) { return false; }
    return Unexpected(RecordsError{std::string("records: ") + sqlite3_errmsg(database_)});
  }
  /// Runs to the end and makes the statement ready for the next binding.
  [[nodiscard]] Expected<void, RecordsError> run() {
    auto stepped = step();
    while (stepped && *stepped) { stepped = step(); }
    reset();
    if (!stepped) { return Unexpected(stepped.error()); }
    return {};
  }
  void reset() {
    sqlite3_reset(handle_);
    bound_ = 0;
  }

  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(handle_, column);
  }
  [[nodiscard]] std::string_view text(int column) const {
    const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
  }

 private:
  sqlite3* database_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
  RecordsError unprepared_{};  ///< Why there is no handle.
  int bound_ = 0;
};

}  // namespace firebrand
