// A backup under a crowd, the data directory lost, and the way back, also to an earlier record.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>

#include "data_checks.hpp"
#include "errands.hpp"
#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;

const Environment kPassphrase = {{"FIREBRAND_BACKUP_PASSPHRASE", "correct horse battery staple"}};

/// The number behind `label`.
std::uint64_t number_after(const std::string& text, std::string_view label) {
  const std::size_t at = text.find(label);
  EXPECT_NE(at, std::string::npos) << text;
  return at == std::string::npos ? 0 : std::stoull(text.substr(at + label.size()));
}

std::string digest_of(const std::string& data, const std::vector<std::string>& flags = {}) {
  std::vector<std::string> arguments = {"replay", "--data", data, "--digest", "--from-start"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const Finished replay = run_program(arguments);
  EXPECT_EQ(replay.status, 0) << replay.output;
  const std::size_t at = replay.output.find("digest ");
  return at == std::string::npos ? std::string() : replay.output.substr(at);
}

TEST(Backup, UnderACrowdBringsBackWhatWasAnsweredBeforeIt) {
  TemporaryDirectory work;
  const std::string backup = work.path("backup");
  const ServerOptions options = {
      .data = work.path("data"), .port = lasting_port(), .flags = {"--snapshots.records", "150"}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop = shop.plan({.waves = {{4'000}}});
  std::deque<Errand> errands;
  const auto new_rush = [&] {
    std::vector<Errand*> rush;
    for (int i = 0; i < 300; ++i) {
      Errand errand;
      errand.drop = drop;
      errand.name = Shop::unique("fan");
      errand.key = Shop::unique("key");
      errand.then = i % 2 == 0 ? Errand::Then::pays : Errand::Then::waits;
      rush.push_back(&errands.emplace_back(std::move(errand)));
    }
    return rush;
  };
  std::uint64_t first_offset = 0;
  {
    Rush rush(server->endpoint(), shop.key().secret, new_rush());
    rush.wait_for_answers(200);
    const Finished first = run_program({"backup", backup, "--data", options.data}, kPassphrase);
    ASSERT_EQ(first.status, 0) << first.output;
    first_offset = number_after(first.output, "up to offset ");
    rush.join();
  }
  const std::size_t answered = errands.size();
  {
    // All of the first rush is answered: the second backup must hold it.
    Rush rush(server->endpoint(), shop.key().secret, new_rush());
    rush.wait_for_answers(100);
    const Finished second = run_program({"backup", backup, "--data", options.data}, kPassphrase);
    ASSERT_EQ(second.status, 0) << second.output;
    EXPECT_GT(number_after(second.output, "up to offset "), first_offset);
    rush.join();
  }
  server->kill();
  std::filesystem::rename(options.data, work.path("lost"));

  const Finished restored = run_program({"restore", backup, "--data", options.data}, kPassphrase);
  ASSERT_EQ(restored.status, 0) << restored.output;
  const std::uint64_t last = number_after(restored.output, "at offset ");
  (void)check_directory(options.data);
  EXPECT_EQ(digest_of(options.data),
            digest_of(work.path("lost"), {"--until", std::to_string(last)}));

  server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  shop.hang_up();
  for (std::size_t i = 0; i < answered; ++i) {
    const Errand& errand = errands[i];
    ASSERT_FALSE(errand.order_id.empty()) << errand.refused;
    EXPECT_EQ(shop.read_order(errand.fan, errand.order_id).body, errand.order_now());
  }
  EXPECT_EQ(server->stop(), 0) << server->process().output();

  const std::string earlier = work.path("earlier");
  const std::string offset = std::to_string(first_offset / 2);
  const Finished back =
      run_program({"restore", backup, "--data", earlier, "--offset", offset}, kPassphrase);
  ASSERT_EQ(back.status, 0) << back.output;
  (void)check_directory(earlier);
  EXPECT_EQ(digest_of(earlier), digest_of(work.path("lost"), {"--until", offset}));
}

/// Origin and size of a head.
std::string origin_of(const std::string& head) { return head.substr(0, head.find('\n')); }
std::uint64_t size_of(const std::string& head) {
  return std::stoull(head.substr(head.find('\n') + 1));
}

TEST(Backup, BringsThePublicLogBackAndSaysWhereAnotherBegan) {
  TemporaryDirectory work;
  const std::string backup = work.path("backup");
  const ServerOptions options = {.data = work.path("data"), .port = lasting_port(), .flags = {}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop = shop.plan({.waves = {{.units = 50}}});
  const auto head = [&] { return shop.send(get("/v1/proof/tree-head")).body; };
  const auto buy = [&] {
    const std::uint64_t before = size_of(head());
    EXPECT_EQ(shop.order(drop, shop.fan(Shop::unique("fan")), Shop::unique("key")).status, 201);
    EXPECT_TRUE(eventually([&] { return size_of(head()) > before; }));
  };
  const auto back_up = [&] {
    const Finished done = run_program({"backup", backup, "--data", options.data}, kPassphrase);
    EXPECT_EQ(done.status, 0) << done.output;
  };
  const auto restart = [&](const std::string& data) {
    server = std::make_unique<ServerProcess>(
        ServerOptions{.data = data, .port = options.port, .flags = {}});
    server->wait_until_ready();
    shop.hang_up();
  };
  buy();
  const std::string old = head();
  back_up();
  buy();
  EXPECT_EQ(server->stop(), 0);
  back_up();
  std::filesystem::rename(options.data, work.path("lost"));
  const Finished whole =
      run_program({"restore", backup, "--data", options.data, "--nothing-lost"}, kPassphrase);
  ASSERT_EQ(whole.status, 0) << whole.output;
  EXPECT_THAT(whole.output, HasSubstr("goes on under its name"));
  restart(options.data);
  buy();
  const std::string newer = head();
  EXPECT_EQ(origin_of(newer), origin_of(old));
  const Answer proof = shop.send(get("/v1/proof/consistency?from=" + std::to_string(size_of(old)) +
                                     "&to=" + std::to_string(size_of(newer))));
  EXPECT_EQ(proof.status, 200) << proof.body;
  EXPECT_EQ(shop.send(get("/v1/proof/restart")).code(), "proof_not_restarted");
  server->kill();

  // That purchase is lost, and its leaf may be known to somebody.
  const std::string behind = work.path("behind");
  const Finished lost = run_program({"restore", backup, "--data", behind}, kPassphrase);
  ASSERT_EQ(lost.status, 0) << lost.output;
  EXPECT_THAT(lost.output, HasSubstr("another one begins"));
  restart(behind);
  ASSERT_TRUE(eventually([&] { return origin_of(head()) != origin_of(old); }));
  const Answer statement = shop.send(get("/v1/proof/restart"));
  EXPECT_EQ(statement.status, 200);
  EXPECT_THAT(statement.body, HasSubstr("old " + origin_of(old) + "\n"));
  EXPECT_EQ(server->stop(), 0);

  const Finished earlier = run_program(
      {"restore", backup, "--data", work.path("earlier"), "--nothing-lost", "--offset", "3"},
      kPassphrase);
  EXPECT_NE(earlier.status, 0);
}

TEST(Backup, SaysWhatIsWrong) {
  TemporaryDirectory work;
  const std::string data = work.path("data");
  const std::string backup = work.path("backup");
  const auto without = run_program({"backup", backup, "--data", data});
  EXPECT_EQ(without.status, 1);
  EXPECT_THAT(without.output, HasSubstr("--passphrase-file"));
  std::filesystem::create_directory(backup);
  const auto none = run_program({"restore", backup, "--data", work.path("new")}, kPassphrase);
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.output, HasSubstr("no whole backup"));
}

}  // namespace
}  // namespace firebrand::e2e
