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
  } else if constexpr (is_one_of<C, CreateDrop, CancelDrop>) {
    return drops_.apply(command, shop_, context);
  } else if constexpr (is_one_of<C, ReleaseWave, PauseDrop, ResumeDrop, RecordRefusals>) {
    return drops_.apply(command, context);
  } else if constexpr (std::is_same_v<C, PlaceOrder>) {
    return sale_.apply(command, drops_, shop_, context);
  } else if constexpr (std::is_same_v<C, CancelOrder>) {
    return sale_.apply(command, drops_, shop_, context);
  } else if constexpr (std::is_same_v<C, ReturnUnits>) {
    return sale_.apply(command, drops_, shop_, context);
  } else if constexpr (is_one_of<C, RequestRefund, ConfirmRefund>) {
    return sale_.apply(command, context);
  } else if constexpr (std::is_same_v<C, ConfirmPayment>) {
    return sale_.apply(command, drops_, context);
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
  while (met < command.limit && !deadlines_.empty() && deadlines_.begin()->at <= context.now) {
    const ModelDeadline deadline = *deadlines_.begin();
    deadlines_.erase(deadlines_.begin());
    switch (deadline.kind) {
      case DeadlineKind::drop_opens:
        drops_.drop_opens(deadline.id, context);
        break;
      case DeadlineKind::wave_releases:
        if (drops_.wave_releases(deadline.id, deadline.wave, context) && met > 0) {
          ++waves_released_in_backlog_;
        }
        break;
      case DeadlineKind::order_expires:
        sale_.order_expires(deadline.id, drops_, shop_, context);
        break;
      case DeadlineKind::order_archives:
        sale_.order_archives(deadline.id, drops_, context);
        break;
      case DeadlineKind::session_expires:
        access_.session_is_over(deadline.id);
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
  const auto result = run(*command, ModelContext{now, deadlines_, reply.facts});
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
  } else if (request.number == kNumberOf<FindOrder>) {
    if (const auto query = decode<FindOrder>(request.payload)) { say(sale_.answer(*query)); }
  }
  return reply;
}

std::optional<Timestamp> Model::next_due() const {
  if (deadlines_.empty()) { return std::nullopt; }
  return deadlines_.begin()->at;
}

}  // namespace firebrand
