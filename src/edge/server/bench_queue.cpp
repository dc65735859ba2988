#include "edge/server/bench_queue.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <vector>

#include "base/draw.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/results.hpp"
#include "core/engine/state.hpp"
#include "edge/api/queue_pages.hpp"
#include "edge/bench/numbers.hpp"
#include "edge/bench/process_stats.hpp"
#include "edge/server/bench_node.hpp"
#include "runtime/submit.hpp"
#include "runtime/sync_client.hpp"

namespace firebrand {

namespace {

using Number = unsigned long long;
using SteadyClock = std::chrono::steady_clock;

constexpr Currency kCny = Currency::of("CNY");
constexpr DropId kDrop{1};
constexpr Bytes<32> kSecret{{1, 2, 3}};
constexpr Millis kBeforeOpening{3'600'000};

CreateDrop planned_drop(Timestamp opens) {
  CreateDrop drop{.launch_id = {1},
                  .code = "queue",
                  .sku_id = {1},
                  .currency = kCny,
                  .opens_at = opens,
                  .waves = {WavePlan{.opens_at = opens, .units = 1'000'000}}};
  drop.waves[0].decision = WaveDecision::waiting_room;
  return drop;
}

OpenWaitingRoom planned_room(Timestamp opens) {
  return {.drop_id = kDrop,
          .wave = 1,
          .joins_from = opens - 2 * kBeforeOpening,
          .ends_at = opens + 24 * kBeforeOpening,
          .places_max = kPlacesMax,
          .admission = {.inside_max = kInsideMax},
          .commitment = draw_commitment(kSecret)};
}

/// The engine with nothing around it, at any time.
class Alone {
 public:
  template <class C>
  Outcome apply(const C& command, Timestamp at) {
    std::array<std::byte, encoded_size_max<C>()> bytes;
    const std::size_t size = encode(command, bytes.data());
    CommandContext context{.timestamp = at, .facts = &facts_};
    return engine_.apply({kNumberOf<C>, std::span(bytes).first(size)}, {}, context);
  }
  [[nodiscard]] Engine& engine() { return engine_; }

 private:
  Engine engine_;
  FactBuffer facts_;
};

struct QueueFigures {
  double joins_per_second = 0;
  double places_mapped = 0;    ///< Bytes a place: places and index.
  double heard_mapped = 0;     ///< Bytes a place: heartbeats at the edge.
  double resident = 0;         ///< Bytes a place that the process grew by.
  double admit_ms_median = 0;  ///< Of a command that lets 256 in.
  double admit_ms_max = 0;
  double views_per_second = 0;
};

QueueFigures measure_alone(std::uint64_t places) {
  Alone alone;
  const Timestamp opens = from_unix_ms(1'000'000'000'000);
  const Timestamp before = opens - kBeforeOpening;
  (void)alone.apply(AdoptRules{kRulesVersion}, before);
  (void)alone.apply(AddSku{.code = "a", .name = {"队", "queue"}, .prices = {{5, kCny}}}, before);
  (void)alone.apply(ReceiveStock{{1}, 1'000'000}, before);
  (void)alone.apply(CreateLaunch{.code = "a", .name = {"队", "queue"}}, before);
  (void)alone.apply(planned_drop(opens), before);
  (void)alone.apply(planned_room(opens), before);
  QueueFigures figures;
  Prng prng(1);
  const auto persons = shuffled_persons(1, places, prng);
  const std::uint64_t resident_before = process_resident_bytes(getpid()).value_or(0);
  const auto start = SteadyClock::now();
  for (const PersonId person : persons) {
    const Outcome joined = alone.apply(JoinWaitingRoom{kDrop, 1, person}, before);
    FB_ASSERT(joined.kind == Outcome::Kind::applied);
  }
  figures.joins_per_second =
      static_cast<double>(places) / seconds_between(start, SteadyClock::now());
  const WaitingRooms& rooms = alone.engine().state().rooms;
  QueuePages pages;
  pages.load(rooms, before);
  const auto count = static_cast<double>(places);
  figures.places_mapped = static_cast<double>(rooms.bytes_mapped()) / count;
  figures.heard_mapped = static_cast<double>(pages.bytes_mapped()) / count;
  figures.resident =
      static_cast<double>(process_resident_bytes(getpid()).value_or(0) - resident_before) / count;

  (void)alone.apply(RunDue{kRunDueLimitMax}, opens);
  (void)alone.apply(RevealWaitingRoom{kDrop, 1, kSecret}, opens);
  std::vector<double> admit_ms;
  for (int i = 0; i < 200; ++i) {
    const auto begun = SteadyClock::now();
    (void)alone.apply(AdmitPlaces{kDrop, 1, kAdmitCountMax}, opens);
    admit_ms.push_back(seconds_between(begun, SteadyClock::now()) * 1'000);
  }
  figures.admit_ms_median = median(admit_ms);
  figures.admit_ms_max = std::ranges::max(admit_ms);
  pages.publish(alone.engine().take_touched_rooms(), {}, opens);
  const std::uint64_t views = std::min<std::uint64_t>(places, 1'000'000);
  std::int64_t ahead = 0;
  const auto asked = SteadyClock::now();
  for (std::uint64_t i = 0; i < views; ++i) {
    const auto place = static_cast<std::uint32_t>(prng.below(places) + 1);
    const auto view = pages.view({kDrop, 1, place, {}}, opens);
    ahead += view ? view->ahead : 0;
  }
  FB_ASSERT(ahead >= 0);
  figures.views_per_second =
      static_cast<double>(views) / seconds_between(asked, SteadyClock::now());
  return figures;
}

/// Joins a second with a synced log; 0 if the node cannot be opened.
double measure_durable(const QueueBenchOptions& options) {
  BenchDirectory directory(options.data);
  const auto bench = BenchNode::open(directory, options.joins);
  if (bench == nullptr) { return 0; }
  const Timestamp opens = SystemClock().wall() + kBeforeOpening;
  {
    SyncClient client(bench->node());
    (void)client.ask<AddSkuResult>(
        AddSku{.code = "a", .name = {"队", "queue"}, .prices = {{5, kCny}}});
    (void)client.ask<ReceiveStockResult>(ReceiveStock{{1}, 1'000'000});
    (void)client.ask<CreateLaunchResult>(CreateLaunch{.code = "a", .name = {"队", "queue"}});
    (void)client.ask<CreateDropResult>(planned_drop(opens));
    (void)client.ask<OpenWaitingRoomResult>(planned_room(opens));
    client.settle();
  }
  while (bench->node().sequencer().make_ready()) {}
  ByteRing scratch(4096);
  std::vector<std::byte> entries;
  Prng prng(1);
  for (const PersonId person : shuffled_persons(1, options.joins, prng)) {
    (void)submit(scratch, JoinWaitingRoom{kDrop, 1, person}, person.value,
                 Actor{ActorKind::fan, person.value});
    scratch.publish();
    const auto bytes = scratch.readable();
    entries.insert(entries.end(), bytes.begin(), bytes.end());
    scratch.consume(bytes.size());
  }
  const BenchNode::Run run = bench->run(entries, options.joins);
  return static_cast<double>(options.joins) / run.seconds;
}

}  // namespace

int bench_queue(const QueueBenchOptions& options) {
  const QueueFigures figures = measure_alone(options.places);
  const double durable = measure_durable(options);
  if (durable == 0) { return 1; }
  std::printf(options.json
                  ? "{\"places\":%llu,\"joins\":%llu,\"engine_joins_per_second\":%.0f,"
                    "\"durable_joins_per_second\":%.0f,\"core_bytes_per_place\":%.1f,"
                    "\"edge_bytes_per_place\":%.1f,\"resident_bytes_per_place\":%.1f,"
                    "\"resident_mib\":%.0f,\"admit_256_ms_median\":%.3f,"
                    "\"admit_256_ms_max\":%.3f,\"polls_per_second\":%.0f}\n"
                  : "places %llu  joins %llu  joins/s engine alone %.0f  with synced log %.0f  "
                    "bytes a place: core %.1f  edge %.1f  resident %.1f  (%.0f MiB)  "
                    "256 admitted in %.3f ms, at most %.3f  positions/s %.0f\n",
              Number{options.places}, Number{options.joins}, figures.joins_per_second, durable,
              figures.places_mapped, figures.heard_mapped, figures.resident,
              figures.resident * static_cast<double>(options.places) / (1U << 20U),
              figures.admit_ms_median, figures.admit_ms_max, figures.views_per_second);
  return 0;
}

}  // namespace firebrand
