#include "views/proof/proof_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/hex.hpp"
#include "verify/public_log.hpp"
#include "verify/stock_book.hpp"
#include "views/proof/proof_testing.hpp"

namespace firebrand {
namespace {

using testing::HasSubstr;

TEST_F(ProofLogTest, AStrangerFollowsEveryUnitOfASale) {
  order(3);
  order(4);
  pay(1);
  (void)client_->ask<CancelOrderResult>(CancelOrder{{2}, {4}});
  client_->settle();
  publish();
  const auto head = reader_.head();
  const std::string leaves = all_leaves();
  const auto log = open_log(leaves, head->note, head->keys);
  ASSERT_TRUE(log.has_value()) << log.error().en;
  StockBook book;
  const auto read = for_each_leaf(*log, [&](const ProofLeaf& leaf) { return book.take(leaf); });
  ASSERT_TRUE(read.has_value()) << read.error().en;
  const DropStock& drop = book.drops().at("drop_1");
  EXPECT_EQ(drop.announced, 50);
  EXPECT_EQ(drop.offered, 50);
  EXPECT_EQ(drop.sold, 1);
  EXPECT_EQ(drop.held, 0);
  EXPECT_EQ(drop.available(), 49);
  for (std::size_t at = leaves.find("per_"); at != std::string::npos;
       at = leaves.find("per_", at + 1)) {
    EXPECT_EQ(leaves.compare(at, 16, "per_person_limit"), 0) << "no person stands in it";
  }
}

TEST_F(ProofLogTest, EachLeafIsProvenAndAnOrderIsFound) {
  order(3);
  pay(1);
  publish();
  const auto head = reader_.head();
  const MerkleHead& tree = head->head.head;
  for (std::uint64_t leaf = 0; leaf < tree.size; ++leaf) {
    const auto proof = reader_.inclusion(*head, leaf, tree.size);
    ASSERT_TRUE(proof.has_value());
    EXPECT_TRUE(verify_inclusion(*reader_.leaf_hash(*head, leaf), leaf, *proof, tree));
  }
  const auto found = reader_.order(*head, {1});
  ASSERT_TRUE(found.has_value());
  ASSERT_TRUE(found->placed && found->ended);
  EXPECT_THAT(*reader_.entries(*head, *found->placed, *found->placed + 1),
              HasSubstr(" order_placed order=" + to_hex(order_name({1}, opening(1, 1, 0)).data)));
  EXPECT_THAT(*reader_.entries(*head, *found->ended, *found->ended + 1), HasSubstr(" order_paid "));
  const auto none = reader_.order(*head, {2});
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->placed || none->ended);
}

// Also when what no head stands over was written before, and is written again.
TEST_F(ProofLogTest, AnOrderIsFoundWithAllThatCameBack) {
  order(3, 2);
  order(4, 2);
  pay(1, 2);
  pay(2, 2);
  give_back(1, 1);
  publish();
  give_back(2, 2);
  give_back(1, 1);
  take();
  const auto early = reader_.order(*reader_.head(), {1});
  ASSERT_TRUE(early.has_value());
  EXPECT_EQ(early->returned.size(), 1U) << "what no head stands over is not told";
  open();
  publish();
  const auto head = reader_.head();
  const auto first = reader_.order(*head, {1});
  const auto second = reader_.order(*head, {2});
  ASSERT_TRUE(first.has_value() && second.has_value());
  ASSERT_EQ(first->returned.size(), 2U);
  ASSERT_EQ(second->returned.size(), 1U);
  EXPECT_EQ(second->returned[0], first->returned[0] + 1);
  EXPECT_EQ(first->returned[1], first->returned[0] + 2);
  const std::string name = to_hex(order_name({1}, opening(1, 1, 0)).data);
  for (const std::uint64_t leaf : first->returned) {
    EXPECT_THAT(*reader_.entries(*head, leaf, leaf + 1),
                HasSubstr(" units_returned order=" + name + " units=1 to=on_sale"));
  }
}

TEST_F(ProofLogTest, GoesOnAfterAStartAndOnlyGrows) {
  order(3);
  publish();
  const auto older = reader_.head();
  open();
  EXPECT_EQ(reader_.head()->note, older->note);
  order(4);
  publish();
  const auto newer = reader_.head();
  const auto proof = reader_.consistency(*newer, older->head.head.size, newer->head.head.size);
  ASSERT_TRUE(proof.has_value());
  EXPECT_TRUE(verify_consistency(older->head.head, newer->head.head, *proof));
  EXPECT_EQ(newer->head.origin, older->head.origin);
}

// What has no head is not published: it is written again, to the same bytes.
TEST_F(ProofLogTest, WritesAgainWhatNoHeadStandsOver) {
  publish();
  order(3);
  order(4);
  take();
  open();
  publish();
  const std::string once = all_leaves();
  const std::string origin = reader_.head()->head.origin;
  fs::remove_all(data_ / "proof");
  open();
  publish();
  EXPECT_EQ(all_leaves(), once);
  EXPECT_NE(reader_.head()->head.origin, origin);
}

TEST_F(ProofLogTest, ATornHeadIsPassedOver) {
  order(3);
  publish();
  const auto good = reader_.head();
  order(4);
  publish();
  const fs::path heads = data_ / "proof" / "1.heads";
  fs::resize_file(heads, fs::file_size(heads) - 10);
  open();
  EXPECT_EQ(reader_.head()->note, good->note);
  publish();
  EXPECT_EQ(reader_.head()->head.head.size, good->head.head.size + 1);
}

TEST_F(ProofLogTest, DamageIsRefusedAndSaysWhatCanBeDone) {
  order(3);
  publish();
  const fs::path nodes = data_ / "proof" / "1.nodes";
  const std::string damage(fs::file_size(nodes), 'x');
  std::ofstream(nodes, std::ios::binary) << damage;
  projector_.reset();
  const auto opened = ProofProjector::open(files_, data_.string(), options(), reader_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("move it out of the data directory"));
}

TEST_F(ProofLogTest, ALogWhoseNameIsLostStays) {
  order(3);
  publish();
  const auto leaves = fs::file_size(data_ / "proof" / "1.leaves");
  projector_.reset();
  fs::remove(data_ / "proof" / "log");
  const auto opened = ProofProjector::open(files_, data_.string(), options(), reader_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("name of its log is lost"));
  EXPECT_EQ(fs::file_size(data_ / "proof" / "1.leaves"), leaves);
}

// An older backup of facts/ was put back: what the log tells from there on has not happened.
TEST_F(ProofLogTest, ARestoreBeginsANewLogWithASignedStatement) {
  order(3);
  const log::Position before = node_->projector().stored();
  order(4);
  publish();
  const auto old = reader_.head();
  take(before);
  const auto done = projector_->publish();
  ASSERT_TRUE(done.has_value());
  const auto head = reader_.head();
  EXPECT_NE(head->head.origin, old->head.origin);
  EXPECT_EQ(head->head.head.size + 1, old->head.head.size);
  const auto statement = open_note(head->restart, old->keys);
  ASSERT_TRUE(statement.has_value());
  EXPECT_THAT(std::string(*statement), HasSubstr("old " + old->head.origin + "\n"));
  EXPECT_THAT(std::string(*statement), HasSubstr("new " + head->head.origin + "\n"));
  open();
  EXPECT_EQ(reader_.head()->head.origin, head->head.origin);
  EXPECT_EQ(reader_.head()->restart, head->restart);
}

TEST_F(ProofLogTest, AFactOfAnotherHistoryBeginsANewLog) {
  order(3);
  publish();
  const auto old = reader_.head();
  projector_.reset();
  ProofOptions other = options();
  other.names.order = [](OrderId id) { return opening(9, id.value, 0); };
  auto opened = ProofProjector::open(files_, data_.string(), other, reader_);
  ASSERT_TRUE(opened.has_value());
  projector_ = std::move(*opened);
  publish();
  EXPECT_NE(reader_.head()->head.origin, old->head.origin);
  EXPECT_FALSE(reader_.head()->restart.empty());
}

}  // namespace
}  // namespace firebrand
