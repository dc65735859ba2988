#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

#include "base/enum_name.hpp"
#include "core/channels/stock.hpp"
#include "core/core_testing.hpp"
#include "core/launch/codes.hpp"
#include "core/launch/draws.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/launches.hpp"
#include "core/launch/refunds.hpp"
#include "core/launch/reservation_facts.hpp"
#include "core/launch/reservations.hpp"
#include "core/launch/sale.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/launch/waitlists.hpp"
#include "core/status.hpp"

namespace firebrand {

inline constexpr Currency kCny = Currency::of("CNY");
inline constexpr Currency kUsd = Currency::of("USD");
inline constexpr Currency kEur = Currency::of("EUR");

/// Everything a sale stands on, with bounds that a test can reach. For tests only.
struct Shop {
  explicit Shop(const LedgerOptions& options = {}) : ledger(options) {}

  /// Applies a command by the module that takes it.
  template <class C>
  auto apply(const C& command, std::int64_t ms) {
    const CommandContext now = context.at(ms);
    if constexpr (requires { catalogue.apply(command, now); }) {
      return catalogue.apply(command, now);
    } else if constexpr (requires { stock.apply(command, now); }) {
      return stock.apply(command, now);
    } else if constexpr (requires { launches.apply(command, now); }) {
      return launches.apply(command, now);
    } else if constexpr (requires { reservations.apply(command, now); }) {
      return reservations.apply(command, now);
    } else if constexpr (requires { codes.apply(command, now); }) {
      return codes.apply(command, now);
    } else if constexpr (requires { drops.apply(command, now); }) {
      return drops.apply(command, now);
    } else if constexpr (requires { refunds.apply(command, now); }) {
      return refunds.apply(command, now);
    } else if constexpr (requires { draws.apply(command, now); }) {
      return draws.apply(command, now);
    } else if constexpr (requires { rooms.apply(command, now); }) {
      return rooms.apply(command, now);
    } else if constexpr (requires { waitlists.apply(command, now); }) {
      return waitlists.apply(command, now);
    } else {
      return sale.apply(command, now);
    }
  }
  /// As run_due does, whatever is due.
  void run_due(std::int64_t ms) {
    const CommandContext now = context.at(ms);
    while (const auto deadline = schedule.pop_due(now.timestamp)) {
      switch (deadline->kind) {
        case DeadlineKind::drop_opens:
          drops.open_due({deadline->id}, now);
          break;
        case DeadlineKind::wave_releases:
          drops.release_due(deadline->id, now);
          break;
        case DeadlineKind::order_expires:
          sale.expire_due({deadline->id}, now);
          break;
        case DeadlineKind::order_archives:
          sale.archive_due({deadline->id}, now);
          break;
        case DeadlineKind::deposit_due:
          reservations.deposit_due({deadline->id}, now);
          break;
        case DeadlineKind::audience_step:
          if (step_kind(deadline->id) == AudienceStep::codes_leave) {
            codes.step_due({step_number(deadline->id)}, now);
            break;
          }
          reservations.step_due({step_number(deadline->id)}, step_kind(deadline->id), now);
          break;
        case DeadlineKind::draw_is_due:
          draws.due({deadline->id}, now);
          break;
        case DeadlineKind::draw_unit_back:
          draws.unit_back(deadline->id, now);
          break;
        case DeadlineKind::waiting_room_due:
          rooms.due(deadline->id, now);
          break;
        case DeadlineKind::waitlist_due:
          (void)waitlists.due(deadline->id, sale, now);
          break;
        case DeadlineKind::session_expires:
          FAIL();
      }
    }
  }
  /// SKU 1 at CNY 1.00 and USD 0.15 with so many units, and launch 1.
  void stock_up(std::int64_t units) {
    ASSERT_EQ(apply(AddSku{.code = "phone",
                           .name = {"手机", "Phone"},
                           .prices = {Money{100, kCny}, Money{15, kUsd}}},
                    0)
                  .status,
              AddSkuStatus::created);
    ASSERT_EQ(apply(ReceiveStock{{1}, units}, 0).status, ReceiveStockStatus::received);
    ASSERT_EQ(apply(CreateLaunch{.code = "first", .name = {"首发", "First"}}, 0).status,
              CreateLaunchStatus::created);
  }
  [[nodiscard]] static CreateDrop plan(std::string_view code, List<WavePlan, kWavesMax> waves) {
    return {.launch_id = {1},
            .code = code,
            .sku_id = {1},
            .currency = kCny,
            .opens_at = from_unix_ms(1'000),
            .per_person_limit = 2,
            .payment_window_seconds = 60,
            .waves = waves};
  }
  [[nodiscard]] static WavePlan wave(std::int64_t ms, std::int64_t units,
                                     WaveRelease release = WaveRelease::automatic) {
    return {.opens_at = from_unix_ms(ms), .units = units, .release = release};
  }
  DropId add_drop(const CreateDrop& plan) {
    const CreateDropResult result = apply(plan, 0);
    EXPECT_EQ(result.status, CreateDropStatus::created);
    return result.drop_id;
  }
  [[nodiscard]] std::uint64_t digest() const {
    return hash_words(ledger.digest(), schedule.digest(), catalogue.digest(), orders.digest(),
                      launches.digest(), drops.digest(), reservations.digest(), codes.digest(),
                      sale.digest(), draws.digest(), rooms.digest(), waitlists.digest(),
                      buyer_keys.digest());
  }
  void check_invariants() const {
    ledger.check_invariants();
    schedule.check_invariants();
    catalogue.check_invariants();
    orders.check_invariants();
    launches.check_invariants();
    drops.check_invariants();
    reservations.check_invariants();
    codes.check_invariants();
    rooms.check_invariants();
    buyer_keys.check_invariants();
    sale.check_invariants();
    draws.check_invariants();
    waitlists.check_invariants();
  }

  TestContext context;
  Ledger ledger;
  Schedule schedule;
  Catalogue catalogue;
  Orders orders{schedule};
  Stock stock{ledger, catalogue};
  Launches launches;
  Drops drops{ledger, schedule, catalogue, launches};
  WaitingRooms rooms{schedule, drops};
  Payments payments;
  Reservations reservations{ledger, schedule, catalogue, drops, rooms, payments};
  Codes codes{schedule, drops};
  BuyerKeys buyer_keys;
  Sale sale{ledger, catalogue, orders, drops, reservations, codes, rooms, buyer_keys, payments};
  Refunds refunds{ledger, orders, drops, buyer_keys, payments};
  Draws draws{schedule, drops, sale, buyer_keys};
  Waitlists waitlists{ledger, schedule, drops};
};

/// Applies the commands of a table, whose refused rows each also break the checks that come later:
/// the first failed check wins. Inside a band the numbers rise, as core/status.hpp says; what is
/// refused changes no digest and emits no fact.
template <class Rows>
void expect_first_failed_check(Shop& shop, const Rows& rows, std::int64_t ms) {
  std::uint8_t before_in_band[4] = {};
  for (const auto& row : rows) {
    const std::uint64_t before = shop.digest();
    const auto result = shop.apply(row.command, ms);
    EXPECT_EQ(enum_name(result.status), enum_name(row.want));
    const auto number = static_cast<std::uint8_t>(row.want);
    const StatusBand band = status_band(number);
    const bool done = band == StatusBand::done;
    EXPECT_EQ(shop.digest() != before, done) << enum_name(row.want);
    EXPECT_EQ(shop.context.facts() != 0, done) << enum_name(row.want);
    std::uint8_t& last = before_in_band[static_cast<std::size_t>(band)];
    EXPECT_GE(number, last) << enum_name(row.want) << " is checked too late";
    last = number;
  }
  shop.check_invariants();
}

}  // namespace firebrand
