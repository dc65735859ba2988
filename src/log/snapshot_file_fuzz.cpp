// Any bytes as a snapshot file: reading never crashes, never gives out more than the file holds,
// and says what is wrong.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "base/assert.hpp"
#include "base/crc32c.hpp"
#include "base/little_endian.hpp"
#include "log/faulty_file_system.hpp"
#include "log/snapshot_file.hpp"

namespace {

using namespace firebrand;
using namespace firebrand::log;

constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kPieceHeaderBytes = 32;
constexpr std::size_t kBlockHeaderBytes = 16;
constexpr std::size_t kFooterBytes = 64;

/// Reads all pieces in steps of `step` bytes. @return content bytes, if nothing was wrong.
std::optional<std::uint64_t> read_all(FileSystem& files, std::size_t step) {
  auto reader = SnapshotReader::open(files, "snapshot");
  if (!reader) {
    FB_ASSERT(!reader.error().message.empty());
    return std::nullopt;
  }
  std::uint64_t bytes = 0;
  std::vector<std::byte> buffer(step);
  for (;;) {
    const auto piece = reader->next_piece();
    if (!piece) {
      FB_ASSERT(!piece.error().message.empty());
      return std::nullopt;
    }
    if (!*piece) { return bytes; }
    while (reader->bytes_left() > 0) {
      const std::size_t count = std::min<std::uint64_t>(step, reader->bytes_left());
      if (!reader->read(std::span(buffer).first(count))) {
        FB_ASSERT(reader->error().has_value());
        return std::nullopt;
      }
      bytes += count;
    }
  }
}

/// Puts checksums and lengths right after a mutation, so that the search gets behind them.
void repair(std::span<std::byte> bytes) {
  if (bytes.size() < kHeaderBytes + kFooterBytes) { return; }
  std::byte* const head = bytes.data();
  store_le(head + 8, crc32c(bytes.subspan(12, kHeaderBytes - 12)));
  std::uint32_t pieces = 0;
  std::span<std::byte> rest = bytes.subspan(kHeaderBytes);
  while (rest.size() >= kPieceHeaderBytes + kFooterBytes) {
    std::byte* const piece = rest.data();
    store_le(piece + 24, pieces);
    store_le(piece + 4, crc32c(rest.subspan(8, kPieceHeaderBytes - 8)));
    const auto length = load_le<std::uint64_t>(piece + 16);
    rest = rest.subspan(kPieceHeaderBytes);
    ++pieces;
    if (length == 0) { continue; }
    if (length + kBlockHeaderBytes > rest.size()) { break; }
    store_le(rest.data() + 4, crc32c(rest.subspan(8, kBlockHeaderBytes - 8 + length)));
    rest = rest.subspan(kBlockHeaderBytes + length);
  }
  const std::span<std::byte> footer = bytes.last(kFooterBytes);
  store_le(footer.data() + 16, static_cast<std::uint64_t>(bytes.size()));
  std::memcpy(footer.data() + 24, head + 8, 4);
  store_le(footer.data() + 8, crc32c(footer.subspan(12)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FaultyFileSystem files(1);
  files.put("snapshot", {reinterpret_cast<const std::byte*>(data), size});
  const auto small_steps = read_all(files, 7);
  const auto large_steps = read_all(files, 100'000);
  FB_ASSERT(small_steps == large_steps);
  if (small_steps) { FB_ASSERT(*small_steps < size); }
  return 0;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  const std::size_t mutated = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 4 != 0) { repair({reinterpret_cast<std::byte*>(data), mutated}); }
  return mutated;
}
