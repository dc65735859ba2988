#include "edge/crowd/queue_check.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "base/draw.hpp"

namespace firebrand {
namespace {

/// The room of docs/formats/waiting-room-order.md, whose ten early places are let in by its order,
/// and an eleventh behind them: one a second.
class QueueCheckTest : public ::testing::Test {
 protected:
  QueueCheckTest() {
    RoomPageView room{.wave = 1, .early = 10, .order = "revealed"};
    std::iota(room.secret.data.begin(), room.secret.data.end(), std::uint8_t{0});
    room.commitment = draw_commitment(room.secret);
    findings.drop_id = "drop_1";
    findings.room = room;
    const int positions[] = {6, 2, 8, 7, 9, 5, 4, 3, 0, 1, 10};
    for (std::uint32_t fan = 0; fan < 11; ++fan) {
      claims.push_back({.kind = CrowdClaimKind::admitted,
                        .fan = fan,
                        .id = std::to_string(fan + 1),
                        .until = from_unix_ms(1'000 * (positions[fan] + 1))});
    }
  }
  [[nodiscard]] std::uint64_t violations() {
    findings.claims = claims;
    CrowdCheckResult result;
    check_queue(findings, result);
    return result.counts[static_cast<std::size_t>(CrowdCheck::place_order)];
  }

  CrowdFindings findings;
  std::vector<ClaimEntry> claims;
};

TEST_F(QueueCheckTest, TheLineIsTheOneThatWasPublished) {
  EXPECT_EQ(violations(), 0U);
  claims[10].until = from_unix_ms(500);  // Came late, and was let in first.
  EXPECT_EQ(violations(), 1U);
  claims.pop_back();
  std::swap(claims[8].until, claims[4].until);  // The first and the last of the lot.
  EXPECT_GT(violations(), 0U);
}

TEST_F(QueueCheckTest, TheSecretIsTheOneThatWasCommittedTo) {
  findings.room->commitment = {};
  EXPECT_EQ(violations(), 1U);
  findings.room->order = "pending";
  EXPECT_EQ(violations(), 0U) << "nobody can say yet";
}

}  // namespace
}  // namespace firebrand
