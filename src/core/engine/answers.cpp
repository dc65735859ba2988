#include "core/engine/answers.hpp"

#include "core/engine/state.hpp"

namespace firebrand {

namespace {

bool has_second_factor(const State& state, StaffId id) {
  const SecondFactor* const factor = state.access.second_factor(id);
  return factor != nullptr && factor->active;
}

}  // namespace

FindSessionResult answer_query(const State& state, const FindSession& query, Timestamp now) {
  const Session* const session = state.access.find_session(query.secret_hash, now);
  if (session == nullptr) { return {FindStatus::not_found}; }
  const Staff* const staff = state.access.find_staff(session->staff_id);
  FB_ASSERT(staff != nullptr);
  return {FindStatus::found,
          staff->role,
          session->staff_id,
          staff->login,
          has_second_factor(state, session->staff_id),
          session->session_id};
}

FindStaffResult answer_query(const State& state, const FindStaff& query, Timestamp) {
  FindStaffResult result{FindStatus::not_found};
  result.staff_count = state.access.staff_count();
  result.staff_id = state.access.staff_by_login(query.login.view());
  const Staff* const staff = state.access.find_staff(result.staff_id);
  if (staff == nullptr) { return result; }
  result.status = FindStatus::found;
  result.role = staff->role;
  result.password_hash = staff->password_hash;
  if (has_second_factor(state, result.staff_id)) {
    const SecondFactor& factor = *state.access.second_factor(result.staff_id);
    result.second_factor_version = factor.version;
    result.last_step = factor.last_step;
    result.used_recovery_codes = factor.used_recovery_codes;
  }
  return result;
}

FindSessionsResult answer_query(const State& state, const FindSessions& query, Timestamp now) {
  FindSessionsResult result{FindStatus::found};
  SessionId last = query.after;
  while (const Session* const session = state.access.next_session(query.staff_id, last)) {
    last = session->session_id;
    if (session->expires_at <= now) { continue; }
    if (result.sessions.size() == kSessionsPerAnswer) {
      result.more = true;
      break;
    }
    const Staff* const staff = state.access.find_staff(session->staff_id);
    FB_ASSERT(staff != nullptr);
    result.sessions.push_back({last, session->staff_id, staff->login, session->opened_at,
                               session->expires_at, session->agent});
  }
  return result;
}

FindStaffListResult answer_query(const State& state, const FindStaffList& query, Timestamp) {
  FindStaffListResult result{FindStatus::found};
  const std::vector<Staff>& all = state.access.staff();
  for (std::uint64_t i = query.after.value; i < all.size(); ++i) {
    if (result.staff.size() == kStaffPerAnswer) {
      result.more = true;
      break;
    }
    const StaffId id{i + 1};
    const Staff& staff = all[i];
    result.staff.push_back({id, staff.login, staff.role, staff.state, has_second_factor(state, id),
                            staff.joined_at, staff.left_at});
  }
  return result;
}

FindSecondFactorResult answer_query(const State& state, const FindSecondFactor& query, Timestamp) {
  const SecondFactor* const factor = state.access.second_factor(query.staff_id);
  if (factor == nullptr) { return {FindStatus::not_found}; }
  return {FindStatus::found, *factor};
}

FindOrderResult answer_query(const State& state, const FindOrder& query, Timestamp) {
  using enum FindOrderStatus;
  if (const Order* const order = state.orders.find(query.order_id)) {
    return {found, *order, state.sale.payments().units_returned(query.order_id)};
  }
  return {state.orders.was_archived(query.order_id) ? order_archived : order_not_found};
}

FindCodeBatchResult answer_query(const State& state, const FindCodeBatch& query, Timestamp) {
  using enum FindCodeBatchStatus;
  const CodeBatch* const batch = state.codes.batch(query.code_batch_id);
  if (batch == nullptr) { return {code_batch_not_found}; }
  const CreateCodeBatch& terms = batch->terms;
  return {found,
          {query.code_batch_id, terms.drop_id, terms.count, terms.kind, terms.valid_from,
           terms.valid_until, batch->state, batch->used, batch->sold, batch->revoked}};
}

FindReservationResult answer_query(const State& state, const FindReservation& query, Timestamp) {
  using enum FindReservationStatus;
  if (!state.drops.has(query.drop_id)) { return {drop_not_found}; }
  const ReservationBook* const book = state.reservations.book(query.drop_id);
  const Reservation* const mine =
      book == nullptr ? nullptr : state.reservations.find(query.drop_id, query.person_id);
  if (mine == nullptr) { return {reservation_not_found}; }
  return {found, *mine, state.reservations.deposit(*book)};
}

FindDrawResult answer_query(const State& state, const FindDraw& query, Timestamp) {
  if (!state.draws.has(query.draw_id)) { return {FindDrawStatus::draw_not_found}; }
  return {FindDrawStatus::found, state.draws.draw(query.draw_id)};
}

FindDrawEntryResult answer_query(const State& state, const FindDrawEntry& query, Timestamp) {
  using enum FindDrawEntryStatus;
  if (!state.draws.has(query.draw_id)) { return {draw_not_found}; }
  const DrawEntry* const entry = state.draws.find_entry(query.draw_id, query.person_id);
  if (entry == nullptr) { return {draw_not_entered}; }
  return {found, *entry};
}

FindPlaceResult answer_query(const State& state, const FindPlace& query, Timestamp) {
  const Place* const place = state.rooms.place(query.drop_id, query.wave, query.place);
  if (place == nullptr) { return {FindPlaceStatus::place_not_found}; }
  return {FindPlaceStatus::found, place->person_id, place->state, place->at};
}

FindWaitlistPlaceResult answer_query(const State& state, const FindWaitlistPlace& query,
                                     Timestamp) {
  using enum FindWaitlistPlaceStatus;
  const Waitlist* const list = state.waitlists.find(query.drop_id);
  if (list == nullptr) { return {waitlist_not_found}; }
  if (list->phase == WaitlistPhase::closed) { return {waitlist_closed}; }
  const auto mine = state.waitlists.standing(query.drop_id, query.person_id);
  if (!mine) { return {waitlist_place_not_found}; }
  return {found, mine->place, mine->stands.state, mine->ahead, mine->stands.order_id};
}

}  // namespace firebrand
