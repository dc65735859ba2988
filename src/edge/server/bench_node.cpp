#include "edge/server/bench_node.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

#include "runtime/sync_client.hpp"

namespace firebrand {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// Log and fact bytes of one purchase, with room to spare.
constexpr std::uint64_t kBytesPerPurchase = 320;
constexpr std::uint64_t kSegmentBytes = 64ULL << 20;
constexpr std::uint64_t kPurchasesReadyMax = 4'000'000;

}  // namespace

std::unique_ptr<BenchNode> BenchNode::open(BenchDirectory& directory, std::uint64_t purchases) {
  if (!directory.error().empty()) {
    std::fprintf(stderr, "firebrand: %s\n", directory.error().c_str());
    return nullptr;
  }
  directory.clear();
  auto bench = std::unique_ptr<BenchNode>(new BenchNode);
  NodeOptions options;
  options.segment_bytes = kSegmentBytes;
  options.segments_ahead =
      static_cast<std::uint32_t>(purchases * kBytesPerPurchase / kSegmentBytes + 2);
  options.fact_ring_bytes = 64U << 20;
  options.sequencer.purchases_ready_max = kPurchasesReadyMax;
  auto node = Node::open(bench->files_, directory.path(), bench->clock_, options);
  if (!node) {
    std::fprintf(stderr, "firebrand: %s\n", node.error().message.c_str());
    return nullptr;
  }
  bench->node_ = std::move(*node);
  while (bench->node_->space_keeper().step()) {}
  bench->answers_.resize(256);
  return bench;
}

DropId BenchNode::make_drop(const char* code, std::uint64_t units, std::int32_t per_person_limit) {
  SyncClient client(*node_);
  const Currency cny = Currency::of("CNY");
  const auto sku = client.ask<AddSkuResult>(
      AddSku{.code = code, .name = {"基准", "Bench"}, .prices = {Money{199'900, cny}}});
  const auto count = static_cast<std::int64_t>(units);
  (void)client.ask<ReceiveStockResult>(ReceiveStock{sku.sku_id, count});
  const auto launch =
      client.ask<CreateLaunchResult>(CreateLaunch{.code = "bench", .name = {"基准", "Bench"}});
  const Timestamp opens = clock_.wall() - std::chrono::seconds{1};
  const auto drop = client.ask<CreateDropResult>(
      CreateDrop{.launch_id = launch.launch_id,
                 .code = code,
                 .sku_id = sku.sku_id,
                 .currency = cny,
                 .opens_at = opens,
                 .per_person_limit = per_person_limit,
                 .payment_window_seconds = 24 * 3600,
                 .waves = {WavePlan{.opens_at = opens, .units = count}}});
  client.settle();
  // As a server does between the plan and the opening.
  while (node_->sequencer().make_ready()) {}
  return drop.drop_id;
}

void BenchNode::fill_accounts(std::uint64_t accounts, Prng& prng) {
  if (accounts == 0) { return; }
  constexpr std::uint64_t kPerRun = 1'000'000;
  const DropId drop = make_drop("bench-accounts", accounts);
  for (std::uint64_t first = 1; first <= accounts; first += kPerRun) {
    const std::uint64_t count = std::min(kPerRun, accounts - first + 1);
    (void)run(encode_purchases(drop, shuffled_persons(first, count, prng), nullptr), count);
  }
  std::ranges::fill(answers_, 0);
}

std::vector<std::byte> BenchNode::encode_purchases(DropId drop, std::span<const PersonId> persons,
                                                   Prng* keys) {
  ByteRing scratch(4096);
  std::vector<std::byte> entries;
  for (const PersonId person : persons) {
    RequestKey key;
    if (keys != nullptr) {
      const std::uint64_t words[2] = {keys->next(), keys->next()};
      std::memcpy(key.data.data(), words, sizeof words);
    }
    (void)submit(scratch, PlaceOrder{.drop_id = drop, .person_id = person}, person.value,
                 Actor{ActorKind::fan, person.value}, key);
    scratch.publish();
    const auto bytes = scratch.readable();
    entries.insert(entries.end(), bytes.begin(), bytes.end());
    scratch.consume(bytes.size());
  }
  return entries;
}

BenchNode::Run BenchNode::run(std::span<const std::byte> entries, std::uint64_t count) {
  Run run;
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done.load(std::memory_order_relaxed)) {
      const auto before = SteadyClock::now();
      const bool committed = node_->committer().step();
      if (committed) { run.commits.record(SteadyClock::now() - before); }
      // Facts have time: the next batch of records goes first.
      if (!node_->projector().step() && !committed) {
        std::this_thread::sleep_for(std::chrono::microseconds{20});
      }
    }
  });
  const auto start = SteadyClock::now();
  while (run.answers < count) {
    const std::size_t fed = feed(entries);
    entries = entries.subspan(fed);
    const bool stepped = node_->sequencer().step();
    const std::uint64_t taken = take_answers();
    run.answers += taken;
    if (!stepped && taken == 0 && fed == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds{10});
    }
  }
  run.seconds = seconds_between(start, SteadyClock::now());
  done.store(true);
  other.join();
  while (node_->projector().step()) {}
  return run;
}

/// Copies entries into the ring one by one, as an I/O thread would, as many as one step takes.
std::size_t BenchNode::feed(std::span<const std::byte> entries) {
  constexpr std::size_t kPerStep = 512;
  ByteRing& ring = node_->requests();
  std::size_t size = 0;
  for (std::size_t i = 0; i < kPerStep; ++i) {
    const RequestHead* const request = first_request(entries.subspan(size));
    if (request == nullptr || !ring.has_room(request->size)) { break; }
    std::memcpy(ring.end(), request, request->size);
    ring.push(request->size);
    size += request->size;
  }
  ring.publish();
  return size;
}

std::uint64_t BenchNode::take_answers() {
  std::uint64_t taken = 0;
  while (const auto answer = node_->ready_answer()) {
    ++answers_[answer->status];
    node_->pop_answer(*answer);
    ++taken;
  }
  return taken;
}

std::vector<PersonId> shuffled_persons(std::uint64_t first, std::uint64_t count, Prng& prng) {
  std::vector<PersonId> persons;
  for (std::uint64_t i = 0; i < count; ++i) { persons.push_back(PersonId{first + i}); }
  for (std::uint64_t i = count; i > 1; --i) { std::swap(persons[i - 1], persons[prng.below(i)]); }
  return persons;
}

}  // namespace firebrand
