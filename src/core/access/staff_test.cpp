#include <gtest/gtest.h>

#include <vector>

#include "core/access/access.hpp"
#include "core/core_testing.hpp"
#include "core/piece.hpp"

namespace firebrand {
namespace {

SecretHash secret(std::uint8_t n) {
  SecretHash hash;
  hash.data.fill(n);
  return hash;
}

/// Ada and Bo are owners, Cy is an analyst; each is signed in, Cy twice: secrets 1 to 4.
class StaffTest : public testing::Test {
 protected:
  template <class C>
  auto apply(const C& command, std::int64_t ms = 6'000) {
    const auto result = access_.apply(command, context_.at(ms));
    access_.check_invariants();
    return result;
  }
  void SetUp() override {
    (void)apply(AddStaff{"ada", StaffRole::owner, "hash"}, 1'000);
    (void)apply(AddStaff{"bo", StaffRole::owner, "hash"}, 2'000);
    (void)apply(AddStaff{"cy", StaffRole::analyst, "hash"}, 3'000);
    (void)apply(OpenSession{.staff_id = {1}, .secret_hash = secret(1), .seconds = 60}, 4'000);
    (void)apply(OpenSession{.staff_id = {2}, .secret_hash = secret(2), .seconds = 60}, 4'000);
    (void)apply(
        OpenSession{
            .staff_id = {3}, .secret_hash = secret(3), .seconds = 60, .agent = "Firefox, Linux"},
        4'000);
    (void)apply(OpenSession{.staff_id = {3}, .secret_hash = secret(4), .seconds = 60}, 5'000);
  }
  [[nodiscard]] bool signed_in(std::uint8_t n) const {
    return access_.find_session(secret(n), from_unix_ms(6'000)) != nullptr;
  }
  /// Cy has a second factor, whose code of time step 100 was used to begin with it.
  void begin_second_factor() {
    ASSERT_EQ(apply(PrepareSecondFactor{{3}}).version, 1U);
    ASSERT_EQ(apply(ConfirmSecondFactor{{3}, 1, 100, secret(3)}).status,
              ConfirmSecondFactorStatus::confirmed);
  }
  /// With a secret of its own each time.
  OpenSessionStatus sign_in(std::uint64_t step, std::uint32_t recovery_code) {
    return apply(OpenSession{.staff_id = {3},
                             .secret_hash = secret(++secrets_),
                             .seconds = 60,
                             .second_factor_step = step,
                             .recovery_code = recovery_code})
        .status;
  }

  TestContext context_;
  Schedule schedule_;
  Access access_{schedule_};
  std::uint8_t secrets_ = 100;
};

TEST_F(StaffTest, SomebodyIsAlwaysLeftWhoMayDoEverything) {
  using enum ChangeStaffRoleStatus;
  const struct {
    ChangeStaffRole command;
    ChangeStaffRoleStatus want;
  } rows[] = {
      {{{0}, StaffRole::owner}, staff_not_found}, {{{4}, StaffRole::owner}, staff_not_found},
      {{{1}, StaffRole::owner}, already_so},      {{{1}, StaffRole::store}, changed},
      {{{2}, StaffRole::store}, last_owner},      {{{2}, StaffRole::owner}, already_so},
      {{{3}, StaffRole::owner}, changed},         {{{2}, StaffRole::store}, changed},
      {{{3}, StaffRole::marketer}, last_owner},
  };
  for (const auto& row : rows) {
    const std::uint64_t before = access_.digest();
    EXPECT_EQ(apply(row.command).status, row.want);
    EXPECT_EQ(access_.digest() != before, row.want == changed);
    EXPECT_EQ(context_.facts(), row.want == changed ? 1U : 0U);
  }
  EXPECT_EQ(access_.find_staff({1})->role, StaffRole::store);
  EXPECT_TRUE(signed_in(1)) << "and does other things from the next request on";
}

TEST_F(StaffTest, WhoeverLeavesIsSignedOutAndFreesTheName) {
  using enum RemoveStaffStatus;
  begin_second_factor();
  const struct {
    RemoveStaff command;
    RemoveStaffStatus want;
  } rows[] = {
      {{{0}}, staff_not_found}, {{{4}}, staff_not_found}, {{{3}}, removed},
      {{{3}}, already_removed}, {{{1}}, removed},         {{{2}}, last_owner},
  };
  for (const auto& row : rows) {
    const std::uint64_t before = access_.digest();
    EXPECT_EQ(apply(row.command, 7'000).status, row.want);
    EXPECT_EQ(access_.digest() != before, row.want == removed);
    EXPECT_EQ(context_.facts(), row.want == removed ? 1U : 0U);
  }
  EXPECT_FALSE(signed_in(1) || signed_in(3) || signed_in(4));
  EXPECT_TRUE(signed_in(2));
  EXPECT_EQ(access_.find_staff({3}), nullptr);
  EXPECT_EQ(access_.second_factor({3}), nullptr);
  const Staff& gone = access_.staff()[2];
  EXPECT_EQ(gone.login.view(), "cy") << "who did what is asked later too";
  EXPECT_EQ(gone.state, StaffState::gone);
  EXPECT_TRUE(gone.password_hash.empty());
  EXPECT_EQ(gone.joined_at, from_unix_ms(3'000));
  EXPECT_EQ(gone.left_at, from_unix_ms(7'000));

  EXPECT_EQ(apply(ChangeStaffRole{{3}, StaffRole::store}).status,
            ChangeStaffRoleStatus::staff_not_found);
  EXPECT_EQ(apply(SetPassword{{3}, "hash"}).status, SetPasswordStatus::staff_not_found);
  EXPECT_EQ(apply(PrepareSecondFactor{{3}}).status, PrepareSecondFactorStatus::staff_not_found);
  EXPECT_EQ(sign_in(0, 0), OpenSessionStatus::staff_not_found);
  EXPECT_EQ(access_.staff_by_login("cy"), StaffId{});
  EXPECT_EQ(apply(AddStaff{"cy", StaffRole::expert, "hash"}).staff_id, StaffId{4});
  EXPECT_EQ(access_.staff_by_login("cy"), StaffId{4});
  EXPECT_EQ(access_.staff_count(), 4U);
}

TEST_F(StaffTest, AnotherPasswordEndsTheOtherSessions) {
  using enum SetPasswordStatus;
  EXPECT_EQ(apply(SetPassword{{9}, ""}).status, password_hash_must_not_be_empty);
  EXPECT_EQ(apply(SetPassword{{9}, "other"}).status, staff_not_found);
  EXPECT_EQ(apply(SetPassword{{3}, "other", secret(4)}).status, changed);
  EXPECT_EQ(context_.facts(), 1U);
  EXPECT_EQ(access_.find_staff({3})->password_hash.view(), "other");
  EXPECT_TRUE(signed_in(1) && signed_in(2) && signed_in(4));
  EXPECT_FALSE(signed_in(3));
  // Somebody else's session is not kept in place of one's own.
  EXPECT_EQ(apply(SetPassword{{3}, "again", secret(1)}).status, changed);
  EXPECT_FALSE(signed_in(4));
  EXPECT_EQ(apply(SetPassword{{1}, "again"}).status, changed);
  EXPECT_FALSE(signed_in(1));
  EXPECT_TRUE(signed_in(2));
}

TEST_F(StaffTest, SessionsAreEndedByNumber) {
  using enum RevokeSessionStatus;
  const struct {
    RevokeSession command;
    RevokeSessionStatus want;
  } rows[] = {
      {{{0}, {}}, staff_session_not_found},  {{{5}, {}}, staff_session_not_found},
      {{{3}, {1}}, staff_session_not_found}, {{{3}, {3}}, revoked},
      {{{3}, {3}}, staff_session_not_found}, {{{2}, {}}, revoked},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(apply(row.command).status, row.want);
    EXPECT_EQ(context_.facts(), row.want == revoked ? 1U : 0U);
  }
  EXPECT_TRUE(signed_in(1) && signed_in(4));
  EXPECT_FALSE(signed_in(2) || signed_in(3));
}

TEST_F(StaffTest, SessionsAreGoneThroughOldestFirst) {
  const auto numbers = [&](StaffId whose) {
    std::vector<std::uint64_t> found;
    SessionId last{};
    while (const Session* const session = access_.next_session(whose, last)) {
      last = session->session_id;
      found.push_back(last.value);
    }
    return found;
  };
  EXPECT_EQ(numbers({}), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(numbers({1}), std::vector<std::uint64_t>{1});
  EXPECT_EQ(numbers({3}), (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(numbers({4}), std::vector<std::uint64_t>{});
  const Session* const third = access_.next_session({3}, {});
  EXPECT_EQ(third->opened_at, from_unix_ms(4'000));
  EXPECT_EQ(third->agent.view(), "Firefox, Linux");
}

TEST_F(StaffTest, ASecondFactorBeginsWithACodeOfItsNewestSecret) {
  using enum ConfirmSecondFactorStatus;
  EXPECT_EQ(apply(PrepareSecondFactor{{4}}).status, PrepareSecondFactorStatus::staff_not_found);
  EXPECT_EQ(apply(ConfirmSecondFactor{{3}, 0, 7}).status, version_stale) << "none was taken";
  EXPECT_EQ(apply(PrepareSecondFactor{{3}}).version, 1U);
  EXPECT_EQ(sign_in(0, 0), OpenSessionStatus::opened) << "taken, and not asked for yet";
  EXPECT_EQ(apply(PrepareSecondFactor{{3}}).version, 2U);
  const struct {
    ConfirmSecondFactor command;
    ConfirmSecondFactorStatus want;
  } rows[] = {
      {{{4}, 1, 0}, step_must_not_be_zero},
      {{{4}, 1, 7}, staff_not_found},
      {{{3}, 1, 7}, version_stale},
      {{{3}, 3, 7}, version_stale},
      {{{3}, 2, 7}, confirmed},
      {{{3}, 2, 8}, second_factor_active},
      {{{3}, 1, 8}, second_factor_active},
  };
  for (const auto& row : rows) {
    const std::uint64_t before = access_.digest();
    EXPECT_EQ(apply(row.command).status, row.want);
    EXPECT_EQ(access_.digest() != before, row.want == confirmed);
    EXPECT_EQ(context_.facts(), row.want == confirmed ? 1U : 0U);
  }
  EXPECT_EQ(apply(PrepareSecondFactor{{3}}).status,
            PrepareSecondFactorStatus::second_factor_active);
  EXPECT_EQ(access_.second_factor({3})->last_step, 7U);
}

TEST_F(StaffTest, SessionsFromBeforeTheSecondFactorEnd) {
  begin_second_factor();
  EXPECT_TRUE(signed_in(3)) << "whose session turned it on";
  EXPECT_FALSE(signed_in(4));
  EXPECT_TRUE(signed_in(1) && signed_in(2));
}

TEST_F(StaffTest, OnlyWhoIsAnOwnerWhenItIsAppliedDecidesAboutOthers) {
  begin_second_factor();
  ASSERT_EQ(apply(ChangeStaffRole{{2}, StaffRole::marketer}).status,
            ChangeStaffRoleStatus::changed);
  const auto as = [&](std::uint64_t staff, const auto& command) {
    CommandContext context = context_.at(6'000);
    context.actor = {ActorKind::staff, staff};
    const auto result = access_.apply(command, context);
    access_.check_invariants();
    return result.status;
  };
  for (const std::uint64_t nobody : {2U, 3U, 9U}) {  // Demoted, an analyst, not there.
    EXPECT_EQ(as(nobody, AddStaff{"bo2", StaffRole::owner, "hash"}), AddStaffStatus::forbidden);
    EXPECT_EQ(as(nobody, ChangeStaffRole{{2}, StaffRole::owner}), ChangeStaffRoleStatus::forbidden);
    EXPECT_EQ(as(nobody, RemoveStaff{{3}}), RemoveStaffStatus::forbidden);
    EXPECT_EQ(as(nobody, RevokeSession{{1}, {}}), RevokeSessionStatus::forbidden);
  }
  EXPECT_EQ(as(2, RemoveSecondFactor{{3}}), RemoveSecondFactorStatus::forbidden);
  EXPECT_EQ(as(3, RemoveSecondFactor{{3}}), RemoveSecondFactorStatus::removed) << "their own";
  EXPECT_EQ(as(2, RevokeSession{{2}, {2}}), RevokeSessionStatus::revoked) << "their own";
  EXPECT_EQ(as(1, RemoveStaff{{2}}), RemoveStaffStatus::removed);
  EXPECT_EQ(as(2, AddStaff{"bo", StaffRole::owner, "hash"}), AddStaffStatus::forbidden);
  EXPECT_EQ(as(1, AddStaff{"bo", StaffRole::owner, "hash"}), AddStaffStatus::created);
}

TEST_F(StaffTest, ACodeOpensOnce) {
  using enum OpenSessionStatus;
  begin_second_factor();
  const struct {
    std::uint64_t step;
    std::uint32_t recovery_code;
    OpenSessionStatus want;
  } rows[] = {
      {0, 11, recovery_code_out_of_range},
      {0, 0, second_factor_needed},
      {101, 1, second_factor_needed},
      {100, 0, second_factor_used},
      {99, 0, second_factor_used},
      {101, 0, opened},
      {101, 0, second_factor_used},
      {103, 0, opened},
      {102, 0, second_factor_used},
      {0, 1, opened},
      {0, 1, second_factor_used},
      {0, 10, opened},
      {0, 10, second_factor_used},
      {0, 9, opened},
      {104, 0, opened},
  };
  for (const auto& row : rows) {
    const std::uint64_t before = access_.digest();
    EXPECT_EQ(sign_in(row.step, row.recovery_code), row.want)
        << row.step << ", " << row.recovery_code;
    EXPECT_EQ(access_.digest() != before, row.want == opened);
  }
  // Others are not asked.
  EXPECT_EQ(apply(OpenSession{.staff_id = {1}, .secret_hash = secret(9), .seconds = 60}).status,
            opened);
  EXPECT_EQ(access_.second_factor({3})->used_recovery_codes, 0b11'0000'0001U);
}

TEST_F(StaffTest, ARefusalBeforeTheSecondFactorUsesNoCode) {
  begin_second_factor();
  const OpenSession taken{
      .staff_id = {3}, .secret_hash = secret(1), .seconds = 60, .second_factor_step = 101};
  EXPECT_EQ(apply(taken).status, OpenSessionStatus::secret_taken);
  EXPECT_EQ(sign_in(101, 0), OpenSessionStatus::opened);
}

TEST_F(StaffTest, ARemovedSecondFactorsSecretIsNeverGivenAgain) {
  using enum RemoveSecondFactorStatus;
  EXPECT_EQ(apply(RemoveSecondFactor{{4}}).status, staff_not_found);
  EXPECT_EQ(apply(RemoveSecondFactor{{3}}).status, no_second_factor);
  begin_second_factor();
  EXPECT_EQ(sign_in(0, 2), OpenSessionStatus::opened);
  EXPECT_EQ(apply(RemoveSecondFactor{{3}}).status, removed);
  EXPECT_EQ(context_.facts(), 1U);
  EXPECT_EQ(apply(RemoveSecondFactor{{3}}).status, no_second_factor);
  EXPECT_EQ(sign_in(0, 0), OpenSessionStatus::opened);
  EXPECT_EQ(apply(ConfirmSecondFactor{{3}, 1, 200}).status,
            ConfirmSecondFactorStatus::version_stale);
  EXPECT_EQ(apply(PrepareSecondFactor{{3}}).version, 3U);
  EXPECT_EQ(apply(ConfirmSecondFactor{{3}, 3, 50}).status, ConfirmSecondFactorStatus::confirmed);
  // Codes of another secret: neither the time steps nor the recovery codes used count.
  EXPECT_EQ(sign_in(51, 0), OpenSessionStatus::opened);
  EXPECT_EQ(sign_in(0, 2), OpenSessionStatus::opened);
}

TEST_F(StaffTest, LoadedGoesOnAlike) {
  begin_second_factor();
  (void)sign_in(105, 0);
  (void)sign_in(0, 3);
  (void)apply(PrepareSecondFactor{{1}});
  (void)apply(RemoveStaff{{2}});
  Access loaded(schedule_);
  reload(access_, loaded);
  EXPECT_EQ(loaded.find_staff({2}), nullptr);
  EXPECT_EQ(loaded.staff_by_login("bo"), StaffId{});
  const OpenSession again{
      .staff_id = {3}, .secret_hash = secret(9), .seconds = 60, .second_factor_step = 105};
  EXPECT_EQ(loaded.apply(again, context_.at(0)).status, OpenSessionStatus::second_factor_used);
  EXPECT_EQ(loaded.apply(RemoveStaff{{1}}, context_.at(0)).status, RemoveStaffStatus::last_owner);
  EXPECT_EQ(loaded.apply(PrepareSecondFactor{{1}}, context_.at(0)).version, 2U);
  EXPECT_EQ(loaded.next_session({3}, {})->agent.view(), "Firefox, Linux");
  expect_no_prefix_loads(access_, loaded);
}

// ---- What was there before ---------------------------------------------------------------------

/// As versions 1 and 2 of the piece have them.
struct OldStaff {
  static constexpr std::string_view kName = "old_staff";
  Text<kLoginBytesMax> login{};
  StaffRole role{};
  Text<kPasswordHashBytesMax> password_hash{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "login", self.login, From::body, Rule{}, "");
    field(2, "role", self.role, From::body, Rule{}, "");
    field(3, "password_hash", self.password_hash, From::body, Rule{}, "");
  }
};

struct OldSession {
  static constexpr std::string_view kName = "old_session";
  SessionId session_id{};
  StaffId staff_id{};
  SecretHash secret_hash{};
  Timestamp expires_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "session_id", self.session_id, From::body, Rule{}, "");
    field(2, "staff_id", self.staff_id, From::body, Rule{}, "");
    field(3, "secret_hash", self.secret_hash, From::body, Rule{}, "");
    field(4, "expires_at", self.expires_at, From::body, Rule{}, "");
  }
};

// A server that begins with such a snapshot and one that replays the same records must agree.
TEST(OlderStaff, AreTheSameFromASnapshotAndFromTheLog) {
  MemorySink sink;
  save_entries(sink, std::vector<OldStaff>{{"ada", StaffRole::owner, "hash"}});
  put_u64(sink, 1);
  save_entries(sink, std::vector<OldSession>{{{1}, {1}, secret(1), from_unix_ms(61'000)}});
  put_u64(sink, 0);
  put_u64(sink, 0);
  const std::vector<std::byte> bytes = sink.bytes();
  Schedule schedule;
  Access loaded(schedule);
  MemorySource source(bytes);
  ASSERT_TRUE(loaded.load(source, 2));
  EXPECT_EQ(source.bytes_left(), 0U);
  loaded.check_invariants();

  TestContext context;
  CommandContext older = context.at(1'000);
  older.rules_version = kRulesStaffDated - 1;
  Access replayed(schedule);
  (void)replayed.apply(AddStaff{"ada", StaffRole::owner, "hash"}, older);
  (void)replayed.apply(OpenSession{.staff_id = {1}, .secret_hash = secret(1), .seconds = 60},
                       older);
  EXPECT_EQ(replayed.digest(), loaded.digest());
  EXPECT_EQ(replayed.staff()[0].joined_at, Timestamp{});
  EXPECT_EQ(replayed.next_session({}, {})->opened_at, Timestamp{});
}

}  // namespace
}  // namespace firebrand
