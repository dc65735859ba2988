#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "core/launch/draws.hpp"

namespace firebrand {

enum class FindDrawStatus : std::uint8_t { found = 0, draw_not_found = 50 };

struct FindDraw {
  static constexpr std::string_view kName = "find_draw";
  static constexpr std::string_view kDoc = "How far is a draw?";
  DrawId draw_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::path, Rule{}, "The draw.");
  }
};

struct FindDrawResult {
  static constexpr std::string_view kName = "find_draw_result";
  static constexpr std::string_view kDoc = "Answer to find_draw.";
  FindDrawStatus status{};
  Draw draw{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "draw", self.draw, From::body, Rule{}, "As it stands.");
  }
};

enum class FindDrawEntryStatus : std::uint8_t {
  found = 0,
  draw_not_found = 50,
  draw_not_entered = 51,
};

struct FindDrawEntry {
  static constexpr std::string_view kName = "find_draw_entry";
  static constexpr std::string_view kDoc = "What is somebody's part in a draw?";
  DrawId draw_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "draw_id", self.draw_id, From::path, Rule{}, "The draw.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Who.");
  }
};

struct FindDrawEntryResult {
  static constexpr std::string_view kName = "find_draw_entry_result";
  static constexpr std::string_view kDoc = "Answer to find_draw_entry.";
  FindDrawEntryStatus status{};
  DrawEntry entry{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "entry", self.entry, From::body, Rule{}, "As it stands.");
  }
};

}  // namespace firebrand
