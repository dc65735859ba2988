#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "core/launch/draws.hpp"

namespace firebrand {

/// A draw as everybody may see it.
struct DrawStatus {
  static constexpr std::string_view kName = "draw_status";
  static constexpr std::string_view kDoc = "What everybody may know of a draw.";
  DrawId draw_id{};
  DropId drop_id{};
  std::uint16_t wave = 0;
  DrawPhase state{};
  std::int64_t units = 0;
  std::int64_t entrants = 0;
  std::int64_t entries = 0;
  std::int64_t excluded = 0;
  Timestamp closes_at{};
  Timestamp reveal_due_at{};
  Timestamp beacon_at{};
  Text<kBeaconSourceBytesMax> beacon_source{};
  std::uint64_t beacon_round = 0;
  DrawFallback fallback{};
  DrawWins wins{};
  std::int32_t tickets_max = 0;
  std::int64_t reserve_max = 0;
  Hash256 commit{};
  bool root_published = false;
  Hash256 root{};
  Timestamp root_published_at{};
  DrawReveal revealing{};
  Hash256 reveal{};
  Hash256 beacon{};
  std::int64_t winners = 0;
  std::int64_t reserve = 0;
  std::int64_t promoted = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::body, Rule{}, "The draw.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "Its drop.");
    field(3, "wave", self.wave, From::body, Rule{}, "The wave that is drawn, counted from 1.");
    field(4, "state", self.state, From::body, Rule{}, "How far it has come.");
    field(5, "units", self.units, From::body, Rule{},
          "Units that are drawn: a ticket wins with a chance of about units / entries.");
    field(6, "entrants", self.entrants, From::body, Rule{}, "People who take part.");
    field(7, "entries", self.entries, From::body, Rule{}, "Their tickets.");
    field(8, "excluded", self.excluded, From::body, Rule{}, "People who are kept out.");
    field(9, "closes_at", self.closes_at, From::body, Rule{}, "When entries are frozen.");
    field(10, "reveal_due_at", self.reveal_due_at, From::body, Rule{}, "When the reveal is due.");
    field(11, "beacon_at", self.beacon_at, From::body, Rule{}, "When the beacon's round is due.");
    field(12, "beacon_source", self.beacon_source, From::body, Rule{}, "The public beacon.");
    field(13, "beacon_round", self.beacon_round, From::body, Rule{}, "Its round that counts.");
    field(14, "fallback", self.fallback, From::body, Rule{},
          "What stands for a reveal that does not come: 32 zero bytes.");
    field(15, "wins", self.wins, From::body, Rule{}, "How often one person may win.");
    field(16, "tickets_max", self.tickets_max, From::body, Rule{}, "Most tickets of a person.");
    field(17, "reserve_max", self.reserve_max, From::body, Rule{}, "Places of the reserve.");
    field(18, "commit", self.commit, From::body, Rule{}, "The commitment to the reveal.");
    field(19, "root_published", self.root_published, From::body, Rule{}, "Whether root counts.");
    field(20, "root", self.root, From::body, Rule{}, "Over the frozen entries; zeros until then.");
    field(21, "root_published_at", self.root_published_at, From::body, Rule{},
          "When; 1970 until then.");
    field(22, "revealing", self.revealing, From::body, Rule{},
          "Whether the reveal is awaited, there, or was withheld.");
    field(23, "reveal", self.reveal, From::body, Rule{}, "The reveal; zeros until then.");
    field(24, "beacon", self.beacon, From::body, Rule{}, "The beacon's value; zeros until then.");
    field(25, "winners", self.winners, From::body, Rule{}, "Units won when it was drawn.");
    field(26, "reserve", self.reserve, From::body, Rule{}, "People drawn into the reserve.");
    field(27, "promoted", self.promoted, From::body, Rule{}, "Those of it whose turn has come.");
  }
};

[[nodiscard]] inline DrawStatus draw_status(const Draw& draw, std::int64_t units) {
  const OpenDraw& plan = draw.plan;
  return {.draw_id = draw.draw_id,
          .drop_id = plan.drop_id,
          .wave = plan.wave,
          .state = draw.phase,
          .units = units,
          .entrants = draw.entrants,
          .entries = draw.tickets,
          .excluded = draw.excluded,
          .closes_at = plan.closes_at,
          .reveal_due_at = plan.reveal_due_at,
          .beacon_at = plan.beacon_at,
          .beacon_source = plan.beacon_source,
          .beacon_round = plan.beacon_round,
          .fallback = plan.fallback,
          .wins = plan.wins,
          .tickets_max = plan.tickets_max,
          .reserve_max = plan.reserve_max,
          .commit = plan.commit,
          .root_published = draw.rooted,
          .root = draw.root,
          .root_published_at = draw.rooted_at,
          .revealing = draw.revealing,
          .reveal = draw.reveal,
          .beacon = draw.beacon,
          .winners = draw.winners,
          .reserve = draw.reserves,
          .promoted = draw.promoted};
}

}  // namespace firebrand
