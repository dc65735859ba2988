#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/struct_table.hpp"
#include "base/types.hpp"
#include "core/context.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"
#include "views/records/records.hpp"

/// The audit trail: who of the staff, and which of the brand's servers, did what and when. Read
/// from log/, where every record says who sent its command. Layout: docs/formats/trail.md.
namespace firebrand {

struct TrailEntry {
  LogOffset position{};  ///< Of the record.
  Timestamp at{};
  Actor actor{};
  std::string name{};       ///< The login, or what the key is for; empty if it is not known.
  std::string operation{};  ///< Name of the command: "pause_drop".
  std::string subject{};    ///< What it is about, such as "drop_1"; empty if it names nothing.
  std::string fields{};     ///< A JSON object: what was asked for, without secrets.
};

/// Names of all commands, in the order of their numbers.
[[nodiscard]] const std::vector<std::string_view>& trail_operations();

/// The entry of a record, without a name; nothing if the record is none of the trail. In it are
/// commands of staff, those of keys that act for no fan, new members of staff and sign-ins.
/// @return an error for commands of a newer program, and for damage.
[[nodiscard]] Expected<std::optional<TrailEntry>, RecordsError> make_trail_entry(
    const log::RecordView& record);

/// Fields of a command as JSON, but for hashes, keys and commitments: what is bytes, and, at any
/// depth, of what the edge made itself all but numbers. Optional ones at their defaults are left
/// out.
[[nodiscard]] std::string trail_fields(const StructTable& table, const void* command);

/// Feeds the trail from log/. One thread.
///
/// Entries stay when the log behind them is removed or the program changes. An entry costs about
/// 300 bytes on disk; there are as many as staff and servers did things.
class TrailProjector {
 public:
  /// @param path     The database file, made if missing.
  /// @param durable  Of the log as it is: entries behind it, of a log that was put back to an
  ///                 earlier record, are dropped.
  [[nodiscard]] static Expected<std::unique_ptr<TrailProjector>, RecordsError> open(
      log::FileSystem& files, const std::string& data, const std::string& path, LogOffset durable);
  ~TrailProjector();
  TrailProjector(const TrailProjector&) = delete;
  TrailProjector& operator=(const TrailProjector&) = delete;

  /// Takes records up to `durable`, some milliseconds' worth at most. @return whether there were
  /// any. After an error it goes on from what it has written when it is called again.
  [[nodiscard]] Expected<bool, RecordsError> step(LogOffset durable);

  /// Any thread: what records up to here say is in the trail.
  [[nodiscard]] LogOffset cursor() const noexcept;
  /// Any thread: from behind here the log is read again after a restart.
  [[nodiscard]] LogOffset kept() const noexcept;

 private:
  struct State;
  explicit TrailProjector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Which entries, newest first.
struct TrailFilter {
  std::optional<Actor> actor{};      ///< None: of everybody.
  std::string operation{};           ///< Empty: all.
  std::optional<Timestamp> from{};   ///< Not before.
  std::optional<Timestamp> until{};  ///< Before.
  LogOffset before{};                ///< Only smaller positions; zero: from the newest.
  std::uint32_t limit = 50;          ///< 1 to 200.
};

/// Reads the trail; any number of threads, each call opens the file for itself.
class TrailReader {
 public:
  /// @param path  As of the projector, which has made it.
  explicit TrailReader(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] Expected<std::vector<TrailEntry>, RecordsError> entries(const TrailFilter&) const;

 private:
  std::string path_;
};

}  // namespace firebrand
