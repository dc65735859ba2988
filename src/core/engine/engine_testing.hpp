#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec_binary.hpp"
#include "base/digest.hpp"
#include "base/little_endian.hpp"
#include "base/prng.hpp"
#include "core/engine/engine.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/state.hpp"

namespace firebrand {

/// One command with all that an engine needs to apply it again. For tests only.
struct TestCommand {
  std::uint16_t number = 0;
  std::vector<std::byte> bytes{};
  RequestKey key{};
  Timestamp at{};
};

template <class C>
[[nodiscard]] TestCommand test_command(const C& command, Timestamp at = {},
                                       const RequestKey& key = {}) {
  TestCommand made{.number = kNumberOf<C>, .bytes = {}, .key = key, .at = at};
  made.bytes.resize(encoded_size_max<C>());
  made.bytes.resize(encode(command, made.bytes.data()));
  return made;
}

inline Outcome apply(Engine& engine, const TestCommand& command, FactBuffer& facts) {
  CommandContext context{.timestamp = command.at, .facts = &facts};
  return engine.apply({command.number, command.bytes}, command.key, context);
}

/// Random commands over so few things that everything collides: codes are taken, stock and rights
/// run out, orders are paid twice and too late. Time goes in small steps, with a leap now and then.
class RandomCommands {
 public:
  explicit RandomCommands(std::uint64_t seed) : prng_(seed) {}

  /// @param engine  Where the command will be applied: most are made so that they may succeed.
  TestCommand next(const Engine& engine) {
    pass_time();
    const State& state = engine.state();
    if (prng_.below(50) == 0 || engine.rules_version() == 0) {
      return make(AdoptRules{static_cast<std::uint32_t>(prng_.between(1, 2))});
    }
    const auto due = engine.next_due();
    if ((due && *due <= now_ && prng_.below(3) != 0) || prng_.below(40) == 0) {
      return make(RunDue{static_cast<std::uint32_t>(prng_.between(1, 4))});
    }
    switch (prng_.below(20)) {
      case 0:
        return make(AddStaff{login(), role(), prng_.below(9) == 0 ? "" : "hash"});
      case 1:
        return make(OpenSession{{small(3)}, secret(), static_cast<std::int32_t>(small(900))});
      case 2:
        return make(CloseSession{secret()});
      case 3:
        return make(AddApiKey{login(), secret()});
      case 4:
        return make(RevokeApiKey{{small(3)}});
      case 5:
        return make(sku());
      case 6:
        return make(ReceiveStock{{small(3)}, prng_.between(0, 12)});
      case 7:
        return make(CreateLaunch{code(2), {"首发", prng_.below(4) == 0 ? "Other" : "First"}});
      case 8:
        return make(drop());
      case 9:
        return make(ReleaseWave{drop_id(), static_cast<std::uint16_t>(prng_.between(0, 3))});
      case 10:
        return pause_or_not();
      case 11:
        return make(RecordRefusals{
            {RefusalCount{drop_id(), static_cast<std::uint8_t>(prng_.between(50, 60)),
                          prng_.between(0, 3)},
             RefusalCount{drop_id(), 55, 1}}});
      case 12:
      case 13:
        return make(cancel(state));
      case 14:
      case 15:
      case 16:
        return money(state);
      default:
        return make(order());
    }
  }

 private:
  void pass_time() {
    switch (prng_.below(60)) {
      case 0:
        now_ += std::chrono::hours{25};
        return;
      case 1:
        now_ += kOrderRetention;
        return;
      case 2:
      case 3:
      case 4:
        now_ += std::chrono::seconds{30};
        return;
      default:
        now_ += Millis{prng_.between(0, 900)};
        return;
    }
  }
  /// Every third with one of few keys, so that keys come again with the same and with another body.
  template <class C>
  TestCommand make(const C& command) {
    TestCommand made = test_command(command, now_);
    if (prng_.below(3) == 0) {
      store_le(reinterpret_cast<std::byte*>(made.key.data.data()), hash_words(small(20)));
      if (prng_.below(2) == 0 && last_.number != 0) {
        made.number = last_.number;
        made.bytes = last_.bytes;
      }
    }
    last_ = made;
    return made;
  }

  std::uint64_t small(std::uint64_t max) { return prng_.below(max + 1); }
  DropId drop_id() { return {small(5)}; }
  Code code(std::uint64_t count) {
    const std::string text(1, static_cast<char>('a' + small(count)));
    return prng_.below(30) == 0 ? Code() : Code(text);
  }
  Text<kLoginBytesMax> login() { return code(3).view(); }
  StaffRole role() { return prng_.below(2) == 0 ? StaffRole::owner : StaffRole::analyst; }
  SecretHash secret() {
    SecretHash hash;
    hash.data.fill(static_cast<std::uint8_t>(small(4)));
    return hash;
  }
  Currency currency() {
    const Currency known[] = {Currency::of("CNY"), Currency::of("CNY"), Currency::of("USD"),
                              Currency::of("EUR")};
    return known[prng_.below(4)];
  }
  AddSku sku() {
    AddSku sku{.code = code(2), .name = {"手机", "Phone"}, .prices = {}};
    for (std::uint64_t i = prng_.below(8) == 0 ? 0 : 1 + small(1); i > 0; --i) {
      const std::int64_t price = prng_.below(20) == 0 ? -1 : 100;
      sku.prices.push_back({price, i == 1 ? Currency::of("CNY") : currency()});
    }
    return sku;
  }
  CreateDrop drop() {
    CreateDrop drop{.launch_id = {small(2)},
                    .code = code(4),
                    .sku_id = {small(3)},
                    .currency = currency(),
                    .opens_at = now_ + Millis{prng_.between(0, 5'000)},
                    .per_person_limit = static_cast<std::int32_t>(prng_.between(0, 3)),
                    .payment_window_seconds = static_cast<std::int32_t>(prng_.between(0, 60)),
                    .waves = {}};
    for (std::uint64_t i = small(3); i > 0; --i) {
      drop.waves.push_back({drop.opens_at + Millis{prng_.between(-100, 3'000)},
                            prng_.between(prng_.below(10) == 0 ? 0 : 1, 4),
                            prng_.below(3) == 0 ? WaveRelease::manual : WaveRelease::automatic});
    }
    return drop;
  }
  TestCommand pause_or_not() {
    switch (prng_.below(5)) {
      case 0:
      case 1:
        return make(PauseDrop{drop_id()});
      case 2:
      case 3:
        return make(ResumeDrop{drop_id()});
      default:
        return make(CancelDrop{drop_id()});
    }
  }
  PlaceOrder order() {
    PlaceOrder order{.drop_id = drop_id(),
                     .person_id = {small(4)},
                     .quantity = static_cast<std::int32_t>(prng_.below(4) == 0 ? small(4) : 1)};
    if (prng_.below(4) == 0) { order.currency = currency(); }
    return order;
  }
  /// An order of the last few, or one past the end.
  OrderId order_id(const State& state) {
    const std::uint64_t next = state.orders.next_id().value;
    return {next - std::min(next, small(8))};
  }
  CancelOrder cancel(const State& state) {
    CancelOrder cancel{.order_id = order_id(state), .person_id = {small(4)}};
    const Order* const order = state.orders.find(cancel.order_id);
    if (order != nullptr && prng_.below(4) != 0) { cancel.person_id = order->person_id; }
    return cancel;
  }
  TestCommand money(const State& state) {
    // A refund is mostly of the payment with its number.
    const std::uint64_t number = small(10);
    const std::string refund_id = "r-" + std::to_string(number);
    const std::string payment_id = "p-" + std::to_string(prng_.below(6) == 0 ? small(60) : number);
    const std::int64_t much = prng_.below(8) == 0 ? 1'000 : 0;
    const Money amount{much + prng_.between(prng_.below(9) == 0 ? -1 : 0, 2) * 50,
                       prng_.below(5) == 0 ? currency() : Currency::of("CNY")};
    switch (prng_.below(10)) {
      case 0:
        return make(ReturnUnits{order_id(state), static_cast<std::int32_t>(small(2)),
                                prng_.below(3) == 0 ? ReturnTo::returned : ReturnTo::on_sale});
      case 1:
      case 2:
        return make(
            RequestRefund{std::string_view(refund_id), std::string_view(payment_id), amount});
      case 3:
      case 4:
      case 5:
        return make(ConfirmRefund{std::string_view(refund_id), std::string_view(payment_id), amount,
                                  static_cast<RefundState>(prng_.below(3))});
      default:
        return make(payment(state));
    }
  }
  ConfirmPayment payment(const State& state) {
    const std::string payment_id = "p-" + std::to_string(small(60));
    ConfirmPayment payment{.order_id = order_id(state),
                           .payment_id = std::string_view(payment_id),
                           .amount = {prng_.between(0, 2) * 100, currency()}};
    const Order* const order = state.orders.find(payment.order_id);
    if (order != nullptr && prng_.below(5) != 0) { payment.amount = order->total; }
    if (prng_.below(40) == 0) { payment.amount.currency = {}; }
    return payment;
  }

  Prng prng_;
  Timestamp now_ = from_unix_ms(1'800'000'000'000);
  TestCommand last_;
};

}  // namespace firebrand
