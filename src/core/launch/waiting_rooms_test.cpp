#include "core/launch/waiting_rooms.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/draw.hpp"
#include "base/hex.hpp"
#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr DropId kDrop{1};
constexpr std::int64_t kOpens = 1'000;
constexpr std::int64_t kEnds = 900'000;

Bytes<32> secret() {
  Bytes<32> bytes;
  bytes.data[0] = 7;
  return bytes;
}

OpenWaitingRoom plan_of_room() {
  return {.drop_id = kDrop,
          .wave = 1,
          .joins_from = from_unix_ms(100),
          .ends_at = from_unix_ms(kEnds),
          .admission = {.inside_max = 3, .lease_seconds = 10},
          .commitment = draw_commitment(secret())};
}

CreateDrop drop_with_room(std::string_view code) {
  CreateDrop plan = Shop::plan(code, {Shop::wave(kOpens, 5), Shop::wave(kOpens, 1)});
  plan.waves[0].decision = WaveDecision::waiting_room;
  plan.waves[1].release = WaveRelease::manual;
  return plan;
}

/// A drop of one wave with a room, which is open from 100 on.
struct RoomShop : Shop {
  RoomShop() {
    stock_up(100);
    EXPECT_EQ(add_drop(drop_with_room("room")), kDrop);
    EXPECT_EQ(apply(plan_of_room(), 0).status, OpenWaitingRoomStatus::opened);
  }
  JoinWaitingRoomResult join(std::uint64_t person, std::int64_t ms) {
    return apply(JoinWaitingRoom{kDrop, 1, {person}}, ms);
  }
  AdmitPlacesResult admit(std::int32_t count, std::int64_t ms) {
    return apply(AdmitPlaces{kDrop, 1, count, 60}, ms);
  }
  void reveal(std::int64_t ms) {
    run_due(ms);
    EXPECT_EQ(apply(RevealWaitingRoom{kDrop, 1, secret()}, ms).status,
              RevealWaitingRoomStatus::revealed);
  }
  PlaceOrderStatus buy(std::uint64_t person, std::int64_t ms) {
    return apply(PlaceOrder{.drop_id = kDrop, .person_id = {person}}, ms).status;
  }
  [[nodiscard]] const PlaceCounts& counts() const { return rooms.find(kDrop, 1)->counts; }
  [[nodiscard]] PlaceState state(std::uint64_t place) const {
    return rooms.place(kDrop, 1, place)->state;
  }
};

TEST(WaitingRoomOpen, FirstFailedCheckWins) {
  using enum OpenWaitingRoomStatus;
  Shop shop;
  shop.stock_up(100);
  (void)shop.add_drop(drop_with_room("room"));
  const DropId cancelled = shop.add_drop(drop_with_room("cancelled"));
  (void)shop.apply(CancelDrop{cancelled}, 0);
  const auto changed = [](auto change) {
    OpenWaitingRoom plan = plan_of_room();
    change(plan);
    return plan;
  };
  const auto late = [](OpenWaitingRoom& p) {
    p.joins_from = from_unix_ms(kOpens), p.ends_at = from_unix_ms(kOpens);
  };
  const struct {
    OpenWaitingRoom command;
    OpenWaitingRoomStatus want;
  } rows[] = {
      {changed([&](auto& p) { late(p), p.places_max = 0, p.admission.inside_max = 0; }),
       places_max_out_of_range},
      {changed([&](auto& p) { late(p), p.admission.inside_max = 0, p.drop_id = {9}; }),
       admission_out_of_range},
      {changed([&](auto& p) { late(p), p.drop_id = {9}, p.wave = 9; }), drop_not_found},
      {changed([&](auto& p) { late(p), p.drop_id = cancelled, p.wave = 3; }), wave_not_found},
      {changed([&](auto& p) { late(p), p.drop_id = cancelled, p.wave = 2; }),
       wave_has_no_waiting_room},
      {changed([&](auto& p) { late(p), p.drop_id = cancelled; }), drop_cancelled},
      {changed([&](auto& p) { late(p); }), joins_after_opening},
      {changed([&](auto& p) { p.ends_at = from_unix_ms(kOpens); }), ends_before_opening},
      {plan_of_room(), opened},
      {changed([&](auto& p) { p.nonce.data[0] = 1, p.commitment = {}; }), exists},
  };
  expect_first_failed_check(shop, rows, 0);
  EXPECT_EQ(shop.apply(changed([&](auto& p) { p.places_max = 5; }), 0).status, waiting_room_exists);
}

TEST(WaitingRoomJoin, GivesOnePersonOnePlace) {
  using enum JoinWaitingRoomStatus;
  RoomShop shop;
  EXPECT_EQ(shop.join(0, 100).status, person_out_of_range);
  EXPECT_EQ(shop.apply(JoinWaitingRoom{kDrop, 2, {1}}, 100).status, waiting_room_not_found);
  EXPECT_EQ(shop.join(1, 99).status, waiting_room_not_open);
  EXPECT_EQ(shop.join(1, 100).status, joined);
  EXPECT_EQ(shop.join(2, 100).place, 2U);
  const JoinWaitingRoomResult again = shop.join(1, 200);
  EXPECT_EQ(again.status, exists);
  EXPECT_EQ(again.place, 1U);
  EXPECT_EQ(shop.counts().joined, 2);
  EXPECT_EQ(shop.join(3, kEnds).status, waiting_room_closed);
  shop.check_invariants();
}

// The lot says where early ones stand: coming back early takes nobody's place and no new one.
TEST(WaitingRoomJoin, WhoComesBackBeforeTheOpeningHasTheSamePlace) {
  RoomShop shop;
  (void)shop.join(1, 100);
  (void)shop.join(2, 100);
  for (std::int64_t ms = 101; ms < 200; ms += 2) {
    (void)shop.apply(LeaveWaitingRoom{kDrop, 1, {1}}, ms);
    EXPECT_EQ(shop.join(1, ms + 1).place, 1U);
    (void)shop.apply(LapsePlaces{kDrop, 1, {1}}, ms + 1);
    EXPECT_EQ(shop.join(1, ms + 1).place, 1U);
  }
  EXPECT_EQ(shop.counts().joined, 2);
  EXPECT_EQ(shop.counts().early, 2);
  EXPECT_EQ(shop.counts().waiting, 2);
  shop.check_invariants();
}

TEST(WaitingRoomJoin, NobodyUsesUpThePlacesByComingBack) {
  RoomShop shop;
  for (std::uint64_t place = 1; place <= kPlacesPerPersonMax; ++place) {
    EXPECT_EQ(shop.join(1, kOpens).place, place);
    (void)shop.apply(LeaveWaitingRoom{kDrop, 1, {1}}, kOpens);
  }
  EXPECT_EQ(shop.join(1, kOpens).status, JoinWaitingRoomStatus::rejoined_too_often);
  EXPECT_EQ(shop.join(2, kOpens).status, JoinWaitingRoomStatus::joined);
  WaitingRooms loaded(shop.schedule, shop.drops);
  reload(shop.rooms, loaded);
  EXPECT_EQ(loaded.place(kDrop, 1, kPlacesPerPersonMax)->taken, kPlacesPerPersonMax - 1);
  shop.check_invariants();
}

TEST(WaitingRoomJoin, WhoCameBackStandsAtTheEnd) {
  RoomShop shop;
  (void)shop.join(1, kOpens);
  (void)shop.join(2, kOpens);
  EXPECT_EQ(shop.apply(LeaveWaitingRoom{kDrop, 1, {1}}, kOpens).status,
            LeaveWaitingRoomStatus::left);
  EXPECT_EQ(shop.apply(LeaveWaitingRoom{kDrop, 1, {1}}, kOpens).status,
            LeaveWaitingRoomStatus::already_ended);
  EXPECT_EQ(shop.apply(LeaveWaitingRoom{kDrop, 1, {9}}, kOpens).status,
            LeaveWaitingRoomStatus::place_not_found);
  EXPECT_EQ(shop.join(1, kOpens).place, 3U);
  EXPECT_EQ(shop.counts().left, 1);
  shop.check_invariants();
}

TEST(WaitingRoomReveal, IsDueAtTheOpeningAndMustFit) {
  using enum RevealWaitingRoomStatus;
  RoomShop shop;
  Bytes<32> other = secret();
  other.data[31] = 1;
  const auto reveal = [&](const Bytes<32>& with, std::int64_t ms) {
    return shop.apply(RevealWaitingRoom{kDrop, 1, with}, ms).status;
  };
  EXPECT_EQ(reveal(secret(), kOpens - 1), reveal_too_early);
  EXPECT_EQ(reveal(other, kOpens), reveal_wrong);
  EXPECT_EQ(reveal({}, kOpens + kRevealGrace.count() - 1), reveal_too_early);
  EXPECT_EQ(reveal(secret(), kOpens), revealed);
  EXPECT_EQ(reveal(secret(), kOpens), already_revealed);
}

TEST(WaitingRoomReveal, OfNothingIsTheFallback) {
  RoomShop shop;
  EXPECT_EQ(shop.apply(RevealWaitingRoom{kDrop, 1, {}}, kOpens + kRevealGrace.count()).status,
            RevealWaitingRoomStatus::revealed);
  EXPECT_EQ(shop.rooms.find(kDrop, 1)->reveal, OrderReveal::withheld);
}

// Early ones are let in as the published seed says, whoever came first; late ones in turn.
TEST(WaitingRoomAdmit, EarlyOnesByLotAndLateOnesInTurn) {
  RoomShop shop;
  AdmissionPlan wide = plan_of_room().admission;
  wide.inside_max = 1'000;
  (void)shop.apply(ChangeAdmission{kDrop, 1, wide}, 100);
  for (std::uint64_t person = 1; person <= 50; ++person) { (void)shop.join(person, 200); }
  EXPECT_EQ(shop.admit(9, kOpens).status, AdmitPlacesStatus::order_not_revealed);
  for (std::uint64_t person = 51; person <= 60; ++person) { (void)shop.join(person, kOpens); }
  shop.reveal(kOpens);
  EXPECT_EQ(shop.admit(50, kOpens).admitted, 50);
  for (std::uint64_t place = 1; place <= 50; ++place) {
    EXPECT_EQ(shop.state(place), PlaceState::admitted);
  }
  EXPECT_EQ(shop.state(51), PlaceState::waiting);
  EXPECT_EQ(shop.admit(1, kOpens).admitted, 1);
  EXPECT_EQ(shop.state(51), PlaceState::admitted);
  const ShuffledOrder order(room_order_seed(kDrop, 1, 50, secret()), 50);
  std::set<std::uint64_t> positions;
  for (std::uint64_t place = 1; place <= 60; ++place) {
    const std::uint64_t position = *shop.rooms.position(kDrop, 1, place);
    positions.insert(position);
    EXPECT_EQ(position, place <= 50 ? order.position_of(place - 1) : place - 1);
  }
  EXPECT_EQ(positions.size(), 60U);
  shop.check_invariants();
}

// The vectors of docs/formats/waiting-room-order.md, which another program computed.
TEST(WaitingRoomOrder, HasThePublishedVectors) {
  Bytes<32> known;
  for (std::size_t i = 0; i < known.data.size(); ++i) {
    known.data[i] = static_cast<std::uint8_t>(i);
  }
  const Hash256 seed = room_order_seed({1}, 1, 10, known);
  EXPECT_EQ(to_hex(seed.data), "8749f5281c44e927af49492091ecb91240c156334618075ef25f39b1513ef565");
  const ShuffledOrder ten(seed, 10);
  const std::uint64_t want[] = {6, 2, 8, 7, 9, 5, 4, 3, 0, 1};
  for (std::uint64_t i = 0; i < 10; ++i) { EXPECT_EQ(ten.position_of(i), want[i]); }
  const ShuffledOrder million(room_order_seed({1}, 1, 1'000'000, known), 1'000'000);
  EXPECT_EQ(million.position_of(0), 218'132U);
  EXPECT_EQ(million.position_of(1), 554'353U);
  EXPECT_EQ(million.position_of(2), 514'817U);
  EXPECT_EQ(million.position_of(999'999), 341'172U);
}

TEST(WaitingRoomAdmit, PassesEndedPlacesAndStopsWhenFull) {
  using enum AdmitPlacesStatus;
  RoomShop shop;
  EXPECT_EQ(shop.admit(0, 100).status, count_out_of_range);
  shop.reveal(kOpens);
  EXPECT_EQ(shop.admit(1, kOpens).status, nobody_waiting);
  for (std::uint64_t person = 1; person <= 8; ++person) { (void)shop.join(person, kOpens); }
  (void)shop.apply(LeaveWaitingRoom{kDrop, 1, {1}}, kOpens);
  EXPECT_EQ(shop.apply(LapsePlaces{kDrop, 1, {2, 2, 99, 0}}, kOpens).lapsed, 1);
  EXPECT_EQ(shop.apply(LapsePlaces{kDrop, 1, {2}}, kOpens).status,
            LapsePlacesStatus::nothing_to_lapse);
  EXPECT_EQ(shop.admit(9, kOpens).admitted, 3);
  EXPECT_EQ(shop.state(5), PlaceState::admitted);
  EXPECT_EQ(shop.admit(9, kOpens).status, inside_full);
  EXPECT_EQ(shop.counts().inside, 3);
  shop.check_invariants();
}

TEST(WaitingRoomBuy, NeedsATurnAndUsesIt) {
  using enum PlaceOrderStatus;
  RoomShop shop;
  for (std::uint64_t person = 1; person <= 3; ++person) { (void)shop.join(person, 100); }
  shop.reveal(kOpens);
  EXPECT_EQ(shop.buy(9, kOpens), not_in_waiting_room);
  EXPECT_EQ(shop.buy(1, kOpens), waiting_turn);
  (void)shop.admit(3, kOpens);
  EXPECT_EQ(shop.buy(1, kOpens), created);
  EXPECT_EQ(shop.state(1), PlaceState::used);
  EXPECT_EQ(shop.buy(1, kOpens), not_in_waiting_room);
  // A lease is over at its instant, whether or not run_due has come to it.
  EXPECT_EQ(shop.buy(2, kOpens + 9'999), created);
  EXPECT_EQ(shop.buy(3, kOpens + 10'000), admission_over);
  shop.run_due(kOpens + 10'000);
  EXPECT_EQ(shop.state(3), PlaceState::expired);
  EXPECT_EQ(shop.buy(3, kOpens + 10'000), admission_over);
  EXPECT_EQ(shop.counts().used, 2);
  EXPECT_EQ(shop.counts().inside, 0);
  EXPECT_EQ(shop.apply(LeaveWaitingRoom{kDrop, 1, {1}}, kOpens + 10'000).status,
            LeaveWaitingRoomStatus::place_used);
  shop.check_invariants();
}

TEST(WaitingRoomBuy, OthersWavesStayOpenToAll) {
  RoomShop shop;
  shop.run_due(kOpens);
  (void)shop.apply(ReleaseWave{kDrop, 2}, kOpens);
  EXPECT_EQ(shop.buy(9, kOpens), PlaceOrderStatus::created);
  EXPECT_EQ(shop.buy(8, kOpens), PlaceOrderStatus::not_in_waiting_room);
}

TEST(WaitingRoomEnd, LetsEverybodyBuyWhatIsLeft) {
  RoomShop shop;
  (void)shop.join(1, 100);
  shop.reveal(kOpens);
  EXPECT_EQ(shop.buy(5, kEnds - 1), PlaceOrderStatus::not_in_waiting_room);
  EXPECT_EQ(shop.buy(5, kEnds), PlaceOrderStatus::created);
  shop.run_due(kEnds);
  EXPECT_EQ(shop.rooms.find(kDrop, 1)->phase, RoomPhase::closed);
  EXPECT_EQ(shop.rooms.place(kDrop, 1, 1), nullptr);
  EXPECT_EQ(shop.buy(6, kEnds), PlaceOrderStatus::created);
  EXPECT_EQ(shop.apply(CloseWaitingRoom{kDrop, 1}, kEnds).status,
            CloseWaitingRoomStatus::already_closed);
  shop.check_invariants();
}

TEST(WaitingRoomEnd, GivesMemoryBackInIdleMoments) {
  RoomShop shop;
  for (std::uint64_t person = 1; person <= 1'000; ++person) { (void)shop.join(person, 100); }
  const std::uint64_t before = shop.rooms.bytes_mapped();
  EXPECT_EQ(shop.apply(CloseWaitingRoom{kDrop, 1}, 200).status, CloseWaitingRoomStatus::closed);
  EXPECT_GE(shop.rooms.bytes_mapped(), before) << "not within the command";
  int steps = 0;
  while (shop.rooms.make_ready(0)) { ++steps; }
  EXPECT_GE(steps, 4) << "a chunk, two steps of the index, and their end";
  EXPECT_LE(shop.rooms.bytes_mapped(), 4'096U);
  shop.check_invariants();
}

TEST(WaitingRoomSnapshot, LosesNobody) {
  RoomShop shop;
  for (std::uint64_t person = 1; person <= 20; ++person) { (void)shop.join(person, 100); }
  shop.reveal(kOpens);
  (void)shop.apply(LeaveWaitingRoom{kDrop, 1, {4}}, kOpens);
  (void)shop.join(4, kOpens);
  (void)shop.admit(2, kOpens);
  WaitingRooms loaded(shop.schedule, shop.drops);
  reload(shop.rooms, loaded);
  for (std::uint64_t place = 1; place <= 21; ++place) {
    EXPECT_EQ(loaded.place(kDrop, 1, place)->state, shop.state(place));
    EXPECT_EQ(loaded.position(kDrop, 1, place), shop.rooms.position(kDrop, 1, place));
  }
  expect_no_prefix_loads(shop.rooms, loaded);
}

// A room's commitment says which secret it is; what was loaded is proved by the digest.
TEST(WaitingRoomSnapshot, AnotherSecretHasAnotherDigest) {
  RoomShop shop;
  shop.reveal(kOpens);
  std::vector<std::byte> bytes = saved(shop.rooms);
  const Bytes<32> known = secret();
  const auto wanted = bytes_of(known);
  const auto found = std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end());
  ASSERT_NE(found, bytes.end());
  *(found + 31) = std::byte{1};
  WaitingRooms loaded(shop.schedule, shop.drops);
  MemorySource source(bytes);
  ASSERT_TRUE(loaded.load(source));
  EXPECT_NE(loaded.digest(), shop.rooms.digest());
}

// Any history keeps the invariants, and nobody has two places that have not ended.
RC_GTEST_PROP(WaitingRoomProperty, CountsAddUpWhateverHappens, ()) {
  RoomShop shop;
  std::int64_t now = 100;
  bool revealed = false;
  for (int steps = *rc::gen::inRange(1, 80); steps > 0; --steps) {
    now += *rc::gen::inRange(0, 400);
    shop.run_due(now);
    const PersonId person{*rc::gen::inRange<std::uint64_t>(1, 9)};
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
      case 1:
        (void)shop.join(person.value, now);
        break;
      case 2:
        (void)shop.apply(LeaveWaitingRoom{kDrop, 1, person}, now);
        break;
      case 3:
        if (now >= kOpens && !revealed) { shop.reveal(now), revealed = true; }
        (void)shop.admit(*rc::gen::inRange(1, 4), now);
        break;
      case 4:
        (void)shop.apply(LapsePlaces{kDrop, 1, {*rc::gen::inRange<std::uint32_t>(1, 12)}}, now);
        break;
      default:
        (void)shop.buy(person.value, now);
        break;
    }
    shop.check_invariants();
  }
}

}  // namespace
}  // namespace firebrand
