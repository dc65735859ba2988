#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/types.hpp"
#include "core/access/access.hpp"
#include "core/context.hpp"
#include "core/launch/draws.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/sale.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/launch/waitlists.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

/// The rules that this program gives to new commands. Raised by every change that can alter the
/// outcome of an already logged record; older records are replayed under their own number.
inline constexpr std::uint32_t kRulesVersion = 4;
inline constexpr std::uint32_t kRunDueLimitMax = 256;

/// Logged by a new program before its first new command.
struct AdoptRules {
  static constexpr std::string_view kName = "adopt_rules";
  static constexpr std::string_view kDoc = "From here on the rules have this version.";
  std::uint32_t rules_version = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "rules_version", self.rules_version, From::stamped, Rule{.min = 1}, "The version.");
  }
};

enum class AdoptRulesStatus : std::uint8_t {
  adopted = 0,
  rules_not_newer = 50,
  rules_unknown = 51,
};

struct AdoptRulesResult {
  static constexpr std::string_view kName = "adopt_rules_result";
  static constexpr std::string_view kDoc = "Answer to adopt_rules.";
  AdoptRulesStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Does what has come due: opens drops, releases waves, closes draws, ends unpaid orders and
/// sessions, goes on with what concerns many reservations, lets ended orders leave. Logged by the
/// sequencer, never by a timer of its own.
struct RunDue {
  static constexpr std::string_view kName = "run_due";
  static constexpr std::string_view kDoc = "Does what has come due, at most `limit` things.";
  std::uint32_t limit = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(
        1, "limit", self.limit, From::stamped, Rule{.min = 1, .max = kRunDueLimitMax},
        "Most deadlines met by one command, dear ones counted more than once, so that its time is "
        "bounded.");
  }
};

enum class RunDueStatus : std::uint8_t {
  ran = 0,
  limit_out_of_range = 10,
  nothing_due = 50,
};

struct RunDueResult {
  static constexpr std::string_view kName = "run_due_result";
  static constexpr std::string_view kDoc = "Answer to run_due.";
  RunDueStatus status{};
  std::uint32_t met = 0;  ///< Deadlines met, 1 to `limit`.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "met", self.met, From::body, Rule{}, "Deadlines met.");
  }
};

/// Commands that no module above can own: they concern the whole state.
class System {
 public:
  System(Schedule& schedule, Access& access, Drops& drops, Reservations& reservations, Codes& codes,
         WaitingRooms& rooms, Sale& sale, Draws& draws, Waitlists& waitlists)
      : schedule_(schedule),
        access_(access),
        drops_(drops),
        reservations_(reservations),
        codes_(codes),
        rooms_(rooms),
        sale_(sale),
        draws_(draws),
        waitlists_(waitlists) {}

  [[nodiscard]] AdoptRulesResult apply(const AdoptRules&, const CommandContext&) noexcept;
  [[nodiscard]] RunDueResult apply(const RunDue&, const CommandContext&) noexcept;

  [[nodiscard]] std::uint32_t rules_version() const noexcept { return rules_version_; }
  [[nodiscard]] std::uint64_t digest() const noexcept { return hash_words(rules_version_); }
  void save(ByteSink& sink) const { put_u32(sink, rules_version_); }
  [[nodiscard]] bool load(ByteSource& source) { return get_u32(source, rules_version_); }

 private:
  Schedule& schedule_;
  Access& access_;
  Drops& drops_;
  Reservations& reservations_;
  Codes& codes_;
  WaitingRooms& rooms_;
  Sale& sale_;
  Draws& draws_;
  Waitlists& waitlists_;
  std::uint32_t rules_version_ = 0;
};

}  // namespace firebrand
