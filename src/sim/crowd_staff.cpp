#include "base/draw.hpp"
#include "base/wave_moment.hpp"
#include "core/channels/stock.hpp"
#include "core/launch/launches.hpp"
#include "sim/crowd.hpp"
#include "sim/tie_model.hpp"

/// What staff sends.
namespace firebrand {

namespace {

LocalizedName name_of(std::uint64_t number) {
  return {numbered("新品 ", number).view(), numbered("Novelty ", number).view()};
}

/// Of a drop's last wave.
Hash256 last_secret(const Code& code) { return sha256({bytes_of(code.view())}); }

constexpr Currency kCurrencies[] = {Currency::of("CNY"), Currency::of("USD"), Currency::of("JPY"),
                                    Currency::of("KWD")};

}  // namespace

SimRequest Crowd::by_staff(Timestamp now) {
  SimRequest request = staff_ == 0 && often(70)                               ? about_access()
                       : skus_.empty() || launches_.empty() || drops_.empty() ? about_catalogue(now)
                       : drops_.size() < habits_.drops && often(25)           ? about_catalogue(now)
                       : often(25)                                            ? about_access()
                       : often(15)                                            ? about_catalogue(now)
                       : often(20) && !payments_.empty()                      ? about_money()
                                                                              : about_drops(now);
  // The first member is made on the machine, and later too some is done there. Who of the staff is
  // no owner, or has left, is refused what is about others.
  if (staff_ > 0 && often(80)) {
    request.actor = {ActorKind::staff, 1};
    if (often(30)) { request.actor.id = prng_.below(4) + 1; }
  }
  return request;
}

AddSku Crowd::some_sku() {
  // Few codes, so that they come again, sometimes with other fields.
  const std::uint64_t number = prng_.below(habits_.skus);
  AddSku command{.code = numbered("sku-", number), .name = name_of(number)};
  for (std::uint64_t i = 0; i <= number % 4; ++i) {
    command.prices.push_back(
        {static_cast<std::int64_t>(100 * (number + 1) + i), kCurrencies[(number + i) % 4]});
  }
  if (often(6)) { command.prices[0].minor = prng_.between(-1, kPriceMinorMax + 1); }
  if (often(4)) { command.name = name_of(number + 100); }
  if (often(3)) { command.prices.push_back(command.prices[0]); }
  return command;
}

bool Crowd::plans(CrowdTopic topic) {
  return habits_.topic == topic ? prng_.chance_ppm(habits_.wave_ppm) : often(5);
}

CreateDrop Crowd::some_drop(Timestamp now) {
  const std::uint64_t number = prng_.below(habits_.drops * 3 / 2 + 1);
  const bool known_sku = !skus_.empty() && !often(3);
  const KnownSku sku = known_sku ? recent_of(skus_) : KnownSku{{77}, {{1, kCurrencies[0]}}};
  // Whoever reserves does so before.
  const bool opens_soon = often(habits_.topic == CrowdTopic::reservations ? 30 : 85);
  CreateDrop command{
      .launch_id = launches_.empty() || often(2) ? LaunchId{99} : one_of(launches_),
      .code = numbered("drop-", number),
      .sku_id = sku.id,
      .currency = often(4) ? kCurrencies[prng_.below(4)] : sku.prices[0].currency,
      .opens_at = now + Millis{prng_.between(-2'000, opens_soon ? 4'000 : 180'000)},
      .per_person_limit = static_cast<std::int32_t>(prng_.between(1, often(80) ? 3 : 20)),
      .payment_window_seconds =
          static_cast<std::int32_t>(prng_.between(1, habits_.payment_seconds_max))};
  const std::uint64_t waves = often(60) ? prng_.below(3) + 1 : prng_.below(6) + 1;
  for (std::uint64_t i = 0; i < waves; ++i) {
    command.waves.push_back(
        {.opens_at = command.opens_at + Millis{prng_.between(often(1) ? -5 : 0, 6'000)},
         .units = prng_.between(1, habits_.wave_units_max),
         .release = often(12)               ? WaveRelease::random
                    : often(i > 0 ? 25 : 1) ? WaveRelease::on_sold_out
                    : often(30)             ? WaveRelease::manual
                                            : WaveRelease::automatic,
         .audience = plans(CrowdTopic::reservations) ? WaveAudience::reservation_holders
                     : plans(CrowdTopic::codes)      ? WaveAudience::code_holders
                                                     : WaveAudience::everyone,
         .decision = plans(CrowdTopic::draws) ? WaveDecision::draw : WaveDecision::first_come});
    // Fewer than enter, mostly: some are in the reserve.
    if (command.waves[i].decision == WaveDecision::draw) {
      command.waves[i].units = prng_.between(1, often(80) ? 3 : habits_.wave_units_max);
    }
    if (command.waves[i].decision == WaveDecision::first_come && plans(CrowdTopic::rooms)) {
      // Late enough that somebody may open the room before.
      command.waves[i].decision = WaveDecision::waiting_room;
      command.waves[i].opens_at = std::max(
          command.opens_at, now + Millis{prng_.between(2'000, often(70) ? 8'000 : 600'000)});
    }
  }
  for (WavePlan& wave : command.waves) {
    const bool has_window = (wave.release == WaveRelease::random) != often(1);
    if (has_window) { wave.window_seconds = static_cast<std::int32_t>(prng_.between(1, 4)); }
    const bool has_ties = (wave.decision == WaveDecision::first_come && often(30)) != often(1);
    if (has_ties) {
      wave.tie_batch_ms = static_cast<std::int32_t>(prng_.between(1, kTieBatchMsMax));
    }
  }
  if (!often(2)) { command.tie_commitment = draw_commitment(sim_tie_key(command.code)); }
  if (!often(2)) {
    command.commitment = hash_secret(last_secret(command.code), static_cast<std::uint16_t>(waves));
  }
  for (std::uint64_t i = 0; i < waves; ++i) {
    // The last wave has none to leave anything to, and a drawn one keeps to itself.
    const bool may_leave = i + 1 < waves && command.waves[i].decision != WaveDecision::draw &&
                           command.waves[i + 1].decision != WaveDecision::draw;
    if (often(may_leave ? 40 : 1)) {
      command.waves[i].leftovers = static_cast<WaveLeftovers>(prng_.below(3));
    }
  }
  // The first wave mostly opens with the drop, as people announce it.
  if (often(80) && command.waves[0].decision != WaveDecision::waiting_room) {
    command.waves[0].opens_at = command.opens_at;
  }
  if (often(2)) { command.waves[0].units = 0; }
  if (often(20)) {
    command.proof_bits = static_cast<std::int32_t>(prng_.between(1, often(5) ? 30 : 22));
    command.proof_head_start_ms = static_cast<std::int32_t>(prng_.between(often(5) ? 0 : 1, 5'000));
  }
  if (often(10)) { command.pickup = Pickup::by_name; }
  ask_for_standing(command);
  return command;
}

void Crowd::ask_for_standing(CreateDrop& command) {
  // A waitlist serves only waves that ask nothing; the few of a draw are often of one household.
  const bool waits = habits_.topic == CrowdTopic::waitlists;
  const bool draws = habits_.topic == CrowdTopic::draws;
  for (WavePlan& wave : command.waves) {
    if (waits) {
      // What is released while people wait may be bought by them.
      const bool is_later = &wave != command.waves.begin() && wave.window_seconds == 0;
      if (is_later && often(60)) { wave.release = WaveRelease::manual; }
      continue;
    }
    if (often(12)) { wave.per_person_limit = static_cast<std::int32_t>(prng_.between(1, 3)); }
    if (often(6)) { wave.group = often(70) ? "club" : "staff"; }
    if (often(4)) { wave.region = "north"; }
    if (often(4)) { wave.channel = "app"; }
    if (often(4)) {
      const auto persons = static_cast<std::int64_t>(habits_.persons);
      wave.members_before = from_unix_ms(prng_.between(1, persons * 1'000));
    }
    if (often(4)) { wave.risk_max = static_cast<std::uint8_t>(prng_.between(20, 100)); }
  }
  const auto limit = [&](std::uint32_t in_hundred) {
    if (waits || !often(in_hundred)) { return 0; }
    return static_cast<std::int32_t>(prng_.between(1, draws ? 1 : 4));
  };
  command.per_household_limit = limit(draws ? 60 : 25);
  command.per_address_limit = limit(25);
  if (often(1)) { command.per_address_limit = kPerPersonLimitMax + 1; }
}

SimRequest Crowd::about_catalogue(Timestamp now) {
  if (skus_.empty() || often(8)) { return request_of(some_sku()); }
  if (launches_.empty() || often(5)) {
    const std::uint64_t number = prng_.below(3);
    return request_of(CreateLaunch{.code = numbered("launch-", number),
                                   .name = name_of(often(5) ? number + 50 : number)});
  }
  if (often(50)) {
    return request_of(ReceiveStock{.sku_id = often(3) ? SkuId{88} : one_of(skus_).id,
                                   .quantity = prng_.between(often(3) ? 0 : 1, 400)});
  }
  return request_of(some_drop(now));
}

DropId Crowd::some_drop_id() {
  if (drops_.empty() || often(1)) { return DropId{prng_.below(40)}; }
  return recent_of(drops_).id;
}

SimRequest Crowd::about_drops(Timestamp now) {
  const KnownDrop drop = recent_of(drops_);
  if (prng_.chance_ppm(habits_.cancel_drop_ppm)) { return request_of(CancelDrop{drop.id}); }
  if (often(habits_.topic == CrowdTopic::reservations ? 40 : 10)) { return terms(now); }
  if (often(habits_.topic == CrowdTopic::codes ? 40 : 10)) { return about_codes(now); }
  if (often(habits_.topic == CrowdTopic::waitlists ? 40 : 8)) { return open_waitlist(now); }
  if (often(15)) { return moving(); }
  if (often(12)) {
    const DropId id = often(3) ? some_drop_id() : drop.id;
    const PersonId person{often(1) ? 0 : prng_.below(habits_.persons) + 1};
    return request_of(ExcludeFromDrop{id, person, static_cast<ExclusionReason>(prng_.below(6))});
  }
  if (!drop.random_waves.empty() && often(60)) { return revealing(drop); }
  if (often(10)) {
    return request_of(RevealTieKey{drop.id, sim_tie_key(often(5) ? Code{} : drop.code)});
  }
  switch (prng_.below(5)) {
    case 0:
      return request_of(PauseDrop{some_drop_id()});
    // Twice, so that drops are not paused for long.
    case 1:
    case 2:
      return request_of(ResumeDrop{some_drop_id()});
    default:
      break;
  }
  const std::uint64_t wave = often(3) ? drop.waves + 1U : prng_.below(drop.waves) + 1;
  return request_of(
      ReleaseWave{.drop_id = some_drop_id(), .wave = static_cast<std::uint16_t>(wave)});
}

SimRequest Crowd::moving() {
  const KnownDrop drop = recent_of(drops_);
  const auto some_wave = [&] {
    return static_cast<std::uint16_t>(prng_.below(drop.waves + (often(3) ? 1U : 0U)) + 1);
  };
  return request_of(MoveUnits{.drop_id = often(3) ? some_drop_id() : drop.id,
                              .from_wave = some_wave(),
                              .to_wave = some_wave(),
                              .units = prng_.between(1, often(60) ? 3 : habits_.wave_units_max)});
}

SimRequest Crowd::revealing(const KnownDrop& drop) {
  const std::uint16_t wave = often(3) ? 1 : one_of(drop.random_waves);
  const auto steps = static_cast<std::uint16_t>(often(3) ? 0 : drop.waves - wave);
  return request_of(RevealWave{drop.id, wave, hash_secret(last_secret(drop.code), steps)});
}

SimRequest Crowd::about_money() {
  if (often(50)) {
    ReturnUnits command{.order_id = recent_of(payments_).order_id,
                        .quantity = static_cast<std::int32_t>(prng_.between(often(3) ? 0 : 1, 2)),
                        .to = often(70) ? ReturnTo::on_sale : ReturnTo::returned};
    if (often(3)) { command.order_id = {prng_.below(5'000)}; }
    return request_of(command);
  }
  if (!refunds_.empty() && often(10)) { return request_of(recent_of(refunds_)); }
  ConfirmPayment payment = recent_of(payments_);
  if (!deposits_.empty() && often(25)) {
    const ConfirmDeposit& deposit = recent_of(deposits_);
    payment.payment_id = often(30) ? penalty_id(deposit.reservation_id) : deposit.payment_id;
    payment.amount = deposit.amount;
  }
  RequestRefund command{numbered("refund-", prng_.below(1'000'000)), payment.payment_id,
                        payment.amount};
  if (often(30)) { command.amount.minor = command.amount.minor / 2; }
  if (often(3)) { command.amount.currency = Currency::of("GBP"); }
  if (often(3)) { command.payment_id = numbered("nobody-", prng_.below(9)); }
  refunds_.push_back(command);
  return request_of(command);
}

SimRequest Crowd::about_webhooks() {
  // Few urls, so that a change is often none; now and then a command that is malformed.
  const auto url = [&] {
    return Text<kWebhookUrlBytesMax>(numbered("https://shop.example/", prng_.below(3)).view());
  };
  WebhookTypes types;
  for (std::uint64_t i = prng_.below(3); i > 0; --i) {
    types.push_back(numbered("org.firebrand.type_", prng_.below(3)));
  }
  if (often(3)) { types.push_back({}); }
  const std::int64_t fewest = often(5) ? 0 : 1;
  const std::int64_t most = often(5) ? 11 : 2;
  const auto calls = static_cast<std::int32_t>(prng_.between(fewest, most));
  const auto mode = static_cast<WebhookMode>(prng_.below(3));
  const auto batch = static_cast<std::int32_t>(often(5) ? 101 * prng_.below(2) : 50);
  // The newest ones: older ones have mostly been removed.
  const WebhookId id{webhooks_ + 1 - prng_.below(std::min<std::uint64_t>(webhooks_, 8) + 1)};
  switch (prng_.below(9)) {
    case 0:
    case 1:
      return request_of(ChangeWebhook{.webhook_id = id,
                                      .url = url(),
                                      .types = types,
                                      .concurrency = calls,
                                      .mode = mode,
                                      .batch_events = batch});
    case 2:
      return request_of(PauseWebhook{id, static_cast<WebhookPause>(prng_.below(3))});
    case 3:
      return request_of(ResumeWebhook{id});
    case 4:
      return request_of(RotateWebhookSecret{
          id, static_cast<std::int32_t>(prng_.between(often(10) ? -1 : 0, 90'000))});
    case 5:
      return request_of(RemoveWebhook{id});
    default:
      return request_of(AddWebhook{.url = often(3) ? Text<kWebhookUrlBytesMax>{} : url(),
                                   .types = types,
                                   .concurrency = calls,
                                   .per_second = often(3) ? 0 : 50,
                                   .mode = mode,
                                   .batch_events = batch});
  }
}

}  // namespace firebrand
