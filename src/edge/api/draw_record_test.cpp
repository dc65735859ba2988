#include "edge/api/draw_record.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/hex.hpp"
#include "verify/draw_check.hpp"

namespace firebrand {
namespace {

Hash256 reveal() { return sha256({bytes_of("what nobody knows")}); }

/// A completed draw of so many people, person n with n % 3 + 1 tickets, and what facts/ says of it.
struct Drawn {
  explicit Drawn(std::uint64_t persons, std::int64_t units, std::int64_t reserve)
      : wave_units(units) {
    draw.draw_id = {7};
    draw.plan = {.drop_id = {1},
                 .wave = 2,
                 .beacon_source = "drand",
                 .commit = draw_commitment(reveal()),
                 .tickets_max = 3,
                 .reserve_max = reserve};
    draw.revealing = DrawReveal::revealed;
    draw.reveal = reveal();
    draw.beacon = sha256({bytes_of("beacon-1")});
    for (std::uint64_t person = 1; person <= persons; ++person) {
      facts.holders.push_back({credentials.draw_entrant(draw.draw_id, {person}),
                               {person},
                               static_cast<std::int32_t>(person % 3) + 1});
    }
    const DrawEntries entries(facts.holders);
    draw.root = entries.root();
    const Hash256 seed = draw_seed(draw_name(draw.draw_id), draw.root, draw.reveal, draw.beacon);
    order = entries.order(seed, entries.count());
    const auto winners = std::min(order.size(), static_cast<std::size_t>(units));
    const auto reserved = std::min(order.size() - winners, static_cast<std::size_t>(reserve));
    const auto begin = order.begin();
    facts.winners.assign(begin, begin + static_cast<std::ptrdiff_t>(winners));
    facts.reserve.assign(begin + static_cast<std::ptrdiff_t>(winners),
                         begin + static_cast<std::ptrdiff_t>(winners + reserved));
    facts.completed = true;
  }
  [[nodiscard]] std::string record() const {
    return write_draw_record(draw, wave_units, facts, credentials);
  }

  Credentials credentials{InstallationKey{}};
  Draw draw{};
  DrawFacts facts{};
  std::vector<PersonId> order;
  std::int64_t wave_units = 0;
};

TEST(DrawEntries, AreSortedByTheirBytesWithWholeTickets) {
  const Credentials credentials{InstallationKey{}};
  std::vector<DrawTicketHolder> holders;
  for (std::uint64_t person = 1; person <= 20; ++person) {
    holders.push_back({credentials.draw_entrant({1}, {person}), {person}, 12});
  }
  const DrawEntries entries(holders);
  std::vector<std::string> texts;
  entries.for_each([&](std::string_view entry) { texts.emplace_back(entry); });
  EXPECT_EQ(texts.size(), 240U);
  EXPECT_EQ(entries.count(), 240U);
  std::vector<std::string> sorted = texts;
  sort_entrants(sorted);
  EXPECT_EQ(texts, sorted);
  EXPECT_EQ(entries.root(), entrants_root(texts));
}

TEST(DrawEntries, DrawEachPersonOnce) {
  const Drawn drawn(100, 10, 5);
  EXPECT_EQ(drawn.order.size(), 100U);
  EXPECT_EQ(std::set(drawn.order.begin(), drawn.order.end()).size(), 100U);
}

TEST(DrawEntries, AreOthersInEachDraw) {
  const Credentials credentials{InstallationKey{}};
  EXPECT_NE(credentials.draw_entrant({1}, {5}), credentials.draw_entrant({2}, {5}));
  EXPECT_EQ(credentials.draw_entrant({1}, {5}), credentials.draw_entrant({1}, {5}));
}

// A person with three tickets is drawn first about three times as often as one with one: over 3,000
// draws of 2 against 1 + 1 the expected 1,800 lie within four standard deviations (107).
TEST(DrawEntries, TicketsAreChances) {
  const Credentials credentials{InstallationKey{}};
  int first = 0;
  for (std::uint64_t draw = 1; draw <= 3'000; ++draw) {
    const DrawEntries entries({{credentials.draw_entrant({draw}, {1}), {1}, 3},
                               {credentials.draw_entrant({draw}, {2}), {2}, 1},
                               {credentials.draw_entrant({draw}, {3}), {3}, 1}});
    const Hash256 seed = draw_seed(draw_name({draw}), entries.root(), {}, {});
    first += entries.order(seed, 1).front() == PersonId{1} ? 1 : 0;
  }
  EXPECT_NEAR(first, 1'800, 107);
}

TEST(DrawRecord, IsVerifiedFromItselfAlone) {
  for (const std::uint64_t persons : {0U, 1U, 5U, 200U}) {
    const auto verified = verify_draw_record(Drawn(persons, 10, 5).record());
    ASSERT_TRUE(verified.has_value()) << verified.error().en;
    EXPECT_EQ(verified->draw, "draw_7");
    EXPECT_EQ(verified->winners, std::min<std::uint64_t>(persons, 10));
  }
}

TEST(DrawRecord, SaysWhoWasPassedOver) {
  Drawn drawn(50, 3, 2);
  // The second of the order may not have a unit: the others move up.
  drawn.facts.passed = {{drawn.order[1], DrawPassing::purchase_limit}};
  drawn.facts.winners = {drawn.order[0], drawn.order[2], drawn.order[3]};
  drawn.facts.reserve = {drawn.order[4], drawn.order[5]};
  const auto verified = verify_draw_record(drawn.record());
  ASSERT_TRUE(verified.has_value()) << verified.error().en;
  EXPECT_EQ(verified->passed, 1U);
  // Somebody who was not drawn cannot have been passed over.
  drawn.facts.passed.emplace_back(drawn.order[40], DrawPassing::won_in_launch);
  EXPECT_FALSE(verify_draw_record(drawn.record()).has_value());
}

TEST(DrawRecord, DoesNotVerifyOnceAnythingIsChanged) {
  const std::string record = Drawn(40, 6, 3).record();
  for (const std::string_view line : {"root ", "reveal ", "beacon ", "commit ", "draw draw_",
                                      "units ", "winner ", "reserve ", "reserve_max "}) {
    std::string other = record;
    char& digit = other[other.find("\n" + std::string(line)) + 1 + line.size()];
    digit = digit == '0' ? '1' : '0';
    EXPECT_FALSE(verify_draw_record(other).has_value()) << line;
  }
  const std::size_t entries = record.find("\nentries ");
  std::string other = record;
  char& digit = other[other.find('\n', entries + 1) + 1];
  digit = digit == '0' ? '1' : '0';
  EXPECT_FALSE(verify_draw_record(other).has_value()) << "an entry";
  EXPECT_FALSE(verify_draw_record(record.substr(0, record.size() - 36)).has_value());
  EXPECT_FALSE(verify_draw_record("").has_value());
}

TEST(DrawRecord, MarksAWithheldReveal) {
  Drawn drawn(30, 4, 0);
  drawn.draw.revealing = DrawReveal::withheld;
  drawn.draw.reveal = {};
  const DrawEntries entries(drawn.facts.holders);
  const auto order =
      entries.order(draw_seed("draw_7", drawn.draw.root, drawn.draw.reveal, drawn.draw.beacon), 4);
  drawn.facts.winners = order;
  const auto verified = verify_draw_record(drawn.record());
  ASSERT_TRUE(verified.has_value()) << verified.error().en;
  EXPECT_TRUE(verified->withheld);
}

TEST(DrawRecord, ShowsExclusionsToThoseWhoAreExcluded) {
  Drawn drawn(5, 1, 0);
  drawn.facts.excluded = {{PersonId{9}, DrawExclusion::reseller}};
  const Hash256 hash = exclusion_hash(drawn.draw.plan.commit,
                                      drawn.credentials.draw_entrant(drawn.draw.draw_id, {9}));
  EXPECT_NE(drawn.record().find("excluded " + to_hex(hash.data) + " reseller\n"),
            std::string::npos);
}

}  // namespace
}  // namespace firebrand
