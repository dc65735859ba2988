#include "edge/delivery/webhook_signature.hpp"

#include <gtest/gtest.h>

namespace firebrand {
namespace {

// The vector that the libraries of the specification share.
constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t kTime = 1'614'265'330;
constexpr char kBody[] = R"({"test": 2432232314})";
constexpr char kSignature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

TEST(WebhookSignature, IsTheOneOfTheSpecification) {
  EXPECT_EQ(sign_webhook(kSecret, kId, kTime, kBody), kSignature);
}

TEST(WebhookSignature, CoversIdTimeAndBody) {
  EXPECT_NE(sign_webhook(kSecret, "msg_2", kTime, kBody), kSignature);
  EXPECT_NE(sign_webhook(kSecret, kId, kTime + 1, kBody), kSignature);
  EXPECT_NE(sign_webhook(kSecret, kId, kTime, R"({"test":2432232314})"), kSignature);
}

TEST(WebhookSignature, ComesOncePerSecret) {
  const std::string other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  EXPECT_EQ(webhook_signatures({other, kSecret}, kId, kTime, kBody),
            sign_webhook(other, kId, kTime, kBody) + " " + kSignature);
}

}  // namespace
}  // namespace firebrand
