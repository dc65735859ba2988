// Fans who come with a token of the shop's own sign-in, over HTTP.
#include <gtest/gtest.h>
#include <sodium.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "edge/http/http_server.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

constexpr char kIssuer[] = "https://id.shop.example";
constexpr char kAudience[] = "firebrand-shop";

std::string base64url(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  text.pop_back();
  return text;
}

/// An Ed25519 pair of the shop's sign-in (RFC 8037).
class SigningKey {
 public:
  explicit SigningKey(std::string kid) : kid_(std::move(kid)) {
    crypto_sign_keypair(public_.data(), secret_.data());
  }
  [[nodiscard]] std::string jwk() const {
    return R"({"kty":"OKP","crv":"Ed25519","kid":")" + kid_ + R"(","x":")" +
           base64url({reinterpret_cast<const char*>(public_.data()), public_.size()}) + "\"}";
  }
  [[nodiscard]] std::string token(const std::string& claims) const {
    return token_with(R"({"alg":"EdDSA","typ":"JWT","kid":")" + kid_ + "\"}", claims);
  }
  [[nodiscard]] std::string token_with(const std::string& header, const std::string& claims) const {
    const std::string text = base64url(header) + "." + base64url(claims);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                         secret_.data());
    return text + "." + base64url(signature);
  }

 private:
  std::string kid_;
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_{};
};

/// Where the shop publishes its keys.
class KeyServer final : public HttpHandler {
 public:
  KeyServer() : server_(HttpLimits{}) {
    const auto bound = server_.listen("127.0.0.1", 0);
    if (!bound) { throw std::runtime_error(bound.error().message); }
    port_ = *bound;
    thread_ = std::thread([this] { server_.run(*this); });
  }
  ~KeyServer() override {
    server_.stop(Millis{0});
    thread_.join();
  }
  KeyServer(const KeyServer&) = delete;
  KeyServer& operator=(const KeyServer&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/jwks.json";
  }
  void publish(const std::string& keys) {
    const std::lock_guard lock(mutex_);
    body_ = R"({"keys":[)" + keys + "]}";
  }
  [[nodiscard]] int calls() const { return calls_.load(); }

  void handle(const HttpRequest&, ResponseToken token) override {
    calls_.fetch_add(1);
    const std::lock_guard lock(mutex_);
    server_.respond(token, {.status = 200, .content_type = "application/json", .body = body_});
  }

 private:
  HttpServer server_;
  std::uint16_t port_ = 0;
  std::atomic<int> calls_{0};
  std::mutex mutex_;
  std::string body_ = R"({"keys":[]})";
  std::thread thread_;
};

std::string claims(std::string_view person, std::string_view more = "",
                   std::string_view audience = kAudience, std::int64_t from_now = 300) {
  const std::int64_t now = unix_seconds_now();
  return R"({"iss":")" + std::string(kIssuer) + R"(","aud":")" + std::string(audience) +
         R"(","sub":")" + std::string(person) + R"(","iat":)" + std::to_string(now) + R"(,"exp":)" +
         std::to_string(now + from_now) + std::string(more) + "}";
}

Request exchange(const std::string& token) {
  return post("/v1/fan-sessions/exchange", R"({"id_token":")" + token + R"("})");
}

class SignIn : public ServerTest {
 public:
  static void SetUpTestSuite() {
    if (sodium_init() < 0) { throw std::runtime_error("no libsodium"); }
    first_ = std::make_unique<SigningKey>("k1");
    keys_ = std::make_unique<KeyServer>();
    keys_->publish(first_->jwk());
    start({"--sign_in.issuer", kIssuer, "--sign_in.audience", kAudience, "--sign_in.jwks",
           keys_->url(), "--sign_in.private_addresses", "true", "--sign_in.refresh_seconds", "1",
           "--sign_in.groups", "groups", "--sign_in.region", "region"});
    ASSERT_TRUE(eventually(
        [] { return shop().send(exchange(first_->token(claims("early")))).status == 201; }));
  }
  static void TearDownTestSuite() {
    ServerTest::TearDownTestSuite();
    keys_.reset();
  }

 protected:
  static void expect_refused(const std::string& token, std::string_view reason) {
    const Answer answer = shop().send(exchange(token));
    EXPECT_EQ(answer.status, 401) << answer.body;
    EXPECT_EQ(answer.code(), "id_token_refused") << answer.body;
    EXPECT_EQ(answer.json()["reason"].text(), reason) << answer.body;
  }

  static inline std::unique_ptr<SigningKey> first_;
  static inline std::unique_ptr<KeyServer> keys_;
};

TEST_F(SignIn, AFanBuysWithWhatTheShopsTokenSays) {
  const Drop drop = shop().plan({.waves = {{.units = 5, .more = R"(,"group":"club")"}}});
  const auto fan_of = [](const std::string& token) {
    const Answer answer = shop().send(exchange(token));
    EXPECT_EQ(answer.status, 201) << answer.body;
    return Fan{answer.json()["token"].text(), answer.json()["person_id"].text()};
  };
  const Fan member = fan_of(first_->token(claims("ming", R"(,"groups":["press","club"])")));
  EXPECT_EQ(member.person_id, shop().fan("ming").person_id) << "the same person either way";
  EXPECT_EQ(shop().order(drop, member, Shop::unique("key")).status, 201);
  const Fan stranger = fan_of(first_->token(claims("tao")));
  EXPECT_EQ(shop().order(drop, stranger, Shop::unique("key")).code(), "group_required");
}

TEST_F(SignIn, NothingElseOpensTheDoor) {
  const SigningKey other("k1");
  const std::string good = claims("ming");
  expect_refused(other.token(good), "signature_wrong");
  expect_refused(first_->token(claims("ming", "", "another-shop")), "audience_wrong");
  expect_refused(first_->token(claims("ming", "", kAudience, -61)), "expired");
  expect_refused(first_->token(claims("ming", R"(,"sub":"owner")")), "token_malformed");
  expect_refused(first_->token(claims("ming", R"(,"groups":["a group with too long a name"])")),
                 "claim_malformed");
  expect_refused(first_->token_with(R"({"alg":"none","kid":"k1"})", good), "algorithm_not_allowed");
  expect_refused(first_->token_with(R"({"alg":"HS256","kid":"k1"})", good),
                 "algorithm_not_allowed");
  expect_refused(first_->token_with(R"({"alg":"EdDSA","kid":"k1","crit":["x"],"x":1})", good),
                 "extension_unknown");
  expect_refused(base64url(R"({"alg":"none"})") + "." + base64url(good) + ".",
                 "algorithm_not_allowed");
  expect_refused("nothing", "token_malformed");
  EXPECT_EQ(shop().send(exchange(std::string(9'000, 'a'))).code(), "validation");
}

TEST_F(SignIn, KeysChangeWithoutARestart) {
  const SigningKey second("k2");
  keys_->publish(first_->jwk() + "," + second.jwk());
  EXPECT_TRUE(eventually(
      [&] { return shop().send(exchange(second.token(claims("ming")))).status == 201; }));
  keys_->publish(second.jwk());
  EXPECT_TRUE(eventually(
      [&] { return shop().send(exchange(first_->token(claims("ming")))).status == 401; }));
  expect_refused(first_->token(claims("ming")), "key_unknown");
  keys_->publish(first_->jwk());
  EXPECT_TRUE(eventually(
      [&] { return shop().send(exchange(first_->token(claims("ming")))).status == 201; }));
}

TEST_F(SignIn, TokensOfNoKnownKeyDoNotMakeUsCallTheShopEachTime) {
  const SigningKey unknown("nobody");
  const int before = keys_->calls();
  const std::int64_t begun = unix_seconds_now();
  for (int i = 0; i < 200; ++i) { (void)shop().send(exchange(unknown.token(claims("ming")))); }
  EXPECT_LE(keys_->calls() - before, 2 * (unix_seconds_now() - begun + 2));
}

class SignInOff : public ServerTest {};

TEST_F(SignInOff, WithoutAnIssuerNoTokenIsLookedAt) {
  EXPECT_EQ(shop().send(exchange("a.b.c")).code(), "sign_in_off");
}

}  // namespace
}  // namespace firebrand::e2e
