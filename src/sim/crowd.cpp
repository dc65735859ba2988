#include "sim/crowd.hpp"

#include <utility>

#include "core/engine/numbers.hpp"
#include "core/launch/queries.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kDoneKept = 200;

}  // namespace

CrowdHabits CrowdHabits::drawn(Prng& prng) {
  CrowdHabits habits;
  habits.persons = static_cast<std::uint64_t>(prng.between(5, 300));
  habits.skus = static_cast<std::uint64_t>(prng.between(1, 4));
  habits.drops = static_cast<std::uint64_t>(prng.between(2, 12));
  habits.wave_units_max = prng.between(3, 120);
  habits.payment_seconds_max = static_cast<std::int32_t>(prng.between(2, 180));
  habits.staff_ppm = static_cast<std::uint32_t>(prng.between(20'000, 200'000));
  habits.buy_ppm = static_cast<std::uint32_t>(prng.between(300'000, 800'000));
  habits.topic = static_cast<CrowdTopic>(prng.below(6));
  // Few people win more than they may have.
  if (habits.topic == CrowdTopic::draws) { habits.persons = habits.persons / 8 + 3; }
  // Waves that sell out.
  if (habits.topic == CrowdTopic::waitlists) {
    habits.wave_units_max = habits.wave_units_max / 12 + 1;
  }
  habits.wave_ppm = static_cast<std::uint32_t>(prng.between(300'000, 900'000));
  habits.topic_ppm = static_cast<std::uint32_t>(prng.between(100'000, 500'000));
  habits.cancel_drop_ppm = static_cast<std::uint32_t>(prng.between(0, 60'000));
  habits.repeat_ppm = static_cast<std::uint32_t>(prng.between(0, 200'000));
  habits.garbage_ppm = static_cast<std::uint32_t>(prng.between(0, 40'000));
  habits.with_key_ppm = static_cast<std::uint32_t>(prng.between(300'000, 1'000'000));
  return habits;
}

Crowd::Crowd(Prng prng, const CrowdHabits& habits, Probes& probes)
    : prng_(prng), habits_(habits), probes_(probes) {}

SimRequest Crowd::send(Sent sent) {
  sent.request.token = ++last_token_;
  const auto [place, is_new] = in_flight_.emplace(last_token_, std::move(sent));
  return place->second.request;
}

SimRequest Crowd::next(Timestamp now) {
  if (!unanswered_.empty() && often(60)) {
    Sent sent{unanswered_.front(), true};
    unanswered_.pop_front();
    return send(std::move(sent));
  }
  if (prng_.chance_ppm(habits_.garbage_ppm)) { return send({garbage()}); }
  if (!done_.empty() && prng_.chance_ppm(habits_.repeat_ppm)) { return send({again()}); }
  const bool all_set_up = staff_ > 0 && !drops_.empty();
  const bool room_to_open = !rooms_.empty() && !std::exchange(rooms_.back().tried, true);
  const auto about = [&](CrowdTopic topic) {
    return habits_.topic == topic ? prng_.chance_ppm(habits_.topic_ppm) : often(4);
  };
  SimRequest request = room_to_open && often(85)                     ? open_room(rooms_.back(), now)
                       : !draws_.empty() && about(CrowdTopic::draws) ? about_draws(now)
                       : !rooms_.empty() && about(CrowdTopic::rooms) ? about_room(now)
                       : !books_.empty() && about(CrowdTopic::reservations)  ? about_reservations()
                       : !batches_.empty() && about(CrowdTopic::codes)       ? with_code()
                       : !waitlists_.empty() && about(CrowdTopic::waitlists) ? about_waitlist()
                       : !all_set_up || prng_.chance_ppm(habits_.staff_ppm)  ? by_staff(now)
                                                                             : by_fan();
  if (!request.is_query() && prng_.chance_ppm(habits_.with_key_ppm)) { request.key = some_key(); }
  return send({std::move(request)});
}

void Crowd::answered(const SimAnswer& answer) {
  const auto found = in_flight_.find(answer.token);
  if (found == in_flight_.end()) { return; }
  const Sent sent = std::move(found->second);
  in_flight_.erase(found);
  const bool done = answer.kind == AnswerKind::result && answer.status < 10;
  if (sent.after_crash && !sent.request.key.is_zero()) {
    if (answer.kind == AnswerKind::replayed) { probes_.fire(Probe::repeat_after_crash_replayed); }
    if (done) { probes_.fire(Probe::repeat_after_crash_done_anew); }
  }
  if (answer.kind == AnswerKind::request_key_reused) { probes_.fire(Probe::request_key_reused); }
  if (answer.kind == AnswerKind::undecodable) { probes_.fire(Probe::undecodable_refused); }
  // Told to come again, most do.
  if (answer.kind == AnswerKind::log_full && often(70)) { unanswered_.push_back(sent.request); }
  learn(sent.request, answer);
  if (done || often(10)) {
    done_.push_back(sent.request);
    if (done_.size() > kDoneKept) { done_.pop_front(); }
  }
}

void Crowd::turned_away(std::uint64_t token) { in_flight_.erase(token); }

void Crowd::cut_off() {
  for (auto& [token, sent] : in_flight_) {
    if (often(85)) { unanswered_.push_back(std::move(sent.request)); }
  }
  in_flight_.clear();
}

void Crowd::learn(const SimRequest& request, const SimAnswer& answer) {
  if (answer.kind != AnswerKind::result && answer.kind != AnswerKind::replayed) { return; }
  // `exists` names the id too; a thing that is known twice does no harm.
  const bool has_id = answer.status < 10 || (answer.status >= 40 && answer.status < 50);
  if (!has_id) { return; }
  if (request.number == kNumberOf<AddStaff>) { ++staff_; }
  if (request.number == kNumberOf<AddApiKey>) { ++api_keys_; }
  if (request.number == kNumberOf<PrepareSecondFactor>) {
    const auto result = answer.as<PrepareSecondFactorResult>();
    const auto command = decode<PrepareSecondFactor>(request.payload);
    if (!result || !command) { return; }
    prepared_ = {.staff_id = command->staff_id, .version = result->version};
  }
  if (request.number == kNumberOf<AddWebhook>) { ++webhooks_; }
  if (request.number == kNumberOf<AddSku>) {
    const auto result = answer.as<AddSkuResult>();
    const auto command = decode<AddSku>(request.payload);
    if (!result || !command) { return; }
    skus_.push_back({result->sku_id, {command->prices.begin(), command->prices.end()}});
  }
  if (request.number == kNumberOf<CreateLaunch>) {
    if (const auto result = answer.as<CreateLaunchResult>()) {
      launches_.push_back(result->launch_id);
    }
  }
  if (request.number == kNumberOf<CreateDrop>) {
    const auto result = answer.as<CreateDropResult>();
    const auto command = decode<CreateDrop>(request.payload);
    if (!result || !command) { return; }
    drops_.push_back({result->drop_id,
                      static_cast<std::uint16_t>(command->waves.size()),
                      command->sku_id,
                      command->currency,
                      command->opens_at,
                      command->code,
                      {}});
    for (std::uint16_t wave = 1; wave <= command->waves.size(); ++wave) {
      if (command->waves[wave - 1U].release != WaveRelease::random) { continue; }
      drops_.back().random_waves.push_back(wave);
    }
    for (std::size_t i = 0; i < command->waves.size() && answer.status == 0; ++i) {
      if (command->waves[i].decision != WaveDecision::waiting_room) { continue; }
      rooms_.push_back({.id = result->drop_id,
                        .wave = static_cast<std::uint16_t>(i + 1),
                        .opens_at = command->waves[i].opens_at});
    }
    for (std::uint16_t wave = 1; wave <= command->waves.size(); ++wave) {
      if (command->waves[wave - 1U].decision != WaveDecision::draw) { continue; }
      draws_.push_back({.drop = result->drop_id, .wave = wave});
      for (std::uint8_t& byte : draws_.back().reveal.data) {
        byte = static_cast<std::uint8_t>(prng_.next());
      }
    }
  }
  if (request.number == kNumberOf<OpenWaitingRoom>) {
    const auto command = decode<OpenWaitingRoom>(request.payload);
    for (KnownRoom& room : rooms_) {
      if (command && room.id == command->drop_id && room.wave == command->wave) {
        room.opened = true;
      }
    }
  }
  if (request.number == kNumberOf<JoinWaitingRoom>) {
    const auto result = answer.as<JoinWaitingRoomResult>();
    const auto command = decode<JoinWaitingRoom>(request.payload);
    for (KnownRoom& room : rooms_) {
      if (result && command && room.id == command->drop_id && room.wave == command->wave) {
        room.places = std::max(room.places, result->place);
        if (room.persons.size() > 12) { room.persons.erase(room.persons.begin()); }
        room.persons.push_back(command->person_id);
      }
    }
  }
  if (request.number == kNumberOf<OpenReservations>) {
    if (const auto command = decode<OpenReservations>(request.payload)) {
      books_.push_back(command->drop_id);
    }
  }
  if (request.number == kNumberOf<CreateCodeBatch>) {
    const auto result = answer.as<CreateCodeBatchResult>();
    const auto command = decode<CreateCodeBatch>(request.payload);
    if (!result || !command) { return; }
    batches_.push_back(
        {result->code_batch_id, command->drop_id, static_cast<std::uint64_t>(command->count)});
  }
  if (request.number == kNumberOf<Reserve>) {
    const auto result = answer.as<ReserveResult>();
    const auto command = decode<Reserve>(request.payload);
    if (!result || !command) { return; }
    reservations_.push_back(
        {result->reservation_id, command->drop_id, command->person_id, result->deposit});
  }
  learn_of_draw(request, answer);
  learn_of_waitlist(request);
  if (request.number == kNumberOf<PlaceOrder>) {
    const auto result = answer.as<PlaceOrderResult>();
    const auto command = decode<PlaceOrder>(request.payload);
    if (!result || !command) { return; }
    orders_.push_back({result->order_id, command->person_id, result->total});
  }
}

RequestKey Crowd::some_key() {
  RequestKey key;
  for (std::uint8_t& byte : key.data) { byte = static_cast<std::uint8_t>(prng_.next()); }
  return key;
}

SimRequest Crowd::again() {
  SimRequest request = done_[prng_.below(done_.size())];
  // Mostly word for word; some reuse the key for something else.
  if (often(30) && !request.key.is_zero() && !drops_.empty()) {
    const RequestKey key = request.key;
    request = by_fan();
    if (!request.is_query()) { request.key = key; }
  }
  return request;
}

SimRequest Crowd::garbage() {
  SimRequest request = done_.empty() ? by_staff(Timestamp{}) : done_[prng_.below(done_.size())];
  request.key = often(50) ? some_key() : RequestKey{};
  switch (prng_.below(5)) {
    case 0:
      request.number = static_cast<std::uint16_t>(prng_.next());
      break;
    case 1:
      request.payload.resize(prng_.below(request.payload.size() + 1));
      break;
    case 2:
      request.payload.push_back(std::byte{1});
      break;
    case 3:
      if (!request.payload.empty()) {
        request.payload[prng_.below(request.payload.size())] = static_cast<std::byte>(prng_.next());
      }
      break;
    default:
      for (std::byte& byte : request.payload) { byte = static_cast<std::byte>(prng_.next()); }
      break;
  }
  // What only the sequencer says of itself does not come from outside.
  if (request.number == kNumberOf<AdoptRules> || request.number == kNumberOf<RunDue> ||
      request.number == kNumberOf<RecordRefusals>) {
    request.number = 0x0999;
  }
  return request;
}

}  // namespace firebrand
