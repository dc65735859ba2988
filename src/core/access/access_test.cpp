#include "core/access/access.hpp"

#include <gtest/gtest.h>

#include "core/core_testing.hpp"

namespace firebrand {
namespace {

SecretHash secret(std::uint8_t n) {
  SecretHash hash;
  hash.data.fill(n);
  return hash;
}

class AccessTest : public testing::Test {
 protected:
  template <class C>
  auto apply(const C& command, std::int64_t ms = 0) {
    return access_.apply(command, context_.at(ms));
  }
  void add_owner() {
    ASSERT_EQ(apply(AddStaff{"ada", StaffRole::owner, "hash"}).status, AddStaffStatus::created);
  }
  /// As run_due does.
  void pass_deadlines(std::int64_t ms) {
    while (const auto deadline = schedule_.pop_due(from_unix_ms(ms))) {
      access_.expire_due({deadline->id});
    }
  }

  TestContext context_;
  Schedule schedule_;
  Access access_{schedule_};
};

// Each refused row also breaks the checks that come later, so the tables prove their order.
TEST_F(AccessTest, AddStaffFirstFailedCheckWins) {
  using enum AddStaffStatus;
  const struct {
    AddStaff command;
    AddStaffStatus want;
    std::uint64_t staff_id = 0;
  } rows[] = {
      {{"", StaffRole::analyst, ""}, login_must_not_be_empty},
      {{"ada", StaffRole::analyst, ""}, password_hash_must_not_be_empty},
      {{"ada", StaffRole::analyst, "hash"}, first_must_be_owner},
      {{"ada", StaffRole::owner, "hash"}, created, 1},
      {{"ada", StaffRole::owner, "hash"}, login_taken},
      {{"bo", StaffRole::analyst, "hash"}, created, 2},
  };
  for (const auto& row : rows) {
    const std::uint64_t before = access_.digest();
    const AddStaffResult result = apply(row.command);
    EXPECT_EQ(result.status, row.want);
    EXPECT_EQ(result.staff_id, StaffId{row.staff_id});
    EXPECT_EQ(access_.digest() != before, row.want == created);
    EXPECT_EQ(context_.facts(), row.want == created ? 1U : 0U);
  }
  access_.check_invariants();
  EXPECT_EQ(access_.staff_count(), 2U);
  EXPECT_EQ(access_.staff_by_login("bo"), StaffId{2});
  EXPECT_EQ(access_.staff_by_login("b"), StaffId{});
  EXPECT_EQ(access_.find_staff({0}), nullptr);
  EXPECT_EQ(access_.find_staff({2})->role, StaffRole::analyst);
  EXPECT_EQ(access_.find_staff({3}), nullptr);
}

TEST_F(AccessTest, OpenSessionFirstFailedCheckWins) {
  using enum OpenSessionStatus;
  add_owner();
  const struct {
    OpenSession command;
    OpenSessionStatus want;
  } rows[] = {
      {{{9}, {}, 0}, secret_must_not_be_zero},
      {{{9}, secret(1), 0}, seconds_out_of_range},
      {{{9}, secret(1), kSessionSecondsMax + 1}, seconds_out_of_range},
      {{{9}, secret(1), 60}, staff_not_found},
      {{{0}, secret(1), 60}, staff_not_found},
      {{{1}, secret(1), 60}, opened},
      {{{9}, secret(1), 60}, staff_not_found},
      {{{1}, secret(1), 60}, secret_taken},
      {{{1}, secret(2), kSessionSecondsMax}, opened},
  };
  for (const auto& row : rows) {
    const std::uint64_t before = access_.digest();
    EXPECT_EQ(apply(row.command, 1'000).status, row.want);
    EXPECT_EQ(access_.digest() != before, row.want == opened);
  }
  access_.check_invariants();
}

TEST_F(AccessTest, ASessionEndsAtItsInstant) {
  add_owner();
  const auto opened = apply(OpenSession{{1}, secret(1), 60}, 1'000);
  EXPECT_EQ(opened.expires_at, from_unix_ms(61'000));
  EXPECT_EQ(access_.find_session(secret(1), from_unix_ms(60'999))->staff_id, StaffId{1});
  EXPECT_EQ(access_.find_session(secret(1), from_unix_ms(61'000)), nullptr);
  EXPECT_EQ(access_.find_session(secret(2), from_unix_ms(60'999)), nullptr);
  EXPECT_EQ(schedule_.next(), from_unix_ms(61'000));
  pass_deadlines(61'000);
  EXPECT_EQ(apply(CloseSession{secret(1)}, 61'000).status, CloseSessionStatus::session_not_found);
  // The secret is free again, the number of the session is not.
  EXPECT_EQ(apply(OpenSession{{1}, secret(1), 60}, 61'000).status, OpenSessionStatus::opened);
  access_.check_invariants();
}

TEST_F(AccessTest, AClosedSessionsDeadlineFindsNothing) {
  add_owner();
  (void)apply(OpenSession{{1}, secret(1), 60}, 0);
  (void)apply(OpenSession{{1}, secret(2), 60}, 0);
  EXPECT_EQ(apply(CloseSession{secret(1)}, 1'000).status, CloseSessionStatus::closed);
  EXPECT_EQ(access_.find_session(secret(1), from_unix_ms(1'000)), nullptr);
  EXPECT_EQ(schedule_.size(), 2U) << "it stays until it is due";
  // Signed in again with the same secret: the old deadline must not end the new session.
  (void)apply(OpenSession{{1}, secret(1), 600}, 1'000);
  pass_deadlines(60'000);
  EXPECT_NE(access_.find_session(secret(1), from_unix_ms(60'000)), nullptr);
  EXPECT_EQ(access_.find_session(secret(2), from_unix_ms(59'000)), nullptr);
  EXPECT_EQ(schedule_.size(), 1U) << "and not for longer";
  access_.check_invariants();
}

TEST_F(AccessTest, KeysAreAddedAndRevokedForGood) {
  EXPECT_EQ(apply(AddApiKey{"", {}}).status, AddApiKeyStatus::name_must_not_be_empty);
  EXPECT_EQ(apply(AddApiKey{"shop", {}}).status, AddApiKeyStatus::secret_must_not_be_zero);
  EXPECT_FALSE(access_.take_api_keys_changed());
  EXPECT_EQ(apply(AddApiKey{"shop", secret(1)}).api_key_id, ApiKeyId{1});
  EXPECT_TRUE(access_.take_api_keys_changed());
  EXPECT_FALSE(access_.take_api_keys_changed());
  EXPECT_EQ(apply(RevokeApiKey{{0}}).status, RevokeApiKeyStatus::api_key_not_found);
  EXPECT_EQ(apply(RevokeApiKey{{2}}).status, RevokeApiKeyStatus::api_key_not_found);
  const std::uint64_t active = access_.digest();
  EXPECT_EQ(apply(RevokeApiKey{{1}}).status, RevokeApiKeyStatus::revoked);
  EXPECT_TRUE(access_.take_api_keys_changed());
  EXPECT_NE(access_.digest(), active);
  EXPECT_EQ(apply(RevokeApiKey{{1}}).status, RevokeApiKeyStatus::already_revoked);
  EXPECT_FALSE(access_.take_api_keys_changed());
  EXPECT_EQ(access_.api_keys()[0].state, ApiKeyState::revoked);
  access_.check_invariants();
}

TEST_F(AccessTest, ARotatedKeyHasTwoSecretsForAWhile) {
  using enum RotateApiKeyStatus;
  (void)apply(AddApiKey{"shop", secret(1), 5});
  (void)apply(AddApiKey{"till", secret(2)});
  (void)apply(RevokeApiKey{{2}});
  EXPECT_EQ(apply(AddApiKey{"x", secret(3), 16}).status, AddApiKeyStatus::scopes_out_of_range);
  const struct {
    RotateApiKey command;
    std::int64_t ms;
    RotateApiKeyStatus want;
  } rows[] = {
      {{{9}, {}, -1}, 0, secret_must_not_be_zero},
      {{{9}, secret(4), -1}, 0, overlap_out_of_range},
      {{{9}, secret(4), kKeyOverlapSecondsMax + 1}, 0, overlap_out_of_range},
      {{{3}, secret(4), 60}, 0, api_key_not_found},
      {{{0}, secret(4), 60}, 0, api_key_not_found},
      {{{2}, secret(4), 60}, 0, api_key_revoked},
      {{{1}, secret(4), 60}, 0, rotated},
      {{{1}, secret(5), 60}, 59'999, api_key_rotating},
      {{{1}, secret(5), 0}, 60'000, rotated},
      {{{1}, secret(6), 60}, 60'000, rotated},
  };
  for (const auto& row : rows) {
    const std::uint64_t before = access_.digest();
    (void)access_.take_api_keys_changed();
    EXPECT_EQ(apply(row.command, row.ms).status, row.want);
    EXPECT_EQ(access_.digest() != before, row.want == rotated);
    EXPECT_EQ(access_.take_api_keys_changed(), row.want == rotated);
    access_.check_invariants();
  }
  EXPECT_EQ(access_.api_keys()[0].secret_hash, secret(6));
  const ApiKeyGrant& grant = access_.api_key_grants().at({1});
  EXPECT_EQ(grant.old_secret_hash, secret(5));
  EXPECT_EQ(grant.old_until, from_unix_ms(120'000));
  EXPECT_EQ(grant.scopes, 5U) << "what it is for stays";
  EXPECT_EQ(access_.api_key_grants().size(), 1U);
}

TEST_F(AccessTest, LoadedGoesOnAlike) {
  add_owner();
  (void)apply(AddStaff{"bo", StaffRole::store, "hash"});
  for (std::uint8_t n = 1; n <= 3; ++n) { (void)apply(OpenSession{{1}, secret(n), 60}); }
  (void)apply(CloseSession{secret(3)});
  (void)apply(AddApiKey{"shop", secret(8)});
  (void)apply(AddApiKey{"till", secret(9)});
  (void)apply(RevokeApiKey{{1}});
  (void)apply(RotateApiKey{{2}, secret(6), 60});
  Access loaded(schedule_);
  (void)loaded.apply(AddStaff{"old", StaffRole::owner, "hash"}, context_.at(0));
  reload(access_, loaded);
  EXPECT_TRUE(loaded.take_api_keys_changed());
  EXPECT_EQ(loaded.staff_by_login("bo"), StaffId{2});
  EXPECT_EQ(loaded.staff_by_login("old"), StaffId{});
  EXPECT_EQ(loaded.find_session(secret(2), from_unix_ms(59'999))->session_id.value, 2U);
  // The last session was closed: its number is not given again.
  (void)loaded.apply(OpenSession{{2}, secret(4), 60}, context_.at(0));
  EXPECT_EQ(loaded.find_session(secret(4), from_unix_ms(0))->session_id.value, 4U);
  EXPECT_EQ(loaded.apply(AddApiKey{"new", secret(7)}, context_.at(0)).api_key_id, ApiKeyId{3});
  expect_no_prefix_loads(access_, loaded);
}

TEST_F(AccessTest, TheDigestKnowsSessionsThatAreGone) {
  add_owner();
  const std::uint64_t before = access_.digest();
  (void)apply(OpenSession{{1}, secret(1), 60});
  (void)apply(CloseSession{secret(1)});
  EXPECT_NE(access_.digest(), before);
}

}  // namespace
}  // namespace firebrand
