#include "views/proof/proof_copy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "verify/public_log.hpp"
#include "views/proof/proof_testing.hpp"

namespace firebrand {
namespace {

using testing::HasSubstr;

/// The log of a sale, a backup of it, and what is put back from there in its place.
class ProofCopyTest : public ProofLogTest {
 protected:
  void SetUp() override {
    ProofLogTest::SetUp();
    backup_ = data_.string() + "-backup";
    fs::remove_all(backup_);
    fs::create_directory(backup_);
  }
  void TearDown() override {
    ProofLogTest::TearDown();
    fs::remove_all(backup_);
  }

  ProofCopies copy() {
    const auto done = copy_proof(files_, data_.string(), backup_.string());
    EXPECT_TRUE(done.has_value()) << done.error().message;
    return done ? *done : ProofCopies{};
  }
  /// The disk is lost; the backup's log comes back.
  void lose_and_restore(const ProofCopies& copies, bool goes_on) {
    projector_.reset();
    fs::remove_all(data_ / "proof");
    const auto done = restore_proof(files_, backup_.string(), data_.string(), copies, goes_on);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    open();
  }
  std::string bytes(const char* name) const {
    std::ifstream file(data_ / "proof" / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void change_byte(const fs::path& path, std::streamoff at) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const int byte = file.get();
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 1));
    ASSERT_TRUE(file.good());
  }

  fs::path backup_;
};

TEST_F(ProofCopyTest, GoesOnUnderItsNameWhereNothingIsLost) {
  order(3, 2);
  pay(1, 2);
  publish();
  const auto first = copy();
  ASSERT_EQ(first.size(), 1U);
  give_back(1, 1);
  order(4);
  pay(2);
  publish();
  const auto older = reader_.head();
  const auto copies = copy();
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_GT(copies[0].size, first[0].size);
  EXPECT_EQ(copies[0].root, older->head.head.root);
  std::vector<std::string> before;
  for (const char* name : {"log", "1.leaves", "1.places", "1.nodes", "1.placed", "1.ended"}) {
    before.push_back(bytes(name));
  }
  lose_and_restore(copies, true);
  EXPECT_EQ(reader_.head()->note, older->note);
  std::vector<std::string> after;
  for (const char* name : {"log", "1.leaves", "1.places", "1.nodes", "1.placed", "1.ended"}) {
    after.push_back(bytes(name));
  }
  EXPECT_EQ(after, before);
  give_back(1, 1);
  publish();
  const auto newer = reader_.head();
  EXPECT_EQ(newer->head.origin, older->head.origin);
  const auto proof = reader_.consistency(*newer, older->head.head.size, newer->head.head.size);
  ASSERT_TRUE(proof.has_value());
  EXPECT_TRUE(verify_consistency(older->head.head, newer->head.head, *proof));
  EXPECT_EQ(reader_.order(*newer, {1})->returned.size(), 2U);
}

TEST_F(ProofCopyTest, AnotherLogBeginsWhereMoreMayHaveBeenPublished) {
  order(3);
  publish();
  const auto old = reader_.head();
  const auto copies = copy();
  order(4);
  publish();
  lose_and_restore(copies, false);
  publish();
  const auto head = reader_.head();
  EXPECT_NE(head->head.origin, old->head.origin);
  EXPECT_EQ(head->head.head.size, old->head.head.size + 1);
  const auto statement = open_note(head->restart, old->keys);
  ASSERT_TRUE(statement.has_value());
  EXPECT_THAT(std::string(*statement), HasSubstr("old " + old->head.origin + "\n"));
  EXPECT_EQ(bytes("1.leaves").size(), old->leaf_bytes) << "the old one stays";
  open();
  EXPECT_EQ(reader_.head()->head.origin, head->head.origin) << "once";
  const auto both = copy();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0], copies[0]);
  EXPECT_EQ(both[1].root, head->head.head.root);
}

// An interrupted backup has copied more than the manifest says.
TEST_F(ProofCopyTest, IsCutToWhatTheManifestSays) {
  order(3);
  publish();
  const auto old = reader_.head();
  const auto copies = copy();
  pay(1);
  publish();
  (void)copy();
  lose_and_restore(copies, true);
  EXPECT_EQ(reader_.head()->note, old->note);
  const auto found = reader_.order(*reader_.head(), {1});
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->placed);
  EXPECT_EQ(bytes("1.ended").find_first_not_of('\0'), std::string::npos)
      << "it leads to a leaf that is to come";
}

TEST_F(ProofCopyTest, HoldsOnlyWhatHeadsStandOver) {
  EXPECT_EQ(copy().size(), 1U) << "a log whose name may be known";
  order(3);
  take();
  EXPECT_EQ(copy()[0].size, 0U);
  publish();
  EXPECT_EQ(copy()[0].size, reader_.head()->head.head.size);
  projector_.reset();
  fs::remove_all(data_ / "proof");
  EXPECT_TRUE(copy().empty());
}

TEST_F(ProofCopyTest, FindsEveryChangedByte) {
  order(3, 2);
  pay(1, 2);
  give_back(1, 1);
  publish();
  const auto copies = copy();
  for (const char* name :
       {"1.leaves", "1.places", "1.nodes", "1.placed", "1.ended", "1.next", "1.heads"}) {
    const fs::path path = backup_ / "proof" / name;
    const auto size = static_cast<std::streamoff>(fs::file_size(path));
    ASSERT_GT(size, 0) << name;
    // The last entries of index files, which are none elsewhere.
    const std::streamoff at = std::string_view(name) == "1.leaves" ? size / 2 : size - 8;
    change_byte(path, at);
    const fs::path target = data_.string() + "-restored";
    fs::create_directory(target);
    EXPECT_FALSE(restore_proof(files_, backup_.string(), target.string(), copies, true).has_value())
        << name;
    EXPECT_FALSE(fs::exists(target / "proof" / "log")) << name;
    fs::remove_all(target);
    change_byte(path, at);
  }
}

TEST_F(ProofCopyTest, TakesNoOtherLog) {
  order(3);
  publish();
  (void)copy();
  projector_.reset();
  fs::remove_all(data_ / "proof");
  open();
  publish();
  const auto done = copy_proof(files_, data_.string(), backup_.string());
  ASSERT_FALSE(done.has_value());
  EXPECT_THAT(done.error().message, HasSubstr("another public log"));
}

}  // namespace
}  // namespace firebrand
