// A wave at a moment that nobody knows before: the proof holds, and a kill does not move it.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "hashing.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

constexpr int kWindowSeconds = 4;

/// Milliseconds after the window's begin, as docs/formats/wave-moment.md has it.
std::int64_t moment_after(const Drop& drop, std::uint16_t wave, const std::string& secret) {
  const std::uint64_t number = std::stoull(drop.id.substr(std::string_view("drop_").size()));
  const std::string hash = sha256(std::string("firebrand-wave/1") + '\0' + big_endian(number, 8) +
                                  big_endian(wave, 2) + secret);
  std::uint64_t head = 0;
  for (const char byte : hash.substr(0, 8)) { head = head << 8U | static_cast<std::uint8_t>(byte); }
  return static_cast<std::int64_t>(head % (1'000U * kWindowSeconds));
}

/// When the event of this type was told of the drop's wave; 0 if it was not.
std::int64_t told_at(Shop& shop, const std::string& type, const Drop& drop, int wave) {
  const Json page =
      shop.send(get("/v1/events?type=org.firebrand." + type).bearer(shop.key().secret)).json();
  for (std::size_t i = 0; i < page["data"].size(); ++i) {
    const Json event = page["data"][i];
    if (event["data"]["drop_id"].text() == drop.id && event["data"]["wave"].number() == wave) {
      return unix_ms(event["time"].text());
    }
  }
  return 0;
}

TEST(RandomWave, ComesAtTheMomentThatItsSecretProvesAlsoThroughAKill) {
  const TemporaryDirectory work;
  const ServerOptions options{.data = work.path("data"), .port = lasting_port(), .flags = {}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop =
      shop.plan({.opens_in = Millis{2'000},
                 .waves = {{.units = 3}, {.units = 5, .window_seconds = kWindowSeconds}}});
  const Json planned = shop.status(drop)["waves"][1];
  EXPECT_EQ(planned["release"].text(), "random");
  EXPECT_EQ(planned["window_seconds"].number(), kWindowSeconds);
  EXPECT_FALSE(planned.has("secret")) << "nobody may know it before";
  const std::string commitment = planned["commitment"].text();

  server->kill();
  shop.hang_up();
  server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  ASSERT_TRUE(eventually([&] { return shop.status(drop)["waves"][1].has("secret"); }));
  const Json wave = shop.status(drop)["waves"][1];
  EXPECT_EQ(wave["state"].text(), "released");
  EXPECT_EQ(wave["available"].number(), 5);
  EXPECT_EQ(wave["commitment"].text(), commitment) << "the secret outlived the kill";
  const std::string secret = from_hex(wave["secret"].text());
  // Hashed as many times as the wave's number.
  EXPECT_EQ(to_hex(commitment_of(commitment_of(secret))), commitment);

  const std::int64_t moment = unix_ms(drop.opens_at) + moment_after(drop, 2, secret);
  ASSERT_TRUE(eventually([&] { return told_at(shop, "wave_revealed", drop, 2) != 0; }));
  EXPECT_GE(told_at(shop, "wave_released", drop, 2), moment);
  EXPECT_EQ(shop.order(drop, shop.fan("patient"), "after").status, 201);
  EXPECT_EQ(server->stop(), 0);
  const Finished audit = run_program({"audit", "--data", options.data});
  EXPECT_EQ(audit.status, 0) << audit.output;
}

}  // namespace
}  // namespace firebrand::e2e
