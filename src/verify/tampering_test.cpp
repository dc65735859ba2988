// Each published file with each of its bits changed: none is taken for true, and each refusal says
// in both languages what does not fit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/draw.hpp"
#include "base/hex.hpp"
#include "base/shuffled_order.hpp"
#include "verify/draw_check.hpp"
#include "verify/public_log.hpp"
#include "verify/queue_check.hpp"
#include "verify/receipt_check.hpp"
#include "verify/verify_testing.hpp"

namespace firebrand {
namespace {

using testing::HasSubstr;

constexpr char kReveal[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr char kBeacon[] = "1b3f93d9af328d51b52522b3cd20c626268f0c1984252f7f02ff16b4ebed7bf9";

Hash256 hash_of(std::string_view hex) {
  Hash256 hash;
  EXPECT_TRUE(from_hex(hex, hash.data));
  return hash;
}

void expect_words(const Words& words) {
  EXPECT_FALSE(words.en.empty());
  EXPECT_FALSE(words.zh.empty());
}

TEST(Tampering, OfTheLeavesOrTheHeadIsFound) {
  TestLog log;
  log.add("stock_received sku=sku_1 units=100")
      .add("drop_created drop=drop_1 sku=sku_1 units=50 per_person_limit=2")
      .add("wave_released drop=drop_1 wave=1 units=30");
  const std::string leaves = log.leaves();
  const std::string head = log.head();
  ASSERT_TRUE(open_log(leaves, head, log.keys()).has_value());
  each_change(leaves, [&](const std::string& other) {
    const auto opened = open_log(other, head, log.keys());
    ASSERT_FALSE(opened.has_value()) << other;
    expect_words(opened.error());
  });
  each_change(head, [&](const std::string& other) {
    const auto opened = open_log(leaves, other, log.keys());
    ASSERT_FALSE(opened.has_value()) << other;
    expect_words(opened.error());
  });
}

TEST(Tampering, ARewrittenLogDoesNotFitAnOlderHead) {
  TestLog log;
  log.add("stock_received sku=sku_1 units=100");
  const std::string older = log.head();
  const auto check = [&](const TestLog& newer) {
    const std::string leaves = newer.leaves();
    const auto opened = open_log(leaves, newer.head(), newer.keys());
    EXPECT_TRUE(opened.has_value());
    return check_older_head(*opened, older, newer.keys());
  };
  log.add("stock_received sku=sku_1 units=1");
  EXPECT_TRUE(check(log).has_value());
  TestLog other;
  other.add("stock_received sku=sku_1 units=90").add("stock_received sku=sku_1 units=11");
  const auto checked = check(other);
  ASSERT_FALSE(checked.has_value());
  EXPECT_THAT(checked.error().en, HasSubstr("the log was rewritten"));
}

/// A receipt of the second, fourth and last two leaves.
struct Bought {
  TestLog log;
  std::string receipt;

  Bought() {
    const ProofOpening order_opening{{1, 2, 3}};
    const ProofOpening buyer_opening{{4, 5, 6}};
    const std::string order = to_hex(proof_name("order", "ord_7", order_opening).data);
    const std::string buyer = to_hex(proof_name("buyer", "drop_1 per_9", buyer_opening).data);
    log.add("wave_released drop=drop_1 wave=1 units=30")
        .add("order_placed order=" + order + " buyer=" + buyer + " drop=drop_1 wave=1 units=3")
        .add("order_placed order=ab buyer=cd drop=drop_1 wave=1 units=1")
        .add("order_paid order=" + order)
        .add("order_paid order=ab")
        .add("units_returned order=" + order + " units=1 to=on_sale")
        .add("units_returned order=" + order + " units=1 to=returned");
    receipt = "firebrand-receipt/1\norder ord_7\norder_opening " + to_hex(order_opening.data) +
              "\nbuyer per_9\nbuyer_opening " + to_hex(buyer_opening.data) + "\n" + stamped(1) +
              stamped(3) + stamped(5) + stamped(6) + "head\n" + log.head();
  }
  [[nodiscard]] std::string stamped(std::uint64_t leaf) const {
    std::string text = "leaf " + std::to_string(leaf) + " " + log.lines[leaf] + "\npath";
    for (const Hash256& node : log.path(leaf)) { text += " " + to_hex(node.data); }
    return text + "\n";
  }
};

TEST(Tampering, OfAReceiptIsFound) {
  const Bought bought;
  const auto checked = check_receipt(bought.receipt, bought.log.keys());
  ASSERT_TRUE(checked.has_value()) << checked.error().en;
  EXPECT_THAT(checked->at(1).en, HasSubstr("3 ordered in drop_1, wave 1"));
  EXPECT_THAT(checked->at(2).zh, HasSubstr("已付款"));
  EXPECT_THAT(checked->at(3).en, HasSubstr("1 came back, and went on sale again"));
  EXPECT_THAT(checked->at(4).zh, HasSubstr("退回 1 件，不再出售"));
  EXPECT_EQ(checked->at(5).en, "  Paid and kept, as far as this receipt goes: 1.");
  each_change(bought.receipt, [&](const std::string& other) {
    const auto refused = check_receipt(other, bought.log.keys());
    ASSERT_FALSE(refused.has_value()) << other;
    expect_words(refused.error());
  });
}

TEST(Tampering, AReceiptOfSomebodyElsesLeafIsFound) {
  const Bought bought;
  std::string other = bought.receipt;
  const std::string mine = bought.stamped(3);
  other.replace(other.find(mine), mine.size(), bought.stamped(4));
  const auto refused = check_receipt(other, bought.log.keys());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().en, HasSubstr("about another order"));
}

TEST(Tampering, NothingComesBackThatWasNotPaid) {
  const Bought bought;
  std::string other = bought.receipt;
  const std::string paid = bought.stamped(3);
  other.erase(other.find(paid), paid.size());
  const auto refused = check_receipt(other, bought.log.keys());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().en, HasSubstr("more came back than was paid"));
}

/// A draw of four entrants over two units, with one of each kind of line.
struct Drawn {
  TestLog log;
  std::string record;

  Drawn() {
    const Hash256 reveal = hash_of(kReveal);
    const Hash256 beacon = hash_of(kBeacon);
    const Hash256 commit = draw_commitment(reveal);
    std::vector<std::string> entrants;
    for (int i = 1; i <= 5; ++i) {
      entrants.push_back(std::string(32, static_cast<char>('0' + i)));
    }
    const std::string excluded = std::string(32, 'e');
    const std::string fixed =
        "closes_at=2026-11-21T20:00:00.000Z reveal_due_at=2026-11-21T20:01:00.000Z "
        "beacon_at=2026-11-21T20:02:00.000Z beacon_source=a%20beacon beacon_round=17 "
        "fallback=zero_reveal wins=one_per_draw tickets_max=2 reserve_max=1 commit=" +
        to_hex(commit.data);
    log.add("wave_released drop=drop_3 wave=1 units=2")
        .add("draw_opened draw=draw_1 drop=drop_3 wave=1 " + fixed);
    for (const std::string& each : entrants) {
      log.add("draw_entered draw=draw_1 entrant=" + each + " tickets=1");
    }
    log.add("draw_entered draw=draw_1 entrant=" + excluded + " tickets=1")
        .add("draw_tickets_granted draw=draw_1 entrant=" + entrants[0] + " tickets=2")
        .add("draw_excluded draw=draw_1 entrant=" + excluded + " reason=reseller")
        .add("draw_closed draw=draw_1 entrants=5 tickets=6");
    std::vector<std::string> entries{entrants[0] + "#2"};
    for (const std::string& each : entrants) { entries.push_back(each + "#1"); }
    sort_entrants(entries);
    const Hash256 root = entrants_root(entries);
    log.add("draw_root_published draw=draw_1 root=" + to_hex(root.data) + " count=6");
    const std::string rooted_at = log.time_of(log.lines.size() - 1);
    log.add("draw_revealed draw=draw_1 reveal=" + std::string(kReveal))
        .add("draw_beacon_posted draw=draw_1 beacon=" + std::string(kBeacon));
    std::vector<std::string> order;
    for (const std::uint32_t place :
         draw_order(draw_seed("draw_1", root, reveal, beacon), entries.size(), entries.size())) {
      const std::string entrant = entries[place].substr(0, 32);
      if (std::ranges::find(order, entrant) == order.end()) { order.push_back(entrant); }
    }
    // The second of the order has bought already.
    log.add("draw_won draw=draw_1 entrant=" + order[0] + " order=a")
        .add("draw_passed_over draw=draw_1 entrant=" + order[1] + " reason=purchase_limit")
        .add("draw_won draw=draw_1 entrant=" + order[2] + " order=b")
        .add("draw_reserved draw=draw_1 entrant=" + order[3] + " place=1")
        .add("draw_completed draw=draw_1 winners=2 reserves=1");
    record = "firebrand-draw/1\ndraw draw_1\ndrop 3\nwave 1\nunits 2\n";
    record +=
        "closes_at 2026-11-21T20:00:00.000Z\nreveal_due_at 2026-11-21T20:01:00.000Z\n"
        "beacon_at 2026-11-21T20:02:00.000Z\nbeacon_source a beacon\nbeacon_round 17\n"
        "fallback zero_reveal\nwins one_per_draw\ntickets_max 2\nreserve_max 1\ncommit " +
        to_hex(commit.data) + "\nroot_published_at " + rooted_at + "\nroot " + to_hex(root.data) +
        "\nrevealing revealed\nreveal " + kReveal + "\nbeacon " + kBeacon + "\nexcluded " +
        to_hex(sha256({bytes_of("firebrand-excluded/1"), std::array{std::byte{0}}, bytes_of(commit),
                       bytes_of(std::string_view(excluded))})
                   .data) +
        " reseller\npassed " + order[1] + " purchase_limit\nwinner " + order[0] + "\nwinner " +
        order[2] + "\nreserve " + order[3] + "\nentries 6\n";
    for (const std::string& entry : entries) { record += entry + "\n"; }
  }
};

TEST(Tampering, OfADrawRecordIsFoundWithTheLog) {
  const Drawn drawn;
  const std::string leaves = drawn.log.leaves();
  const auto log = open_log(leaves, drawn.log.head(), drawn.log.keys());
  ASSERT_TRUE(log.has_value()) << log.error().en;
  const auto check = [&](const std::string& record) -> Expected<void, Words> {
    const auto verified = verify_draw_record(record);
    if (!verified) { return Unexpected(verified.error()); }
    return check_draw_in_log(record, *log);
  };
  const auto checked = check(drawn.record);
  ASSERT_TRUE(checked.has_value()) << checked.error().en;
  each_change(drawn.record, [&](const std::string& other) {
    const auto refused = check(other);
    ASSERT_FALSE(refused.has_value()) << other;
    expect_words(refused.error());
  });
}

TEST(Tampering, NobodyIsLetInBeforeSomebodyAhead) {
  const Hash256 secret = hash_of(kReveal);
  std::array<std::byte, 18> numbers{};
  numbers[7] = std::byte{3};   // The drop.
  numbers[9] = std::byte{1};   // The wave.
  numbers[17] = std::byte{6};  // Came early.
  const ShuffledOrder order(
      sha256({bytes_of("firebrand-room/1"), std::array{std::byte{0}}, numbers, bytes_of(secret)}),
      6);
  // The seventh came late; whoever stands second leaves.
  const auto log_of = [&](const std::vector<std::uint64_t>& positions, std::string_view said) {
    TestLog log;
    log.add("waiting_room_opened drop=drop_3 wave=1 commitment=" +
            to_hex(draw_commitment(secret).data));
    for (int place = 1; place <= 7; ++place) {
      log.add("place_joined drop=drop_3 wave=1 place=" + std::to_string(place));
    }
    const auto place_at = [&](std::uint64_t position) {
      return std::to_string((position < 6 ? order.entry_at(position) : position) + 1);
    };
    log.add("place_ended drop=drop_3 wave=1 place=" + place_at(1) + " state=left")
        .add("waiting_room_revealed drop=drop_3 wave=1 secret=" + std::string(said) + " early=6");
    for (const std::uint64_t position : positions) {
      log.add("place_admitted drop=drop_3 wave=1 place=" + place_at(position));
    }
    return log;
  };
  const auto check = [&](const TestLog& log) {
    const std::string leaves = log.leaves();
    return check_queues(*open_log(leaves, log.head(), log.keys()));
  };
  const auto right = check(log_of({0, 2, 3, 4, 5, 6}, kReveal));
  ASSERT_TRUE(right.has_value()) << right.error().en;
  EXPECT_THAT(right->at(0).en, HasSubstr("7 places, 6 let in"));
  const struct {
    std::vector<std::uint64_t> positions;
    const char* says;
  } rows[] = {
      {{0, 3}, "which stood ahead, still waited"},
      {{6}, "which stood ahead, still waited"},
      {{0, 1}, "who did not wait"},
      {{0, 2, 0}, "who did not wait"},
  };
  for (const auto& row : rows) {
    const auto refused = check(log_of(row.positions, kReveal));
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().en, HasSubstr(row.says));
    expect_words(refused.error());
  }
  EXPECT_THAT(check(log_of({}, kBeacon)).error().en, HasSubstr("not the one of the commitment"));
}

TEST(Tampering, ACommitmentIsFixedOnceAndBeforehand) {
  const std::string opened = "waiting_room_opened drop=drop_3 wave=1 commitment=";
  const std::string mine = to_hex(draw_commitment(hash_of(kReveal)).data);
  const std::string other = to_hex(draw_commitment(hash_of(kBeacon)).data);
  const auto refusal = [](const TestLog& log) {
    const std::string leaves = log.leaves();
    const auto checked = check_queues(*open_log(leaves, log.head(), log.keys()));
    return checked ? std::string() : checked.error().en;
  };
  TestLog again;
  again.add(opened + other).add("place_joined drop=drop_3 wave=1 place=1").add(opened + mine);
  EXPECT_THAT(refusal(again), HasSubstr("fixed again"));
  TestLog late;
  late.add("place_joined drop=drop_3 wave=1 place=1").add(opened + mine);
  EXPECT_THAT(refusal(late), HasSubstr("out of its turn"));

  const auto leaf_of = [](const std::string& line) {  // Behind its version, place and time.
    return line.substr(line.find(" draw_") + 1);
  };
  for (const std::string_view kind : {" draw_opened ", " draw_beacon_posted "}) {
    Drawn drawn;
    const auto line = std::ranges::find_if(
        drawn.log.lines, [&](const auto& each) { return each.find(kind) != std::string::npos; });
    ASSERT_NE(line, drawn.log.lines.end());
    drawn.log.add(leaf_of(*line));
    const std::string leaves = drawn.log.leaves();
    const auto log = open_log(leaves, drawn.log.head(), drawn.log.keys());
    ASSERT_TRUE(log.has_value());
    const auto checked = check_draw_in_log(drawn.record, *log);
    ASSERT_FALSE(checked.has_value()) << kind;
    EXPECT_THAT(checked.error().en, HasSubstr("out of its turn"));
  }
}

TEST(Tampering, NobodyIsServedBeforeSomebodyAhead) {
  const auto check = [](std::initializer_list<const char*> steps) {
    TestLog log;
    log.add("waitlist_opened drop=drop_3 ends_at=2026-11-22T00:00:00.000Z places_max=9");
    for (const char* place : {"1", "2", "3", "4"}) {
      log.add("waitlist_joined drop=drop_3 place=" + std::string(place));
    }
    for (const char* step : steps) { log.add(std::string(step)); }
    const std::string leaves = log.leaves();
    return check_queues(*open_log(leaves, log.head(), log.keys()));
  };
  const auto right = check(
      {"waitlist_left drop=drop_3 place=2", "waitlist_served drop=drop_3 place=1 order=a",
       "waitlist_passed_over drop=drop_3 place=3", "waitlist_served drop=drop_3 place=4 order=b"});
  ASSERT_TRUE(right.has_value()) << right.error().en;
  EXPECT_THAT(right->at(0).en, HasSubstr("4 places, 2 served"));
  const auto early = check({"waitlist_served drop=drop_3 place=2 order=a"});
  ASSERT_FALSE(early.has_value());
  EXPECT_THAT(early.error().en, HasSubstr("which stood ahead, still waited"));
  const auto twice = check({"waitlist_served drop=drop_3 place=1 order=a",
                            "waitlist_served drop=drop_3 place=1 order=b"});
  ASSERT_FALSE(twice.has_value());
  EXPECT_THAT(twice.error().en, HasSubstr("who did not wait"));
}

TEST(Tampering, TheKeyOfTiesIsTheCommittedOne) {
  const std::string commitment = to_hex(draw_commitment(hash_of(kReveal)).data);
  const auto check = [&](std::string_view step) {
    TestLog log;
    log.add("drop_committed drop=drop_3 tie_commitment=" + commitment)
        .add("tie_order_recorded drop=drop_3 windows=2 decided=7 inversions=3")
        .add("tie_order_recorded drop=drop_3 windows=1 decided=4 inversions=2")
        .add(step);
    const std::string leaves = log.leaves();
    return check_queues(*open_log(leaves, log.head(), log.keys()));
  };
  const auto right = check("tie_key_revealed drop=drop_3 key=" + std::string(kReveal));
  ASSERT_TRUE(right.has_value()) << right.error().en;
  EXPECT_EQ(right->at(0).en,
            "drop_3: 3 tie windows with 11 purchases; 5 pairs were decided against the order of "
            "receipt.");
  EXPECT_THAT(right->at(1).zh, HasSubstr("与事先的承诺一致"));
  const auto other = check("tie_key_revealed drop=drop_3 key=" + std::string(kBeacon));
  ASSERT_FALSE(other.has_value());
  EXPECT_THAT(other.error().en, HasSubstr("leaf 3: the key of the ties is not the one"));
  const auto twice = check("drop_committed drop=drop_3 tie_commitment=" + commitment);
  ASSERT_FALSE(twice.has_value());
  EXPECT_THAT(twice.error().en, HasSubstr("fixed again"));
  const auto never = check("tie_key_revealed drop=drop_4 key=" + std::string(kReveal));
  EXPECT_FALSE(never.has_value());
}

}  // namespace
}  // namespace firebrand
