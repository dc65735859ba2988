#include "base/proof_leaf.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/hex.hpp"

namespace firebrand {
namespace {

// The bytes of a leaf are what is proven: they never change.
TEST(ProofLeaf, GoldenBytes) {
  std::string line;
  ProofLeafWriter(line, LogOffset{17}, 2, from_unix_ms(1'795'291'200'123), "order_placed")
      .text("drop", "drop_7")
      .number("wave", 1)
      .bytes("order", Bytes<4>{{0, 1, 0xAB, 0xFF}}.data)
      .time("until", from_unix_ms(0))
      .text("note", "50 % of é");
  EXPECT_EQ(line,
            "1 17-2 2026-11-21T20:00:00.123Z order_placed drop=drop_7 wave=1 order=0001abff "
            "until=1970-01-01T00:00:00.000Z note=50%20%25%20of%20%c3%a9");
  EXPECT_EQ(proof_text("50%20%25%20of%20%c3%a9"), "50 % of é");
  EXPECT_EQ(to_hex(proof_name("order", "ord_7", {}).data),
            "3d06f7e407af019873a363b52e1a763a8c47b3b8b63e24f8cc744ff99e8a56fd");
}

TEST(ProofLeaf, ComesBackAsItWasWritten) {
  std::string line;
  ProofLeafWriter(line, LogOffset{17}, 2, from_unix_ms(0), "order_paid").text("order", "ab");
  ProofLeaf leaf;
  ASSERT_TRUE(leaf.read(line));
  EXPECT_EQ(leaf.offset, 17U);
  EXPECT_EQ(leaf.index, 2U);
  EXPECT_EQ(leaf.kind, "order_paid");
  EXPECT_EQ(leaf.find("order"), "ab");
  EXPECT_EQ(leaf.find("drop"), "");
}

TEST(ProofLeaf, RefusesWhatIsNoLeaf) {
  ProofLeaf leaf;
  for (const char* line :
       {"", "1", "2 17-2 2026-11-21T20:00:00.123Z order_paid", "1 17 2026-11-21T20:00:00.123Z a",
        "1 17-2 2026-11-21 a", "1 17-2 2026-11-21T20:00:00.123Z a b",
        "1 17-2 2026-11-21T20:00:00.123Z a =b", "1 17-2 2026-11-21T20:00:00.123Z a b=c ",
        "1 x-2 2026-11-21T20:00:00.123Z a", "1 17-2 2026-11-21T20:00:00.123Z"}) {
    EXPECT_FALSE(leaf.read(line)) << line;
  }
}

TEST(ProofLeaf, ANameIsOfOneSubjectAndOpening) {
  const Hash256 name = proof_name("order", "ord_7", {});
  EXPECT_NE(name, proof_name("order", "ord_8", {}));
  EXPECT_NE(name, proof_name("buyer", "ord_7", {}));
  EXPECT_NE(name, proof_name("order", "ord_7", ProofOpening{{1}}));
}

}  // namespace
}  // namespace firebrand
