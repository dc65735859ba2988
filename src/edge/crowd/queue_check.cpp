#include "edge/crowd/queue_check.hpp"

#include <algorithm>
#include <charconv>

#include "base/draw.hpp"
#include "base/shuffled_order.hpp"

namespace firebrand {

namespace {

/// Somebody who was let in.
struct Admission {
  std::uint64_t position = 0;  ///< In the line, from 0.
  Timestamp until{};           ///< The lease's end: whoever is let in later has a later one.
  std::uint32_t fan = 0;
};

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// docs/formats/waiting-room-order.md, step 2.
Hash256 seed_of(std::uint64_t drop, const RoomPageView& room) {
  std::string bytes("firebrand-room/1\0", 17);
  const auto put = [&](std::uint64_t value, unsigned size) {
    for (unsigned shift = size * 8; shift > 0; shift -= 8) {
      bytes.push_back(static_cast<char>(value >> (shift - 8)));
    }
  };
  put(drop, 8);
  put(static_cast<std::uint64_t>(room.wave), 2);
  put(room.early, 8);
  return sha256({bytes_of(bytes), bytes_of(room.secret)});
}

}  // namespace

void check_queue(const CrowdFindings& findings, CrowdCheckResult& result) {
  if (!findings.room || findings.room->order == "pending") { return; }
  const RoomPageView& room = *findings.room;
  if (room.order == "revealed" && draw_commitment(room.secret) != room.commitment) {
    result.violated(CrowdCheck::place_order, {}, "the secret is not the one that was committed to");
  }
  const std::string_view drop_id = findings.drop_id;
  const std::uint64_t drop = number_in(drop_id.substr(drop_id.find('_') + 1));
  const ShuffledOrder order(seed_of(drop, room), room.early);
  std::vector<Admission> admissions;
  for (const ClaimEntry& entry : findings.claims) {
    if (entry.kind != CrowdClaimKind::admitted) { continue; }
    const std::uint64_t slot = number_in(entry.id) - 1;
    const std::uint64_t position = slot < room.early ? order.position_of(slot) : slot;
    admissions.push_back({position, entry.until, entry.fan});
  }
  std::ranges::sort(admissions, {}, &Admission::position);
  Timestamp latest{};
  for (const Admission& one : admissions) {
    if (one.until < latest) {
      result.violated(CrowdCheck::place_order, {},
                      "fan " + std::to_string(one.fan) + ", who stood at " +
                          std::to_string(one.position) + ", was let in before one in front");
    }
    latest = std::max(latest, one.until);
  }
}

}  // namespace firebrand
