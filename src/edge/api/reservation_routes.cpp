#include "core/launch/queries.hpp"
#include "core/launch/reservation_commands.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/payments.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

/// What people see of their own reservation.
struct OwnReservation {
  static constexpr std::string_view kName = "own_reservation";
  static constexpr std::string_view kDoc = "One's own reservation.";
  ReservationId reservation_id{};
  DropId drop_id{};
  ReservationState state{};
  Money deposit{};
  Timestamp deposit_due_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "reservation_id", self.reservation_id, From::body, Rule{},
          "What the payment of the deposit names.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "In which drop.");
    field(3, "state", self.state, From::body, Rule{}, "Where it stands.");
    field(4, "deposit", self.deposit, From::body, Rule{}, "To be paid, or paid; may be 0.");
    field(5, "deposit_due_at", self.deposit_due_at, From::body, Rule{},
          "While `pending_deposit`: when it lapses unpaid.");
  }
};

struct ReservationsReference {
  static constexpr std::string_view kName = "reservations_reference";
  static constexpr std::string_view kDoc = "Names the drop in which people may reserve.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
  }
};

void open_reservations(Api& api, Call& call) {
  auto command = api.read_body<OpenReservations>(call);
  if (!command) { return; }
  if (!api.read_path(call, *command, "drop_id", call.path[0], "drop_not_found")) { return; }
  api.change<OpenReservationsResult>(
      call, *command,
      [&api, id = command->drop_id](const Asker& asker, const OpenReservationsResult& result) {
        api.respond_outcome(asker, result.status, 201, ReservationsReference{id});
      });
}

void reserve(Api& api, Call& call) {
  Reserve command;
  if (!api.read_path(call, command, "drop_id", call.path[0], "drop_not_found")) { return; }
  command.person_id = call.person_id;
  api.change<ReserveResult>(
      call, command, [&api, id = command.drop_id](const Asker& asker, const ReserveResult& result) {
        api.respond_outcome(asker, result.status, 201,
                            OwnReservation{result.reservation_id, id, result.state, result.deposit,
                                           result.deposit_due_at});
      });
}

void send_own(Api& api, const Asker& asker, DropId id) {
  api.ask(asker, FindReservation{id, asker.person_id}, [&api, asker](const AnswerHead& answer) {
    if (api.refuse_common(asker, answer)) { return; }
    const auto result = decode<FindReservationResult>(answer.result());
    FB_ASSERT(result.has_value());
    if (result->status != FindReservationStatus::found) {
      return api.refuse(asker, enum_name(result->status));
    }
    const Reservation& mine = result->reservation;
    // It has lapsed at its instant, whether or not run_due has come to it.
    const bool is_over =
        mine.state == ReservationState::pending_deposit && answer.timestamp >= mine.deposit_due_at;
    api.respond(asker, 200,
                OwnReservation{mine.reservation_id, mine.drop_id,
                               is_over ? ReservationState::lapsed : mine.state, result->deposit,
                               mine.deposit_due_at});
  });
}

void find_reservation(Api& api, Call& call) {
  FindReservation query;
  if (!api.read_path(call, query, "drop_id", call.path[0], "drop_not_found")) { return; }
  send_own(api, call, query.drop_id);
}

void withdraw_reservation(Api& api, Call& call) {
  WithdrawReservation command;
  if (!api.read_path(call, command, "drop_id", call.path[0], "drop_not_found")) { return; }
  command.person_id = call.person_id;
  api.change<WithdrawReservationResult>(
      call, command,
      [&api, id = command.drop_id](const Asker& asker, const WithdrawReservationResult& result) {
        switch (result.status) {
          case WithdrawReservationStatus::withdrawn:
          case WithdrawReservationStatus::already_withdrawn:
            return send_own(api, asker, id);  // As it stands.
          case WithdrawReservationStatus::drop_not_found:
          case WithdrawReservationStatus::reservation_not_found:
          case WithdrawReservationStatus::reservation_ordered:
          case WithdrawReservationStatus::reservation_ended:
            break;
        }
        api.refuse(asker, enum_name(result.status));
      });
}

void list_reservations(Api& api, Call& call) {
  const auto id = parse_id<DropId>(call.path[0]);
  if (!id || !api.pages().has(*id)) { return api.refuse(call, "drop_not_found"); }
  const auto page = read_page(api, call, kPageQuery);
  if (!page) { return; }
  respond_list(
      api, call, *page,
      [id = *id, before = page->before, limit = page->limit](const RecordsReader& records) {
        return records.reservations(id, {before}, limit + 1);
      },
      [](const ReservationRecord& reservation) { return reservation.reservation_id.value; });
}

void confirm_deposit(Api& api, Call& call) {
  if (!admit_callback(api, call)) { return; }
  const auto command = api.read_body<ConfirmDeposit>(call);
  if (command) { confirm(api, call, *command); }
}

constexpr char kOwnExample[] =
    R"({"reservation_id":"rsv_7","drop_id":"drop_1","state":"pending_deposit",)"
    R"("deposit":{"amount":30000,"currency":"CNY"},"deposit_due_at":"2026-11-20T12:15:00.000Z"})";

}  // namespace

void confirm(Api& api, const Asker& asker, const ConfirmDeposit& command) {
  api.change<ConfirmDepositResult>(
      asker, command, [&api, command](const Asker& payer, const ConfirmDepositResult& result) {
        api.respond_outcome(
            payer, result.status, 200,
            DepositConfirmed{command.reservation_id, command.payment_id, result.outcome});
      });
}

void add_reservation_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/reservations",
              .operation_id = "reserve",
              .tag = "reservations",
              .summary = "Take one of the places; with a deposit it is sure when that is paid",
              .auth = Auth::fan,
              .rate_limited = true,
              .is_joining = true,
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<Reserve>,
              .reach = Reach::change,
              .handle = &reserve,
              .success = 201,
              .response_schema = &answer_schema_of<OwnReservation>,
              .response_example = kOwnExample,
              .outcomes = &outcomes_of<ReserveStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/reservation",
              .operation_id = "getReservation",
              .tag = "reservations",
              .summary = "One's own reservation in a drop as it stands",
              .auth = Auth::fan,
              .reach = Reach::reading,
              .handle = &find_reservation,
              .response_schema = &answer_schema_of<OwnReservation>,
              .response_example = kOwnExample,
              .problems = {"drop_not_found", "reservation_not_found"}});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/reservation/withdraw",
              .operation_id = "withdrawReservation",
              .tag = "reservations",
              .summary = "Give one's reservation up; a binding deposit is lost",
              .auth = Auth::fan,
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<WithdrawReservation>,
              .reach = Reach::change,
              .handle = &withdraw_reservation,
              .response_schema = &answer_schema_of<OwnReservation>,
              .response_example = kOwnExample,
              .outcomes = &outcomes_of<WithdrawReservationStatus>});
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/drops/{drop_id}/reservations/open",
       .operation_id = "openReservations",
       .tag = "reservations",
       .summary = "Let people reserve in a drop, on fixed terms",
       .auth = Auth::staff,
       .roles = roles({StaffRole::marketer}),
       .repeatable = Repeatable::accepted,
       .operation = kNumberOf<OpenReservations>,
       .reach = Reach::change,
       .handle = &open_reservations,
       .success = 201,
       .request_schema = &body_schema_of<OpenReservations>,
       .response_schema = &answer_schema_of<ReservationsReference>,
       .request_example =
           R"({"opens_at":"2026-11-14T12:00:00.000Z","closes_at":"2026-11-21T12:00:00.000Z",)"
           R"("cap":100000,"deposit_kind":"binding","deposit_minor":30000,)"
           R"("balance_due_at":"2026-11-23T20:00:00.000Z"})",
       .response_example = R"({"drop_id":"drop_1"})",
       .outcomes = &outcomes_of<OpenReservationsStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/reservations",
              .operation_id = "listReservations",
              .tag = "reservations",
              .summary = "Reservations of a drop, newest first, for staff",
              .auth = Auth::staff,
              .roles = roles({StaffRole::marketer, StaffRole::analyst, StaffRole::store}),
              .reach = Reach::reading,
              .handle = &list_reservations,
              .response_schema = &page_schema_of<ReservationRecord>,
              .response_example = page_example(
                  R"({"reservation_id":"rsv_7","drop_id":"drop_1","person_id":"per_42",)"
                  R"("state":"reserved","deposit":{"amount":30000,"currency":"CNY"},)"
                  R"("reserved_at":"2026-11-20T12:00:00.000Z",)"
                  R"("kept":{"amount":0,"currency":"CNY"},"owed":{"amount":0,"currency":"CNY"}})"),
              .problems = {"drop_not_found"},
              .query = kPageQuery});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/deposits/callback",
              .operation_id = "confirmDeposit",
              .tag = "payments",
              .summary = "The payment provider says that a deposit was paid",
              .auth = Auth::callback,
              .reach = Reach::change,
              .handle = &confirm_deposit,
              .request_schema = &body_schema_of<ConfirmDeposit>,
              .response_schema = &answer_schema_of<DepositConfirmed>,
              .request_example =
                  R"({"reservation_id":"rsv_7","payment_id":"dep-7781","amount":{"amount":30000,)"
                  R"("currency":"CNY"}})",
              .response_example =
                  R"({"reservation_id":"rsv_7","payment_id":"dep-7781","outcome":"reserved"})",
              .outcomes = &outcomes_of<ConfirmDepositStatus>,
              .problems = {"signature_wrong"}});
}

}  // namespace firebrand
