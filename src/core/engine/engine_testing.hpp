#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec_binary.hpp"
#include "base/digest.hpp"
#include "base/draw.hpp"
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
    if (prng_.below(4) == 0) { return about_draws(state); }
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
        return make(payment(state));
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
                            prng_.below(3) == 0 ? WaveRelease::manual : WaveRelease::automatic,
                            prng_.below(3) == 0 ? WaveDecision::draw : WaveDecision::first_come});
    }
    return drop;
  }
  static Hash256 bytes_like(std::uint8_t byte) {
    Hash256 hash;
    hash.data.fill(byte);
    return hash;
  }
  /// Moments, or days: time leaps.
  Millis some_time() {
    return prng_.below(2) == 0 ? Millis{prng_.between(0, 20'000)}
                               : Millis{std::chrono::hours{prng_.between(1, 24 * 40)}};
  }
  /// A wave that is drawn, if there is one in the drop; or any.
  OpenDraw draw_plan(const State& state) {
    OpenDraw plan{.drop_id = drop_id(),
                  .wave = static_cast<std::uint16_t>(prng_.between(1, 3)),
                  .closes_at = now_ + some_time() - Millis{prng_.below(9) == 0 ? 20'000 : 0},
                  .beacon_source = "drand",
                  .commit = prng_.below(20) == 0 ? Hash256{} : draw_commitment(bytes_like(1)),
                  .wins = static_cast<DrawWins>(small(1)),
                  .tickets_max = 2,
                  .reserve_max = prng_.between(0, 2)};
    if (state.drops.has(plan.drop_id) && prng_.below(9) != 0) {
      const auto& waves = state.drops.drop(plan.drop_id).plan.waves;
      for (std::uint16_t wave = 1; wave <= waves.size(); ++wave) {
        if (waves[wave - 1U].decision == WaveDecision::draw) { plan.wave = wave; }
      }
    }
    plan.reveal_due_at = plan.closes_at + (prng_.below(9) == 0 ? Millis{0} : some_time());
    plan.beacon_at = plan.reveal_due_at + Millis{prng_.between(0, 500)};
    return plan;
  }
  TestCommand about_draws(const State& state) {
    const DrawId id{small(state.draws.size() + (prng_.below(9) == 0 ? 1 : 0))};
    if (prng_.below(6) == 0 || state.draws.size() == 0) { return make(draw_plan(state)); }
    const PersonId person{prng_.below(20) == 0 ? 0 : 1 + small(4)};
    switch (prng_.below(12)) {
      case 0:
      case 1:
      case 2:
        return make(EnterDraw{id, person});
      case 3:
        return make(LeaveDraw{id, person});
      case 4:
        return make(GrantDrawTickets{id, person, static_cast<std::int32_t>(1 + small(2))});
      case 5:
        return make(ExcludeFromDraw{id, person, DrawExclusion::automated});
      case 6:
        return make(RevealDraw{id, bytes_like(static_cast<std::uint8_t>(1 + prng_.below(9) / 8))});
      case 7:
      case 8: {
        const std::int64_t tickets = state.draws.has(id) ? state.draws.draw(id).tickets : 0;
        return make(PublishDrawRoot{id, bytes_like(3), tickets + (prng_.below(9) == 0 ? 1 : 0)});
      }
      case 9:
        return make(PostBeacon{id, bytes_like(static_cast<std::uint8_t>(4 + small(1)))});
      default: {
        ApplyDrawResults step{.draw_id = id, .last = prng_.below(3) == 0};
        if (state.draws.has(id)) { step.first = state.draws.draw(id).applied; }
        if (prng_.below(9) == 0) { ++step.first; }
        for (std::uint64_t i = small(2); i > 0; --i) { step.persons.push_back({1 + small(4)}); }
        return make(step);
      }
    }
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
  ConfirmPayment payment(const State& state) {
    const std::string payment_id = "p-" + std::to_string(small(60));
    ConfirmPayment payment{.order_id = order_id(state),
                           .payment_id = std::string_view(payment_id),
                           .amount = {prng_.between(0, 2) * 100, currency()}};
    const Order* const order = state.orders.find(payment.order_id);
    if (order != nullptr && prng_.below(5) != 0) { payment.amount = order->total; }
    return payment;
  }

  Prng prng_;
  Timestamp now_ = from_unix_ms(1'800'000'000'000);
  TestCommand last_;
};

}  // namespace firebrand
