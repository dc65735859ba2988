#include "edge/crowd/draw_check.hpp"

#include <map>

namespace firebrand {

namespace {

/// All that the journal says of one fan's part.
struct Part {
  std::string entrant{};
  std::string prize{};  ///< The order that a receipt named.
  bool leave_asked = false;
  bool left = false;
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

class DrawCheck {
 public:
  DrawCheck(const CrowdFindings& findings, CrowdCheckResult& result)
      : findings_(findings), result_(result) {}

  void run() {
    for (const ClaimEntry& entry : findings_.claims) { take(entry); }
    if (parts_.empty()) { return; }
    std::int64_t surely = 0;
    for (const auto& [fan, part] : parts_) {
      ++result_.entries_checked;
      if (!part.leave_asked) { ++surely; }
      check_part(fan, part);
    }
    check_page(surely);
    if (findings_.record.has_value() && !findings_.record->fault.empty()) {
      result_.violated(CrowdCheck::draw_wrong, {}, findings_.record->fault);
    }
  }

 private:
  void take(const ClaimEntry& entry) {
    switch (entry.kind) {
      case CrowdClaimKind::entered:
      case CrowdClaimKind::entered_again: {
        std::string& entrant = parts_[entry.fan].entrant;
        if (entrant.empty()) { entrant = entry.id; }
        if (entrant != entry.id) { lost(entry.fan, entrant, "became " + entry.id); }
        return;
      }
      case CrowdClaimKind::leave_draw_asked:
        parts_[entry.fan].leave_asked = true;
        return;
      case CrowdClaimKind::left_draw:
        parts_[entry.fan].left = true;
        return;
      case CrowdClaimKind::won:
        parts_[entry.fan].prize = entry.note;
        return;
      case CrowdClaimKind::entry_gone:
        return lost(entry.fan, entry.id, "is not known any more");
      case CrowdClaimKind::reserved:
      case CrowdClaimKind::reserved_again:
      case CrowdClaimKind::deposit_paid:
      case CrowdClaimKind::deposit_refund_due:
      case CrowdClaimKind::withdrawn:
      case CrowdClaimKind::joined:
      case CrowdClaimKind::joined_again:
      case CrowdClaimKind::rejoined:
      case CrowdClaimKind::admitted:
      case CrowdClaimKind::place_over:
      case CrowdClaimKind::place_gone:
      case CrowdClaimKind::left_room:
      case CrowdClaimKind::deposit_asked:
      case CrowdClaimKind::withdraw_asked:
      case CrowdClaimKind::leave_room_asked:
      case CrowdClaimKind::waitlisted:
      case CrowdClaimKind::waitlisted_again:
      case CrowdClaimKind::waitlist_served:
      case CrowdClaimKind::waitlist_over:
      case CrowdClaimKind::waitlist_left:
      case CrowdClaimKind::waitlist_gone:
      case CrowdClaimKind::leave_waitlist_asked:
        return;
    }
  }

  void lost(std::uint32_t fan, std::string_view entrant, const std::string& how) {
    result_.violated(CrowdCheck::entry_lost, entrant,
                     "the entry of fan " + std::to_string(fan) + " " + how);
  }
  void wrong(std::uint32_t fan, std::string_view entrant, const std::string& how) {
    result_.violated(CrowdCheck::draw_wrong, entrant, "fan " + std::to_string(fan) + " " + how);
  }

  void check_part(std::uint32_t fan, const Part& part) {
    const auto at = findings_.entries.find(fan);
    if (at == findings_.entries.end() || at->second.kind == FoundOrder::Kind::unreadable) {
      return result_.violated(CrowdCheck::unreadable, part.entrant,
                              "no answer to the one who entered");
    }
    if (at->second.kind == FoundOrder::Kind::not_found) {
      return lost(fan, part.entrant, "is not known any more");
    }
    const ReceiptView& now = at->second.receipt;
    if (now.entrant != part.entrant) { return lost(fan, part.entrant, "became " + now.entrant); }
    const bool has_left = now.state == ReceiptStateView::left;
    if (has_left && !part.leave_asked) { lost(fan, part.entrant, "was taken back by nobody"); }
    if (part.left && !has_left) { wrong(fan, part.entrant, "left, and takes part"); }
    if (now.state == ReceiptStateView::other) { wrong(fan, part.entrant, "has an odd receipt"); }
    if (findings_.record.has_value()) { check_record(fan, part, now); }
    check_prize(fan, part, now);
  }

  void check_record(std::uint32_t fan, const Part& part, const ReceiptView& now) {
    using enum ReceiptStateView;
    const DrawRecordView& record = *findings_.record;
    const bool is_listed = record.entrants.contains(part.entrant);
    const bool takes_part = now.state != left && now.state != excluded;
    if (takes_part && !is_listed) { return lost(fan, part.entrant, "is not in the record"); }
    if (!takes_part && is_listed) {
      wrong(fan, part.entrant, "takes no part, and is in the record");
    }
    const bool has_won = record.winners.contains(part.entrant);
    if (has_won && now.state != won) {
      wrong(fan, part.entrant, "is a winner of the record alone");
    }
    // A unit that came back goes to the reserve.
    if (now.state == won && !has_won && !record.reserve.contains(part.entrant)) {
      wrong(fan, part.entrant, "is no winner of the record");
    }
    if (now.state == entered && record.reserve.contains(part.entrant)) {
      wrong(fan, part.entrant, "is in the reserve of the record alone");
    }
  }

  void check_prize(std::uint32_t fan, const Part& part, const ReceiptView& now) {
    if (!part.prize.empty() && now.order_id != part.prize) {
      result_.violated(CrowdCheck::prize_lost, part.prize,
                       "fan " + std::to_string(fan) + " had won it, and now " +
                           (now.order_id.empty() ? "nothing" : now.order_id));
    }
    if (now.state != ReceiptStateView::won) { return; }
    const auto order = findings_.orders.find(now.order_id);
    if (order == findings_.orders.end() || order->second.kind == FoundOrder::Kind::unreadable) {
      return result_.violated(CrowdCheck::unreadable, now.order_id, "no answer to the winner");
    }
    const OrderView& prize = order->second.order;
    const bool is_theirs = order->second.kind == FoundOrder::Kind::found &&
                           prize.person_id == findings_.person_ids[fan] &&
                           (!findings_.draw.has_value() || prize.wave == findings_.draw->wave);
    if (!is_theirs) {
      result_.violated(CrowdCheck::prize_lost, now.order_id,
                       "it is no order of fan " + std::to_string(fan) + " in the drawn wave");
    }
  }

  void check_page(std::int64_t surely) {
    if (!findings_.draw.has_value()) {
      return result_.violated(CrowdCheck::unreadable, {}, "no answer to GET of the draw");
    }
    // Somebody may be kept out by staff.
    std::int64_t excluded = 0;
    for (const auto& [fan, found] : findings_.entries) {
      if (found.receipt.state == ReceiptStateView::excluded) { ++excluded; }
    }
    if (findings_.draw->entrants < surely - excluded) {
      result_.violated(CrowdCheck::draw_wrong, {},
                       std::to_string(surely - excluded) + " fans take part, the draw counts " +
                           std::to_string(findings_.draw->entrants));
    }
  }

  const CrowdFindings& findings_;
  CrowdCheckResult& result_;
  std::map<std::uint32_t, Part> parts_;  // Ordered: reports of one run look alike.
};

}  // namespace

DrawRecordView read_draw_record(std::string_view text) {
  DrawRecordView record;
  bool is_list = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t blank = line.find(' ');
    const std::string_view name = line.substr(0, blank);
    const std::string_view value =
        blank == std::string_view::npos ? std::string_view{} : line.substr(blank + 1);
    if (is_list) {
      record.entrants.emplace(line.substr(0, line.find('#')));
    } else if (name == "winner") {
      record.winners.emplace(value);
    } else if (name == "reserve") {
      record.reserve.emplace(value);
    } else if (name == "entries") {
      is_list = true;
    }
  }
  return record;
}

void check_draw(const CrowdFindings& findings, CrowdCheckResult& result) {
  DrawCheck(findings, result).run();
}

}  // namespace firebrand
