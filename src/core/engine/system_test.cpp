#include "core/engine/system.hpp"

#include <gtest/gtest.h>

#include "base/draw.hpp"
#include "core/core_testing.hpp"
#include "core/engine/state.hpp"

namespace firebrand {
namespace {

constexpr std::int64_t kUnits = 40;

/// A drawn wave whose units are all won and unpaid at 64,000, with a reserve as long.
struct WonAndUnpaid {
  WonAndUnpaid() {
    const Hash256 reveal = sha256({bytes_of("reveal")});
    const Currency cny = Currency::of("CNY");
    (void)state.catalogue.apply(AddSku{.code = "a", .name = {"a", "a"}, .prices = {Money{1, cny}}},
                                at(0));
    (void)state.stock.apply(ReceiveStock{{1}, kUnits}, at(0));
    (void)state.launches.apply(CreateLaunch{.code = "a", .name = {"a", "a"}}, at(0));
    (void)state.drops.apply(
        CreateDrop{.launch_id = {1},
                   .code = "a",
                   .sku_id = {1},
                   .currency = cny,
                   .per_person_limit = 1,
                   .payment_window_seconds = 60,
                   .waves = {WavePlan{.units = kUnits, .decision = WaveDecision::draw}}},
        at(0));
    run(1'000);
    const OpenDraw plan{.drop_id = {1},
                        .wave = 1,
                        .closes_at = from_unix_ms(2'000),
                        .reveal_due_at = from_unix_ms(3'000),
                        .beacon_at = from_unix_ms(4'000),
                        .beacon_source = "drand",
                        .commit = draw_commitment(reveal),
                        .tickets_max = 1,
                        .reserve_max = kUnits};
    EXPECT_EQ(state.draws.apply(plan, at(1'000)).status, OpenDrawStatus::opened);
    ApplyDrawResults results[2] = {{.draw_id = {1}}, {.draw_id = {1}, .first = kUnits}};
    for (std::uint64_t person = 1; person <= 2 * kUnits; ++person) {
      (void)state.draws.apply(EnterDraw{{1}, {person}}, at(1'000));
      results[person > kUnits ? 1 : 0].persons.push_back({person});
    }
    run(2'000);
    (void)state.draws.apply(PublishDrawRoot{{1}, reveal, 2 * kUnits}, at(2'000));
    (void)state.draws.apply(RevealDraw{{1}, reveal}, at(2'000));
    (void)state.draws.apply(PostBeacon{{1}, reveal}, at(4'000));
    run(4'000);
    (void)state.draws.apply(results[0], at(4'000));
    EXPECT_EQ(state.draws.apply(results[1], at(4'000)).status, ApplyDrawResultsStatus::completed);
  }
  CommandContext at(std::int64_t ms) { return context.at(ms); }
  RunDueResult run(std::int64_t ms) { return state.system.apply(RunDue{kRunDueLimitMax}, at(ms)); }

  TestContext context;
  State state;
};

// Asking whether somebody won in another draw of the launch makes the reserve dearer than the rest.
TEST(RunDue, OneCommandPromotesFewOfAReserve) {
  WonAndUnpaid sale;
  EXPECT_EQ(sale.run(64'000).met, kUnits + 18U) << "18 of 12 each fill what the orders leave";
  EXPECT_LE(sale.run(64'000).met, kRunDueLimitMax / 12 + 1);
  while (sale.run(64'000).status == RunDueStatus::ran) {}
  EXPECT_EQ(sale.state.draws.draw({1}).promoted, kUnits);
  EXPECT_EQ(sale.run(64'000).status, RunDueStatus::nothing_due);
}

}  // namespace
}  // namespace firebrand
