#include "edge/api/queue_pages.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "base/draw.hpp"
#include "core/launch/launch_testing.hpp"

namespace firebrand {
namespace {

constexpr DropId kDrop{1};
constexpr std::int64_t kOpens = 10'000;

/// Pages of a room that the real module keeps; answers go nowhere.
struct Queue {
  Queue() {
    shop.stock_up(100);
    CreateDrop plan = Shop::plan("queue", {Shop::wave(kOpens, 50)});
    plan.opens_at = from_unix_ms(kOpens);
    plan.waves[0].decision = WaveDecision::waiting_room;
    (void)shop.add_drop(plan);
    const OpenWaitingRoom room{.drop_id = kDrop,
                               .wave = 1,
                               .joins_from = from_unix_ms(0),
                               .ends_at = from_unix_ms(9'000'000),
                               .admission = {.places_per_minute = 600, .heartbeat_seconds = 10},
                               .commitment = draw_commitment(credentials.room_secret({}))};
    EXPECT_EQ(shop.apply(room, 0).status, OpenWaitingRoomStatus::opened);
    pages.load(shop.rooms, from_unix_ms(0));
  }
  PlaceToken join(std::uint64_t person, std::int64_t ms) {
    const auto joined = shop.apply(JoinWaitingRoom{kDrop, 1, {person}}, ms);
    EXPECT_EQ(joined.status, JoinWaitingRoomStatus::joined);
    const PlaceToken token{kDrop, 1, static_cast<std::uint32_t>(joined.place), {person}};
    pages.heard(token, from_unix_ms(ms));
    publish(ms);
    return token;
  }
  void publish(std::int64_t ms) { pages.publish(shop.rooms.take_touched(), {}, from_unix_ms(ms)); }
  void reveal() {
    shop.run_due(kOpens);
    EXPECT_EQ(shop.apply(RevealWaitingRoom{kDrop, 1, credentials.room_secret({})}, kOpens).status,
              RevealWaitingRoomStatus::revealed);
    publish(kOpens);
  }
  [[nodiscard]] std::optional<PlaceView> view(const PlaceToken& token, std::int64_t ms) {
    return pages.view(token, from_unix_ms(ms));
  }

  Credentials credentials{InstallationKey{}};
  Shop shop;
  QueuePages pages;
};

TEST(QueuePages, TellsTheWaitWithoutTheEngine) {
  Queue queue;
  std::vector<PlaceToken> tokens;
  for (std::uint64_t person = 1; person <= 20; ++person) {
    tokens.push_back(queue.join(person, 100));
  }
  const auto early = queue.view(tokens[3], 1'000);
  ASSERT_TRUE(early.has_value());
  EXPECT_EQ(early->order, OrderReveal::pending);
  EXPECT_GE(early->expected_wait_ms, kOpens - 1'000);
  queue.reveal();
  std::int64_t ahead = 0;
  for (const PlaceToken& token : tokens) {
    const auto view = queue.view(token, kOpens);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->state, PlaceState::waiting);
    EXPECT_EQ(view->expected_wait_ms, view->ahead * 100);  // 600 a minute.
    EXPECT_LE(view->wait_low_ms, view->expected_wait_ms);
    EXPECT_GE(view->wait_high_ms, view->expected_wait_ms);
    ahead += view->ahead;
  }
  EXPECT_EQ(ahead, 19 * 20 / 2);  // Each position once.
  // Once the turn has come, the engine must be asked.
  ASSERT_EQ(queue.shop.apply(AdmitPlaces{kDrop, 1, 5, 600}, kOpens).admitted, 5);
  queue.publish(kOpens);
  int unknown = 0;
  for (const PlaceToken& token : tokens) { unknown += queue.view(token, kOpens) ? 0 : 1; }
  EXPECT_EQ(unknown, 5);
}

TEST(QueuePages, WhoLeavesShortensTheWaitOfOthers) {
  Queue queue;
  queue.reveal();
  std::vector<PlaceToken> tokens;
  for (std::uint64_t person = 1; person <= 10; ++person) {
    tokens.push_back(queue.join(person, kOpens));
  }
  EXPECT_EQ(queue.view(tokens[9], kOpens)->ahead, 9);
  for (std::uint64_t person = 1; person <= 5; ++person) {
    (void)queue.shop.apply(LeaveWaitingRoom{kDrop, 1, {person}}, kOpens);
    queue.pages.gone(tokens[person - 1]);
  }
  queue.publish(kOpens);
  EXPECT_LT(queue.view(tokens[9], kOpens)->ahead, 9);
  EXPECT_FALSE(queue.view(tokens[0], kOpens).has_value());
}

TEST(QueuePages, WhoComesBackToThePlaceWaitsThereAgain) {
  Queue queue;
  const PlaceToken token = queue.join(1, 100);
  (void)queue.shop.apply(LeaveWaitingRoom{kDrop, 1, {1}}, 200);
  queue.pages.gone(token);
  EXPECT_FALSE(queue.view(token, 200).has_value());
  EXPECT_EQ(queue.join(1, 300).place, token.place);
  EXPECT_TRUE(queue.view(token, 300).has_value());
}

/// The places that a sweep at that time wants to end.
std::vector<std::uint32_t> lapses(Queue& queue, DropPages& drops, std::int64_t ms) {
  std::vector<std::uint32_t> places;
  for (const LapsePlaces& lapse :
       queue.pages.step(drops, queue.credentials, from_unix_ms(ms)).lapse) {
    places.insert(places.end(), lapse.places.begin(), lapse.places.end());
  }
  return places;
}

class NoResponder final : public HttpResponder {
 public:
  void respond(ResponseToken, const HttpResponse&) override {}
  void respond_prepared(ResponseToken, const PreparedResponsePtr&, std::string_view,
                        std::span<const HttpField>) override {}
  StreamToken start_stream(ResponseToken, const HttpResponse&) override { return {}; }
  void send_stream(StreamToken, const StreamChunkPtr&) override {}
  void end_stream(StreamToken) override {}
};

LiveBoardPage page_of(const Shop& shop) {
  const Drop& drop = shop.drops.drop(kDrop);
  DropView view{.drop_id = kDrop, .drop = drop, .units = shop.drops.units(kDrop)};
  view.available_by_wave.push_back(shop.drops.available(kDrop, 1));
  return {.offset = {}, .drops = {view}, .rooms = {}, .api_keys = {}, .webhooks = {}};
}

TEST(QueuePages, EndsWhoStaysAwayAndGivesGraceAfterAStart) {
  Queue queue;
  NoResponder responder;
  DropPages drops(responder);
  drops.publish(page_of(queue.shop), from_unix_ms(0));
  const PlaceToken stays = queue.join(1, 0);
  (void)queue.join(2, 0);
  queue.pages.heard(stays, from_unix_ms(8'000));
  EXPECT_TRUE(lapses(queue, drops, 10'000 - 1).empty());
  EXPECT_EQ(lapses(queue, drops, 12'000), std::vector<std::uint32_t>{2});
  // After a start everybody was heard of just now.
  QueuePages fresh;
  fresh.load(queue.shop.rooms, from_unix_ms(50'000));
  EXPECT_TRUE(fresh.step(drops, queue.credentials, from_unix_ms(59'000)).lapse.empty());
  ASSERT_EQ(fresh.step(drops, queue.credentials, from_unix_ms(62'000)).lapse.size(), 1U);
}

// What found no room is wished again; what is under way beside it is not sent twice.
TEST(QueuePages, AFailureConcernsNothingElse) {
  Queue queue;
  NoResponder responder;
  DropPages drops(responder);
  (void)queue.join(1, 0);
  (void)queue.join(2, 0);
  queue.reveal();
  drops.publish(page_of(queue.shop), from_unix_ms(kOpens));
  const auto first = queue.pages.step(drops, queue.credentials, from_unix_ms(12'000));
  ASSERT_EQ(first.admit.size(), 1U);
  ASSERT_EQ(first.lapse.size(), 1U);
  queue.pages.failed(first.lapse[0]);
  const auto second = queue.pages.step(drops, queue.credentials, from_unix_ms(12'000));
  EXPECT_TRUE(second.admit.empty());
  ASSERT_EQ(second.lapse.size(), 1U);
  queue.pages.failed(first.admit[0]);
  const auto third = queue.pages.step(drops, queue.credentials, from_unix_ms(12'200));
  EXPECT_EQ(third.admit.size(), 1U);
  EXPECT_TRUE(third.lapse.empty());
}

TEST(QueuePages, RevealsAtTheOpeningAndThenLetsPeopleIn) {
  Queue queue;
  NoResponder responder;
  DropPages drops(responder);
  const auto publish = [&](std::int64_t ms) {
    drops.publish(page_of(queue.shop), from_unix_ms(ms));
    queue.publish(ms);
  };
  (void)queue.join(1, 0);
  publish(0);
  const auto step = [&](std::int64_t ms) {
    return queue.pages.step(drops, queue.credentials, from_unix_ms(ms));
  };
  EXPECT_TRUE(step(kOpens - 1).reveal.empty());
  queue.shop.run_due(kOpens);
  const auto wishes = step(kOpens);
  ASSERT_EQ(wishes.reveal.size(), 1U);
  EXPECT_TRUE(step(kOpens).reveal.empty()) << "one is under way";
  const auto revealed = queue.shop.apply(wishes.reveal[0], kOpens).status;
  EXPECT_EQ(revealed, RevealWaitingRoomStatus::revealed);
  queue.pages.revealed(wishes.reveal[0], revealed);
  publish(kOpens);
  const auto admit = step(kOpens).admit;
  ASSERT_EQ(admit.size(), 1U);
  EXPECT_EQ(admit[0].count, 1);
  queue.pages.admitted(admit[0], queue.shop.apply(admit[0], kOpens), {}, Millis{3},
                       from_unix_ms(kOpens));
  publish(kOpens);
  EXPECT_TRUE(step(kOpens + 1'000).admit.empty()) << "nobody waits";
}

// The copy that knows of an admission may come before its answer or after it: nobody is counted
// twice, and the last one who waits is let in.
TEST(QueuePages, LetsTheLastOneInWhateverComesFirst) {
  Queue queue;
  NoResponder responder;
  DropPages drops(responder);
  (void)queue.join(1, 0);
  (void)queue.join(2, 0);
  queue.reveal();
  std::uint64_t offset = 0;
  const auto publish = [&] {
    drops.publish(page_of(queue.shop), from_unix_ms(kOpens));
    queue.pages.publish(queue.shop.rooms.take_touched(), {offset}, from_unix_ms(kOpens));
  };
  publish();
  const auto admit = queue.pages.step(drops, queue.credentials, from_unix_ms(kOpens)).admit;
  ASSERT_EQ(admit.size(), 1U);
  const auto result = queue.shop.apply(admit[0], kOpens);
  offset = 7;
  publish();
  queue.pages.admitted(admit[0], result, {7}, Millis{3}, from_unix_ms(kOpens));
  const auto again = queue.pages.step(drops, queue.credentials, from_unix_ms(kOpens + 200)).admit;
  ASSERT_EQ(again.size(), 1U);
  const auto last = queue.shop.apply(again[0], kOpens + 200);
  queue.pages.admitted(again[0], last, {8}, Millis{3}, from_unix_ms(kOpens + 200));
  EXPECT_TRUE(queue.pages.step(drops, queue.credentials, from_unix_ms(kOpens + 400)).admit.empty())
      << "the copy does not know of it yet";
}

}  // namespace
}  // namespace firebrand
