#include "edge/crowd/claim_check.hpp"

#include <algorithm>
#include <numeric>

#include "base/rfc3339.hpp"
#include "edge/crowd/fan_behaviour.hpp"

namespace firebrand {

namespace {

using std::chrono::microseconds;

std::string time_text(Timestamp time) { return std::string(format_rfc3339(time).view()); }

/// All that the journal says of one fan's claims.
struct FanClaims {
  const ClaimEntry* reserved = nullptr;  ///< The first answer.
  bool deposit_asked = false;
  bool deposit_paid = false;
  bool withdraw_asked = false;
  bool withdrawn = false;
  bool pay_asked = false;              ///< Of any order.
  const ClaimEntry* joined = nullptr;  ///< The first answer.
  const ClaimEntry* admitted = nullptr;
  bool leave_room_asked = false;
  bool has_entered = false;  ///< The draw.
  const ClaimEntry* left_room = nullptr;
  const JournalEntry* bought_in_turn = nullptr;  ///< An order in the room's wave, before its end.
};

class ClaimCheck {
 public:
  ClaimCheck(const CrowdFindings& findings, CrowdCheckResult& result)
      : findings_(findings), result_(result), fans_(findings.person_ids.size()) {}

  void run() {
    for (const ClaimEntry& entry : findings_.claims) { take(entry); }
    for (const JournalEntry& entry : findings_.journal) {
      if (entry.kind == JournalKind::pay_asked) { fans_[entry.fan].pay_asked = true; }
    }
    for (const JournalEntry& entry : findings_.journal) {
      if (entry.kind == JournalKind::ordered) { check_order(entry); }
    }
    for (std::uint32_t fan = 0; fan < fans_.size(); ++fan) {
      if (fans_[fan].reserved != nullptr) { check_reservation(fan, fans_[fan]); }
      if (fans_[fan].joined != nullptr) { check_place(fan, fans_[fan]); }
    }
    check_reservations();
  }

 private:
  void take(const ClaimEntry& entry) {
    FanClaims& fan = fans_[entry.fan];
    switch (entry.kind) {
      case CrowdClaimKind::reserved:
      case CrowdClaimKind::reserved_again:
        if (fan.reserved == nullptr) {
          fan.reserved = &entry;
        } else if (fan.reserved->id != entry.id) {
          result_.violated(
              CrowdCheck::reservation_lost, fan.reserved->id,
              "asked for again, fan " + std::to_string(entry.fan) + " got " + entry.id);
        }
        return;
      case CrowdClaimKind::deposit_asked:
        fan.deposit_asked = true;
        return;
      case CrowdClaimKind::deposit_paid:
        fan.deposit_paid = true;
        return;
      case CrowdClaimKind::deposit_refund_due:
        return;
      case CrowdClaimKind::withdraw_asked:
        fan.withdraw_asked = true;
        return;
      case CrowdClaimKind::withdrawn:
        fan.withdrawn = true;
        return;
      case CrowdClaimKind::joined:
      case CrowdClaimKind::joined_again:
        return take_joined(entry, fan);
      case CrowdClaimKind::rejoined:
        return take_rejoined(entry, fan);
      case CrowdClaimKind::admitted:
        fan.admitted = &entry;
        return;
      case CrowdClaimKind::place_over:
        if (entry.note == place_state_name(PlaceStateView::lapsed) && entry.kept_up) {
          place_lost(entry, "lapsed, though its fan had just asked for it");
        }
        return;
      case CrowdClaimKind::place_gone:
        return place_lost(entry, "is not known any more");
      case CrowdClaimKind::entered:
      case CrowdClaimKind::entered_again:
        fan.has_entered = true;
        return;
      case CrowdClaimKind::left_draw:
      case CrowdClaimKind::won:
      case CrowdClaimKind::entry_gone:
      case CrowdClaimKind::leave_draw_asked:
        return;  // draw_check.hpp
      case CrowdClaimKind::waitlisted:
      case CrowdClaimKind::waitlisted_again:
      case CrowdClaimKind::waitlist_served:
      case CrowdClaimKind::waitlist_over:
      case CrowdClaimKind::waitlist_left:
      case CrowdClaimKind::waitlist_gone:
      case CrowdClaimKind::leave_waitlist_asked:
        return;  // waitlist_check.hpp
      case CrowdClaimKind::leave_room_asked:
        fan.leave_room_asked = true;
        return;
      case CrowdClaimKind::left_room:
        fan.left_room = &entry;
        return;
    }
  }

  void take_joined(const ClaimEntry& entry, FanClaims& fan) {
    if (fan.joined == nullptr) {
      fan.joined = &entry;
    } else if (fan.joined->id != entry.id && entry.kept_up) {
      place_lost(*fan.joined, "became place " + entry.id + " when its fan joined again");
    }
  }

  /// Before the opening the lot decides, so that the place is the same; after it, it is at the end.
  void take_rejoined(const ClaimEntry& entry, FanClaims& fan) {
    const auto at = [&](microseconds since_start) {
      return findings_.started_at + std::chrono::duration_cast<Millis>(since_start);
    };
    if (findings_.room && fan.joined != nullptr && fan.left_room != nullptr) {
      const bool early = at(entry.at) + kClockSlack < findings_.room->opens_at;
      const bool late = at(fan.left_room->at) - kClockSlack > findings_.room->opens_at;
      const bool same = entry.id == fan.joined->id;
      if (early && !same) {
        place_lost(*fan.joined, "became place " + entry.id + " though its fan came back early");
      }
      if (late && same) {
        result_.violated(CrowdCheck::place_order, entry.id,
                         "fan " + std::to_string(entry.fan) + " came back late to the same place");
      }
    }
    fan.joined = &entry;
    fan.admitted = nullptr;
    fan.leave_room_asked = false;
    fan.left_room = nullptr;
  }

  void place_lost(const ClaimEntry& entry, const std::string& how) {
    result_.violated(CrowdCheck::place_lost, entry.id,
                     "the place of fan " + std::to_string(entry.fan) + " " + how);
  }

  // ---- Orders ----

  void check_order(const JournalEntry& entry) {
    if (!findings_.drop.has_value()) { return; }
    check_price(entry);
    const WaveStatusView* const wave = findings_.drop->wave(entry.order.wave);
    if (wave == nullptr) { return; }
    FanClaims& fan = fans_[entry.fan];
    if (sold_in_turn(*wave, entry.order.created_at)) {
      fan.bought_in_turn = &entry;
      if (fan.joined == nullptr) { barred(entry, "without a place in its waiting room"); }
    }
    if (wave->decision == DecisionView::draw && (entry.key != kKeyPrize || !fan.has_entered)) {
      barred(entry, "that is drawn, without having won");
    }
    const bool in_group =
        entry.fan < findings_.said.size() && findings_.said[entry.fan].group == wave->group;
    if (!wave->group.empty() && !in_group) { barred(entry, "without being of its group"); }
    switch (wave->audience) {
      case AudienceView::reservation_holders:
        if (!may_have_reservation(fan)) {
          barred(entry, "without a reservation, or without its deposit");
        }
        return;
      case AudienceView::code_holders:
        if (entry.code < 0) {
          barred(entry, entry.code == kCodeMadeUp ? "with a code made up" : "without a code");
        }
        return;
      case AudienceView::everyone:
      case AudienceView::other:
        return;
    }
  }

  /// Whether one had to be let in for this wave then; nothing is known of a room that has closed.
  [[nodiscard]] bool sold_in_turn(const WaveStatusView& wave, Timestamp at) const {
    return wave.decision == DecisionView::waiting_room && findings_.room.has_value() &&
           findings_.room->wave == wave.wave && !findings_.room->is_over(at);
  }

  void barred(const JournalEntry& entry, std::string_view how) {
    result_.violated(CrowdCheck::wrong_audience, entry.order.order_id,
                     "fan " + std::to_string(entry.fan) + " bought from wave " +
                         std::to_string(entry.order.wave) + " " + std::string(how));
  }

  [[nodiscard]] static bool may_have_reservation(const FanClaims& fan) {
    return fan.reserved != nullptr && (fan.reserved->amount_minor == 0 || fan.deposit_asked);
  }

  void check_price(const JournalEntry& entry) {
    const DropStatusView& drop = *findings_.drop;
    if (drop.price_minor == 0 || entry.order.currency != drop.currency) { return; }
    const std::int64_t whole = drop.price_minor * entry.order.quantity;
    const FanClaims& fan = fans_[entry.fan];
    const bool less_deposit =
        may_have_reservation(fan) && entry.order.total_minor == whole - fan.reserved->amount_minor;
    if (entry.order.total_minor == whole || less_deposit) { return; }
    result_.violated(CrowdCheck::price_wrong, entry.order.order_id,
                     "it costs " + std::to_string(entry.order.total_minor) + ", the price is " +
                         std::to_string(whole));
  }

  // ---- Reservations ----

  void check_reservation(std::uint32_t fan, const FanClaims& claims) {
    ++result_.reservations_checked;
    const std::string& id = claims.reserved->id;
    const auto at = findings_.reservations.find(fan);
    if (at == findings_.reservations.end() || at->second.kind == FoundOrder::Kind::unreadable) {
      return result_.violated(CrowdCheck::unreadable, id, "no answer to the one who reserved");
    }
    const ReservationView& now = at->second.reservation;
    if (at->second.kind == FoundOrder::Kind::not_found) {
      return result_.violated(CrowdCheck::reservation_lost, id, "the server knows of none");
    }
    if (now.reservation_id != id || now.deposit_minor != claims.reserved->amount_minor) {
      return result_.violated(CrowdCheck::reservation_lost, id,
                              "now it is " + now.reservation_id + " with a deposit of " +
                                  std::to_string(now.deposit_minor));
    }
    ++ours_[std::min(static_cast<std::size_t>(now.state), kReservationStateViews - 1)];
    check_state(claims, now);
  }

  void check_state(const FanClaims& claims, const ReservationView& now) {
    const auto odd = [&](std::string_view why) {
      result_.violated(
          CrowdCheck::reservation_state, now.reservation_id,
          "it is " + std::string(reservation_state_name(now.state)) + ": " + std::string(why));
    };
    using enum ReservationStateView;
    const bool was_unpaid = now.state == pending_deposit || now.state == lapsed;
    if (claims.deposit_paid && was_unpaid) {
      return result_.violated(CrowdCheck::deposit_lost, now.reservation_id,
                              "its deposit was acknowledged, and it is " +
                                  std::string(reservation_state_name(now.state)));
    }
    if (claims.withdrawn && now.state != withdrawn) { return odd("acknowledged as withdrawn"); }
    const bool is_free = claims.reserved->amount_minor == 0;
    switch (now.state) {
      case pending_deposit:
        if (is_free) { odd("there is no deposit to wait for"); }
        return;
      case lapsed:
        if (is_free || findings_.orders_read_at < claims.reserved->until) {
          odd("its deposit could be paid until " + time_text(claims.reserved->until));
        }
        return;
      case withdrawn:
        if (!claims.withdraw_asked) { odd("nobody gave it up"); }
        return;
      case used:
        if (!claims.pay_asked) { odd("nobody paid for an order"); }
        [[fallthrough]];
      case reserved:
      case ordered:
        if (!is_free && !claims.deposit_asked) { odd("nobody paid its deposit"); }
        return;
      case defaulted:
      case returned:
        if (!is_settled()) { odd("the time to buy is not over"); }
        return;
      case other:
        return odd("a state there is not");
    }
  }

  /// Whether what was not used may have been settled by now.
  [[nodiscard]] bool is_settled() const {
    if (!findings_.drop.has_value() || !findings_.drop->reserving.has_value()) { return true; }
    return findings_.drop->state == "cancelled" ||
           findings_.orders_read_at >= findings_.drop->reserving->balance_due_at;
  }

  /// The drop is read after the reservations: what has ended by then stays ended.
  void check_reservations() {
    if (!findings_.drop.has_value() || !findings_.drop->reserving.has_value()) { return; }
    const ReservingView& all = *findings_.drop->reserving;
    using enum ReservationStateView;
    for (const ReservationStateView state : {used, withdrawn, lapsed, defaulted, returned}) {
      const auto i = static_cast<std::size_t>(state);
      if (all.counts[i] >= ours_[i]) { continue; }
      result_.violated(CrowdCheck::reservations_wrong, {},
                       std::to_string(ours_[i]) + " reservations of the fans are " +
                           std::string(reservation_state_name(state)) + ", the drop counts " +
                           std::to_string(all.counts[i]));
    }
    const std::int64_t known =
        std::accumulate(all.counts.begin(), all.counts.end(), std::int64_t{0});
    const std::int64_t ours = std::accumulate(ours_.begin(), ours_.end(), std::int64_t{0});
    const auto of = [&](ReservationStateView state) {
      return all.counts[static_cast<std::size_t>(state)];
    };
    const std::int64_t taken = of(pending_deposit) + of(reserved) + of(ordered) + of(used);
    if (known < ours || taken > all.cap) {
      result_.violated(CrowdCheck::reservations_wrong, {},
                       "the fans have " + std::to_string(ours) + " reservations; the drop counts " +
                           std::to_string(known) + ", of which " + std::to_string(taken) +
                           " take one of " + std::to_string(all.cap) + " places");
    }
  }

  // ---- Places ----

  void check_place(std::uint32_t fan, const FanClaims& claims) {
    ++result_.places_checked;
    const auto at = findings_.places.find(fan);
    if (at == findings_.places.end() || at->second.kind == FoundOrder::Kind::unreadable) {
      return result_.violated(CrowdCheck::unreadable, claims.joined->id,
                              "no answer to the one with the place");
    }
    const PlaceStandView& now = at->second.place;
    if (at->second.kind == FoundOrder::Kind::not_found) {
      return place_lost(*claims.joined, "is not known any more");
    }
    if (std::to_string(now.place) != claims.joined->id) {
      return place_lost(*claims.joined, "is place " + std::to_string(now.place) + " now");
    }
    check_place_state(claims, now);
  }

  void check_place_state(const FanClaims& claims, const PlaceStandView& now) {
    const auto odd = [&](std::string_view why) {
      result_.violated(CrowdCheck::place_state, claims.joined->id,
                       "the place of fan " + std::to_string(claims.joined->fan) + " is " +
                           std::string(place_state_name(now.state)) + ": " + std::string(why));
    };
    using enum PlaceStateView;
    const bool room_is_over =
        !findings_.room.has_value() || findings_.room->is_over(findings_.orders_read_at);
    if (claims.bought_in_turn != nullptr && now.state != used) {
      return odd("an order from the wave was acknowledged");
    }
    switch (now.state) {
      case waiting:
      case admitted:
        if (claims.left_room != nullptr) { odd("acknowledged as given up"); }
        return;
      case used:
        if (claims.bought_in_turn == nullptr && findings_.is_complete && !room_is_over) {
          odd("its fan has no order");
        }
        return;
      case left:
        if (!claims.leave_room_asked && !room_is_over) { odd("nobody gave it up"); }
        return;
      case lapsed:
        if (claims.admitted != nullptr) { odd("its fan had been let in"); }
        return;
      case expired:
        if (claims.admitted != nullptr && findings_.orders_read_at < claims.admitted->until) {
          odd("it was good until " + time_text(claims.admitted->until));
        }
        return;
      case other:
        return odd("a state there is not");
    }
  }

  const CrowdFindings& findings_;
  CrowdCheckResult& result_;
  std::vector<FanClaims> fans_;
  std::array<std::int64_t, kReservationStateViews> ours_{};  // By state.
};

}  // namespace

void check_claims(const CrowdFindings& findings, CrowdCheckResult& result) {
  ClaimCheck(findings, result).run();
}

}  // namespace firebrand
