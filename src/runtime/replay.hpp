#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "core/engine/engine.hpp"
#include "core/facts.hpp"
#include "log/file_system.hpp"
#include "log/reader.hpp"

namespace firebrand {

/// Why a data directory cannot be opened or replayed; the message is for the operator.
struct ReplayError {
  std::string message;
};

/// A state somewhere on the log: folded from its beginning or from a snapshot.
struct FoldedState {
  std::unique_ptr<Engine> engine = std::make_unique<Engine>();
  LogOffset offset{};      ///< Of the last applied record.
  Timestamp timestamp{};   ///< Its stamp.
  std::uint64_t term = 0;  ///< Its term.
  log::BatchHash chain{};  ///< Chain hash after the batch that holds it, if it is a batch's last.
};

/// Called after each applied record, with the facts it caused.
using AppliedRecord =
    std::function<void(const log::RecordView&, const Outcome&, const FactBuffer&)>;

/// Runs two pieces of work to their ends: side by side where threads are given, else in turn.
using RunBoth =
    std::function<void(const std::function<void()>& one, const std::function<void()>& other)>;
inline void run_in_turn(const std::function<void()>& one, const std::function<void()>& other) {
  one();
  other();
}

/// Where the parts of a data directory are.
[[nodiscard]] std::string log_directory(const std::string& data);
[[nodiscard]] std::string facts_directory(const std::string& data);
[[nodiscard]] std::string snapshots_directory(const std::string& data);

/// The newest snapshot at or before `limit` that is whole and loads into the digest it was written
/// with; the beginning of the log if there is none. Damaged ones are passed over with a line to
/// `warn`, because the log can still rebuild what they held.
[[nodiscard]] Expected<FoldedState, ReplayError> load_newest_snapshot(
    log::FileSystem& files, const std::string& data, LogOffset limit,
    const std::function<void(const std::string&)>& warn, const RunBoth& run_both = run_in_turn);

/// Applies the records behind `state` up to `until`. The very path that applied them first.
/// A record that is not applied again is an error: the log is of a newer program, or we have a bug.
[[nodiscard]] Expected<void, ReplayError> replay_log(log::FileSystem& files,
                                                     const std::string& data, FoldedState& state,
                                                     LogOffset until,
                                                     const AppliedRecord& applied = {});

/// Writes the state as a snapshot; it counts once this has returned without error.
[[nodiscard]] Expected<void, ReplayError> write_snapshot(log::FileSystem& files,
                                                         const std::string& data,
                                                         const FoldedState& state);

/// What the snapshot process does: newest snapshot, the log behind it up to `until`, and the next
/// snapshot, which must have this digest.
[[nodiscard]] Expected<void, ReplayError> fold_snapshot(log::FileSystem& files,
                                                        const std::string& data, LogOffset until,
                                                        std::uint64_t digest);

/// Compresses the segments of log/ and facts/ that stand whole behind a snapshot at `offset`: a
/// start does not read them again, whoever does reads them as before. While the server runs, too.
/// One process at a time: where another is at it, this one leaves it to that.
[[nodiscard]] Expected<void, ReplayError> archive_behind(log::FileSystem& files,
                                                         const std::string& data, LogOffset offset);

/// Removes segments of log/, oldest first: those whose records are all stamped before `before` and
/// stand behind both of the newest two snapshots, which must load, and up to `read`: so far have
/// views read log/ itself. facts/ stay whole, for lists, events and the public log are made of
/// them. While the server runs, too; one process at a time. Takes the memory of one state while it
/// loads the snapshots, if anything is old enough.
/// @return a line for the operator: what went, or why what is old enough stays; empty if nothing
/// is.
[[nodiscard]] Expected<std::string, ReplayError> trim_log(log::FileSystem& files,
                                                          const std::string& data, Timestamp before,
                                                          LogOffset read);

/// Removes all but the newest `keep` snapshots, and older ones that were never finished.
void remove_old_snapshots(log::FileSystem& files, const std::string& data, std::size_t keep);

}  // namespace firebrand
