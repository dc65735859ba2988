#include "edge/crowd/crowd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "edge/bench/process_stats.hpp"
#include "edge/crowd/arrivals.hpp"
#include "edge/crowd/crowd_driver.hpp"
#include "edge/crowd/fan_reader.hpp"

namespace firebrand {

namespace {

using Clock = CrowdDriver::Clock;
using std::chrono::microseconds;

constexpr std::uint32_t kFansMax = 5'000'000;
constexpr std::uint32_t kConnectionsMax = 60'000;
constexpr std::size_t kRunBytesMax = 32;
/// Longer than the server takes to publish what is durable.
constexpr Millis kPublishTime{300};

CrowdError error_of(std::string message) { return {std::move(message)}; }

std::string run_from_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<Millis>(now).count();
  std::array<char, 20> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), ms, 36).ptr;
  return {text.data(), end};
}

std::string option_fault(const CrowdOptions& options) {
  if (options.fans < 1 || options.fans > kFansMax) { return "fans: 1 to 5000000"; }
  if (options.connections < 1 || options.connections > kConnectionsMax) {
    return "connections: 1 to 60000";
  }
  if (options.duration < Millis{100} || options.duration > std::chrono::hours{24}) {
    return "duration: 0.1 to 86400 seconds";
  }
  const bool is_plain = std::all_of(options.run.begin(), options.run.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  if (!is_plain || options.run.size() > kRunBytesMax) { return "run: up to 32 of a-z and 0-9"; }
  return {};
}

/// Asks until there is a 200, for as long as the server may be away.
std::optional<HttpClient::Response> get(HttpClient& client, std::string_view target,
                                        Millis patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    auto response = client.request(HttpMethod::get, target);
    if (response.has_value() && response->status == 200) { return std::move(*response); }
    if (Clock::now() >= deadline) { return std::nullopt; }
    std::this_thread::sleep_for(kPublishTime);
  }
}

/// Server time against our clock, from one question.
struct ServerClock {
  Timestamp server{};
  Clock::time_point ours;

  Timestamp at(Clock::time_point time) const {
    return server + std::chrono::duration_cast<Millis>(time - ours);
  }
};

std::optional<ServerClock> read_clock(HttpClient& client, AnswerReader& reader, Millis patience) {
  // The first one opens the connection; the second is quick.
  (void)get(client, "/v1/time", patience);
  const auto before = Clock::now();
  const auto response = get(client, "/v1/time", Millis{0});
  if (!response.has_value()) { return std::nullopt; }
  const auto time = reader.server_time(response->body);
  if (!time.has_value()) { return std::nullopt; }
  return ServerClock{*time, before + (Clock::now() - before) / 2};
}

Expected<std::vector<microseconds>, CrowdError> arrivals_of(const CrowdOptions& options) {
  ArrivalTrace trace = launch_profile();
  std::uint32_t window = static_cast<std::uint32_t>(trace.size());
  if (!options.arrivals.empty()) {
    auto read = read_arrival_trace(options.arrivals);
    if (!read.has_value()) { return Unexpected(error_of(read.error().message)); }
    trace = std::move(*read);
    window = options.arrivals_window;
  }
  Prng prng(options.seed);
  auto arrivals = plan_arrivals(
      trace, {.fans = options.fans, .duration = options.duration, .window_seconds = window}, prng);
  if (!arrivals.has_value()) {
    return Unexpected(error_of(options.arrivals + ": " + arrivals.error().message));
  }
  return std::move(*arrivals);
}

/// "index,code" and a line for each, as `firebrand codes export` writes them.
Expected<std::vector<std::string>, CrowdError> read_codes(const std::string& path) {
  std::vector<std::string> codes;
  if (path.empty()) { return codes; }
  std::ifstream file(path);
  if (!file) { return Unexpected(error_of(path + ": cannot be read")); }
  std::string line;
  if (!std::getline(file, line) || line != "index,code") {
    return Unexpected(error_of(path + ": expected the heading index,code"));
  }
  while (std::getline(file, line)) {
    const std::size_t comma = line.find(',');
    if (comma == std::string::npos || comma + 1 == line.size()) {
      return Unexpected(error_of(path + ": expected a place and a code in: " + line));
    }
    codes.push_back(line.substr(comma + 1));
  }
  if (codes.empty()) { return Unexpected(error_of(path + ": has no codes")); }
  return codes;
}

class Crowd {
 public:
  Crowd(const CrowdOptions& options, HttpEndpoint endpoint, std::ostream& out)
      : options_(options),
        out_(out),
        endpoint_(std::move(endpoint)),
        client_(endpoint_, {.timeout = options.timeout}) {}

  Expected<CrowdReport, CrowdError> send() {
    auto arrivals = arrivals_of(options_);
    if (!arrivals.has_value()) { return Unexpected(arrivals.error()); }
    if (!options_.journal.empty()) {
      if (auto opened = journal_.open_file(options_.journal); !opened.has_value()) {
        return Unexpected(error_of(opened.error()));
      }
    }
    auto codes = read_codes(options_.codes);
    if (!codes.has_value()) { return Unexpected(codes.error()); }
    codes_ = std::move(*codes);
    CrowdRun run;
    if (const std::string fault = look_around(run); !fault.empty()) {
      return Unexpected(error_of(fault));
    }
    (void)raise_open_files_limit(std::uint64_t{options_.connections} + 64);
    const auto start = Clock::now();
    fill(run, start, *arrivals);

    CrowdReport report;
    report.server = options_.server;
    report.run = run.run;
    report.drop_id = run.drop.drop_id;
    report.seed = options_.seed;
    report.fans = options_.fans;
    report.mix = options_.mix;
    std::vector<FanAccount> accounts;
    {
      CrowdDriver driver(run, start, journal_, report, out_);
      driver.drive();
      accounts = driver.accounts();
    }
    report.journal_error = journal_.file_error();
    check(run, accounts, report);
    return report;
  }

 private:
  /// Clock, drop and doors. @return what is wrong; empty if all is well.
  std::string look_around(CrowdRun& run) {
    const auto clock = read_clock(client_, reader_, Millis{0});
    if (!clock.has_value()) { return "no answer from " + options_.server + "/v1/time"; }
    clock_ = *clock;
    const auto demo = get(client_, "/demo", Millis{0});
    if (!demo.has_value() && options_.api_key.empty()) {
      return options_.server + " is not in demo mode: fans need an API key to sign in";
    }
    run.can_pay = demo.has_value() || !options_.payment_secret.empty();
    if (!run.can_pay) { out_ << "nobody pays: not in demo mode, and no payment secret\n"; }
    std::string drop_id = options_.drop;
    if (drop_id.empty() && demo.has_value()) {
      drop_id = reader_.drop_id(demo->body).value_or(std::string{});
    }
    if (drop_id.empty()) {
      if (const auto drops = get(client_, "/v1/drops", Millis{0})) {
        drop_id = reader_.newest_drop_id(drops->body).value_or(std::string{});
      }
    }
    if (drop_id.empty()) { return options_.server + " has no drop"; }
    const auto response = get(client_, "/v1/drops/" + drop_id, Millis{0});
    auto drop = response.has_value() ? reader_.drop(response->body) : std::nullopt;
    if (!drop.has_value()) { return options_.server + " has no drop " + drop_id; }
    run.drop = std::move(*drop);
    find_room(run);
    find_draw(run);
    return {};
  }

  void find_room(CrowdRun& run) {
    for (const WaveStatusView& wave : run.drop.waves) {
      if (wave.decision != DecisionView::waiting_room) { continue; }
      if (auto room = read_room(run.drop.drop_id, wave.wave, Millis{0});
          room.has_value() && !room->is_over(clock_.at(Clock::now()))) {
        run.room = *room;
        return;
      }
    }
  }

  void find_draw(CrowdRun& run) {
    const auto response = get(client_, "/v1/drops/" + run.drop.drop_id + "/draws", Millis{0});
    if (!response.has_value()) { return; }
    for (DrawPageView& draw : reader_.draws(response->body)) {
      if (draw.state != "open" || draw.closes_at <= clock_.at(Clock::now())) { continue; }
      run.draw = std::move(draw);
      return;
    }
  }

  std::optional<RoomPageView> read_room(const std::string& drop_id, std::int32_t wave,
                                        Millis patience) {
    const auto response =
        get(client_, "/v1/drops/" + drop_id + "/waves/" + std::to_string(wave) + "/waiting-room",
            patience);
    return response.has_value() ? reader_.room(response->body) : std::nullopt;
  }

  void fill(CrowdRun& run, Clock::time_point start, std::span<const microseconds> arrivals) {
    run.endpoint = endpoint_;
    run.connections = options_.connections;
    run.timeout = options_.timeout;
    run.patience = options_.patience;
    run.progress_period = options_.progress_period;
    run.stop = options_.stop;
    run.access = {options_.api_key, options_.payment_secret};
    run.run = options_.run.empty() ? run_from_clock() : options_.run;
    run.seed = options_.seed;
    run.mix = options_.mix;
    run.arrivals = arrivals;
    run.codes = codes_;
    run.queue_patience = options_.queue_patience;
    run.duration = options_.duration;
    run.started_at = clock_.at(start);
    run.opens_at = run.drop.opens_at - run.started_at;
    out_ << options_.fans << " fans, run " << run.run << ", " << run.drop.drop_id << ", "
         << run.drop.state;
    if (run.opens_at > microseconds{0}) {
      out_ << ", opens in " << run.opens_at / std::chrono::seconds{1} << " s";
    }
    out_ << std::endl;
  }

  void check(const CrowdRun& run, const std::vector<FanAccount>& accounts, CrowdReport& report) {
    CrowdFindings findings;
    findings.journal = journal_.entries();
    std::vector<std::string> person_ids;
    std::vector<FanSaid> said;
    person_ids.reserve(accounts.size());
    said.reserve(accounts.size());
    for (const FanAccount& account : accounts) {
      person_ids.push_back(account.person_id);
      said.push_back(account.said);
    }
    findings.person_ids = person_ids;
    findings.said = said;
    findings.drop_id = run.drop.drop_id;
    findings.started_at = run.started_at;

    findings.claims = journal_.claims();
    findings.is_complete = report.cut_short.empty();
    read_entries(run, accounts, findings, report);
    read_listings(run, accounts, findings, report);
    read_orders(accounts, findings, report);
    read_reservations(run, accounts, findings, report);
    read_places(accounts, findings, report);

    std::this_thread::sleep_for(kPublishTime);
    client_.close();
    if (const auto response = get(client_, "/v1/drops/" + run.drop.drop_id, options_.patience)) {
      findings.drop = reader_.drop(response->body);
    }
    if (run.room.has_value()) {
      findings.room = read_room(run.drop.drop_id, run.room->wave, options_.patience);
    }
    // Both after the drop was read: later than it was, so that nothing is accused of being early.
    const auto clock = read_clock(client_, reader_, options_.timeout);
    findings.orders_read_at = findings.drop_read_at =
        clock.has_value() ? clock->server : clock_.at(Clock::now());
    report.drop = findings.drop;
    report.check = check_crowd(findings);
  }

  void read_all(const std::vector<FanRead>& reads, const TakeRead& take, CrowdReport& report) {
    report.latency[static_cast<std::size_t>(CrowdRequest::read)].merge(read_as_fans(
        endpoint_, options_.connections, reads, options_.timeout, options_.patience, take));
  }

  void read_orders(const std::vector<FanAccount>& accounts, CrowdFindings& findings,
                   CrowdReport& report) {
    std::vector<std::string> ids;
    std::vector<FanRead> reads;
    for (const JournalEntry& entry : journal_.entries()) {
      const bool is_order =
          entry.kind == JournalKind::ordered || entry.kind == JournalKind::repeated;
      if (!is_order || !findings.orders.try_emplace(entry.order.order_id).second) { continue; }
      ids.push_back(entry.order.order_id);
      reads.push_back({"/v1/orders/" + entry.order.order_id, accounts[entry.fan].token});
    }
    for (const auto& [fan, found] : findings.entries) {
      const std::string& won = found.receipt.order_id;
      if (won.empty() || !findings.orders.try_emplace(won).second) { continue; }
      ids.push_back(won);
      reads.push_back({"/v1/orders/" + won, accounts[fan].token});
    }
    for (const auto& [fan, found] : findings.listings) {
      const std::string& served = found.place.order_id;
      if (served.empty() || !findings.orders.try_emplace(served).second) { continue; }
      ids.push_back(served);
      reads.push_back({"/v1/orders/" + served, accounts[fan].token});
    }
    out_ << "checking " << reads.size() << " orders" << std::endl;
    read_all(
        reads,
        [&](std::size_t index, int status, std::string_view body) {
          FoundOrder& found = findings.orders[ids[index]];
          if (status == 404) { found.kind = FoundOrder::Kind::not_found; }
          if (status != 200) { return status == 404; }
          auto order = reader_.order(body);
          if (!order.has_value()) { return false; }
          found = {FoundOrder::Kind::found, std::move(*order)};
          return true;
        },
        report);
  }

  void read_reservations(const CrowdRun& run, const std::vector<FanAccount>& accounts,
                         CrowdFindings& findings, CrowdReport& report) {
    std::vector<std::uint32_t> fans;
    std::vector<FanRead> reads;
    for (const ClaimEntry& entry : journal_.claims()) {
      if (entry.kind != CrowdClaimKind::reserved) { continue; }
      fans.push_back(entry.fan);
      reads.push_back(
          {"/v1/drops/" + run.drop.drop_id + "/reservation", accounts[entry.fan].token});
    }
    if (reads.empty()) { return; }
    out_ << "checking " << reads.size() << " reservations" << std::endl;
    read_all(
        reads,
        [&](std::size_t index, int status, std::string_view body) {
          FoundReservation& found = findings.reservations[fans[index]];
          if (status == 404) { found.kind = FoundOrder::Kind::not_found; }
          if (status != 200) { return status == 404; }
          auto mine = reader_.reservation(body);
          if (!mine.has_value()) { return false; }
          found = {FoundOrder::Kind::found, std::move(*mine)};
          return true;
        },
        report);
  }

  void read_entries(const CrowdRun& run, const std::vector<FanAccount>& accounts,
                    CrowdFindings& findings, CrowdReport& report) {
    std::vector<std::uint32_t> fans;
    std::vector<FanRead> reads;
    for (const ClaimEntry& entry : journal_.claims()) {
      if (entry.kind != CrowdClaimKind::entered) { continue; }
      fans.push_back(entry.fan);
      reads.push_back({"/v1/draws/" + run.draw->draw_id + "/entry", accounts[entry.fan].token});
    }
    if (reads.empty()) { return; }
    out_ << "checking " << reads.size() << " entries" << std::endl;
    // The record first: who is in it must be told the same afterwards.
    read_record(run, findings);
    read_all(
        reads,
        [&](std::size_t index, int status, std::string_view body) {
          FoundEntry& found = findings.entries[fans[index]];
          if (status == 404 || status == 409) { found.kind = FoundOrder::Kind::not_found; }
          if (status != 200) { return status == 404 || status == 409; }
          auto receipt = reader_.receipt(body);
          if (!receipt.has_value()) { return false; }
          found = {FoundOrder::Kind::found, std::move(*receipt)};
          return true;
        },
        report);
  }

  void read_listings(const CrowdRun& run, const std::vector<FanAccount>& accounts,
                     CrowdFindings& findings, CrowdReport& report) {
    std::vector<std::uint32_t> fans;
    std::vector<FanRead> reads;
    for (const ClaimEntry& entry : journal_.claims()) {
      if (entry.kind != CrowdClaimKind::waitlisted) { continue; }
      fans.push_back(entry.fan);
      reads.push_back(
          {"/v1/drops/" + run.drop.drop_id + "/waitlist/place", accounts[entry.fan].token});
    }
    if (reads.empty()) { return; }
    out_ << "checking " << reads.size() << " places in the waitlist" << std::endl;
    findings.listings_read_from = clock_.at(Clock::now());
    read_all(
        reads,
        [&](std::size_t index, int status, std::string_view body) {
          FoundListing& found = findings.listings[fans[index]];
          if (status == 404 || status == 409) { found.kind = FoundOrder::Kind::not_found; }
          if (status != 200) { return status == 404 || status == 409; }
          auto place = reader_.waitlist_place(body);
          if (!place.has_value()) { return false; }
          found = {FoundOrder::Kind::found, std::move(*place)};
          return true;
        },
        report);
  }

  void read_record(const CrowdRun& run, CrowdFindings& findings) {
    client_.close();
    const auto page = get(client_, "/v1/draws/" + run.draw->draw_id, options_.patience);
    if (!page.has_value()) { return; }
    findings.draw = reader_.draw(page->body);
    if (!findings.draw.has_value() || findings.draw->state != "completed") { return; }
    // A busy server says so; what has been completed has a record.
    const auto record =
        get(client_, "/v1/draws/" + run.draw->draw_id + "/record", options_.timeout);
    findings.record.emplace();
    if (!record.has_value()) {
      findings.record->fault = "the draw is completed, and has no record";
      return;
    }
    *findings.record = read_draw_record(record->body);
    if (options_.verify_draw) { findings.record->fault = options_.verify_draw(record->body); }
  }

  void read_places(const std::vector<FanAccount>& accounts, CrowdFindings& findings,
                   CrowdReport& report) {
    std::vector<std::uint32_t> fans;
    std::vector<FanRead> reads;
    for (const ClaimEntry& entry : journal_.claims()) {
      if (entry.kind != CrowdClaimKind::joined) { continue; }
      fans.push_back(entry.fan);
      reads.push_back({"/v1/places/" + accounts[entry.fan].place_token, {}});
    }
    if (reads.empty()) { return; }
    out_ << "checking " << reads.size() << " places" << std::endl;
    read_all(
        reads,
        [&](std::size_t index, int status, std::string_view body) {
          FoundPlace& found = findings.places[fans[index]];
          if (status == 404) { found.kind = FoundOrder::Kind::not_found; }
          if (status != 200) { return status == 404; }
          const auto place = reader_.place(body);
          if (!place.has_value()) { return false; }
          found = {FoundOrder::Kind::found, *place};
          return true;
        },
        report);
  }

  const CrowdOptions& options_;
  std::ostream& out_;
  HttpEndpoint endpoint_;
  HttpClient client_;
  AnswerReader reader_;
  ServerClock clock_;
  CrowdJournal journal_;
  std::vector<std::string> codes_;
};

}  // namespace

Expected<CrowdReport, CrowdError> send_crowd(const CrowdOptions& options, std::ostream& out) {
  if (const std::string fault = option_fault(options); !fault.empty()) {
    return Unexpected(error_of(fault));
  }
  auto endpoint = HttpEndpoint::parse(options.server);
  if (!endpoint.has_value()) {
    return Unexpected(error_of(options.server + ": expected http://HOST:PORT"));
  }
  return Crowd(options, std::move(*endpoint), out).send();
}

int run_crowd(const CrowdOptions& options, std::ostream& out) {
  const auto report = send_crowd(options, out);
  if (!report.has_value()) {
    out << "crowd: " << report.error().message << std::endl;
    return 2;
  }
  out << "\n" << to_text(*report) << std::flush;
  if (!options.report.empty()) {
    std::ofstream file(options.report);
    file << to_json(*report) << "\n";
    if (!file.flush()) {
      out << "crowd: " << options.report << ": " << std::strerror(errno) << std::endl;
      return 2;
    }
  }
  return report->passed() ? 0 : 1;
}

}  // namespace firebrand
