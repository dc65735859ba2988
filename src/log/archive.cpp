#include "log/archive.hpp"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/assert.hpp"
#include "log/segment.hpp"

namespace firebrand::log {
namespace {

constexpr int kCompressionLevel = 3;
constexpr std::size_t kStepBytes = 1U << 20;

Unexpected<ArchiveError> failed(const FileError& error) {
  return Unexpected(ArchiveError{error.code == FileErrorCode::no_space
                                     ? ArchiveErrorCode::no_space
                                     : ArchiveErrorCode::io_failed,
                                 "a segment of the log cannot be archived: " + error.message});
}
Unexpected<ArchiveError> failed(const OpenError& error) {
  const bool io_failed = error.code == OpenErrorCode::io_failed;
  return Unexpected(ArchiveError{
      io_failed ? ArchiveErrorCode::io_failed : ArchiveErrorCode::damaged, error.message});
}
Unexpected<ArchiveError> failed(const SourceError& error) { return failed(to_open_error(error)); }

class ContentHash {
 public:
  ContentHash() : state_(XXH3_createState(), &XXH3_freeState) {
    FB_ASSERT(state_ != nullptr);
    XXH3_128bits_reset(state_.get());
  }
  void add(std::span<const std::byte> bytes) {
    XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
  }
  [[nodiscard]] bool operator==(const ContentHash& other) const {
    return XXH128_isEqual(XXH3_128bits_digest(state_.get()),
                          XXH3_128bits_digest(other.state_.get())) != 0;
  }

 private:
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state_;
};

/// Checks a segment as far as its last batch.
/// @return how many of its bytes are used; behind them there are only zeros.
Expected<std::uint64_t, ArchiveError> check_segment(FileSystem& files, const std::string& directory,
                                                    const SegmentFile& segment,
                                                    const SegmentFile& following) {
  auto source = SegmentSource::open(files, directory, segment);
  if (!source) { return failed(source.error()); }
  const auto header = read_segment_header(*source);
  if (!header) { return failed(header.error()); }
  auto next_source = SegmentSource::open(files, directory, following);
  if (!next_source) { return failed(next_source.error()); }
  const auto next_header = read_segment_header(*next_source);
  if (!next_header) { return failed(next_header.error()); }

  Chain chain{header->previous, 0, header->chain};
  for (;;) {
    const auto batch = read_batch(*source, header->numbering, chain, kPositionMax);
    if (!batch) { return failed(batch.error()); }
    if (batch->verdict != BatchVerdict::good) {
      if (batch->verdict == BatchVerdict::nothing && chain.last == next_header->previous &&
          chain.hash == next_header->chain) {
        return source->position();
      }
      return Unexpected(ArchiveError{
          ArchiveErrorCode::damaged,
          explain({.path = source->path(),
                   .at = source->position(),
                   .what = batch->what.empty() ? "the next segment does not go on from here"
                                               : batch->what,
                   .good_to = chain.last,
                   .next = next_header->first})});
    }
    chain = {batch->header.last, batch->header.term, batch->hash};
    source->skip(batch->bytes.size());
  }
}

/// @return size of the packed file.
Expected<std::uint64_t, ArchiveError> pack(FileSystem& files, const std::string& directory,
                                           const SegmentFile& segment, std::uint64_t bytes,
                                           const std::string& packed_path, ContentHash& hash) {
  auto source = SegmentSource::open(files, directory, segment);
  if (!source) { return failed(source.error()); }
  auto packed = files.open(packed_path, OpenMode::create_new);
  if (!packed) { return failed(packed.error()); }

  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                        &ZSTD_freeCCtx);
  FB_ASSERT(context != nullptr);
  const auto set = [&](std::size_t result) { FB_ASSERT(ZSTD_isError(result) == 0); };
  set(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kCompressionLevel));
  set(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1));
  set(ZSTD_CCtx_setPledgedSrcSize(context.get(), bytes));

  std::vector<std::byte> out(ZSTD_CStreamOutSize());
  std::uint64_t written = 0;
  while (bytes > 0) {
    const auto step = source->peek(std::min<std::uint64_t>(bytes, kStepBytes));
    if (!step) { return failed(step.error()); }
    if (step->empty()) {
      return failed(FileError{FileErrorCode::io_failed, source->path() + " became shorter"});
    }
    hash.add(*step);
    bytes -= step->size();
    ZSTD_inBuffer input{step->data(), step->size(), 0};
    const ZSTD_EndDirective directive = bytes == 0 ? ZSTD_e_end : ZSTD_e_continue;
    for (bool done = false; !done;) {
      ZSTD_outBuffer output{out.data(), out.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context.get(), &output, &input, directive);
      FB_ASSERT(ZSTD_isError(left) == 0);
      done = directive == ZSTD_e_end ? left == 0 : input.pos == input.size;
      if (auto put = write_fully(**packed, std::span(out).first(output.pos), written); !put) {
        return failed(put.error());
      }
      written += output.pos;
    }
    source->skip(step->size());
  }
  if (auto done = (*packed)->sync(); !done) { return failed(done.error()); }
  return written;
}

Expected<void, ArchiveError> read_back(FileSystem& files, const std::string& directory,
                                       const std::string& name, const ContentHash& want) {
  auto source =
      SegmentSource::open(files, directory, {.name = name, .kind = SegmentFile::Kind::archived});
  if (!source) { return failed(source.error()); }
  ContentHash hash;
  for (;;) {
    const auto step = source->peek(kStepBytes);
    if (!step) { return failed(step.error()); }
    if (step->empty()) { break; }
    hash.add(*step);
    source->skip(step->size());
  }
  if (!(hash == want)) {
    return failed(FileError{FileErrorCode::io_failed,
                            source->path() + " does not unpack to what was packed"});
  }
  return {};
}

Expected<void, ArchiveError> archive_one(FileSystem& files, const std::string& directory,
                                         const SegmentFile& segment, const SegmentFile& following,
                                         ArchiveReport& report) {
  const std::string raw = join_path(directory, segment.name);
  const std::string archive_name = segment.name + std::string(kArchiveSuffix);
  const std::string temporary_name = archive_name + std::string(kTemporarySuffix);
  const std::string temporary = join_path(directory, temporary_name);

  const auto used = check_segment(files, directory, segment, following);
  if (!used) { return Unexpected(used.error()); }
  const auto file = files.open(raw, OpenMode::read);
  if (!file) { return failed(file.error()); }
  const auto size = (*file)->size();
  if (!size) { return failed(size.error()); }

  const auto removed = files.remove(temporary);  // Of an interrupted call.
  if (!removed && removed.error().code != FileErrorCode::not_found) {
    return failed(removed.error());
  }
  ContentHash hash;
  const auto packed = pack(files, directory, segment, *used, temporary, hash);
  // Read back before it gets its name: an archive under its own name is always whole.
  const auto checked = packed ? read_back(files, directory, temporary_name, hash)
                              : Expected<void, ArchiveError>(Unexpected(packed.error()));
  if (!checked) {
    (void)files.remove(temporary);  // Gives the space back, or the next call does.
    return checked;
  }
  if (auto done = files.rename(temporary, join_path(directory, archive_name)); !done) {
    return failed(done.error());
  }
  if (auto done = files.sync_directory(directory); !done) { return failed(done.error()); }
  if (auto done = files.remove(raw); !done) { return failed(done.error()); }
  if (auto done = files.sync_directory(directory); !done) { return failed(done.error()); }
  report.segments += 1;
  report.bytes_before += *size;
  report.bytes_after += *packed;
  return {};
}

}  // namespace

Expected<ArchiveReport, ArchiveError> archive(FileSystem& files, const std::string& directory,
                                              Position before) {
  const auto list = list_segments(files, directory);
  if (!list) { return failed(list.error()); }
  ArchiveReport report;
  // The crash came before their segments were removed: made anew below.
  for (const std::string& name : list->superseded) {
    if (auto done = files.remove(join_path(directory, name)); !done) {
      return failed(done.error());
    }
  }
  for (std::size_t i = 0; i + 1 < list->segments.size(); ++i) {
    const SegmentFile& segment = list->segments[i];
    if (list->segments[i + 1].first > before) { break; }
    if (segment.kind != SegmentFile::Kind::named) { continue; }
    if (auto done = archive_one(files, directory, segment, list->segments[i + 1], report); !done) {
      return Unexpected(done.error());
    }
  }
  return report;
}

Expected<std::uint32_t, FileError> trim(FileSystem& files, const std::string& directory,
                                        Position before) {
  const auto list = list_segments(files, directory);
  if (!list) { return Unexpected(list.error()); }
  std::uint32_t removed = 0;
  for (std::size_t i = 0; i + 1 < list->segments.size(); ++i) {
    const SegmentFile& segment = list->segments[i];
    if (list->segments[i + 1].first > before) { break; }
    // One that waits for its name belongs to Writer::prepare().
    if (segment.kind == SegmentFile::Kind::numbered) { break; }
    const std::string twin = segment.name + std::string(kArchiveSuffix);
    if (std::find(list->superseded.begin(), list->superseded.end(), twin) !=
        list->superseded.end()) {
      if (auto done = files.remove(join_path(directory, twin)); !done) {
        return Unexpected(done.error());
      }
    }
    if (auto done = files.remove(join_path(directory, segment.name)); !done) {
      return Unexpected(done.error());
    }
    // One by one, so that a crash leaves no hole in the middle.
    if (auto done = files.sync_directory(directory); !done) { return Unexpected(done.error()); }
    ++removed;
  }
  return removed;
}

}  // namespace firebrand::log
