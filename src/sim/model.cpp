#include "sim/model.hpp"

#include <type_traits>

#include "core/engine/registry.hpp"

namespace firebrand {

namespace {

template <class C, class... Cs>
constexpr bool is_one_of = (std::is_same_v<C, Cs> || ...);

}  // namespace

/// Which module a command belongs to.
template <class C>
auto Model::run(const C& command, const ModelContext& context) {
  if constexpr (is_one_of<C, AddSku, ReceiveStock, CreateLaunch>) {
    return shop_.apply(command, context);
  } else if constexpr (is_one_of<C, CreateDrop, ReleaseWave, RevealWave>) {
    return drops_.apply(command, shop_, context);
  } else if constexpr (std::is_same_v<C, CancelDrop>) {
    const CancelDropResult result = drops_.apply(command, shop_, context);
    if (result.status == CancelDropStatus::cancelled) {
      reservations_.drop_cancelled(command.drop_id, context);
    }
    return result;
  } else if constexpr (is_one_of<C, PauseDrop, ResumeDrop, RecordRefusals, RecordTieOrder,
                                 RevealTieKey>) {
    return drops_.apply(command, context);
  } else if constexpr (std::is_same_v<C, OpenReservations>) {
    return reservations_.apply(command, drops_, shop_, context);
  } else if constexpr (is_one_of<C, Reserve, WithdrawReservation, ConfirmDeposit>) {
    return reservations_.apply(command, drops_, context);
  } else if constexpr (std::is_same_v<C, PlaceOrder>) {
    return sale_.apply(command, drops_, shop_, reservations_, codes_, rooms_, context);
  } else if constexpr (std::is_same_v<C, ExcludeFromDrop>) {
    return sale_.apply(command, drops_, reservations_, rooms_, context);
  } else if constexpr (std::is_same_v<C, CancelOrder>) {
    return sale_.apply(command, drops_, shop_, reservations_, codes_, context);
  } else if constexpr (std::is_same_v<C, ReturnUnits>) {
    return sale_.apply(command, drops_, shop_, context);
  } else if constexpr (is_one_of<C, RequestRefund, ConfirmRefund>) {
    return sale_.apply(command, context);
  } else if constexpr (std::is_same_v<C, CreateCodeBatch>) {
    return codes_.apply(command, drops_, context);
  } else if constexpr (is_one_of<C, RevokeCode, RevokeCodeBatch>) {
    return codes_.apply(command, context);
  } else if constexpr (is_one_of<C, OpenWaitingRoom, JoinWaitingRoom, LeaveWaitingRoom,
                                 RevealWaitingRoom, AdmitPlaces, LapsePlaces, ChangeAdmission,
                                 CloseWaitingRoom>) {
    return rooms_.apply(command, drops_, context);
  } else if constexpr (std::is_same_v<C, ConfirmPayment>) {
    return sale_.apply(command, drops_, reservations_, codes_, context);
  } else if constexpr (std::is_same_v<C, OpenDraw>) {
    return draws_.apply(command, drops_, LogOffset{applied_ + 1}, context);
  } else if constexpr (std::is_same_v<C, EnterDraw>) {
    return draws_.apply(command, drops_, reservations_, context);
  } else if constexpr (std::is_same_v<C, MoveUnits>) {
    return draws_.apply(command, drops_, context);
  } else if constexpr (is_one_of<C, LeaveDraw, GrantDrawTickets, ExcludeFromDraw, PublishDrawRoot,
                                 RevealDraw, PostBeacon>) {
    return draws_.apply(command, context);
  } else if constexpr (is_one_of<C, OpenWaitlist, JoinWaitlist, LeaveWaitlist, CloseWaitlist>) {
    return waitlists_.apply(command, drops_, context);
  } else if constexpr (std::is_same_v<C, ApplyDrawResults>) {
    return draws_.apply(command, drops_, sale_, shop_, reservations_, context);
  } else if constexpr (is_one_of<C, AddWebhook, ChangeWebhook, PauseWebhook, ResumeWebhook,
                                 RotateWebhookSecret, RemoveWebhook>) {
    return webhooks_.apply(command, context);
  } else {
    return access_.apply(command, context);
  }
}

AdoptRulesResult Model::run(const AdoptRules& command, const ModelContext&) {
  using enum AdoptRulesStatus;
  if (command.rules_version <= rules_version_) { return {rules_not_newer}; }
  if (command.rules_version > kRulesVersion) { return {rules_unknown}; }
  rules_version_ = command.rules_version;
  return {adopted};
}

RunDueResult Model::run(const RunDue& command, const ModelContext& context) {
  using enum RunDueStatus;
  if (command.limit < 1 || command.limit > kRunDueLimitMax) { return {limit_out_of_range}; }
  std::uint32_t met = 0;
  std::uint32_t weight = 0;
  bool is_heavy = false;
  while (weight < command.limit && !is_heavy && !deadlines_.empty() &&
         deadlines_.begin()->at <= context.now) {
    const ModelDeadline deadline = *deadlines_.begin();
    deadlines_.erase(deadlines_.begin());
    is_heavy = deadline.kind == DeadlineKind::audience_step;
    weight += deadline.kind == DeadlineKind::draw_unit_back ? 12 : 1;
    switch (deadline.kind) {
      case DeadlineKind::drop_opens:
        drops_.drop_opens(deadline.id, context);
        break;
      case DeadlineKind::wave_releases:
        if (drops_.wave_releases(deadline.id, deadline.wave, shop_, context) && met > 0) {
          ++waves_released_in_backlog_;
        }
        break;
      case DeadlineKind::order_expires:
        sale_.order_expires(deadline.id, drops_, shop_, reservations_, codes_, context);
        break;
      case DeadlineKind::order_archives:
        sale_.order_archives(deadline.id, drops_, context);
        break;
      case DeadlineKind::session_expires:
        access_.session_is_over(deadline.id);
        break;
      case DeadlineKind::deposit_due:
        reservations_.deposit_due(deadline.id, context);
        break;
      case DeadlineKind::audience_step:
        if (deadline.id % 8 == static_cast<std::uint64_t>(AudienceStep::codes_leave)) {
          codes_.codes_leave(deadline.id / 8, context);
          break;
        }
        reservations_.step_due(deadline.id, drops_, rooms_, context);
        break;
      case DeadlineKind::draw_is_due:
        draws_.draw_is_due(deadline.id, context);
        break;
      case DeadlineKind::draw_unit_back:
        draws_.unit_came_back(deadline.id, deadline.wave, drops_, sale_, shop_, reservations_,
                              context);
        break;
      case DeadlineKind::waiting_room_due:
        rooms_.is_due(deadline.id, context);
        break;
      case DeadlineKind::waitlist_due:
        is_heavy = waitlists_.is_due(deadline.id, drops_, sale_, shop_, reservations_, context) > 3;
        break;
    }
    ++met;
  }
  if (met == 0) { return {nothing_due}; }
  return {ran, met};
}

template <class C>
bool Model::apply_as(const SimRequest& request, Timestamp now, ModelReply& reply) {
  if (request.number != kNumberOf<C>) { return false; }
  const auto command = decode<C>(request.payload);
  if (!command) { return true; }
  const auto result =
      run(*command, ModelContext{now, deadlines_, reply.facts, sale_.payments(), request.actor});
  reply.kind = AnswerKind::result;
  reply.status = static_cast<std::uint8_t>(result.status);
  reply.result = encoded(result);
  reply.applied = reply.status < 10;
  return true;
}

ModelReply Model::apply(const SimRequest& request, Timestamp now) {
  ModelReply reply;
  bool known = false;
  const auto for_each_command = [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>,
                                                           auto&& visit) {
    (visit.template operator()<typename std::tuple_element_t<kIndex, Commands>::Type>() || ...);
  };
  constexpr auto kAll = std::make_index_sequence<std::tuple_size_v<Commands>>();
  for_each_command(kAll,
                   [&]<class C>() { return known = known || request.number == kNumberOf<C>; });
  if (!known) { return reply; }

  if (const auto first = first_answers_.find(request.key);
      first != first_answers_.end() && now - first->second.at < std::chrono::hours{24}) {
    if (first->second.number != request.number || first->second.payload != request.payload) {
      reply.kind = AnswerKind::request_key_reused;
      return reply;
    }
    reply.kind = AnswerKind::replayed;
    reply.result = first->second.result;
    reply.status = std::to_integer<std::uint8_t>(reply.result[0]);
    return reply;
  }
  for_each_command(kAll, [&]<class C>() { return apply_as<C>(request, now, reply); });
  if (!reply.applied) { reply.facts.clear(); }
  if (reply.applied) { ++applied_; }
  if (reply.applied && !request.key.is_zero()) {
    request_keys_forgotten_ += first_answers_.count(request.key);
    first_answers_[request.key] = {request.number, request.payload, reply.result, now};
  }
  return reply;
}

ModelReply Model::answer(const SimRequest& request, Timestamp now) const {
  ModelReply reply;
  const auto say = [&](const auto& result) {
    reply.kind = AnswerKind::result;
    reply.status = static_cast<std::uint8_t>(result.status);
    reply.result = encoded(result);
  };
  if (request.number == kNumberOf<FindSession>) {
    if (const auto query = decode<FindSession>(request.payload)) {
      say(access_.answer(*query, now));
    }
  } else if (request.number == kNumberOf<FindStaff>) {
    if (const auto query = decode<FindStaff>(request.payload)) { say(access_.answer(*query)); }
  } else if (request.number == kNumberOf<FindSessions>) {
    if (const auto query = decode<FindSessions>(request.payload)) {
      say(access_.answer(*query, now));
    }
  } else if (request.number == kNumberOf<FindStaffList>) {
    if (const auto query = decode<FindStaffList>(request.payload)) { say(access_.answer(*query)); }
  } else if (request.number == kNumberOf<FindSecondFactor>) {
    if (const auto query = decode<FindSecondFactor>(request.payload)) {
      say(access_.answer(*query));
    }
  } else if (request.number == kNumberOf<FindOrder>) {
    if (const auto query = decode<FindOrder>(request.payload)) { say(sale_.answer(*query)); }
  } else if (request.number == kNumberOf<FindCodeBatch>) {
    if (const auto query = decode<FindCodeBatch>(request.payload)) { say(codes_.answer(*query)); }
  } else if (request.number == kNumberOf<FindReservation>) {
    if (const auto query = decode<FindReservation>(request.payload)) {
      say(reservations_.answer(*query, drops_));
    }
  } else if (request.number == kNumberOf<FindDraw>) {
    if (const auto query = decode<FindDraw>(request.payload)) { say(draws_.answer(*query)); }
  } else if (request.number == kNumberOf<FindDrawEntry>) {
    if (const auto query = decode<FindDrawEntry>(request.payload)) { say(draws_.answer(*query)); }
  } else if (request.number == kNumberOf<FindPlace>) {
    if (const auto query = decode<FindPlace>(request.payload)) { say(rooms_.answer(*query)); }
  } else if (request.number == kNumberOf<FindWaitlistPlace>) {
    if (const auto query = decode<FindWaitlistPlace>(request.payload)) {
      say(waitlists_.answer(*query));
    }
  }
  return reply;
}

std::optional<Timestamp> Model::next_due() const {
  if (deadlines_.empty()) { return std::nullopt; }
  return deadlines_.begin()->at;
}

}  // namespace firebrand
