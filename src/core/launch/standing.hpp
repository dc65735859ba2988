#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/ledger/account_key.hpp"

namespace firebrand {

inline constexpr std::size_t kGroupsMax = 8;
/// Names of groups, regions and channels, in bytes.
inline constexpr std::size_t kAudienceNameBytesMax = 20;
inline constexpr std::uint8_t kRiskMax = 100;

using AudienceName = Text<kAudienceNameBytesMax>;

/// What a claim says of a person. The numbers live in the log and in tokens: never renumber.
enum class ClaimKind : std::uint8_t {
  group = 1,         ///< name_hash() of a group; there may be several.
  region = 2,        ///< name_hash().
  channel = 3,       ///< name_hash().
  member_since = 4,  ///< Unix milliseconds.
  household = 5,     ///< Keyed hash, made at the edge.
  address = 6,       ///< Keyed hash, made at the edge.
  risk = 7,          ///< 0 to kRiskMax, the shop's own score.
};

struct Claim {
  static constexpr std::string_view kName = "claim";
  static constexpr std::string_view kDoc = "One thing that the shop says of a person.";
  ClaimKind kind = ClaimKind::group;
  std::uint64_t value = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "kind", self.kind, From::stamped, Rule{}, "What it says.");
    field(2, "value", self.value, From::stamped,
          Rule{.min = 0, .max = static_cast<std::int64_t>(account_key_detail::kNumberMax)},
          "A hash, a time or a score.");
  }
  friend bool operator==(const Claim&, const Claim&) = default;
};

/// What the shop says of a person: nothing, or a few claims of 9 bytes each. A list, so that a
/// command of somebody without claims is two bytes longer for it.
using Standing = List<Claim, kGroupsMax + 6>;

/// What stands for a name in a claim: 56 bits, the same on every machine. It is in logs and tokens.
[[nodiscard]] inline std::uint64_t name_hash(std::string_view name) {
  return hash_bytes(std::as_bytes(std::span(name))) & account_key_detail::kNumberMax;
}

[[nodiscard]] constexpr bool says(const Standing& standing, const Claim& claim) {
  return std::ranges::find(standing, claim) != standing.end();
}

/// The first of its kind.
[[nodiscard]] constexpr std::optional<std::uint64_t> claim_of(const Standing& standing,
                                                              ClaimKind kind) {
  const auto* const found = std::ranges::find(standing, kind, &Claim::kind);
  return found == standing.end() ? std::nullopt : std::optional(found->value);
}

/// What a wave asks of a person that the person does not have.
enum class Bar : std::uint8_t {
  none,
  group_required,
  member_too_new,
  region_not_served,
  channel_not_served,
  risk_too_high,
};

/// The same as a status of a command, each of which has one of that name.
template <class Status>
[[nodiscard]] constexpr Status status_of(Bar bar, Status if_none) {
  switch (bar) {
    case Bar::none:
      break;
    case Bar::group_required:
      return Status::group_required;
    case Bar::member_too_new:
      return Status::member_too_new;
    case Bar::region_not_served:
      return Status::region_not_served;
    case Bar::channel_not_served:
      return Status::channel_not_served;
    case Bar::risk_too_high:
      return Status::risk_too_high;
  }
  return if_none;
}

/// Keys of a buyer that limits of a drop count by; 0: none was given, or the drop has no such
/// limit.
struct SharedKeys {
  std::uint64_t household = 0;
  std::uint64_t address = 0;

  [[nodiscard]] constexpr bool none() const { return household == 0 && address == 0; }
  friend bool operator==(const SharedKeys&, const SharedKeys&) = default;
};

}  // namespace firebrand
