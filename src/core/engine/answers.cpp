#include "core/engine/answers.hpp"

#include "core/engine/state.hpp"

namespace firebrand {

FindSessionResult answer_query(const State& state, const FindSession& query, Timestamp now) {
  const Session* const session = state.access.find_session(query.secret_hash, now);
  if (session == nullptr) { return {FindStatus::not_found}; }
  const Staff* const staff = state.access.find_staff(session->staff_id);
  FB_ASSERT(staff != nullptr);
  return {FindStatus::found, staff->role, session->staff_id, staff->login};
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
  return result;
}

FindOrderResult answer_query(const State& state, const FindOrder& query, Timestamp) {
  using enum FindOrderStatus;
  if (const Order* const order = state.orders.find(query.order_id)) {
    return {found, *order, state.sale.payments().units_returned(query.order_id)};
  }
  return {state.orders.was_archived(query.order_id) ? order_archived : order_not_found};
}

}  // namespace firebrand
