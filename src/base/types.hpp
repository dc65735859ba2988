#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace firebrand {

/// Same representation, different meaning: a SkuId never passes for a PersonId.
/// `Tag::prefix` is what the outside sees before the number: "sku_7".
template <class Tag, class Rep = std::uint64_t>
struct Strong {
  using TagType = Tag;
  using RepType = Rep;
  Rep value{};
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
};

struct PersonIdTag {
  static constexpr const char* prefix = "per";
};
struct StaffIdTag {
  static constexpr const char* prefix = "staff";
};
struct ApiKeyIdTag {
  static constexpr const char* prefix = "key";
};
struct SkuIdTag {
  static constexpr const char* prefix = "sku";
};
struct OrderIdTag {
  static constexpr const char* prefix = "ord";
};
struct LaunchIdTag {
  static constexpr const char* prefix = "launch";
};
struct DropIdTag {
  static constexpr const char* prefix = "drop";
};
struct DrawIdTag {
  static constexpr const char* prefix = "draw";
};
struct HoldIdTag {
  static constexpr const char* prefix = "hold";
};
struct ReservationIdTag {
  static constexpr const char* prefix = "rsv";
};
struct CodeBatchIdTag {
  static constexpr const char* prefix = "batch";
};

/// Ids start at 1; zero means "none".
using PersonId = Strong<PersonIdTag>;
using StaffId = Strong<StaffIdTag>;
using ApiKeyId = Strong<ApiKeyIdTag>;
using SkuId = Strong<SkuIdTag>;
using OrderId = Strong<OrderIdTag>;
using LaunchId = Strong<LaunchIdTag>;
using DropId = Strong<DropIdTag>;
using DrawId = Strong<DrawIdTag>;
using HoldId = Strong<HoldIdTag>;
using ReservationId = Strong<ReservationIdTag>;
using CodeBatchId = Strong<CodeBatchIdTag>;

/// Position of a record in the log: 1 for the first, one more for each. Zero: nothing yet.
struct LogOffsetTag {
  static constexpr const char* prefix = nullptr;  // A plain number outside.
};
using LogOffset = Strong<LogOffsetTag>;

using Millis = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Millis>;  ///< UTC. The type, never its clock.

[[nodiscard]] constexpr Timestamp from_unix_ms(std::int64_t ms) { return Timestamp{Millis{ms}}; }
[[nodiscard]] constexpr std::int64_t to_unix_ms(Timestamp t) {
  return t.time_since_epoch().count();
}

}  // namespace firebrand
