#include "edge/crowd/claim_desk.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace firebrand {

namespace {

using std::chrono::microseconds;

// Beside the keys of purchases, and of what becomes of them.
constexpr std::uint8_t kKeyReserve = kFanKeys + 8;
constexpr std::uint8_t kKeyWithdraw = kFanKeys + 9;
constexpr Millis kListPeriod{500};     // From one look at one's place in a waitlist to the next.
constexpr Millis kWatchPeriod{2'000};  // From one look at an undecided draw to the next.

}  // namespace

std::string crowd_key(const CrowdRun& run, std::uint32_t fan, std::uint8_t key) {
  return "crowd-" + run.run + "-" + std::to_string(fan) + "-" + std::to_string(key);
}

bool ClaimDesk::has(FanAct act) { return act >= FanAct::reserve && act < FanAct::leave; }

void ClaimDesk::note(CrowdClaimKind kind, const Asking& who, const std::string& id,
                     std::string_view text) {
  journal_.append(
      ClaimEntry{.kind = kind, .fan = who.fan, .at = who.now, .id = id, .note = std::string(text)});
}

void ClaimDesk::write(FanRequest& request, FanAct act, const Asking& who, const OwnClaims& claims) {
  const std::string& drop_id = run_.drop.drop_id;
  switch (act) {
    case FanAct::reserve:
      return write_reserve(request, drop_id, who.token, crowd_key(run_, who.fan, kKeyReserve));
    case FanAct::pay_deposit:
      write_deposit(request, run_.access, *claims.reservation, who.token,
                    "crowd-" + run_.run + "-" + claims.reservation->reservation_id, who.server_now);
      return note(CrowdClaimKind::deposit_asked, who, claims.reservation->reservation_id);
    case FanAct::withdraw:
      write_withdraw(request, drop_id, who.token, crowd_key(run_, who.fan, kKeyWithdraw));
      return note(CrowdClaimKind::withdraw_asked, who, claims.reservation->reservation_id);
    case FanAct::join:
      return write_join(request, drop_id, run_.room->wave, who.token);
    case FanAct::ask_place:
      return write_ask_place(request, claims.place_token);
    case FanAct::leave_room:
      write_leave_place(request, claims.place_token);
      return note(CrowdClaimKind::leave_room_asked, who, claims.place);
    case FanAct::enter:
      return write_enter(request, run_.draw->draw_id, who.token);
    case FanAct::leave_draw:
      write_leave_draw(request, run_.draw->draw_id, who.token);
      return note(CrowdClaimKind::leave_draw_asked, who, claims.entrant);
    case FanAct::watch_draw:
      return write_read(request, "/v1/draws/" + run_.draw->draw_id, {});
    case FanAct::read_receipt:
      return write_read(request, "/v1/draws/" + run_.draw->draw_id + "/entry", who.token);
    case FanAct::join_waitlist:
      return write_join_waitlist(request, drop_id, who.token);
    case FanAct::ask_waitlist:
      return write_read(request, "/v1/drops/" + drop_id + "/waitlist/place", who.token);
    case FanAct::leave_waitlist:
      write_leave_waitlist(request, drop_id, who.token);
      return note(CrowdClaimKind::leave_waitlist_asked, who, claims.listed);
    case FanAct::sign_in:
    case FanAct::look:
    case FanAct::order:
    case FanAct::pay:
    case FanAct::cancel:
    case FanAct::read_prize:
    case FanAct::leave:
      break;
  }
  FB_ASSERT(false);
}

std::optional<FanAnswer> ClaimDesk::read(AnswerReader& reader, FanAct act, std::string_view body,
                                         const Asking& who, OwnClaims& claims) {
  switch (act) {
    case FanAct::reserve:
      if (const auto mine = reader.reservation(body)) {
        return take_reservation(*mine, who, claims);
      }
      break;
    case FanAct::pay_deposit:
      if (const auto deposit = reader.deposit(body)) { return take_deposit(*deposit, who, claims); }
      break;
    case FanAct::withdraw:
      if (const auto mine = reader.reservation(body)) { return take_withdrawn(*mine, who, claims); }
      break;
    case FanAct::join:
      if (auto ticket = reader.place_ticket(body)) {
        return take_ticket(std::move(*ticket), who, claims);
      }
      break;
    case FanAct::ask_place:
      if (const auto place = reader.place(body)) { return take_place(*place, who, claims); }
      break;
    case FanAct::leave_room:
      return take_left_room(who, claims);
    case FanAct::enter:
      if (const auto receipt = reader.receipt(body)) { return take_entry(*receipt, who, claims); }
      break;
    case FanAct::leave_draw:
      if (const auto receipt = reader.receipt(body)) {
        return take_left_draw(*receipt, who, claims);
      }
      break;
    case FanAct::watch_draw:
      if (const auto draw = reader.draw(body)) { return take_draw(*draw, who); }
      break;
    case FanAct::read_receipt:
      if (const auto receipt = reader.receipt(body)) { return take_receipt(*receipt, who, claims); }
      break;
    case FanAct::join_waitlist:
      if (const auto place = reader.waitlist_place(body)) {
        return take_listed(*place, who, claims);
      }
      break;
    case FanAct::ask_waitlist:
      if (const auto place = reader.waitlist_place(body)) {
        return take_listing(*place, who, claims);
      }
      break;
    case FanAct::leave_waitlist:
      if (const auto place = reader.waitlist_place(body)) { return take_unlisted(*place, who); }
      break;
    case FanAct::sign_in:
    case FanAct::look:
    case FanAct::order:
    case FanAct::pay:
    case FanAct::cancel:
    case FanAct::read_prize:
    case FanAct::leave:
      FB_ASSERT(false);
  }
  return std::nullopt;
}

void ClaimDesk::refused(FanAct act, std::string_view code, const Asking& who,
                        const OwnClaims& claims) {
  if (act == FanAct::ask_place && code == "place_not_found") {
    note(CrowdClaimKind::place_gone, who, claims.place);
  }
  if (act == FanAct::read_receipt && code == "draw_not_entered") {
    note(CrowdClaimKind::entry_gone, who, claims.entrant);
  }
  if (code == "waitlist_place_not_found") {
    note(CrowdClaimKind::waitlist_gone, who, claims.listed);
  }
}

FanAnswer ClaimDesk::take_reservation(const ReservationView& mine, const Asking& who,
                                      OwnClaims& claims) {
  const bool is_first = !claims.reservation.has_value();
  journal_.append(
      ClaimEntry{.kind = is_first ? CrowdClaimKind::reserved : CrowdClaimKind::reserved_again,
                 .fan = who.fan,
                 .at = who.now,
                 .id = mine.reservation_id,
                 .note = std::string(reservation_state_name(mine.state)),
                 .amount_minor = mine.deposit_minor,
                 .until = mine.deposit_due_at});
  if (is_first) {
    ++report_.reservations;
    claims.reservation = mine;
  }
  FanAnswer answer{.kind = FanAnswerKind::done};
  if (mine.state == ReservationStateView::pending_deposit) {
    answer.deposit_due = std::max<Millis>(mine.deposit_due_at - who.server_now, Millis{1});
  }
  return answer;
}

FanAnswer ClaimDesk::take_deposit(const DepositView& deposit, const Asking& who,
                                  OwnClaims& claims) {
  if (deposit.outcome == "reserved") {
    if (!std::exchange(claims.has_paid_deposit, true)) { ++report_.deposits; }
    note(CrowdClaimKind::deposit_paid, who, deposit.reservation_id, deposit.payment_id);
  } else {
    ++report_.deposits_late;
    note(CrowdClaimKind::deposit_refund_due, who, deposit.reservation_id, deposit.payment_id);
  }
  return {.kind = FanAnswerKind::done};
}

FanAnswer ClaimDesk::take_withdrawn(const ReservationView& mine, const Asking& who,
                                    OwnClaims& claims) {
  if (mine.state != ReservationStateView::withdrawn) {
    ++report_.refused_other["withdraw: " + std::string(reservation_state_name(mine.state))];
    return {.kind = FanAnswerKind::refused};
  }
  if (!std::exchange(claims.has_withdrawn, true)) { ++report_.withdrawals; }
  note(CrowdClaimKind::withdrawn, who, mine.reservation_id);
  return {.kind = FanAnswerKind::done};
}

FanAnswer ClaimDesk::take_ticket(PlaceTicketView ticket, const Asking& who, OwnClaims& claims) {
  const bool is_first = claims.place.empty();
  const bool comes_back = std::exchange(claims.has_left_room, false);
  const std::string place = std::to_string(ticket.place);
  journal_.append(ClaimEntry{.kind = is_first     ? CrowdClaimKind::joined
                                     : comes_back ? CrowdClaimKind::rejoined
                                                  : CrowdClaimKind::joined_again,
                             .fan = who.fan,
                             .at = who.now,
                             .id = place,
                             .kept_up = claims.kept_up(who.now)});
  claims.heard_at = who.asked_at;
  if (is_first || comes_back) {
    if (is_first) { ++report_.places; }
    claims.place = place;
    claims.place_token = std::move(ticket.place_token);
  }
  return {.kind = FanAnswerKind::done};
}

FanAnswer ClaimDesk::take_place(const PlaceStandView& stand, const Asking& who, OwnClaims& claims) {
  const bool kept_up = claims.kept_up(who.now);
  claims.heard_at = who.asked_at;
  claims.asked_again_max = std::max(claims.asked_again_max, stand.ask_again);
  if (stand.state == PlaceStateView::waiting) {
    const bool is_too_long = who.now > who.patience_until;
    return {.kind = is_too_long ? FanAnswerKind::too_long : FanAnswerKind::again,
            .retry_after = stand.ask_again};
  }
  if (stand.state == PlaceStateView::admitted) {
    ++report_.admissions;
    journal_.append(ClaimEntry{.kind = CrowdClaimKind::admitted,
                               .fan = who.fan,
                               .at = who.now,
                               .id = claims.place,
                               .until = stand.until});
    return {.kind = FanAnswerKind::done};
  }
  ++report_.places_over;
  journal_.append(ClaimEntry{.kind = CrowdClaimKind::place_over,
                             .fan = who.fan,
                             .at = who.now,
                             .id = claims.place,
                             .note = std::string(place_state_name(stand.state)),
                             .kept_up = kept_up});
  return {.kind = FanAnswerKind::refused};
}

FanAnswer ClaimDesk::take_left_room(const Asking& who, OwnClaims& claims) {
  if (!std::exchange(claims.has_left_room, true)) { ++report_.places_left; }
  note(CrowdClaimKind::left_room, who, claims.place);
  return {.kind = FanAnswerKind::done};
}

FanAnswer ClaimDesk::take_entry(const ReceiptView& receipt, const Asking& who, OwnClaims& claims) {
  const bool is_first = claims.entrant.empty();
  note(is_first ? CrowdClaimKind::entered : CrowdClaimKind::entered_again, who, receipt.entrant,
       receipt_state_name(receipt.state));
  if (is_first) {
    ++report_.entries;
    claims.entrant = receipt.entrant;
  }
  return {.kind = FanAnswerKind::done};
}

FanAnswer ClaimDesk::take_left_draw(const ReceiptView& receipt, const Asking& who,
                                    OwnClaims& claims) {
  if (!std::exchange(claims.has_left_draw, true)) { ++report_.entries_left; }
  note(CrowdClaimKind::left_draw, who, receipt.entrant);
  return {.kind = FanAnswerKind::done};
}

FanAnswer ClaimDesk::take_draw(const DrawPageView& draw, const Asking& who) {
  if (draw.state == "completed") { return {.kind = FanAnswerKind::done}; }
  if (who.now > who.patience_until) { return {.kind = FanAnswerKind::too_long}; }
  const auto until_decided = std::chrono::duration_cast<Millis>(draw.beacon_at - who.server_now);
  const Millis until_patience_ends =
      std::chrono::duration_cast<Millis>(who.patience_until - who.now);
  return {.kind = FanAnswerKind::again,
          .retry_after =
              std::min(std::max(until_decided, kWatchPeriod), until_patience_ends + Millis{1}) +
              who.spread};
}

FanAnswer ClaimDesk::take_listed(const WaitlistPlaceView& place, const Asking& who,
                                 OwnClaims& claims) {
  const bool is_first = claims.listed.empty();
  const std::string number = std::to_string(place.place);
  note(is_first ? CrowdClaimKind::waitlisted : CrowdClaimKind::waitlisted_again, who, number);
  if (is_first) {
    ++report_.waitlisted;
    claims.listed = number;
  }
  return {.kind = FanAnswerKind::done};
}

FanAnswer ClaimDesk::take_listing(const WaitlistPlaceView& place, const Asking& who,
                                  OwnClaims& claims) {
  if (place.state == WaitlistStateView::waiting) {
    if (who.now > who.patience_until) { return {.kind = FanAnswerKind::too_long}; }
    return {.kind = FanAnswerKind::again, .retry_after = kListPeriod + who.spread / 4};
  }
  if (place.state == WaitlistStateView::served) {
    note(CrowdClaimKind::waitlist_served, who, claims.listed, place.order_id);
    claims.prize = place.order_id;
    return {.kind = FanAnswerKind::done};
  }
  note(CrowdClaimKind::waitlist_over, who, claims.listed, waitlist_state_name(place.state));
  return {.kind = FanAnswerKind::refused};
}

FanAnswer ClaimDesk::take_unlisted(const WaitlistPlaceView& place, const Asking& who) {
  if (place.state != WaitlistStateView::left) {
    note(CrowdClaimKind::waitlist_over, who, std::to_string(place.place),
         waitlist_state_name(place.state));
    return {.kind = FanAnswerKind::refused};
  }
  ++report_.waitlist_left;
  note(CrowdClaimKind::waitlist_left, who, std::to_string(place.place));
  return {.kind = FanAnswerKind::done};
}

FanAnswer ClaimDesk::take_receipt(const ReceiptView& receipt, const Asking& who,
                                  OwnClaims& claims) {
  ++report_.receipts;
  if (receipt.state != ReceiptStateView::won || receipt.order_id.empty()) {
    return {.kind = FanAnswerKind::refused};
  }
  note(CrowdClaimKind::won, who, receipt.entrant, receipt.order_id);
  claims.prize = receipt.order_id;
  return {.kind = FanAnswerKind::done};
}

}  // namespace firebrand
