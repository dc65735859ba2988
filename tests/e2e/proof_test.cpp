// The public log over HTTP: what a stranger can say of a sale from published files alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;

/// Files that somebody downloaded, in a directory without a server.
class Published {
 public:
  void write(std::string_view name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  [[nodiscard]] std::string path(std::string_view name) const { return work_.path(name); }
  /// Keys, head and all its leaves.
  void download(Shop& shop) {
    write("keys", shop.send(get("/v1/proof/keys")).body);
    head = shop.send(get("/v1/proof/tree-head")).body;
    write("head", head);
    const std::uint64_t size = size_of(head);
    leaves.clear();
    for (std::uint64_t start = 0; start < size;) {
      const Answer page = shop.send(
          get("/v1/proof/entries?start=" + std::to_string(start) + "&end=" + std::to_string(size)));
      ASSERT_EQ(page.status, 200);
      start += static_cast<std::uint64_t>(std::count(page.body.begin(), page.body.end(), '\n'));
      leaves += page.body;
    }
    write("leaves", leaves);
  }
  [[nodiscard]] Finished verify(std::string_view what) const {
    return run_verifier({"--en", std::string(what), path("keys"), path("head"), path("leaves")});
  }
  static std::uint64_t size_of(const std::string& note) {
    return std::stoull(note.substr(note.find('\n') + 1));
  }

  std::string head;
  std::string leaves;

 private:
  TemporaryDirectory work_;
};

/// Waits until the receipt tells of the payment.
std::string paid_receipt(Shop& shop, const Fan& fan, const std::string& order_id) {
  Answer receipt;
  (void)eventually([&] {
    receipt = shop.send(get("/v1/orders/" + order_id + "/receipt").bearer(fan.token));
    return receipt.body.find(" order_paid ") != std::string::npos;
  });
  return receipt.body;
}

class PublicLog : public ServerTest {};

TEST_F(PublicLog, TellsAStrangerWhatWasReallyOffered) {
  const Drop drop = shop().plan({.waves = {{.units = 5}}});
  const Fan buyer = shop().fan(Shop::unique("buyer"));
  const Fan other = shop().fan(Shop::unique("other"));
  const std::string order_id =
      shop().order(drop, buyer, Shop::unique("key")).json()["order_id"].text();
  const std::string others =
      shop().order(drop, other, Shop::unique("key")).json()["order_id"].text();
  ASSERT_EQ(shop().send(payment(order_id, Shop::unique("pay"))).status, 200);
  const std::string receipt = paid_receipt(shop(), buyer, order_id);
  EXPECT_EQ(shop().send(get("/v1/orders/" + order_id + "/receipt").bearer(other.token)).code(),
            "order_not_found");

  Published files;
  files.download(shop());
  const Finished stock = files.verify("stock");
  EXPECT_EQ(stock.status, 0) << stock.output;
  EXPECT_THAT(stock.output,
              HasSubstr(drop.id + ": 5 units were announced, 5 put on sale, 1 sold."));
  EXPECT_EQ(files.leaves.find(buyer.person_id), std::string::npos);
  EXPECT_EQ(files.leaves.find(order_id + " "), std::string::npos);

  files.write("receipt", receipt);
  const Finished mine =
      run_verifier({"--zh", "receipt", files.path("keys"), files.path("receipt")});
  EXPECT_EQ(mine.status, 0) << mine.output;
  EXPECT_THAT(mine.output, HasSubstr("已付款"));
  std::string forged = receipt;
  forged.replace(forged.find(order_id), order_id.size(), others);
  files.write("receipt", forged);
  EXPECT_EQ(run_verifier({"receipt", files.path("keys"), files.path("receipt")}).status, 1);

  std::string changed = files.leaves;
  changed.replace(changed.find(" units=5"), 8, " units=4");
  files.write("leaves", changed);
  const Finished found = files.verify("stock");
  EXPECT_EQ(found.status, 1);
  EXPECT_THAT(found.output, HasSubstr("one was changed"));
  EXPECT_EQ(
      run_verifier({"stock", files.path("keys"), files.path("head"), files.path("none")}).status,
      2);
}

TEST_F(PublicLog, ProvesLeavesAndThatItGrew) {
  const Drop drop = shop().plan({.waves = {{.units = 5}}});
  std::string head;
  ASSERT_TRUE(eventually([&] {
    head = shop().send(get("/v1/proof/tree-head")).body;
    return Published::size_of(head) > 1;
  }));
  const std::string size = std::to_string(Published::size_of(head));
  const Json leaf = shop().send(get("/v1/proof/inclusion?leaf=1&tree_size=" + size)).json();
  EXPECT_EQ(leaf["leaf"].number(), 1);
  EXPECT_GT(leaf["path"].size(), 0U);
  EXPECT_EQ(shop().send(get("/v1/proof/consistency?from=1&to=" + size)).status, 200);
  EXPECT_EQ(shop().send(get("/v1/proof/inclusion?leaf=0&tree_size=99999999")).code(),
            "leaf_not_published");
  EXPECT_EQ(shop().send(get("/v1/proof/entries?start=3&end=2")).code(), "leaf_not_published");
  EXPECT_EQ(shop().send(get("/v1/proof/entries?start=x")).status, 422);
  EXPECT_EQ(shop().send(get("/v1/proof/restart")).code(), "proof_not_restarted");
}

// What was published before a kill is there after it, and what follows only adds.
TEST(PublicLogWithAKill, OnlyGrows) {
  const TemporaryDirectory work;
  const ServerOptions options{.data = work.path("data"), .port = lasting_port(), .flags = {}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop = shop.plan({.waves = {{.units = 50}}});
  const auto buy = [&] {
    const Fan fan = shop.fan(Shop::unique("fan"));
    const std::string id = shop.order(drop, fan, Shop::unique("key")).json()["order_id"].text();
    EXPECT_EQ(shop.send(payment(id, Shop::unique("pay"))).status, 200);
    return std::pair(fan, id);
  };
  const auto [first, first_order] = buy();
  ASSERT_THAT(paid_receipt(shop, first, first_order), HasSubstr(" order_paid "));
  const std::string older = shop.send(get("/v1/proof/tree-head")).body;
  for (int i = 0; i < 5; ++i) { (void)buy(); }

  server->kill();
  shop.hang_up();
  server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  const auto [last, last_order] = buy();
  ASSERT_THAT(paid_receipt(shop, last, last_order), HasSubstr(" order_paid "));
  Published files;
  files.download(shop);
  files.write("older", older);
  const Finished stock = run_verifier({"--en", "stock", files.path("keys"), files.path("head"),
                                       files.path("leaves"), files.path("older")});
  EXPECT_EQ(stock.status, 0) << stock.output;
  EXPECT_THAT(stock.output, HasSubstr("50 units were announced, 50 put on sale, 7 sold."));
  EXPECT_EQ(server->stop(), 0);
}

// Whoever knows the old key or the new one goes on; two keys later the first opens nothing.
TEST(PublicLogWithAnotherKey, IsSignedByItAndTheOneBefore) {
  const TemporaryDirectory work;
  ServerOptions options{.data = work.path("data"), .port = lasting_port(), .flags = {}};
  auto server = std::make_unique<ServerProcess>(options);
  server->wait_until_ready();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop = shop.plan({.waves = {{.units = 50}}});
  const auto publish = [&] {
    const Fan fan = shop.fan(Shop::unique("fan"));
    const std::string id = shop.order(drop, fan, Shop::unique("key")).json()["order_id"].text();
    EXPECT_EQ(shop.send(payment(id, Shop::unique("pay"))).status, 200);
    EXPECT_THAT(paid_receipt(shop, fan, id), HasSubstr(" order_paid "));
  };
  const auto restart_with = [&](const char* key) {
    EXPECT_EQ(server->stop(), 0);
    shop.hang_up();
    options.flags = {"--proof.key", key};
    server = std::make_unique<ServerProcess>(options);
    server->wait_until_ready();
    publish();
  };
  const auto keys_now = [&] { return shop.send(get("/v1/proof/keys")).body; };
  publish();
  const std::string first = keys_now();
  ASSERT_EQ(std::count(first.begin(), first.end(), '\n'), 1);

  restart_with("2");
  const std::string both = keys_now();
  ASSERT_TRUE(both.ends_with(first)) << "the newest first: " << both;
  const std::string second = both.substr(0, both.size() - first.size());
  ASSERT_EQ(std::count(second.begin(), second.end(), '\n'), 1);
  Published files;
  files.download(shop);
  for (const std::string& known : {both, first, second}) {
    files.write("keys", known);
    const Finished stock = files.verify("stock");
    EXPECT_EQ(stock.status, 0) << known << stock.output;
  }

  restart_with("3");
  files.download(shop);
  files.write("keys", second);
  EXPECT_EQ(files.verify("stock").status, 0);
  files.write("keys", first);
  EXPECT_EQ(files.verify("stock").status, 1);
  EXPECT_EQ(server->stop(), 0);
}

}  // namespace
}  // namespace firebrand::e2e
