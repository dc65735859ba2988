#include "edge/server/launch_file.hpp"

#include <gtest/gtest.h>

#include "log/faulty_file_system.hpp"

namespace firebrand {
namespace {

constexpr std::int64_t kNowMs = 1'800'000'000'000;

constexpr char kWhole[] = R"toml(
[installation]
currency = "CNY"
[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00", "JPY 40000"]
stock = 300
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "day-one"
sku = "phone"
currency = "CNY"
opens = "+1m"
per_person_limit = 2
payment_window = "15m"
[[drop.wave]]
opens = "+1m"
units = 250
[[drop.wave]]
opens = "2027-01-15T08:05:00+00:00"
units = 50
release = "manual"
)toml";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  return text.replace(at, from.size(), to);
}

constexpr char kDraw[] = R"toml(
[[drop.wave]]
opens = "+1m"
units = 10
decision = "draw"
[drop.wave.draw]
closes = "+10m"
reveal_due = "+20m"
beacon_at = "+21m"
beacon_source = "drand-quicknet"
beacon_round = 14300000
commit = "6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2"
wins = "one_per_launch"
tickets_max = 3
reserve = 5
)toml";

TEST(LaunchFile, ReadsWhatABuyerProves) {
  const std::string text = replaced(kWhole, "payment_window = \"15m\"",
                                    "payment_window = \"15m\"\nproof_bits = 16\n"
                                    "proof_head_start = \"1500ms\"\npickup = \"by_name\"");
  const auto file = parse_launch_file(text, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  const CreateDrop& drop = file->drops[0].drop;
  EXPECT_EQ(drop.proof_bits, 16);
  EXPECT_EQ(drop.proof_head_start_ms, 1'500);
  EXPECT_EQ(drop.pickup, Pickup::by_name);
}

TEST(LaunchFile, ReadsDraws) {
  const std::string whole = std::string(kWhole) + kDraw;
  const auto file = parse_launch_file(whole, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->drops[0].drop.waves[2].decision, WaveDecision::draw);
  ASSERT_EQ(file->drops[0].draws.size(), 1U);
  const OpenDraw& draw = file->drops[0].draws[0];
  EXPECT_EQ(draw.wave, 3);
  EXPECT_EQ(draw.closes_at, from_unix_ms(kNowMs + 600'000));
  EXPECT_EQ(draw.beacon_round, 14'300'000U);
  EXPECT_EQ(draw.wins, DrawWins::one_per_launch);
  EXPECT_EQ(draw.tickets_max, 3);
  EXPECT_EQ(draw.reserve_max, 5);
  EXPECT_EQ(draw.commit.data[0], 0x63);
  for (const auto& [from, to] :
       {std::pair("decision = \"draw\"", "decision = \"first_come\""),
        std::pair("commit = \"63", "commit = \""), std::pair("reserve = 5", "reserves = 5"),
        std::pair("tickets_max = 3", "tickets_max = 0")}) {
    EXPECT_FALSE(
        parse_launch_file(replaced(whole, from, to), "f.toml", from_unix_ms(kNowMs)).has_value())
        << to;
  }
}

TEST(LaunchFile, LeavesTheDrawOfADemoToItself) {
  const std::string whole = std::string(kWhole) + R"toml(
[[drop.wave]]
opens = "+1m"
units = 10
decision = "draw"
[drop.wave.draw]
closes = "+10m"
reveal_due = "+20m"
beacon_at = "+21m"
beacon_source = "demo"
)toml";
  const auto file = parse_launch_file(whole, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  ASSERT_EQ(file->drops[0].draws.size(), 1U);
  EXPECT_TRUE(file->drops[0].draws[0].commit.is_zero());
  const auto both = parse_launch_file(whole + "commit = \"63\"\n", "f.toml", from_unix_ms(kNowMs));
  ASSERT_FALSE(both.has_value());
  EXPECT_NE(both.error().message.find("commit: expected nothing"), std::string::npos)
      << both.error().message;
}

TEST(LaunchFile, SaysWhoMayBuy) {
  const std::string whole =
      replaced(replaced(kWhole, "per_person_limit = ",
                        "per_household_limit = 2\nper_address_limit = 3\nper_person_limit = "),
               "[[drop.wave]]", R"toml([[drop.wave]]
group = "club"
members_before = "2025-01-01T00:00:00Z"
region = "north"
channel = "app"
risk_max = 50
per_person_limit = 1)toml");
  const auto file = parse_launch_file(whole, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  const CreateDrop& drop = file->drops[0].drop;
  EXPECT_EQ(drop.per_household_limit, 2);
  EXPECT_EQ(drop.per_address_limit, 3);
  const WavePlan& wave = drop.waves[0];
  EXPECT_EQ(wave.group, "club");
  EXPECT_EQ(to_unix_ms(wave.members_before), 1'735'689'600'000);
  EXPECT_EQ(wave.region, "north");
  EXPECT_EQ(wave.channel, "app");
  EXPECT_EQ(wave.risk_max, 50);
  EXPECT_EQ(wave.per_person_limit, 1);
  EXPECT_TRUE(drop.waves[1].group.empty());
  for (const auto& [from, to] :
       {std::pair("group = \"club\"", "group = \"\""), std::pair("risk_max = 50", "risk_max = 101"),
        std::pair("per_address_limit = 3", "per_address_limit = 0")}) {
    EXPECT_FALSE(
        parse_launch_file(replaced(whole, from, to), "f.toml", from_unix_ms(kNowMs)).has_value())
        << to;
  }
}

TEST(LaunchFile, PlansCodes) {
  const std::string whole = replaced(kWhole, "[[drop.wave]]", R"toml([[drop.codes]]
count = 500
kind = "bound"
from = "+0s"
until = "+1d"
[[drop.wave]])toml");
  const auto file = parse_launch_file(whole, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  ASSERT_EQ(file->drops[0].codes.size(), 1U);
  const CreateCodeBatch& batch = file->drops[0].codes[0];
  EXPECT_EQ(batch.count, 500);
  EXPECT_EQ(batch.kind, CodeKind::bound);
  EXPECT_EQ(batch.valid_until, from_unix_ms(kNowMs + 86'400'000));
  for (const auto& [from, to] :
       {std::pair("count = 500", "count = 0"), std::pair("\"bound\"", "\"tied\""),
        std::pair("until = \"+1d\"", "")}) {
    EXPECT_FALSE(
        parse_launch_file(replaced(whole, from, to), "f.toml", from_unix_ms(kNowMs)).has_value())
        << to;
  }
}

TEST(LaunchFile, PlansAWaitlist) {
  const std::string whole = replaced(kWhole, "[[drop.wave]]", R"toml([drop.waitlist]
ends = "+7d"
places_max = 500
[[drop.wave]])toml");
  const auto file = parse_launch_file(whole, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  ASSERT_TRUE(file->drops[0].waitlist.has_value());
  EXPECT_EQ(file->drops[0].waitlist->places_max, 500);
  EXPECT_EQ(file->drops[0].waitlist->ends_at, from_unix_ms(kNowMs + 7 * 86'400'000));
  for (const auto& [from, to] :
       {std::pair("places_max = 500", "places_max = 0"),
        std::pair("places_max = 500", "places = 5"), std::pair("ends = \"+7d\"", "")}) {
    EXPECT_FALSE(
        parse_launch_file(replaced(whole, from, to), "f.toml", from_unix_ms(kNowMs)).has_value())
        << to;
  }
}

TEST(LaunchFile, ReadsTimesPricesAndWaves) {
  const auto file = parse_launch_file(kWhole, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  ASSERT_EQ(file->skus.size(), 1U);
  EXPECT_EQ(file->skus[0].stock, 300);
  EXPECT_EQ(file->skus[0].sku.prices[0], (Money{199'900, Currency::of("CNY")}));
  EXPECT_EQ(file->skus[0].sku.prices[1], (Money{40'000, Currency::of("JPY")}));
  ASSERT_EQ(file->drops.size(), 1U);
  const CreateDrop& drop = file->drops[0].drop;
  EXPECT_EQ(drop.opens_at, from_unix_ms(kNowMs + 60'000));
  EXPECT_EQ(drop.payment_window_seconds, 900);
  ASSERT_EQ(drop.waves.size(), 2U);
  EXPECT_EQ(drop.waves[1].opens_at, from_unix_ms(kNowMs + 300'000));
  EXPECT_EQ(drop.waves[1].release, WaveRelease::manual);
}

TEST(LaunchFile, PlansTheWaitingRoomOfAWave) {
  const auto file = parse_launch_file(
      replaced(kWhole, "release = \"manual\"",
               "decision = \"waiting_room\"\n[drop.wave.waiting_room]\njoins = \"+10s\"\n"
               "ends = \"+1d\"\nplaces_per_minute = 90\nlease = \"5m\"\nheartbeat = \"30s\""),
      "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->drops[0].drop.waves[1].decision, WaveDecision::waiting_room);
  ASSERT_EQ(file->drops[0].rooms.size(), 1U);
  const OpenWaitingRoom& room = file->drops[0].rooms[0];
  EXPECT_EQ(room.wave, 2);
  EXPECT_EQ(room.joins_from, from_unix_ms(kNowMs + 10'000));
  EXPECT_EQ(room.ends_at, from_unix_ms(kNowMs + 86'400'000));
  EXPECT_EQ(room.admission.places_per_minute, 90);
  EXPECT_EQ(room.admission.lease_seconds, 300);
  EXPECT_EQ(room.admission.heartbeat_seconds, 30);
  EXPECT_EQ(room.admission.inside_max, AdmissionPlan{}.inside_max);
}

TEST(LaunchFile, DropSellsInTheCurrencyOfTheInstallationUnlessItNamesOne) {
  const auto currency_of = [](const std::string& text) {
    const auto file = parse_launch_file(text, "f.toml", from_unix_ms(kNowMs));
    EXPECT_TRUE(file.has_value()) << file.error().message;
    return file ? file->drops[0].drop.currency : Currency{};
  };
  const std::string japan =
      replaced(kWhole, "currency = \"CNY\"\n[[sku]]", "currency = \"JPY\"\n[[sku]]");
  EXPECT_EQ(currency_of(japan), Currency::of("CNY"));
  const std::string silent = replaced(japan, "currency = \"CNY\"\n", "");
  EXPECT_EQ(currency_of(silent), Currency::of("JPY"));

  const std::string none = replaced(silent, "[installation]\ncurrency = \"JPY\"\n", "");
  const auto file = parse_launch_file(none, "f.toml", from_unix_ms(kNowMs));
  ASSERT_FALSE(file.has_value());
  EXPECT_NE(file.error().message.find("drop[1].currency: expected an ISO 4217 currency"),
            std::string::npos)
      << file.error().message;
}

TEST(LaunchFile, ReadsReservationsAndForWhomAWaveIs) {
  const std::string text =
      replaced(replaced(kWhole, "units = 250",
                        "units = 250\ntie_batch_ms = 250\naudience = \"reservation_holders\"\n"
                        "leftovers = \"roll_on\""),
               "[[drop.wave]]", R"toml([drop.reservations]
opens = "+0s"
closes = "+30s"
balance_due = "+1h"
cap = 200
deposit = "CNY 399.80"
deposit_kind = "binding"
deposit_window = "10m"
balance_window = "30m"
[[drop.wave]])toml");
  const auto file = parse_launch_file(text, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  const LaunchFile::PlannedDrop& drop = file->drops[0];
  EXPECT_EQ(drop.drop.waves[0].audience, WaveAudience::reservation_holders);
  EXPECT_EQ(drop.drop.waves[1].audience, WaveAudience::everyone);
  EXPECT_EQ(drop.drop.waves[0].leftovers, WaveLeftovers::roll_on);
  EXPECT_EQ(drop.drop.waves[1].leftovers, WaveLeftovers::stay);
  EXPECT_EQ(drop.drop.waves[0].tie_batch_ms, 250);
  EXPECT_EQ(drop.drop.waves[1].tie_batch_ms, 0);
  ASSERT_TRUE(drop.reservations.has_value());
  EXPECT_EQ(drop.reservations->cap, 200);
  EXPECT_EQ(drop.reservations->closes_at, from_unix_ms(kNowMs + 30'000));
  EXPECT_EQ(drop.reservations->deposit_kind, DepositKind::binding);
  EXPECT_EQ(drop.reservations->deposit_minor, 39'980);
  EXPECT_EQ(drop.reservations->deposit_window_seconds, 600);
  EXPECT_EQ(drop.reservations->balance_window_seconds, 1'800);

  const struct {
    const char* from;
    const char* to;
    const char* want;
  } rows[] = {
      {"cap = 200", "cap = 0", "reservations.cap: expected an integer"},
      {"CNY 399.80", "JPY 400", "reservations.deposit: expected an amount in the drop's currency"},
      {"\"binding\"", "\"none\"", "deposit_kind: expected \"binding\" or \"refundable\""},
      {"balance_window", "balance_windows", "balance_window: expected a duration"},
      {"\"reservation_holders\"", "\"friends\"", "audience: expected \"everyone\""},
  };
  for (const auto& row : rows) {
    const auto wrong =
        parse_launch_file(replaced(text, row.from, row.to), "f.toml", from_unix_ms(kNowMs));
    ASSERT_FALSE(wrong.has_value()) << row.to;
    EXPECT_NE(wrong.error().message.find(row.want), std::string::npos) << wrong.error().message;
  }
}

TEST(LaunchFile, RefusalsNamePlaceExpectationAndLine) {
  const struct {
    const char* from;
    const char* to;
    const char* want;
  } rows[] = {
      {"stock = 300", "stok = 300", "sku[1].stock: expected an integer"},
      {"stock = 300", "stock = 300\ncolour = 1", "unknown key colour"},
      {"CNY 1999.00", "CNY 1999.001", "sku[1].prices: expected"},
      {"CNY 1999.00", "XXQ 1", "sku[1].prices: expected"},
      {"\"+1m\"", "\"soon\"", "drop[1].opens: expected a time"},
      {"payment_window = \"15m\"", "payment_window = \"0s\"",
       "payment_window: expected a duration"},
      {"units = 250", "units = 0", "wave[1].units: expected an integer, 1 to"},
      {"release = \"manual\"", "release = \"maybe\"", "\"on_sold_out\" or \"random\""},
      {"release = \"manual\"", "release = \"random\"\nwindow = \"long\"", "a duration"},
      {"release = \"manual\"", "leftovers = \"vanish\"", "\"roll_on\" or \"withdraw\""},
      {"release = \"manual\"", "tie_batch_ms = 501", "tie_batch_ms: expected an integer, 0 to 500"},
      {"per_person_limit = 2", "per_person_limit = 2\nproof_bits = 23", "an integer, 0 to 22"},
      {"per_person_limit = 2", "per_person_limit = 2\nproof_head_start = \"31s\"", "1 ms to 30 s"},
      {"per_person_limit = 2", "per_person_limit = 2\npickup = \"by_mail\"", "\"by_name\""},
      {"release = \"manual\"", "decision = \"luck\"", "\"waiting_room\" or \"draw\""},
      {"release = \"manual\"", "decision = \"waiting_room\"",
       "wave[2].waiting_room: expected a table"},
      {"release = \"manual\"",
       "decision = \"waiting_room\"\nwaiting_room = {joins = \"+1s\", ends = \"+1h\", lease = "
       "\"0s\"}",
       "waiting_room.lease: expected a duration"},
      {"[launch]", "[lunch]", "launch: expected a table"},
      {"code = \"phone\"", "code = \"phone", "f.toml:"},
  };
  for (const auto& row : rows) {
    const auto file =
        parse_launch_file(replaced(kWhole, row.from, row.to), "f.toml", from_unix_ms(kNowMs));
    ASSERT_FALSE(file.has_value()) << row.to;
    EXPECT_NE(file.error().message.find(row.want), std::string::npos) << file.error().message;
  }
}

class StandingClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(kNowMs); }
  std::int64_t monotonic_ms() override { return 0; }
};

TEST(LaunchFile, ThoseOfTheCheckoutAreGood) {
  for (const std::string path : {"/examples/first-phone.toml", "/tests/launches/first_come.toml"}) {
    const auto file = read_launch_file(FIREBRAND_SOURCE_DIR + path, from_unix_ms(kNowMs));
    ASSERT_TRUE(file.has_value()) << file.error().message;
    StandingClock clock;
    log::FaultyFileSystem files(1);
    auto node = Node::open(files, "the-data", clock,
                           {.segment_bytes = 32U << 10, .batch_bytes_max = 4U << 10});
    ASSERT_TRUE(node.has_value()) << node.error().message;
    while ((*node)->space_keeper().step()) {}
    SyncClient client(**node);
    const auto drops = apply_launch_file(client, Credentials{InstallationKey{}}, *file);
    ASSERT_TRUE(drops.has_value()) << path << ": " << drops.error().message;
    ASSERT_EQ(drops->size(), 1U);
    std::int64_t units = 0;
    for (const WavePlan& wave : file->drops[0].drop.waves) { units += wave.units; }
    EXPECT_EQ(units, 300'000);
  }
}

TEST(LaunchFile, IsRefusedWithTheDirectoryOnADiskWithoutSpace) {
  const auto file = parse_launch_file(kWhole, "f.toml", from_unix_ms(kNowMs));
  ASSERT_TRUE(file.has_value()) << file.error().message;
  StandingClock clock;
  log::FaultyFileSystem files(1);
  auto node = Node::open(files, "the-data", clock,
                         {.segment_bytes = 32U << 10, .batch_bytes_max = 4U << 10});
  ASSERT_TRUE(node.has_value()) << node.error().message;
  const Credentials credentials{InstallationKey{}};
  files.set_space_limit(files.bytes_used());
  EXPECT_FALSE((*node)->space_keeper().step());
  {
    SyncClient client(**node);
    const auto drops = apply_launch_file(client, credentials, *file);
    ASSERT_FALSE(drops.has_value());
    EXPECT_EQ(drops.error().message,
              "no space for the log in the-data: free some, then start again");
  }
  files.set_space_limit(std::nullopt);
  while ((*node)->space_keeper().step()) {}
  SyncClient client(**node);
  const auto drops = apply_launch_file(client, credentials, *file);
  ASSERT_TRUE(drops.has_value()) << drops.error().message;
  EXPECT_EQ(drops->size(), 1U);
}

}  // namespace
}  // namespace firebrand
