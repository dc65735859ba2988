#include "runtime/byte_ring.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace firebrand {
namespace {

constexpr std::size_t kCapacity = 1U << 20;

void put(ByteRing& ring, std::size_t bytes) {
  ASSERT_TRUE(ring.has_room(bytes));
  ring.push(bytes);
  ring.publish();
}

// Whatever is asked for, room that was given back is seen: a producer that wants much must not wait
// for ever because the little it saw before is enough for others.
TEST(ByteRing, SeesRoomThatWasGivenBackHoweverMuchIsWanted) {
  for (const std::size_t wanted : {std::size_t{1}, std::size_t{300'000}, kCapacity}) {
    for (const std::size_t left : {std::size_t{0}, std::size_t{70'000}, std::size_t{290'000}}) {
      ByteRing ring(kCapacity);
      put(ring, kCapacity - left);
      EXPECT_EQ(ring.has_room(wanted), left >= wanted) << wanted << " of " << left;
      ring.consume(ring.readable().size());
      EXPECT_TRUE(ring.has_room(wanted)) << wanted << " after " << left;
      EXPECT_FALSE(ring.has_room(kCapacity + 1));
    }
  }
}

TEST(ByteRing, BytesStayInOrderAroundTheEnd) {
  ByteRing ring(4096);
  std::uint8_t written = 0;
  std::uint8_t read = 0;
  for (int round = 0; round < 1'000; ++round) {
    const std::size_t size = static_cast<std::size_t>(round) * 37 % 1'500 + 1;
    ASSERT_TRUE(ring.has_room(size));
    for (std::size_t i = 0; i < size; ++i) { ring.end()[i] = static_cast<std::byte>(written++); }
    ring.push(size);
    EXPECT_TRUE(ring.readable().empty());
    ring.publish();
    EXPECT_EQ(ring.backlog(), size);
    for (const std::byte byte : ring.readable()) {
      ASSERT_EQ(std::to_integer<std::uint8_t>(byte), read++);
    }
    ring.consume(size);
  }
}

}  // namespace
}  // namespace firebrand
