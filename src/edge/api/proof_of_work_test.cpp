#include "edge/api/proof_of_work.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "edge/api/credentials.hpp"

namespace firebrand {
namespace {

ProofNonce nonce_of(std::uint64_t number) {
  ProofNonce nonce;
  for (std::size_t i = 8; i-- > 0; number >>= 8U) {
    nonce.data[i] = static_cast<std::uint8_t>(number);
  }
  return nonce;
}

// As docs/proof-of-work.md says, and as the page finds it.
TEST(Proof, IsWhatAnybodyFinds) {
  ProofChallenge challenge;
  for (std::size_t i = 0; i < challenge.data.size(); ++i) {
    challenge.data[i] = static_cast<std::uint8_t>(i);
  }
  std::uint64_t found = 1;
  while (!is_proof(challenge, nonce_of(found), 16)) { ++found; }
  EXPECT_EQ(found, 132'719U);
  EXPECT_TRUE(is_proof(challenge, nonce_of(found), 0));
  EXPECT_FALSE(is_proof(challenge, nonce_of(found), 17));
  EXPECT_FALSE(is_proof(challenge, nonce_of(found + 1), 16));
  challenge.data[15] = 0;
  EXPECT_FALSE(is_proof(challenge, nonce_of(found), 16));
}

TEST(Proof, AChallengeIsOfOnePersonInOneDrop) {
  const Credentials credentials(InstallationKey{{1}});
  const ProofChallenge mine = credentials.proof_challenge({1}, {2});
  EXPECT_EQ(credentials.proof_challenge({1}, {2}), mine);
  EXPECT_NE(credentials.proof_challenge({2}, {2}), mine);
  EXPECT_NE(credentials.proof_challenge({1}, {3}), mine);
  EXPECT_NE(credentials.proof_challenge({2}, {1}), mine);
  EXPECT_NE(Credentials(InstallationKey{{2}}).proof_challenge({1}, {2}), mine);
}

}  // namespace
}  // namespace firebrand
