#include "log/segment.hpp"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "base/assert.hpp"
#include "base/little_endian.hpp"
#include "base/whole_number.hpp"

namespace firebrand::log {
namespace {

constexpr std::string_view kSegmentSuffix = ".seg";
constexpr std::string_view kNumberedPrefix = "next-";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kReadAheadMin = 64U << 10;
constexpr std::size_t kReadAheadMax = 1U << 20;
constexpr std::size_t kRestStepBytes = 64U << 10;  ///< Of looking through what should be zeros.
static_assert(kRestStepBytes > kSegmentHeaderBytes + kBatchHeaderBytes);

/// "00000000000000000001" or "00000000000000000001-00003".
std::optional<Position> parse_position(std::string_view text) {
  Position position;
  if (text.size() < kOffsetDigits ||
      !read_whole_number(text.substr(0, kOffsetDigits), position.offset.value)) {
    return std::nullopt;
  }
  if (text.size() > kOffsetDigits &&
      (text[kOffsetDigits] != '-' ||
       !read_whole_number(text.substr(kOffsetDigits + 1), position.index))) {
    return std::nullopt;
  }
  return position;
}

/// None: not a segment's name.
std::optional<SegmentFile> parse_name(const std::string& name) {
  std::string_view rest = name;
  SegmentFile segment{.name = name};
  if (rest.ends_with(kArchiveSuffix)) {
    segment.kind = SegmentFile::Kind::archived;
    rest.remove_suffix(kArchiveSuffix.size());
  }
  if (!rest.ends_with(kSegmentSuffix)) { return std::nullopt; }
  const std::string_view plain = rest;
  rest.remove_suffix(kSegmentSuffix.size());
  if (segment.kind == SegmentFile::Kind::named && rest.starts_with(kNumberedPrefix)) {
    if (!read_whole_number(rest.substr(kNumberedPrefix.size()), segment.number) ||
        numbered_name(segment.number) != name) {
      return std::nullopt;
    }
    segment.kind = SegmentFile::Kind::numbered;
    return segment;
  }
  const auto first = parse_position(rest);
  if (!first || segment_name(*first) != plain) { return std::nullopt; }
  segment.first = *first;
  return segment;
}

SourceError to_source_error(const FileError& error) {
  return {error.code == FileErrorCode::not_found ? SourceErrorCode::not_found
                                                 : SourceErrorCode::io_failed,
          error.message};
}

}  // namespace

// ---- Names -------------------------------------------------------------------------------------

std::string segment_name(Position first) {
  std::array<char, 48> text{};
  if (first.index == 0) {
    std::snprintf(text.data(), text.size(), "%020llu.seg",
                  static_cast<unsigned long long>(first.offset.value));
  } else {
    std::snprintf(text.data(), text.size(), "%020llu-%05u.seg",
                  static_cast<unsigned long long>(first.offset.value),
                  static_cast<unsigned>(first.index));
  }
  return text.data();
}

std::string numbered_name(std::uint64_t number) {
  return std::string(kNumberedPrefix) + std::to_string(number) + std::string(kSegmentSuffix);
}

Expected<SegmentList, FileError> list_segments(FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) { return Unexpected(names.error()); }
  SegmentList list;
  std::array<std::byte, kSegmentHeaderBytes> bytes;
  for (const std::string& name : *names) {
    if (name.ends_with(kTemporarySuffix)) {
      list.leftovers.push_back(name);
      continue;
    }
    auto segment = parse_name(name);
    if (!segment) { continue; }
    if (segment->kind != SegmentFile::Kind::numbered) {
      list.segments.push_back(*segment);
      continue;
    }
    const auto file = files.open(join_path(directory, name), OpenMode::read);
    if (!file) {
      // Named since it was listed: whoever looks again finds it.
      if (file.error().code == FileErrorCode::not_found) { continue; }
      return Unexpected(file.error());
    }
    const auto count = (*file)->pread(bytes, 0);
    if (!count) { return Unexpected(count.error()); }
    const auto header = decode_segment_header(std::span(bytes).first(*count));
    if (header) {
      segment->first = header->first;
      list.segments.push_back(*segment);
    } else if (header.error() == FormatError::newer_format) {
      list.newer_format = name;
    } else {
      list.spares.push_back(*segment);
    }
  }
  std::sort(list.spares.begin(), list.spares.end(),
            [](const SegmentFile& a, const SegmentFile& b) { return a.number < b.number; });
  std::stable_sort(list.segments.begin(), list.segments.end(),
                   [](const SegmentFile& a, const SegmentFile& b) { return a.first < b.first; });
  // An archive beside its segment was not finished: the segment counts until it is gone.
  const auto is_superseded = [&](const SegmentFile& segment) {
    return segment.kind == SegmentFile::Kind::archived &&
           std::any_of(list.segments.begin(), list.segments.end(), [&](const SegmentFile& other) {
             return other.kind != SegmentFile::Kind::archived && other.first == segment.first;
           });
  };
  std::vector<SegmentFile> kept;
  for (const SegmentFile& segment : list.segments) {
    if (is_superseded(segment)) {
      list.superseded.push_back(segment.name);
    } else {
      kept.push_back(segment);
    }
  }
  list.segments = std::move(kept);
  return list;
}

// ---- Bytes -------------------------------------------------------------------------------------

/// zstd stream over a file.
class SegmentSource::Unpacker {
 public:
  Unpacker() : context_(ZSTD_createDCtx()), packed_(ZSTD_DStreamInSize()) {
    FB_ASSERT(context_ != nullptr);
  }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker() { ZSTD_freeDCtx(context_); }

  /// @return how many bytes were unpacked; fewer than asked only at the end.
  Expected<std::size_t, SourceError> read(File& file, const std::string& path,
                                          std::span<std::byte> out) {
    ZSTD_outBuffer unpacked{out.data(), out.size(), 0};
    while (unpacked.pos < unpacked.size && !ended_) {
      if (input_.pos == input_.size) {
        const auto count = file.pread(packed_, file_position_);
        if (!count) { return Unexpected(to_source_error(count.error())); }
        if (*count == 0) { return Unexpected(damaged(path, "it ends too early")); }
        file_position_ += *count;
        input_ = {packed_.data(), *count, 0};
      }
      const std::size_t result = ZSTD_decompressStream(context_, &unpacked, &input_);
      if (ZSTD_isError(result) != 0) {
        return Unexpected(damaged(path, ZSTD_getErrorName(result)));
      }
      ended_ = result == 0;  // One frame per archive.
    }
    return unpacked.pos;
  }

 private:
  static SourceError damaged(const std::string& path, const char* why) {
    return {SourceErrorCode::damaged, "cannot unpack " + path + ": " + why};
  }

  ZSTD_DCtx* context_;
  std::vector<std::byte> packed_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  std::uint64_t file_position_ = 0;
  bool ended_ = false;
};

void SegmentSource::UnpackerDelete::operator()(Unpacker* unpacker) const { delete unpacker; }

Expected<SegmentSource, SourceError> SegmentSource::open(FileSystem& files,
                                                         const std::string& directory,
                                                         const SegmentFile& segment) {
  SegmentSource source;
  source.segment_ = segment;
  source.path_ = join_path(directory, segment.name);
  auto file = files.open(source.path_, OpenMode::read);
  if (!file) { return Unexpected(to_source_error(file.error())); }
  source.file_ = std::move(*file);
  if (segment.kind == SegmentFile::Kind::archived) { source.unpacker_.reset(new Unpacker); }
  source.read_ahead_ = kReadAheadMin;
  return source;
}

void SegmentSource::make_room(std::size_t bytes) {
  if (capacity_ - begin_ >= bytes) { return; }
  const std::size_t kept = end_ - begin_;
  if (capacity_ >= bytes) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
  } else {
    capacity_ = std::max(bytes, 2 * read_ahead_);
    auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity_);
    if (kept > 0) { std::memcpy(larger.get(), buffer_.get() + begin_, kept); }
    buffer_ = std::move(larger);
  }
  begin_ = 0;
  end_ = kept;
}

Expected<std::span<const std::byte>, SourceError> SegmentSource::peek(std::size_t bytes) {
  if (end_ - begin_ < bytes) {
    const std::size_t target = std::max(bytes, read_ahead_);
    make_room(target);
    // Short steps at first, for who follows a growing log batch by batch; long ones for who reads
    // on.
    read_ahead_ = std::min(2 * read_ahead_, kReadAheadMax);
    const std::span<std::byte> room(buffer_.get() + end_, begin_ + target - end_);
    if (unpacker_) {
      const auto count = unpacker_->read(*file_, path_, room);
      if (!count) { return Unexpected(count.error()); }
      end_ += *count;
    } else {
      const auto count = file_->pread(room, position_ + (end_ - begin_));
      if (!count) { return Unexpected(to_source_error(count.error())); }
      end_ += *count;
    }
  }
  return std::span<const std::byte>(buffer_.get() + begin_, std::min(bytes, end_ - begin_));
}

void SegmentSource::skip(std::size_t bytes) {
  FB_ASSERT(bytes <= end_ - begin_);
  begin_ += bytes;
  position_ += bytes;
}

void SegmentSource::seek(std::uint64_t position) {
  FB_ASSERT(!unpacker_);
  position_ = position;
  end_ = begin_;
  read_ahead_ = kReadAheadMin;
}

// ---- Batches -----------------------------------------------------------------------------------

BatchHash hash_batch(std::span<const std::byte> header_and_records) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical,
                           XXH3_128bits(header_and_records.data(), header_and_records.size()));
  BatchHash hash;
  static_assert(sizeof canonical.digest == sizeof hash.data);
  std::memcpy(hash.data.data(), canonical.digest, sizeof canonical.digest);
  return hash;
}

Expected<BatchRead, SourceError> read_batch(SegmentSource& source, Numbering numbering,
                                            const Chain& chain, Position limit) {
  const auto head = source.peek(kBatchHeaderBytes);
  if (!head) { return Unexpected(head.error()); }
  if (all_zero(*head)) { return BatchRead{}; }
  const auto header = decode_batch_header(*head);
  if (!header) {
    if (header.error() == FormatError::newer_format) {
      return BatchRead{.verdict = BatchVerdict::newer_format};
    }
    return BatchRead{.verdict = BatchVerdict::invalid,
                     .what = "there is no whole batch header there"};
  }
  BatchRead batch{.header = *header};
  if (header->first > limit) {
    batch.verdict = BatchVerdict::after_limit;
    return batch;
  }
  if (header->previous != chain.hash || !follows(numbering, chain.last, header->first) ||
      header->term < chain.term) {
    batch.verdict = BatchVerdict::misplaced;
    batch.bytes = *head;
    batch.what = "the batch there does not continue the one before it";
    return batch;
  }
  const std::size_t size = kBatchHeaderBytes + header->bytes;
  const auto whole = source.peek(size);
  if (!whole) { return Unexpected(whole.error()); }
  batch.bytes = *whole;
  batch.verdict = BatchVerdict::invalid;
  if (whole->size() < size) {
    batch.what = "the file ends inside a batch";
    return batch;
  }
  const auto checked = check_batch_records(*header, numbering, whole->subspan(kBatchHeaderBytes));
  if (!checked) {
    batch.what = "a record of the batch there does not match its checksum";
    if (checked.error() == FormatError::newer_format) {
      batch.verdict = BatchVerdict::newer_format;
    }
    return batch;
  }
  batch.verdict = BatchVerdict::good;
  batch.hash = hash_batch(*whole);
  return batch;
}

Expected<Rest, SourceError> read_rest(SegmentSource& source, std::uint64_t search_from) {
  Rest rest{.end = source.position()};
  for (;;) {
    const auto bytes = source.peek(kRestStepBytes);
    if (!bytes) { return Unexpected(bytes.error()); }
    if (bytes->empty()) { return rest; }
    const bool at_end = bytes->size() < kRestStepBytes;
    // A header may lie across the edge of what was read: the last bytes are looked at again.
    const std::size_t step =
        at_end ? bytes->size() : bytes->size() - kBatchHeaderBytes + kRecordAlignment;
    std::size_t i = 0;
    for (; i + kRecordAlignment <= step; i += kRecordAlignment) {
      if (load_le<std::uint64_t>(bytes->data() + i) == 0) { continue; }
      const std::uint64_t at = source.position() + i;
      rest.end = at + kRecordAlignment;
      if (rest.later || at < search_from) { continue; }
      const auto header = decode_batch_header(bytes->subspan(i));
      if (header) { rest.later = *header; }
    }
    for (; i < step; ++i) {  // An end that somebody cut at an odd place.
      if ((*bytes)[i] != std::byte{0}) { rest.end = source.position() + i + 1; }
    }
    source.skip(step);
  }
}

std::uint64_t search_from(const SegmentSource& source, const BatchRead& bad) {
  if (bad.verdict == BatchVerdict::nothing) { return source.position(); }
  if (bad.bytes.empty()) { return source.position() + kRecordAlignment; }
  return source.position() + kBatchHeaderBytes + bad.header.bytes;
}

Expected<Rest, SourceError> examine_spare(FileSystem& files, const std::string& directory,
                                          const SegmentFile& spare) {
  auto source = SegmentSource::open(files, directory, spare);
  if (!source) { return Unexpected(source.error()); }
  // A begun segment has something in its first batch: the far larger rest need not be read.
  std::uint64_t from = kSegmentHeaderBytes + kRecordAlignment;
  bool untouched = true;
  while (untouched && source->position() <= kSegmentHeaderBytes + kBatchBytesMax) {
    const auto bytes = source->peek(kRestStepBytes);
    if (!bytes) { return Unexpected(bytes.error()); }
    if (bytes->empty()) { break; }
    untouched = all_zero(*bytes);
    if (source->position() == 0 && bytes->size() > kSegmentHeaderBytes) {
      const auto first = decode_batch_header(bytes->subspan(kSegmentHeaderBytes));
      if (first) { from = kSegmentHeaderBytes + kBatchHeaderBytes + first->bytes; }
    }
    if (untouched) { source->skip(bytes->size()); }
  }
  if (untouched) { return Rest{}; }
  source->seek(0);
  return read_rest(*source, from);
}

Expected<SegmentHeader, OpenError> read_segment_header(SegmentSource& source) {
  const auto bytes = source.peek(kSegmentHeaderBytes);
  if (!bytes) { return Unexpected(to_open_error(bytes.error())); }
  const auto header = decode_segment_header(*bytes);
  if (!header) {
    if (header.error() == FormatError::newer_format) {
      return Unexpected(OpenError{OpenErrorCode::newer_format, explain_newer(source.path())});
    }
    return Unexpected(
        OpenError{OpenErrorCode::damaged,
                  explain({.path = source.path(),
                           .at = 0,
                           .what = "the header of the segment does not match its checksum",
                           .archived = source.segment().kind == SegmentFile::Kind::archived})});
  }
  if (header->first != source.segment().first) {
    return Unexpected(OpenError{OpenErrorCode::wrong_log,
                                source.path() + " begins with record " + to_string(header->first) +
                                    ", not with the one its name says: it was renamed or "
                                    "exchanged. Give it its own name again (" +
                                    segment_name(header->first) + ")."});
  }
  source.skip(kSegmentHeaderBytes);
  return *header;
}

// ---- Messages ----------------------------------------------------------------------------------

std::string explain(const Damage& damage) {
  const std::string at = std::to_string(damage.at);
  const bool from_start = damage.good_to == Position{};
  std::string text =
      damage.path + " is damaged at byte " + at + ": " + std::string(damage.what) + ". ";
  if (!from_start) { text += "Records up to " + to_string(damage.good_to) + " are good. "; }
  if (damage.next) {
    const Position next = *damage.next;
    const std::uint64_t lost_from = damage.good_to.offset.value + 1;
    if (next.index == 0 && next.offset.value > lost_from) {
      text += "Records " + std::to_string(lost_from) + " to " +
              std::to_string(next.offset.value - 1) + " cannot be read; ";
    } else {
      text += "Records before " + to_string(next) + " cannot be read; ";
    }
    text += "record " + to_string(next) +
            " and later ones stand behind the damage, so this is no torn tail. ";
  }
  text +=
      "Nothing was changed. You can: (1) put back a good copy of this file from a backup or from "
      "another machine; (2) restore the whole data directory from the newest backup; ";
  if (damage.archived || damage.at <= kSegmentHeaderBytes) {
    text +=
        "(3) give up every record of this file and all later ones: move it and the later "
        "segment files out of the directory.";
  } else {
    text += "(3) give up every record after " +
            (from_start ? std::string("the damage") : to_string(damage.good_to)) +
            ": keep a copy of the directory, run 'truncate -s " + at + " " + damage.path +
            "' and move the later segment files out of the directory.";
  }
  text += " With (3), what was already answered about the lost records is no longer true.";
  return text;
}

std::string explain_newer(const std::string& path) {
  return path +
         " was written by a newer version of firebrand. Start that version or a newer one; "
         "nothing was changed.";
}

OpenError to_open_error(const SourceError& error) {
  switch (error.code) {
    case SourceErrorCode::damaged:
      return {OpenErrorCode::damaged,
              error.message +
                  ". Put back a good copy of this file from a backup or from another machine, or "
                  "restore the whole data directory from the newest backup. Nothing was changed."};
    case SourceErrorCode::not_found:
    case SourceErrorCode::io_failed:
      break;
  }
  return {OpenErrorCode::io_failed, error.message};
}

}  // namespace firebrand::log
