#include "edge/crowd/waitlist_check.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace firebrand {

namespace {

/// All that the journal says of one fan's place.
struct Listing {
  std::string place{};  ///< Its number.
  std::string order{};  ///< That an answer named.
  bool leave_asked = false;
  bool left = false;
  bool has_ordered = false;
};

class WaitlistCheck {
 public:
  WaitlistCheck(const CrowdFindings& findings, CrowdCheckResult& result)
      : findings_(findings), result_(result) {}

  void run() {
    for (const ClaimEntry& entry : findings_.claims) { take(entry); }
    if (listings_.empty()) { return; }
    for (const JournalEntry& entry : findings_.journal) {
      const auto found = listings_.find(entry.fan);
      if (found != listings_.end() && entry.kind == JournalKind::ordered) {
        found->second.has_ordered = true;
      }
    }
    for (const auto& [fan, listing] : listings_) {
      ++result_.waitlist_places_checked;
      check_place(fan, listing);
    }
    check_order();
    check_counts();
  }

 private:
  void take(const ClaimEntry& entry) {
    const bool joined =
        entry.kind == CrowdClaimKind::waitlisted || entry.kind == CrowdClaimKind::waitlisted_again;
    const auto found = joined ? listings_.try_emplace(entry.fan).first : listings_.find(entry.fan);
    if (found == listings_.end()) { return; }
    Listing& listing = found->second;
    if (joined && listing.place.empty()) { listing.place = entry.id; }
    if (joined && listing.place != entry.id) { lost(entry.fan, listing, "became " + entry.id); }
    if (entry.kind == CrowdClaimKind::waitlist_served) { listing.order = entry.note; }
    if (entry.kind == CrowdClaimKind::waitlist_left) { listing.left = true; }
    if (entry.kind == CrowdClaimKind::leave_waitlist_asked) { listing.leave_asked = true; }
    if (entry.kind == CrowdClaimKind::waitlist_gone) {
      lost(entry.fan, listing, "is not known any more");
    }
  }

  void lost(std::uint32_t fan, const Listing& listing, const std::string& how) {
    result_.violated(CrowdCheck::waitlist_lost, listing.place,
                     "the place of fan " + std::to_string(fan) + " in the waitlist " + how);
  }

  /// Whether all places may have ended by themselves.
  [[nodiscard]] bool is_over() const {
    return !findings_.drop.has_value() || !findings_.drop->waitlist.has_value() ||
           !findings_.drop->waitlist->is_open || findings_.drop->state == "cancelled" ||
           findings_.drop_read_at >= findings_.drop->waitlist->ends_at;
  }

  void check_place(std::uint32_t fan, const Listing& listing) {
    const auto at = findings_.listings.find(fan);
    if (at == findings_.listings.end() || at->second.kind == FoundOrder::Kind::unreadable) {
      return result_.violated(CrowdCheck::unreadable, listing.place,
                              "no answer to the one in the waitlist");
    }
    if (at->second.kind == FoundOrder::Kind::not_found) {
      if (!is_over()) { lost(fan, listing, "is not known any more"); }
      return;
    }
    const WaitlistPlaceView& now = at->second.place;
    if (std::to_string(now.place) != listing.place) {
      return lost(fan, listing, "is place " + std::to_string(now.place) + " now");
    }
    const auto odd = [&](std::string_view why) {
      result_.violated(CrowdCheck::waitlist_state, listing.place,
                       "the place of fan " + std::to_string(fan) + " in the waitlist is " +
                           std::string(waitlist_state_name(now.state)) + ": " + std::string(why));
    };
    using enum WaitlistStateView;
    if (!listing.order.empty() && (now.state != served || now.order_id != listing.order)) {
      return odd("it had become " + listing.order);
    }
    if (listing.left && now.state != left) { return odd("acknowledged as given up"); }
    switch (now.state) {
      case waiting:
        return;
      case served:
        if (!is_order_of(fan, now.order_id)) { odd(now.order_id + " is no order of its fan"); }
        return;
      case left:
        if (!listing.leave_asked && !is_over()) { odd("nobody gave it up"); }
        return;
      case passed_over:
        if (!listing.has_ordered && findings_.is_complete) { odd("its fan has bought nothing"); }
        return;
      case other:
        return odd("a state there is not");
    }
  }

  [[nodiscard]] const OrderView* order(const std::string& order_id) const {
    const auto found = findings_.orders.find(order_id);
    const bool is_there =
        found != findings_.orders.end() && found->second.kind == FoundOrder::Kind::found;
    return is_there ? &found->second.order : nullptr;
  }
  [[nodiscard]] bool is_order_of(std::uint32_t fan, const std::string& order_id) const {
    const OrderView* const served = order(order_id);
    return served != nullptr && served->person_id == findings_.person_ids[fan];
  }

  /// Who waits now has waited all the time since joining: nobody behind may have been served before
  /// the places were read.
  void check_order() {
    std::uint64_t first_waiting = std::numeric_limits<std::uint64_t>::max();
    for (const auto& [fan, found] : findings_.listings) {
      const bool waits =
          found.kind == FoundOrder::Kind::found && found.place.state == WaitlistStateView::waiting;
      if (waits) { first_waiting = std::min(first_waiting, found.place.place); }
    }
    for (const auto& [fan, found] : findings_.listings) {
      if (found.place.state != WaitlistStateView::served || found.place.place < first_waiting) {
        continue;
      }
      const OrderView* const served = order(found.place.order_id);
      if (served == nullptr || served->created_at + kClockSlack > findings_.listings_read_from) {
        continue;
      }
      result_.violated(CrowdCheck::waitlist_order, served->order_id,
                       "place " + std::to_string(found.place.place) + " was served, and place " +
                           std::to_string(first_waiting) + " still waits");
    }
  }

  /// The drop is read after the places: who was served by then is counted.
  void check_counts() {
    if (!findings_.drop.has_value() || !findings_.drop->waitlist.has_value()) { return; }
    std::int64_t ours = 0;
    for (const auto& [fan, found] : findings_.listings) {
      if (found.place.state == WaitlistStateView::served) { ++ours; }
    }
    if (findings_.drop->waitlist->served >= ours) { return; }
    result_.violated(CrowdCheck::waitlist_state, {},
                     std::to_string(ours) + " fans were served, the waitlist counts " +
                         std::to_string(findings_.drop->waitlist->served));
  }

  const CrowdFindings& findings_;
  CrowdCheckResult& result_;
  std::map<std::uint32_t, Listing> listings_;  // Ordered: reports of one run look alike.
};

}  // namespace

void check_waitlist(const CrowdFindings& findings, CrowdCheckResult& result) {
  WaitlistCheck(findings, result).run();
}

}  // namespace firebrand
