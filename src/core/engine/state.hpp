#pragma once

#include <cstdint>

#include "core/access/access.hpp"
#include "core/access/webhooks.hpp"
#include "core/channels/stock.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/commerce/orders.hpp"
#include "core/engine/repeats.hpp"
#include "core/engine/system.hpp"
#include "core/launch/buyer_keys.hpp"
#include "core/launch/codes.hpp"
#include "core/launch/draws.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/headroom.hpp"
#include "core/launch/launches.hpp"
#include "core/launch/refunds.hpp"
#include "core/launch/reservations.hpp"
#include "core/launch/sale.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/launch/waitlists.hpp"
#include "core/ledger/ledger.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

/// All modules, joined. A module knows those above it, never those below. Pinned in memory,
/// because modules refer to each other.
struct State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static_assert(LedgerOptions{}.accounts_max > kAccountsHeadroom);
  Ledger ledger;
  Schedule schedule;
  Access access{schedule};
  Webhooks webhooks;
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
  Repeats repeats;
  System system{schedule, access, drops, reservations, codes, rooms, sale, draws, waitlists};
};

}  // namespace firebrand
