#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/codec_binary.hpp"
#include "base/digest.hpp"
#include "base/draw.hpp"
#include "base/little_endian.hpp"
#include "base/prng.hpp"
#include "base/wave_moment.hpp"
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
  Actor actor{};
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
  CommandContext context{.timestamp = command.at, .actor = command.actor, .facts = &facts};
  return engine.apply({command.number, command.bytes}, command.key, context);
}

/// Random commands over so few things that everything collides: codes are taken, stock and rights
/// run out, orders are paid twice and too late. Time goes in small steps, with a leap now and then.
/// Each seed is mostly about one topic, because a little of everything goes deep into nothing.
class RandomCommands {
 public:
  explicit RandomCommands(std::uint64_t seed)
      : topic_(static_cast<Topic>(seed % kTopics)), prng_(seed) {}

  /// @param engine  Where the command will be applied: most are made so that they may succeed.
  TestCommand next(const Engine& engine) {
    pass_time();
    const State& state = engine.state();
    drops_ = state.drops.size();
    batches_ = state.codes.size();
    if (prng_.below(200) == 0 || engine.rules_version() == 0) {
      return make(AdoptRules{static_cast<std::uint32_t>(prng_.between(1, kRulesVersion + 1))});
    }
    const auto due = engine.next_due();
    if ((due && *due <= now_ && prng_.below(3) != 0) || prng_.below(40) == 0) {
      return make(RunDue{static_cast<std::uint32_t>(prng_.between(1, 4))});
    }
    if (prng_.below(2) == 0) { return about(topic_, state); }
    if (prng_.below(8) == 0) { return about(static_cast<Topic>(prng_.below(kTopics)), state); }
    return about(Topic::shop, state);
  }

 private:
  enum class Topic : std::uint8_t { shop, reservations, codes, draws, rooms, waitlists };
  static constexpr std::uint64_t kTopics = 6;

  TestCommand about(Topic topic, const State& state) {
    switch (topic) {
      case Topic::shop:
        return about_shop(state);
      case Topic::reservations:
        return about_reservations(state);
      case Topic::codes:
        return about_codes(state);
      case Topic::draws:
        return about_draws(state);
      case Topic::rooms:
        return about_room(state);
      case Topic::waitlists:
        return about_waitlist(state);
    }
    return about_shop(state);
  }
  TestCommand about_shop(const State& state) {
    switch (prng_.below(20)) {
      case 0:
        if (prng_.below(2) == 0) { return about_staff(state); }
        return make(AddStaff{login(), role(), prng_.below(9) == 0 ? "" : "hash"});
      case 1:
        return make(signing_in(state));
      case 2:
        return prng_.below(3) == 0 ? make(CloseSession{secret()}) : about_staff(state);
      case 3:
        if (prng_.below(3) == 0) {
          const SecretHash fresh = secret();
          const std::uint64_t key = small(3);
          return make(RotateApiKey{{key}, fresh, static_cast<std::int32_t>(small(900)) - 1});
        }
        return make(AddApiKey{login(), secret()});
      case 4:
        return prng_.below(3) == 0 ? webhook() : make(RevokeApiKey{{small(3)}});
      case 5:
        return make(sku());
      case 6:
        return make(ReceiveStock{{small(3)}, prng_.between(0, 12)});
      case 7:
        return make(CreateLaunch{code(2), {"首发", prng_.below(4) == 0 ? "Other" : "First"}});
      case 8:
        return make(drop());
      case 9:
        if (prng_.below(3) == 0) { return make(moving(state)); }
        if (prng_.below(3) == 0) { return make(reveal(state)); }
        if (prng_.below(4) == 0) {
          return make(RevealTieKey{drop_id(), prng_.below(4) == 0 ? Hash256{} : kWaveSecret});
        }
        return make(ReleaseWave{drop_id(), static_cast<std::uint16_t>(prng_.between(0, 3))});
      case 10:
        return prng_.below(4) == 0 ? exclusion(state, drop_id()) : pause_or_not();
      case 11:
        if (prng_.below(4) == 0) {
          return make(RecordTieOrder{{TieCount{drop_id(), 1, 4, prng_.between(-1, 6)}}});
        }
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
  /// One of the newest, or one past the end: older ones have mostly left.
  StaffId staff_id(const State& state) {
    const std::uint64_t staff = state.access.staff_count();
    return {staff + 1 - std::min<std::uint64_t>(staff, small(3))};
  }
  OpenSession signing_in(const State& state) {
    OpenSession command{.staff_id = staff_id(state), .secret_hash = secret()};
    command.seconds = static_cast<std::int32_t>(small(900));
    if (prng_.below(2) == 0) { command.second_factor_step = small(6); }
    if (prng_.below(3) == 0) { command.recovery_code = static_cast<std::uint32_t>(small(2)); }
    if (prng_.below(2) == 0) { command.agent = "Firefox, Linux"; }
    return command;
  }
  TestCommand about_staff(const State& state) {
    const StaffId who = staff_id(state);
    switch (prng_.below(8)) {
      case 0:
        return make(ChangeStaffRole{who, role()});
      case 1:
        return make(RemoveStaff{who});
      case 2:
        return make(SetPassword{who, "other", secret()});
      case 3: {
        const Session* const first = state.access.next_session({}, {});
        const SessionId id = first == nullptr ? SessionId{small(3)} : first->session_id;
        return make(RevokeSession{id, prng_.below(2) == 0 ? who : StaffId{}});
      }
      case 4:
        return make(PrepareSecondFactor{who});
      case 5:
        return make(RemoveSecondFactor{who});
      default: {
        const SecondFactor* const prepared = state.access.second_factor(who);
        const bool guesses = prepared == nullptr || prng_.below(4) == 0;
        ConfirmSecondFactor command{.staff_id = who, .step = small(3)};
        command.version = guesses ? static_cast<std::uint32_t>(small(2)) : prepared->version;
        return make(command);
      }
    }
  }
  TestCommand about_codes(const State& state) {
    switch (prng_.below(8)) {
      case 0: {
        const Timestamp from = now_ - Millis{prng_.between(0, 50)};
        return make(CreateCodeBatch{drop_id(), prng_.between(0, 9), static_cast<CodeKind>(small(1)),
                                    from,
                                    from + Millis{small(9) == 0 ? 0 : prng_.between(0, 90'000)}});
      }
      case 1:
      case 2:
        return make(which_code(state));
      case 3:
        if (prng_.below(4) == 0) { return make(RevokeCodeBatch{{small(4)}}); }
        [[fallthrough]];
      default:
        return make(order());
    }
  }
  /// Somebody who is kept out of the drop, every third time that there is one.
  PersonId or_kept_out(const State& state, DropId id, PersonId person) {
    const auto& kept_out = state.drops.exclusions().of(id);
    return kept_out.empty() || prng_.below(3) != 0 ? person : kept_out.front().person_id;
  }
  /// Mostly one in a drop: the others must sell it out.
  TestCommand exclusion(const State& state, DropId id) {
    if (!state.drops.exclusions().of(id).empty() && prng_.below(8) != 0) { return make(order()); }
    return make(ExcludeFromDrop{id, {small(4)}, ExclusionReason::reseller});
  }
  TestCommand about_reservations(const State& state) {
    const std::uint64_t person = small(4);
    switch (prng_.below(8)) {
      case 0:
        return make(terms());
      case 1:
      case 2: {
        const DropId id = drop_id();
        return make(Reserve{id, or_kept_out(state, id, {person})});
      }
      case 3:
        if (prng_.below(3) != 0) { return make(withdrawal(state)); }
        for (std::uint64_t id = drops_; id > 0; --id) {
          if (state.reservations.book({id}) != nullptr) { return exclusion(state, {id}); }
        }
        return exclusion(state, drop_id());
      case 4:
      case 5:
        return make(order_of_a_reservation(state));
      default:
        break;
    }
    if (prng_.below(6) == 0) { return deposit_refund(); }
    // Whatever comes is booked: few are repeats, else the ids are soon used up.
    const std::string payment_id = "d-" + std::to_string(small(prng_.below(4) == 0 ? 9 : 99'999));
    ConfirmDeposit paid{.reservation_id = {small(12)},
                        .payment_id = std::string_view(payment_id),
                        .amount = {prng_.between(0, 30), currency()}};
    // Mostly one that is there, and what it asks for.
    const DropId drop = drop_id();
    const ReservationBook* const book = state.reservations.book(drop);
    const Reservation* const mine =
        book == nullptr ? nullptr : state.reservations.find(drop, {person});
    if (mine != nullptr && prng_.below(6) != 0) {
      paid.reservation_id = mine->reservation_id;
      paid.amount = state.reservations.deposit(*book);
    }
    if (prng_.below(20) == 0) { paid.amount.currency = {}; }
    return make(paid);
  }
  TestCommand deposit_refund() {
    const std::uint64_t number = small(9);
    const std::string refund_id = "rd-" + std::to_string(number);
    const std::string deposit_id = "d-" + std::to_string(number);
    const auto payment_id = prng_.below(4) == 0
                                ? penalty_id({number})
                                : Text<kPaymentIdBytesMax>(std::string_view(deposit_id));
    const Money amount{prng_.between(0, 20), Currency::of("CNY")};
    if (prng_.below(2) == 0) {
      return make(RequestRefund{std::string_view(refund_id), payment_id, amount});
    }
    return make(ConfirmRefund{std::string_view(refund_id), payment_id, amount,
                              static_cast<RefundState>(prng_.below(3))});
  }
  /// Whose reservation stands so, in the newest of the drops; somebody if there is none.
  std::pair<DropId, PersonId> who(const State& state, ReservationState wanted) {
    std::pair<DropId, PersonId> chosen{drop_id(), {small(4)}};
    for (std::uint64_t drop = 1; drop <= drops_; ++drop) {
      for (std::uint64_t person = 1; person <= 4; ++person) {
        const Reservation* const one = state.reservations.find({drop}, {person});
        if (one != nullptr && one->state == wanted) { chosen = {{drop}, {person}}; }
      }
    }
    return chosen;
  }
  WithdrawReservation withdrawal(const State& state) {
    if (prng_.below(2) == 0) { return {drop_id(), {small(4)}}; }
    const auto [drop, person] = who(state, ReservationState::ordered);
    return {drop, person};
  }
  PlaceOrder order_of_a_reservation(const State& state) {
    const auto [drop, person] = who(state, ReservationState::reserved);
    return {.drop_id = drop, .person_id = person};
  }
  /// Of a code that stands in an order if there is one, every other time.
  RevokeCode which_code(const State& state) {
    RevokeCode command{{small(state.codes.size() + 1)}, static_cast<std::uint32_t>(small(9))};
    if (prng_.below(2) == 0) { return command; }
    for (std::uint32_t i = 0; i < 9; ++i) {
      const CodeNote* const note = state.codes.note(command.code_batch_id, i);
      if (note != nullptr && note->order_id.value != 0) { command.code_index = i; }
    }
    return command;
  }
  OpenReservations terms() {
    OpenReservations terms{
        .drop_id = drop_id(),
        .opens_at = now_ - Millis{prng_.between(-2'000, 50)},
        .closes_at = now_ + Millis{prng_.between(0, small(3) == 0 ? 3'000 : 60'000)},
        .cap = prng_.between(0, 3),
        .deposit_window_seconds = static_cast<std::int32_t>(small(30)),
        .reminder_seconds = static_cast<std::int32_t>(small(3)),
        .policy = static_cast<DepositPolicy>(small(1))};
    terms.balance_due_at =
        terms.closes_at + Millis{prng_.between(-10, small(3) == 0 ? 100 : 60'000)};
    if (small(5) == 0) { terms.balance_due_at = terms.closes_at = terms.opens_at + Millis{1}; }
    if (prng_.below(4) != 0) {
      terms.deposit_kind = static_cast<DepositKind>(small(2));
      terms.deposit_minor = prng_.between(0, small(9) == 0 ? 500 : 25);
    }
    return terms;
  }
  TestCommand webhook() {
    const WebhookId id{small(5)};
    switch (prng_.below(8)) {
      case 0:
        return make(ChangeWebhook{.webhook_id = id,
                                  .url = "https://shop.example/b",
                                  .mode = static_cast<WebhookMode>(small(2)),
                                  .batch_events = static_cast<std::int32_t>(small(101))});
      case 1:
        return make(PauseWebhook{id, WebhookPause::gone});
      case 2:
        return make(ResumeWebhook{id});
      case 3:
        return make(RotateWebhookSecret{id, static_cast<std::int32_t>(small(900))});
      case 4:
        return make(RemoveWebhook{id});
      default:
        return make(AddWebhook{.url = prng_.below(9) == 0 ? "" : "https://shop.example/a",
                               .types = {"org.firebrand.order_paid"},
                               .concurrency = static_cast<std::int32_t>(small(11))});
    }
  }
  /// Of rooms that are there, or could be: mostly of one that is open.
  TestCommand about_room(const State& state) {
    DropId id = drop_id();
    auto wave = static_cast<std::uint16_t>(prng_.between(1, 3));
    std::vector<std::pair<DropId, std::uint16_t>> rooms;
    state.rooms.for_each(
        [&](const WaitingRoom& each) { rooms.emplace_back(each.plan.drop_id, each.plan.wave); });
    const std::uint64_t choice = prng_.below(16);
    if (choice < 3) { return make(room(state)); }
    std::optional<std::pair<DropId, std::uint16_t>> open;
    state.rooms.for_each([&](const WaitingRoom& each) {
      if (each.phase == RoomPhase::open) { open = {each.plan.drop_id, each.plan.wave}; }
    });
    if (open && prng_.below(8) != 0) {
      std::tie(id, wave) = *open;
    } else if (!rooms.empty() && prng_.below(12) != 0) {
      std::tie(id, wave) =
          rooms[rooms.size() - 1 - prng_.below(std::min<std::size_t>(rooms.size(), 3))];
    }
    Bytes<32> revealed = kRoomSecret;
    switch (choice) {
      case 3:
      case 4:
        if (prng_.below(3) == 0) { return exclusion(state, id); }
        return make(JoinWaitingRoom{id, wave, or_kept_out(state, id, {small(3) + 1}), standing()});
      case 5:
        return make(LeaveWaitingRoom{id, wave, somebody(state, id, wave, PlaceState::used)});
      case 6:
      case 7:
        if (prng_.below(4) == 0) { revealed.data[0] = 9; }
        return make(RevealWaitingRoom{id, wave, revealed});
      case 8:
        return make(LapsePlaces{id, wave, {static_cast<std::uint32_t>(small(5))}});
      case 9:
        if (prng_.below(4) == 0) { return make(CloseWaitingRoom{id, wave}); }
        return make(ChangeAdmission{id, wave, admission()});
      case 10:
      case 11:
      case 12:
        return make(PlaceOrder{.drop_id = id,
                               .person_id = somebody(state, id, wave, PlaceState::admitted)});
      default:
        return make(AdmitPlaces{id, wave, static_cast<std::int32_t>(small(2) + 1), 60});
    }
  }
  /// Mostly of the newest drop that has a list.
  TestCommand about_waitlist(const State& state) {
    DropId id = drop_id();
    const std::uint64_t choice = prng_.below(12);
    if (prng_.below(12) == 0) { return exclusion(state, {drops_}); }
    if (choice < 2) {
      const std::int64_t longest = prng_.below(3) == 0 ? 30'000 : 900'000'000;
      const bool is_past = prng_.below(10) == 0;
      const Timestamp ends_at = now_ + Millis{is_past ? 0 : prng_.between(0, longest)};
      return make(OpenWaitlist{id, ends_at, prng_.between(prng_.below(9) == 0 ? 0 : 1, 3)});
    }
    for (std::uint64_t n = drops_; n > 0 && prng_.below(20) != 0; --n) {
      if (state.waitlists.find({n}) == nullptr) { continue; }
      id = {n};
      break;
    }
    const PersonId person = or_kept_out(state, id, {small(4)});
    switch (choice) {
      case 2:
        return make(LeaveWaitlist{id, person});
      case 3:
        if (prng_.below(8) == 0) { return make(CloseWaitlist{id}); }
        return make(cancel(state));
      case 4:
      case 5:
      case 6:
        return make(PlaceOrder{.drop_id = id, .person_id = person});
      default:
        return make(JoinWaitlist{id, person});
    }
  }
  /// Somebody, but one whose place stands so if there is one, every other time.
  PersonId somebody(const State& state, DropId id, std::uint16_t wave, PlaceState wanted) {
    PersonId person{small(3) + 1};
    if (prng_.below(2) == 0) { return person; }
    std::uint64_t number = 1;
    while (const Place* const place = state.rooms.place(id, wave, number++)) {
      if (place->state == wanted) { person = place->person_id; }
    }
    return person;
  }
  AdmissionPlan admission() {
    return {.inside_max = 2, .lease_seconds = static_cast<std::int32_t>(60 * small(1) + 1)};
  }
  /// Mostly of a wave that could have one, at a time that fits.
  OpenWaitingRoom room(const State& state) {
    std::vector<OpenWaitingRoom> known;
    state.rooms.for_each([&](const WaitingRoom& each) { known.push_back(each.plan); });
    if (!known.empty() && prng_.below(4) == 0) { return known[prng_.below(known.size())]; }
    OpenWaitingRoom room{
        .drop_id = drop_id(),
        .wave = static_cast<std::uint16_t>(prng_.between(1, 3)),
        .joins_from = now_ - Millis{prng_.between(-3'000, 2'000)},
        .ends_at = now_ + Millis{prng_.between(0, prng_.below(4) == 0 ? 60'000 : 900'000'000)},
        .admission = admission(),
        .commitment = draw_commitment(kRoomSecret)};
    for (std::uint64_t n = state.drops.size(); n > 0 && prng_.below(6) != 0; --n) {
      const auto& waves = state.drops.drop({n}).plan.waves;
      for (std::uint16_t i = 0; i < waves.size(); ++i) {
        const bool fits =
            waves[i].decision == WaveDecision::waiting_room && waves[i].opens_at > now_;
        if (!fits) { continue; }
        room.drop_id = {n};
        room.wave = static_cast<std::uint16_t>(i + 1);
        return room;
      }
    }
    return room;
  }

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
    // Of members who may be no owners, or may not be there.
    if (prng_.below(8) == 0) { made.actor = {ActorKind::staff, small(3)}; }
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
  /// One of the newest, or one past the end: older ones have mostly been cancelled.
  DropId drop_id() { return {drops_ + 1 - std::min(drops_, small(4))}; }
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
                    .code = code(24),
                    .sku_id = {small(3)},
                    .currency = currency(),
                    .opens_at = now_ + Millis{prng_.between(0, 5'000)},
                    .per_person_limit = static_cast<std::int32_t>(prng_.between(0, 3)),
                    .payment_window_seconds = static_cast<std::int32_t>(prng_.between(0, 60)),
                    .waves = {}};
    for (std::uint64_t i = small(3); i > 0; --i) {
      const std::int64_t after = prng_.below(4) == 0 ? 60'000 : 3'000;
      drop.waves.push_back({drop.opens_at + Millis{prng_.between(-100, after)},
                            prng_.between(prng_.below(10) == 0 ? 0 : 1, 4),
                            release(drop.waves.empty()), audience(), decision()});
      if (drop.waves[drop.waves.size() - 1].release == WaveRelease::random) {
        drop.waves[drop.waves.size() - 1].window_seconds = static_cast<std::int32_t>(small(3));
      }
      if (prng_.below(6) == 0) { drop.waves[drop.waves.size() - 1].tie_batch_ms = 100; }
      // The last wave has none to leave anything to.
      if (i > 1 || prng_.below(20) == 0) {
        drop.waves[drop.waves.size() - 1].leftovers = leftovers();
      }
    }
    if (prng_.below(9) != 0) {
      drop.commitment = hash_secret(kWaveSecret, static_cast<std::uint16_t>(drop.waves.size()));
      drop.tie_commitment = draw_commitment(kWaveSecret);
    }
    if (prng_.below(6) == 0) {
      drop.proof_bits = static_cast<std::int32_t>(prng_.below(kProofBitsMax + 2));
      drop.proof_head_start_ms = static_cast<std::int32_t>(prng_.between(0, 3'000));
      drop.pickup = Pickup::by_name;
    }
    ask_for_standing(drop);
    return drop;
  }
  /// Mostly of a random wave with the right secret.
  RevealWave reveal(const State& state) {
    RevealWave reveal{drop_id(), static_cast<std::uint16_t>(prng_.between(1, 3)), kWaveSecret};
    if (!state.drops.has(reveal.drop_id)) { return reveal; }
    const auto& waves = state.drops.drop(reveal.drop_id).plan.waves;
    for (std::uint16_t wave = 1; wave <= waves.size() && prng_.below(4) != 0; ++wave) {
      if (waves[wave - 1U].release == WaveRelease::random) { reveal.wave = wave; }
    }
    if (reveal.wave <= waves.size() && prng_.below(6) != 0) {
      reveal.secret =
          hash_secret(kWaveSecret, static_cast<std::uint16_t>(waves.size() - reveal.wave));
    }
    return reveal;
  }
  WaveAudience audience() {
    if (prng_.below(2) == 0) { return WaveAudience::everyone; }
    if (topic_ == Topic::reservations) { return WaveAudience::reservation_holders; }
    if (topic_ == Topic::codes) { return WaveAudience::code_holders; }
    return static_cast<WaveAudience>(prng_.below(4) == 0 ? small(2) : 0);
  }
  WaveDecision decision() {
    if (topic_ == Topic::draws && prng_.below(3) != 0) { return WaveDecision::draw; }
    if (topic_ == Topic::rooms && prng_.below(3) != 0) { return WaveDecision::waiting_room; }
    return static_cast<WaveDecision>(prng_.below(6) == 0 ? small(2) : 0);
  }
  WaveRelease release(bool first) {
    if (prng_.below(first ? 40 : 4) == 0) { return WaveRelease::on_sold_out; }
    if (prng_.below(5) == 0) { return WaveRelease::random; }
    return prng_.below(3) == 0 ? WaveRelease::manual : WaveRelease::automatic;
  }
  WaveLeftovers leftovers() {
    // A drawn wave has none: drops with draws would mostly be refused.
    const bool stay = prng_.below(topic_ == Topic::draws ? 8 : 2) != 0;
    return stay ? WaveLeftovers::stay : static_cast<WaveLeftovers>(small(2));
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
        return make(EnterDraw{id, person, standing()});
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
  /// Mostly to or from the wave of a draw, if there is one.
  MoveUnits moving(const State& state) {
    MoveUnits move{.drop_id = drop_id(),
                   .from_wave = static_cast<std::uint16_t>(prng_.between(1, 3)),
                   .to_wave = static_cast<std::uint16_t>(prng_.between(1, 3)),
                   .units = prng_.between(1, 3)};
    const DrawId draw{small(state.draws.size())};
    if (state.draws.has(draw) && prng_.below(3) != 0) {
      move.drop_id = state.draws.draw(draw).plan.drop_id;
      (prng_.below(2) == 0 ? move.from_wave : move.to_wave) = state.draws.draw(draw).plan.wave;
    }
    return move;
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
    if (prng_.below(3) == 0) {
      order.code_batch_id = {small(batches_ + 1)};
      order.code_index = static_cast<std::uint32_t>(small(9));
    }
    if (prng_.below(3) == 0) { order.proof = OrderProof::good; }
    order.standing = standing();
    return order;
  }
  /// Few values, so that people share keys and fit into waves.
  Standing standing() {
    Standing standing;
    if (prng_.below(6) == 0) { standing.push_back({ClaimKind::risk, kRiskMax}); }
    for (std::uint64_t i = small(4); i > 0; --i) {
      const auto kind = static_cast<ClaimKind>(small(6) + 1);
      const bool is_name = kind <= ClaimKind::channel;
      standing.push_back({kind, is_name ? name_hash("club") : small(3) + 1});
    }
    return standing;
  }
  void ask_for_standing(CreateDrop& drop) {
    for (WavePlan& wave : drop.waves) {
      switch (prng_.below(topic_ == Topic::rooms || topic_ == Topic::draws ? 10 : 16)) {
        case 0:
          wave.group = "club";
          break;
        case 1:
          wave.region = "club";
          break;
        case 2:
          wave.channel = "club";
          break;
        case 3:
          wave.members_before = from_unix_ms(static_cast<std::int64_t>(small(3)));
          break;
        case 4:
          wave.risk_max = static_cast<std::uint8_t>(small(3));
          break;
        case 5:
        case 6:
          wave.per_person_limit = static_cast<std::int32_t>(small(2));
          break;
        default:
          break;
      }
    }
    if (prng_.below(3) == 0) { drop.per_household_limit = static_cast<std::int32_t>(small(3)); }
    if (prng_.below(3) == 0) { drop.per_address_limit = static_cast<std::int32_t>(small(3)); }
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

  static constexpr Bytes<32> kWaveSecret{{4, 5, 6}};
  static constexpr Bytes<32> kRoomSecret{{1, 2, 3}};
  Topic topic_;
  std::uint64_t drops_ = 0;
  std::uint64_t batches_ = 0;
  Prng prng_;
  Timestamp now_ = from_unix_ms(1'800'000'000'000);
  TestCommand last_;
};

}  // namespace firebrand
