#include "core/engine/answers.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/core_testing.hpp"
#include "core/engine/state.hpp"

namespace firebrand {
namespace {

class AnswersTest : public testing::Test {
 protected:
  template <class C>
  void apply(const C& command, std::int64_t ms = 1'000) {
    ASSERT_LT(static_cast<int>(state_.access.apply(command, context_.at(ms)).status), 10);
  }
  void add_staff(std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i) {
      const std::string login = "member-" + std::to_string(i);
      apply(AddStaff{std::string_view(login), StaffRole::owner, "hash"});
    }
  }
  void sign_in(StaffId id, std::int32_t seconds) {
    SecretHash secret;
    secret.data[0] = ++secrets_;
    apply(OpenSession{.staff_id = id, .secret_hash = secret, .seconds = seconds});
  }

  TestContext context_;
  State state_;
  std::uint8_t secrets_ = 0;
};

TEST_F(AnswersTest, SessionsComeInPages) {
  add_staff(2);
  for (std::size_t i = 0; i < kSessionsPerAnswer; ++i) { sign_in({1}, 60); }
  sign_in({2}, 10);
  sign_in({2}, 60);
  const auto ask = [&](StaffId whose, SessionId after, std::int64_t ms) {
    return answer_query(state_, FindSessions{whose, after}, from_unix_ms(ms));
  };
  const FindSessionsResult first = ask({}, {}, 2'000);
  ASSERT_EQ(first.sessions.size(), kSessionsPerAnswer);
  EXPECT_TRUE(first.more);
  const SessionId last = first.sessions[kSessionsPerAnswer - 1].session_id;
  const FindSessionsResult second = ask({}, last, 2'000);
  ASSERT_EQ(second.sessions.size(), 2U);
  EXPECT_FALSE(second.more);
  EXPECT_EQ(second.sessions[0].session_id.value, last.value + 1);
  EXPECT_EQ(second.sessions[1].login.view(), "member-2");
  // One whose time is over is in no list, even before it is put away.
  EXPECT_EQ(ask({}, last, 11'000).sessions.size(), 1U);
  EXPECT_FALSE(ask({1}, {}, 2'000).more) << "those of others do not count";
  EXPECT_EQ(ask({2}, {}, 2'000).sessions.size(), 2U);
  EXPECT_TRUE(ask({2}, {}, 61'000).sessions.empty());
}

TEST_F(AnswersTest, StaffComeInPagesWithThoseWhoLeft) {
  add_staff(kStaffPerAnswer + 1);
  apply(RemoveStaff{{2}}, 5'000);
  apply(PrepareSecondFactor{{1}});
  apply(ConfirmSecondFactor{{1}, 1, 7});
  const FindStaffListResult first = answer_query(state_, FindStaffList{}, {});
  ASSERT_EQ(first.staff.size(), kStaffPerAnswer);
  EXPECT_TRUE(first.more);
  EXPECT_TRUE(first.staff[0].second_factor);
  EXPECT_EQ(first.staff[1].state, StaffState::gone);
  EXPECT_EQ(first.staff[1].left_at, from_unix_ms(5'000));
  EXPECT_EQ(first.staff[2].joined_at, from_unix_ms(1'000));
  const FindStaffListResult second = answer_query(state_, FindStaffList{{kStaffPerAnswer}}, {});
  ASSERT_EQ(second.staff.size(), 1U);
  EXPECT_FALSE(second.more);
  EXPECT_EQ(second.staff[0].staff_id.value, kStaffPerAnswer + 1);
  EXPECT_TRUE(answer_query(state_, FindStaffList{{kStaffPerAnswer + 1}}, {}).staff.empty());
}

TEST_F(AnswersTest, SaysWhatIsNeededToCheckACode) {
  add_staff(1);
  apply(PrepareSecondFactor{{1}});
  // Taken, and not asked for yet.
  EXPECT_EQ(answer_query(state_, FindStaff{"member-1"}, {}).second_factor_version, 0U);
  const FindSecondFactorResult taken = answer_query(state_, FindSecondFactor{{1}}, {});
  EXPECT_EQ(taken.status, FindStatus::found);
  EXPECT_EQ(taken.second_factor.version, 1U);
  EXPECT_FALSE(taken.second_factor.active);
  apply(ConfirmSecondFactor{{1}, 1, 7});
  const FindStaffResult staff = answer_query(state_, FindStaff{"member-1"}, {});
  EXPECT_EQ(staff.second_factor_version, 1U);
  EXPECT_EQ(staff.last_step, 7U);
  EXPECT_EQ(answer_query(state_, FindSecondFactor{{2}}, {}).status, FindStatus::not_found);
}

}  // namespace
}  // namespace firebrand
