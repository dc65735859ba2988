#include "log/reader.hpp"

#include <algorithm>
#include <optional>

#include "base/assert.hpp"
#include "log/segment.hpp"

namespace firebrand::log {
namespace {

/// A segment may be renamed, archived or trimmed between listing and opening it.
constexpr int kAttemptsMax = 16;

}  // namespace

struct Reader::State {
  State(FileSystem& the_files, std::string the_directory, Position the_from)
      : files(the_files), directory(std::move(the_directory)), from(the_from) {}

  enum class Step : std::uint8_t { found, nothing, failed };

  Expected<void, OpenError> start();
  Expected<RecordView, ReadError> next();
  std::optional<RecordView> look_ahead(std::size_t distance);
  Step next_batch();
  Step next_segment();
  Step judge(const BatchRead& bad);
  Step judge_spares(const SegmentList& list);
  Expected<SegmentList, Step> list();
  Step fail(ReadError error, std::string text);
  Step fail(const OpenError& error);
  Step fail(const SourceError& source_error) { return fail(log::to_open_error(source_error)); }
  Damage damage_here(std::string_view what) const;
  /// Of the current segment nothing may have been read yet.
  [[nodiscard]] bool is_later(const SegmentFile& segment) const {
    return segment.first > chain.last && segment.first > source->segment().first;
  }

  FileSystem& files;
  const std::string directory;
  const Position from;
  Position limit = kPositionMax;

  std::optional<SegmentSource> source;  ///< None while there is no segment at all.
  Numbering numbering = Numbering::dense;
  Chain chain;  ///< After the batch that is being given out.
  BatchView batch;
  std::span<const std::byte> records;  ///< Of that batch, not given out yet.
  std::span<const std::byte> ahead;    ///< Of these, not shown by look_ahead() yet.
  std::size_t shown = 0;               ///< Shown and not given out yet.
  Position last{};                     ///< Record given out last.
  bool any = false;                    ///< Has a record been given out?

  std::optional<ReadError> error;
  std::string text;
};

// ---- Opening -----------------------------------------------------------------------------------

Expected<void, OpenError> Reader::State::start() {
  for (int attempt = 1;; ++attempt) {
    const auto list = list_segments(files, directory);
    if (!list) { return Unexpected(OpenError{OpenErrorCode::io_failed, list.error().message}); }
    if (!list->newer_format.empty()) {
      return Unexpected(OpenError{OpenErrorCode::newer_format,
                                  explain_newer(join_path(directory, list->newer_format))});
    }
    if (list->segments.empty()) { return {}; }
    // The last one that begins at or before `from`, or the oldest.
    auto segment = std::upper_bound(
        list->segments.begin(), list->segments.end(), from,
        [](Position position, const SegmentFile& other) { return position < other.first; });
    if (segment != list->segments.begin()) { --segment; }

    auto opened = SegmentSource::open(files, directory, *segment);
    if (!opened) {
      if (opened.error().code == SourceErrorCode::not_found && attempt < kAttemptsMax) { continue; }
      return Unexpected(to_open_error(opened.error()));
    }
    const auto header = read_segment_header(*opened);
    if (!header) { return Unexpected(header.error()); }
    if (from != Position{} && from <= header->previous) {
      return Unexpected(OpenError{OpenErrorCode::trimmed,
                                  "record " + to_string(from) + " is no longer in " + directory +
                                      ": the oldest one kept is " + to_string(header->first)});
    }
    source = std::move(*opened);
    numbering = header->numbering;
    chain = {header->previous, 0, header->chain};
    last = header->previous;
    return {};
  }
}

Expected<Reader, OpenError> Reader::open(FileSystem& files, const std::string& directory,
                                         Position from) {
  auto state = std::make_unique<State>(files, directory, from);
  if (auto started = state->start(); !started) { return Unexpected(started.error()); }
  return Reader(std::move(state));
}

// ---- Reading -----------------------------------------------------------------------------------

Expected<RecordView, ReadError> Reader::State::next() {
  for (;;) {
    if (error) { return Unexpected(*error); }
    if (!records.empty()) {
      const RecordView record = view_record(records.data());
      const Position position = record.header.position();
      if (position > limit) { break; }
      records = records.subspan(record_size(record.payload.size()));
      if (shown > 0) {
        --shown;
      } else {
        ahead = records;
      }
      if (position < from) { continue; }
      last = position;
      any = true;
      return record;
    }
    if (chain.last >= limit) { break; }
    if (next_batch() == Step::nothing) { break; }
  }
  text = "end of the log after record " + to_string(last);
  return Unexpected(ReadError::end_of_log);
}

std::optional<RecordView> Reader::State::look_ahead(std::size_t distance) {
  if (ahead.empty() || shown >= distance) { return std::nullopt; }
  const RecordView record = view_record(ahead.data());
  ahead = ahead.subspan(record_size(record.payload.size()));
  ++shown;
  return record;
}

Reader::State::Step Reader::State::next_batch() {
  if (!source) {
    const auto started = start();
    if (!started) { return fail(started.error()); }
    if (source) { return Step::found; }
    if (limit != kPositionMax) { return Step::nothing; }
    const auto listed = list();
    return listed ? judge_spares(*listed) : listed.error();
  }
  source->skip(batch.bytes.size());
  batch.bytes = {};
  const bool packed = source->segment().kind == SegmentFile::Kind::archived;
  for (bool fresh = packed;; fresh = true) {
    const auto read = read_batch(*source, numbering, chain, limit);
    if (!read) { return fail(read.error()); }
    switch (read->verdict) {
      case BatchVerdict::good:
        batch = {read->header, read->hash, read->bytes};
        chain = {read->header.last, read->header.term, read->hash};
        // Nothing of it is wanted: it was read for the chain alone.
        records = chain.last < from ? std::span<const std::byte>{}
                                    : read->bytes.subspan(kBatchHeaderBytes);
        ahead = records;
        return Step::found;
      case BatchVerdict::after_limit:
        return Step::nothing;
      case BatchVerdict::newer_format:
        return fail(ReadError::newer_format, explain_newer(source->path()));
      case BatchVerdict::nothing:
      case BatchVerdict::invalid:
      case BatchVerdict::misplaced:
        break;
    }
    if (!fresh) {
      // What was read ahead may be older than the batch.
      source->seek(source->position());
      continue;
    }
    if (read->verdict != BatchVerdict::nothing) { return judge(*read); }
    const Step step = next_segment();
    if (step != Step::nothing || packed || limit != kPositionMax) { return step; }
    return judge(*read);
  }
}

Expected<SegmentList, Reader::State::Step> Reader::State::list() {
  auto list = list_segments(files, directory);
  if (!list) { return Unexpected(fail(ReadError::io_failed, list.error().message)); }
  if (!list->newer_format.empty()) {
    return Unexpected(
        fail(ReadError::newer_format, explain_newer(join_path(directory, list->newer_format))));
  }
  return std::move(*list);
}

/// The segment that begins after the last batch, if any, becomes the current one.
Reader::State::Step Reader::State::next_segment() {
  for (int attempt = 1;; ++attempt) {
    const auto listed = list();
    if (!listed) { return listed.error(); }
    const auto segment = std::find_if(listed->segments.begin(), listed->segments.end(),
                                      [&](const SegmentFile& other) { return is_later(other); });
    if (segment == listed->segments.end()) { return Step::nothing; }
    auto opened = SegmentSource::open(files, directory, *segment);
    if (!opened) {
      if (opened.error().code == SourceErrorCode::not_found && attempt < kAttemptsMax) { continue; }
      return fail(opened.error());
    }
    const auto header = read_segment_header(*opened);
    if (!header) { return fail(header.error()); }
    if (header->previous == chain.last && header->chain == chain.hash &&
        header->numbering == numbering) {
      source = std::move(*opened);
      return Step::found;
    }
    if (header->previous > chain.last) {
      Damage damage = damage_here("the log goes on in another segment, but not from here");
      damage.next = header->first;
      return fail(ReadError::gap, explain(damage));
    }
    return fail(ReadError::checksum_mismatch,
                explain({.path = opened->path(),
                         .at = 0,
                         .what = "the segment does not continue the one before it",
                         .good_to = chain.last}));
  }
}

Damage Reader::State::damage_here(std::string_view what) const {
  return {.path = source->path(),
          .at = source->position(),
          .what = what,
          .good_to = chain.last,
          .archived = source->segment().kind == SegmentFile::Kind::archived};
}

/// Torn tail or damage? What stands behind tells. With `nothing`: is this truly the end?
Reader::State::Step Reader::State::judge(const BatchRead& bad) {
  const bool is_end = bad.verdict == BatchVerdict::nothing;
  Damage damage = damage_here(is_end ? "there are only zeros there" : bad.what);
  if (damage.archived) { return fail(ReadError::checksum_mismatch, explain(damage)); }
  if (bad.verdict == BatchVerdict::misplaced) {
    damage.next = bad.header.first;
    return fail(ReadError::checksum_mismatch, explain(damage));
  }
  const std::uint64_t position = source->position();
  const bool is_first = position == kSegmentHeaderBytes;
  if (is_first && source->segment().kind == SegmentFile::Kind::named) {
    // A segment gets its name after its first batch was synced.
    damage.what = "its first batch is gone";
    return fail(ReadError::checksum_mismatch, explain(damage));
  }
  const auto rest = read_rest(*source, search_from(*source, bad));
  if (!rest) { return fail(rest.error()); }
  source->seek(position);
  if (rest->later) { damage.next = rest->later->first; }
  const auto listed = list();
  if (!listed) { return listed.error(); }
  for (const SegmentFile& segment : listed->segments) {
    if (is_later(segment) && !damage.next) { damage.next = segment.first; }
  }
  if (damage.next) { return fail(ReadError::checksum_mismatch, explain(damage)); }
  if (rest->end == position && !is_first) { return judge_spares(*listed); }
  return fail(ReadError::torn_tail,
              source->path() + " ends with a batch that was cut by a crash, at byte " +
                  std::to_string(position) + ", after record " + to_string(chain.last) +
                  ". It was never acknowledged; the next start of the server cuts it away.");
}

Reader::State::Step Reader::State::judge_spares(const SegmentList& listed) {
  for (const SegmentFile& spare : listed.spares) {
    const auto rest = examine_spare(files, directory, spare);
    if (!rest) {
      if (rest.error().code == SourceErrorCode::not_found) { continue; }
      return fail(rest.error());
    }
    if (rest->end == 0) { continue; }
    const std::string path = join_path(directory, spare.name);
    if (rest->later) {
      return fail(ReadError::checksum_mismatch,
                  explain({.path = path,
                           .at = 0,
                           .what = "the header of the segment does not match its checksum",
                           .good_to = chain.last,
                           .next = rest->later->first}));
    }
    return fail(ReadError::torn_tail,
                path + " begins with a batch that was cut by a crash, after record " +
                    to_string(chain.last) +
                    ". It was never acknowledged; the next start of the server cuts it away.");
  }
  return Step::nothing;
}

Reader::State::Step Reader::State::fail(ReadError the_error, std::string the_text) {
  error = the_error;
  text = std::move(the_text);
  return Step::failed;
}

Reader::State::Step Reader::State::fail(const OpenError& open_error) {
  switch (open_error.code) {
    case OpenErrorCode::damaged:
    case OpenErrorCode::wrong_log:
      return fail(ReadError::checksum_mismatch, open_error.message);
    case OpenErrorCode::newer_format:
      return fail(ReadError::newer_format, open_error.message);
    case OpenErrorCode::trimmed:
      return fail(ReadError::gap, open_error.message);
    case OpenErrorCode::io_failed:
      break;
  }
  return fail(ReadError::io_failed, open_error.message);
}

// ---- The rest ----------------------------------------------------------------------------------

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Expected<RecordView, ReadError> Reader::next() { return state_->next(); }
std::optional<RecordView> Reader::look_ahead(std::size_t distance) {
  return state_->look_ahead(distance);
}
void Reader::set_limit(Position limit) noexcept { state_->limit = limit; }
std::string_view Reader::message() const noexcept { return state_->text; }
Position Reader::position() const noexcept { return state_->last; }
const BatchView& Reader::batch() const noexcept {
  FB_ASSERT(state_->any);
  return state_->batch;
}
BatchHash Reader::batch_hash() const noexcept { return state_->chain.hash; }
bool Reader::at_batch_end() const noexcept { return state_->records.empty(); }

}  // namespace firebrand::log
