#include "views/proof/proof_copy.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "views/proof/proof_files.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kChunkBytes = 1U << 20;
/// Of an index file at a time, and leaves at a time.
constexpr std::size_t kChunkEntries = kChunkBytes / sizeof(std::uint64_t);
constexpr std::uint64_t kLeavesAtOnce = 256;
constexpr std::uint64_t kTextBytesMax = 256U << 20;
constexpr char kNameSuffix[] = "name";

using Done = Expected<void, ProofError>;

Unexpected<ProofError> failed(const log::FileError& error) {
  return Unexpected(ProofError{"proof: " + error.message});
}
Unexpected<ProofError> failed(const std::string& what) {
  return Unexpected(ProofError{"proof: " + what});
}

std::string proof_directory(const std::string& parent) { return log::join_path(parent, "proof"); }

Expected<std::unique_ptr<log::File>, ProofError> open_or_make(log::FileSystem& files,
                                                              const std::string& path) {
  auto opened = files.open(path, log::OpenMode::read_write);
  if (!opened && opened.error().code == log::FileErrorCode::not_found) {
    opened = files.open(path, log::OpenMode::create_new);
  }
  if (!opened) { return failed(opened.error()); }
  return std::move(*opened);
}

/// Bytes from `begin` to `end`, which are there and never change.
Done copy_range(log::File& from, log::File& to, std::uint64_t begin, std::uint64_t end) {
  std::vector<std::byte> buffer(kChunkBytes);
  while (begin < end) {
    const auto chunk = std::span(buffer).first(std::min<std::uint64_t>(end - begin, kChunkBytes));
    if (!read_exactly(from, chunk, begin)) {
      return failed("its files end before its newest head");
    }
    if (auto done = log::write_fully(to, chunk, begin); !done) { return failed(done.error()); }
    begin += chunk.size();
  }
  return {};
}

/// Entries that lead to a leaf of `size` leaves; others are none yet.
/// @return `before` and a hash over those.
Expected<Hash256, ProofError> copy_index(log::File& from, log::File& to, std::uint64_t size,
                                         Hash256 before) {
  std::vector<std::uint64_t> entries(kChunkEntries);
  std::vector<std::uint64_t> there(kChunkEntries);
  for (std::uint64_t place = 0;; place += kChunkEntries) {
    const auto read = from.pread(std::as_writable_bytes(std::span(entries)), place * 8);
    if (!read) { return failed(read.error()); }
    const auto chunk = std::span(entries).first(*read / 8);
    bool any = false;
    for (std::uint64_t& entry : chunk) {
      if (entry > size) { entry = 0; }
      any = any || entry != 0;
    }
    // What is there already is not written again, and holes stay holes.
    std::ranges::fill(there, 0);
    const auto kept =
        to.pread(std::as_writable_bytes(std::span(there).first(chunk.size())), place * 8);
    if (!kept) { return failed(kept.error()); }
    if (!std::ranges::equal(chunk, std::span(there).first(chunk.size()))) {
      if (auto done = log::write_fully(to, std::as_bytes(chunk), place * 8); !done) {
        return failed(done.error());
      }
    }
    if (any) {
      // Behind the last entry nothing is hashed: how long the file is says nothing.
      std::size_t used = chunk.size();
      while (chunk[used - 1] == 0) { --used; }
      before = sha256({bytes_of(before), std::as_bytes(std::span(&place, 1)),
                       std::as_bytes(chunk.first(used))});
    }
    if (chunk.size() < kChunkEntries) { return before; }
  }
}

Unexpected<ProofError> does_not_fit(const std::string& prefix) {
  return failed("the files " + prefix +
                "* do not fit their head: they, or those that they were copied from, are damaged");
}

/// That leaves, places and nodes behind `from` lead to the root of `to`.
Done check(ProofFiles& files, const HeadRecord& from, const HeadRecord& to,
           const std::string& prefix) {
  const MerkleNodeReader read = [&files](std::uint64_t place, Hash256& node) {
    return read_node(*files.nodes, place, node);
  };
  auto tree = load_merkle_root(read, from.size);
  if (!tree || tree->root() != from.root) { return does_not_fit(prefix); }
  std::uint64_t begin = from.leaf_bytes;
  std::vector<std::uint64_t> ends;
  std::vector<Hash256> made;
  std::vector<Hash256> stored;
  std::string text;
  while (tree->size() < to.size) {
    const std::uint64_t first = tree->size();
    ends.resize(std::min(kLeavesAtOnce, to.size - first));
    if (!read_exactly(*files.places, std::as_writable_bytes(std::span(ends)), first * 8) ||
        !std::ranges::is_sorted(ends) || ends.front() <= begin || ends.back() > to.leaf_bytes ||
        ends.back() - begin > kTextBytesMax) {
      return does_not_fit(prefix);
    }
    text.resize(ends.back() - begin);
    if (!read_exactly(*files.leaves, std::as_writable_bytes(std::span(text)), begin)) {
      return does_not_fit(prefix);
    }
    made.clear();
    std::size_t at = 0;
    for (const std::uint64_t end : ends) {
      const std::size_t line_end = text.find('\n', at);
      if (line_end == std::string::npos || begin + line_end + 1 != end) {
        return does_not_fit(prefix);
      }
      tree->append(merkle_leaf(bytes_of(std::string_view(text).substr(at, line_end - at))),
                   [&made](const Hash256& node) { made.push_back(node); });
      at = line_end + 1;
    }
    stored.resize(made.size());
    if (!read_exactly(*files.nodes, std::as_writable_bytes(std::span(stored)),
                      merkle_node_count(first) * sizeof(Hash256)) ||
        stored != made) {
      return does_not_fit(prefix);
    }
    begin = ends.back();
  }
  const bool fits = begin == to.leaf_bytes && tree->root() == to.root;
  return fits ? Done{} : does_not_fit(prefix);
}

/// Copies one log behind the head `have` of the copy up to the head `want` of the source.
Expected<ProofCopy, ProofError> copy_log_files(log::FileSystem& files, const std::string& from,
                                               const std::string& to, std::uint64_t number,
                                               const KeptHead& have, const KeptHead& want) {
  ProofFiles source;
  ProofFiles copy;
  const auto slots = source.all();
  const auto copied = copy.all();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    auto made = open_or_make(files, to + ProofFiles::kNames[i]);
    if (!made) { return Unexpected(made.error()); }
    *copied[i] = std::move(*made);
    // A log in which no units have come back may be without `next`: there is nothing to copy.
    auto opened = files.open(from + ProofFiles::kNames[i], log::OpenMode::read);
    if (!opened && opened.error().code == log::FileErrorCode::not_found &&
        slots[i] == &source.next) {
      opened = files.open(to + ProofFiles::kNames[i], log::OpenMode::read);
    }
    if (!opened) { return failed(opened.error()); }
    *slots[i] = std::move(*opened);
  }
  const auto nodes_bytes = [](std::uint64_t size) {
    return merkle_node_count(size) * sizeof(Hash256);
  };
  auto done = copy_range(*source.leaves, *copy.leaves, have.head.leaf_bytes, want.head.leaf_bytes);
  if (done) {
    done = copy_range(*source.places, *copy.places, have.head.size * 8, want.head.size * 8);
  }
  if (done) {
    done = copy_range(*source.nodes, *copy.nodes, nodes_bytes(have.head.size),
                      nodes_bytes(want.head.size));
  }
  if (!done) { return Unexpected(done.error()); }
  Expected<Hash256, ProofError> index = Hash256{};
  for (std::size_t i = 3; index && i < slots.size(); ++i) {
    index = copy_index(**slots[i], **copied[i], want.head.size, *index);
  }
  if (!index) { return Unexpected(index.error()); }
  if (auto good = check(copy, have.head, want.head, to); !good) { return Unexpected(good.error()); }
  for (auto* const file : copied) {
    if (auto synced = (*file)->sync(); !synced) { return failed(synced.error()); }
  }
  // The heads last, as where they come from: they say how far the other files count.
  const auto heads = files.open(from + "heads", log::OpenMode::read);
  if (!heads) { return failed(heads.error()); }
  const auto kept = open_or_make(files, to + "heads");
  if (!kept) { return Unexpected(kept.error()); }
  done =
      copy_range(**heads, **kept, have.count * HeadRecord::kBytes, want.count * HeadRecord::kBytes);
  if (!done) { return Unexpected(done.error()); }
  if (auto synced = (*kept)->sync(); !synced) { return failed(synced.error()); }
  return ProofCopy{
      .number = number, .size = want.head.size, .root = want.head.root, .index = *index};
}

/// The newest head of a log; a log without the file has none.
Expected<KeptHead, ProofError> newest_head(log::FileSystem& files, const std::string& prefix) {
  const auto heads = files.open(prefix + "heads", log::OpenMode::read);
  if (!heads && heads.error().code == log::FileErrorCode::not_found) {
    return KeptHead{.head = {.root = MerkleRoot().root()}};
  }
  if (!heads) { return failed(heads.error()); }
  // A head that may be in memory alone may not come again.
  if (auto synced = (*heads)->sync_data(); !synced) { return failed(synced.error()); }
  const auto found = read_newest_head(**heads);
  if (!found) { return failed("the newest heads of " + prefix + "heads are damaged"); }
  return *found;
}

/// Whether the source has the newest head of the copy at the same place.
bool goes_on(log::FileSystem& files, const std::string& prefix, const KeptHead& have) {
  if (have.count == 0) { return true; }
  const auto heads = files.open(prefix + "heads", log::OpenMode::read);
  HeadRecord::Stored stored{};
  return heads && read_exactly(**heads, stored, (have.count - 1) * HeadRecord::kBytes) &&
         stored == have.head.encode();
}

/// The head of that size.
Expected<KeptHead, ProofError> head_of_size(log::FileSystem& files, const std::string& prefix,
                                            const ProofCopy& wanted) {
  if (wanted.size == 0) { return KeptHead{.head = {.root = MerkleRoot().root()}}; }
  auto heads = files.open(prefix + "heads", log::OpenMode::read);
  if (!heads) { return failed(heads.error()); }
  HeadRecord::Stored stored{};
  for (std::uint64_t i = 0; read_exactly(**heads, stored, i * HeadRecord::kBytes); ++i) {
    const auto head = HeadRecord::decode(stored);
    if (head && head->size == wanted.size && head->root == wanted.root) {
      return KeptHead{*head, i + 1};
    }
  }
  return failed(prefix + "heads does not hold the head that the manifest names");
}

}  // namespace

Expected<ProofCopies, ProofError> copy_proof(log::FileSystem& files, const std::string& data,
                                             const std::string& to) {
  const std::string source = proof_directory(data);
  const std::string target = proof_directory(to);
  const auto text = read_proof_name(files, log::join_path(source, kProofNameFile));
  if (!text && text.error().code == log::FileErrorCode::not_found) { return ProofCopies{}; }
  if (!text) { return failed(text.error()); }
  const auto name = parse_proof_name(*text);
  if (!name) { return failed(source + "/log does not say which log it is"); }
  if (auto made = files.create_directory(target); !made) { return failed(made.error()); }
  const std::string newest = proof_prefix(target, name->number);
  const auto known = read_proof_name(files, newest + kNameSuffix);
  const auto another = [&] {
    return failed(to +
                  " holds a backup of another public log: back up into an empty directory, or move "
                  "proof/ out of the backup");
  };
  if (known && *known != *text) { return another(); }
  ProofCopies copies;
  const std::uint64_t first =
      name->number > kProofCopiesMax ? name->number - kProofCopiesMax + 1 : 1;
  for (std::uint64_t number = first; number <= name->number; ++number) {
    const std::string from = proof_prefix(source, number);
    const auto want = newest_head(files, from);
    if (!want) { return Unexpected(want.error()); }
    // One that ended before it had a head is known to nobody.
    if (want->count == 0 && number < name->number) { continue; }
    const auto have = newest_head(files, proof_prefix(target, number));
    if (!have) { return Unexpected(have.error()); }
    if (!goes_on(files, from, *have)) { return another(); }
    auto copy = copy_log_files(files, from, proof_prefix(target, number), number, *have, *want);
    if (!copy) { return Unexpected(copy.error()); }
    copies.push_back(*copy);
  }
  if (!known) {
    const auto stored =
        log::replace_file(files, target, std::to_string(name->number) + "." + kNameSuffix,
                          std::as_bytes(std::span(*text)));
    if (!stored) { return failed(stored.error()); }
  }
  if (auto synced = files.sync_directory(target); !synced) { return failed(synced.error()); }
  return copies;
}

Expected<void, ProofError> restore_proof(log::FileSystem& files, const std::string& from,
                                         const std::string& data, const ProofCopies& copies,
                                         bool goes_on) {
  if (copies.empty()) { return {}; }
  const std::string source = proof_directory(from);
  const std::string target = proof_directory(data);
  const auto name =
      read_proof_name(files, proof_prefix(source, copies[copies.size() - 1].number) + kNameSuffix);
  if (!name) { return failed(name.error()); }
  if (auto made = files.create_directory(target); !made) { return failed(made.error()); }
  for (const ProofCopy& wanted : copies) {
    const std::string prefix = proof_prefix(source, wanted.number);
    const auto head = head_of_size(files, prefix, wanted);
    if (!head) { return Unexpected(head.error()); }
    const auto copy = copy_log_files(files, prefix, proof_prefix(target, wanted.number),
                                     wanted.number, {.head = {.root = MerkleRoot().root()}}, *head);
    if (!copy) { return Unexpected(copy.error()); }
    if (*copy != wanted) { return does_not_fit(prefix); }
  }
  if (!goes_on) {
    const auto made =
        files.open(log::join_path(target, kProofRestoredFile), log::OpenMode::create_new);
    if (!made) { return failed(made.error()); }
  }
  if (auto synced = files.sync_directory(target); !synced) { return failed(synced.error()); }
  const auto stored =
      log::replace_file(files, target, kProofNameFile, std::as_bytes(std::span(*name)));
  return stored ? Done{} : failed(stored.error());
}

}  // namespace firebrand
