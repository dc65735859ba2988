#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"
#include "log/writer.hpp"

/// The files of a log and how one of them is walked: what Writer, Reader and archive() share.
namespace firebrand::log {

// ---- Names -------------------------------------------------------------------------------------

struct SegmentFile {
  enum class Kind : std::uint8_t {
    named,     ///< By its first record: "00000000000000000001.seg".
    archived,  ///< The same, compressed: "00000000000000000001.seg.zst".
    numbered,  ///< Made ahead: "next-7.seg", until prepare() gives it its name.
  };
  std::string name;
  Kind kind = Kind::named;
  Position first{};          ///< Of its first record.
  std::uint64_t number = 0;  ///< Of a numbered one.
};

struct SegmentList {
  std::vector<SegmentFile> segments;    ///< With records, by first position.
  std::vector<SegmentFile> spares;      ///< Numbered ones not begun, or torn when begun.
  std::vector<std::string> leftovers;   ///< Temporary files of interrupted work.
  std::vector<std::string> superseded;  ///< Archives beside the segment they were made from.
  std::string newer_format;             ///< A file of a newer program, if any.
};

[[nodiscard]] std::string segment_name(Position first);
[[nodiscard]] std::string numbered_name(std::uint64_t number);
inline constexpr std::string_view kArchiveSuffix = ".zst";
inline constexpr std::string_view kTemporarySuffix = ".tmp";

/// Other files are passed over. Reads the headers of numbered segments.
[[nodiscard]] Expected<SegmentList, FileError> list_segments(FileSystem& files,
                                                             const std::string& directory);

// ---- Bytes -------------------------------------------------------------------------------------

enum class SourceErrorCode : std::uint8_t {
  not_found,  ///< Renamed, archived or trimmed since it was listed.
  damaged,    ///< Archive that cannot be unpacked.
  io_failed,
};
struct SourceError {
  SourceErrorCode code = SourceErrorCode::io_failed;
  std::string message;
};

/// The bytes of a segment from its beginning on, unpacked if it is an archive.
class SegmentSource {
 public:
  [[nodiscard]] static Expected<SegmentSource, SourceError> open(FileSystem& files,
                                                                 const std::string& directory,
                                                                 const SegmentFile& segment);
  /// The next bytes, fewer than asked only at the end. They live until the next call.
  [[nodiscard]] Expected<std::span<const std::byte>, SourceError> peek(std::size_t bytes);
  /// REQUIRES: so many bytes were peeked at.
  void skip(std::size_t bytes);
  /// Forgets what was read ahead, for the file may have grown, and goes to `position`.
  /// REQUIRES: not an archive.
  void seek(std::uint64_t position);

  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const SegmentFile& segment() const { return segment_; }

 private:
  class Unpacker;
  struct UnpackerDelete {
    void operator()(Unpacker* unpacker) const;
  };
  SegmentSource() = default;
  void make_room(std::size_t bytes);

  std::unique_ptr<File> file_;
  std::unique_ptr<Unpacker, UnpackerDelete> unpacker_;
  std::string path_;
  SegmentFile segment_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t read_ahead_ = 0;
  std::uint64_t position_ = 0;  ///< Of begin_, in the unpacked segment.
};

// ---- Batches -----------------------------------------------------------------------------------

[[nodiscard]] BatchHash hash_batch(std::span<const std::byte> header_and_records);

/// What the next batch must continue.
struct Chain {
  Position last{};
  std::uint64_t term = 0;
  BatchHash hash{};
};

enum class BatchVerdict : std::uint8_t {
  good,
  nothing,  ///< Zeros or the end of the file.
  after_limit,
  invalid,    ///< Torn or damaged: what follows decides.
  misplaced,  ///< A whole header that does not continue the chain: damage.
  newer_format,
};

struct BatchRead {
  BatchVerdict verdict = BatchVerdict::nothing;
  BatchHeader header{};                ///< Unless `nothing`, or `invalid` with bytes empty.
  BatchHash hash{};                    ///< If good.
  std::span<const std::byte> bytes{};  ///< Header and records, as far as they are there.
  std::string_view what{};             ///< If bad: what is wrong.
};

/// Looks at the batch where the source stands and checks all of it. Does not move the source.
/// A batch that begins after `limit` may be half written: its records are not looked at.
[[nodiscard]] Expected<BatchRead, SourceError> read_batch(SegmentSource& source,
                                                          Numbering numbering, const Chain& chain,
                                                          Position limit);

/// What stands behind the last good batch.
struct Rest {
  std::uint64_t end = 0;  ///< After the last byte that is not zero; where it began if none.
  std::optional<BatchHeader> later{};  ///< A batch: proof that what is before it was synced.
};

/// Reads the source to its end. A batch header counts as `later` from `search_from` on, a position
/// in the segment.
[[nodiscard]] Expected<Rest, SourceError> read_rest(SegmentSource& source,
                                                    std::uint64_t search_from);
/// Where read_rest() must begin its search after a bad batch at the source's position: a torn batch
/// that says its length cannot hold a later one.
[[nodiscard]] std::uint64_t search_from(const SegmentSource& source, const BatchRead& bad);

/// What a crash left of the first batch of a spare: nothing, if rest.end is zero. A `later` batch
/// shows that the spare had been in use, and that its header is damaged.
[[nodiscard]] Expected<Rest, SourceError> examine_spare(FileSystem& files,
                                                        const std::string& directory,
                                                        const SegmentFile& spare);

[[nodiscard]] Expected<SegmentHeader, OpenError> read_segment_header(SegmentSource& source);

// ---- Messages ----------------------------------------------------------------------------------

struct Damage {
  std::string path;
  std::uint64_t at = 0;
  std::string_view what;
  Position good_to{};              ///< Last record before the damage; zero if none.
  std::optional<Position> next{};  ///< First record known to stand behind the damage.
  bool archived = false;
};
[[nodiscard]] std::string explain(const Damage& damage);
[[nodiscard]] std::string explain_newer(const std::string& path);
[[nodiscard]] OpenError to_open_error(const SourceError& error);

}  // namespace firebrand::log
