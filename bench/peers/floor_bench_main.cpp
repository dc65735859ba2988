// The floor under `firebrand bench drop`: what the machine itself allows for one purchase. Three
// tables of open addressing, a counter, and records of 64 bytes that a second thread writes and
// syncs in batches. No JSON, no modules, no deadlines, no facts, no replay, nothing grows.
//   peer_floor [--units N] [--fans N] [--accounts N] [--file FILE]
// Prints one JSON line, keys as `firebrand bench drop --json`. FILE must not exist; it is removed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/crc32c.hpp"
#include "base/prng.hpp"
#include "edge/bench/latency.hpp"

namespace firebrand {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kDrop = 2;  // Accounts that are there before belong to drop 1.
constexpr std::uint64_t kLimit = 1;
constexpr std::size_t kLookAhead = 12;  // Commands between the prefetch and the use.

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "peer_floor: %s\n", what.c_str());
  std::exit(1);
}

/// Entries of two words and a value; a first word of zero is a free place.
class Table {
 public:
  explicit Table(std::uint64_t entries)
      : mask_(std::bit_ceil(std::max<std::uint64_t>(2 * entries, 1024)) - 1), places_(mask_ + 1) {}

  struct Place {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::uint64_t value = 0;
  };

  void prefetch(std::uint64_t first, std::uint64_t second) const {
    __builtin_prefetch(&places_[hash(first, second) & mask_], 1);
  }
  /// The entry, or the free place where it belongs.
  Place& at(std::uint64_t first, std::uint64_t second) {
    std::uint64_t at = hash(first, second) & mask_;
    while (places_[at].first != 0 && (places_[at].first != first || places_[at].second != second)) {
      at = (at + 1) & mask_;
    }
    return places_[at];
  }

 private:
  static std::uint64_t hash(std::uint64_t first, std::uint64_t second) {
    std::uint64_t state = first ^ (second * 0x9E3779B97F4A7C15);
    return Prng::split_mix(state);
  }

  std::uint64_t mask_;
  std::vector<Place> places_;
};

struct Command {
  std::uint64_t key_low = 0;  ///< Of the request; not zero.
  std::uint64_t key_high = 0;
  std::uint64_t person = 0;
};

struct Record {
  std::uint32_t checksum = 0;
  std::uint32_t length = 0;
  std::uint64_t offset = 0;
  std::uint64_t key_low = 0;
  std::uint64_t key_high = 0;
  std::uint64_t person = 0;
  std::uint64_t drop = 0;
  std::uint64_t quantity = 0;
  std::uint64_t stamp = 0;
};
static_assert(sizeof(Record) == 64);

/// One file, as long as it will get and zeroed before the clock starts. One thread hands records
/// in, another writes and syncs what has gathered.
class Log {
 public:
  Log(std::string path, std::uint64_t records) : path_(std::move(path)), records_(records) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd_ < 0) { fail(path_ + " is there already, or cannot be made"); }
    const std::vector<char> zeros(1U << 20U);
    for (std::uint64_t left = records * sizeof(Record); left > 0;) {
      const std::uint64_t size = std::min<std::uint64_t>(left, zeros.size());
      if (::write(fd_, zeros.data(), size) != static_cast<ssize_t>(size)) { fail("no space"); }
      left -= size;
    }
    if (::fsync(fd_) != 0) { fail("cannot sync"); }
    thread_ = std::thread([this] { run(); });
  }
  ~Log() {
    ended_.store(true);
    thread_.join();
    ::close(fd_);
    ::unlink(path_.c_str());
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// The next record. REQUIRES: not more than were asked for.
  Record& next() { return records_[handed_]; }
  void hand_in() {
    ++handed_;
    published_.store(handed_, std::memory_order_release);
  }
  [[nodiscard]] std::uint64_t handed() const { return handed_; }
  [[nodiscard]] std::uint64_t durable() const { return durable_.load(std::memory_order_acquire); }
  /// REQUIRES: everything that was handed in is durable.
  [[nodiscard]] const LatencyHistogram& commits() const { return commits_; }

 private:
  void run() {
    constexpr std::uint64_t kBatchMax = (4U << 20U) / sizeof(Record);
    std::uint64_t done = 0;
    while (!ended_.load(std::memory_order_relaxed)) {
      const std::uint64_t published = published_.load(std::memory_order_acquire);
      const std::uint64_t count = std::min(published - done, kBatchMax);
      if (count == 0) {
        std::this_thread::sleep_for(std::chrono::microseconds{20});
        continue;
      }
      const auto before = Clock::now();
      for (std::uint64_t i = done; i < done + count; ++i) {
        records_[i].checksum = crc32c(std::as_bytes(std::span(&records_[i], 1)).subspan(4));
      }
      const auto size = static_cast<ssize_t>(count * sizeof(Record));
      const auto position = static_cast<off_t>(done * sizeof(Record));
      if (::pwrite(fd_, &records_[done], static_cast<std::size_t>(size), position) != size ||
          ::fdatasync(fd_) != 0) {
        fail("cannot write");
      }
      commits_.record(Clock::now() - before);
      done += count;
      durable_.store(done, std::memory_order_release);
    }
  }

  std::string path_;
  int fd_ = -1;
  std::vector<Record> records_;
  std::uint64_t handed_ = 0;
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> durable_{0};
  std::atomic<bool> ended_{false};
  LatencyHistogram commits_;
  std::thread thread_;
};

struct Options {
  std::uint64_t units = 300'000;
  std::uint64_t fans = 3'000'000;
  std::uint64_t accounts = 0;
  std::string file = "floor.log";
};

/// Every fan asks once, in random order.
std::vector<Command> make_commands(std::uint64_t fans, std::uint64_t people, Prng& prng) {
  std::vector<std::uint64_t> persons(people);
  for (std::uint64_t i = 0; i < people; ++i) { persons[i] = i + 1; }
  prng.shuffle(persons);
  std::vector<Command> commands(fans);
  for (std::uint64_t i = 0; i < fans; ++i) {
    commands[i] = {prng.next() | 1U, prng.next(), persons[i]};
  }
  return commands;
}

int run(const Options& options) {
  Prng prng(1);
  const std::uint64_t sells = std::min(options.units, options.fans);
  const std::vector<Command> commands =
      make_commands(options.fans, std::max(options.fans, options.accounts), prng);
  Table requests(sells);
  Table rights(options.accounts + sells);
  for (std::uint64_t person = 1; person <= options.accounts; ++person) {
    rights.at(person, 1) = {person, 1, 1};
  }
  Table stock(1);
  stock.at(kDrop, kDrop) = {kDrop, kDrop, options.units};
  Log log(options.file, sells);
  std::uint64_t sold = 0;
  std::uint64_t refused = 0;

  const auto start = Clock::now();
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (i + kLookAhead < commands.size()) {
      const Command& ahead = commands[i + kLookAhead];
      requests.prefetch(ahead.key_low, ahead.key_high);
      rights.prefetch(ahead.person, kDrop);
    }
    const Command& command = commands[i];
    Table::Place& request = requests.at(command.key_low, command.key_high);
    if (request.first != 0) { continue; }  // A repeat; here there is none.
    Table::Place& left = stock.at(kDrop, kDrop);
    Table::Place& right = rights.at(command.person, kDrop);
    if (left.value == 0 || right.value >= kLimit) {
      ++refused;
      continue;
    }
    --left.value;
    right = {command.person, kDrop, right.value + 1};
    request = {command.key_low, command.key_high, log.handed() + 1};
    log.next() = {.length = sizeof(Record),
                  .offset = log.handed() + 1,
                  .key_low = command.key_low,
                  .key_high = command.key_high,
                  .person = command.person,
                  .drop = kDrop,
                  .quantity = 1,
                  .stamp = i};
    log.hand_in();
    ++sold;
  }
  // Refusals rest on the sales before them: the last answer leaves with the last record.
  while (log.durable() < log.handed()) {
    std::this_thread::sleep_for(std::chrono::microseconds{10});
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (sold != sells || sold + refused != options.fans) { fail("not exactly the units were sold"); }
  using Number = unsigned long long;
  std::printf(
      "{\"units\":%llu,\"contenders\":%llu,\"accounts\":%llu,\"sold\":%llu,\"rounds\":1,"
      "\"seconds\":%.4f,\"commands_per_second\":%.0f,\"commits\":%llu,\"commit_ms_p50\":%.3f,"
      "\"commit_ms_p99\":%.3f}\n",
      Number{options.units}, Number{options.fans}, Number{options.accounts}, Number{sold}, seconds,
      static_cast<double>(options.fans) / seconds, Number{log.commits().count()},
      to_ms(log.commits().quantile(500'000)), to_ms(log.commits().quantile(990'000)));
  return 0;
}

std::uint64_t number(std::string_view flag, const char* text) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0') {
    fail(std::string(flag) + " needs a number, not " + text);
  }
  return value;
}

int read_flags_and_run(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (i + 1 == argc) { fail(std::string(flag) + " needs a value"); }
    if (flag == "--units") {
      options.units = number(flag, argv[i + 1]);
    } else if (flag == "--fans") {
      options.fans = number(flag, argv[i + 1]);
    } else if (flag == "--accounts") {
      options.accounts = number(flag, argv[i + 1]);
    } else if (flag == "--file") {
      options.file = argv[i + 1];
    } else {
      fail(std::string(flag) + " is not known: --units N --fans N --accounts N --file FILE");
    }
  }
  if (options.units == 0 || options.fans == 0) { fail("units and fans are 1 and more"); }
  return run(options);
}

}  // namespace
}  // namespace firebrand

int main(int argc, char** argv) { return firebrand::read_flags_and_run(argc, argv); }
