#include "edge/server/bench_draw.hpp"

#include <chrono>
#include <cstdio>
#include <memory>

#include "base/enum_name.hpp"
#include "core/channels/stock.hpp"
#include "core/engine/state.hpp"
#include "edge/api/draw_record.hpp"
#include "edge/bench/latency.hpp"
#include "edge/server/bench_directory.hpp"
#include "edge/server/bench_node.hpp"
#include "runtime/sync_client.hpp"
#include "verify/draw_check.hpp"

namespace firebrand {

namespace {

using Number = unsigned long long;
using SteadyClock = std::chrono::steady_clock;

constexpr std::uint64_t kEntriesPerStep = 512;
constexpr std::uint64_t kBytesPerEntry = 512;  ///< Log or facts of one entrant, with room to spare.
constexpr std::uint64_t kSegmentBytes = 64ULL << 20;

/// A clock that stands still until it is told: the draw closes when everybody is in.
class BenchClock final : public Clock {
 public:
  [[nodiscard]] Timestamp wall() override { return now_; }
  [[nodiscard]] std::int64_t monotonic_ms() override { return to_unix_ms(now_); }
  void go_to(Timestamp at) { now_ = at; }

 private:
  Timestamp now_ = from_unix_ms(1'800'000'000'000);
};

double since(SteadyClock::time_point start) { return seconds_between(start, SteadyClock::now()); }

/// One draw in a node that this thread steps.
class DrawBench {
 public:
  DrawBench(Node& node, BenchClock& clock, const DrawBenchOptions& options)
      : node_(node), clock_(clock), options_(options) {}

  [[nodiscard]] bool run() {
    open();
    enter();
    return decide() && compute() && apply() && verify();
  }
  void print() const {
    std::printf(
        options_.json ? "{\"entrants\":%llu,\"units\":%llu,\"winners\":%llu,\"enter_seconds\":%.3f,"
                        "\"read_seconds\":%.3f,\"compute_seconds\":%.3f,\"seconds\":%.3f,"
                        "\"steps\":%llu,\"step_ms_p50\":%.3f,\"step_ms_p99\":%.3f,"
                        "\"step_ms_max\":%.3f,\"verify_seconds\":%.3f}\n"
                      : "entrants %llu  units %llu  winners %llu  entered in %.3f s  read %.3f s  "
                        "computed %.3f s  both %.3f s  steps %llu  p50 %.3f ms  p99 %.3f ms  "
                        "max %.3f ms  verified in %.3f s\n",
        Number{options_.entrants}, Number{options_.units}, static_cast<Number>(stands().winners),
        enter_seconds_, read_seconds_, compute_seconds_, read_seconds_ + compute_seconds_,
        Number{steps_.count()}, to_ms(steps_.quantile(500'000)), to_ms(steps_.quantile(990'000)),
        to_ms(steps_.max()), verify_seconds_);
  }

 private:
  void step() {
    (void)node_.sequencer().step();
    (void)node_.committer().step();
    (void)node_.projector().step();
    (void)node_.space_keeper().step();
    while (const AnswerHead* const answer = node_.ready_answer()) { node_.pop_answer(*answer); }
  }
  [[nodiscard]] const Draw& stands() const { return node_.engine().state().draws.draw(draw_id_); }
  template <class Result, class C>
  Result ask(const C& command) {
    SyncClient client(node_);
    const Result result = client.ask<Result>(command);
    client.settle();
    return result;
  }
  [[nodiscard]] Expected<DrawFacts, std::string> read() {
    return read_draw_facts(node_.files(), node_.data(), stands(), node_.projector().stored(),
                           credentials_);
  }
  static bool fail(const char* what) {
    std::fprintf(stderr, "firebrand: %s\n", what);
    return false;
  }

  void open();
  void enter();
  [[nodiscard]] bool decide();
  [[nodiscard]] bool compute();
  [[nodiscard]] bool apply();
  [[nodiscard]] bool verify();

  Node& node_;
  BenchClock& clock_;
  DrawBenchOptions options_;
  Credentials credentials_{InstallationKey{}};
  DrawId draw_id_{};
  OpenDraw plan_{};
  Hash256 reveal_{};
  std::vector<PersonId> order_;
  LatencyHistogram steps_;
  double enter_seconds_ = 0;
  double read_seconds_ = 0;
  double compute_seconds_ = 0;
  double verify_seconds_ = 0;
};

void DrawBench::open() {
  const Currency cny = Currency::of("CNY");
  const auto units = static_cast<std::int64_t>(options_.units);
  const auto sku = ask<AddSkuResult>(
      AddSku{.code = "bench", .name = {"基准", "Bench"}, .prices = {Money{199'900, cny}}});
  (void)ask<ReceiveStockResult>(ReceiveStock{sku.sku_id, units});
  const auto launch =
      ask<CreateLaunchResult>(CreateLaunch{.code = "bench", .name = {"基准", "Bench"}});
  const Timestamp now = clock_.wall();
  const auto drop = ask<CreateDropResult>(CreateDrop{
      .launch_id = launch.launch_id,
      .code = "bench",
      .sku_id = sku.sku_id,
      .currency = cny,
      .opens_at = now,
      .payment_window_seconds = 24 * 3600,
      .waves = {WavePlan{.opens_at = now, .units = units, .decision = WaveDecision::draw}}});
  reveal_.data[0] = 1;
  plan_ = {.drop_id = drop.drop_id,
           .wave = 1,
           .closes_at = now + Millis{1},
           .reveal_due_at = now + Millis{1'000},
           .beacon_at = now + Millis{2'000},
           .beacon_source = "bench",
           .commit = draw_commitment(reveal_),
           .reserve_max = std::min<std::int64_t>(units / 10, kDrawReserveMax)};
  draw_id_ = ask<OpenDrawResult>(plan_).draw_id;
}

void DrawBench::enter() {
  const auto start = SteadyClock::now();
  for (std::uint64_t person = 1; person <= options_.entrants; ++person) {
    while (!submit(node_.requests(), EnterDraw{draw_id_, {person}}, person, {})) { step(); }
    if (person % kEntriesPerStep != 0 && person != options_.entrants) { continue; }
    node_.requests().publish();
    step();
  }
  while (stands().entrants < static_cast<std::int64_t>(options_.entrants)) { step(); }
  SyncClient(node_).settle();
  enter_seconds_ = since(start);
}

bool DrawBench::decide() {
  clock_.go_to(plan_.closes_at);
  (void)ask<RevealDrawResult>(RevealDraw{draw_id_, reveal_});
  return stands().revealing == DrawReveal::revealed || fail("the reveal was refused");
}

bool DrawBench::compute() {
  auto start = SteadyClock::now();
  auto facts = read();
  read_seconds_ = since(start);
  if (!facts || !facts->closed) { return fail("the facts of the entries are not there"); }
  start = SteadyClock::now();
  const DrawEntries entries(std::move(facts->holders));
  const Hash256 root = entries.root();
  compute_seconds_ = since(start);
  const auto rooted = ask<PublishDrawRootResult>(
      PublishDrawRoot{draw_id_, root, static_cast<std::int64_t>(entries.count())});
  if (rooted.status != PublishDrawRootStatus::published) { return fail("the root was refused"); }
  clock_.go_to(plan_.beacon_at);
  const Hash256 beacon = sha256({bytes_of("bench")});
  if (ask<PostBeaconResult>(PostBeacon{draw_id_, beacon}).status != PostBeaconStatus::posted) {
    return fail("the beacon was refused");
  }
  start = SteadyClock::now();
  order_ = entries.order(draw_seed(draw_name(draw_id_), root, reveal_, beacon), entries.count());
  compute_seconds_ += since(start);
  return true;
}

bool DrawBench::apply() {
  // As a server does between the plan and the opening.
  while (node_.sequencer().make_ready()) {}
  while (stands().phase != DrawPhase::completed) {
    const std::uint64_t first = stands().applied;
    if (first >= order_.size()) { return fail("the draw does not end"); }
    if (!submit(node_.requests(), next_draw_step(draw_id_, order_, first), 0, {})) {
      return fail("the ring is full");
    }
    node_.requests().publish();
    const auto start = SteadyClock::now();
    (void)node_.sequencer().step();
    steps_.record(SteadyClock::now() - start);
    step();
  }
  SyncClient(node_).settle();
  return true;
}

bool DrawBench::verify() {
  const auto facts = read();
  if (!facts || !facts->completed) { return fail("the facts of the draw are not there"); }
  const std::string record =
      write_draw_record(stands(), static_cast<std::int64_t>(options_.units), *facts, credentials_);
  const auto start = SteadyClock::now();
  const auto verified = verify_draw_record(record);
  verify_seconds_ = since(start);
  return verified.has_value() || fail(verified.error().en.c_str());
}

}  // namespace

int bench_draw(const DrawBenchOptions& options) {
  BenchDirectory directory(options.data);
  if (!directory.error().empty()) {
    std::fprintf(stderr, "firebrand: %s\n", directory.error().c_str());
    return 1;
  }
  directory.clear();
  log::PosixFileSystem files;
  BenchClock clock;
  NodeOptions node_options;
  node_options.segment_bytes = kSegmentBytes;
  node_options.segments_ahead = static_cast<std::uint32_t>(
      (options.entrants + options.units) * kBytesPerEntry / kSegmentBytes + 2);
  node_options.fact_ring_bytes = 64U << 20;
  auto node = Node::open(files, directory.path(), clock, node_options);
  if (!node) {
    std::fprintf(stderr, "firebrand: %s\n", node.error().message.c_str());
    return 1;
  }
  while ((*node)->space_keeper().step()) {}
  DrawBench bench(**node, clock, options);
  if (!bench.run()) { return 1; }
  bench.print();
  return 0;
}

}  // namespace firebrand
