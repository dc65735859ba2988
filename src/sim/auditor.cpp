#include "sim/auditor.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "core/engine/system.hpp"

namespace firebrand {

namespace {

std::string text(std::string_view what, std::uint64_t number) {
  return " " + std::string(what) + " " + std::to_string(number);
}

std::string name_of(std::uint16_t number) {
  const CommandInfo* const info = find_command(number);
  return info == nullptr ? "number " + std::to_string(number) : std::string(info->name);
}

}  // namespace

bool operator==(const ShownDrop& a, const ShownDrop& b) {
  const auto units = [](const DropUnits& of) {
    return std::tuple(of.total, of.unreleased, of.available, of.held, of.sold, of.withdrawn,
                      of.returned);
  };
  const auto orders = [](const OrderCounts& of) {
    return std::tuple(of.placed, of.paid, of.expired, of.cancelled);
  };
  return units(a.units) == units(b.units) && orders(a.orders) == orders(b.orders) &&
         a.phase == b.phase && a.paused == b.paused && a.available == b.available &&
         a.given == b.given && a.ties == b.ties && a.tie_key_public == b.tie_key_public &&
         std::ranges::equal(a.refusals, b.refusals,
                            [](const RefusalTotal& one, const RefusalTotal& other) {
                              return one.reason == other.reason && one.count == other.count;
                            });
}

// ---- A step ------------------------------------------------------------------------------------

void Auditor::stepped(const StepSeen& seen, const Engine& engine) {
  const LogOffset before = offset();
  audit(seen.requests <= waiting_.size(), "more requests were taken than were sent");
  std::uint64_t commands = 0;
  for (std::size_t i = 0; i < seen.requests; ++i) { commands += waiting_[i].is_query() ? 0 : 1; }
  audit(seen.tie_waited <= commands, "more purchases wait than were taken");
  commands += seen.tie_decided - seen.tie_waited;
  audit(seen.log_full <= commands, "more log_full answers than commands");

  // Space only shrinks within a step: whoever found some comes before all who found none. If
  // no command found any, the offset says how many of the sequencer's own did.
  std::uint64_t admitted = commands - seen.log_full;
  const std::uint64_t own_max =
      admitted > 0 ? UINT64_MAX : seen.offset.value - std::min(seen.offset, before).value;
  if (predict_own(seen, own_max)) {
    audit(seen.requests == 0 && seen.tie_decided == 0,
          "a request was taken although something was still due");
  } else {
    ties_.close_due(seen.now);
  }
  const auto is_full = [&admitted](const SimRequest& request) {
    if (request.is_query() || admitted == 0) { return !request.is_query(); }
    --admitted;
    return false;
  };
  for (std::uint64_t i = 0; i < seen.tie_decided; ++i) {
    const SimRequest* const next = ties_.next();
    audit(next != nullptr, "a purchase was decided before its tie window was over");
    const SimRequest request = *next;
    ties_.decided(predict(request, seen.now, is_full(request)));
  }
  std::uint64_t waited = 0;
  for (std::size_t i = 0; i < seen.requests; ++i) {
    const SimRequest& request = waiting_.front();
    if (ties_.take(request, live_.drops(), seen.now)) {
      ++waited;
    } else if (predict(request, seen.now, is_full(request)) &&
               request.number == kNumberOf<PlaceOrder>) {
      ties_.accepted(decode<PlaceOrder>(request.payload)->drop_id, request.received_ns);
    }
    waiting_.pop_front();
  }
  audit(waited == seen.tie_waited, "another number of purchases waits for tie windows");
  probes_.fire(Probe::tie_windows_full, ties_.full() && waited > 0 ? 1 : 0);
  probes_.fire(Probe::tie_window_split, seen.tie_decided > 0 && ties_.next() != nullptr ? 1 : 0);
  audit(seen.offset == offset(), [&] {
    return "after the step the offset is" + text("", seen.offset.value) + ", predicted was" +
           text("", offset().value);
  });
  const auto [noted, is_new] = digests_.emplace(offset(), engine.digest());
  audit(is_new || noted->second == engine.digest(), "the state changed without a record");
  audit(engine.next_due() == live_.next_due(), "another deadline is the next one");
  if (offset() != before) { shown_[offset()] = show(); }
}

bool Auditor::predict_own(const StepSeen& seen, std::uint64_t own_max) {
  std::uint64_t own = 0;
  if (live_.rules_version() < kRulesVersion && own < own_max) {
    apply_own(request_of(AdoptRules{kRulesVersion}), seen.now);
    ++own;
  }
  const auto is_due = [&] { return live_.next_due() && *live_.next_due() <= seen.now; };
  if (is_due() && own < own_max) {
    const std::uint64_t in_backlog = live_.waves_released_in_backlog();
    const std::uint64_t kept = live_.sale().kept();
    const std::uint64_t ended = live_.sale().rights_ended();
    const std::uint64_t left = live_.reservations().left();
    apply_own(request_of(RunDue{kRunDueLimitMax}), seen.now);
    ++own;
    probes_.fire(Probe::wave_released_in_backlog, live_.waves_released_in_backlog() - in_backlog);
    probes_.fire(Probe::paid_order_kept, live_.sale().kept() - kept);
    probes_.fire(Probe::right_ended_with_order, live_.sale().rights_ended() - ended);
    probes_.fire(Probe::reservation_left, live_.reservations().left() - left);
    if (is_due()) {
      probes_.fire(Probe::backlog_beyond_one_run_due);
      return true;
    }
  }
  if (!refusals_.empty() && seen.now >= refusals_recorded_at_ + refusals_period_ && own < own_max) {
    RecordRefusals record;
    for (const RefusalCount& refusal : refusals_) { record.refusals.push_back(refusal); }
    refusals_.clear();
    refusals_recorded_at_ = seen.now;
    apply_own(request_of(record), seen.now);
    probes_.fire(Probe::refusals_recorded);
    ++own;
  }
  if (ties_.has_sums() && seen.now >= ties_recorded_at_ + refusals_period_ && own < own_max) {
    const RecordTieOrder record = ties_.take_sums();
    for (const TieCount& count : record.counts) {
      if (count.windows > 0) { probes_.fire(Probe::tie_window_decided); }
      if (count.inversions > 0) { probes_.fire(Probe::purchases_inverted); }
    }
    ties_recorded_at_ = seen.now;
    apply_own(request_of(record), seen.now);
  }
  return false;
}

void Auditor::apply_own(SimRequest request, Timestamp now) {
  ModelReply reply = live_.apply(request, now);
  audit(reply.applied, [&] { return "own command was not applied: " + name_of(request.number); });
  for (const ModelFact& fact : reply.facts) {
    if (fact.type == kNumberOf<OrderArchived>) { probes_.fire(Probe::order_archived); }
    if (fact.type == kNumberOf<PlaceEnded>) { probes_.fire(Probe::place_expired); }
  }
  remember(request, now, reply);
}

bool Auditor::predict(const SimRequest& request, Timestamp now, bool log_full) {
  ModelReply reply;
  if (request.is_query()) {
    reply = live_.answer(request, now);
  } else if (log_full) {
    reply.kind = AnswerKind::log_full;
  } else {
    const std::uint64_t forgotten = live_.request_keys_forgotten();
    reply = live_.apply(request, now);
    probes_.fire(Probe::request_key_forgotten, live_.request_keys_forgotten() - forgotten);
    probe(request, reply, now);
    if (reply.applied) {
      remember(request, now, reply);
      if (request.actor.kind == ActorKind::staff) { shown_[offset()] = show(); }
    } else {
      count_refusal(request, reply);
    }
  }
  const bool applied = reply.applied;
  owed_.push_back({request.token, request.number, std::move(reply), offset(), now});
  return applied;
}

void Auditor::probe_facts(const std::vector<ModelFact>& facts) {
  for (const ModelFact& fact : facts) {
    if (fact.type == kNumberOf<ReservationUsed>) { probes_.fire(Probe::reservation_used); }
    if (fact.type == kNumberOf<ReservationReminderDue>) {
      probes_.fire(Probe::reservation_reminded);
    }
    if (fact.type == kNumberOf<CodeUsed>) { probes_.fire(Probe::code_used); }
    if (fact.type == kNumberOf<CodeSold>) { probes_.fire(Probe::code_sold); }
    if (fact.type == kNumberOf<CodeCameBack>) { probes_.fire(Probe::code_came_back); }
    if (fact.type == kNumberOf<CodeRevoked>) { probes_.fire(Probe::code_revoked); }
    if (fact.type == kNumberOf<DepositRefundDue>) { probes_.fire(Probe::deposit_late); }
    if (fact.type != kNumberOf<ReservationEnded>) { continue; }
    switch (decode<ReservationEnded>(fact.payload)->state) {
      case ReservationState::withdrawn:
        probes_.fire(Probe::reservation_withdrawn);
        break;
      case ReservationState::lapsed:
        probes_.fire(Probe::reservation_lapsed);
        break;
      case ReservationState::defaulted:
        probes_.fire(Probe::reservation_defaulted);
        break;
      case ReservationState::returned:
        probes_.fire(Probe::reservation_returned);
        break;
      case ReservationState::pending_deposit:
      case ReservationState::reserved:
      case ReservationState::ordered:
      case ReservationState::used:
        break;
    }
  }
}

void Auditor::probe_release(const ModelFact& fact) {
  if (fact.type != kNumberOf<WaveReleased>) { return; }
  const auto released = decode<WaveReleased>(fact.payload);
  const CreateDrop& plan = live_.drops().find(released->drop_id)->plan;
  if (plan.waves[released->wave - 1U].release == WaveRelease::on_sold_out) {
    probes_.fire(Probe::wave_released_on_sold_out);
  }
}

void Auditor::remember(const SimRequest& request, Timestamp now, ModelReply& reply) {
  probe_facts(reply.facts);
  for (const ModelFact& fact : reply.facts) {
    constexpr std::pair<std::uint16_t, Probe> kProbesOfFacts[] = {
        {kNumberOf<StaffRemoved>, Probe::staff_removed},
        {kNumberOf<SecondFactorConfirmed>, Probe::second_factor_confirmed},
        {kNumberOf<DrawEntered>, Probe::draw_entered},
        {kNumberOf<DrawLeft>, Probe::draw_left},
        {kNumberOf<DrawRevealWithheld>, Probe::draw_reveal_withheld},
        {kNumberOf<DrawRevealed>, Probe::draw_revealed},
        {kNumberOf<DrawWon>, Probe::draw_won},
        {kNumberOf<DrawPassedOver>, Probe::draw_passed_over},
        {kNumberOf<DrawPromoted>, Probe::draw_promoted},
        {kNumberOf<DrawCompleted>, Probe::draw_completed},
        {kNumberOf<WaitlistJoined>, Probe::waitlist_joined},
        {kNumberOf<WaitlistLeft>, Probe::waitlist_left},
        {kNumberOf<WaitlistServed>, Probe::waitlist_served},
        {kNumberOf<WaitlistClosed>, Probe::waitlist_closed},
        {kNumberOf<WaveRevealed>, Probe::wave_revealed},
        {kNumberOf<TieKeyRevealed>, Probe::tie_key_revealed},
        {kNumberOf<UnitsMoved>, Probe::units_moved},
        {kNumberOf<UnitsWithdrawn>, Probe::units_withdrawn}};
    if (request.number == kNumberOf<RunDue>) { probe_release(fact); }
    for (const auto& [type, probe] : kProbesOfFacts) {
      if (fact.type == type) { probes_.fire(probe); }
    }
  }
  history_.push_back({request, now, reply.facts});
}

/// Demand that is turned away at a drop is summed up, at most so many pairs at a time.
void Auditor::count_refusal(const SimRequest& request, const ModelReply& reply) {
  if (request.number != kNumberOf<PlaceOrder> || reply.kind != AnswerKind::result) { return; }
  const auto order = decode<PlaceOrder>(request.payload);
  if (!order || live_.drops().find(order->drop_id) == nullptr) { return; }
  for (RefusalCount& sum : refusals_) {
    if (sum.drop_id == order->drop_id && sum.reason == reply.status) {
      ++sum.count;
      return;
    }
  }
  if (refusals_.size() < kRefusalsPerRecordMax) {
    refusals_.push_back({order->drop_id, reply.status, 1});
  }
}

/// Limits, and what is not for everyone.
void Auditor::probe_standing(const SimRequest& request, const ModelReply& reply) {
  const auto within = [&](std::uint16_t number, auto first, auto last) {
    return request.number == number && reply.status >= static_cast<std::uint8_t>(first) &&
           reply.status <= static_cast<std::uint8_t>(last);
  };
  using enum PlaceOrderStatus;
  constexpr std::uint16_t kPlace = kNumberOf<PlaceOrder>;
  if (within(kPlace, purchase_limit, purchase_limit)) {
    const bool of_wave = decode<PlaceOrderResult>(reply.result)->wave != 0;
    probes_.fire(of_wave ? Probe::wave_limit : Probe::purchase_limit);
  }
  if (within(kPlace, household_limit, household_limit)) { probes_.fire(Probe::household_limit); }
  if (within(kPlace, address_limit, address_limit)) { probes_.fire(Probe::address_limit); }
  if (within(kPlace, group_required, risk_too_high)) { probes_.fire(Probe::wave_for_others); }
  if (within(kNumberOf<EnterDraw>, EnterDrawStatus::reservation_required,
             EnterDrawStatus::risk_too_high)) {
    probes_.fire(Probe::draw_for_others);
  }
  if (within(kNumberOf<JoinWaitingRoom>, JoinWaitingRoomStatus::group_required,
             JoinWaitingRoomStatus::risk_too_high)) {
    probes_.fire(Probe::room_for_others);
  }
  const auto is_kept_out = [&](std::uint16_t number, auto status) {
    return within(number, status, status);
  };
  if (is_kept_out(kPlace, excluded_from_drop) ||
      is_kept_out(kNumberOf<JoinWaitingRoom>, JoinWaitingRoomStatus::excluded_from_drop) ||
      is_kept_out(kNumberOf<JoinWaitlist>, JoinWaitlistStatus::excluded_from_drop) ||
      is_kept_out(kNumberOf<Reserve>, ReserveStatus::excluded_from_drop)) {
    probes_.fire(Probe::excluded_from_drop);
  }
  for (const ModelFact& fact : reply.facts) {
    if (fact.type == kNumberOf<DropExcluded>) { probes_.fire(Probe::drop_excluded); }
    if (fact.type != kNumberOf<DrawPassedOver>) { continue; }
    if (decode<DrawPassedOver>(fact.payload)->reason >= DrawPassing::household_limit) {
      probes_.fire(Probe::draw_shared_limit);
    }
  }
}

void Auditor::probe(const SimRequest& request, const ModelReply& reply, Timestamp now) {
  if (reply.kind != AnswerKind::result) { return; }
  const auto is = [&](std::uint16_t number, auto status) {
    return request.number == number && reply.status == static_cast<std::uint8_t>(status);
  };
  constexpr std::uint16_t kPlace = kNumberOf<PlaceOrder>;
  constexpr std::uint16_t kPay = kNumberOf<ConfirmPayment>;
  if (is(kPlace, PlaceOrderStatus::sold_out)) { probes_.fire(Probe::sold_out); }
  if (is(kNumberOf<OpenSession>, OpenSessionStatus::second_factor_used)) {
    probes_.fire(Probe::second_factor_used);
  }
  if (is(kPlace, PlaceOrderStatus::code_not_usable)) { probes_.fire(Probe::code_not_usable); }
  if (is(kPlace, PlaceOrderStatus::reservation_required)) {
    probes_.fire(Probe::reservation_required);
  }
  if (is(kPlace, PlaceOrderStatus::not_in_waiting_room)) {
    probes_.fire(Probe::not_in_waiting_room);
  }
  if (is(kPlace, PlaceOrderStatus::proof_wanted)) { probes_.fire(Probe::proof_wanted); }
  for (const ModelFact& fact : reply.facts) {
    if (fact.type == kNumberOf<PlaceAdmitted>) {
      const auto place = decode<PlaceAdmitted>(fact.payload);
      const ModelRoom* const room = live_.rooms().find(place->drop_id, place->wave);
      if (place->place <= room->early) { probes_.fire(Probe::early_place_admitted); }
    }
    if (fact.type == kNumberOf<PlaceEnded>) {
      if (decode<PlaceEnded>(fact.payload)->state == PlaceState::used) {
        probes_.fire(Probe::place_used);
      }
    }
  }
  probe_standing(request, reply);
  if (is(kPay, ConfirmPaymentStatus::exists)) { probes_.fire(Probe::payment_repeated); }
  if (is(kPay, ConfirmPaymentStatus::refund_due)) {
    const auto payment = decode<ConfirmPayment>(request.payload);
    const auto order = live_.sale().orders().find(payment->order_id.value);
    if (order == live_.sale().orders().end()) {
      probes_.fire(Probe::payment_for_archived_order);
    } else {
      if (order->second.state == OrderState::paid) { probes_.fire(Probe::payment_for_paid_order); }
      if (order->second.expires_at <= now) { probes_.fire(Probe::payment_late); }
    }
  }
  if (is(kPay, ConfirmPaymentStatus::unmatched)) { probes_.fire(Probe::payment_unmatched); }
  probe_refunds(request, reply);
  if (is(kNumberOf<CancelDrop>, CancelDropStatus::cancelled)) {
    const auto command = decode<CancelDrop>(request.payload);
    if (live_.drops().find(command->drop_id)->units().held > 0) {
      probes_.fire(Probe::drop_cancelled_with_orders);
    }
  }
  if (reply.applied && was_full_) {
    probes_.fire(Probe::commands_again_after_log_full);
    was_full_ = false;
  }
}

void Auditor::probe_refunds(const SimRequest& request, const ModelReply& reply) {
  const auto is = [&](std::uint16_t number, auto status) {
    return request.number == number && reply.status == static_cast<std::uint8_t>(status);
  };
  constexpr std::uint16_t kConfirm = kNumberOf<ConfirmRefund>;
  if (is(kConfirm, ConfirmRefundStatus::confirmed)) { probes_.fire(Probe::refund_confirmed); }
  if (is(kConfirm, ConfirmRefundStatus::failed)) { probes_.fire(Probe::refund_failed); }
  if (is(kConfirm, ConfirmRefundStatus::booked)) { probes_.fire(Probe::refund_unasked); }
  if (is(kNumberOf<ReturnUnits>, ReturnUnitsStatus::returned)) {
    probes_.fire(Probe::units_returned);
  }
}

Auditor::Shown Auditor::show() const {
  Shown shown{.drops = {},
              .api_key_revoked = live_.access().api_key_revoked(),
              .webhooks = live_.webhooks().all()};
  for (const ModelDrop& drop : live_.drops().all()) {
    ShownDrop& one = shown.drops.emplace_back(ShownDrop{drop.units(),
                                                        drop.orders,
                                                        drop.phase,
                                                        drop.paused,
                                                        {},
                                                        drop.refusals,
                                                        {},
                                                        drop.ties,
                                                        drop.tie_key_public});
    for (std::uint16_t wave = 1; wave <= drop.waves.size(); ++wave) {
      one.available.push_back(drop.on_sale(wave));
      one.given.push_back(drop.waves[wave - 1U].units);
    }
  }
  return shown;
}

// ---- What leaves -------------------------------------------------------------------------------

void Auditor::departed(const SimAnswer& answer, LogOffset durable) {
  audit(!owed_.empty(), "an answer left that nobody waits for");
  const Owed owed = std::move(owed_.front());
  owed_.pop_front();
  const auto about = [&](std::string_view what) {
    return std::string(what) + " in the answer to " + name_of(owed.number) +
           text("token", owed.token) + ": kind " + std::string(enum_name(answer.kind)) +
           text("status", answer.status) + text("offset", answer.wait_offset.value) +
           "; predicted kind " + std::string(enum_name(owed.reply.kind)) +
           text("status", owed.reply.status) + text("offset", owed.wait_offset.value);
  };
  audit(answer.token == owed.token && answer.number == owed.number,
        [&] { return about("another token"); });
  audit(answer.kind == owed.reply.kind, [&] { return about("another kind"); });
  audit(answer.status == owed.reply.status, [&] { return about("another status"); });
  audit(std::ranges::equal(answer.result, owed.reply.result),
        [&] { return about("other fields"); });
  audit(answer.timestamp == owed.at, [&] { return about("another stamp"); });
  audit(answer.wait_offset == owed.wait_offset, [&] { return about("another offset"); });
  audit(answer.wait_offset <= durable, [&] { return about("an offset that is not durable"); });
  promised_ = std::max(promised_, answer.wait_offset);
  ++answers_;
  if (answer.kind == AnswerKind::log_full) {
    ++answers_log_full_;
    was_full_ = true;
    probes_.fire(Probe::log_full_answered);
  }
  // For the eye: 1568 0 55 is place_order, a result, sold_out.
  trace_.add("answer", answer.wait_offset.value, answer.number,
             static_cast<std::uint64_t>(answer.kind) * 1'000 + answer.status);
}

void Auditor::page_left(const LiveBoardPage& page, LogOffset durable) {
  audit(page.offset <= durable, "a live page shows what is not durable");
  promised_ = std::max(promised_, page.offset);
  const auto at = shown_.find(page.offset);
  audit(at != shown_.end(), "a live page stands at an offset where none is made");
  for (const DropView& view : page.drops) {
    audit(view.drop_id.value <= at->second.drops.size(), "a live page shows a drop too early");
    ShownDrop shown{view.units,
                    view.drop.orders,
                    view.drop.phase,
                    view.drop.pausing == Pausing::paused,
                    {view.available_by_wave.begin(), view.available_by_wave.end()},
                    {view.drop.refusals.begin(), view.drop.refusals.end()},
                    {},
                    view.drop.ties,
                    !view.drop.tie_key.is_zero()};
    for (std::uint16_t wave = 1; wave <= view.drop.plan.waves.size(); ++wave) {
      shown.given.push_back(view.drop.units_of(wave));
    }
    audit(shown == at->second.drops[view.drop_id.value - 1], "a live page shows another drop");
    board_drops_[view.drop_id] = shown;
  }
  if (page.api_keys) {
    board_api_keys_.clear();
    for (const ApiKey& key : *page.api_keys) {
      board_api_keys_.push_back(key.state == ApiKeyState::revoked);
    }
    audit(board_api_keys_ == at->second.api_key_revoked, "a live page shows other keys");
  }
  if (page.webhooks) {
    board_webhooks_.clear();
    for (const Webhook& webhook : *page.webhooks) {
      board_webhooks_.push_back(ModelWebhook::of(webhook));
    }
    audit(board_webhooks_ == at->second.webhooks, "a live page shows other endpoints");
  }
  shown_.erase(shown_.begin(), at);
}

void Auditor::became_durable(LogOffset durable) {
  audit(durable >= durable_offset_ && durable <= offset(), "the durable offset went astray");
  while (durable_offset_ < durable) {
    ++durable_offset_.value;
    const HistoryEntry& one = entry(durable_offset_);
    audit(durable_model_.apply(one.request, one.at).applied, "the model does not repeat itself");
  }
}

// ---- A crash -----------------------------------------------------------------------------------

void Auditor::crashed() {
  for (const Owed& owed : owed_) {
    if (owed.wait_offset <= durable_offset_) { probes_.fire(Probe::answer_lost_though_durable); }
  }
  waiting_.clear();
  owed_.clear();
  refusals_.clear();
  refusals_recorded_at_ = {};
  ties_.clear();
  ties_recorded_at_ = {};
  was_full_ = false;
}

void Auditor::recovered(LogOffset recovered_offset) {
  const std::uint64_t kept = recovered_offset.value;
  audit(kept >= promised_.value, [&] {
    return "something that left rests on" + text("offset", promised_.value) +
           ", but the log ends at" + text("offset", kept);
  });
  audit(kept >= durable_offset_.value, [&] {
    return text("offset", durable_offset_.value) + " was durable, but the log ends at" +
           text("offset", kept);
  });
  audit(kept <= history_.size(), "the log has records that were never made");
  for (std::uint64_t i = durable_offset_.value; i < history_.size(); ++i) {
    if (history_[i].request.number != kNumberOf<PlaceOrder>) { continue; }
    probes_.fire(i < kept ? Probe::purchase_kept_unacknowledged
                          : Probe::purchase_lost_unacknowledged);
  }
  history_.resize(kept);
  digests_.erase(digests_.upper_bound(recovered_offset), digests_.end());
  became_durable(recovered_offset);
  live_ = durable_model_;
  shown_.clear();
  shown_[recovered_offset] = show();
  board_drops_.clear();
  board_api_keys_.clear();
  board_webhooks_.clear();
  promised_ = recovered_offset;
}

void Auditor::check_quiet() const {
  audit(waiting_.empty(), "requests wait although nothing is left to do");
  audit(ties_.next() == nullptr, "a tie window is over, and who waited in it still waits");
  audit(owed_.empty(), "answers are owed although nothing is left to do");
}

void Auditor::check_board() const {
  const Shown now = show();
  audit(board_drops_.size() == now.drops.size(), "a drop was never shown");
  for (const auto& [id, drop] : board_drops_) {
    audit(drop == now.drops[id.value - 1], "a drop stays shown as it no longer is");
  }
  audit(board_api_keys_ == now.api_key_revoked, "keys stay shown as they no longer are");
  audit(board_webhooks_ == now.webhooks, "endpoints stay shown as they no longer are");
}

}  // namespace firebrand
