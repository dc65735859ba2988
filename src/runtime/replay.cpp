#include "runtime/replay.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "base/codec_binary.hpp"
#include "core/engine/engine.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/system.hpp"
#include "log/archive.hpp"
#include "log/segment.hpp"
#include "log/snapshot_file.hpp"
#include "log/writer.hpp"

namespace firebrand {

namespace {

std::string offset_text(LogOffset offset) { return std::to_string(offset.value); }

/// How many requests ahead of a replay memory is fetched.
constexpr std::size_t kLookAhead = 8;

const PieceInfo* find_piece(std::uint16_t module) {
  const auto pieces = Engine::pieces();
  const auto found = std::ranges::find(pieces, module, &PieceInfo::number);
  return found == pieces.end() ? nullptr : &*found;
}

bool loads_beside(std::uint16_t module) {
  const PieceInfo* const piece = find_piece(module);
  return piece != nullptr && piece->loads_beside;
}

struct LoadedPieces {
  std::size_t from_the_beginning = 0;
  bool any_older = false;  ///< Than the version that this program writes.
};

/// Loads the pieces of which loads_beside() says `beside`.
Expected<LoadedPieces, std::string> load_pieces(log::FileSystem& files, const std::string& path,
                                                Engine& engine, bool beside) {
  auto reader = log::SnapshotReader::open(files, path);
  if (!reader) { return Unexpected(reader.error().message); }
  LoadedPieces pieces;
  for (;;) {
    const auto piece = reader->next_piece();
    if (!piece) { return Unexpected(piece.error().message); }
    if (!*piece) { return pieces; }
    if (loads_beside((*piece)->module) != beside) { continue; }
    const auto loaded = engine.load_piece((*piece)->module, (*piece)->version, *reader);
    if (!loaded) {
      if (reader->error()) { return Unexpected(reader->error()->message); }
      const bool newer = loaded.error() != LoadError::piece_damaged;
      return Unexpected("piece " + std::to_string((*piece)->module) +
                        (newer ? " was written by a newer program" : " does not load"));
    }
    if ((*piece)->module <= kPiecesFromTheBeginning) { ++pieces.from_the_beginning; }
    if ((*piece)->version < find_piece((*piece)->module)->version) { pieces.any_older = true; }
  }
}

Expected<FoldedState, std::string> load_snapshot(log::FileSystem& files, const std::string& path,
                                                 const RunBoth& run_both) {
  auto reader = log::SnapshotReader::open(files, path);
  if (!reader) { return Unexpected(reader.error().message); }
  FoldedState state;
  Expected<LoadedPieces, std::string> beside = LoadedPieces{};
  Expected<LoadedPieces, std::string> others = LoadedPieces{};
  run_both([&] { beside = load_pieces(files, path, *state.engine, true); },
           [&] { others = load_pieces(files, path, *state.engine, false); });
  if (!beside) { return Unexpected(beside.error()); }
  if (!others) { return Unexpected(others.error()); }
  if (beside->from_the_beginning + others->from_the_beginning != kPiecesFromTheBeginning) {
    return Unexpected(std::string("a piece is missing"));
  }
  const log::SnapshotHeader& header = reader->header();
  // Where entries have grown, the older program hashed other bytes: checksums alone hold them.
  const bool grown = beside->any_older || others->any_older;
  if (!grown && state.engine->digest() != header.state_digest) {
    return Unexpected(std::string("its state has another digest than the one it was written with"));
  }
  state.offset = header.offset;
  state.timestamp = header.timestamp;
  state.term = header.term;
  state.chain = header.chain;
  return state;
}

/// Rules that this program does not know would be applied as those that it does.
Expected<void, ReplayError> check_rules(std::uint32_t version) {
  if (version <= kRulesVersion) { return {}; }
  return Unexpected(ReplayError{"the log obeys rules of version " + std::to_string(version) +
                                "; this program knows version " + std::to_string(kRulesVersion) +
                                ": start a newer program"});
}

/// The version that a record asks for, before the engine refuses it as any other command.
Expected<void, ReplayError> check_rules(const log::RecordView& record) {
  if (record.header.type != kNumberOf<AdoptRules>) { return {}; }
  const auto adopt = decode<AdoptRules>(record.payload);
  return adopt ? check_rules(adopt->rules_version) : Expected<void, ReplayError>{};
}

std::string_view outcome_text(const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::applied:
      return "applied";
    case Outcome::Kind::not_applied:
      return "refused";
    case Outcome::Kind::replayed:
      return "taken for a repeat";
    case Outcome::Kind::request_key_reused:
      return "taken for another use of its request key";
    case Outcome::Kind::undecodable:
      return "not understood";
  }
  return "";
}

/// Null if another process is at the old segments.
Expected<std::unique_ptr<log::FileLock>, ReplayError> lock_old_segments(log::FileSystem& files,
                                                                        const std::string& data) {
  // Not the directory's own lock, which the server has.
  const std::string snapshots = snapshots_directory(data);
  if (const auto made = files.create_directory(snapshots); !made) {
    return Unexpected(ReplayError{made.error().message});
  }
  auto lock = log::lock_directory(files, snapshots);
  if (!lock && lock.error().code == log::FileErrorCode::locked) { return nullptr; }
  if (!lock) { return Unexpected(ReplayError{lock.error().message}); }
  return std::move(*lock);
}

/// Where the first segment begins that may hold a record stamped at `before` or later; zero: that
/// is the oldest one.
Expected<log::Position, ReplayError> find_young(log::FileSystem& files,
                                                const std::string& directory, Timestamp before) {
  const auto list = log::list_segments(files, directory);
  if (!list) { return Unexpected(ReplayError{list.error().message}); }
  log::Position young{};
  for (std::size_t i = 1; i < list->segments.size(); ++i) {
    auto source = log::SegmentSource::open(files, directory, list->segments[i]);
    if (!source) { return Unexpected(ReplayError{source.error().message}); }
    const auto header = log::read_segment_header(*source);
    if (!header) { return Unexpected(ReplayError{header.error().message}); }
    // Stamps never go back: the segment before it ends with an older one.
    if (header->created >= before) { break; }
    young = header->first;
  }
  return young;
}

}  // namespace

std::string log_directory(const std::string& data) { return log::join_path(data, "log"); }
std::string facts_directory(const std::string& data) { return log::join_path(data, "facts"); }
std::string snapshots_directory(const std::string& data) {
  return log::join_path(data, "snapshots");
}

Expected<FoldedState, ReplayError> load_newest_snapshot(
    log::FileSystem& files, const std::string& data, LogOffset limit,
    const std::function<void(const std::string&)>& warn, const RunBoth& run_both) {
  const std::string directory = snapshots_directory(data);
  const auto offsets = log::list_snapshots(files, directory);
  if (!offsets) {
    if (offsets.error().code == log::FileErrorCode::not_found) { return FoldedState{}; }
    return Unexpected(ReplayError{offsets.error().message});
  }
  for (const LogOffset offset : *offsets) {
    if (offset > limit) { continue; }
    const std::string path = log::join_path(directory, log::snapshot_name(offset));
    auto loaded = load_snapshot(files, path, run_both);
    if (loaded) {
      if (const auto known = check_rules(loaded->engine->rules_version()); !known) {
        return Unexpected(known.error());
      }
      return std::move(*loaded);
    }
    warn("snapshot " + path + " is passed over: " + loaded.error());
  }
  return FoldedState{};
}

Expected<void, ReplayError> replay_log(log::FileSystem& files, const std::string& data,
                                       FoldedState& state, LogOffset until,
                                       const AppliedRecord& applied) {
  if (until <= state.offset) { return {}; }
  auto reader = log::Reader::open(files, log_directory(data), {{state.offset.value + 1}, 0});
  if (!reader) { return Unexpected(ReplayError{reader.error().message}); }
  reader->set_limit({until, 0});
  FactBuffer facts;
  while (state.offset < until) {
    while (const auto ahead = reader->look_ahead(kLookAhead)) {
      state.engine->prefetch({ahead->header.type, ahead->payload}, ahead->header.request_id);
    }
    const auto record = reader->next();
    if (!record) {
      if (record.error() == log::ReadError::end_of_log) { break; }
      return Unexpected(ReplayError{std::string(reader->message())});
    }
    const log::RecordHeader& header = record->header;
    const CommandInfo* const info = find_command(header.type);
    if (info == nullptr || header.version > info->version) {
      return Unexpected(ReplayError{
          "record " + offset_text(header.offset) + " is a command of a newer program (number " +
          std::to_string(header.type) + ", version " + std::to_string(header.version) +
          "): start the program that wrote it, or a newer one"});
    }
    if (auto known = check_rules(*record); !known) { return known; }
    CommandContext context{.offset = header.offset,
                           .timestamp = header.timestamp,
                           .actor = {static_cast<ActorKind>(header.actor_kind), header.actor_id},
                           .facts = &facts};
    const Outcome outcome = state.engine->apply({header.type, record->payload, header.version},
                                                header.request_id, context);
    if (outcome.kind != Outcome::Kind::applied) {
      return Unexpected(ReplayError{
          "record " + offset_text(header.offset) + " (" + std::string(info->name) + ", stamped " +
          std::to_string(to_unix_ms(header.timestamp)) + ") was applied once and is now " +
          std::string(outcome_text(outcome)) + " (status " + std::to_string(outcome.status) +
          "): this program does not obey the rules of the one that wrote it"});
    }
    state.offset = header.offset;
    state.timestamp = header.timestamp;
    state.term = header.term;
    state.chain = reader->batch_hash();
    if (applied) { applied(*record, outcome, facts); }
  }
  if (state.offset < until && until.value != UINT64_MAX) {
    return Unexpected(ReplayError{"the log ends at offset " + offset_text(state.offset) +
                                  ", before " + offset_text(until)});
  }
  return {};
}

Expected<void, ReplayError> write_snapshot(log::FileSystem& files, const std::string& data,
                                           const FoldedState& state) {
  const std::string directory = snapshots_directory(data);
  if (const auto made = files.create_directory(directory); !made) {
    return Unexpected(ReplayError{made.error().message});
  }
  auto writer = log::SnapshotWriter::create(files, directory,
                                            {.offset = state.offset,
                                             .term = state.term,
                                             .timestamp = state.timestamp,
                                             .rules_version = state.engine->rules_version(),
                                             .state_digest = state.engine->digest(),
                                             .chain = state.chain});
  if (!writer) { return Unexpected(ReplayError{writer.error().message}); }
  for (const PieceInfo& piece : Engine::pieces()) {
    writer->begin_piece(
        {.module = piece.number, .version = piece.version, .compat_version = piece.version});
    state.engine->save_piece(piece.number, *writer);
    writer->end_piece();
  }
  if (const auto finished = writer->finish(); !finished) {
    return Unexpected(ReplayError{finished.error().message});
  }
  return {};
}

Expected<void, ReplayError> fold_snapshot(log::FileSystem& files, const std::string& data,
                                          LogOffset until, std::uint64_t digest) {
  auto state = load_newest_snapshot(files, data, until, [](const std::string&) {});
  if (!state) { return Unexpected(state.error()); }
  if (const auto replayed = replay_log(files, data, *state, until); !replayed) { return replayed; }
  if (state->engine->digest() != digest) {
    return Unexpected(ReplayError{"the state folded from the log up to offset " +
                                  offset_text(until) +
                                  " has another digest than the server's: replay is not faithful"});
  }
  return write_snapshot(files, data, *state);
}

Expected<void, ReplayError> archive_behind(log::FileSystem& files, const std::string& data,
                                           LogOffset offset) {
  const auto lock = lock_old_segments(files, data);
  if (!lock) { return Unexpected(lock.error()); }
  if (*lock == nullptr) { return {}; }
  const log::Position before{{offset.value + 1}, 0};
  for (const std::string& directory : {log_directory(data), facts_directory(data)}) {
    const auto archived = log::archive(files, directory, before);
    if (!archived) { return Unexpected(ReplayError{archived.error().message}); }
  }
  return {};
}

Expected<std::string, ReplayError> trim_log(log::FileSystem& files, const std::string& data,
                                            Timestamp before, LogOffset read) {
  const auto lock = lock_old_segments(files, data);
  if (!lock) { return Unexpected(lock.error()); }
  if (*lock == nullptr) { return std::string(); }
  const std::string directory = log_directory(data);
  auto end = find_young(files, directory, before);
  if (!end) { return Unexpected(end.error()); }
  if (*end == log::Position{}) { return std::string(); }
  const std::string kept = "segments of " + directory + " that are old enough stay: ";
  const auto offsets = log::list_snapshots(files, snapshots_directory(data));
  if (!offsets) { return Unexpected(ReplayError{offsets.error().message}); }
  if (offsets->size() < 2) { return kept + "there are no two snapshots to start from"; }
  for (const LogOffset offset : std::span(*offsets).first(2)) {
    std::string passed_over;
    const auto loaded = load_newest_snapshot(files, data, offset, [&](const std::string& line) {
      if (passed_over.empty()) { passed_over = line; }
    });
    if (!loaded) { return Unexpected(loaded.error()); }
    if (loaded->offset != offset) { return kept + passed_over; }
  }
  const log::Position behind{{std::min((*offsets)[1], read).value + 1}, 0};
  const auto removed = log::trim(files, directory, std::min(*end, behind));
  if (!removed) { return Unexpected(ReplayError{removed.error().message}); }
  if (*removed == 0) {
    return read < (*offsets)[1] ? kept + "the audit trail has not read them yet" : std::string();
  }
  return std::to_string(*removed) + " segments of " + directory +
         " were deleted: they were old enough";
}

void remove_old_snapshots(log::FileSystem& files, const std::string& data, std::size_t keep) {
  const std::string directory = snapshots_directory(data);
  const auto offsets = log::list_snapshots(files, directory);
  if (!offsets) { return; }
  for (std::size_t i = keep; i < offsets->size(); ++i) {
    // One that cannot be removed now is tried again after the next snapshot.
    (void)files.remove(log::join_path(directory, log::snapshot_name((*offsets)[i])));
  }
  if (offsets->empty()) { return; }
  // What a writer that was killed has left behind; one at work writes a newer one.
  const auto names = files.list(directory);
  if (!names) { return; }
  const std::string newest = log::snapshot_name(offsets->front());
  for (const std::string& name : *names) {
    if (name.ends_with(log::kSnapshotTemporarySuffix) && name < newest) {
      (void)files.remove(log::join_path(directory, name));
    }
  }
}

}  // namespace firebrand
