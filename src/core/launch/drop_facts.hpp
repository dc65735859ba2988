#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/launch/drop_commands.hpp"

namespace firebrand {

struct DropCreated {
  static constexpr std::string_view kName = "drop_created";
  static constexpr std::string_view kDoc = "A drop was planned.";
  DropId drop_id{};
  LaunchId launch_id{};
  Code code{};
  SkuId sku_id{};
  Timestamp opens_at{};
  std::int64_t units = 0;
  std::int32_t per_person_limit = 0;
  std::int32_t payment_window_seconds = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "launch_id", self.launch_id, From::body, Rule{}, "The launch.");
    field(3, "code", self.code, From::body, Rule{}, "Its code.");
    field(4, "sku_id", self.sku_id, From::body, Rule{}, "What it sells.");
    field(5, "opens_at", self.opens_at, From::body, Rule{}, "When it opens.");
    field(6, "units", self.units, From::body, Rule{}, "Units over all waves.");
    field(7, "per_person_limit", self.per_person_limit, From::body, Rule{}, "Units a person.");
    field(8, "payment_window_seconds", self.payment_window_seconds, From::body, Rule{},
          "Time to pay.");
  }
};

/// The window in which a random wave comes.
struct WaveWindow {
  static constexpr std::string_view kName = "wave_window";
  static constexpr std::string_view kDoc = "When a random wave may come.";
  Timestamp opens_at{};
  std::int32_t seconds = 0;
  std::uint16_t wave = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "opens_at", self.opens_at, From::body, Rule{}, "From when on.");
    field(2, "seconds", self.seconds, From::body, Rule{}, "For how long.");
    field(3, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
  }
  friend bool operator==(const WaveWindow&, const WaveWindow&) = default;
};

/// Right behind the planning of a drop that has random waves or tie windows.
struct DropCommitted {
  static constexpr std::string_view kName = "drop_committed";
  static constexpr std::string_view kDoc =
      "What decides the moments of a drop's random waves and its ties was fixed.";
  DropId drop_id{};
  Bytes<32> commitment{};
  Bytes<32> tie_commitment{};
  List<WaveWindow, kWavesMax> windows{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "commitment", self.commitment, From::body, Rule{},
          "To the secrets behind the moments of its random waves; zero if it has none.");
    field(3, "tie_commitment", self.tie_commitment, From::body, Rule{},
          "To the key of its tie windows; zero if it has none.");
    field(4, "windows", self.windows, From::body, Rule{}, "Of its random waves.");
  }
};

struct DropOpened {
  static constexpr std::string_view kName = "drop_opened";
  static constexpr std::string_view kDoc = "A drop's moment came.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
  }
};

struct WaveReleased {
  static constexpr std::string_view kName = "wave_released";
  static constexpr std::string_view kDoc = "Units of a wave went on sale.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::int64_t units = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "units", self.units, From::body, Rule{}, "Units put on sale.");
  }
};

struct WaveRevealed {
  static constexpr std::string_view kName = "wave_revealed";
  static constexpr std::string_view kDoc = "The secret behind the moment of a wave was published.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  Timestamp moment{};
  Bytes<32> secret{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "moment", self.moment, From::body, Rule{}, "What the secret comes to.");
    field(4, "secret", self.secret, From::body, Rule{}, "Of the wave.");
  }
};

struct UnitsMoved {
  static constexpr std::string_view kName = "units_moved";
  static constexpr std::string_view kDoc = "Units of one wave were given to another.";
  DropId drop_id{};
  std::uint16_t from_wave = 0;
  std::uint16_t to_wave = 0;
  std::int64_t units = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "from_wave", self.from_wave, From::body, Rule{}, "Which gave them, from 1.");
    field(3, "to_wave", self.to_wave, From::body, Rule{}, "Which got them, from 1.");
    field(4, "units", self.units, From::body, Rule{}, "How many.");
  }
};

struct UnitsWithdrawn {
  static constexpr std::string_view kName = "units_withdrawn";
  static constexpr std::string_view kDoc = "What a wave had left went back to free stock.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::int64_t units = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "units", self.units, From::body, Rule{}, "How many.");
  }
};

struct DropPaused {
  static constexpr std::string_view kName = "drop_paused";
  static constexpr std::string_view kDoc = "Purchases were stopped for a while.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
  }
};

struct DropResumed {
  static constexpr std::string_view kName = "drop_resumed";
  static constexpr std::string_view kDoc = "Purchases went on after a pause.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
  }
};

struct DropCancelled {
  static constexpr std::string_view kName = "drop_cancelled";
  static constexpr std::string_view kDoc = "A drop was ended for good.";
  DropId drop_id{};
  std::int64_t withdrawn = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "withdrawn", self.withdrawn, From::body, Rule{}, "Units back in free stock.");
  }
};

struct RefusalsRecorded {
  static constexpr std::string_view kName = "refusals_recorded";
  static constexpr std::string_view kDoc = "Purchases were turned away.";
  DropId drop_id{};
  std::uint8_t reason = 0;
  std::int64_t count = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "reason", self.reason, From::body, Rule{}, "Status number of place_order.");
    field(3, "count", self.count, From::body, Rule{}, "How often.");
  }
};

struct TieOrderRecorded {
  static constexpr std::string_view kName = "tie_order_recorded";
  static constexpr std::string_view kDoc =
      "Purchases were decided in tie windows, or out of order.";
  DropId drop_id{};
  std::int64_t windows = 0;
  std::int64_t decided = 0;
  std::int64_t inversions = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "windows", self.windows, From::body, Rule{}, "Tie windows that were decided.");
    field(3, "decided", self.decided, From::body, Rule{}, "Purchases decided in them.");
    field(4, "inversions", self.inversions, From::body, Rule{},
          "Pairs of accepted purchases that were decided against the order of receipt.");
  }
};

struct TieKeyRevealed {
  static constexpr std::string_view kName = "tie_key_revealed";
  static constexpr std::string_view kDoc = "The key of a drop's tie windows is public.";
  DropId drop_id{};
  Bytes<32> key{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "key", self.key, From::body, Rule{}, "Whose commitment the drop showed.");
  }
};

}  // namespace firebrand
