#include "edge/crowd/crowd_check.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "base/rfc3339.hpp"
#include "edge/crowd/claim_check.hpp"
#include "edge/crowd/draw_check.hpp"
#include "edge/crowd/fan_behaviour.hpp"
#include "edge/crowd/queue_check.hpp"
#include "edge/crowd/waitlist_check.hpp"

namespace firebrand {

namespace {

using std::chrono::microseconds;

struct CheckText {
  std::string_view name;
  std::string_view claim;
};
constexpr std::array<CheckText, kCrowdChecks> kTexts = {{
    {"order_lost", "every acknowledged order is there"},
    {"order_changed", "it has the content that was acknowledged"},
    {"state_lost", "it is in the state that was acknowledged"},
    {"not_as_asked", "it is what its fan asked for"},
    {"order_of_two_fans", "no order belongs to two fans"},
    {"key_with_two_orders", "no key gave two orders"},
    {"repeat_refused", "every repeat got its order again"},
    {"other_body_accepted", "no key was taken for another purchase"},
    {"limit_exceeded", "no person, household or address was over its limit"},
    {"oversold", "no unit was sold twice"},
    {"units_mismatch", "the drop's units add up"},
    {"sold_short", "the drop counts every unit of the fans"},
    {"price_wrong", "every order costs its price, less a deposit"},
    {"wrong_audience", "nobody bought without what a wave asks for"},
    {"code_used_twice", "no code was good twice at once"},
    {"reservation_lost", "every acknowledged reservation is there"},
    {"reservation_state", "it is in a state that its fan or time explains"},
    {"deposit_lost", "every acknowledged deposit counts"},
    {"reservations_wrong", "the drop counts the fans' reservations, and no more than its cap"},
    {"place_lost", "every acknowledged place is there, or its fan gave it up"},
    {"place_state", "it is in a state that its fan, its time or the room explains"},
    {"place_order", "people were let in by the order that the room published"},
    {"entry_lost", "every acknowledged entry is in the draw and its record"},
    {"draw_wrong", "the record computes, and every receipt is as it says"},
    {"prize_lost", "whoever won has the order"},
    {"waitlist_lost", "every acknowledged place in the waitlist is there"},
    {"waitlist_state", "it was served, given up, or waits"},
    {"waitlist_order", "nobody was served before one who had joined before"},
    {"unreadable", "everything could be read"},
}};

constexpr microseconds kForever = microseconds::max();

/// All that the journal says of one order.
struct Acknowledged {
  const JournalEntry* first = nullptr;
  bool is_paid = false;
  bool is_cancelled = false;
  bool pay_asked = false;
  microseconds cancel_asked_at = kForever;
};

/// Units that surely belonged to a fan from one moment to another.
struct Possession {
  std::uint32_t fan = 0;
  std::int64_t units = 0;
  microseconds from{0};
  microseconds until{0};
  std::int32_t wave = 0;
  std::int32_t code = kNoCode;  ///< That its wave asked for.
};

/// Most units at one time.
std::int64_t peak_units(std::span<const Possession> possessions) {
  std::vector<std::pair<microseconds, std::int64_t>> changes;
  for (const Possession& one : possessions) {
    if (one.until <= one.from) { continue; }
    changes.emplace_back(one.from, one.units);
    changes.emplace_back(one.until, -one.units);
  }
  // What ends at a moment ends before what begins then: the pair's second part sees to it.
  std::sort(changes.begin(), changes.end());
  std::int64_t units = 0;
  std::int64_t peak = 0;
  for (const auto& [at, change] : changes) {
    units += change;
    peak = std::max(peak, units);
  }
  return peak;
}

std::string describe(const OrderView& order) {
  return order.person_id + " " + order.drop_id + " wave " + std::to_string(order.wave) + " x" +
         std::to_string(order.quantity) + " " + std::to_string(order.total_minor) + " " +
         order.currency + " " + std::string(format_rfc3339(order.created_at).view()) + " to " +
         std::string(format_rfc3339(order.expires_at).view());
}

bool same_content(OrderView one, OrderView other) {
  one.state = other.state = OrderStateView::other;
  return one == other;
}

std::string fan_text(const JournalEntry& entry) {
  return "fan " + std::to_string(entry.fan) + ", key " + std::to_string(entry.key);
}

class Check {
 public:
  explicit Check(const CrowdFindings& findings) : findings_(findings) {}

  CrowdCheckResult run() {
    for (const JournalEntry& entry : findings_.journal) { take(entry); }
    for (const auto& [order_id, acknowledged] : orders_) { check_order(order_id, acknowledged); }
    check_possessions();
    check_drop();
    check_waves();
    result_.orders_checked = orders_.size();
    check_claims(findings_, result_);
    check_queue(findings_, result_);
    check_draw(findings_, result_);
    check_waitlist(findings_, result_);
    return std::move(result_);
  }

 private:
  void violated(CrowdCheck check, std::string_view order_id, std::string what) {
    result_.violated(check, order_id, std::move(what));
  }

  void take(const JournalEntry& entry) {
    const OrderView& order = entry.order;
    switch (entry.kind) {
      case JournalKind::ordered:
      case JournalKind::repeated:
        return take_order(entry);
      case JournalKind::repeat_refused:
        return violated(CrowdCheck::repeat_refused, order.order_id,
                        fan_text(entry) + " asked again and was refused: " + entry.note);
      case JournalKind::other_body_accepted:
        return violated(CrowdCheck::other_body_accepted, order.order_id,
                        fan_text(entry) + " had an order and got an answer for a quantity of " +
                            std::to_string(entry.quantity));
      case JournalKind::paid:
        orders_[order.order_id].is_paid = true;
        return;
      case JournalKind::refund_due:
        return;
      case JournalKind::cancelled:
        orders_[order.order_id].is_cancelled = true;
        return;
      case JournalKind::pay_asked:
        orders_[order.order_id].pay_asked = true;
        return;
      case JournalKind::cancel_asked: {
        microseconds& asked_at = orders_[order.order_id].cancel_asked_at;
        asked_at = std::min(asked_at, entry.at);
        return;
      }
    }
  }

  void take_order(const JournalEntry& entry) {
    const OrderView& order = entry.order;
    const auto [of_key, is_new_key] = keys_.try_emplace({entry.fan, entry.key}, &entry);
    if (!is_new_key && of_key->second->order.order_id != order.order_id) {
      violated(CrowdCheck::key_with_two_orders, order.order_id,
               fan_text(entry) + " got " + of_key->second->order.order_id + " and then " +
                   order.order_id);
    }
    Acknowledged& known = orders_[order.order_id];
    if (known.first == nullptr) {
      known.first = &entry;
      return check_as_asked(entry);
    }
    if (known.first->fan != entry.fan || known.first->key != entry.key) {
      violated(CrowdCheck::order_of_two_fans, order.order_id,
               "acknowledged to " + fan_text(*known.first) + " and to " + fan_text(entry));
    } else if (!same_content(known.first->order, order)) {
      violated(CrowdCheck::order_changed, order.order_id,
               "first " + describe(known.first->order) + ", when repeated " + describe(order));
    }
  }

  void check_as_asked(const JournalEntry& entry) {
    const OrderView& order = entry.order;
    const std::string& person_id = findings_.person_ids[entry.fan];
    if (order.person_id != person_id || order.drop_id != findings_.drop_id ||
        order.quantity != entry.quantity) {
      violated(CrowdCheck::not_as_asked, order.order_id,
               person_id + " asked for " + std::to_string(entry.quantity) + " of " +
                   findings_.drop_id + " and got " + describe(order));
    }
  }

  void check_order(const std::string& order_id, const Acknowledged& known) {
    if (known.first == nullptr) { return; }  // Paid or cancelled, but never acknowledged to us.
    const auto at = findings_.orders.find(order_id);
    const FoundOrder* const found = at == findings_.orders.end() ? nullptr : &at->second;
    if (found == nullptr || found->kind == FoundOrder::Kind::unreadable) {
      return violated(CrowdCheck::unreadable, order_id, "no answer to GET /v1/orders/" + order_id);
    }
    const OrderView& before = known.first->order;
    if (found->kind == FoundOrder::Kind::not_found) {
      return violated(CrowdCheck::order_lost, order_id,
                      "acknowledged to " + fan_text(*known.first) + " as " + describe(before));
    }
    const OrderView& now = found->order;
    if (!same_content(before, now)) {
      violated(CrowdCheck::order_changed, order_id,
               "acknowledged " + describe(before) + ", now " + describe(now));
    }
    check_state(known, now);

    Possession possession{known.first->fan, before.quantity, known.first->at,
                          kForever,         before.wave,     code_of(*known.first)};
    switch (now.state) {
      case OrderStateView::paid:
        result_.units_paid += now.quantity;
        break;
      case OrderStateView::pending_payment:
        result_.units_pending += now.quantity;
        pending_in_[before.wave] += before.quantity;
        if (now.expires_at > findings_.drop_read_at) { units_still_pending_ += now.quantity; }
        break;
      case OrderStateView::expired:
      case OrderStateView::cancelled:
      case OrderStateView::other: {
        const microseconds expires_at =
            before.expires_at - findings_.started_at - microseconds{kClockSlack};
        possession.until = std::min(known.cancel_asked_at, expires_at);
        break;
      }
    }
    possessions_.push_back(possession);
  }

  void check_state(const Acknowledged& known, const OrderView& now) {
    const auto lost = [&](std::string_view was) {
      violated(CrowdCheck::state_lost, now.order_id,
               std::string(was) + ", now " + std::string(order_state_name(now.state)));
    };
    const bool is_paid = now.state == OrderStateView::paid;
    const bool is_cancelled = now.state == OrderStateView::cancelled;
    if (known.is_paid && !is_paid) { return lost("acknowledged as paid"); }
    if (known.is_cancelled && !is_cancelled) { return lost("acknowledged as cancelled"); }
    if (is_paid && !known.pay_asked) { return lost("nobody paid"); }
    if (is_cancelled && known.cancel_asked_at == kForever) { return lost("nobody cancelled"); }
    if (now.state == OrderStateView::expired && findings_.orders_read_at < now.expires_at) {
      return lost("acknowledged until " + std::string(format_rfc3339(now.expires_at).view()));
    }
    if (now.state == OrderStateView::other) { return lost("a state there is not"); }
  }

  void check_possessions() {
    std::sort(possessions_.begin(), possessions_.end(),
              [](const Possession& one, const Possession& other) { return one.fan < other.fan; });
    const std::span<const Possession> all(possessions_);
    result_.units_peak = peak_units(all);
    if (!findings_.drop.has_value()) { return; }
    const UnitsView& units = findings_.drop->units;
    if (result_.units_peak > units.total - units.unreleased) {
      violated(CrowdCheck::oversold, {},
               std::to_string(result_.units_peak) + " units acknowledged at one time, " +
                   std::to_string(units.total - units.unreleased) + " were released");
    }
    for (std::size_t begin = 0; begin < all.size();) {
      std::size_t end = begin + 1;
      while (end < all.size() && all[end].fan == all[begin].fan) { ++end; }
      const std::int64_t peak = peak_units(all.subspan(begin, end - begin));
      if (peak > findings_.drop->per_person_limit) {
        violated(CrowdCheck::limit_exceeded, {},
                 "fan " + std::to_string(all[begin].fan) + " (" +
                     findings_.person_ids[all[begin].fan] + ") had " + std::to_string(peak) +
                     " units at one time, the limit is " +
                     std::to_string(findings_.drop->per_person_limit));
      }
      begin = end;
    }
    check_shared("household", &FanSaid::household, findings_.drop->per_household_limit);
    check_shared("address", &FanSaid::address, findings_.drop->per_address_limit);
  }

  /// A limit of all of whom the shop said the same.
  void check_shared(std::string_view what, std::string FanSaid::*key, std::int64_t limit) {
    if (limit == 0 || findings_.said.empty()) { return; }
    std::map<std::string, std::vector<Possession>> homes;
    for (const Possession& one : possessions_) {
      const std::string& home = findings_.said[one.fan].*key;
      if (!home.empty()) { homes[home].push_back(one); }
    }
    for (const auto& [home, units] : homes) {
      const std::int64_t peak = peak_units(units);
      if (peak <= limit) { continue; }
      violated(CrowdCheck::limit_exceeded, {},
               std::string(what) + " " + home + " had " + std::to_string(peak) +
                   " units at one time, the limit is " + std::to_string(limit));
    }
  }

  /// The code that an order used: it is not spent in a wave that asks for none.
  [[nodiscard]] std::int32_t code_of(const JournalEntry& entry) const {
    const WaveStatusView* const wave =
        findings_.drop.has_value() ? findings_.drop->wave(entry.order.wave) : nullptr;
    const bool is_asked = wave != nullptr && wave->audience == AudienceView::code_holders;
    return is_asked && entry.code >= 0 ? entry.code : kNoCode;
  }

  void check_waves() {
    if (!findings_.drop.has_value()) { return; }
    // Of one wave alone the drop's own units say all.
    if (findings_.drop->waves.size() > 1) {
      for (const WaveStatusView& wave : findings_.drop->waves) { check_wave(wave); }
    }
    std::sort(possessions_.begin(), possessions_.end(),
              [](const Possession& one, const Possession& other) { return one.code < other.code; });
    const auto first = std::find_if(possessions_.begin(), possessions_.end(),
                                    [](const Possession& one) { return one.code != kNoCode; });
    for (auto begin = first; begin != possessions_.end();) {
      const auto end = std::find_if(begin, possessions_.end(),
                                    [&](const Possession& one) { return one.code != begin->code; });
      std::vector<Possession> uses(begin, end);
      for (Possession& use : uses) { use.units = 1; }
      if (peak_units(uses) > 1) {
        violated(CrowdCheck::code_used_twice, {},
                 "code " + std::to_string(begin->code) + " of the file, in the orders of fan " +
                     std::to_string(begin->fan) + " and others");
      }
      begin = end;
    }
  }

  void check_wave(const WaveStatusView& wave) {
    std::vector<Possession> ours;
    std::int64_t now = 0;
    for (const Possession& one : possessions_) {
      if (one.wave != wave.wave) { continue; }
      ours.push_back(one);
      if (one.until == kForever) { now += one.units; }
    }
    const std::int64_t peak = peak_units(ours);
    if (peak > wave.units) {
      violated(CrowdCheck::oversold, {},
               std::to_string(peak) + " units of wave " + std::to_string(wave.wave) +
                   " acknowledged at one time, it has " + std::to_string(wave.units));
    }
    // Those that may run out between the two readings are no proof.
    if (now - units_pending_in(wave.wave) > wave.units - wave.available) {
      violated(CrowdCheck::sold_short, {},
               "the fans have paid " + std::to_string(now - units_pending_in(wave.wave)) +
                   " units of wave " + std::to_string(wave.wave) + ", which has " +
                   std::to_string(wave.available) + " of " + std::to_string(wave.units) + " left");
    }
  }

  [[nodiscard]] std::int64_t units_pending_in(std::int32_t wave) const {
    const auto found = pending_in_.find(wave);
    return found == pending_in_.end() ? 0 : found->second;
  }

  void check_drop() {
    if (!findings_.drop.has_value()) {
      return violated(CrowdCheck::unreadable, {},
                      "no answer to GET /v1/drops/" + findings_.drop_id);
    }
    const UnitsView& units = findings_.drop->units;
    const std::int64_t sum = units.unreleased + units.available + units.held + units.sold +
                             units.withdrawn + units.returned;
    const std::string text = "total " + std::to_string(units.total) + ", unreleased " +
                             std::to_string(units.unreleased) + ", available " +
                             std::to_string(units.available) + ", held " +
                             std::to_string(units.held) + ", sold " + std::to_string(units.sold) +
                             ", withdrawn " + std::to_string(units.withdrawn) + ", returned " +
                             std::to_string(units.returned);
    const std::int64_t least = std::min({units.unreleased, units.available, units.held, units.sold,
                                         units.withdrawn, units.returned, units.total});
    if (sum != units.total || least < 0) { violated(CrowdCheck::units_mismatch, {}, text); }
    const std::int64_t ours = result_.units_paid + units_still_pending_;
    if (units.sold < result_.units_paid || units.held + units.sold < ours) {
      violated(CrowdCheck::sold_short, {},
               "the fans have " + std::to_string(result_.units_paid) + " paid and " +
                   std::to_string(units_still_pending_) + " pending; the drop says " + text);
    }
    result_.units_of_others = std::max<std::int64_t>(
        units.held + units.sold - result_.units_paid - result_.units_pending, 0);
  }

  const CrowdFindings& findings_;
  CrowdCheckResult result_;
  std::map<std::string, Acknowledged> orders_;  // Ordered: reports of one run look alike.
  std::map<std::pair<std::uint32_t, std::uint8_t>, const JournalEntry*> keys_;
  std::vector<Possession> possessions_;
  std::int64_t units_still_pending_ = 0;
  std::map<std::int32_t, std::int64_t> pending_in_;  // Units, by wave.
};

}  // namespace

std::string_view crowd_check_name(CrowdCheck check) noexcept {
  return kTexts[static_cast<std::size_t>(check)].name;
}

std::string_view crowd_check_claim(CrowdCheck check) noexcept {
  return kTexts[static_cast<std::size_t>(check)].claim;
}

bool CrowdCheckResult::passed() const {
  return std::all_of(counts.begin(), counts.end(), [](std::uint64_t count) { return count == 0; });
}

void CrowdCheckResult::violated(CrowdCheck check, std::string_view order_id, std::string what) {
  ++counts[static_cast<std::size_t>(check)];
  if (violations.size() < kCrowdViolationsMax) {
    violations.push_back({check, std::string(order_id), std::move(what)});
  }
}

CrowdCheckResult check_crowd(const CrowdFindings& findings) { return Check(findings).run(); }

}  // namespace firebrand
