#include "log/writer.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <vector>

#include "base/assert.hpp"
#include "log/segment.hpp"

namespace firebrand::log {
namespace {

constexpr std::size_t kZeroBytes = 64U << 10;
/// How much of a new segment is written before it is synced: little enough that a commit which
/// waits behind it on the disk does not wait long.
constexpr std::uint64_t kZeroStepBytes = 1U << 20;

alignas(4096) constexpr std::array<std::byte, kZeroBytes> kZeros{};

Expected<void, FileError> write_zeros(File& file, std::uint64_t begin, std::uint64_t end) {
  while (begin < end) {
    std::array<std::span<const std::byte>, kZeroStepBytes / kZeroBytes> pieces;
    std::size_t count = 0;
    std::uint64_t bytes = 0;
    for (; count < pieces.size() && begin + bytes < end; ++count) {
      const std::uint64_t piece = std::min<std::uint64_t>(kZeroBytes, end - begin - bytes);
      pieces[count] = std::span<const std::byte>(kZeros).first(piece);
      bytes += piece;
    }
    if (auto done = write_fully(file, std::span(pieces).first(count), begin); !done) {
      return done;
    }
    begin += bytes;
    if (auto done = file.sync_data(); !done) { return done; }
  }
  return {};
}

OpenError to_open_error(const FileError& error) {
  return {OpenErrorCode::io_failed, error.message};
}
Unexpected<OpenError> failed(const FileError& error) { return Unexpected(to_open_error(error)); }
Unexpected<OpenError> damaged(const Damage& damage) {
  return Unexpected(OpenError{OpenErrorCode::damaged, explain(damage)});
}

/// The end of a segment as found at start.
struct Tail {
  SegmentHeader header{};
  Chain end{};                 ///< After the last good batch.
  std::uint64_t position = 0;  ///< Of the first byte after it.
  std::uint64_t last_batch_at = 0;
  std::uint64_t batches = 0;
  Rest rest{};  ///< What stands behind: zeros or a torn batch.
};

/// Walks a segment to its end. Whatever is behind the last good batch and holds no later batch
/// counts as torn.
Expected<Tail, OpenError> find_tail(FileSystem& files, const std::string& directory,
                                    const SegmentFile& segment, const WriterOptions& options) {
  auto source = SegmentSource::open(files, directory, segment);
  if (!source) { return Unexpected(to_open_error(source.error())); }
  const auto header = read_segment_header(*source);
  if (!header) { return Unexpected(header.error()); }
  if (header->numbering != options.numbering) {
    return Unexpected(OpenError{OpenErrorCode::wrong_log,
                                source->path() + " belongs to a log of another kind (facts among "
                                                 "commands, or the other way round): move it back "
                                                 "to where it came from."});
  }
  Tail tail{.header = *header, .end = {header->previous, 0, header->chain}};
  for (;;) {
    const auto batch = read_batch(*source, header->numbering, tail.end, kPositionMax);
    if (!batch) { return Unexpected(to_open_error(batch.error())); }
    if (batch->verdict == BatchVerdict::good) {
      tail.last_batch_at = source->position();
      tail.end = {batch->header.last, batch->header.term, batch->hash};
      ++tail.batches;
      source->skip(batch->bytes.size());
      continue;
    }
    if (batch->verdict == BatchVerdict::newer_format) {
      return Unexpected(OpenError{OpenErrorCode::newer_format, explain_newer(source->path())});
    }
    tail.position = source->position();
    Damage damage{.path = source->path(),
                  .at = tail.position,
                  .what = batch->what,
                  .good_to = tail.end.last,
                  .archived = segment.kind == SegmentFile::Kind::archived};
    if (batch->verdict == BatchVerdict::misplaced) {
      damage.next = batch->header.first;
      return damaged(damage);
    }
    const auto rest = read_rest(*source, search_from(*source, *batch));
    if (!rest) { return Unexpected(to_open_error(rest.error())); }
    if (rest->later) {
      damage.next = rest->later->first;
      if (batch->verdict == BatchVerdict::nothing) { damage.what = "there are only zeros there"; }
      return damaged(damage);
    }
    tail.rest = *rest;
    return tail;
  }
}

/// Of the first record, which may be cut anywhere.
RecordHeader first_header(std::span<const std::span<const std::byte>> pieces) {
  std::array<std::byte, kRecordHeaderBytes> bytes;
  std::size_t count = 0;
  for (const auto& piece : pieces) {
    const std::size_t part = std::min(piece.size(), bytes.size() - count);
    if (part > 0) { std::memcpy(bytes.data() + count, piece.data(), part); }
    count += part;
    if (count == bytes.size()) { break; }
  }
  FB_ASSERT(count == bytes.size());
  return view_record(bytes.data()).header;
}

}  // namespace

struct Writer::State {
  struct Spare {
    std::unique_ptr<File> file;
    std::uint64_t number = 0;
    std::uint64_t capacity = 0;
  };
  struct Unnamed {
    std::uint64_t number = 0;
    Position first{};
    bool renamed = false;  ///< Only the directory is still to be synced.
  };

  State(FileSystem& the_files, std::string the_directory, const WriterOptions& the_options)
      : files(the_files),
        directory(std::move(the_directory)),
        options(the_options),
        hash_state(XXH3_createState(), &XXH3_freeState) {
    FB_ASSERT(hash_state != nullptr);
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return join_path(directory, name);
  }

  Expected<void, OpenError> recover();
  Expected<void, OpenError> recover_spare(const SegmentFile& segment);
  Expected<void, OpenError> cut(const std::string& name, std::uint64_t begin, std::uint64_t end);
  Expected<void, OpenError> write_again(const SegmentFile& segment, const Tail& tail);
  Expected<void, OpenError> continue_in(const SegmentFile& last, const Tail& tail);
  Expected<void, OpenError> name_segments(const std::vector<SegmentFile>& segments);
  Expected<bool, PrepareError> name_one();
  Expected<bool, PrepareError> make_one();
  Expected<void, FileError> make_spare(const std::string& temporary, const std::string& name,
                                       Spare& spare);
  void note_space();  // Under `mutex`.
  BatchHash hash(std::span<const std::byte> header,
                 std::span<const std::span<const std::byte>> records);

  FileSystem& files;
  const std::string directory;
  const WriterOptions options;
  Recovery recovery;

  // The appending thread's.
  std::unique_ptr<File> file;  ///< Of the segment being written; none before the first.
  std::uint64_t position = 0;  ///< Where the next batch goes.
  std::uint64_t capacity = 0;
  Chain end;
  bool broken = false;
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> hash_state;
  std::vector<std::span<const std::byte>> pieces_to_write;
  std::array<std::byte, kBatchHeaderBytes> batch_header;
  std::array<std::byte, kSegmentHeaderBytes> segment_header;

  // The preparing thread's.
  std::uint64_t next_number = 1;

  // Shared. The mutex is never held over I/O.
  std::mutex mutex;
  std::deque<Spare> spares;
  std::deque<Unnamed> unnamed;
  std::uint64_t bytes_left = 0;  ///< In the segment being written.
  std::atomic<std::uint64_t> space_left{0};
};

// ---- Start -------------------------------------------------------------------------------------

Expected<void, OpenError> Writer::State::cut(const std::string& name, std::uint64_t begin,
                                             std::uint64_t end_of_torn) {
  if (begin == end_of_torn) { return {}; }
  if (recovery.torn_file.empty()) {
    recovery = {.torn_bytes = end_of_torn - begin, .torn_file = path(name), .torn_at = begin};
  }
  auto opened = files.open(path(name), OpenMode::read_write);
  if (!opened) { return failed(opened.error()); }
  if (auto done = write_zeros(**opened, begin, end_of_torn); !done) { return failed(done.error()); }
  return {};
}

/// If the process before this one ended with a failed sync, the kernel may show a last batch that
/// is not on the disk and never will be. Only writing it again makes sure.
Expected<void, OpenError> Writer::State::write_again(const SegmentFile& segment, const Tail& tail) {
  const bool is_first = tail.last_batch_at == kSegmentHeaderBytes;
  const std::uint64_t begin = is_first ? 0 : tail.last_batch_at;
  std::vector<std::byte> bytes(tail.position - begin);
  const auto count = file->pread(bytes, begin);
  if (!count) { return failed(count.error()); }
  const auto batch = std::span(bytes).subspan(tail.last_batch_at - begin);
  if (*count != bytes.size() || hash_batch(batch) != tail.end.hash) {
    return Unexpected(
        OpenError{OpenErrorCode::io_failed, path(segment.name) + " changed while it was read"});
  }
  if (auto done = write_fully(*file, bytes, begin); !done) { return failed(done.error()); }
  if (auto done = file->sync_data(); !done) { return failed(done.error()); }
  return {};
}

/// A spare is all zeros, or what a crash left of the first batch written to it.
Expected<void, OpenError> Writer::State::recover_spare(const SegmentFile& segment) {
  auto opened = files.open(path(segment.name), OpenMode::read_write);
  if (!opened) { return failed(opened.error()); }
  const auto size = (*opened)->size();
  if (!size) { return failed(size.error()); }
  const auto rest = examine_spare(files, directory, segment);
  if (!rest) { return Unexpected(to_open_error(rest.error())); }
  if (rest->later) {
    return damaged({.path = path(segment.name),
                    .at = 0,
                    .what = "the header of the segment does not match its checksum",
                    .good_to = end.last,
                    .next = rest->later->first});
  }
  if (auto done = cut(segment.name, 0, rest->end); !done) { return done; }
  if (*size < kSegmentHeaderBytes + kBatchHeaderBytes + options.batch_bytes_max) {
    if (auto done = files.remove(path(segment.name)); !done) { return failed(done.error()); }
    return {};
  }
  spares.push_back({std::move(*opened), segment.number, *size});
  return {};
}

/// Makes the last segment the one that is written on.
Expected<void, OpenError> Writer::State::continue_in(const SegmentFile& last, const Tail& tail) {
  if (auto done = cut(last.name, tail.position, tail.rest.end); !done) { return done; }
  auto opened = files.open(path(last.name), OpenMode::read_write);
  if (!opened) { return failed(opened.error()); }
  file = std::move(*opened);
  const auto size = file->size();
  if (!size) { return failed(size.error()); }
  position = tail.position;
  capacity = *size;
  bytes_left = capacity - position;
  return write_again(last, tail);
}

/// Gives the segments that the process before this one did not come to name their names.
Expected<void, OpenError> Writer::State::name_segments(const std::vector<SegmentFile>& segments) {
  for (const SegmentFile& segment : segments) {
    if (segment.kind != SegmentFile::Kind::numbered) { continue; }
    next_number = std::max(next_number, segment.number + 1);
    const auto done = files.rename(path(segment.name), path(segment_name(segment.first)));
    if (!done) { return failed(done.error()); }
  }
  // Also when nothing was renamed now: what the process before renamed may not be durable, and
  // the next batch must not go into a file that a crash takes away.
  if (auto done = files.sync_directory(directory); !done) { return failed(done.error()); }
  return {};
}

Expected<void, OpenError> Writer::State::recover() {
  if (auto made = files.create_directory(directory); !made) { return failed(made.error()); }
  auto list = list_segments(files, directory);
  if (!list) { return failed(list.error()); }
  if (!list->newer_format.empty()) {
    return Unexpected(
        OpenError{OpenErrorCode::newer_format, explain_newer(path(list->newer_format))});
  }
  for (std::size_t i = 1; i < list->segments.size(); ++i) {
    const SegmentFile& before = list->segments[i - 1];
    const SegmentFile& after = list->segments[i];
    if (before.first == after.first) {
      return Unexpected(OpenError{OpenErrorCode::wrong_log,
                                  path(before.name) + " and " + path(after.name) +
                                      " begin with the same record: one of them was copied here. "
                                      "Move the wrong one away."});
    }
  }

  end = {options.start.last, options.start.term, options.start.chain};
  std::optional<Tail> tail;
  std::optional<SegmentHeader> begun;  // Of a segment whose first batch was torn.
  while (!list->segments.empty()) {
    const SegmentFile last = list->segments.back();
    auto found = find_tail(files, directory, last, options);
    if (!found) { return Unexpected(found.error()); }
    if (found->batches > 0) {
      tail = std::move(*found);
      break;
    }
    // A segment gets its name after its first batch was synced, and only one can be torn.
    if (last.kind != SegmentFile::Kind::numbered || begun) {
      return damaged({.path = path(last.name),
                      .at = kSegmentHeaderBytes,
                      .what = "its first batch is gone",
                      .good_to = found->end.last,
                      .archived = last.kind == SegmentFile::Kind::archived});
    }
    begun = found->header;
    list->segments.pop_back();
    list->spares.push_back(last);
  }
  if (tail) { end = tail->end; }
  if (begun && (begun->previous != end.last || begun->chain != end.hash)) {
    // The next segment was begun, so the last batch before it had been synced.
    const std::string before = tail ? path(list->segments.back().name) : directory;
    return damaged({.path = before,
                    .at = tail ? tail->position : 0,
                    .what = "the log goes on in another segment, but not from here",
                    .good_to = end.last,
                    .next = begun->first});
  }
  if (options.refuse_end) {
    std::string refusal = options.refuse_end(end.last);
    if (!refusal.empty()) { return Unexpected(OpenError{OpenErrorCode::damaged, refusal}); }
  }

  for (const std::string& name : list->leftovers) {
    if (auto done = files.remove(path(name)); !done) { return failed(done.error()); }
  }
  std::sort(list->spares.begin(), list->spares.end(),
            [](const SegmentFile& a, const SegmentFile& b) { return a.number < b.number; });
  for (const SegmentFile& spare : list->spares) {
    next_number = std::max(next_number, spare.number + 1);
    if (auto done = recover_spare(spare); !done) { return done; }
  }
  // First the bytes, then the name: a segment that has its name has its first batch on the disk.
  if (tail && list->segments.back().kind != SegmentFile::Kind::archived) {
    if (auto done = continue_in(list->segments.back(), *tail); !done) { return done; }
  }
  if (auto done = name_segments(list->segments); !done) { return done; }
  note_space();
  return {};
}

Expected<Writer, OpenError> Writer::open(FileSystem& files, const std::string& directory,
                                         const WriterOptions& options) {
  FB_ASSERT(options.segments_ahead > 0);
  FB_ASSERT(options.batch_bytes_max <= kBatchBytesMax);
  FB_ASSERT(options.segment_bytes >=
            kSegmentHeaderBytes + kBatchHeaderBytes + options.batch_bytes_max);
  auto state = std::make_unique<State>(files, directory, options);
  if (auto done = state->recover(); !done) { return Unexpected(done.error()); }
  return Writer(std::move(state));
}

// ---- Append ------------------------------------------------------------------------------------

BatchHash Writer::State::hash(std::span<const std::byte> header,
                              std::span<const std::span<const std::byte>> records) {
  XXH3_128bits_reset(hash_state.get());
  XXH3_128bits_update(hash_state.get(), header.data(), header.size());
  for (const auto& piece : records) {
    XXH3_128bits_update(hash_state.get(), piece.data(), piece.size());
  }
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hash_state.get()));
  BatchHash result;
  std::memcpy(result.data.data(), canonical.digest, sizeof canonical.digest);
  return result;
}

/// A batch that does not fit begins the next segment, so each segment but the last may lose almost
/// a whole batch at its end. And each record may come as a batch of its own: 64 bytes of header for
/// 72 of record, so 9 of 17 bytes are promised.
void Writer::State::note_space() {
  const std::uint64_t lost_max = kBatchHeaderBytes + options.batch_bytes_max - kRecordAlignment;
  std::uint64_t sum = 0;
  std::uint64_t last = bytes_left;
  for (const Spare& spare : spares) {
    sum += last > lost_max ? last - lost_max : 0;
    last = spare.capacity - kSegmentHeaderBytes;
  }
  sum += last;
  constexpr std::uint64_t kPromised = 9;
  constexpr std::uint64_t kOf = 17;
  static_assert(kPromised * kBatchHeaderBytes <= (kOf - kPromised) * kRecordHeaderBytes);
  space_left.store(sum * kPromised / kOf, std::memory_order_release);
}

Expected<void, WriteError> Writer::append_batch(std::span<const std::span<const std::byte>> pieces,
                                                const BatchInfo& info) {
  State& state = *state_;
  std::uint64_t bytes = 0;
  for (const auto& piece : pieces) { bytes += piece.size(); }
  FB_ASSERT(bytes >= kRecordHeaderBytes && bytes <= state.options.batch_bytes_max);
  FB_ASSERT(bytes % kRecordAlignment == 0);
  FB_ASSERT(info.count > 0 && info.first <= info.last && info.term >= state.end.term);
  FB_ASSERT(follows(state.options.numbering, state.end.last, info.first));
  FB_ASSERT(state.options.numbering == Numbering::sparse ||
            info.last.offset.value - info.first.offset.value + 1 == info.count);
  if (state.broken) {
    return Unexpected(WriteError{WriteErrorCode::io_failed, "an earlier write to the log failed"});
  }

  const RecordHeader first_record = first_header(pieces);
  FB_ASSERT(first_record.position() == info.first);

  State::Spare next;
  const std::uint64_t size = kBatchHeaderBytes + bytes;
  const bool rotate = state.file == nullptr || size > state.capacity - state.position;
  if (rotate) {
    const std::lock_guard guard(state.mutex);
    if (state.spares.empty()) {
      state.broken = true;
      return Unexpected(WriteError{WriteErrorCode::no_room,
                                   "no prepared segment of the log is left for a batch of " +
                                       std::to_string(bytes) + " bytes"});
    }
    next = std::move(state.spares.front());
    state.spares.pop_front();
  }

  encode_batch_header({.bytes = static_cast<std::uint32_t>(bytes),
                       .count = info.count,
                       .first = info.first,
                       .last = info.last,
                       .term = info.term,
                       .previous = state.end.hash},
                      state.batch_header);
  const BatchHash hash = state.hash(state.batch_header, pieces);
  state.pieces_to_write.clear();
  if (rotate) {
    encode_segment_header({.numbering = state.options.numbering,
                           .first = info.first,
                           .previous = state.end.last,
                           .chain = state.end.hash,
                           .created = first_record.timestamp},
                          state.segment_header);
    state.file = std::move(next.file);
    state.position = 0;
    state.capacity = next.capacity;
    state.pieces_to_write.push_back(state.segment_header);
  }
  state.pieces_to_write.push_back(state.batch_header);
  state.pieces_to_write.insert(state.pieces_to_write.end(), pieces.begin(), pieces.end());

  auto done = write_fully(*state.file, state.pieces_to_write, state.position);
  if (done) { done = state.file->sync_data(); }
  if (!done) {
    state.broken = true;
    return Unexpected(WriteError{WriteErrorCode::io_failed,
                                 "writing records " + to_string(info.first) + " to " +
                                     to_string(info.last) +
                                     " of the log failed: " + done.error().message +
                                     ". Whether they are stored is found out at the next start."});
  }

  state.position += (rotate ? kSegmentHeaderBytes : 0) + size;
  state.end = {info.last, info.term, hash};
  const std::lock_guard guard(state.mutex);
  state.bytes_left = state.capacity - state.position;
  if (rotate) { state.unnamed.push_back({next.number, info.first}); }
  state.note_space();
  return {};
}

// ---- Prepare -----------------------------------------------------------------------------------

Expected<void, FileError> Writer::State::make_spare(const std::string& temporary,
                                                    const std::string& name, Spare& spare) {
  auto opened = files.open(temporary, OpenMode::create_new);
  if (!opened) { return Unexpected(opened.error()); }
  spare.file = std::move(*opened);
  spare.capacity = options.segment_bytes;
  if (auto done = spare.file->allocate(options.segment_bytes); !done) { return done; }
  // Allocated space still costs a metadata change at its first write; written zeros do not.
  if (auto done = write_zeros(*spare.file, 0, options.segment_bytes); !done) { return done; }
  if (auto done = spare.file->sync(); !done) { return done; }
  if (auto done = files.rename(temporary, name); !done) { return done; }
  return files.sync_directory(directory);
}

Expected<bool, PrepareError> Writer::State::make_one() {
  {
    const std::lock_guard guard(mutex);
    if (spares.size() >= options.segments_ahead) { return false; }
  }
  Spare spare;
  spare.number = next_number++;
  const std::string name = path(numbered_name(spare.number));
  const std::string temporary = name + std::string(kTemporarySuffix);
  if (auto done = make_spare(temporary, name, spare); !done) {
    // Gives the space back. What cannot be removed now is removed at the next start.
    (void)files.remove(temporary);
    (void)files.remove(name);
    const bool full = done.error().code == FileErrorCode::no_space;
    return Unexpected(
        PrepareError{full ? PrepareErrorCode::no_space : PrepareErrorCode::io_failed,
                     "no new segment of the log can be made: " + done.error().message});
  }
  const std::lock_guard guard(mutex);
  spares.push_back(std::move(spare));
  note_space();
  return true;
}

Expected<bool, PrepareError> Writer::State::name_one() {
  Unnamed segment;
  {
    const std::lock_guard guard(mutex);
    if (unnamed.empty()) { return false; }
    segment = unnamed.front();
  }
  const auto fail = [](const FileError& error) {
    return Unexpected(PrepareError{PrepareErrorCode::io_failed,
                                   "a segment of the log cannot be named: " + error.message});
  };
  if (!segment.renamed) {
    const auto done =
        files.rename(path(numbered_name(segment.number)), path(segment_name(segment.first)));
    if (!done) { return fail(done.error()); }
    const std::lock_guard guard(mutex);
    unnamed.front().renamed = true;
  }
  if (auto done = files.sync_directory(directory); !done) { return fail(done.error()); }
  const std::lock_guard guard(mutex);
  unnamed.pop_front();
  return true;
}

Expected<bool, PrepareError> Writer::prepare() {
  // Space first: it decides whether commands are admitted.
  auto made = state_->make_one();
  if (made && *made) { return made; }
  auto named = state_->name_one();
  if (named && !*named && !made) { return made; }
  return named;
}

// ---- The rest ----------------------------------------------------------------------------------

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

std::uint64_t Writer::space_left() const noexcept {
  return state_->space_left.load(std::memory_order_acquire);
}
Position Writer::last() const noexcept { return state_->end.last; }
std::uint64_t Writer::term() const noexcept { return state_->end.term; }
BatchHash Writer::chain_hash() const noexcept { return state_->end.hash; }
const Recovery& Writer::recovery() const noexcept { return state_->recovery; }

}  // namespace firebrand::log
