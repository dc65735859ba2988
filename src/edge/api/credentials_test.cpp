#include "edge/api/credentials.hpp"

#include <gtest/gtest.h>

#include "edge/protocols/totp.hpp"

namespace firebrand {
namespace {

InstallationKey key_of(std::uint8_t n) {
  InstallationKey key;
  key.data.fill(n);
  return key;
}

TEST(Credentials, FanTokenSaysWhoUntilItsTimeIsOver) {
  const Credentials credentials(key_of(1));
  const FanSession session{PersonId{42}, from_unix_ms(1'000)};
  const auto token = credentials.mint_fan_token(session);
  const auto read = credentials.check_fan_token(token.view(), from_unix_ms(999));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->person_id, PersonId{42});
  EXPECT_FALSE(credentials.check_fan_token(token.view(), from_unix_ms(1'000)).has_value());
}

TEST(Credentials, ChangedTokenOrOtherInstallationIsRefused) {
  const Credentials credentials(key_of(1));
  const std::string token(
      credentials.mint_fan_token({PersonId{42}, from_unix_ms(1'000'000)}).view());
  EXPECT_FALSE(Credentials(key_of(2)).check_fan_token(token, from_unix_ms(0)).has_value());
  // The last character holds four bits of nothing: leave it out.
  for (std::size_t i = 0; i + 1 < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(credentials.check_fan_token(changed, from_unix_ms(0)).has_value()) << i;
  }
  EXPECT_FALSE(credentials.check_fan_token(token + "A", from_unix_ms(0)).has_value());
  EXPECT_FALSE(credentials.check_fan_token("", from_unix_ms(0)).has_value());
}

TEST(Credentials, AFanTokenCarriesWhatTheShopSays) {
  const Credentials credentials(key_of(1));
  FanSession session{PersonId{42}, from_unix_ms(1'000)};
  const std::size_t plain = credentials.mint_fan_token(session).size();
  EXPECT_EQ(plain, 47U);
  while (session.standing.size() < Standing::kMax) {
    session.standing.push_back({ClaimKind::group, session.standing.size() << 48U});
  }
  session.standing[3] = credentials.shared_key(ClaimKind::address, "1 Long Street");
  const auto token = credentials.mint_fan_token(session);
  const auto read = credentials.check_fan_token(token.view(), from_unix_ms(999));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->person_id, session.person_id);
  EXPECT_EQ(read->standing, session.standing);
  // Cut, longer or changed, it is not ours.
  const std::string text(token.view());
  for (const std::string& other : {text.substr(0, plain), text.substr(0, text.size() - 1),
                                   text + text, "fbs_B" + text.substr(5)}) {
    EXPECT_FALSE(credentials.check_fan_token(other, from_unix_ms(0)).has_value()) << other;
  }
}

TEST(Credentials, HouseholdsAndAddressesAreKeyed) {
  const Credentials credentials(key_of(1));
  const Claim home = credentials.shared_key(ClaimKind::household, "h");
  EXPECT_EQ(home, credentials.shared_key(ClaimKind::household, "h"));
  EXPECT_NE(home.value, credentials.shared_key(ClaimKind::address, "h").value);
  EXPECT_NE(home, Credentials(key_of(2)).shared_key(ClaimKind::household, "h"));
}

TEST(Credentials, RequestKeyIsScopedByCallerPersonOperationAndText) {
  const Credentials credentials(key_of(1));
  const Actor fan{ActorKind::fan, 7};
  const RequestKey key = credentials.request_key(fan, PersonId{7}, 1, "a");
  EXPECT_EQ(credentials.request_key(fan, PersonId{7}, 1, "a"), key);
  EXPECT_NE(credentials.request_key({ActorKind::api_key, 7}, PersonId{7}, 1, "a"), key);
  EXPECT_NE(credentials.request_key(fan, PersonId{8}, 1, "a"), key);
  EXPECT_NE(credentials.request_key(fan, PersonId{7}, 2, "a"), key);
  EXPECT_NE(credentials.request_key(fan, PersonId{7}, 1, "b"), key);
  EXPECT_NE(Credentials(key_of(2)).request_key(fan, PersonId{7}, 1, "a"), key);
}

TEST(Credentials, ApiKeyTextRoundTripsToItsHash) {
  const Bytes<32> secret = Credentials::random_secret();
  const std::string text = Credentials::api_key_text(ApiKeyId{12}, secret);
  const auto read = Credentials::read_api_key(text);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->api_key_id, ApiKeyId{12});
  EXPECT_EQ(read->secret_hash, Credentials::hash_secret(secret));
  for (const char* wrong : {"", "fbk_", "fbk_1_", "fbk_x_00", "fbs_1_00", "fbk_1_zz"}) {
    EXPECT_FALSE(Credentials::read_api_key(wrong).has_value()) << wrong;
  }
}

TEST(Credentials, WebhookSecretsAreDerivedAndDiffer) {
  const Credentials credentials(key_of(1));
  const std::string secret = credentials.webhook_secret(WebhookId{1}, 1);
  EXPECT_TRUE(secret.starts_with("whsec_"));
  EXPECT_EQ(secret.size(), 6U + 44U);
  EXPECT_EQ(Credentials(key_of(1)).webhook_secret(WebhookId{1}, 1), secret);
  EXPECT_NE(credentials.webhook_secret(WebhookId{2}, 1), secret);
  EXPECT_NE(credentials.webhook_secret(WebhookId{1}, 2), secret);
  EXPECT_NE(Credentials(key_of(2)).webhook_secret(WebhookId{1}, 1), secret);
  EXPECT_NE(Credentials(key_of(2)).event_source(), credentials.event_source());
}

TEST(Credentials, SecretsOfSecondFactorsAreDerivedAndDiffer) {
  const Credentials credentials(key_of(1));
  const std::string secret = credentials.totp_secret(StaffId{1}, 1);
  EXPECT_EQ(secret.size(), kTotpSecretBytes);
  EXPECT_EQ(Credentials(key_of(1)).totp_secret(StaffId{1}, 1), secret);
  EXPECT_NE(credentials.totp_secret(StaffId{2}, 1), secret);
  EXPECT_NE(credentials.totp_secret(StaffId{1}, 2), secret);
  EXPECT_NE(Credentials(key_of(2)).totp_secret(StaffId{1}, 1), secret);
  const RecoveryCode code = credentials.recovery_code(StaffId{1}, 1, 1);
  EXPECT_EQ(code.size(), 11U);
  EXPECT_EQ(code.view()[5], '-');
  EXPECT_EQ(Credentials(key_of(1)).recovery_code(StaffId{1}, 1, 1), code);
  EXPECT_NE(credentials.recovery_code(StaffId{1}, 1, 2), code);
  EXPECT_NE(credentials.recovery_code(StaffId{1}, 2, 1), code);
  EXPECT_NE(credentials.recovery_code(StaffId{2}, 1, 1), code);
  EXPECT_NE(Credentials(key_of(2)).recovery_code(StaffId{1}, 1, 1), code);
}

TEST(Credentials, PasswordHashFitsItsPasswordOnly) {
  const std::string hash = hash_password("correct horse", Credentials::random_salt());
  EXPECT_TRUE(check_password(hash, "correct horse"));
  EXPECT_FALSE(check_password(hash, "wrong horse"));
  EXPECT_FALSE(check_password("", "correct horse"));
}

TEST(Credentials, PasswordHashIsTheSameForTheSameSalt) {
  const PasswordSalt salt{{1, 2, 3}};
  const PasswordSalt other{{1, 2, 4}};
  const std::string hash = hash_password("correct horse", salt);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$AQIDAAAAAAAAAAAAAAAAAA$")) << hash;
  EXPECT_EQ(hash_password("correct horse", salt), hash);
  EXPECT_NE(hash_password("correct horse", other), hash);
  EXPECT_NE(hash_password("correct Horse", salt), hash);
  EXPECT_NE(Credentials::random_salt(), Credentials::random_salt());
}

}  // namespace
}  // namespace firebrand
