#include "log/snapshot_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "base/assert.hpp"
#include "base/crc32c.hpp"
#include "base/little_endian.hpp"

namespace firebrand::log {
namespace {

constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kPieceHeaderBytes = 32;
constexpr std::size_t kBlockHeaderBytes = 16;
constexpr std::size_t kBlockBytesMax = 256U << 10;
constexpr std::size_t kFooterBytes = 64;
constexpr std::uint8_t kSnapshotFormatVersion = 1;

constexpr std::array<std::uint8_t, 8> kHeaderMagic = {0xFB, 'S', 'N', 'P', '\r', '\n', 0x1A, 0xFF};
constexpr std::array<std::uint8_t, 8> kFooterMagic = {0xFB, 'E', 'N', 'D', '\r', '\n', 0x1A, 0xFF};
constexpr std::uint32_t kPieceMagic = 0x0AFF50FB;  // fb 50 ff 0a

/// Written in steps, so that one long sync at the end does not hold up the commits of the log.
constexpr std::uint64_t kSyncStepBytes = 8U << 20;

constexpr std::string_view kSnapshotSuffix = ".snapshot";
constexpr std::size_t kOffsetDigits = 20;

constexpr std::uint64_t stored_bytes(std::uint64_t content) {
  return content + (content + kBlockBytesMax - 1) / kBlockBytesMax * kBlockHeaderBytes;
}

/// Checksum of a header or footer: at byte 8, over everything after itself.
std::uint32_t checksum(std::span<const std::byte> bytes) { return crc32c(bytes.subspan(12)); }

using HeaderBytes = std::array<std::byte, kHeaderBytes>;
using PieceBytes = std::array<std::byte, kPieceHeaderBytes>;
using FooterBytes = std::array<std::byte, kFooterBytes>;

HeaderBytes encode(const SnapshotHeader& header) {
  HeaderBytes bytes{};
  std::byte* const at = bytes.data();
  std::memcpy(at, kHeaderMagic.data(), kHeaderMagic.size());
  store_le(at + 12, kSnapshotFormatVersion);
  store_le(at + 16, header.offset.value);
  store_le(at + 24, header.term);
  store_le(at + 32, to_unix_ms(header.timestamp));
  store_le(at + 40, header.rules_version);
  store_le(at + 48, header.state_digest);
  std::memcpy(at + 64, header.chain.data.data(), header.chain.data.size());
  store_le(at + 8, checksum(bytes));
  return bytes;
}

PieceBytes encode(const PieceHeader& piece, std::uint32_t number) {
  PieceBytes bytes{};
  std::byte* const at = bytes.data();
  store_le(at, kPieceMagic);
  store_le(at + 8, piece.module);
  store_le(at + 10, piece.version);
  store_le(at + 12, piece.compat_version);
  store_le(at + 16, piece.bytes);
  store_le(at + 24, number);
  store_le(at + 4, crc32c(std::span(bytes).subspan(8)));
  return bytes;
}

FooterBytes encode_footer(std::uint32_t pieces, std::uint64_t file_bytes,
                          std::uint32_t header_checksum) {
  FooterBytes bytes{};
  std::byte* const at = bytes.data();
  std::memcpy(at, kFooterMagic.data(), kFooterMagic.size());
  store_le(at + 12, pieces);
  store_le(at + 16, file_bytes);
  store_le(at + 24, header_checksum);
  store_le(at + 8, checksum(bytes));
  return bytes;
}

}  // namespace

// ---- Writing -----------------------------------------------------------------------------------

struct SnapshotWriter::State {
  State(FileSystem& the_files, std::string the_directory, LogOffset offset)
      : files(the_files),
        directory(std::move(the_directory)),
        path(join_path(directory, snapshot_name(offset))),
        temporary(path + std::string(kSnapshotTemporarySuffix)),
        block(kBlockHeaderBytes + kBlockBytesMax) {}

  ~State() {
    // Gives the space back; what cannot be removed now is replaced by the next attempt.
    if (file != nullptr) { (void)files.remove(temporary); }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void put(std::span<const std::byte> bytes) {
    if (error) { return; }
    if (auto done = write_fully(*file, bytes, position); !done) {
      error = done.error();
      return;
    }
    position += bytes.size();
    if (position - synced < kSyncStepBytes) { return; }
    synced = position;
    if (auto done = file->sync_data(); !done) { error = done.error(); }
  }

  void put_block() {
    if (block_bytes == 0) { return; }
    std::byte* const at = block.data();
    store_le(at, static_cast<std::uint32_t>(block_bytes));
    store_le(at + 8, pieces);
    store_le(at + 12, block_number);
    store_le(at + 4, crc32c({at + 8, kBlockHeaderBytes - 8 + block_bytes}));
    put(std::span(block).first(kBlockHeaderBytes + block_bytes));
    block_bytes = 0;
    ++block_number;
  }

  FileSystem& files;
  const std::string directory;
  const std::string path;
  const std::string temporary;
  std::unique_ptr<File> file;  ///< None after a successful finish().
  std::uint64_t position = 0;
  std::uint64_t synced = 0;
  std::optional<FileError> error;
  std::uint32_t header_checksum = 0;

  std::uint32_t pieces = 0;  ///< Finished ones.
  std::optional<PieceHeader> piece;
  std::uint64_t piece_at = 0;
  std::vector<std::uint16_t> modules;
  std::vector<std::byte> block;
  std::size_t block_bytes = 0;
  std::uint32_t block_number = 0;
};

Expected<SnapshotWriter, FileError> SnapshotWriter::create(FileSystem& files,
                                                           const std::string& directory,
                                                           const SnapshotHeader& header) {
  auto state = std::make_unique<State>(files, directory, header.offset);
  auto file = files.open(state->temporary, OpenMode::create_new);
  if (!file && file.error().code == FileErrorCode::already_exists) {
    // Of an interrupted attempt.
    if (auto done = files.remove(state->temporary); !done) { return Unexpected(done.error()); }
    file = files.open(state->temporary, OpenMode::create_new);
  }
  if (!file) { return Unexpected(file.error()); }
  state->file = std::move(*file);
  const HeaderBytes bytes = encode(header);
  state->header_checksum = load_le<std::uint32_t>(bytes.data() + 8);
  state->put(bytes);
  if (state->error) { return Unexpected(*state->error); }
  return SnapshotWriter(std::move(state));
}

void SnapshotWriter::begin_piece(const PieceHeader& piece) {
  State& state = *state_;
  FB_ASSERT(!state.piece);
  FB_ASSERT(std::find(state.modules.begin(), state.modules.end(), piece.module) ==
            state.modules.end());
  state.modules.push_back(piece.module);
  state.piece = piece;
  state.piece->bytes = 0;
  state.piece_at = state.position;
  state.block_number = 0;
  state.put(PieceBytes{});  // Written at its end, when its length is known.
}

void SnapshotWriter::write(std::span<const std::byte> bytes) {
  State& state = *state_;
  FB_ASSERT(state.piece);
  state.piece->bytes += bytes.size();
  while (!bytes.empty() && !state.error) {
    const std::size_t count = std::min(bytes.size(), kBlockBytesMax - state.block_bytes);
    std::memcpy(state.block.data() + kBlockHeaderBytes + state.block_bytes, bytes.data(), count);
    state.block_bytes += count;
    bytes = bytes.subspan(count);
    if (state.block_bytes == kBlockBytesMax) { state.put_block(); }
  }
}

void SnapshotWriter::end_piece() {
  State& state = *state_;
  FB_ASSERT(state.piece);
  state.put_block();
  if (!state.error) {
    const auto done = write_fully(*state.file, encode(*state.piece, state.pieces), state.piece_at);
    if (!done) { state.error = done.error(); }
  }
  state.piece.reset();
  ++state.pieces;
}

bool SnapshotWriter::failed() const noexcept { return state_->error.has_value(); }

Expected<void, FileError> SnapshotWriter::finish() {
  State& state = *state_;
  FB_ASSERT(!state.piece && state.file != nullptr);
  state.put(encode_footer(state.pieces, state.position + kFooterBytes, state.header_checksum));
  if (state.error) { return Unexpected(*state.error); }
  if (auto done = state.file->sync(); !done) { return done; }
  if (auto done = state.files.rename(state.temporary, state.path); !done) { return done; }
  state.file.reset();
  return state.files.sync_directory(state.directory);
}

SnapshotWriter::SnapshotWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SnapshotWriter::SnapshotWriter(SnapshotWriter&&) noexcept = default;
SnapshotWriter& SnapshotWriter::operator=(SnapshotWriter&&) noexcept = default;
SnapshotWriter::~SnapshotWriter() = default;

// ---- Reading -----------------------------------------------------------------------------------

struct SnapshotReader::State {
  State(std::unique_ptr<File> the_file, std::string the_path)
      : file(std::move(the_file)),
        path(std::move(the_path)),
        block(kBlockHeaderBytes + kBlockBytesMax) {}

  [[nodiscard]] SnapshotError damaged(std::uint64_t at, std::string_view what) const {
    return {SnapshotErrorCode::damaged, "the snapshot " + path + " is damaged at byte " +
                                            std::to_string(at) + ": " + std::string(what) +
                                            ". Use an older snapshot, and remove this one."};
  }

  Expected<void, SnapshotError> get(std::span<std::byte> out, std::uint64_t at) {
    const auto count = file->pread(out, at);
    if (!count) {
      return Unexpected(SnapshotError{SnapshotErrorCode::io_failed, count.error().message});
    }
    if (*count != out.size()) { return Unexpected(damaged(at, "it ends too early")); }
    return {};
  }

  Expected<void, SnapshotError> read_ends();
  Expected<std::optional<PieceHeader>, SnapshotError> next_piece();
  Expected<void, SnapshotError> next_block();

  std::unique_ptr<File> file;
  const std::string path;
  SnapshotHeader header;
  std::uint64_t footer_at = 0;
  std::uint32_t pieces = 0;  ///< As the footer says.

  std::uint32_t pieces_begun = 0;
  std::uint64_t next_piece_at = kHeaderBytes;
  std::vector<std::uint16_t> modules;
  std::uint64_t bytes_left = 0;  ///< Of the piece: not read by the caller.
  std::uint64_t bytes_to_load = 0;
  std::uint64_t position = 0;  ///< Of the next block.
  std::uint32_t block_number = 0;
  std::vector<std::byte> block;
  std::span<const std::byte> content;  ///< Of the block: not read by the caller.
  std::optional<SnapshotError> error;
};

Expected<void, SnapshotError> SnapshotReader::State::read_ends() {
  const auto size = file->size();
  if (!size) {
    return Unexpected(SnapshotError{SnapshotErrorCode::io_failed, size.error().message});
  }
  if (*size < kHeaderBytes + kFooterBytes) { return Unexpected(damaged(0, "it is too short")); }
  HeaderBytes head;
  if (auto done = get(head, 0); !done) { return done; }
  const std::byte* const at = head.data();
  if (std::memcmp(at, kHeaderMagic.data(), kHeaderMagic.size()) != 0) {
    return Unexpected(damaged(0, "it does not begin like a snapshot"));
  }
  const auto header_checksum = load_le<std::uint32_t>(at + 8);
  if (header_checksum != checksum(head)) {
    return Unexpected(damaged(0, "the header does not match its checksum"));
  }
  if (load_le<std::uint8_t>(at + 12) > kSnapshotFormatVersion) {
    return Unexpected(SnapshotError{
        SnapshotErrorCode::newer_format,
        "the snapshot " + path +
            " was written by a newer version of firebrand: start that version or a newer one"});
  }
  header = {
      .offset = {load_le<std::uint64_t>(at + 16)},
      .term = load_le<std::uint64_t>(at + 24),
      .timestamp = from_unix_ms(load_le<std::int64_t>(at + 32)),
      .rules_version = load_le<std::uint32_t>(at + 40),
      .state_digest = load_le<std::uint64_t>(at + 48),
  };
  std::memcpy(header.chain.data.data(), at + 64, header.chain.data.size());

  footer_at = *size - kFooterBytes;
  FooterBytes foot;
  if (auto done = get(foot, footer_at); !done) { return done; }
  const std::byte* const end = foot.data();
  const bool whole = std::memcmp(end, kFooterMagic.data(), kFooterMagic.size()) == 0 &&
                     load_le<std::uint32_t>(end + 8) == checksum(foot) &&
                     load_le<std::uint64_t>(end + 16) == *size &&
                     load_le<std::uint32_t>(end + 24) == header_checksum;
  if (!whole) { return Unexpected(damaged(footer_at, "there is no whole footer")); }
  pieces = load_le<std::uint32_t>(end + 12);
  return {};
}

Expected<std::optional<PieceHeader>, SnapshotError> SnapshotReader::State::next_piece() {
  bytes_left = 0;
  bytes_to_load = 0;
  content = {};
  const std::uint64_t at = next_piece_at;
  if (pieces_begun == pieces) {
    if (at != footer_at) { return Unexpected(damaged(at, "something stands before the footer")); }
    return std::optional<PieceHeader>{};
  }
  if (footer_at - at < kPieceHeaderBytes) { return Unexpected(damaged(at, "a piece is missing")); }
  PieceBytes bytes;
  if (auto done = get(bytes, at); !done) { return Unexpected(done.error()); }
  const PieceHeader piece{
      .module = load_le<std::uint16_t>(bytes.data() + 8),
      .version = load_le<std::uint16_t>(bytes.data() + 10),
      .compat_version = load_le<std::uint16_t>(bytes.data() + 12),
      .bytes = load_le<std::uint64_t>(bytes.data() + 16),
  };
  const std::uint64_t room = footer_at - at - kPieceHeaderBytes;
  const bool whole =
      load_le<std::uint32_t>(bytes.data()) == kPieceMagic &&
      load_le<std::uint32_t>(bytes.data() + 4) == crc32c(std::span(bytes).subspan(8)) &&
      load_le<std::uint32_t>(bytes.data() + 24) == pieces_begun && piece.bytes <= room &&
      stored_bytes(piece.bytes) <= room &&
      std::find(modules.begin(), modules.end(), piece.module) == modules.end();
  if (!whole) { return Unexpected(damaged(at, "there is no whole piece header")); }
  modules.push_back(piece.module);
  ++pieces_begun;
  position = at + kPieceHeaderBytes;
  next_piece_at = position + stored_bytes(piece.bytes);
  bytes_left = piece.bytes;
  bytes_to_load = piece.bytes;
  block_number = 0;
  return std::optional(piece);
}

Expected<void, SnapshotError> SnapshotReader::State::next_block() {
  const std::size_t length = std::min<std::uint64_t>(bytes_to_load, kBlockBytesMax);
  const auto bytes = std::span(block).first(kBlockHeaderBytes + length);
  if (auto done = get(bytes, position); !done) { return done; }
  const bool whole = load_le<std::uint32_t>(bytes.data()) == length &&
                     load_le<std::uint32_t>(bytes.data() + 4) == crc32c(bytes.subspan(8)) &&
                     load_le<std::uint32_t>(bytes.data() + 8) + 1 == pieces_begun &&
                     load_le<std::uint32_t>(bytes.data() + 12) == block_number;
  if (!whole) { return Unexpected(damaged(position, "a block does not match its checksum")); }
  content = bytes.subspan(kBlockHeaderBytes);
  position += bytes.size();
  bytes_to_load -= length;
  ++block_number;
  return {};
}

Expected<SnapshotReader, SnapshotError> SnapshotReader::open(FileSystem& files,
                                                             const std::string& path) {
  auto file = files.open(path, OpenMode::read);
  if (!file) {
    return Unexpected(SnapshotError{SnapshotErrorCode::io_failed, file.error().message});
  }
  auto state = std::make_unique<State>(std::move(*file), path);
  if (auto done = state->read_ends(); !done) { return Unexpected(done.error()); }
  return SnapshotReader(std::move(state));
}

const SnapshotHeader& SnapshotReader::header() const noexcept { return state_->header; }

Expected<std::optional<PieceHeader>, SnapshotError> SnapshotReader::next_piece() {
  if (state_->error) { return Unexpected(*state_->error); }
  auto piece = state_->next_piece();
  if (!piece) { state_->error = piece.error(); }
  return piece;
}

bool SnapshotReader::read(std::span<std::byte> bytes) {
  State& state = *state_;
  if (state.error || bytes.size() > state.bytes_left) { return false; }
  state.bytes_left -= bytes.size();
  while (!bytes.empty()) {
    if (state.content.empty()) {
      if (auto done = state.next_block(); !done) {
        state.error = done.error();
        return false;
      }
    }
    const std::size_t count = std::min(bytes.size(), state.content.size());
    std::memcpy(bytes.data(), state.content.data(), count);
    state.content = state.content.subspan(count);
    bytes = bytes.subspan(count);
  }
  return true;
}

std::uint64_t SnapshotReader::bytes_left() const noexcept { return state_->bytes_left; }
const std::optional<SnapshotError>& SnapshotReader::error() const noexcept { return state_->error; }

SnapshotReader::SnapshotReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
SnapshotReader::SnapshotReader(SnapshotReader&&) noexcept = default;
SnapshotReader& SnapshotReader::operator=(SnapshotReader&&) noexcept = default;
SnapshotReader::~SnapshotReader() = default;

// ---- Names -------------------------------------------------------------------------------------

std::string snapshot_name(LogOffset offset) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%020llu.snapshot",
                static_cast<unsigned long long>(offset.value));
  return text.data();
}

Expected<std::vector<LogOffset>, FileError> list_snapshots(FileSystem& files,
                                                           const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) { return Unexpected(names.error()); }
  std::vector<LogOffset> offsets;
  for (const std::string& name : *names) {
    if (name.size() != kOffsetDigits + kSnapshotSuffix.size()) { continue; }
    LogOffset offset{};
    std::from_chars(name.data(), name.data() + kOffsetDigits, offset.value);
    if (snapshot_name(offset) == name) { offsets.push_back(offset); }
  }
  std::sort(offsets.rbegin(), offsets.rend());
  return offsets;
}

}  // namespace firebrand::log
