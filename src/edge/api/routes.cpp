#include "edge/api/routes.hpp"

namespace firebrand {

void add_routes(Router& router, bool demo) {
  // Hot routes first: the router looks in this order.
  add_order_routes(router);
  add_room_routes(router);
  add_waitlist_routes(router);
  add_drop_routes(router);
  add_exclusion_routes(router);
  add_proof_routes(router);
  add_reservation_routes(router);
  add_code_routes(router);
  add_draw_routes(router);
  add_payment_routes(router);
  add_pay_routes(router);
  add_refund_routes(router);
  add_reconcile_routes(router);
  add_catalogue_routes(router);
  add_launch_routes(router);
  add_access_routes(router);
  add_staff_routes(router);
  add_second_factor_routes(router);
  add_fan_session_routes(router);
  add_event_routes(router);
  add_public_log_routes(router);
  add_webhook_routes(router);
  add_trail_routes(router);
  add_operation_routes(router);
  if (demo) { add_demo_routes(router); }
  add_page_routes(router);
}

}  // namespace firebrand
