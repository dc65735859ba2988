#pragma once

#include "edge/api/route.hpp"

namespace firebrand {

/// Every route, module by module; a module's routes stand in the file of its name.
void add_routes(Router& router, bool demo);

void add_access_routes(Router& router);
void add_staff_routes(Router& router);
void add_second_factor_routes(Router& router);
void add_fan_session_routes(Router& router);
void add_catalogue_routes(Router& router);
void add_launch_routes(Router& router);
void add_drop_routes(Router& router);
void add_exclusion_routes(Router& router);
void add_order_routes(Router& router);
void add_proof_routes(Router& router);
void add_reservation_routes(Router& router);
void add_code_routes(Router& router);
void add_draw_routes(Router& router);
void add_room_routes(Router& router);
void add_waitlist_routes(Router& router);
void add_payment_routes(Router& router);
void add_pay_routes(Router& router);
void add_refund_routes(Router& router);
void add_reconcile_routes(Router& router);
void add_event_routes(Router& router);
void add_public_log_routes(Router& router);
void add_webhook_routes(Router& router);
void add_trail_routes(Router& router);
void add_operation_routes(Router& router);
void add_page_routes(Router& router);
/// Only where people sign in by any name: see ApiOptions::demo.
void add_demo_routes(Router& router);

}  // namespace firebrand
