#include "edge/crowd/crowd_report.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "edge/bench/numbers.hpp"

namespace firebrand {

namespace {

constexpr std::array<std::string_view, kCrowdRequests> kRequestNames = {
    "sign_in",       "look",         "order",          "pay",        "cancel",
    "reserve",       "pay_deposit",  "withdraw",       "join",       "ask_place",
    "leave_room",    "enter",        "leave_draw",     "watch_draw", "read_receipt",
    "join_waitlist", "ask_waitlist", "leave_waitlist", "read_prize", "read"};

double seconds_of(std::chrono::microseconds duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

double answers_per_second(const CrowdReport& report) {
  return report.wall_time.count() > 0
             ? static_cast<double>(report.answers) / seconds_of(report.wall_time)
             : 0;
}

template <class Number>
void put(JsonWriter& json, std::string_view key, Number number) {
  json.key(key);
  json.number(number);
}

void put_text(JsonWriter& json, std::string_view key, std::string_view text) {
  json.key(key);
  json.string(text);
}

void put_decimal(JsonWriter& json, std::string_view key, double number, int decimals) {
  json.key(key);
  json.raw(decimal(number, decimals));
}

void put_counts(JsonWriter& json, std::string_view key,
                const std::map<std::string, std::uint64_t>& counts) {
  json.key(key);
  json.begin_object();
  for (const auto& [name, count] : counts) { put(json, name, count); }
  json.end_object();
}

void put_latency(JsonWriter& json, std::string_view key, const LatencyHistogram& latency) {
  json.key(key);
  json.begin_object();
  put(json, "count", latency.count());
  put_decimal(json, "p50", to_ms(latency.quantile(500'000)), 3);
  put_decimal(json, "p90", to_ms(latency.quantile(900'000)), 3);
  put_decimal(json, "p99", to_ms(latency.quantile(990'000)), 3);
  put_decimal(json, "max", to_ms(latency.max()), 3);
  json.end_object();
}

void put_check(JsonWriter& json, const CrowdCheckResult& check) {
  json.key("check");
  json.begin_object();
  json.key("passed");
  json.boolean(check.passed());
  put(json, "orders_checked", check.orders_checked);
  put(json, "reservations_checked", check.reservations_checked);
  put(json, "places_checked", check.places_checked);
  put(json, "entries_checked", check.entries_checked);
  put(json, "waitlist_places_checked", check.waitlist_places_checked);
  put(json, "units_paid", check.units_paid);
  put(json, "units_pending", check.units_pending);
  put(json, "units_at_once_max", check.units_peak);
  put(json, "units_of_others", check.units_of_others);
  json.key("violations");
  json.begin_object();
  for (std::size_t i = 0; i < kCrowdChecks; ++i) {
    put(json, crowd_check_name(static_cast<CrowdCheck>(i)), check.counts[i]);
  }
  json.end_object();
  json.key("first_violations");
  json.begin_array();
  for (const CrowdViolation& violation : check.violations) {
    json.begin_object();
    put_text(json, "check", crowd_check_name(violation.check));
    put_text(json, "order_id", violation.order_id);
    put_text(json, "what", violation.what);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

/// "12,345,678"
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string grouped(std::int64_t number) {
  return number < 0 ? "-" + grouped(static_cast<std::uint64_t>(-number))
                    : grouped(static_cast<std::uint64_t>(number));
}

std::string left(std::string_view text, std::size_t width) {
  std::string padded(text);
  padded.resize(std::max(width, padded.size()), ' ');
  return padded;
}

std::string right(std::string_view text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + std::string(text);
}

std::string row(std::string_view name, std::string_view value) {
  return "  " + left(name, 26) + right(value, 14) + "\n";
}

std::string rows(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) { text += row("  " + name, grouped(count)); }
  return text;
}

std::string latency_row(std::string_view name, const LatencyHistogram& latency) {
  if (latency.count() == 0) { return {}; }
  return "  " + left(name, 14) + right(grouped(latency.count()), 12) +
         right(decimal(to_ms(latency.quantile(500'000)), 2), 10) +
         right(decimal(to_ms(latency.quantile(900'000)), 2), 10) +
         right(decimal(to_ms(latency.quantile(990'000)), 2), 10) +
         right(decimal(to_ms(latency.max()), 1), 10) + "\n";
}

/// What there was in the launch beside purchases; nothing of what there was not.
std::string claim_rows(const CrowdReport& report) {
  std::string text;
  const auto add = [&](std::string_view name, std::uint64_t count) {
    if (count != 0) { text += row(name, grouped(count)); }
  };
  add("sold with a code", report.code_orders);
  add("sold to a group", report.group_orders);
  add("reserved", report.reservations);
  add("deposits paid", report.deposits);
  add("deposits owed back", report.deposits_late);
  add("reservations withdrawn", report.withdrawals);
  add("places in the waiting room", report.places);
  add("let in", report.admissions);
  add("places given up", report.places_left);
  add("places over", report.places_over);
  add("entered the draw", report.entries);
  add("left it again", report.entries_left);
  add("won", report.prizes);
  add("places in the waitlist", report.waitlisted);
  add("left it again", report.waitlist_left);
  add("served by it", report.waitlist_orders);
  return text;
}

std::string check_text(const CrowdReport& report) {
  std::string text = "independent check of " + grouped(report.check.orders_checked) + " orders, " +
                     grouped(report.check.reservations_checked) + " reservations, " +
                     grouped(report.check.places_checked) + " places, " +
                     grouped(report.check.entries_checked) + " entries, " +
                     grouped(report.check.waitlist_places_checked) + " in the waitlist\n";
  for (std::size_t i = 0; i < kCrowdChecks; ++i) {
    const auto check = static_cast<CrowdCheck>(i);
    const std::uint64_t count = report.check.counts[i];
    text += "  " + left(count == 0 ? "ok" : "BROKEN", 8) + std::string(crowd_check_claim(check));
    if (count != 0) { text += ": " + grouped(count) + " violations"; }
    text += "\n";
  }
  for (const CrowdViolation& violation : report.check.violations) {
    text += "  " + std::string(crowd_check_name(violation.check)) + " " + violation.order_id +
            ": " + violation.what + "\n";
  }
  return text;
}

}  // namespace

std::string_view crowd_request_name(CrowdRequest kind) noexcept {
  return kRequestNames[static_cast<std::size_t>(kind)];
}

bool CrowdReport::passed() const {
  return check.passed() && cut_short.empty() && journal_error.empty();
}

std::string to_json(const CrowdReport& report) {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  json.begin_object();
  json.key("passed");
  json.boolean(report.passed());
  put_text(json, "server", report.server);
  put_text(json, "run", report.run);
  put_text(json, "drop_id", report.drop_id);
  put(json, "seed", report.seed);
  put(json, "fans", report.fans);
  put(json, "fans_signed_in", report.fans_signed_in);
  put(json, "fans_finished", report.fans_finished);
  put(json, "requests", report.requests);
  put(json, "answers", report.answers);
  put(json, "sold", report.orders);
  put(json, "units", report.units);
  put(json, "paid", report.payments);
  put(json, "paid_late", report.payments_late);
  put(json, "cancelled", report.cancellations);
  put(json, "sold_with_code", report.code_orders);
  put(json, "sold_to_group", report.group_orders);
  put(json, "reserved", report.reservations);
  put(json, "deposits_paid", report.deposits);
  put(json, "deposits_late", report.deposits_late);
  put(json, "reservations_withdrawn", report.withdrawals);
  put(json, "places", report.places);
  put(json, "admitted", report.admissions);
  put(json, "places_left", report.places_left);
  put(json, "places_over", report.places_over);
  put(json, "entered", report.entries);
  put(json, "entries_left", report.entries_left);
  put(json, "receipts", report.receipts);
  put(json, "won", report.prizes);
  put(json, "waitlisted", report.waitlisted);
  put(json, "waitlist_left", report.waitlist_left);
  put(json, "waitlist_served", report.waitlist_orders);
  put(json, "replays", report.replays);
  put(json, "hang_ups", report.hang_ups);
  put_counts(json, "refused", report.refused);
  put_counts(json, "refused_other", report.refused_other);
  put_counts(json, "errors", report.errors);
  put(json, "outages", report.outages);
  put_decimal(json, "seconds_down", seconds_of(report.time_down), 3);
  put_decimal(json, "wall_seconds", seconds_of(report.wall_time), 3);
  put_decimal(json, "answers_per_second", answers_per_second(report), 0);
  put(json, "answers_per_second_max", report.answers_per_second_max);
  json.key("latency_ms");
  json.begin_object();
  for (std::size_t i = 0; i < kCrowdRequests; ++i) {
    put_latency(json, kRequestNames[i], report.latency[i]);
  }
  put_latency(json, "lag", report.lag);
  json.end_object();
  if (report.drop.has_value()) {
    const UnitsView& units = report.drop->units;
    json.key("units_of_drop");
    json.begin_object();
    put(json, "total", units.total);
    put(json, "unreleased", units.unreleased);
    put(json, "available", units.available);
    put(json, "held", units.held);
    put(json, "sold", units.sold);
    put(json, "withdrawn", units.withdrawn);
    put(json, "returned", units.returned);
    json.end_object();
  }
  put_check(json, report.check);
  put_text(json, "cut_short", report.cut_short);
  put_text(json, "journal_error", report.journal_error);
  json.key("mix_percent");
  json.begin_object();
  for (const FanMix::Field& field : FanMix::kFields) {
    put_decimal(json, field.name, static_cast<double>(report.mix.*field.ppm) / 10'000, 4);
  }
  json.end_object();
  json.end_object();
  return text;
}

std::string to_text(const CrowdReport& report) {
  std::string text = "crowd " + report.run + " on " + report.server + ", " + report.drop_id +
                     ", seed " + std::to_string(report.seed) + "\n";
  text += row("fans", grouped(std::uint64_t{report.fans}));
  if (report.fans_finished != report.fans) {
    text += row("  not finished", grouped(std::uint64_t{report.fans - report.fans_finished}));
  }
  text += row("sold (orders)", grouped(report.orders));
  text += row("sold (units)", grouped(report.units));
  text += row("paid", grouped(report.payments));
  if (report.payments_late != 0) { text += row("paid too late", grouped(report.payments_late)); }
  text += row("cancelled", grouped(report.cancellations));
  text += claim_rows(report);
  text += row("repeats answered alike", grouped(report.replays));
  text += "  purchases refused\n" + rows(report.refused);
  if (!report.refused_other.empty()) { text += "  others refused\n" + rows(report.refused_other); }
  text += row("requests", grouped(report.requests));
  text += row("answers", grouped(report.answers));
  text += row("fans hung up", grouped(report.hang_ups));
  if (!report.errors.empty()) { text += "  without an answer\n" + rows(report.errors); }
  if (report.outages != 0 || report.time_down.count() != 0) {
    text += row("server away and back", grouped(std::uint64_t{report.outages}));
    text += row("  seconds away", decimal(seconds_of(report.time_down), 2));
  }
  text += row("wall time, s", decimal(seconds_of(report.wall_time), 2));
  text += row("answers/s", decimal(answers_per_second(report), 0));
  text += row("answers/s, busiest second", grouped(report.answers_per_second_max));
  text += "\n  " + left("latency, ms", 14) + right("count", 12) + right("p50", 10) +
          right("p90", 10) + right("p99", 10) + right("max", 10) + "\n";
  for (std::size_t i = 0; i < kCrowdRequests; ++i) {
    text += latency_row(kRequestNames[i], report.latency[i]);
  }
  text += latency_row("waiting first", report.lag);
  if (report.drop.has_value()) {
    const UnitsView& units = report.drop->units;
    text += "\n  units of the drop: total " + grouped(units.total) + " = unreleased " +
            grouped(units.unreleased) + " + available " + grouped(units.available) + " + held " +
            grouped(units.held) + " + sold " + grouped(units.sold) + " + withdrawn " +
            grouped(units.withdrawn) + " + returned " + grouped(units.returned) + "\n";
    text += "  of the fans: paid " + grouped(report.check.units_paid) + ", pending " +
            grouped(report.check.units_pending) +
            "; of others: " + grouped(report.check.units_of_others) + "\n";
  }
  text += "\n" + check_text(report);
  if (!report.cut_short.empty()) { text += "cut short: " + report.cut_short + "\n"; }
  if (!report.journal_error.empty()) { text += "journal: " + report.journal_error + "\n"; }
  text += report.passed() ? "passed: nothing acknowledged was lost, nothing was sold twice\n"
                          : "FAILED\n";
  return text;
}

}  // namespace firebrand
