#include "edge/crowd/fan_behaviour.hpp"

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"

namespace firebrand {

namespace {

constexpr std::uint32_t kPpmMax = 1'000'000;
// A paused drop or a wave to come: a fan asks for about twenty seconds in all, then goes.
constexpr std::uint32_t kWaitsMax = 12;
constexpr std::uint32_t kNotOpenAttemptsMax = 20;
constexpr Millis kFirstAskDelay{200};  // The ticket of a place does not say when to ask.
constexpr Millis kBackOffMin{50};
constexpr Millis kBackOffMax{2'000};

Millis drawn_below(Millis bound, Prng& prng) {
  return Millis{prng.between(0, std::max<std::int64_t>(bound.count() - 1, 0))};
}

/// Millionths of "12.5" percent.
bool parse_percent(std::string_view text, std::uint32_t& ppm) {
  std::uint32_t whole = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (read.ec != std::errc{} || whole > 100) { return false; }
  std::string_view rest = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
  ppm = whole * 10'000;
  if (rest.empty()) { return true; }
  if (rest.front() != '.' || rest.size() < 2 || rest.size() > 5) { return false; }
  std::uint32_t unit = 1'000;
  for (const char digit : rest.substr(1)) {
    if (digit < '0' || digit > '9') { return false; }
    ppm += static_cast<std::uint32_t>(digit - '0') * unit;
    unit /= 10;
  }
  return ppm <= kPpmMax;
}

}  // namespace

const std::array<FanMix::Field, 37> FanMix::kFields = {{
    {"early", &FanMix::early},
    {"waits", &FanMix::waits},
    {"looks", &FanMix::looks},
    {"greedy", &FanMix::greedy},
    {"double_click", &FanMix::double_click},
    {"hang_up", &FanMix::hang_up},
    {"repeat", &FanMix::repeat},
    {"other_body", &FanMix::other_body},
    {"second_order", &FanMix::second_order},
    {"pays", &FanMix::pays},
    {"cancels", &FanMix::cancels},
    {"pay_twice", &FanMix::pay_twice},
    {"cancel_twice", &FanMix::cancel_twice},
    {"pay_late", &FanMix::pay_late},
    {"cheats", &FanMix::cheats},
    {"reserves", &FanMix::reserves},
    {"reserve_twice", &FanMix::reserve_twice},
    {"withdraws", &FanMix::withdraws},
    {"pays_deposit", &FanMix::pays_deposit},
    {"deposit_twice", &FanMix::deposit_twice},
    {"deposit_late", &FanMix::deposit_late},
    {"has_code", &FanMix::has_code},
    {"shares_code", &FanMix::shares_code},
    {"mistypes_code", &FanMix::mistypes_code},
    {"queues", &FanMix::queues},
    {"joins_early", &FanMix::joins_early},
    {"joins_twice", &FanMix::joins_twice},
    {"stops_asking", &FanMix::stops_asking},
    {"leaves_room", &FanMix::leaves_room},
    {"rejoins", &FanMix::rejoins},
    {"enters", &FanMix::enters},
    {"enters_twice", &FanMix::enters_twice},
    {"leaves_draw", &FanMix::leaves_draw},
    {"waitlists", &FanMix::waitlists},
    {"leaves_waitlist", &FanMix::leaves_waitlist},
    {"in_group", &FanMix::in_group},
    {"shares_home", &FanMix::shares_home},
}};

Expected<FanMix, FanMixError> parse_fan_mix(std::string_view text) {
  FanMix mix;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const auto* const field =
        std::find_if(FanMix::kFields.begin(), FanMix::kFields.end(),
                     [&](const FanMix::Field& one) { return one.name == name; });
    if (field == FanMix::kFields.end()) {
      std::string message = "\"" + std::string(name) + "\" is not one of:";
      for (const FanMix::Field& one : FanMix::kFields) { message += " " + std::string(one.name); }
      return Unexpected(FanMixError{message});
    }
    if (equals == std::string_view::npos ||
        !parse_percent(part.substr(equals + 1), mix.*field->ppm)) {
      return Unexpected(FanMixError{std::string(part) + ": expected " + std::string(name) +
                                    "=PERCENT, 0 to 100 with at most four decimals"});
    }
  }
  if (mix.pays + mix.cancels > kPpmMax) {
    return Unexpected(FanMixError{"pays and cancels are above 100 percent together"});
  }
  return mix;
}

FanPlan plan_fan(const FanMix& mix, std::uint32_t per_person_limit, Prng& prng) {
  FB_ASSERT(per_person_limit >= 1);
  // Everything is drawn whether or not it is used: a change of one share leaves the others alone.
  FanPlan plan;
  const bool is_early = prng.chance_ppm(mix.early);
  const Millis early_by = drawn_below(kEarlyMax, prng) + Millis{1};
  if (is_early) { plan.early_by = early_by; }
  plan.waits = prng.chance_ppm(mix.waits);
  plan.looks = prng.chance_ppm(mix.looks);
  plan.greedy = prng.chance_ppm(mix.greedy);
  plan.double_click = prng.chance_ppm(mix.double_click);
  plan.hang_up = prng.chance_ppm(mix.hang_up);
  plan.repeat = prng.chance_ppm(mix.repeat);
  plan.other_body = prng.chance_ppm(mix.other_body);
  plan.second_order = prng.chance_ppm(mix.second_order);
  const std::uint64_t end = prng.below(kPpmMax);
  if (end < mix.pays) {
    plan.end = FanEnd::pays;
  } else if (end - mix.pays < mix.cancels) {
    plan.end = FanEnd::cancels;
  }
  plan.pay_twice = prng.chance_ppm(mix.pay_twice);
  plan.cancel_twice = prng.chance_ppm(mix.cancel_twice);
  plan.pay_late = prng.chance_ppm(mix.pay_late);
  // Most want one unit, also where they may have more.
  const bool wants_more = prng.chance_ppm(kPpmMax / 4);
  const auto quantity = static_cast<std::int32_t>(prng.below(per_person_limit)) + 1;
  plan.quantity = wants_more ? quantity : 1;
  const Millis think_min = mix.think_max / 10;
  plan.think = think_min + drawn_below(mix.think_max - think_min, prng);
  plan.cheats = prng.chance_ppm(mix.cheats);
  plan.reserves = prng.chance_ppm(mix.reserves);
  plan.reserve_twice = prng.chance_ppm(mix.reserve_twice);
  plan.withdraws = prng.chance_ppm(mix.withdraws);
  plan.pays_deposit = prng.chance_ppm(mix.pays_deposit);
  plan.deposit_twice = prng.chance_ppm(mix.deposit_twice);
  plan.deposit_late = prng.chance_ppm(mix.deposit_late);
  const bool has_code = prng.chance_ppm(mix.has_code);
  const bool shares_code = prng.chance_ppm(mix.shares_code);
  const bool mistypes_code = prng.chance_ppm(mix.mistypes_code);
  if (has_code) {
    plan.code = mistypes_code ? FanCode::made_up : shares_code ? FanCode::shared : FanCode::own;
  }
  plan.queues = prng.chance_ppm(mix.queues);
  plan.joins_early = prng.chance_ppm(mix.joins_early);
  plan.joins_twice = prng.chance_ppm(mix.joins_twice);
  plan.stops_asking = prng.chance_ppm(mix.stops_asking);
  plan.leaves_room = prng.chance_ppm(mix.leaves_room);
  plan.enters = prng.chance_ppm(mix.enters);
  plan.enters_twice = prng.chance_ppm(mix.enters_twice);
  plan.leaves_draw = prng.chance_ppm(mix.leaves_draw);
  plan.rejoins = prng.chance_ppm(mix.rejoins);
  plan.in_group = prng.chance_ppm(mix.in_group);
  plan.shares_home = prng.chance_ppm(mix.shares_home);
  plan.waitlists = prng.chance_ppm(mix.waitlists);
  plan.leaves_waitlist = prng.chance_ppm(mix.leaves_waitlist);
  return plan;
}

void keep_to(FanPlan& plan, const LaunchOffers& offers) {
  if (!offers.room || plan.cheats) { plan.queues = false; }
  if (!offers.draw || plan.cheats) { plan.enters = false; }
  if (!offers.reservations || plan.cheats) { plan.reserves = false; }
  if (plan.cheats && plan.code != FanCode::none) { plan.code = FanCode::made_up; }
  if (!offers.codes) { plan.code = FanCode::none; }
  if (!offers.waitlist || plan.cheats) { plan.waitlists = false; }
  if (!offers.group || plan.cheats) { plan.in_group = false; }
  if (!offers.homes) { plan.shares_home = false; }
}

Millis retry_delay(std::uint32_t attempt, Millis retry_after, Prng& prng) {
  const std::uint32_t doublings = std::min<std::uint32_t>(std::max(attempt, 1U) - 1, 16);
  const Millis ceiling = std::min(kBackOffMin * (std::int64_t{1} << doublings), kBackOffMax);
  return std::max(retry_after, ceiling / 2) + drawn_below(ceiling / 2, prng);
}

FanStep FanBehaviour::start() const noexcept { return step(); }

FanStep FanBehaviour::next(const FanAnswer& answer, Prng& prng) noexcept {
  FB_ASSERT(!has_left());
  using enum FanAnswerKind;
  if (answer.kind == again) {
    attempts_ = 0;
    is_again_ = true;
    FanStep next_question = step();
    next_question.delay = answer.retry_after;
    return next_question;
  }
  const bool is_undecided = answer.kind == busy || answer.kind == no_answer;
  const bool waits =
      (answer.kind == paused || (answer.kind == next_wave && plan_.waits)) && waits_ < kWaitsMax;
  const bool is_early = answer.kind == not_open && attempts_ < kNotOpenAttemptsMax;
  if (waits) { ++waits_; }
  if (is_undecided || waits || is_early) {
    ++attempts_;
    is_again_ = true;
    FanStep again = step();
    // What opens at another time than the drop has a moment of its own in its step.
    if (again.act == FanAct::order) {
      again.when = answer.kind == not_open ? FanWhen::at_opening : FanWhen::now;
    }
    again.delay = waits ? Millis{1'000} + drawn_below(Millis{1'000}, prng)
                        : retry_delay(attempts_, answer.retry_after, prng);
    // People press the button when the clock shows zero, not some time after.
    if (answer.kind == not_open && attempts_ == 1) { again.delay = drawn_below(Millis{100}, prng); }
    return again;
  }
  const bool is_reserving = stage_ == Stage::reserving || stage_ == Stage::reserving_again;
  if (is_reserving && answer.kind == done) {
    deposit_due_ = answer.deposit_due;
    has_reservation_ = true;
  }
  if (stage_ == Stage::withdrawing && answer.kind == done) { has_reservation_ = false; }
  if (stage_ == Stage::entering && answer.kind == done) { has_entry_ = true; }
  if (stage_ == Stage::leaving_draw && answer.kind == done) { has_entry_ = false; }
  if (stage_ == Stage::joining) { has_joined_ = true; }
  if (stage_ == Stage::rejoining) { has_come_back_ = true; }
  if (stage_ == Stage::waiting_turn && answer.kind == done) { is_admitted_ = true; }
  if (stage_ == Stage::ordering) { has_tried_ = true; }
  const bool gives_up = answer.kind == too_long;
  const bool is_first_order = stage_ == Stage::ordering || stage_ == Stage::repeating;
  if (is_first_order && answer.kind == done) { has_order_ = true; }
  if (gives_up && stage_ == Stage::waiting_turn) {
    stage_ = Stage::leaving_room;
  } else if (gives_up && stage_ == Stage::waiting_for_unit) {
    stage_ = Stage::leaving_waitlist;
  } else {
    stage_ = stage_after(answer.kind == done);
  }
  attempts_ = 0;
  is_again_ = false;
  FanStep next = step();
  next.delay = delay_of(stage_);
  return next;
}

Millis FanBehaviour::delay_of(Stage stage) const noexcept {
  if (stage == Stage::paying || stage == Stage::cancelling) { return plan_.think; }
  if (stage == Stage::waiting_turn || stage == Stage::waiting_for_unit) { return kFirstAskDelay; }
  if (stage != Stage::paying_deposit) { return Millis{0}; }
  // The clocks differ a little: late is late beyond doubt.
  const bool waits = plan_.deposit_late && !plan_.withdraws;
  return waits ? deposit_due_ + Millis{300} : plan_.think / 8;
}

FanBehaviour::Stage FanBehaviour::stage_after(bool is_done) const noexcept {
  using enum Stage;
  switch (stage_) {
    case signing_in:
      if (!is_done) { return gone; }
      return plan_.reserves ? reserving : stage_of_draw();
    case reserving:
      if (!is_done) { return stage_of_draw(); }
      return plan_.reserve_twice ? reserving_again : stage_after_reserving();
    case reserving_again:
      return stage_after_reserving();
    case paying_deposit:
      return is_done && plan_.deposit_twice ? paying_deposit_again : stage_after_deposit();
    case paying_deposit_again:
      return stage_after_deposit();
    case withdrawing:
      return plan_.cancel_twice ? withdrawing_again : stage_after_withdrawing();
    case withdrawing_again:
      return stage_after_withdrawing();
    case entering:
      if (!is_done) { return stage_of_buying(); }
      if (plan_.enters_twice) { return entering_again; }
      return plan_.leaves_draw ? leaving_draw : stage_of_buying();
    case entering_again:
      return plan_.leaves_draw ? leaving_draw : stage_of_buying();
    case leaving_draw:
      return stage_of_buying();
    case joining:
      if (!is_done) { return has_tried_ ? stage_at_end() : first_purchase(); }
      return plan_.joins_twice ? joining_again : stage_after_joining();
    case joining_again:
      return stage_after_joining();
    case leaving_room:
      if (plan_.leaves_room && plan_.rejoins && !has_come_back_) { return rejoining; }
      // Who gave the place up on purpose tries without.
      return plan_.leaves_room && !has_tried_ ? first_purchase() : stage_at_end();
    case rejoining:
      return is_done ? waiting_turn : stage_at_end();
    case waiting_turn:
      return is_done ? first_purchase() : stage_at_end();
    case looking:
      return plan_.greedy ? asking_too_much : ordering;
    case asking_too_much:
      return ordering;
    case ordering:
      // Who was refused asks again too: that is decided anew, and a unit may have come back.
      if (plan_.repeat) { return repeating; }
      return stage_after_order(repeating);
    case repeating:
    case changing_body:
    case ordering_again:
      return stage_after_order(stage_);
    case paying:
      return is_done && plan_.pay_twice ? paying_again : stage_at_end();
    case cancelling:
      if (plan_.cancel_twice) { return cancelling_again; }
      return plan_.pay_late ? paying_late : stage_at_end();
    case cancelling_again:
      return plan_.pay_late ? paying_late : stage_at_end();
    case paying_again:
    case paying_late:
      return stage_at_end();
    case joining_waitlist:
      if (!is_done) { return gone; }
      return plan_.leaves_waitlist ? leaving_waitlist : waiting_for_unit;
    case leaving_waitlist:
      return gone;
    case waiting_for_unit:
      return is_done ? reading_prize : gone;
    case watching_draw:
      return reading_receipt;
    case reading_receipt:
      return is_done ? reading_prize : gone;
    case reading_prize:
      return is_done ? stage_of_prize() : gone;
    case paying_prize:
    case cancelling_prize:
    case gone:
      return gone;
  }
  return gone;
}

FanBehaviour::Stage FanBehaviour::stage_after_reserving() const noexcept {
  using enum Stage;
  if (plan_.withdraws && plan_.deposit_late) { return withdrawing; }
  const bool is_too_late = plan_.deposit_late && deposit_due_ > kDepositLateMax;
  if (deposit_due_ != Millis{0} && plan_.pays_deposit && !is_too_late) { return paying_deposit; }
  return stage_after_deposit();
}

FanBehaviour::Stage FanBehaviour::stage_after_deposit() const noexcept {
  return plan_.withdraws && !plan_.deposit_late ? Stage::withdrawing : stage_of_draw();
}

FanBehaviour::Stage FanBehaviour::stage_after_withdrawing() const noexcept {
  const bool pays = plan_.deposit_late && plan_.pays_deposit && deposit_due_ != Millis{0};
  return pays ? Stage::paying_deposit : stage_of_draw();
}

FanBehaviour::Stage FanBehaviour::stage_of_draw() const noexcept {
  return plan_.enters ? Stage::entering : stage_of_buying();
}

/// Who takes part in a draw waits for that alone.
FanBehaviour::Stage FanBehaviour::stage_without_order() const noexcept {
  return plan_.waitlists && !has_entry_ ? Stage::joining_waitlist : stage_at_end();
}

FanBehaviour::Stage FanBehaviour::stage_at_end() const noexcept {
  return has_entry_ ? Stage::watching_draw : Stage::gone;
}

FanBehaviour::Stage FanBehaviour::stage_of_prize() const noexcept {
  switch (plan_.end) {
    case FanEnd::pays:
      return Stage::paying_prize;
    case FanEnd::cancels:
      return Stage::cancelling_prize;
    case FanEnd::abandons:
      break;
  }
  return Stage::gone;
}

FanBehaviour::Stage FanBehaviour::stage_of_buying() const noexcept {
  const bool goes_first = has_reservation_ || plan_.code != FanCode::none || plan_.in_group;
  return plan_.queues && !goes_first ? Stage::joining : first_purchase();
}

FanBehaviour::Stage FanBehaviour::stage_after_joining() const noexcept {
  if (plan_.stops_asking) { return stage_at_end(); }
  return plan_.leaves_room ? Stage::leaving_room : Stage::waiting_turn;
}

FanBehaviour::Stage FanBehaviour::first_purchase() const noexcept {
  if (has_tried_) { return Stage::ordering; }
  if (plan_.looks) { return Stage::looking; }
  return plan_.greedy ? Stage::asking_too_much : Stage::ordering;
}

FanBehaviour::Stage FanBehaviour::stage_after_order(Stage from) const noexcept {
  using enum Stage;
  if (!has_order_) { return plan_.queues && !has_joined_ ? joining : stage_without_order(); }
  if (from < changing_body && plan_.other_body) { return changing_body; }
  if (from < ordering_again && plan_.second_order) { return ordering_again; }
  switch (plan_.end) {
    case FanEnd::pays:
      return paying;
    case FanEnd::cancels:
      return cancelling;
    case FanEnd::abandons:
      break;
  }
  return stage_at_end();
}

FanStep FanBehaviour::step() const noexcept {
  using enum Stage;
  FanStep step;
  // What was of no use for its own wave would only spoil the purchase from another.
  step.with_code = plan_.code != FanCode::none && !has_joined_;
  const FanWhen buying = is_admitted_ ? FanWhen::now : FanWhen::at_arrival;
  switch (stage_) {
    case signing_in:
      step.act = FanAct::sign_in;
      return step;
    case reserving:
      step.act = FanAct::reserve;
      step.when = FanWhen::at_reserving;
      return step;
    case reserving_again:
      step.act = FanAct::reserve;
      return step;
    case paying_deposit:
    case paying_deposit_again:
      step.act = FanAct::pay_deposit;
      return step;
    case withdrawing:
    case withdrawing_again:
      step.act = FanAct::withdraw;
      return step;
    case entering:
      step.act = FanAct::enter;
      step.when = FanWhen::at_entering;
      return step;
    case entering_again:
      step.act = FanAct::enter;
      return step;
    case leaving_draw:
      step.act = FanAct::leave_draw;
      return step;
    case joining_waitlist:
      step.act = FanAct::join_waitlist;
      return step;
    case leaving_waitlist:
      step.act = FanAct::leave_waitlist;
      return step;
    case waiting_for_unit:
      step.act = FanAct::ask_waitlist;
      return step;
    case watching_draw:
      step.act = FanAct::watch_draw;
      return step;
    case reading_receipt:
      step.act = FanAct::read_receipt;
      return step;
    case reading_prize:
      step.act = FanAct::read_prize;
      step.key = kKeyPrize;
      step.quantity = 1;
      return step;
    case paying_prize:
      step.act = FanAct::pay;
      step.key = kKeyPrize;
      return step;
    case cancelling_prize:
      step.act = FanAct::cancel;
      step.key = kKeyPrize;
      return step;
    case joining:
      step.act = FanAct::join;
      step.when = FanWhen::at_joining;
      return step;
    case joining_again:
    case rejoining:
      step.act = FanAct::join;
      return step;
    case leaving_room:
      step.act = FanAct::leave_room;
      return step;
    case waiting_turn:
      step.act = FanAct::ask_place;
      return step;
    case looking:
      step.act = FanAct::look;
      step.when = buying;
      return step;
    case asking_too_much:
      step.act = FanAct::order;
      step.when = buying;
      step.key = kKeyGreedy;
      step.quantity = static_cast<std::int32_t>(limit_) + 1;
      return step;
    case ordering:
      step.act = FanAct::order;
      step.when = buying;
      step.key = kKeyFirst;
      step.quantity = plan_.quantity;
      step.copies = plan_.double_click && !is_again_ ? 2 : 1;
      step.hang_up = plan_.hang_up && !is_again_;
      return step;
    case repeating:
      step.act = FanAct::order;
      step.key = kKeyFirst;
      step.quantity = plan_.quantity;
      return step;
    case changing_body:
      step.act = FanAct::order;
      step.key = kKeyFirst;
      step.quantity = plan_.quantity + 1;
      return step;
    case ordering_again:
      step.act = FanAct::order;
      step.key = kKeySecond;
      step.quantity = 1;
      return step;
    case paying:
    case paying_again:
    case paying_late:
      step.act = FanAct::pay;
      return step;
    case cancelling:
    case cancelling_again:
      step.act = FanAct::cancel;
      return step;
    case gone:
      return step;
  }
  return step;
}

}  // namespace firebrand
