#include "edge/server/backup.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/big_endian.hpp"
#include "base/codec_json.hpp"
#include "core/engine/engine.hpp"
#include "edge/delivery/delivery_store.hpp"
#include "edge/server/sealed_key.hpp"
#include "log/reader.hpp"
#include "runtime/node.hpp"
#include "runtime/replay.hpp"
#include "views/records/sqlite.hpp"

namespace firebrand {

namespace {

constexpr char kManifestFile[] = "manifest.json";
constexpr char kSealedKeyFile[] = "installation.key.sealed";
/// Of the manifest and the sealed key, which have a few hundred.
constexpr std::uint64_t kFileBytesMax = 64U << 10;

bool has_file(log::FileSystem& files, const std::string& directory, std::string_view name) {
  const auto names = files.list(directory);
  return names && std::ranges::find(*names, name) != names->end();
}

std::string deliveries_name(LogOffset offset) {
  return "deliveries-" + std::to_string(offset.value) + ".db";
}

/// A database as it is between two transactions, whoever writes to it.
Expected<void, std::string> copy_database(log::FileSystem& files, const std::string& from,
                                          const std::string& to) {
  auto database = Database::open(from, SQLITE_OPEN_READWRITE);
  if (!database) { return Unexpected(database.error().message); }
  Statement statement(*database, "VACUUM INTO ?");
  const auto done = statement.bind(std::string_view(to)).run();
  if (!done) { return Unexpected(done.error().message); }
  const auto copy = files.open(to, log::OpenMode::read);
  if (!copy) { return Unexpected(copy.error().message); }
  const auto synced = (*copy)->sync();
  return synced ? Expected<void, std::string>() : Unexpected(synced.error().message);
}

/// The key in the backup must open: else a restore could not use it. Made if it is missing.
Expected<void, std::string> keep_key(log::FileSystem& files, const InstallationKey& key,
                                     const std::string& to, std::string_view passphrase) {
  const std::string path = log::join_path(to, kSealedKeyFile);
  const auto sealed = log::read_file(files, path, kFileBytesMax);
  if (!sealed && sealed.error().code != log::FileErrorCode::not_found) {
    return Unexpected(sealed.error().message);
  }
  if (!sealed) {
    const std::string made = seal_key(key, passphrase);
    const auto stored =
        log::replace_file(files, to, kSealedKeyFile, std::as_bytes(std::span(made)));
    return stored ? Expected<void, std::string>() : Unexpected(stored.error().message);
  }
  const auto opened = open_sealed_key(*sealed, passphrase);
  if (!opened) {
    return Unexpected(path +
                      " does not open with this passphrase: give the one it was made with, "
                      "or back up into an empty directory");
  }
  if (*opened != key) {
    return Unexpected(to + " holds a backup of another installation: its key is another one");
  }
  return {};
}

/// Rises with every change of what a digest is taken of.
std::uint32_t piece_versions() {
  std::uint32_t sum = 0;
  for (const PieceInfo& piece : Engine::pieces()) { sum += piece.version; }
  return sum;
}

/// A restore folds the log from its beginning, which the data directory may not have any more.
Expected<void, std::string> check_beginning(log::FileSystem& files, const std::string& data,
                                            const std::string& to) {
  auto reader = log::Reader::open(files, log_directory(to), {});
  if (!reader) { return Unexpected(reader.error().message); }
  const auto first = reader->next();
  if (!first) { return Unexpected(std::string(reader->message())); }
  if (first->header.offset == LogOffset{1}) { return {}; }
  return Unexpected(
      "the log in " + data + " begins at record " + std::to_string(first->header.offset.value) +
      " (log.keep_days): a backup that was begun before goes on, a new one cannot be "
      "begun. With the server stopped, a copy of the whole data directory is as good");
}

bool is_empty(log::FileSystem& files, const std::string& data) {
  for (const std::string& directory :
       {data, log_directory(data), facts_directory(data), log::join_path(data, "proof")}) {
    const auto names = files.list(directory);
    if (names ? !names->empty() : names.error().code != log::FileErrorCode::not_found) {
      return false;
    }
  }
  return true;
}

/// Opens the log as a start does, which makes the facts, and leaves a snapshot for the next start.
Expected<Restored, std::string> make_the_rest(log::FileSystem& files, const std::string& data,
                                              Clock& clock) {
  const auto node = Node::open(files, data, clock, {});
  if (!node) { return Unexpected(node.error().message); }
  const FoldedState& state = (*node)->folded();
  state.engine->check_invariants();
  if (const auto done = write_snapshot(files, data, state); !done) {
    return Unexpected(done.error().message);
  }
  return Restored{state.offset, state.timestamp, state.engine->digest()};
}

/// From the snapshot that was restored to the end of the backup: the digest there was noted by the
/// program that made it, of the state as it was.
Expected<void, std::string> verify(log::FileSystem& files, const std::string& from,
                                   const std::string& data, LogOffset offset,
                                   const BackupManifest& manifest) {
  std::string passed_over;
  auto state = load_newest_snapshot(files, data, offset,
                                    [&](const std::string& line) { passed_over = line; });
  if (!state) { return Unexpected(state.error().message); }
  if (state->offset != offset) { return Unexpected(passed_over); }
  if (const auto done = replay_log(files, from, *state, manifest.offset); !done) {
    return Unexpected(done.error().message);
  }
  state->engine->check_invariants();
  // Another program took the digest of other bytes: the chain of the log holds them alone.
  if (manifest.pieces != piece_versions()) { return {}; }
  Bytes<8> digest;
  put_be(std::as_writable_bytes(std::span(digest.data)), state->engine->digest());
  if (digest != manifest.digest) {
    return Unexpected("the state folded from the backup's log up to offset " +
                      std::to_string(manifest.offset.value) +
                      " has another digest than the one in " + from + "/" + kManifestFile +
                      ": the backup is not what was backed up. Take an older one; " + data +
                      " has no key, and no server starts on it");
  }
  return {};
}

}  // namespace

Expected<BackupDone, std::string> back_up(log::FileSystem& files, const std::string& data,
                                          const std::string& to, std::string_view passphrase,
                                          const std::function<void(const std::string&)>& warn) {
  const auto key = load_installation_key(files, data);
  if (!key) { return Unexpected(key.error()); }
  if (const auto made = files.create_directory(to); !made) {
    return Unexpected(made.error().message);
  }
  const auto lock = log::lock_directory(files, to);
  if (!lock) { return Unexpected(lock.error().message); }
  const bool had_one = has_file(files, to, kManifestFile);
  if (had_one) {
    if (const auto known = read_manifest(files, to); !known) { return Unexpected(known.error()); }
  }
  if (const auto kept = keep_key(files, *key, to, passphrase); !kept) {
    return Unexpected(kept.error());
  }
  // Before the log: what endpoints were told must be of facts that the log leads to.
  const std::string unfinished = log::join_path(to, std::string(kDeliveriesFile) + ".tmp");
  const bool has_deliveries = has_file(files, data, kDeliveriesFile);
  (void)files.remove(unfinished);
  if (has_deliveries) {
    if (auto done = copy_database(files, log::join_path(data, kDeliveriesFile), unfinished);
        !done) {
      return Unexpected(done.error());
    }
  }
  // So must what the public was told.
  const auto proof = copy_proof(files, data, to);
  if (!proof) { return Unexpected(proof.error().message); }
  const auto copied =
      log::copy_log(files, log_directory(data), log_directory(to), log::kPositionMax);
  if (!copied) { return Unexpected(copied.error().message); }
  const LogOffset offset = copied->last.offset;
  if (offset == LogOffset{}) { return Unexpected(data + " holds no record yet"); }
  if (const auto whole = check_beginning(files, data, to); !whole) {
    return Unexpected(whole.error());
  }
  if (has_deliveries) {
    const auto named = files.rename(unfinished, log::join_path(to, deliveries_name(offset)));
    if (!named) { return Unexpected(named.error().message); }
    if (const auto synced = files.sync_directory(to); !synced) {
      return Unexpected(synced.error().message);
    }
  }
  auto state = load_newest_snapshot(files, data, offset, warn);
  if (!state) { return Unexpected(state.error().message); }
  if (const auto done = replay_log(files, to, *state, offset); !done) {
    return Unexpected(done.error().message);
  }
  state->engine->check_invariants();
  BackupDone done{.manifest = {.offset = offset,
                               .stamped_at = state->timestamp,
                               .rules_version = state->engine->rules_version(),
                               .chain = copied->chain,
                               .pieces = piece_versions(),
                               .proof = *proof},
                  .copied = *copied};
  put_be(std::as_writable_bytes(std::span(done.manifest.digest.data)), state->engine->digest());
  const std::string text = to_json(done.manifest) + "\n";
  const auto stored = log::replace_file(files, to, kManifestFile, std::as_bytes(std::span(text)));
  if (!stored) { return Unexpected(stored.error().message); }
  // Older ones belong to manifests that are gone.
  if (const auto names = files.list(to)) {
    for (const std::string& name : *names) {
      if (name.starts_with("deliveries-") && name != deliveries_name(offset)) {
        (void)files.remove(log::join_path(to, name));
      }
    }
  }
  return done;
}

Expected<BackupManifest, std::string> read_manifest(log::FileSystem& files,
                                                    const std::string& from) {
  const std::string path = log::join_path(from, kManifestFile);
  const auto text = log::read_file(files, path, kFileBytesMax);
  if (!text && text.error().code == log::FileErrorCode::not_found) {
    return Unexpected(from + " is no whole backup: it has no " + kManifestFile +
                      ", which is written last");
  }
  if (!text) { return Unexpected(text.error().message); }
  const auto manifest = read_json<BackupManifest>(PaddedJson(*text).view());
  if (!manifest) { return Unexpected(path + ": " + manifest.error().message()); }
  if (manifest->format > BackupManifest::kFormat) {
    return Unexpected(path + " was written by a newer program: use that one");
  }
  return *manifest;
}

Expected<LogOffset, std::string> offset_at(log::FileSystem& files, const std::string& from,
                                           const BackupManifest& manifest, Timestamp time) {
  auto reader = log::Reader::open(files, log_directory(from), {});
  if (!reader) { return Unexpected(reader.error().message); }
  reader->set_limit({manifest.offset, 0});
  LogOffset offset{};
  for (;;) {
    const auto record = reader->next();
    if (!record && record.error() != log::ReadError::end_of_log) {
      return Unexpected(std::string(reader->message()));
    }
    if (!record || record->header.timestamp > time) { return offset; }
    offset = record->header.offset;
  }
}

Expected<Restored, std::string> restore(log::FileSystem& files, const std::string& from,
                                        const std::string& data, Clock& clock,
                                        std::string_view passphrase, LogOffset offset,
                                        bool nothing_lost) {
  const auto manifest = read_manifest(files, from);
  if (!manifest) { return Unexpected(manifest.error()); }
  if (offset == LogOffset{} || offset > manifest->offset) {
    return Unexpected("the backup holds the offsets 1 to " +
                      std::to_string(manifest->offset.value));
  }
  const bool whole = offset == manifest->offset;
  if (nothing_lost && !whole) {
    return Unexpected("what stands in the backup behind offset " + std::to_string(offset.value) +
                      " would be lost");
  }
  const auto sealed = log::read_file(files, log::join_path(from, kSealedKeyFile), kFileBytesMax);
  if (!sealed) { return Unexpected(sealed.error().message); }
  const auto key = open_sealed_key(*sealed, passphrase);
  if (!key) {
    return Unexpected(log::join_path(from, kSealedKeyFile) +
                      " does not open: the passphrase is another one, or the file is damaged");
  }
  if (!is_empty(files, data)) {
    return Unexpected(data + " is not empty: move it away, or name another directory");
  }
  if (const auto made = files.create_directory(data); !made) {
    return Unexpected(made.error().message);
  }
  const auto copied = log::copy_log(files, log_directory(from), log_directory(data), {offset, 0});
  if (!copied) { return Unexpected(copied.error().message); }
  if (copied->last.offset != offset || (whole && copied->chain != manifest->chain)) {
    return Unexpected("the log in " + from + " ends at record " + log::to_string(copied->last) +
                      " and is not the one of its manifest: the backup is damaged");
  }
  auto restored = make_the_rest(files, data, clock);
  if (!restored) { return restored; }
  if (const auto good = verify(files, from, data, offset, *manifest); !good) {
    return Unexpected(good.error());
  }
  // At an earlier offset endpoints have been told more than the log knows of.
  if (whole && has_file(files, from, deliveries_name(offset))) {
    const auto done = copy_database(files, log::join_path(from, deliveries_name(offset)),
                                    log::join_path(data, kDeliveriesFile));
    if (!done) { return Unexpected(done.error()); }
  }
  if (const auto put = restore_proof(files, from, data, manifest->proof, nothing_lost); !put) {
    return Unexpected(put.error().message + ". Take an older backup; or take " + from +
                      "/proof out of it and its entry out of " + kManifestFile +
                      ": then a public log begins that says nothing of the old one");
  }
  restored->has_public_log = !manifest->proof.empty();
  if (const auto stored = store_installation_key(files, data, *key); !stored) {
    return Unexpected(stored.error());
  }
  return restored;
}

}  // namespace firebrand
