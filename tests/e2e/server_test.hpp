#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "program.hpp"
#include "shop.hpp"

namespace firebrand::e2e {

/// A suite with a server of its own, shared by its tests. At its end the server must stop cleanly
/// and its data directory must pass the audit.
class ServerTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() { start({}); }
  static void TearDownTestSuite() {
    ASSERT_NE(shared_, nullptr);
    EXPECT_EQ(shared_->server.stop(), 0) << shared_->server.process().output();
    const Finished audit = run_program({"audit", "--data", shared_->data});
    EXPECT_EQ(audit.status, 0) << audit.output;
    shared_.reset();
  }

 protected:
  static void start(const std::vector<std::string>& flags) {
    shared_ = std::make_unique<Shared>(flags);
    Caller::hold_to(shared_->shop.send(get("/openapi.json")).json());
    shared_->shop.set_up(shared_->server.setup_token());
  }
  static ServerProcess& server() { return shared_->server; }
  static Shop& shop() { return shared_->shop; }
  /// The server's data directory.
  static const std::string& data() { return shared_->data; }

  /// The drop's units once `holds` says so of them; the last seen if it never does.
  template <class Condition>
  static Json units_when(const Drop& drop, Condition holds) {
    Json units = shop().status(drop)["units"];
    (void)eventually([&] {
      units = shop().status(drop)["units"];
      return holds(units);
    });
    return units;
  }

 private:
  struct Shared {
    explicit Shared(const std::vector<std::string>& flags)
        : server({.data = data, .flags = flags}),
          shop((server.wait_until_ready(), server.endpoint())) {}
    TemporaryDirectory work;
    std::string data = work.path("data");
    ServerProcess server;
    Shop shop;
  };
  static inline std::unique_ptr<Shared> shared_;
};

}  // namespace firebrand::e2e
