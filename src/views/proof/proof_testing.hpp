#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/sync_client.hpp"
#include "views/proof/proof_log.hpp"

namespace firebrand {

namespace fs = std::filesystem;
inline const Currency kCny = Currency::of("CNY");

class ProofTestClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(now_ms); }
  std::int64_t monotonic_ms() override { return now_ms; }
  std::int64_t now_ms = 1'800'000'000'000;
};

inline ProofOpening opening(std::uint8_t kind, std::uint64_t first, std::uint64_t second) {
  ProofOpening bytes;
  bytes.data[0] = kind;
  std::memcpy(bytes.data.data() + 1, &first, 7);
  std::memcpy(bytes.data.data() + 8, &second, 8);
  return bytes;
}

/// A node over a real directory that sells a few units, and its public log.
class ProofLogTest : public testing::Test {
 protected:
  void SetUp() override {
    data_ = fs::path(testing::TempDir()) /
            ("firebrand-proof-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(data_);
    auto node = Node::open(files_, data_.string(), clock_, {.segment_bytes = 16U << 20});
    ASSERT_TRUE(node.has_value()) << node.error().message;
    node_ = std::move(*node);
    while (node_->space_keeper().step()) {}
    client_ = std::make_unique<SyncClient>(*node_);
    open_shop();
    open();
  }
  void TearDown() override {
    projector_.reset();
    client_.reset();
    node_.reset();
    fs::remove_all(data_);
  }

  ProofOptions options() {
    return {
        .names = {.order = [](OrderId id) { return opening(1, id.value, 0); },
                  .buyer = [](DropId drop,
                              PersonId person) { return opening(2, drop.value, person.value); },
                  .entrant = [](DrawId draw,
                                PersonId person) { return opening(3, draw.value, person.value); },
                  .excluded =
                      [](DropId drop, PersonId person) {
                        return proof_name("out", "", opening(4, drop.value, person.value));
                      }},
        .make_origin = [this] { return "firebrand/test/" + std::to_string(++origins_); },
        .signers =
            [](const std::string& origin) {
              Bytes<32> seed;
              seed.data.fill(7);
              return std::vector{NoteSigner(origin, seed)};
            }};
  }
  void open() {
    projector_.reset();
    auto opened = ProofProjector::open(files_, data_.string(), options(), reader_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    projector_ = std::move(*opened);
  }
  void open_shop() {
    (void)client_->ask<AddSkuResult>(
        AddSku{.code = "phone", .name = {"手机", "Phone"}, .prices = {Money{199'900, kCny}}});
    (void)client_->ask<ReceiveStockResult>(ReceiveStock{{1}, 100});
    (void)client_->ask<CreateLaunchResult>(
        CreateLaunch{.code = "first", .name = {"首发", "First"}});
    const Timestamp now = from_unix_ms(clock_.now_ms);
    (void)client_->ask<CreateDropResult>(CreateDrop{.launch_id = {1},
                                                    .code = "first",
                                                    .sku_id = {1},
                                                    .currency = kCny,
                                                    .opens_at = now,
                                                    .per_person_limit = 2,
                                                    .payment_window_seconds = 60,
                                                    .waves = {WavePlan{now, 50}}});
    client_->settle();
  }
  void order(std::uint64_t person, std::int32_t units = 1) {
    (void)client_->ask<PlaceOrderResult>(PlaceOrder{{1}, {person}, units});
    client_->settle();
  }
  void pay(std::uint64_t order, std::int64_t units = 1) {
    const std::string id = "pay-" + std::to_string(order);
    (void)client_->ask<ConfirmPaymentResult>(
        ConfirmPayment{{order}, std::string_view(id), Money{units * 199'900, kCny}});
    client_->settle();
  }
  void give_back(std::uint64_t order, std::int32_t units) {
    (void)client_->ask<ReturnUnitsResult>(ReturnUnits{{order}, units, ReturnTo::on_sale});
    client_->settle();
  }
  void take(log::Position stored) {
    for (bool more = true; more;) {
      const auto stepped = projector_->step(stored);
      ASSERT_TRUE(stepped.has_value()) << stepped.error().message;
      more = *stepped;
    }
  }
  void take() { take(node_->projector().stored()); }
  void publish() {
    take();
    const auto done = projector_->publish();
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  std::string all_leaves() {
    const auto head = reader_.head();
    std::string text;
    for (std::uint64_t start = 0; start < head->head.head.size;) {
      const auto page = reader_.entries(*head, start, head->head.head.size);
      EXPECT_TRUE(page.has_value());
      start += static_cast<std::uint64_t>(std::count(page->begin(), page->end(), '\n'));
      text += *page;
    }
    return text;
  }

  fs::path data_;
  log::PosixFileSystem files_;
  ProofTestClock clock_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<SyncClient> client_;
  ProofReader reader_{files_};
  std::unique_ptr<ProofProjector> projector_;
  int origins_ = 0;
};

}  // namespace firebrand
