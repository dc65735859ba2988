#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/types.hpp"

/// Who may not take part. docs/audiences.md and docs/draw.md tell the whole.
namespace firebrand {

/// People kept out of one drop, so that its public list is one answer.
inline constexpr std::size_t kDropExclusionsMax = 1'000;
/// Of all drops together.
inline constexpr std::size_t kExclusionsMax = 1'000'000;

/// Why somebody may not take part. The numbers live in the log: never renumber.
enum class ExclusionReason : std::uint8_t {
  automated = 0,
  several_accounts = 1,
  reseller = 2,
  staff_or_family = 3,
  not_eligible = 4,
  other = 5,
};

/// Only before the drop opens, and for good: nobody is taken out of a sale that has begun.
struct ExcludeFromDrop {
  static constexpr std::string_view kName = "exclude_from_drop";
  static constexpr std::string_view kDoc =
      "Keeps somebody from buying in a drop, for a reason that its public list names.";
  DropId drop_id{};
  PersonId person_id{};
  ExclusionReason reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "reason", self.reason, From::body, Rule{}, "Why.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Who is kept out.");
  }
};

enum class ExcludeFromDropStatus : std::uint8_t {
  excluded = 0,
  person_out_of_range = 10,
  already_excluded = 40,
  drop_not_found = 50,
  drop_cancelled = 51,
  drop_has_opened = 52,
  drop_exclusions_full = 53,
};

struct ExcludeFromDropResult {
  static constexpr std::string_view kName = "exclude_from_drop_result";
  static constexpr std::string_view kDoc = "Answer to exclude_from_drop.";
  ExcludeFromDropStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Somebody who may not buy in a drop; what is kept of it, and the fact.
struct DropExcluded {
  static constexpr std::string_view kName = "drop_excluded";
  static constexpr std::string_view kDoc = "Somebody was kept out of a drop, before it opened.";
  DropId drop_id{};
  PersonId person_id{};
  ExclusionReason reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Who.");
    field(3, "reason", self.reason, From::body, Rule{}, "Why.");
  }
  friend bool operator==(const DropExcluded&, const DropExcluded&) = default;
};

}  // namespace firebrand
