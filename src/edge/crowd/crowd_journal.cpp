#include "edge/crowd/crowd_journal.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/json_writer.hpp"
#include "base/rfc3339.hpp"

namespace firebrand {

namespace {

constexpr std::array<std::string_view, 9> kKindNames = {
    "ordered",    "repeated",  "repeat_refused", "other_body_accepted", "paid",
    "refund_due", "cancelled", "pay_asked",      "cancel_asked"};

constexpr std::array<std::string_view, 28> kClaimNames = {
    "reserved",       "reserved_again",   "deposit_paid",     "deposit_refund_due",
    "withdrawn",      "joined",           "joined_again",     "rejoined",
    "admitted",       "place_over",       "place_gone",       "left_room",
    "entered",        "entered_again",    "left_draw",        "won",
    "entry_gone",     "waitlisted",       "waitlisted_again", "waitlist_served",
    "waitlist_over",  "waitlist_left",    "waitlist_gone",    "deposit_asked",
    "withdraw_asked", "leave_room_asked", "leave_draw_asked", "leave_waitlist_asked"};

void put_line(std::string& out, const ClaimEntry& entry) {
  CharSink sink(out);
  JsonWriter json(sink);
  json.begin_object();
  json.key("at_us");
  json.number(entry.at.count());
  json.key("kind");
  json.string(claim_kind_name(entry.kind));
  json.key("fan");
  json.number(entry.fan);
  json.key("id");
  json.string(entry.id);
  if (!entry.note.empty()) {
    json.key("note");
    json.string(entry.note);
  }
  json.end_object();
  sink.put('\n');
}

void put_line(std::string& out, const JournalEntry& entry) {
  CharSink sink(out);
  JsonWriter json(sink);
  const OrderView& order = entry.order;
  json.begin_object();
  json.key("at_us");
  json.number(entry.at.count());
  json.key("kind");
  json.string(journal_kind_name(entry.kind));
  json.key("fan");
  json.number(entry.fan);
  json.key("key");
  json.number(entry.key);
  json.key("order_id");
  json.string(order.order_id);
  if (entry.kind <= JournalKind::other_body_accepted) {
    json.key("quantity_asked");
    json.number(entry.quantity);
    if (entry.code != kNoCode) {
      json.key("code_asked");
      json.number(entry.code);
    }
  }
  if (!order.person_id.empty()) {
    json.key("person_id");
    json.string(order.person_id);
    json.key("drop_id");
    json.string(order.drop_id);
    json.key("wave");
    json.number(order.wave);
    json.key("quantity");
    json.number(order.quantity);
    json.key("total");
    json.begin_object();
    json.key("amount");
    json.number(order.total_minor);
    json.key("currency");
    json.string(order.currency);
    json.end_object();
    json.key("state");
    json.string(order_state_name(order.state));
    json.key("created_at");
    json.string(format_rfc3339(order.created_at).view());
    json.key("expires_at");
    json.string(format_rfc3339(order.expires_at).view());
  }
  if (!entry.note.empty()) {
    json.key("note");
    json.string(entry.note);
  }
  json.end_object();
  sink.put('\n');
}

}  // namespace

std::string_view journal_kind_name(JournalKind kind) noexcept {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::string_view claim_kind_name(CrowdClaimKind kind) noexcept {
  return kClaimNames[static_cast<std::size_t>(kind)];
}

Expected<void, std::string> CrowdJournal::open_file(const std::string& path) {
  file_.reset(std::fopen(path.c_str(), "we"));
  if (file_ == nullptr) { return Unexpected(path + ": " + std::strerror(errno)); }
  // One write for each flush() is all the buffering there should be.
  (void)std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  return {};
}

void CrowdJournal::append(JournalEntry entry) {
  if (file_ != nullptr) { put_line(unwritten_, entry); }
  entries_.push_back(std::move(entry));
}

void CrowdJournal::append(ClaimEntry entry) {
  if (file_ != nullptr) { put_line(unwritten_, entry); }
  claims_.push_back(std::move(entry));
}

void CrowdJournal::flush() {
  if (unwritten_.empty()) { return; }
  const std::size_t written = std::fwrite(unwritten_.data(), 1, unwritten_.size(), file_.get());
  if (written != unwritten_.size() && file_error_.empty()) { file_error_ = std::strerror(errno); }
  unwritten_.clear();
}

}  // namespace firebrand
