// Priority codes from the batch to the purchase, over HTTP and the command line.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

class Codes : public ServerTest {
 protected:
  static Drop plan() { return shop().plan({.waves = {{.units = 5, .audience = "code_holders"}}}); }
  static std::string make_batch(const Drop& drop, int count) {
    return shop()
        .staff(post(drop.path("/code-batches"), R"({"count":)" + std::to_string(count) +
                                                    R"(,"valid_from":"2020-01-01T00:00:00Z",)"
                                                    R"("valid_until":"2099-01-01T00:00:00Z"})")
                   .key(Shop::unique("batch")),
               201)["code_batch_id"]
        .text();
  }
  /// The codes of an export, in order.
  static std::vector<std::string> codes(const std::string& batch, const std::string& query = {}) {
    const Answer answer =
        shop().send(get("/v1/code-batches/" + batch + "/codes" + query).cookie(shop().session()));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "text/csv");
    std::vector<std::string> found;
    std::istringstream lines(answer.body);
    std::string line;
    (void)std::getline(lines, line);
    EXPECT_EQ(line, "index,code");
    while (std::getline(lines, line)) { found.push_back(line.substr(line.find(',') + 1)); }
    return found;
  }
  static Answer buy(const Drop& drop, const Fan& fan, const std::string& code) {
    return shop().order(drop, fan, Shop::unique("key"), R"({"code":")" + code + R"("})");
  }
};

TEST_F(Codes, OpenTheirWaveOnceAndCountWhatTheyBrought) {
  const Drop drop = plan();
  const std::string batch = make_batch(drop, 1'000);
  const std::vector<std::string> all = codes(batch);
  ASSERT_EQ(all.size(), 1'000U);
  EXPECT_EQ(codes(batch, "?from=998&limit=5"), (std::vector{all[998], all[999]}));
  const Fan mei = shop().fan("mei");
  const Fan other = shop().fan("other");
  EXPECT_EQ(shop().order(drop, mei, Shop::unique("key")).code(), "code_required");
  EXPECT_EQ(buy(drop, mei, "000020-000000-000000-000000").code(), "code_not_usable");
  const Answer order = buy(drop, mei, all[7]);
  ASSERT_EQ(order.status, 201) << order.body;
  EXPECT_EQ(buy(drop, other, all[7]).code(), "code_not_usable");
  const std::string order_id = order.json()["order_id"].text();
  EXPECT_EQ(shop().send(payment(order_id, Shop::unique("pay"))).status, 200);

  const auto revoke = [&](const std::string& code) {
    return shop().send(
        post("/v1/codes/revoke", R"({"code":")" + code + R"("})").cookie(shop().session()));
  };
  EXPECT_EQ(revoke(all[8]).status, 200);
  EXPECT_EQ(revoke(all[7]).code(), "code_used");
  EXPECT_EQ(buy(drop, other, all[8]).code(), "code_not_usable");
  const Json brought = shop().staff(get("/v1/code-batches/" + batch));
  EXPECT_EQ(brought["used"].number(), 1);
  EXPECT_EQ(brought["sold"].number(), 1);
  EXPECT_EQ(brought["revoked"].number(), 1);
  shop().staff(post("/v1/code-batches/" + batch + "/revoke"));
  EXPECT_EQ(buy(drop, other, all[9]).code(), "code_not_usable");
}

TEST_F(Codes, AreListedByTheirDrop) {
  const Drop drop = plan();
  const std::string first = make_batch(drop, 3);
  const std::string last = make_batch(drop, 2);
  Json list;
  ASSERT_TRUE(eventually([&] {
    list = shop().staff(get(drop.path("/code-batches")));
    return list["data"].size() == 2;
  }));
  EXPECT_EQ(list["data"][0]["code_batch_id"].text(), last);
  EXPECT_EQ(list["data"][1]["code_batch_id"].text(), first);
  EXPECT_EQ(list["data"][1]["count"].number(), 3);
  EXPECT_EQ(shop().send(get("/v1/drops/drop_99999/code-batches").cookie(shop().session())).code(),
            "drop_not_found");
}

// The command line derives the same codes from the data directory, without the server.
TEST_F(Codes, AreExportedByTheCommandLineToo) {
  const Drop drop = plan();
  const std::string batch = make_batch(drop, 3);
  std::string want = "index,code\n";
  for (const std::string& code : codes(batch)) {
    want += std::to_string(std::count(want.begin(), want.end(), '\n') - 1) + "," + code + "\n";
  }
  const Finished done =
      run_program({"codes", "export", "--data", data(), "--batch", batch, "--count", "3"});
  EXPECT_EQ(done.status, 0) << done.output;
  EXPECT_EQ(done.output, want);
}

}  // namespace
}  // namespace firebrand::e2e
