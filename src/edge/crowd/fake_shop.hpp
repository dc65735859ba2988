#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rfc3339.hpp"
#include "base/types.hpp"
#include "edge/crowd/fan_answers.hpp"
#include "edge/http/http.hpp"

/// For tests only: the HTTP side of a drop in a map or two, which does wrong what it is told to.
namespace firebrand {

struct FakeShopOptions {
  std::int64_t units = 100;
  std::int32_t limit = 1;
  Millis opens_in{0};
  Millis announced_early{0};  ///< The status names an opening so much too early.
  bool is_demo = true;
  std::string audience = "everyone";  ///< Of its one wave.
  bool takes_reservations = false;
  std::int64_t deposit = 0;  ///< Of a unit's price, which is 100.
  Millis deposit_window{60'000};
  std::set<std::string> codes{};  ///< That are good.
  std::int64_t draw_units = 0;    ///< Of a second wave, which is drawn.
  Millis draw_closes_in{1'500};   ///< After the opening; a little later it is decided.
  bool has_room = false;          ///< A waiting room for its wave; lets one in each millisecond.

  // Bad luck that a crowd must get through; every nth, zero never.
  std::uint32_t busy_every = 0;    ///< Purchases answered 503 before anything happens.
  std::uint32_t silent_every = 0;  ///< Orders placed and never answered.
  std::uint32_t crash_every = 0;   ///< Orders placed, not answered, and the server is gone.
  Millis away{50};                 ///< Until it is back after a crash.

  // Faults that the check must find.
  bool oversells = false;  ///< Does not look at the stock.
  bool ignores_limit = false;
  bool forgets_keys = false;       ///< A repeat is a new purchase.
  bool takes_other_body = false;   ///< A key with another quantity gets its order again.
  std::uint32_t loses_every = 0;   ///< Orders acknowledged and not kept.
  std::uint32_t unpays_every = 0;  ///< Payments acknowledged and not kept.
  std::uint32_t shares_every = 0;  ///< Orders acknowledged under the id of the one before.
  std::int64_t units_off_by = 0;   ///< Of "available" in the status.
  bool ignores_audience = false;
  std::uint32_t loses_entry_every = 0;   ///< Acknowledged and not kept.
  bool record_names_others = false;      ///< Who has not won, as a winner.
  bool loses_prizes = false;             ///< Receipts name orders that there are not.
  bool ignores_room = false;             ///< Sells to those who wait, and to those who do not.
  std::uint32_t loses_place_every = 0;   ///< Acknowledged and not kept.
  std::uint32_t lapses_place_every = 0;  ///< Ended though it was asked for.
  bool ignores_code_uses = false;
  std::uint32_t loses_reservation_every = 0;  ///< Acknowledged and not kept.
  std::uint32_t unpays_deposit_every = 0;     ///< Likewise.
};

/// The shop outlives its server: what it has acknowledged is durable.
class FakeShop {
 public:
  struct Order {
    std::string person;
    std::int32_t quantity = 1;
    std::string state = "pending_payment";
    std::string code{};
    std::int32_t wave = 1;
    std::int64_t total = 0;
    Timestamp created_at{};
  };
  struct Reservation {
    std::string id;
    std::string state;
    Timestamp due_at{};
  };

  explicit FakeShop(FakeShopOptions options)
      : options_(options), opens_at_(now() + options.opens_in) {}

  struct Answer {
    enum class Act : std::uint8_t { answer, stay_silent, crash };
    int status = 200;
    std::string body;
    bool replayed = false;
    Act act = Act::answer;
  };

  /// Somebody's part in the draw of the second wave.
  struct Entry {
    std::string state = "entered";
    std::string order_id{};
  };

  /// A place in the waiting room; its number is its place among them, from 1.
  struct Place {
    std::string person;
    std::string state = "waiting";
  };

  Answer handle(const HttpRequest& request) {
    const std::string_view path = request.path;
    const std::string person = person_of(request);
    if (path == "/v1/time") { return {.body = R"({"server_time":")" + text(now()) + "\"}"}; }
    if (path == "/demo") {
      return options_.is_demo ? Answer{.body = R"({"demo":true,"drop_id":"drop_1"})"}
                              : problem(404, "not_found");
    }
    if (path == "/v1/drops") { return {.body = "{\"data\":[" + status() + "]}"}; }
    if (path == "/v1/drops/drop_1") { return {.body = status()}; }
    if (path == kRoomPath) { return room_page(); }
    if (path == "/v1/drops/drop_1/draws") {
      return {.body =
                  "{\"data\":[" + (options_.draw_units > 0 ? draw_page() : std::string{}) + "]}"};
    }
    if (path == "/v1/draws/draw_1") { return {.body = draw_page()}; }
    if (path == "/v1/draws/draw_1/record") { return draw_record(); }
    if (path.starts_with("/v1/places/fbq_")) { return ask_or_leave(path.substr(15)); }
    if (path == "/demo/sign-in" || path == "/v1/fan-sessions") { return sign_in(request); }
    if (path == "/demo/pay-deposit") { return pay_deposit(person); }
    if (path == "/v1/deposits/callback") {
      return pay_deposit(person_of_reservation(member(request.body, "reservation_id")));
    }
    if (path == "/demo/pay" || path == "/v1/payments/callback") { return pay(request); }
    if (person.empty()) { return problem(401, "not_signed_in"); }
    if (path == "/v1/draws/draw_1/entry") {
      return request.method == HttpMethod::post ? enter(person) : receipt(person, 200);
    }
    if (path == "/v1/draws/draw_1/leave") { return leave_draw(person); }
    if (path == std::string(kRoomPath) + "/places") { return join(person); }
    if (path == "/v1/drops/drop_1/reservations") { return reserve(person); }
    if (path.starts_with("/v1/drops/drop_1/reservation")) {
      return read_or_withdraw(person, path.ends_with("/withdraw"));
    }
    if (path == "/v1/drops/drop_1/orders") { return order(request, person); }
    if (path.starts_with("/v1/orders/")) { return read_or_cancel(path.substr(11), person); }
    return problem(404, "not_found");
  }

  static Timestamp now() {
    return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  }

  // For the test to look at, once the server has stopped.
  std::map<std::string, Order> orders;
  std::map<std::string, std::string> persons;  ///< By token.
  std::vector<Place> places;
  std::map<std::string, Entry> entries;             ///< By person.
  std::map<std::string, Reservation> reservations;  ///< By person.
  std::uint64_t purchases = 0;
  std::uint64_t signatures_missing = 0;
  FakeShopOptions& options() { return options_; }

 private:
  static constexpr std::string_view kRoomPath = "/v1/drops/drop_1/waves/1/waiting-room";

  static std::string text(Timestamp time) { return std::string(format_rfc3339(time).view()); }

  static Answer problem(int status, const std::string& code, const std::string& more = {}) {
    return {.status = status, .body = "{\"code\":\"" + code + "\"" + more + "}"};
  }

  /// The value of a string or number member in the flat JSON that a crowd sends.
  static std::string member(std::string_view body, const std::string& name) {
    const std::size_t at = body.find("\"" + name + "\":");
    if (at == std::string_view::npos) { return {}; }
    std::string_view rest = body.substr(at + name.size() + 3);
    if (rest.starts_with('"')) { return std::string(rest.substr(1, rest.find('"', 1) - 1)); }
    return std::string(rest.substr(0, rest.find_first_of(",}")));
  }

  std::string person_of(const HttpRequest& request) const {
    const std::string_view bearer = request.header(HttpHeader::authorization);
    const auto at =
        persons.find(std::string(bearer.substr(std::min<std::size_t>(7, bearer.size()))));
    return at == persons.end() ? std::string{} : at->second;
  }

  Answer sign_in(const HttpRequest& request) {
    const std::string name = member(request.body, options_.is_demo ? "name" : "person");
    persons["fbs_" + name] = "per_" + name;
    return {.status = options_.is_demo ? 200 : 201,
            .body = R"({"token":"fbs_)" + name + R"(","person_id":"per_)" + name + "\"}"};
  }

  /// @param wave  Zero: any.
  std::int64_t units_in(std::string_view state, std::int32_t wave = 0) const {
    std::int64_t units = 0;
    for (const auto& [id, order] : orders) {
      if (wave != 0 && order.wave != wave) { continue; }
      if (order.state == state) { units += order.quantity; }
    }
    return units;
  }

  std::string status() const {
    const std::int64_t held = units_in("pending_payment");
    const std::int64_t sold = units_in("paid");
    const std::int64_t total = options_.units + options_.draw_units;
    const std::int64_t left =
        std::max<std::int64_t>(options_.units - units_taken(1), 0) + options_.units_off_by;
    const std::int64_t available = left + options_.draw_units - units_taken(2);
    // An oversold drop whose counters are made to look right: only the crowd can tell.
    const std::int64_t shown_held = std::min(held, total - std::min(sold, total));
    return R"({"drop_id":"drop_1","state":"open","opens_at":")" +
           text(opens_at_ - options_.announced_early) + R"(","per_person_limit":)" +
           std::to_string(options_.limit) + R"(,"units":{"total":)" + std::to_string(total) +
           R"(,"unreleased":0,"available":)" + std::to_string(available) + R"(,"held":)" +
           std::to_string(shown_held) + R"(,"sold":)" + std::to_string(std::min(sold, total)) +
           R"(,"withdrawn":0,"returned":0},"currency":"CNY","prices":[{"amount":100,"currency":"CNY"}],)" +
           R"("waves":[{"wave":1,"opens_at":")" + text(opens_at_ - options_.announced_early) +
           R"(","units":)" + std::to_string(options_.units) + R"(,"audience":")" +
           options_.audience + R"(","decision":")" +
           (options_.has_room ? "waiting_room" : "first_come") + R"(","available":)" +
           std::to_string(left) + "}" + draw_wave() + "]" + reserving() + "}";
  }

  std::int64_t units_taken(std::int32_t wave) const {
    return units_in("pending_payment", wave) + units_in("paid", wave);
  }

  std::string draw_wave() const {
    if (options_.draw_units == 0) { return {}; }
    return R"(,{"wave":2,"opens_at":")" + text(opens_at_) + R"(","units":)" +
           std::to_string(options_.draw_units) +
           R"(,"audience":"everyone","decision":"draw","available":)" +
           std::to_string(options_.draw_units - units_taken(2)) + "}";
  }

  Timestamp draw_closes_at() const { return opens_at_ + options_.draw_closes_in; }
  Timestamp beacon_at() const { return draw_closes_at() + Millis{100}; }

  std::string draw_page() {
    decide_draw();
    std::int64_t entrants = 0;
    for (const auto& [person, entry] : entries) { entrants += entry.state == "left" ? 0 : 1; }
    return R"({"draw_id":"draw_1","wave":2,"state":")" +
           std::string(is_decided_                 ? "completed"
                       : now() >= draw_closes_at() ? "closed"
                                                   : "open") +
           R"(","entrants":)" + std::to_string(entrants) + R"(,"closes_at":")" +
           text(draw_closes_at()) + R"(","beacon_at":")" + text(beacon_at()) + "\"}";
  }

  /// In the order of their names, as far as the limit lets them.
  void decide_draw() {
    if (is_decided_ || now() < beacon_at()) { return; }
    is_decided_ = true;
    std::int64_t left = options_.draw_units;
    for (auto& [person, entry] : entries) {
      if (entry.state == "left" || left == 0) { continue; }
      if (owned_by(person) >= options_.limit) {
        entry.state = "passed_over";
        continue;
      }
      --left;
      entry.state = "won";
      entry.order_id = "ord_" + std::to_string(1'000'000 + left);
      if (options_.loses_prizes) { continue; }
      orders.emplace(entry.order_id,
                     Order{.person = person, .wave = 2, .total = 100, .created_at = now()});
    }
  }

  Answer draw_record() {
    decide_draw();
    if (!is_decided_) { return problem(409, "draw_not_completed"); }
    std::string winners;
    std::string list;
    for (const auto& [person, entry] : entries) {
      if (entry.state == "left") { continue; }
      const bool is_named = (entry.state == "won") != options_.record_names_others;
      if (is_named) { winners += "winner e-" + person + "\n"; }
      list += "e-" + person + "#1\n";
    }
    return {.body = "firebrand-draw/1\ndraw draw_1\n" + winners + "entries 1\n" + list};
  }

  Answer receipt(const std::string& person, int status) {
    decide_draw();
    const auto known = entries.find(person);
    if (known == entries.end()) { return problem(404, "draw_not_entered"); }
    const Entry& entry = known->second;
    return {.status = status,
            .body = R"({"draw_id":"draw_1","entrant":"e-)" + person + R"(","state":")" +
                    entry.state + R"(","tickets":1,"place":0,"order_id":)" +
                    (entry.order_id.empty() ? "null" : "\"" + entry.order_id + "\"") + "}"};
  }

  Answer enter(const std::string& person) {
    if (options_.draw_units == 0) { return problem(404, "draw_not_found"); }
    if (now() >= draw_closes_at()) { return problem(409, "draw_closed"); }
    const bool is_new = entries.try_emplace(person).second;
    if (is_new) { ++entered_; }
    Answer answer = receipt(person, is_new ? 201 : 200);
    if (is_new && is_nth(options_.loses_entry_every, entered_)) { entries.erase(person); }
    return answer;
  }

  Answer leave_draw(const std::string& person) {
    if (now() >= draw_closes_at()) { return problem(409, "draw_closed"); }
    const auto known = entries.find(person);
    if (known != entries.end()) { known->second.state = "left"; }
    return receipt(person, 200);
  }

  std::int64_t owned_by(const std::string& person) const {
    std::int64_t owned = 0;
    for (const auto& [id, order] : orders) {
      const bool is_live = order.state == "pending_payment" || order.state == "paid";
      if (order.person == person && is_live) { owned += order.quantity; }
    }
    return owned;
  }

  Answer room_page() const {
    if (!options_.has_room) { return problem(404, "waiting_room_not_found"); }
    return {.body = R"({"drop_id":"drop_1","wave":1,"phase":"open","joins_from":")" +
                    text(opens_at_ - std::chrono::hours{1}) + R"(","opens_at":")" +
                    text(opens_at_ - options_.announced_early) + R"(","ends_at":")" +
                    text(opens_at_ + std::chrono::hours{1}) + R"(","joined":)" +
                    std::to_string(places.size()) + "}"};
  }

  /// The number of the person's place; zero if there is none.
  std::size_t place_of(const std::string& person) const {
    std::size_t number = places.size();
    while (number > 0 && places[number - 1].person != person) { --number; }
    return number;
  }

  Answer join(const std::string& person) {
    if (!options_.has_room) { return problem(404, "waiting_room_not_found"); }
    std::size_t number = place_of(person);
    // Who gave a place up gets it again before the opening, and one at the end afterwards.
    const bool comes_back = number > 0 && places[number - 1].state == "left";
    const bool same_again = comes_back && now() < opens_at_ - options_.announced_early;
    if (same_again) { places[number - 1].state = "waiting"; }
    const bool is_new = number == 0 || (comes_back && !same_again);
    if (is_new) {
      places.push_back({.person = person});
      number = places.size();
    }
    return {.status = is_new ? 201 : 200,
            .body = R"({"place_token":"fbq_)" + std::to_string(number) +
                    R"(","drop_id":"drop_1","wave":1,"place":)" + std::to_string(number) + "}"};
  }

  Answer ask_or_leave(std::string_view rest) {
    const bool leaves = rest.ends_with("/leave");
    if (leaves) { rest.remove_suffix(6); }
    const auto number = static_cast<std::size_t>(std::stoul(std::string(rest)));
    if (is_nth(options_.loses_place_every, number)) { return problem(404, "place_not_found"); }
    Place& place = places.at(number - 1);
    const bool is_live = place.state == "waiting" || place.state == "admitted";
    if (leaves) {
      if (is_live) { place.state = "left"; }
      return {.body = R"({"drop_id":"drop_1","wave":1})"};
    }
    if (place.state == "waiting" && is_nth(options_.lapses_place_every, number)) {
      place.state = "lapsed";
    }
    const auto let_in = static_cast<std::int64_t>((now() - opens_at_).count());
    if (place.state == "waiting" && static_cast<std::int64_t>(number) <= let_in) {
      place.state = "admitted";
    }
    return {.body = R"({"drop_id":"drop_1","wave":1,"place":)" + std::to_string(number) +
                    R"(,"state":")" + place.state + R"(","ask_again_ms":50,"until":")" +
                    text(opens_at_ + std::chrono::hours{1}) + "\"}"};
  }

  std::string reserving() const {
    if (!options_.takes_reservations) { return {}; }
    std::map<std::string, int> counts;
    for (const auto& [person, reservation] : reservations) { ++counts[state_of(reservation)]; }
    std::string json = R"(,"reservations":{"opens_at":"2020-01-01T00:00:00Z","closes_at":")" +
                       text(opens_at_ + std::chrono::hours{1}) + R"(","balance_due_at":")" +
                       text(opens_at_ + std::chrono::hours{2}) +
                       R"(","cap":1000000,"deposit":{"amount":)" +
                       std::to_string(options_.deposit) + R"(,"currency":"CNY"},"counts":{)";
    for (std::size_t i = 0; i < kReservationStateViews; ++i) {
      const std::string state(reservation_state_name(static_cast<ReservationStateView>(i)));
      json += (i == 0 ? "\"" : ",\"") + state + "\":" + std::to_string(counts[state]);
    }
    return json + "}}";
  }

  static std::string state_of(const Reservation& reservation) {
    const bool is_over = reservation.state == "pending_deposit" && now() >= reservation.due_at;
    return is_over ? "lapsed" : reservation.state;
  }

  std::string json(const Reservation& reservation) const {
    return R"({"reservation_id":")" + reservation.id + R"(","drop_id":"drop_1","state":")" +
           state_of(reservation) + R"(","deposit":{"amount":)" + std::to_string(options_.deposit) +
           R"(,"currency":"CNY"},"deposit_due_at":")" + text(reservation.due_at) + "\"}";
  }

  Answer reserve(const std::string& person) {
    if (!options_.takes_reservations) { return problem(409, "reservations_not_offered"); }
    const auto known = reservations.find(person);
    if (known != reservations.end()) { return {.body = json(known->second)}; }
    const Reservation made{"rsv_" + std::to_string(++reserved_),
                           options_.deposit > 0 ? "pending_deposit" : "reserved",
                           now() + options_.deposit_window};
    if (!is_nth(options_.loses_reservation_every, reserved_)) {
      reservations.emplace(person, made);
    }
    return {.status = 201, .body = json(made)};
  }

  Answer read_or_withdraw(const std::string& person, bool withdraws) {
    const auto known = reservations.find(person);
    if (known == reservations.end()) { return problem(404, "reservation_not_found"); }
    Reservation& mine = known->second;
    const std::string state = state_of(mine);
    if (withdraws && state != "withdrawn") {
      if (state != "pending_deposit" && state != "reserved") {
        return problem(409, "reservation_ended");
      }
      mine.state = "withdrawn";
    }
    return {.body = json(mine)};
  }

  std::string person_of_reservation(const std::string& id) const {
    for (const auto& [person, reservation] : reservations) {
      if (reservation.id == id) { return person; }
    }
    return {};
  }

  Answer pay_deposit(const std::string& person) {
    const auto known = reservations.find(person);
    if (known == reservations.end()) { return problem(404, "reservation_not_found"); }
    Reservation& mine = known->second;
    const std::string answer =
        R"({"reservation_id":")" + mine.id + R"(","payment_id":"d","outcome":")";
    if (paid_deposits_.contains(mine.id)) { return {.body = answer + "reserved\"}"}; }
    if (state_of(mine) != "pending_deposit") { return {.body = answer + "refund_due\"}"}; }
    paid_deposits_.insert(mine.id);
    if (!is_nth(options_.unpays_deposit_every, paid_deposits_.size())) { mine.state = "reserved"; }
    return {.body = answer + "reserved\"}"};
  }

  /// Why the wave is not for this purchase; empty if it is.
  std::string barred(const std::string& person, const std::string& code) const {
    if (!code.empty() && (!options_.codes.contains(code) || code_is_used(code))) {
      return "code_not_usable";
    }
    if (options_.has_room && !options_.ignores_room) {
      const std::size_t number = place_of(person);
      const std::string state = number == 0 ? "" : places[number - 1].state;
      if (state == "waiting") { return "waiting_turn"; }
      if (state != "admitted") { return "not_in_waiting_room"; }
    }
    if (options_.ignores_audience) { return {}; }
    if (options_.audience == "code_holders" && code.empty()) { return "code_required"; }
    if (options_.audience == "reservation_holders" && !has_reservation(person)) {
      return "reservation_required";
    }
    return {};
  }

  bool code_is_used(const std::string& code) const {
    if (options_.ignores_code_uses) { return false; }
    return std::any_of(orders.begin(), orders.end(), [&](const auto& one) {
      return one.second.code == code && one.second.state != "cancelled";
    });
  }

  bool has_reservation(const std::string& person) const {
    const auto known = reservations.find(person);
    return known != reservations.end() && known->second.state == "reserved";
  }

  void reservation_becomes(const std::string& person, std::string_view from, std::string_view to) {
    const auto known = reservations.find(person);
    if (known != reservations.end() && known->second.state == from) { known->second.state = to; }
  }

  std::string json(const std::string& id, const Order& order, std::string_view state) const {
    return R"({"order_id":")" + id + R"(","drop_id":"drop_1","wave":)" +
           std::to_string(order.wave) + R"(,"person_id":")" + order.person + R"(","quantity":)" +
           std::to_string(order.quantity) + R"(,"total":{"amount":)" + std::to_string(order.total) +
           R"(,"currency":"CNY"},"state":")" + std::string(state) + R"(","created_at":")" +
           text(order.created_at) + R"(","expires_at":")" +
           text(order.created_at + std::chrono::minutes{15}) + "\"}";
  }

  static bool is_nth(std::uint32_t every, std::uint64_t count) {
    return every != 0 && count % every == 0;
  }

  Answer order(const HttpRequest& request, const std::string& person) {
    ++purchases;
    if (is_nth(options_.busy_every, purchases)) { return problem(503, "overloaded"); }
    if (now() < opens_at_) {
      return problem(
          409, "not_open",
          R"(,"opens_at":")" + text(opens_at_) + R"(","server_time":")" + text(now()) + "\"");
    }
    const std::int32_t quantity = std::stoi(member(request.body, "quantity"));
    const std::string key = person + " " + std::string(request.header(HttpHeader::idempotency_key));
    const auto known = keys_.find(key);
    if (known != keys_.end() && !options_.forgets_keys) {
      const Order& order = known->second.second;
      if (order.quantity != quantity && !options_.takes_other_body) {
        return problem(422, "idempotency_key_reused");
      }
      return {.status = 201,
              .body = json(known->second.first, order, "pending_payment"),
              .replayed = true};
    }
    const std::string code = member(request.body, "code");
    if (const std::string bar = barred(person, code); !bar.empty()) { return problem(409, bar); }
    if (!options_.oversells && units_taken(1) + quantity > options_.units) {
      return problem(409, "sold_out");
    }
    if (owned_by(person) + quantity > options_.limit && !options_.ignores_limit) {
      return problem(409, "purchase_limit");
    }
    const std::uint64_t number = ++placed_;
    const bool is_shared = is_nth(options_.shares_every, number);
    const std::string id = "ord_" + std::to_string(is_shared ? number - 1 : number);
    const std::int64_t less = has_reservation(person) ? options_.deposit : 0;
    const Order order{.person = person,
                      .quantity = quantity,
                      .code = code,
                      .total = 100 * quantity - less,
                      .created_at = now()};
    reservation_becomes(person, "reserved", "ordered");
    if (const std::size_t place = place_of(person); place > 0) { places[place - 1].state = "used"; }
    if (!is_shared) { keys_.insert_or_assign(key, std::pair{id, order}); }
    if (!is_nth(options_.loses_every, number) && !is_shared) { orders.emplace(id, order); }
    Answer answer{.status = 201, .body = json(id, order, "pending_payment")};
    if (is_nth(options_.silent_every, number)) { answer.act = Answer::Act::stay_silent; }
    if (is_nth(options_.crash_every, number)) { answer.act = Answer::Act::crash; }
    return answer;
  }

  Answer pay(const HttpRequest& request) {
    if (request.path == "/v1/payments/callback" &&
        !request.header(HttpHeader::firebrand_signature).starts_with("v1=")) {
      ++signatures_missing;
      return problem(401, "bad_signature");
    }
    const std::string id = member(request.body, "order_id");
    const auto at = orders.find(id);
    if (at == orders.end()) { return problem(404, "order_not_found"); }
    const std::string answer = R"({"order_id":")" + id + R"(","payment_id":"p","outcome":")";
    if (at->second.state == "cancelled") { return {.body = answer + "refund_due\"}"}; }
    if (!is_nth(options_.unpays_every, ++payments_)) {
      at->second.state = "paid";
      reservation_becomes(at->second.person, "ordered", "used");
    }
    return {.body = answer + "paid\"}"};
  }

  Answer read_or_cancel(std::string_view rest, const std::string& person) {
    const bool cancels = rest.ends_with("/cancel");
    if (cancels) { rest.remove_suffix(7); }
    const auto at = orders.find(std::string(rest));
    if (at == orders.end() || at->second.person != person) {
      return problem(404, "order_not_found");
    }
    if (cancels && at->second.state == "paid") { return problem(409, "order_paid"); }
    if (cancels) {
      at->second.state = "cancelled";
      reservation_becomes(person, "ordered", "reserved");
    }
    return {.body = json(at->first, at->second, at->second.state)};
  }

  FakeShopOptions options_;
  Timestamp opens_at_;
  std::uint64_t placed_ = 0;
  std::uint64_t payments_ = 0;
  std::uint64_t reserved_ = 0;
  std::uint64_t entered_ = 0;
  bool is_decided_ = false;
  std::set<std::string> paid_deposits_;
  std::map<std::string, std::pair<std::string, Order>> keys_;
};

}  // namespace firebrand
