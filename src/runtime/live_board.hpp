#pragma once

#include <atomic>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/types.hpp"
#include "core/access/access.hpp"
#include "core/access/webhooks.hpp"
#include "core/launch/draws.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/launches.hpp"
#include "core/launch/reservation_commands.hpp"
#include "core/launch/reservation_state.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/launch/waitlists.hpp"

namespace firebrand {

/// A drop as everybody may see it, with what staff see too. A copy: owes nothing to the engine.
struct DropView {
  DropId drop_id{};
  Drop drop{};
  DropUnits units{};
  List<std::int64_t, kWavesMax> available_by_wave{};
  LocalizedName launch_name{};
  LocalizedName sku_name{};
  List<Money, kPricesMax> prices{};
  /// If people may or could reserve.
  struct Reserving {
    OpenReservations terms{};
    ReservationCounts counts{};
    Money deposit{};
  };
  std::optional<Reserving> reserving{};
  std::optional<Waitlist> waitlist{};
  std::vector<DropExcluded> excluded{};  ///< By person.
};

struct State;
[[nodiscard]] DropView view_drop(const State&, DropId);

/// What changed, as of an offset. May be shown and relied on once that offset is durable.
struct LiveBoardPage {
  LogOffset offset{};
  std::vector<DropView> drops;
  std::vector<WaitingRoom> rooms{};
  std::optional<std::vector<ApiKey>> api_keys;       ///< All of them, if any changed.
  std::map<ApiKeyId, ApiKeyGrant> api_key_grants{};  ///< With api_keys.
  std::vector<Draw> draws{};

  std::optional<std::vector<Webhook>> webhooks;  ///< All of them, if any changed.

  [[nodiscard]] bool empty() const {
    return drops.empty() && rooms.empty() && !api_keys && draws.empty() && !webhooks;
  }
};

class Engine;
/// Everything that changed since the last call; after loading, everything.
[[nodiscard]] LiveBoardPage take_changes(Engine&, LogOffset offset);

/// Hands pages from the engine thread to whoever publishes them, in order.
class LiveBoard {
 public:
  void push(LiveBoardPage page) {
    const std::lock_guard lock(mutex_);
    if (pages_.empty()) { first_.store(page.offset.value, std::memory_order_release); }
    pages_.push_back(std::move(page));
  }

  /// Is there a page that an answer with this offset may speak of? Costs no lock.
  [[nodiscard]] bool has_page_until(LogOffset offset) const noexcept {
    return first_.load(std::memory_order_acquire) <= offset.value;
  }

  /// All pages up to the durable offset, in order.
  [[nodiscard]] std::vector<LiveBoardPage> take(LogOffset durable) {
    const std::lock_guard lock(mutex_);
    std::size_t ready = 0;
    while (ready < pages_.size() && pages_[ready].offset <= durable) { ++ready; }
    std::vector<LiveBoardPage> taken(
        std::make_move_iterator(pages_.begin()),
        std::make_move_iterator(pages_.begin() + static_cast<std::ptrdiff_t>(ready)));
    pages_.erase(pages_.begin(), pages_.begin() + static_cast<std::ptrdiff_t>(ready));
    first_.store(pages_.empty() ? kNone : pages_.front().offset.value, std::memory_order_release);
    return taken;
  }

 private:
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

  std::mutex mutex_;
  std::vector<LiveBoardPage> pages_;
  std::atomic<std::uint64_t> first_{kNone};  ///< Offset of the first page that was not taken.
};

}  // namespace firebrand
