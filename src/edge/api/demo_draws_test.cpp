#include "edge/api/demo_draws.hpp"

#include <gtest/gtest.h>

#include "base/draw.hpp"

namespace firebrand {
namespace {

InstallationKey key_of(std::uint8_t n) {
  InstallationKey key;
  key.data.fill(n);
  return key;
}

TEST(DemoReveal, IsTheSameAgainAndItsOwnForEachDraw) {
  const Credentials credentials(key_of(1));
  const Hash256 reveal = demo_reveal(credentials, DropId{1}, 3);
  EXPECT_EQ(demo_reveal(Credentials(key_of(1)), DropId{1}, 3), reveal);
  EXPECT_NE(demo_reveal(credentials, DropId{2}, 3), reveal);
  EXPECT_NE(demo_reveal(credentials, DropId{1}, 4), reveal);
  EXPECT_NE(demo_reveal(Credentials(key_of(2)), DropId{1}, 3), reveal);
  EXPECT_FALSE(draw_commitment(reveal).is_zero());
}

}  // namespace
}  // namespace firebrand
