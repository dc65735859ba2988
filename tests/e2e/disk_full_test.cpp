// A disk without space: nothing is half done, it is said, and sales go on when space returns.
// The disk is a small tmpfs in a mount namespace of this process, which takes root.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "server_test.hpp"

namespace firebrand::e2e {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kMib = std::uint64_t{1} << 20;

/// A file system with that many bytes. Goes with the process, whatever becomes of it.
class SmallDisk {
 public:
  /// Says why not in `error` if this may not be done here.
  static std::unique_ptr<SmallDisk> mount(const std::string& path, std::uint64_t bytes,
                                          std::string& error) {
    std::filesystem::create_directory(path);
    const std::string options = "size=" + std::to_string(bytes);
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("firebrand-e2e", path.c_str(), "tmpfs", 0, options.c_str()) != 0) {
      error = std::strerror(errno);
      return nullptr;
    }
    return std::unique_ptr<SmallDisk>(new SmallDisk(path));
  }
  ~SmallDisk() { (void)::umount2(path_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] std::uint64_t free_bytes() const {
    struct statvfs state {};
    return ::statvfs(path_.c_str(), &state) == 0 ? state.f_bavail * state.f_frsize : 0;
  }
  /// Takes all but that much of what is free now.
  void fill_up_to(std::uint64_t left) const {
    const int file = ::open(filler().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0) << std::strerror(errno);
    // Again, because the server may take space between the look and the grip.
    for (std::uint64_t free = free_bytes(); free > left; free = free_bytes()) {
      const int error =
          ::posix_fallocate(file, ::lseek(file, 0, SEEK_END), static_cast<off_t>(free - left));
      if (error != 0 && error != ENOSPC) {
        ADD_FAILURE() << std::strerror(error);
        break;
      }
    }
    ::close(file);
  }
  void give_back() const { std::filesystem::remove(filler()); }

 private:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] std::string filler() const { return path_ + "/filler"; }
  std::string path_;
};

class DiskFull : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string error;
    disk_ = SmallDisk::mount(work_.path("disk"), 160 * kMib, error);
    if (disk_ == nullptr) {
      GTEST_SKIP() << "no small file system can be mounted here (" << error << ")";
    }
  }
  [[nodiscard]] ServerOptions options() const {
    return {.data = work_.path("disk/data"), .flags = {}};
  }
  [[nodiscard]] SmallDisk& disk() { return *disk_; }

 private:
  TemporaryDirectory work_;
  std::unique_ptr<SmallDisk> disk_;
};

TEST_F(DiskFull, AtTheFirstStartItWaitsForSpace) {
  disk().fill_up_to(8 * kMib);
  ServerProcess server(options());
  server.wait_until_serving();
  Shop shop(server.endpoint());
  const Answer not_ready = shop.send(get("/readyz"));
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_THAT(not_ready.body, HasSubstr("no space for the log"));
  EXPECT_EQ(shop.send(get("/healthz")).status, 200);
  const Answer refused = shop.send(
      post("/v1/staff/setup", R"({"token":")" + server.setup_token() +
                                  R"(","login":"owner","password":"a sentence to remember"})"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "log_full");
  EXPECT_EQ(refused.header("Retry-After"), "1");

  disk().give_back();
  server.wait_until_ready();
  shop.set_up(server.setup_token());  // The link is still good: nothing was done.
  EXPECT_EQ(server.stop(), 0);
}

/// Sends what makes the log grow fastest, on many connections, until it is refused.
class Flood final : public HttpSwarmListener {
 public:
  Flood(const HttpEndpoint& endpoint, std::string session)
      : swarm_(endpoint, kConnections, *this),
        headers_("Cookie: firebrand_session=" + std::move(session) +
                 "\r\nContent-Type: application/json\r\n") {}

  /// @return how many were done before the first refusal.
  int run(int requests_max) {
    requests_max_ = requests_max;
    for (SwarmConnection at = 0; at < kConnections; ++at) { send(at); }
    while (swarm_.in_flight() > 0) { (void)swarm_.poll(Millis{100}); }
    return done_;
  }
  [[nodiscard]] const std::string& refusal() const { return refusal_; }

  void on_response(SwarmConnection at, std::uint64_t, const HttpResponseView& response) override {
    if (response.status != 201) {
      refusal_ = response.body;
      return;
    }
    ++done_;
    if (refusal_.empty()) { send(at); }
  }
  void on_error(SwarmConnection, std::uint64_t, HttpClientError error) override {
    refusal_ = http_client_error_name(error);
  }

 private:
  static constexpr std::uint32_t kConnections = 64;

  void send(SwarmConnection at) {
    if (sent_ >= requests_max_) { return; }
    const std::string number = std::to_string(++sent_);
    const std::string name(150, 'n');
    swarm_.send(at, 0, HttpMethod::post, "/v1/launches", headers_,
                R"({"code":")" + number + std::string(60 - number.size(), '-') +
                    R"(","name":{"zh":")" + name + R"(","en":")" + name + R"("}})");
  }

  HttpSwarm swarm_;
  std::string headers_;
  std::string refusal_;
  int requests_max_ = 0;
  int sent_ = 0;
  int done_ = 0;
};

TEST_F(DiskFull, InTheMiddleOfASaleNothingIsHalfDone) {
  // Room for one segment of the log and one of the facts, and none ahead.
  disk().fill_up_to(44 * kMib);
  auto server = std::make_unique<ServerProcess>(options());
  server->wait_until_serving();
  Shop shop(server->endpoint());
  shop.set_up(server->setup_token());
  const Drop drop = shop.plan({.waves = {{10}}, .limit = 2});
  const Fan fan = shop.fan("patient");
  const Answer before = shop.order(drop, fan, "before");
  ASSERT_EQ(before.status, 201) << "what has its segment goes on";
  disk().fill_up_to(0);

  Flood flood(server->endpoint(), shop.session());
  const int done = flood.run(200'000);
  ASSERT_THAT(flood.refusal(), HasSubstr("\"log_full\"")) << done;
  const Answer refused = shop.order(drop, fan, "during");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "log_full");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(shop.send(get("/readyz")).status, 503);
  EXPECT_EQ(
      shop.send(
              post("/v1/orders/" + before.json()["order_id"].text() + "/cancel").bearer(fan.token))
          .code(),
      "log_full");
  // Reading needs no space, and shows that nothing was done.
  EXPECT_EQ(shop.read_order(fan, before.json()["order_id"].text()).body, before.body);
  EXPECT_EQ(shop.status(drop)["units"]["held"].number(), 1);

  disk().give_back();
  Answer order;
  ASSERT_TRUE(eventually([&] {
    order = shop.order(drop, fan, "during");
    return order.status != 503;
  })) << server->process().output();
  EXPECT_EQ(order.status, 201) << order.body;
  EXPECT_FALSE(order.replayed()) << "the refusal was none";
  server->wait_until_ready();
  // Lists were cut off too, and catch up by themselves.
  EXPECT_TRUE(eventually(
      [&] {
        const Answer list = shop.send(get("/v1/orders").bearer(fan.token));
        return list.status == 200 && list.json()["data"].size() == 2;
      },
      Millis{60'000}))
      << server->process().output();

  server->kill();
  const Finished audit = run_program({"audit", "--data", options().data});
  EXPECT_EQ(audit.status, 0) << audit.output;
  server = std::make_unique<ServerProcess>(options());
  server->wait_until_ready();
  Shop again(server->endpoint());
  EXPECT_EQ(again.read_order(fan, order.json()["order_id"].text()).body, order.body);
  EXPECT_EQ(server->stop(), 0);
}

}  // namespace
}  // namespace firebrand::e2e
