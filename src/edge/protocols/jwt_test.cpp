#include "edge/protocols/jwt.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/enum_name.hpp"
#include "edge/protocols/crypto.hpp"
#include "edge/protocols/jwt_testing.hpp"

namespace firebrand {
namespace {

// RFC 7515, appendix A.2.
constexpr std::string_view kRsaN =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4"
    "d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re"
    "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX"
    "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
constexpr std::string_view kRsaText =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kRsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
    "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
    "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
// RFC 7515, appendix A.3.
constexpr std::string_view kEcX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr std::string_view kEcY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr std::string_view kEcText =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kEcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
// RFC 8037, appendix A.4.
constexpr std::string_view kEdX = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr std::string_view kEdText = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr std::string_view kEdSignature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

std::string bytes(std::string_view text) { return decode_base64url(text).value(); }

/// The signature is over this text, and over no other.
void expect_signed(const std::optional<SignatureKey>& key, std::string_view text,
                   std::string_view signature) {
  ASSERT_TRUE(key.has_value());
  std::string signature_bytes = bytes(signature);
  EXPECT_TRUE(key->verify(text, signature_bytes));
  EXPECT_FALSE(key->verify(std::string(text) + "x", signature_bytes));
  EXPECT_FALSE(key->verify(text, signature_bytes + "x"));
  EXPECT_FALSE(key->verify(text, signature_bytes.substr(1)));
  EXPECT_FALSE(key->verify(text, ""));
  signature_bytes[7] = static_cast<char>(signature_bytes[7] ^ 1);
  EXPECT_FALSE(key->verify(text, signature_bytes));
}

TEST(SignatureKey, ChecksTheVectorsOfTheStandards) {
  expect_signed(SignatureKey::rsa(bytes(kRsaN), bytes("AQAB")), kRsaText, kRsaSignature);
  expect_signed(SignatureKey::p256(bytes(kEcX), bytes(kEcY)), kEcText, kEcSignature);
  expect_signed(SignatureKey::ed25519(bytes(kEdX)), kEdText, kEdSignature);
}

TEST(SignatureKey, RefusesWhatIsNoKeyOrAWeakOne) {
  const std::string n = bytes(kRsaN);
  EXPECT_FALSE(SignatureKey::rsa(n.substr(0, 128), bytes("AQAB")));
  EXPECT_FALSE(SignatureKey::rsa("", bytes("AQAB")));
  EXPECT_FALSE(SignatureKey::rsa(n, "\x01"));
  EXPECT_FALSE(SignatureKey::rsa(n, "\x02"));
  EXPECT_FALSE(SignatureKey::rsa(n, n));
  EXPECT_FALSE(SignatureKey::rsa(std::string(2'000, '\xFF'), bytes("AQAB")));
  EXPECT_FALSE(SignatureKey::p256(bytes(kEcY), bytes(kEcX)));  // Not on the curve.
  EXPECT_FALSE(SignatureKey::p256(std::string(32, '\0'), std::string(32, '\0')));
  EXPECT_FALSE(SignatureKey::p256(bytes(kEcX).substr(1), bytes(kEcY)));
  EXPECT_FALSE(SignatureKey::ed25519(bytes(kEdX).substr(1)));
}

TEST(Base64Url, HasOneTextForEachContent) {
  for (const std::string_view text : {"", "f", "fo", "foo", "\xFF\xFE\xFD"}) {
    EXPECT_EQ(decode_base64url(encode_base64url(text)), text);
  }
  EXPECT_EQ(encode_base64url("\xFB\xFF"), "-_8");
  for (const std::string_view wrong : {"A", "AA=", "AA==", "+_8", "-/8", "AB", "-_9", "A A", "."}) {
    EXPECT_FALSE(decode_base64url(wrong)) << wrong;
  }
}

// ---- Sets of keys ------------------------------------------------------------------------------

std::string set_of(std::string_view keys) { return R"({"keys":[)" + std::string(keys) + "]}"; }

TEST(Jwks, HoldsWhatSignsTokensAndPassesOverTheRest) {
  for (const auto algorithm :
       {SignatureAlgorithm::rs256, SignatureAlgorithm::es256, SignatureAlgorithm::eddsa}) {
    const SignatureKey key = SignatureKey::make(algorithm);
    const auto keys = read_jwks(
        set_of(key.jwk("good") + R"(,{"kty":"new kind","kid":"x"},{"kty":"EC","crv":"P-384"},7,)" +
               R"({"kty":"RSA","use":"enc","n":"AQAB","e":"AQAB"})"));
    ASSERT_TRUE(keys.has_value()) << keys.error();
    ASSERT_EQ(keys->size(), 1U);
    EXPECT_EQ((*keys)[0].kid, "good");
    EXPECT_EQ((*keys)[0].key.algorithm(), algorithm);
    EXPECT_TRUE((*keys)[0].key.verify("text", key.sign("text")));
  }
}

TEST(Jwks, IsRefusedWithoutAKeyForUsOrWithASecretOne) {
  const std::string good = R"({"kty":"OKP","crv":"Ed25519","x":")" + std::string(kEdX) + "\"";
  EXPECT_TRUE(read_jwks(set_of(good + "}")));
  EXPECT_TRUE(read_jwks(set_of(good + R"(,"key_ops":["verify"]})")));
  for (const std::string& wrong :
       {std::string(), std::string("[]"), std::string("{}"), set_of(""),
        set_of(good + R"(,"use":"enc"})"), set_of(good + R"(,"alg":"RS256"})"),
        set_of(good + R"(,"key_ops":["sign"]})"), set_of(good + R"(,"d":"AAAA"})"),
        set_of(good + R"(},{"kty":"oct","k":"AAAA"})"), set_of(good + R"(,"kty":"OKP"})"),
        R"({"keys":[],)" + set_of(good + "}").substr(1),
        set_of(good + "}") + std::string(kJwksBytesMax, ' ')}) {
    EXPECT_FALSE(read_jwks(wrong).has_value()) << wrong.substr(0, 200);
  }
}

// ---- Tokens ------------------------------------------------------------------------------------

const SignatureKey& key_of(SignatureAlgorithm algorithm) {
  static const std::array keys = {SignatureKey::make(SignatureAlgorithm::rs256),
                                  SignatureKey::make(SignatureAlgorithm::es256),
                                  SignatureKey::make(SignatureAlgorithm::eddsa)};
  return keys[static_cast<std::size_t>(algorithm)];
}
const SignatureKey& key() { return key_of(SignatureAlgorithm::eddsa); }

void expect_error(std::string_view token, JwtError want, Timestamp now = token_time()) {
  const auto read = read_jwt(token, {{"k1", key()}}, token_rules(), now);
  ASSERT_FALSE(read.has_value()) << token;
  EXPECT_EQ(enum_name(read.error()), enum_name(want)) << token;
}
void expect_payload_error(const std::string& payload, JwtError want) {
  expect_error(make_jwt(key(), token_header(key()), payload), want);
}
void expect_header_error(const std::string& header, JwtError want) {
  expect_error(make_jwt(key(), header, token_payload()), want);
}

TEST(Jwt, SaysWhoSignedInByEachAlgorithm) {
  for (const auto algorithm :
       {SignatureAlgorithm::rs256, SignatureAlgorithm::es256, SignatureAlgorithm::eddsa}) {
    const SignatureKey& signer = key_of(algorithm);
    const std::string token = make_jwt(
        signer, token_header(signer, "k1", R"(,"typ":"JWT")"),
        token_payload(R"(,"groups":["club","press"],"region":"north","channel":"app",)"
                      R"("member_since":1700000000,"household":"h","address":"a","risk":7)"));
    const auto read = read_jwt(token, {{"k0", key()}, {"k1", signer}}, token_rules(), token_time());
    ASSERT_TRUE(read.has_value()) << enum_name(read.error());
    EXPECT_EQ(read->person, "user-1");
    EXPECT_EQ(read->groups, (std::vector<std::string>{"club", "press"}));
    EXPECT_EQ(read->region, "north");
    EXPECT_EQ(read->channel, "app");
    EXPECT_EQ(read->member_since, token_time(1'700'000'000));
    EXPECT_EQ(read->household, "h");
    EXPECT_EQ(read->address, "a");
    EXPECT_EQ(read->risk, 7);
  }
}

TEST(Jwt, TakesOneGroupAsTextAndTimesAsText) {
  const auto read = read_jwt(make_jwt(key(), R"({"alg":"EdDSA"})",
                                      token_payload(R"(,"groups":"club",)"
                                                    R"("member_since":"2024-05-01T00:00:00Z")")),
                             {{"k1", key()}}, token_rules(), token_time());
  ASSERT_TRUE(read.has_value()) << enum_name(read.error());
  EXPECT_EQ(read->groups, std::vector<std::string>{"club"});
  EXPECT_EQ(read->member_since, from_unix_ms(1'714'521'600'000));
}

TEST(Jwt, IsRefusedIfItIsNotInItsForm) {
  const std::string good = make_jwt(key(), token_header(key()), token_payload());
  for (const std::string& wrong :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), good + ".x",
        "x" + good, good + "=", good.substr(0, good.rfind('.')),
        std::string(kJwtBytesMax + 1, 'A') + good}) {
    expect_error(wrong, JwtError::token_malformed);
  }
  expect_header_error("[]", JwtError::token_malformed);
  expect_header_error(R"({"alg":"EdDSA","alg":"EdDSA","kid":"k1"})", JwtError::token_malformed);
  expect_header_error(R"({"alg":"EdDSA","\u0061lg":"none","kid":"k1"})", JwtError::token_malformed);
  expect_header_error(R"({"alg":"EdDSA","kid":7})", JwtError::token_malformed);
  expect_payload_error("7", JwtError::token_malformed);
  expect_payload_error(token_payload(R"(,"sub":"user-2")"), JwtError::token_malformed);
  expect_payload_error(token_payload(R"(,"x":{"y":1,"y":2})"), JwtError::token_malformed);
}

TEST(Jwt, LetsNoTokenChooseHowItIsChecked) {
  const std::string payload = token_payload();
  const std::string unsigned_text =
      encode_base64url(R"({"alg":"none","kid":"k1"})") + "." + encode_base64url(payload) + ".";
  expect_error(unsigned_text, JwtError::algorithm_not_allowed);
  for (const std::string_view name : {"None", "HS256", "RS512", "PS256", "ES384", "", "eddsa"}) {
    expect_header_error(R"({"alg":")" + std::string(name) + R"(","kid":"k1"})",
                        JwtError::algorithm_not_allowed);
  }
  expect_header_error(R"({"kid":"k1"})", JwtError::algorithm_not_allowed);
  // A key of another kind has that kid.
  expect_header_error(R"({"alg":"RS256","kid":"k1"})", JwtError::key_unknown);
  expect_header_error(token_header(key(), "k2"), JwtError::key_unknown);
  expect_header_error(token_header(key(), "k1", R"(,"crit":["exp"],"exp":1)"),
                      JwtError::extension_unknown);
  expect_header_error(token_header(key(), "k1", R"(,"typ":"at+jwt")"), JwtError::type_not_allowed);
  // The public key of an RSA pair, used as the secret of an HMAC.
  const SignatureKey& rsa = key_of(SignatureAlgorithm::rs256);
  const std::string text =
      encode_base64url(R"({"alg":"HS256","kid":"k1"})") + "." + encode_base64url(payload);
  const std::string forged =
      text + "." + encode_base64url(hmac_sha256_hex(rsa.jwk("k1"), text).substr(0, 32));
  const auto read = read_jwt(forged, {{"k1", rsa}}, token_rules(), token_time());
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error(), JwtError::algorithm_not_allowed);
  // A key that the token brings along is not looked at.
  const SignatureKey own = SignatureKey::make(SignatureAlgorithm::eddsa);
  expect_error(make_jwt(own, token_header(own, "k1", R"(,"jwk":)" + own.jwk("k1")), payload),
               JwtError::signature_wrong);
}

TEST(Jwt, WithoutAKidIsCheckedByTheOneKeyOfItsKind) {
  const std::string token = make_jwt(key(), R"({"alg":"EdDSA"})", token_payload());
  const Jwks one = {{"k1", key()}, {"k2", key_of(SignatureAlgorithm::rs256)}};
  EXPECT_TRUE(read_jwt(token, one, token_rules(), token_time()));
  const Jwks two = {{"k1", key()}, {"k2", key()}};
  EXPECT_FALSE(read_jwt(token, two, token_rules(), token_time()));
}

TEST(Jwt, IsForUsFromTheRightIssuer) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string payload = token_payload();
    payload.replace(payload.find(from), from.size(), to);
    return payload;
  };
  expect_payload_error(with(kTokenIssuer, "https://id.shop.example/"), JwtError::issuer_wrong);
  expect_payload_error(with(kTokenAudience, "another-shop"), JwtError::audience_wrong);
  expect_payload_error(with(R"("firebrand-shop")", "7"), JwtError::audience_wrong);
  expect_payload_error(with(R"("firebrand-shop")", R"(["a",7,"firebrand-shop"])"),
                       JwtError::audience_wrong);
  expect_payload_error(token_payload(R"(,"azp":"another-shop")"), JwtError::audience_wrong);
  const std::string several =
      with(R"("firebrand-shop")", R"(["another-shop","firebrand-shop"],"azp":"firebrand-shop")");
  EXPECT_TRUE(read_jwt(make_jwt(key(), token_header(key()), several), {{"k1", key()}},
                       token_rules(), token_time()));
}

TEST(Jwt, HoldsForItsTimeAndAMinuteAround) {
  const std::string token = make_jwt(key(), token_header(key()),
                                     token_payload(R"(,"nbf":)" + std::to_string(kTokenSeconds)));
  const auto reads_at = [&](std::int64_t seconds) {
    return read_jwt(token, {{"k1", key()}}, token_rules(), token_time(seconds)).has_value();
  };
  EXPECT_TRUE(reads_at(kTokenSeconds - 60));
  EXPECT_TRUE(reads_at(kTokenSeconds + 359));
  expect_error(token, JwtError::not_yet_valid, token_time(kTokenSeconds - 61));
  expect_error(token, JwtError::expired, token_time(kTokenSeconds + 360));
  const std::string later = std::to_string(kTokenSeconds + 61);
  expect_payload_error(token_payload(R"(,"nbf":)" + later), JwtError::not_yet_valid);
}

TEST(Jwt, NeedsItsClaimsInTheirForm) {
  const std::string head = R"({"iss":"https://id.shop.example","aud":"firebrand-shop",)";
  const std::string now = std::to_string(kTokenSeconds);
  const std::string times = R"("iat":)" + now + R"(,"exp":)" + std::to_string(kTokenSeconds + 9);
  for (const std::string& wrong : {
           head + R"("sub":"u","iat":)" + now + "}",
           head + R"("sub":"u","exp":)" + now + "}",
           head + R"("sub":"u",)" + times + R"(,"nbf":"now"})",
           head + R"("sub":"u","exp":-1,"iat":)" + now + "}",
           head + R"("sub":"u","exp":1e300,"iat":)" + now + "}",
           head + times + "}",
           head + R"("sub":"",)" + times + "}",
           head + R"("sub":7,)" + times + "}",
           token_payload(R"(,"groups":7)"),
           token_payload(R"(,"groups":["a",7])"),
           token_payload(R"(,"region":7)"),
           token_payload(R"(,"address":{"street":"x"})"),
           token_payload(R"(,"member_since":"long ago")"),
           token_payload(R"(,"risk":1.5)"),
       }) {
    expect_payload_error(wrong, JwtError::claim_malformed);
  }
  EXPECT_TRUE(read_jwt(make_jwt(key(), token_header(key()), head + R"("sub":"u",)" + times + "}"),
                       {{"k1", key()}}, token_rules(), token_time()));
}

}  // namespace
}  // namespace firebrand
