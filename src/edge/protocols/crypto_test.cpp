#include "edge/protocols/crypto.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

// RFC 4231, test case 2.
TEST(Crypto, HmacIsThatOfTheRfc) {
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, Base64IsExact) {
  for (const std::string_view bytes : {"f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
  }
  EXPECT_EQ(encode_base64("foob"), "Zm9vYg==");
  for (const std::string_view wrong :
       {"", "Zg=", "Zg", "Zg==\n", " Zg=", "Z===", "Zm9v=", "Zm-v"}) {
    EXPECT_EQ(decode_base64(wrong), std::nullopt) << wrong;
  }
}

TEST(Crypto, SealedTextOpensWithTheSameOfEverythingOnly) {
  const std::string key(32, 'k');
  const std::string sealed = seal_aes_256_gcm(key, "nonce", "data", "text");
  EXPECT_EQ(open_aes_256_gcm(key, "nonce", "data", sealed), "text");
  EXPECT_EQ(open_aes_256_gcm(key, "nonce", "data", seal_aes_256_gcm(key, "nonce", "data", "")), "");
  EXPECT_EQ(open_aes_256_gcm(std::string(32, 'x'), "nonce", "data", sealed), std::nullopt);
  EXPECT_EQ(open_aes_256_gcm("short", "nonce", "data", sealed), std::nullopt);
  EXPECT_EQ(open_aes_256_gcm(key, "other", "data", sealed), std::nullopt);
  EXPECT_EQ(open_aes_256_gcm(key, "", "data", sealed), std::nullopt);
  EXPECT_EQ(open_aes_256_gcm(key, "nonce", "", sealed), std::nullopt);
  EXPECT_EQ(open_aes_256_gcm(key, "nonce", "data", sealed.substr(1)), std::nullopt);
  EXPECT_EQ(open_aes_256_gcm(key, "nonce", "data", "tag"), std::nullopt);
}

// RFC 7914, section 12: N = 16384, the first 32 bytes.
TEST(Crypto, ScryptIsThatOfTheRfc) {
  std::string hex;
  for (const char c : derive_scrypt("pleaseletmein", "SodiumChloride", 14)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  EXPECT_EQ(hex, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST(Crypto, RsaKeysComeInEveryFormThatConsolesShow) {
  const RsaKey pair = RsaKey::make();
  const std::string signature = pair.sign("text");
  const std::string pem = pair.public_pem();
  std::string bare;
  for (std::size_t at = 0; at < pem.size();) {
    const std::size_t end = pem.find('\n', at);
    if (pem[at] != '-') { bare += pem.substr(at, end - at); }
    at = end + 1;
  }
  for (const std::string& text : {pem, bare}) {
    const auto key = RsaKey::read_public(text);
    ASSERT_TRUE(key.has_value());
    EXPECT_TRUE(key->verify("text", signature));
    EXPECT_FALSE(key->verify("texT", signature));
    EXPECT_FALSE(key->verify("text", signature.substr(4)));
    EXPECT_FALSE(key->verify("text", ""));
  }
  EXPECT_FALSE(RsaKey::make().verify("text", signature));
  for (const std::string_view wrong : {"", "no key", "-----BEGIN PUBLIC KEY-----\n"}) {
    EXPECT_FALSE(RsaKey::read_public(wrong).has_value());
    EXPECT_FALSE(RsaKey::read_private(wrong).has_value());
  }
}

}  // namespace
}  // namespace firebrand
