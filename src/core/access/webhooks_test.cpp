#include "core/access/webhooks.hpp"

#include <gtest/gtest.h>

#include "core/core_testing.hpp"

namespace firebrand {
namespace {

constexpr char kUrl[] = "https://shop.example/hooks";

class WebhooksTest : public testing::Test {
 protected:
  template <class C>
  auto apply(const C& command, std::int64_t ms = 0) {
    return webhooks_.apply(command, context_.at(ms));
  }
  WebhookId add() { return apply(AddWebhook{.url = kUrl}).webhook_id; }
  /// Applies a command that must be refused: nothing may change.
  template <class C>
  auto refused(const C& command) {
    const std::uint64_t before = webhooks_.digest();
    const auto status = apply(command).status;
    EXPECT_EQ(webhooks_.digest(), before);
    EXPECT_EQ(context_.facts(), 0U);
    EXPECT_FALSE(webhooks_.take_changed());
    return status;
  }

  TestContext context_;
  Webhooks webhooks_;
};

// Each refused row also breaks the checks that come later, so the table proves their order.
TEST_F(WebhooksTest, TheFirstFailedCheckWins) {
  using enum AddWebhookStatus;
  const AddWebhook rows[] = {
      {.url = "", .types = {""}, .concurrency = 0, .per_second = 0},
      {.url = kUrl, .types = {"a", ""}, .concurrency = 0, .per_second = 0},
      {.url = kUrl, .concurrency = 0, .per_second = 0},
      {.url = kUrl, .concurrency = kWebhookConcurrencyMax + 1, .per_second = 0},
      {.url = kUrl, .per_second = 0},
      {.url = kUrl, .per_second = kWebhookPerSecondMax + 1, .batch_events = 0},
      {.url = kUrl, .batch_events = 0},
      {.url = kUrl, .batch_events = kWebhookBatchEventsMax + 1},
  };
  const AddWebhookStatus want[] = {url_must_not_be_empty,     event_type_must_not_be_empty,
                                   concurrency_out_of_range,  concurrency_out_of_range,
                                   per_second_out_of_range,   per_second_out_of_range,
                                   batch_events_out_of_range, batch_events_out_of_range};
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    EXPECT_EQ(refused(rows[i]), want[i]) << i;
    const ChangeWebhook change{{7},           rows[i].url,         rows[i].note,
                               rows[i].types, rows[i].concurrency, rows[i].per_second,
                               rows[i].mode,  rows[i].batch_events};
    EXPECT_EQ(static_cast<int>(refused(change)), static_cast<int>(want[i])) << i;
  }
  EXPECT_EQ(webhooks_.digest(), 0U) << "one that was never used";
}

TEST_F(WebhooksTest, KeepsWhatItIsTold) {
  EXPECT_EQ(add(), WebhookId{1});
  EXPECT_EQ(context_.facts(), 1U);
  EXPECT_TRUE(webhooks_.take_changed());
  const ChangeWebhook change{{1}, kUrl, "orders", {"org.firebrand.order_paid"}, 2, 9};
  EXPECT_EQ(apply(change).status, ChangeWebhookStatus::changed);
  EXPECT_TRUE(webhooks_.take_changed());
  EXPECT_EQ(refused(change), ChangeWebhookStatus::already_so);
  const Webhook* const webhook = webhooks_.find({1});
  ASSERT_NE(webhook, nullptr);
  EXPECT_EQ(webhook->note, "orders");
  EXPECT_EQ(webhook->types.size(), 1U);
  EXPECT_EQ(webhook->per_second, 9);
  EXPECT_EQ(webhook->mode, WebhookMode::structured);
  ChangeWebhook batches = change;
  batches.mode = WebhookMode::batch;
  EXPECT_EQ(apply(batches).status, ChangeWebhookStatus::changed);
  batches.batch_events = 7;
  EXPECT_EQ(apply(batches).status, ChangeWebhookStatus::changed);
  EXPECT_EQ(webhook->mode, WebhookMode::batch);
  EXPECT_EQ(webhook->batch_events, 7);
  (void)webhooks_.take_changed();
  EXPECT_EQ(refused(batches), ChangeWebhookStatus::already_so);
  webhooks_.check_invariants();
}

TEST_F(WebhooksTest, PausesAndGoesOn) {
  (void)add();
  (void)webhooks_.take_changed();
  EXPECT_EQ(refused(ResumeWebhook{{1}}), ResumeWebhookStatus::already_running);
  EXPECT_EQ(apply(PauseWebhook{{1}, WebhookPause::gone}).status, PauseWebhookStatus::paused);
  EXPECT_TRUE(webhooks_.take_changed());
  EXPECT_EQ(webhooks_.find({1})->paused_because, WebhookPause::gone);
  EXPECT_EQ(refused(PauseWebhook{{1}, WebhookPause::failing}), PauseWebhookStatus::already_paused);
  EXPECT_EQ(apply(ResumeWebhook{{1}}).status, ResumeWebhookStatus::resumed);
  EXPECT_EQ(webhooks_.find({1})->state, WebhookState::running);
  EXPECT_EQ(webhooks_.find({1})->paused_because, WebhookPause::by_staff);
  webhooks_.check_invariants();
}

TEST_F(WebhooksTest, RotatesItsSecret) {
  (void)add();
  (void)webhooks_.take_changed();
  EXPECT_EQ(refused(RotateWebhookSecret{{1}, -1}), RotateWebhookSecretStatus::overlap_out_of_range);
  EXPECT_EQ(refused(RotateWebhookSecret{{1}, kSecretOverlapSecondsMax + 1}),
            RotateWebhookSecretStatus::overlap_out_of_range);
  const auto rotated = apply(RotateWebhookSecret{{1}, 60}, 1'000);
  EXPECT_EQ(rotated.status, RotateWebhookSecretStatus::rotated);
  EXPECT_EQ(rotated.secret_version, 2U);
  EXPECT_EQ(rotated.old_until, from_unix_ms(61'000));
  EXPECT_EQ(apply(RotateWebhookSecret{{1}, 0}, 2'000).secret_version, 3U);
  webhooks_.check_invariants();
}

TEST_F(WebhooksTest, EndsForGood) {
  (void)add();
  EXPECT_EQ(apply(RemoveWebhook{{1}}).status, RemoveWebhookStatus::removed);
  (void)webhooks_.take_changed();
  EXPECT_EQ(refused(RemoveWebhook{{1}}), RemoveWebhookStatus::webhook_not_found);
  EXPECT_EQ(refused(PauseWebhook{{1}, {}}), PauseWebhookStatus::webhook_not_found);
  EXPECT_EQ(refused(ResumeWebhook{{1}}), ResumeWebhookStatus::webhook_not_found);
  EXPECT_EQ(refused(RotateWebhookSecret{{1}, 0}), RotateWebhookSecretStatus::webhook_not_found);
  EXPECT_EQ(refused(ChangeWebhook{.webhook_id = {1}, .url = kUrl}),
            ChangeWebhookStatus::webhook_not_found);
  EXPECT_EQ(webhooks_.find({1}), nullptr);
  EXPECT_NE(webhooks_.digest(), 0U);
  EXPECT_EQ(add(), WebhookId{2}) << "its number is not given again";
}

TEST_F(WebhooksTest, HasABound) {
  for (std::size_t i = 0; i < kWebhooksMax; ++i) { (void)add(); }
  (void)webhooks_.take_changed();
  EXPECT_EQ(refused(AddWebhook{.url = kUrl}), AddWebhookStatus::webhooks_full);
  EXPECT_EQ(webhooks_.list().size(), kWebhooksMax);
  (void)apply(RemoveWebhook{{3}});
  EXPECT_EQ(add(), WebhookId{kWebhooksMax + 1});
}

TEST_F(WebhooksTest, LoadedGoesOnAlike) {
  for (int i = 0; i < 3; ++i) { (void)add(); }
  (void)apply(RemoveWebhook{{3}});
  (void)apply(PauseWebhook{{2}, WebhookPause::failing});
  (void)apply(RotateWebhookSecret{{1}, 60});
  Webhooks loaded;
  (void)loaded.apply(AddWebhook{.url = "https://old.example/"}, context_.at(0));
  reload(webhooks_, loaded);
  EXPECT_TRUE(loaded.take_changed());
  EXPECT_EQ(loaded.find({1})->secret_version, 2U);
  EXPECT_EQ(loaded.apply(AddWebhook{.url = kUrl}, context_.at(0)).webhook_id, WebhookId{4});
  expect_no_prefix_loads(webhooks_, loaded);
  reload(Webhooks{}, loaded);
}

}  // namespace
}  // namespace firebrand
