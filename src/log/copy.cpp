#include "log/copy.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "log/segment.hpp"

namespace firebrand::log {
namespace {

/// How often a log is listed anew because a segment got another name since.
constexpr int kListingsMax = 20;
constexpr std::size_t kWriteBytes = 1U << 20;

struct CopyError {
  OpenError error;
  bool moved = false;  ///< A file has another name than when it was listed: list again.
};

Unexpected<CopyError> failed(const FileError& error) {
  return Unexpected(
      CopyError{{OpenErrorCode::io_failed, error.message}, error.code == FileErrorCode::not_found});
}
Unexpected<CopyError> failed(const SourceError& error) {
  return Unexpected(CopyError{to_open_error(error), error.code == SourceErrorCode::not_found});
}
Unexpected<CopyError> failed(OpenError error) { return Unexpected(CopyError{std::move(error)}); }
Unexpected<CopyError> damaged(const Damage& damage) {
  return failed(OpenError{OpenErrorCode::damaged, explain(damage)});
}
Unexpected<CopyError> another_log(const std::string& to) {
  return failed(OpenError{
      OpenErrorCode::wrong_log,
      to + " holds a copy of another log, or of this one before it was restored to an earlier "
           "record. Copy into an empty directory; nothing was changed."});
}

/// A segment that is renamed while its directory is listed may be missing from the list.
Unexpected<CopyError> list_again(Unexpected<CopyError> error) {
  error.error().moved = true;
  return error;
}

/// A file that appears under its name when it is whole.
class NewFile {
 public:
  NewFile(FileSystem& files, const std::string& directory, const std::string& name)
      : files_(files),
        directory_(directory),
        path_(join_path(directory, name)),
        temporary_(path_ + std::string(kTemporarySuffix)) {}

  ~NewFile() {
    if (file_ != nullptr) { (void)files_.remove(temporary_); }  // Gives the space back.
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Expected<void, FileError> open() {
    (void)files_.remove(temporary_);  // Of an interrupted copy.
    auto file = files_.open(temporary_, OpenMode::create_new);
    if (!file) { return Unexpected(file.error()); }
    file_ = std::move(*file);
    return {};
  }
  Expected<void, FileError> write(std::span<const std::byte> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return buffer_.size() < kWriteBytes ? Expected<void, FileError>() : flush();
  }
  /// REQUIRES: open().
  Expected<void, FileError> close() {
    if (auto done = flush(); !done) { return done; }
    return file_->sync();
  }
  /// REQUIRES: close().
  Expected<void, FileError> publish() {
    if (auto done = files_.rename(temporary_, path_); !done) { return done; }
    file_.reset();
    return files_.sync_directory(directory_);
  }
  [[nodiscard]] std::uint64_t bytes() const { return written_ + buffer_.size(); }

 private:
  Expected<void, FileError> flush() {
    if (auto done = write_fully(*file_, buffer_, written_); !done) { return done; }
    written_ += buffer_.size();
    buffer_.clear();
    return {};
  }

  FileSystem& files_;
  std::string directory_;
  std::string path_;
  std::string temporary_;
  std::unique_ptr<File> file_;
  std::vector<std::byte> buffer_;
  std::uint64_t written_ = 0;
};

struct CutBatch {
  Chain end{};
  std::vector<std::byte> bytes;
};

/// A batch without the records behind `until`. REQUIRES: one at or before it, and one behind.
CutBatch cut_batch(const BatchRead& batch, Position until) {
  BatchHeader header = batch.header;
  header.bytes = 0;
  header.count = 0;
  const std::byte* const records = batch.bytes.data() + kBatchHeaderBytes;
  for (;;) {
    const RecordView record = view_record(records + header.bytes);
    if (record.header.position() > until) { break; }
    header.last = record.header.position();
    header.bytes += static_cast<std::uint32_t>(record_size(record.payload.size()));
    ++header.count;
  }
  CutBatch cut;
  cut.bytes.assign(
      batch.bytes.begin(),
      batch.bytes.begin() + static_cast<std::ptrdiff_t>(kBatchHeaderBytes + header.bytes));
  encode_batch_header(header, std::span(cut.bytes).first<kBatchHeaderBytes>());
  cut.end = {header.last, header.term, hash_batch(cut.bytes)};
  return cut;
}

/// Goes through the batches of a segment behind its header, checks them, and gives the bytes of
/// those up to `until` to `take(bytes, end)`, with the chain behind them.
/// @return the chain behind the last one.
template <class Take>
Expected<Chain, CopyError> walk(SegmentSource& source, const SegmentHeader& header, Position until,
                                Take take) {
  Chain end{header.previous, 0, header.chain};
  const bool archived = source.segment().kind == SegmentFile::Kind::archived;
  bool again = false;
  while (end.last < until) {
    const auto batch = read_batch(source, header.numbering, end, until);
    if (!batch) { return failed(batch.error()); }
    if (batch->verdict == BatchVerdict::after_limit) { break; }
    if (batch->verdict == BatchVerdict::newer_format) {
      return failed(OpenError{OpenErrorCode::newer_format, explain_newer(source.path())});
    }
    if (batch->verdict == BatchVerdict::good) {
      again = false;
      if (batch->header.last > until) {
        const CutBatch cut = cut_batch(*batch, until);
        end = cut.end;
        if (auto done = take(cut.bytes, end); !done) { return Unexpected(done.error()); }
        break;
      }
      end = {batch->header.last, batch->header.term, batch->hash};
      if (auto done = take(batch->bytes, end); !done) { return Unexpected(done.error()); }
      source.skip(batch->bytes.size());
      continue;
    }
    const std::uint64_t at = source.position();
    Damage damage{.path = source.path(),
                  .at = at,
                  .what = batch->what,
                  .good_to = end.last,
                  .archived = archived};
    if (batch->verdict == BatchVerdict::misplaced) {
      damage.next = batch->header.first;
      return damaged(damage);
    }
    const auto rest = read_rest(source, search_from(source, *batch));
    if (!rest) { return failed(rest.error()); }
    if (!rest->later) { break; }  // The end, or a batch that is being written, or was torn.
    // A later batch stands there, so this one is whole, unless it came to be only just now.
    if (again || archived) {
      damage.next = rest->later->first;
      if (damage.what.empty()) { damage.what = "there are only zeros there"; }
      return damaged(damage);
    }
    again = true;
    source.seek(at);
  }
  return end;
}

/// What is known of the same segment in the directory that is copied to.
struct Kept {
  SegmentHeader header{};
  std::optional<Chain> end{};  ///< Of the last segment there, which may have grown since.
};

/// One copy_log() between two listings.
class Copier {
 public:
  Copier(FileSystem& files, const std::string& from, const std::string& to, Position until)
      : files_(files), from_(from), to_(to), until_(until) {}

  Expected<void, CopyError> run(LogCopy& copy) {
    if (auto made = files_.create_directory(to_); !made) { return failed(made.error()); }
    const auto list = list_segments(files_, from_);
    if (!list) { return failed(list.error()); }
    if (!list->newer_format.empty()) {
      return failed(OpenError{OpenErrorCode::newer_format,
                              explain_newer(join_path(from_, list->newer_format))});
    }
    const auto kept = list_segments(files_, to_);
    if (!kept) { return failed(kept.error()); }
    const auto& segments = list->segments;
    if (!kept->segments.empty() &&
        (segments.empty() || segments.back().first < kept->segments.back().first)) {
      return list_again(another_log(to_));
    }
    if (!segments.empty()) {
      if (auto joined = check_joined(segments.front(), *kept); !joined) { return joined; }
    }
    for (std::size_t i = 0; i < segments.size() && segments[i].first <= until_; ++i) {
      const bool closed = i + 1 < segments.size() && segments[i + 1].first <= until_;
      const auto done = copy_one(segments[i], closed ? &segments[i + 1] : nullptr, *kept, copy);
      if (!done) { return done; }
    }
    return {};
  }

 private:
  Expected<SegmentHeader, CopyError> header_of(const std::string& directory,
                                               const SegmentFile& segment) {
    auto source = SegmentSource::open(files_, directory, segment);
    if (!source) { return failed(source.error()); }
    const auto header = read_segment_header(*source);
    if (!header) { return failed(header.error()); }
    return *header;
  }

  Expected<std::optional<Kept>, CopyError> find_kept(const SegmentList& list, Position first) {
    for (const SegmentFile& segment : list.segments) {
      if (segment.first != first) { continue; }
      auto source = SegmentSource::open(files_, to_, segment);
      if (!source) { return failed(source.error()); }
      const auto header = read_segment_header(*source);
      if (!header) { return failed(header.error()); }
      Kept kept{.header = *header};
      if (&segment == &list.segments.back()) {
        const auto end = walk(*source, *header, kPositionMax,
                              [](auto, const Chain&) { return Expected<void, CopyError>(); });
        if (!end) { return Unexpected(end.error()); }
        kept.end = *end;
      }
      return std::optional(kept);
    }
    return std::optional<Kept>();
  }

  /// A log that was trimmed must not leave a gap behind the copy.
  Expected<void, CopyError> check_joined(const SegmentFile& first, const SegmentList& list) {
    for (const SegmentFile& segment : list.segments) {
      if (segment.first == first.first) { return {}; }
    }
    const auto header = header_of(from_, first);
    if (!header) { return Unexpected(header.error()); }
    if (list.segments.empty() || header->previous == Position{}) { return {}; }
    const auto last = find_kept(list, list.segments.back().first);
    if (!last) { return Unexpected(last.error()); }
    const Chain& end = *(*last)->end;
    if (end.last == header->previous && end.hash == header->chain) { return {}; }
    return failed(OpenError{OpenErrorCode::trimmed,
                            from_ + " begins at record " + to_string(first.first) + ", and " + to_ +
                                " ends at record " + to_string(end.last) +
                                ": they do not meet. Nothing was changed."});
  }

  /// @param following  The next segment, if all records of this one are wanted and it is closed.
  Expected<void, CopyError> copy_one(const SegmentFile& segment, const SegmentFile* following,
                                     const SegmentList& kept_list, LogCopy& copy) {
    auto source = SegmentSource::open(files_, from_, segment);
    if (!source) { return failed(source.error()); }
    const auto header = read_segment_header(*source);
    if (!header) { return failed(header.error()); }
    auto kept = find_kept(kept_list, segment.first);
    if (!kept) { return Unexpected(kept.error()); }
    if (*kept && (*kept)->header != *header) { return another_log(to_); }
    // Segments come in their order, each whole before the next: what has one behind it is done.
    if (*kept && !(*kept)->end && following != nullptr) { return {}; }

    const bool as_archive =
        segment.kind == SegmentFile::Kind::archived && following != nullptr && !*kept;
    const std::string name =
        segment_name(segment.first) + (as_archive ? std::string(kArchiveSuffix) : "");
    NewFile file(files_, to_, name);
    if (auto opened = file.open(); !opened) { return failed(opened.error()); }
    bool met = !*kept || !(*kept)->end || (*kept)->end->last == header->previous;
    const auto check = [&](const Chain& end) {
      if (*kept && (*kept)->end && end.last == (*kept)->end->last) {
        met = end.hash == (*kept)->end->hash;
      }
    };
    const auto end = as_archive ? copy_archive(segment, file, name)
                                : copy_batches(*source, *header, file, check);
    if (!end) { return Unexpected(end.error()); }
    if (!met) { return another_log(to_); }
    if (following != nullptr) {
      const auto next = header_of(from_, *following);
      if (!next) { return Unexpected(next.error()); }
      if (next->previous != end->last || next->chain != end->hash) {
        return list_again(damaged({.path = source->path(),
                                   .at = source->position(),
                                   .what = "the next segment does not go on from here",
                                   .good_to = end->last,
                                   .next = next->first,
                                   .archived = segment.kind == SegmentFile::Kind::archived}));
      }
    } else if (auto synced = sync_source(segment); !synced) {
      return synced;
    }
    if (auto done = file.publish(); !done) { return failed(done.error()); }
    copy.last = end->last;
    copy.chain = end->hash;
    copy.segments += 1;
    copy.bytes += file.bytes();
    return {};
  }

  template <class Check>
  Expected<Chain, CopyError> copy_batches(SegmentSource& source, const SegmentHeader& header,
                                          NewFile& file, Check check) {
    std::array<std::byte, kSegmentHeaderBytes> bytes;
    encode_segment_header(header, bytes);
    if (auto done = file.write(bytes); !done) { return failed(done.error()); }
    const auto end =
        walk(source, header, until_, [&](std::span<const std::byte> batch, const Chain& reached) {
          check(reached);
          const auto done = file.write(batch);
          return done ? Expected<void, CopyError>() : failed(done.error());
        });
    if (!end) { return end; }
    if (auto done = file.close(); !done) { return failed(done.error()); }
    return end;
  }

  /// As it is, for it is smaller; then it is unpacked from where it came to, and checked.
  Expected<Chain, CopyError> copy_archive(const SegmentFile& segment, NewFile& file,
                                          const std::string& name) {
    const auto packed = files_.open(join_path(from_, segment.name), OpenMode::read);
    if (!packed) { return failed(packed.error()); }
    std::vector<std::byte> buffer(kWriteBytes);
    for (std::uint64_t at = 0;;) {
      const auto count = (*packed)->pread(buffer, at);
      if (!count) { return failed(count.error()); }
      if (*count == 0) { break; }
      if (auto done = file.write(std::span(buffer).first(*count)); !done) {
        return failed(done.error());
      }
      at += *count;
    }
    if (auto done = file.close(); !done) { return failed(done.error()); }
    auto source = SegmentSource::open(files_, to_,
                                      {.name = name + std::string(kTemporarySuffix),
                                       .kind = SegmentFile::Kind::archived,
                                       .first = segment.first});
    if (!source) { return failed(source.error()); }
    const auto header = read_segment_header(*source);
    if (!header) { return failed(header.error()); }
    return walk(*source, *header, kPositionMax,
                [](auto, const Chain&) { return Expected<void, CopyError>(); });
  }

  /// What was read may not be on the disk yet: a copy must not know of more than what it is of.
  Expected<void, CopyError> sync_source(const SegmentFile& segment) {
    const auto file = files_.open(join_path(from_, segment.name), OpenMode::read);
    if (!file) { return failed(file.error()); }
    if (auto done = (*file)->sync_data(); !done) { return failed(done.error()); }
    return {};
  }

  FileSystem& files_;
  const std::string& from_;
  const std::string& to_;
  Position until_;
};

}  // namespace

Expected<LogCopy, OpenError> copy_log(FileSystem& files, const std::string& from,
                                      const std::string& to, Position until) {
  LogCopy copy;
  for (int listings = 1;; ++listings) {
    const auto done = Copier(files, from, to, until).run(copy);
    if (done) { return copy; }
    if (!done.error().moved || listings == kListingsMax) { return Unexpected(done.error().error); }
  }
}

}  // namespace firebrand::log
