#include "edge/api/admission_pass.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace firebrand {
namespace {

constexpr AdmissionPass kPass{.drop_id = {7},
                              .wave = 2,
                              .place = 41'230,
                              .person_id = {42},
                              .valid_until = from_unix_ms(1'795'291'500'000)};
/// The vector of docs/formats/admission-pass.md, made by another program from the seed 00 to 1f.
constexpr std::string_view kText =
    "fbp1.AAAAAAAAAAcAAgAAAAAAAKEOAAAAAAAAACoAAAGh_7ZN4A."
    "g9o5ECoGpOtJmiASemSCem2mTFSdntacT2NhwrlcqX8ceZvEFgSIDhOXrqAIXCt4MWzQr6o6lM8plJcSfAMLDg";

PassSigner signer() {
  Bytes<32> seed;
  for (std::size_t i = 0; i < seed.data.size(); ++i) {
    seed.data[i] = static_cast<std::uint8_t>(i);
  }
  return PassSigner(seed);
}

TEST(AdmissionPass, HasThePublishedVector) {
  const PassSigner known = signer();
  EXPECT_EQ(to_hex(known.public_key().data),
            "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
  EXPECT_EQ(known.sign(kPass), kText);
  EXPECT_EQ(check_admission_pass(kText, known.public_key(), from_unix_ms(0)), kPass);
}

TEST(AdmissionPass, IsOverAtItsInstant) {
  const PassPublicKey key = signer().public_key();
  EXPECT_TRUE(check_admission_pass(kText, key, kPass.valid_until - Millis{1}).has_value());
  EXPECT_FALSE(check_admission_pass(kText, key, kPass.valid_until).has_value());
}

TEST(AdmissionPass, EveryChangedCharacterIsFound) {
  const PassPublicKey key = signer().public_key();
  for (std::size_t i = 0; i < kText.size(); ++i) {
    std::string changed(kText);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(check_admission_pass(changed, key, from_unix_ms(0)).has_value()) << i;
  }
  EXPECT_FALSE(check_admission_pass(kText.substr(1), key, from_unix_ms(0)).has_value());
  PassPublicKey other = key;
  other.data[0] ^= 1;
  EXPECT_FALSE(check_admission_pass(kText, other, from_unix_ms(0)).has_value());
}

}  // namespace
}  // namespace firebrand
