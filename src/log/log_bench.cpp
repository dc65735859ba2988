// Synced batches on a real disk, beside what the disk gives to a plain file in the same run:
//   log_bench [--dir=build/bench-log]      The directory is emptied. Not on tmpfs: syncs cost there
//                                          nothing.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/assert.hpp"
#include "base/crc32c.hpp"
#include "base/little_endian.hpp"
#include "base/prng.hpp"
#include "log/file_system.hpp"
#include "log/reader.hpp"
#include "log/writer.hpp"

namespace {

using namespace firebrand;
using namespace firebrand::log;
using Clock = std::chrono::steady_clock;

std::string directory = "build/bench-log";

/// An order's size, about.
constexpr std::size_t kPayloadBytes = 80;
constexpr int kBatches = 2000;

class Latencies {
 public:
  void add(Clock::duration duration) {
    us_.push_back(std::chrono::duration<double, std::micro>(duration).count());
  }
  void report(benchmark::State& state) {
    std::sort(us_.begin(), us_.end());
    double sum = 0;
    for (const double us : us_) { sum += us; }
    state.counters["p50_us"] = us_[us_.size() / 2];
    state.counters["p99_us"] = us_[us_.size() * 99 / 100];
    state.counters["max_us"] = us_.back();
    state.counters["batches/s"] = static_cast<double>(us_.size()) / (sum / 1e6);
  }

 private:
  std::vector<double> us_;
};

void empty_directory() {
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
}

std::vector<std::byte> random_bytes(std::size_t count) {
  Prng prng(1);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) { byte = static_cast<std::byte>(prng.next()); }
  return bytes;
}

/// `bytes` of records, from `offset` on; checksums and all.
BatchInfo encode_batch(std::uint64_t offset, std::vector<std::byte>& bytes) {
  static const std::vector<std::byte> payloads = random_bytes(2 * record_size(kPayloadBytes));
  BatchInfo info{.first = {{offset}, 0}, .term = 1};
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t rest = bytes.size() - at;
    const std::size_t payload =
        rest < 2 * record_size(kPayloadBytes) ? rest - kRecordHeaderBytes : kPayloadBytes;
    at += encode_record({.type = 7, .version = 1, .offset = {offset}, .term = 1},
                        std::span(payloads).first(payload), bytes.data() + at);
    info.last = {{offset++}, 0};
    ++info.count;
  }
  return info;
}

/// Appends as the log thread makes them. The records come encoded, as from the engine:
/// BM_EncodeRecord says what that costs.
void append_batches(benchmark::State& state, Writer& writer) {
  auto bytes = random_bytes(static_cast<std::size_t>(state.range(0)));
  Latencies latencies;
  for (auto _ : state) {
    while (writer.space_left() < bytes.size()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const BatchInfo info = encode_batch(writer.last().offset.value + 1, bytes);
    const std::span<const std::byte> piece(bytes);
    const auto begin = Clock::now();
    const auto appended = writer.append_batch({&piece, 1}, info);
    latencies.add(Clock::now() - begin);
    FB_ASSERT(appended.has_value());
  }
  latencies.report(state);
}

// Into segments made before, as in the minute of a launch; rotation included.
void BM_AppendBatch(benchmark::State& state) {
  empty_directory();
  PosixFileSystem files;
  const auto bytes =
      static_cast<std::uint64_t>(kBatches) * static_cast<std::uint64_t>(state.range(0));
  const WriterOptions options{
      .segments_ahead = static_cast<std::uint32_t>(2 + 2 * bytes / WriterOptions{}.segment_bytes)};
  auto writer = Writer::open(files, directory + "/log", options);
  FB_ASSERT(writer.has_value());
  while (*writer->prepare()) {}
  append_batches(state, *writer);
}

// For ever: each byte is written twice, first as zero. 512 MiB of batches at 256 KiB.
void BM_AppendWhilePreparing(benchmark::State& state) {
  empty_directory();
  PosixFileSystem files;
  auto writer = Writer::open(files, directory + "/log", {});
  FB_ASSERT(writer.has_value());
  std::atomic<bool> done{false};
  std::thread preparing([&] {
    while (!done.load()) {
      if (!*writer->prepare()) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }
    }
  });
  append_batches(state, *writer);
  done.store(true);
  preparing.join();
}

// What the disk gives: checksum, write and fdatasync of a file whose blocks are all written.
void BM_PlainFile(benchmark::State& state) {
  empty_directory();
  const std::string path = directory + "/plain";
  const int fd = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0640);
  FB_ASSERT(fd >= 0);
  auto bytes = random_bytes(static_cast<std::size_t>(state.range(0)));
  for (int i = 0; i < kBatches; ++i) {
    FB_ASSERT(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  FB_ASSERT(::fsync(fd) == 0 && ::lseek(fd, 0, SEEK_SET) == 0);
  Latencies latencies;
  std::uint64_t number = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    store_le(bytes.data() + 8, ++number);
    store_le(bytes.data(), crc32c(std::span(bytes).subspan(8)));
    FB_ASSERT(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    FB_ASSERT(::fdatasync(fd) == 0);
    latencies.add(Clock::now() - begin);
  }
  ::close(fd);
  latencies.report(state);
}

#define FB_SHAPES ->Arg(256 << 10)->Arg(4 << 10)->Arg(152)->Iterations(kBatches)->UseRealTime()
BENCHMARK(BM_PlainFile) FB_SHAPES;
BENCHMARK(BM_AppendBatch) FB_SHAPES;
BENCHMARK(BM_AppendWhilePreparing)->Arg(256 << 10)->Iterations(kBatches)->UseRealTime();

// Every record of a log in the page cache, checksums and chain checked.
void BM_Read(benchmark::State& state) {
  empty_directory();
  PosixFileSystem files;
  auto writer = Writer::open(files, directory + "/log", {.segments_ahead = 5});
  FB_ASSERT(writer.has_value());
  while (*writer->prepare()) {}
  auto bytes = random_bytes(static_cast<std::size_t>(state.range(0)));
  std::uint64_t total = 0;
  while (total + bytes.size() < (256U << 20)) {
    const BatchInfo info = encode_batch(writer->last().offset.value + 1, bytes);
    const std::span<const std::byte> piece(bytes);
    FB_ASSERT(writer->append_batch({&piece, 1}, info).has_value());
    total += kBatchHeaderBytes + bytes.size();
  }
  std::uint64_t records = 0;
  for (auto _ : state) {
    auto reader = Reader::open(files, directory + "/log", {});
    FB_ASSERT(reader.has_value());
    reader->set_limit(writer->last());
    for (;;) {
      const auto record = reader->next();
      if (!record) { break; }
      benchmark::DoNotOptimize(record->payload.data());
      ++records;
    }
    FB_ASSERT(reader->position() == writer->last());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(total));
  state.counters["records/s"] =
      benchmark::Counter(static_cast<double>(records), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_Read)->Arg(256 << 10)->Arg(4 << 10)->Iterations(4)->Unit(benchmark::kMillisecond);

void BM_EncodeRecord(benchmark::State& state) {
  const std::vector<std::byte> payload(static_cast<std::size_t>(state.range(0)));
  std::vector<std::byte> out(record_size(payload.size()));
  std::uint64_t offset = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode_record(
        {.type = 7, .version = 1, .offset = {++offset}, .term = 1}, payload, out.data()));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EncodeRecord)->Arg(80)->Arg(1024);

}  // namespace

int main(int argc, char** argv) {
  const std::string_view flag = "--dir=";
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).substr(0, flag.size()) != flag) { continue; }
    directory = argv[i] + flag.size();
    std::rotate(argv + i, argv + i + 1, argv + argc);
    --argc;
    break;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) { return 1; }
  benchmark::RunSpecifiedBenchmarks();
  std::filesystem::remove_all(directory);
  return 0;
}
