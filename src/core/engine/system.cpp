#include "core/engine/system.hpp"

namespace firebrand {

namespace {

/// What meeting a deadline takes of the limit. A unit for a reserve goes to up to three people,
/// each looked up in every draw of the launch: of all that are met at once they are as many as one
/// step of ApplyDrawResults.
std::uint32_t weight_of(DeadlineKind kind) { return kind == DeadlineKind::draw_unit_back ? 12 : 1; }

/// People of a waitlist whose facts fit beside those of as many other deadlines as there may be.
constexpr int kServedBeside = 3;

}  // namespace

AdoptRulesResult System::apply(const AdoptRules& command, const CommandContext&) noexcept {
  using enum AdoptRulesStatus;
  if (command.rules_version <= rules_version_) { return {rules_not_newer}; }
  if (command.rules_version > kRulesVersion) { return {rules_unknown}; }
  rules_version_ = command.rules_version;
  return {adopted};
}

RunDueResult System::apply(const RunDue& command, const CommandContext& context) noexcept {
  using enum RunDueStatus;
  if (command.limit < 1 || command.limit > kRunDueLimitMax) { return {limit_out_of_range}; }
  std::uint32_t met = 0;
  std::uint32_t weight = 0;
  // A step over many entries is all that one command does: facts/ has room for no more.
  bool is_heavy = false;
  while (weight < command.limit && !is_heavy) {
    const auto deadline = schedule_.pop_due(context.timestamp);
    if (!deadline) { break; }
    ++met;
    weight += weight_of(deadline->kind);
    is_heavy = deadline->kind == DeadlineKind::audience_step;
    switch (deadline->kind) {
      case DeadlineKind::drop_opens:
        drops_.open_due(DropId{deadline->id}, context);
        break;
      case DeadlineKind::wave_releases:
        drops_.release_due(deadline->id, context);
        break;
      case DeadlineKind::order_expires:
        sale_.expire_due(OrderId{deadline->id}, context);
        break;
      case DeadlineKind::order_archives:
        sale_.archive_due(OrderId{deadline->id}, context);
        break;
      case DeadlineKind::session_expires:
        access_.expire_due(SessionId{deadline->id});
        break;
      case DeadlineKind::deposit_due:
        reservations_.deposit_due(ReservationId{deadline->id}, context);
        break;
      case DeadlineKind::audience_step:
        if (step_kind(deadline->id) == AudienceStep::codes_leave) {
          codes_.step_due(CodeBatchId{step_number(deadline->id)}, context);
          break;
        }
        reservations_.step_due(DropId{step_number(deadline->id)}, step_kind(deadline->id), context);
        break;
      case DeadlineKind::draw_is_due:
        draws_.due(DrawId{deadline->id}, context);
        break;
      case DeadlineKind::draw_unit_back:
        draws_.unit_back(deadline->id, context);
        break;
      case DeadlineKind::waiting_room_due:
        rooms_.due(deadline->id, context);
        break;
      case DeadlineKind::waitlist_due:
        is_heavy = waitlists_.due(deadline->id, sale_, context) > kServedBeside;
        break;
    }
  }
  if (met == 0) { return {nothing_due}; }
  return {ran, met};
}

}  // namespace firebrand
