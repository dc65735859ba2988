#include "edge/crowd/crowd_driver.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>
#include <utility>

#include "base/assert.hpp"
#include "edge/crowd/claim_desk.hpp"
#include "edge/crowd/fan_times.hpp"
#include "edge/crowd/server_gate.hpp"

namespace firebrand {

namespace {

using std::chrono::microseconds;

/// A draw that is decided longer after the last arrival is not waited for.
constexpr microseconds kDrawWaitMax = std::chrono::minutes{5};
constexpr std::uint32_t kNoFan = ~std::uint32_t{0};

/// Only for acts that are requests.
CrowdRequest request_of(FanAct act) {
  FB_ASSERT(act != FanAct::leave);
  return static_cast<CrowdRequest>(act);
}
static_assert(static_cast<int>(FanAct::read_prize) == static_cast<int>(CrowdRequest::read_prize));

std::string_view act_name(FanAct act) { return crowd_request_name(request_of(act)); }

/// Beside the keys of purchases.
constexpr std::uint8_t kKeyCancel = kFanKeys;
constexpr std::uint8_t kKeyCancelPrize = kFanKeys + 1;

/// A code that is not good, whatever the one is that it is made of.
std::string mistyped(std::string code) {
  if (!code.empty()) { code.back() = code.back() == '0' ? '1' : '0'; }
  return code;
}

/// Seconds, the only form our servers send.
Millis retry_after_of(const HttpResponseView& response) {
  const std::string_view text = response.header("Retry-After");
  std::uint32_t seconds = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds{std::min(seconds, 60U)};
}

struct Fan {
  Fan(const FanPlan& plan, std::uint32_t limit, Prng its_prng)
      : behaviour(plan, limit), prng(its_prng), step(behaviour.start()) {}

  OwnClaims& claims() {
    if (own_claims == nullptr) { own_claims = std::make_unique<OwnClaims>(); }
    return *own_claims;
  }

  FanBehaviour behaviour;
  Prng prng;
  FanStep step;
  FanAnswer answer;  // Best of the step's copies so far.
  std::uint8_t to_send = 0;
  std::uint8_t outstanding = 0;
  bool had_order = false;  // When the step began: the first key had its order.
  bool is_paid = false;
  bool is_cancelled = false;
  std::array<bool, kFanKeys> acknowledged{};  // An order has come for this key.
  std::int32_t code = kNoCode;
  FanTimes times;
  std::string token;
  std::string person_id;
  OrderView order;  // Of the first key; no id: none.
  std::unique_ptr<OwnClaims> own_claims;
};

}  // namespace

class CrowdDriver::Impl final : public HttpSwarmListener {
 public:
  Impl(const CrowdRun& run, Clock::time_point start, CrowdJournal& journal, CrowdReport& report,
       std::ostream& progress)
      : run_(run),
        start_(start),
        journal_(journal),
        report_(report),
        progress_(progress),
        swarm_(run.endpoint, run.connections, *this, {.timeout = run.timeout}),
        gate_(run.seed),
        desk_(run, journal, report),
        opens_at_(run.opens_at),
        started_at_(run.started_at),
        in_flight_(run.connections) {
    plan_fans();
    sign_ins_.resize(fans_.size());
    std::iota(sign_ins_.begin(), sign_ins_.end(), 0U);
    std::stable_sort(sign_ins_.begin(), sign_ins_.end(), [&](std::uint32_t one, std::uint32_t two) {
      return first_need(fans_[one]) < first_need(fans_[two]);
    });
    for (SwarmConnection at = run.connections; at > 0; --at) { free_.push_back(at - 1); }
  }

  void drive() {
    microseconds next_progress = run_.progress_period;
    while (report_.fans_finished < fans_.size()) {
      now_ = since_start();
      dispatch();
      if (run_.progress_period != Millis{0} && now_ >= next_progress) {
        print_progress();
        next_progress = now_ + run_.progress_period;
      }
      if (is_over()) { break; }
      (void)swarm_.poll(time_to_wait());
      journal_.flush();
    }
    now_ = since_start();
    report_.wall_time = now_;
    report_.outages = gate_.outages_over();
    report_.time_down = gate_.time_down(now_);
    report_.answers_per_second_max =
        answers_in_second_.empty()
            ? 0
            : *std::max_element(answers_in_second_.begin(), answers_in_second_.end());
    for (const Fan& fan : fans_) {
      if (!fan.token.empty()) { ++report_.fans_signed_in; }
    }
  }

  std::vector<FanAccount> accounts() const {
    std::vector<FanAccount> accounts;
    accounts.reserve(fans_.size());
    for (const Fan& fan : fans_) {
      accounts.push_back({fan.token, fan.person_id,
                          fan.own_claims == nullptr ? std::string{} : fan.own_claims->place_token,
                          said_of(static_cast<std::uint32_t>(accounts.size()))});
    }
    return accounts;
  }

  void on_response(SwarmConnection at, std::uint64_t, const HttpResponseView& response) override {
    const InFlight sent = release(at);
    const microseconds now = since_start();
    now_ = now;
    gate_.answered(now);
    ++report_.answers;
    report_.latency[static_cast<std::size_t>(sent.kind)].record(now - sent.at);
    const auto second = static_cast<std::size_t>(now / std::chrono::seconds{1});
    if (answers_in_second_.size() <= second) { answers_in_second_.resize(second + 1); }
    ++answers_in_second_[second];
    if (response.header("Idempotency-Replayed") == "true") { ++report_.replays; }
    asked_at_ = sent.at;
    take_answer(sent.fan, read_answer(sent.fan, response));
  }

  void on_error(SwarmConnection at, std::uint64_t, HttpClientError error) override {
    const InFlight sent = release(at);
    now_ = since_start();
    if (error == HttpClientError::connect_failed) {
      gate_.unreachable(now_);
    } else {
      gate_.lost();
    }
    ++report_.errors[std::string(http_client_error_name(error))];
    take_answer(sent.fan, {.kind = FanAnswerKind::no_answer});
  }

 private:
  void plan_fans() {
    const bool says_more = !run_.access.api_key.empty();
    const LaunchOffers offers{
        .reservations = run_.drop.reserving.has_value(),
        .codes = !run_.codes.empty(),
        .room = run_.room.has_value(),
        .draw = run_.draw.has_value(),
        .waitlist = run_.drop.waitlist.has_value() && run_.drop.waitlist->is_open,
        .group = says_more && !run_.drop.group().empty(),
        .homes =
            says_more && (run_.drop.per_household_limit > 0 || run_.drop.per_address_limit > 0)};
    const LaunchTimes launch{run_.drop, run_.started_at, run_.duration,
                             run_.room.has_value() ? &*run_.room : nullptr,
                             run_.draw.has_value() ? &*run_.draw : nullptr};
    fans_.reserve(run_.arrivals.size());
    for (std::uint32_t i = 0; i < run_.arrivals.size(); ++i) {
      // A stream of its own for each fan: what one decides does not depend on the others.
      std::uint64_t seed = run_.seed + i * 0x9E3779B97F4A7C15;
      Prng prng(Prng::split_mix(seed));
      FanPlan plan = plan_fan(run_.mix, run_.drop.per_person_limit, prng);
      if (!run_.can_pay) {
        plan.pay_late = false;
        plan.pays_deposit = false;
        if (plan.end == FanEnd::pays) { plan.end = FanEnd::abandons; }
      }
      keep_to(plan, offers);
      const std::int32_t code = hand_out_code(plan);
      Fan& fan = fans_.emplace_back(plan, run_.drop.per_person_limit, prng);
      fan.code = code;
      fan.times = fan_times(plan, i, run_.arrivals[i], launch);
      last_arrival_ = std::max({last_arrival_, fan.times.arrives_at, fan.times.joins_at});
    }
  }

  /// By the fans' numbers, each code once; a plan for which none is left goes without.
  std::int32_t hand_out_code(FanPlan& plan) {
    switch (plan.code) {
      case FanCode::none:
        return kNoCode;
      case FanCode::made_up:
        return kCodeMadeUp;
      case FanCode::shared:
        if (next_code_ > 0) { return static_cast<std::int32_t>(next_code_ - 1); }
        [[fallthrough]];
      case FanCode::own:
        break;
    }
    if (next_code_ < run_.codes.size()) { return static_cast<std::int32_t>(next_code_++); }
    plan.code = FanCode::none;
    return kNoCode;
  }

  [[nodiscard]] FanSaid said_of(std::uint32_t fan) const {
    const FanPlan& plan = fans_[fan].behaviour.plan();
    FanSaid said;
    if (plan.in_group) { said.group = run_.drop.group(); }
    if (plan.shares_home) {
      const std::string home = "crowd-" + run_.run + "-";
      said.household = home + std::to_string(fan / kFansOfHousehold);
      said.address = home + std::to_string(fan / kFansOfAddress);
    }
    return said;
  }

  /// When a fan needs to be signed in.
  static microseconds first_need(const Fan& fan) {
    microseconds first = fan.times.arrives_at;
    if (fan.behaviour.plan().reserves) { first = std::min(first, fan.times.reserves_at); }
    if (fan.behaviour.plan().enters) { first = std::min(first, fan.times.enters_at); }
    if (fan.behaviour.plan().queues) { first = std::min(first, fan.times.joins_at); }
    return first;
  }

  std::string code_text(const Fan& fan) const {
    if (!fan.step.with_code || fan.code == kNoCode) { return {}; }
    if (fan.code == kCodeMadeUp) { return mistyped(run_.codes.front()); }
    return run_.codes[static_cast<std::size_t>(fan.code)];
  }

  struct InFlight {
    std::uint32_t fan = kNoFan;
    CrowdRequest kind{};
    microseconds at{0};
  };
  struct Due {
    microseconds at{0};
    std::uint32_t fan = 0;
    friend bool operator>(const Due& one, const Due& other) { return one.at > other.at; }
  };

  microseconds since_start() const {
    return std::chrono::duration_cast<microseconds>(Clock::now() - start_);
  }
  Timestamp server_now() const {
    return started_at_ + std::chrono::duration_cast<Millis>(since_start());
  }

  InFlight release(SwarmConnection at) {
    free_.push_back(at);
    return std::exchange(in_flight_[at], {});
  }

  bool is_over() {
    if (run_.stop != nullptr && run_.stop->load(std::memory_order_relaxed)) {
      report_.cut_short = "stopped";
    } else if (gate_.down_for(now_) > run_.patience) {
      report_.cut_short = "the server did not come back";
    } else if (now_ > last_moment() + gate_.time_down(now_)) {
      report_.cut_short = "some fans got no answer in time";
    }
    return !report_.cut_short.empty();
  }

  /// Fans wait for their turn while others may still come, and for a draw that is decided soon.
  microseconds patience_until(FanAct act) const {
    microseconds from = last_arrival_;
    if (act == FanAct::watch_draw && run_.draw.has_value()) {
      const microseconds decided = run_.draw->beacon_at - run_.started_at;
      if (decided <= last_arrival_ + kDrawWaitMax) { from = std::max(from, decided); }
    }
    return from + run_.queue_patience + gate_.time_down(now_);
  }

  microseconds last_moment() const {
    const microseconds arrived =
        std::max(std::max(opens_at_, microseconds{0}) + run_.duration, last_arrival_);
    const bool some_wait =
        run_.room.has_value() || run_.draw.has_value() || run_.drop.waitlist.has_value();
    const microseconds waited =
        some_wait ? patience_until(FanAct::watch_draw) - gate_.time_down(now_) : arrived;
    return std::max(arrived, waited) + run_.overtime;
  }

  microseconds time_to_wait() const {
    constexpr microseconds kLongest = std::chrono::milliseconds{50};
    if (free_.empty()) { return kLongest; }
    if (gate_.is_down()) {
      return std::clamp(gate_.probe_at() - now_, std::chrono::microseconds{1'000}, kLongest);
    }
    if (due_.empty()) { return kLongest; }
    return std::clamp(due_.top().at - since_start(), microseconds{0}, kLongest);
  }

  /// Sends what is due as long as there are connections, then lets others sign in ahead.
  void dispatch() {
    while (!free_.empty() && !due_.empty() && due_.top().at <= now_ && gate_.may_send(now_)) {
      const Due due = due_.top();
      due_.pop();
      report_.lag.record(now_ - due.at);
      send(due.fan);
    }
    // Half of the connections stay free for those who have arrived.
    const std::size_t ahead_max = std::max<std::size_t>(in_flight_.size() / 2, 1);
    while (next_sign_in_ < fans_.size() && free_.size() > in_flight_.size() - ahead_max &&
           gate_.may_send(now_)) {
      const std::uint32_t fan = sign_ins_[next_sign_in_++];
      fans_[fan].to_send = 1;
      send(fan);
    }
  }

  void send(std::uint32_t index) {
    Fan& fan = fans_[index];
    const FanStep& step = fan.step;
    switch (step.act) {
      case FanAct::sign_in:
        write_sign_in(request_, run_.access, "crowd-" + run_.run + "-" + std::to_string(index),
                      said_of(index));
        break;
      case FanAct::look:
        write_look(request_, run_.drop.drop_id);
        break;
      case FanAct::order:
        write_order(request_, run_.drop.drop_id, fan.token, key_of(index, step.key), step.quantity,
                    code_text(fan));
        break;
      case FanAct::pay:
        write_payment(request_, run_.access, fan.order, fan.token,
                      "crowd-" + run_.run + "-" + fan.order.order_id, server_now());
        note(JournalKind::pay_asked, index, fan.order);
        break;
      case FanAct::cancel:
        write_cancel(request_, fan.order.order_id, fan.token,
                     key_of(index, step.key == kKeyPrize ? kKeyCancelPrize : kKeyCancel));
        note(JournalKind::cancel_asked, index, fan.order);
        break;
      case FanAct::read_prize:
        write_read(request_, "/v1/orders/" + fan.claims().prize, fan.token);
        break;
      case FanAct::reserve:
      case FanAct::pay_deposit:
      case FanAct::withdraw:
      case FanAct::join:
      case FanAct::ask_place:
      case FanAct::leave_room:
      case FanAct::enter:
      case FanAct::leave_draw:
      case FanAct::watch_draw:
      case FanAct::read_receipt:
      case FanAct::join_waitlist:
      case FanAct::ask_waitlist:
      case FanAct::leave_waitlist:
        desk_.write(request_, step.act, asking(index), fan.claims());
        break;
      case FanAct::leave:
        FB_ASSERT(false);
    }
    const SwarmConnection at = free_.back();
    free_.pop_back();
    --fan.to_send;
    ++fan.outstanding;
    in_flight_[at] = {index, request_of(step.act), since_start()};
    // A probe is waited for: it is how everybody learns that the server is back.
    const bool hangs_up = step.hang_up && !gate_.is_down();
    gate_.sent();
    ++report_.requests;
    swarm_.send(at, 0, request_.method, request_.target, request_.headers, request_.body);
    if (hangs_up) {
      swarm_.close(at);
      (void)release(at);
      ++report_.hang_ups;
      take_answer(index, {.kind = FanAnswerKind::no_answer});
    }
  }

  std::string key_of(std::uint32_t fan, std::uint8_t key) const {
    return crowd_key(run_, fan, key);
  }

  ClaimDesk::Asking asking(std::uint32_t index) const {
    return {.fan = index,
            .token = fans_[index].token,
            .now = now_,
            .asked_at = asked_at_,
            .server_now = server_now(),
            .patience_until = patience_until(fans_[index].step.act),
            .spread = Millis{index % 1'000}};
  }

  void note(JournalKind kind, std::uint32_t index, const OrderView& order, std::string text = {}) {
    const Fan& fan = fans_[index];
    JournalEntry entry{.kind = kind,
                       .key = fan.step.key,
                       .fan = index,
                       .quantity = fan.step.quantity,
                       .code = fan.step.with_code ? fan.code : kNoCode,
                       .at = now_,
                       .order = {},
                       .note = std::move(text)};
    if (kind == JournalKind::ordered || kind == JournalKind::repeated) {
      entry.order = order;
    } else {
      entry.order.order_id = order.order_id;
    }
    journal_.append(std::move(entry));
  }

  FanAnswer read_answer(std::uint32_t index, const HttpResponseView& response) {
    if (response.status < 200 || response.status >= 300) { return read_refusal(index, response); }
    Fan& fan = fans_[index];
    FanAnswer answer{.kind = FanAnswerKind::done};
    bool is_read = false;
    switch (fan.step.act) {
      case FanAct::sign_in:
        if (auto session = reader_.session(response.body)) {
          fan.token = std::move(session->token);
          fan.person_id = std::move(session->person_id);
          is_read = true;
        }
        break;
      case FanAct::look:
        is_read = reader_.drop(response.body).has_value();
        break;
      case FanAct::order:
        if (const auto order = reader_.order(response.body)) {
          take_order(index, *order);
          is_read = true;
        }
        break;
      case FanAct::pay:
        if (const auto payment = reader_.payment(response.body)) {
          take_payment(index, *payment);
          is_read = true;
        }
        break;
      case FanAct::cancel:
        if (const auto order = reader_.order(response.body)) {
          take_cancelled(index, *order);
          is_read = true;
        }
        break;
      case FanAct::read_prize:
        if (const auto order = reader_.order(response.body)) {
          take_order(index, *order);
          is_read = true;
        }
        break;
      case FanAct::reserve:
      case FanAct::pay_deposit:
      case FanAct::withdraw:
      case FanAct::join:
      case FanAct::ask_place:
      case FanAct::leave_room:
      case FanAct::enter:
      case FanAct::leave_draw:
      case FanAct::watch_draw:
      case FanAct::read_receipt:
      case FanAct::join_waitlist:
      case FanAct::ask_waitlist:
      case FanAct::leave_waitlist:
        if (const auto taken =
                desk_.read(reader_, fan.step.act, response.body, asking(index), fan.claims())) {
          answer = *taken;
          is_read = true;
        }
        break;
      case FanAct::leave:
        break;
    }
    if (is_read) { return answer; }
    // Acted on, but we cannot tell how: as good as lost.
    ++report_.errors["unreadable_" + std::string(act_name(fan.step.act))];
    return {.kind = FanAnswerKind::no_answer};
  }

  void take_order(std::uint32_t index, const OrderView& order) {
    Fan& fan = fans_[index];
    if (fan.step.key == kKeyFirst && fan.step.quantity != fan.behaviour.plan().quantity) {
      return note(JournalKind::other_body_accepted, index, order);
    }
    const bool is_repeat = std::exchange(fan.acknowledged[fan.step.key], true);
    note(is_repeat ? JournalKind::repeated : JournalKind::ordered, index, order);
    if (is_repeat) { return; }
    ++report_.orders;
    report_.units += order.quantity;
    if (fan.step.with_code && fan.code >= 0) { ++report_.code_orders; }
    const WaveStatusView* const wave = run_.drop.wave(order.wave);
    if (wave != nullptr && !wave->group.empty()) { ++report_.group_orders; }
    if (fan.step.key == kKeyFirst) { fan.order = order; }
    if (fan.step.key != kKeyPrize) { return; }
    ++(fan.claims().listed.empty() ? report_.prizes : report_.waitlist_orders);
    // From here on this is the one to pay or to cancel.
    fan.order = order;
    fan.is_paid = fan.is_cancelled = false;
  }

  void take_payment(std::uint32_t index, const PaymentView& payment) {
    Fan& fan = fans_[index];
    OrderView order;
    order.order_id = payment.order_id;
    if (payment.outcome == "paid") {
      if (!std::exchange(fan.is_paid, true)) { ++report_.payments; }
      note(JournalKind::paid, index, order, payment.payment_id);
    } else {
      ++report_.payments_late;
      note(JournalKind::refund_due, index, order, payment.payment_id);
    }
  }

  void take_cancelled(std::uint32_t index, const OrderView& order) {
    if (order.state != OrderStateView::cancelled) {
      ++report_.refused_other["cancel: " + std::string(order_state_name(order.state))];
      return;
    }
    if (!std::exchange(fans_[index].is_cancelled, true)) { ++report_.cancellations; }
    note(JournalKind::cancelled, index, order);
  }

  FanAnswer read_refusal(std::uint32_t index, const HttpResponseView& response) {
    const Fan& fan = fans_[index];
    const auto problem = reader_.problem(response.body);
    const std::string code =
        problem.has_value() ? problem->code : "http_" + std::to_string(response.status);
    if (fan.step.act == FanAct::order) {
      ++report_.refused[code];
    } else {
      ++report_.refused_other[std::string(act_name(fan.step.act)) + ": " + code];
    }
    if (response.status >= 500 || response.status == 429 || response.status == 408 ||
        code == "proof_wanted") {
      return {.kind = FanAnswerKind::busy, .retry_after = retry_after_of(response)};
    }
    if (code == "not_open") {
      if (problem->opens_at.has_value() && problem->server_time.has_value()) {
        // Fresher than what the crowd has reckoned from its start.
        opens_at_ = now_ + (*problem->opens_at - *problem->server_time);
      }
      return {.kind = FanAnswerKind::not_open};
    }
    if (code == "reservations_not_open" || code == "waiting_room_not_open") {
      return {.kind = FanAnswerKind::not_open};
    }
    if (ClaimDesk::has(fan.step.act)) {
      desk_.refused(fan.step.act, code, asking(index), fans_[index].claims());
    }
    if (code == "paused") { return {.kind = FanAnswerKind::paused}; }
    if (code == "wave_sold_out") { return {.kind = FanAnswerKind::next_wave}; }
    const bool is_repeat = fan.step.act == FanAct::order && fan.step.key == kKeyFirst &&
                           fan.step.quantity == fan.behaviour.plan().quantity;
    if (is_repeat && fan.had_order) { note(JournalKind::repeat_refused, index, fan.order, code); }
    return {.kind = FanAnswerKind::refused};
  }

  /// One copy of the fan's step is decided; after the last one comes the next step.
  void take_answer(std::uint32_t index, const FanAnswer& answer) {
    Fan& fan = fans_[index];
    FB_ASSERT(fan.outstanding > 0);
    --fan.outstanding;
    if (answer.kind < fan.answer.kind) { fan.answer = answer; }
    if (fan.outstanding > 0 || fan.to_send > 0) { return; }
    fan.step = fan.behaviour.next(std::exchange(fan.answer, {}), fan.prng);
    if (fan.behaviour.has_left()) {
      ++report_.fans_finished;
      return;
    }
    fan.had_order = !fan.order.order_id.empty();
    fan.to_send = fan.step.copies;
    for (std::uint8_t copy = 0; copy < fan.step.copies; ++copy) { due_.push({due_at(fan), index}); }
  }

  microseconds due_at(const Fan& fan) const {
    microseconds from = now_;
    switch (fan.step.when) {
      case FanWhen::now:
        break;
      case FanWhen::at_arrival:
        from = std::max(now_, fan.times.arrives_at);
        break;
      case FanWhen::at_opening:
        from = std::max(now_, opens_at_);
        break;
      case FanWhen::at_reserving:
        from = std::max(now_, fan.times.reserves_at);
        break;
      case FanWhen::at_entering:
        from = std::max(now_, fan.times.enters_at);
        break;
      case FanWhen::at_joining:
        from = std::max(now_, fan.times.joins_at);
        break;
    }
    return from + fan.step.delay;
  }

  void print_progress() {
    progress_ << now_ / std::chrono::seconds{1} << " s: ";
    if (now_ < opens_at_) {
      progress_ << "opens in " << (opens_at_ - now_) / std::chrono::seconds{1} << " s, ";
    }
    progress_ << next_sign_in_ << " fans here, " << report_.fans_finished << " gone, "
              << report_.answers << " answers, " << report_.orders << " orders, "
              << report_.payments << " paid";
    if (gate_.is_down()) { progress_ << "; the server is away"; }
    progress_ << std::endl;
  }

  const CrowdRun& run_;
  const Clock::time_point start_;
  CrowdJournal& journal_;
  CrowdReport& report_;
  std::ostream& progress_;
  HttpSwarm swarm_;
  ServerGate gate_;
  ClaimDesk desk_;
  AnswerReader reader_;
  FanRequest request_;

  microseconds now_{0};
  microseconds asked_at_{0};  // When the question of the newest answer was sent.
  microseconds opens_at_;
  Timestamp started_at_;
  std::vector<Fan> fans_;
  microseconds last_arrival_{0};
  std::size_t next_code_ = 0;
  std::vector<std::uint32_t> sign_ins_;  // In the order of arrival.
  std::size_t next_sign_in_ = 0;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<SwarmConnection> free_;
  std::vector<InFlight> in_flight_;
  std::vector<std::uint64_t> answers_in_second_;
};

CrowdDriver::CrowdDriver(const CrowdRun& run, Clock::time_point start, CrowdJournal& journal,
                         CrowdReport& report, std::ostream& progress)
    : impl_(std::make_unique<Impl>(run, start, journal, report, progress)) {}
CrowdDriver::~CrowdDriver() = default;

void CrowdDriver::drive() { impl_->drive(); }

std::vector<FanAccount> CrowdDriver::accounts() const { return impl_->accounts(); }

}  // namespace firebrand
