#include "edge/crowd/fan_answers.hpp"

#include <simdjson.h>

#include <array>
#include <utility>

#include "base/hex.hpp"
#include "base/rfc3339.hpp"

namespace firebrand {

namespace {

using simdjson::ondemand::array;
using simdjson::ondemand::document;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

constexpr std::array<std::string_view, 4> kOrderStateNames = {"pending_payment", "paid", "expired",
                                                              "cancelled"};
constexpr std::array<std::string_view, kReservationStateViews> kReservationStateNames = {
    "pending_deposit", "reserved", "ordered",   "used",
    "withdrawn",       "lapsed",   "defaulted", "returned"};
constexpr std::array<std::string_view, 6> kPlaceStateNames = {"waiting", "admitted", "used",
                                                              "left",    "lapsed",   "expired"};
constexpr std::array<std::string_view, 6> kReceiptStateNames = {
    "entered", "left", "excluded", "won", "reserve", "passed_over"};
constexpr std::array<std::string_view, 4> kWaitlistStateNames = {"waiting", "served", "left",
                                                                 "passed_over"};
constexpr std::array<std::string_view, 3> kAudienceNames = {"everyone", "reservation_holders",
                                                            "code_holders"};
constexpr std::array<std::string_view, 3> kDecisionNames = {"first_come", "waiting_room", "draw"};

bool take(object& from, const char* key, std::string& out) {
  std::string_view text;
  if (from[key].get_string().get(text) != simdjson::SUCCESS) { return false; }
  out = text;
  return true;
}

template <class Integer>
bool take(object& from, const char* key, Integer& out) {
  std::int64_t number = 0;
  if (from[key].get_int64().get(number) != simdjson::SUCCESS || !std::in_range<Integer>(number)) {
    return false;
  }
  out = static_cast<Integer>(number);
  return true;
}

bool take(object& from, const char* key, Timestamp& out) {
  std::string_view text;
  if (from[key].get_string().get(text) != simdjson::SUCCESS) { return false; }
  const auto time = parse_rfc3339(text);
  if (!time.has_value()) { return false; }
  out = *time;
  return true;
}

bool take_object(object& from, const char* key, object& out) {
  return from[key].get_object().get(out) == simdjson::SUCCESS;
}

/// The value whose name stands there; the enum's `other`, which is behind the named ones, if none.
template <class Enum, std::size_t N>
Enum value_of(const std::array<std::string_view, N>& names, std::string_view name) {
  std::size_t i = 0;
  while (i < N && names[i] != name) { ++i; }
  return static_cast<Enum>(i);
}

template <class Enum, std::size_t N>
bool take_name(object& from, const char* key, const std::array<std::string_view, N>& names,
               Enum& out) {
  std::string_view text;
  if (from[key].get_string().get(text) != simdjson::SUCCESS) { return false; }
  out = value_of<Enum>(names, text);
  return true;
}

bool take_wave(object& wave, WaveStatusView& out) {
  (void)take(wave, "group", out.group);
  return take(wave, "wave", out.wave) && take(wave, "opens_at", out.opens_at) &&
         take(wave, "units", out.units) &&
         take_name(wave, "audience", kAudienceNames, out.audience) &&
         take_name(wave, "decision", kDecisionNames, out.decision) &&
         take(wave, "available", out.available);
}

/// Of each object in the array `key`; an array that is not there has none.
template <class Read>
bool for_each_object(object& from, const char* key, Read&& read) {
  array list;
  if (from[key].get_array().get(list) != simdjson::SUCCESS) { return true; }
  for (auto entry : list) {
    object each;
    if (entry.get_object().get(each) != simdjson::SUCCESS || !read(each)) { return false; }
  }
  return true;
}

bool take_draw(object& from, DrawPageView& out) {
  return take(from, "draw_id", out.draw_id) && take(from, "wave", out.wave) &&
         take(from, "state", out.state) && take(from, "entrants", out.entrants) &&
         take(from, "closes_at", out.closes_at) && take(from, "beacon_at", out.beacon_at);
}

bool take_price(object& root, DropStatusView& drop) {
  return for_each_object(root, "prices", [&](object& price) {
    std::int64_t minor = 0;
    std::string currency;
    if (!take(price, "amount", minor) || !take(price, "currency", currency)) { return false; }
    if (currency == drop.currency) { drop.price_minor = minor; }
    return true;
  });
}

bool take_reserving(object& root, DropStatusView& drop) {
  object terms;
  if (!take_object(root, "reservations", terms)) { return true; }
  ReservingView& out = drop.reserving.emplace();
  object deposit;
  if (!take(terms, "opens_at", out.opens_at) || !take(terms, "closes_at", out.closes_at) ||
      !take(terms, "balance_due_at", out.balance_due_at) || !take(terms, "cap", out.cap) ||
      !take_object(terms, "deposit", deposit) || !take(deposit, "amount", out.deposit_minor)) {
    return false;
  }
  object counts;
  if (!take_object(terms, "counts", counts)) { return false; }
  for (std::size_t i = 0; i < kReservationStateNames.size(); ++i) {
    if (!take(counts, kReservationStateNames[i].data(), out.counts[i])) { return false; }
  }
  return true;
}

bool take_waitlist(object& root, DropStatusView& drop) {
  object list;
  if (!take_object(root, "waitlist", list)) { return true; }
  WaitlistView& out = drop.waitlist.emplace();
  std::string phase;
  if (!take(list, "phase", phase)) { return false; }
  out.is_open = phase == "open";
  return take(list, "ends_at", out.ends_at) && take(list, "waiting", out.waiting) &&
         take(list, "served", out.served);
}

}  // namespace

std::string_view waitlist_state_name(WaitlistStateView state) noexcept {
  const auto index = static_cast<std::size_t>(state);
  return index < kWaitlistStateNames.size() ? kWaitlistStateNames[index] : "other";
}

std::string_view order_state_name(OrderStateView state) noexcept {
  const auto index = static_cast<std::size_t>(state);
  return index < kOrderStateNames.size() ? kOrderStateNames[index] : "other";
}

std::string_view reservation_state_name(ReservationStateView state) noexcept {
  const auto index = static_cast<std::size_t>(state);
  return index < kReservationStateNames.size() ? kReservationStateNames[index] : "other";
}

std::string_view place_state_name(PlaceStateView state) noexcept {
  const auto index = static_cast<std::size_t>(state);
  return index < kPlaceStateNames.size() ? kPlaceStateNames[index] : "other";
}

std::string_view receipt_state_name(ReceiptStateView state) noexcept {
  const auto index = static_cast<std::size_t>(state);
  return index < kReceiptStateNames.size() ? kReceiptStateNames[index] : "other";
}

struct AnswerReader::Impl {
  /// Calls `read(object&)` with the root; false if the body is no JSON object.
  template <class Read>
  bool with_root(std::string_view body, Read&& read) {
    // The parser reads behind the end; what a view of a receive buffer has there is not ours.
    if (buffer.size() < body.size() + simdjson::SIMDJSON_PADDING) {
      buffer.resize(2 * body.size() + simdjson::SIMDJSON_PADDING);
    }
    body.copy(buffer.data(), body.size());
    document json;
    const simdjson::padded_string_view padded(buffer.data(), body.size(), buffer.size());
    object root;
    if (parser.iterate(padded).get(json) != simdjson::SUCCESS ||
        json.get_object().get(root) != simdjson::SUCCESS) {
      return false;
    }
    return read(root);
  }

  simdjson::ondemand::parser parser;
  std::string buffer;
};

AnswerReader::AnswerReader() : impl_(std::make_unique<Impl>()) {}
AnswerReader::~AnswerReader() = default;

std::optional<OrderView> AnswerReader::order(std::string_view body) {
  OrderView order;
  const bool is_order = impl_->with_root(body, [&](object& root) {
    std::string state;
    object total;
    // A nested value ends with the next look at its parent.
    if (!take_object(root, "total", total) || !take(total, "amount", order.total_minor) ||
        !take(total, "currency", order.currency) || !take(root, "order_id", order.order_id) ||
        !take(root, "drop_id", order.drop_id) || !take(root, "wave", order.wave) ||
        !take(root, "person_id", order.person_id) || !take(root, "quantity", order.quantity) ||
        !take(root, "state", state) || !take(root, "created_at", order.created_at) ||
        !take(root, "expires_at", order.expires_at)) {
      return false;
    }
    order.state = value_of<OrderStateView>(kOrderStateNames, state);
    return !order.order_id.empty();
  });
  if (!is_order) { return std::nullopt; }
  return order;
}

std::optional<DropStatusView> AnswerReader::drop(std::string_view body) {
  DropStatusView drop;
  const bool is_drop = impl_->with_root(body, [&](object& root) {
    object units;
    const bool has_units =
        take_object(root, "units", units) && take(units, "total", drop.units.total) &&
        take(units, "unreleased", drop.units.unreleased) &&
        take(units, "available", drop.units.available) && take(units, "held", drop.units.held) &&
        take(units, "sold", drop.units.sold) && take(units, "withdrawn", drop.units.withdrawn) &&
        take(units, "returned", drop.units.returned) && take(root, "drop_id", drop.drop_id) &&
        take(root, "state", drop.state) && take(root, "opens_at", drop.opens_at) &&
        take(root, "per_person_limit", drop.per_person_limit) && drop.per_person_limit >= 1;
    if (!has_units) { return false; }
    (void)take(root, "currency", drop.currency);
    (void)take(root, "per_household_limit", drop.per_household_limit);
    (void)take(root, "per_address_limit", drop.per_address_limit);
    return take_price(root, drop) &&
           for_each_object(
               root, "waves",
               [&](object& wave) { return take_wave(wave, drop.waves.emplace_back()); }) &&
           take_reserving(root, drop) && take_waitlist(root, drop);
  });
  if (!is_drop) { return std::nullopt; }
  return drop;
}

std::optional<std::string> AnswerReader::newest_drop_id(std::string_view body) {
  std::optional<std::string> newest;
  Timestamp opens_last{};
  const bool is_list = impl_->with_root(body, [&](object& root) {
    simdjson::ondemand::array drops;
    if (root["data"].get_array().get(drops) != simdjson::SUCCESS) { return false; }
    for (auto entry : drops) {
      object drop;
      std::string id;
      Timestamp opens_at{};
      if (entry.get_object().get(drop) != simdjson::SUCCESS || !take(drop, "drop_id", id) ||
          !take(drop, "opens_at", opens_at)) {
        return false;
      }
      if (!newest.has_value() || opens_at >= opens_last) {
        newest = id;
        opens_last = opens_at;
      }
    }
    return true;
  });
  return is_list ? newest : std::nullopt;
}

std::optional<SessionView> AnswerReader::session(std::string_view body) {
  SessionView session;
  const bool is_session = impl_->with_root(body, [&](object& root) {
    return take(root, "token", session.token) && take(root, "person_id", session.person_id);
  });
  if (!is_session) { return std::nullopt; }
  return session;
}

std::optional<PaymentView> AnswerReader::payment(std::string_view body) {
  PaymentView payment;
  const bool is_payment = impl_->with_root(body, [&](object& root) {
    return take(root, "order_id", payment.order_id) &&
           take(root, "payment_id", payment.payment_id) && take(root, "outcome", payment.outcome);
  });
  if (!is_payment) { return std::nullopt; }
  return payment;
}

std::optional<ReservationView> AnswerReader::reservation(std::string_view body) {
  ReservationView mine;
  const bool is_reservation = impl_->with_root(body, [&](object& root) {
    object deposit;
    return take_object(root, "deposit", deposit) && take(deposit, "amount", mine.deposit_minor) &&
           take(deposit, "currency", mine.currency) &&
           take(root, "reservation_id", mine.reservation_id) &&
           take(root, "drop_id", mine.drop_id) &&
           take_name(root, "state", kReservationStateNames, mine.state) &&
           take(root, "deposit_due_at", mine.deposit_due_at) && !mine.reservation_id.empty();
  });
  if (!is_reservation) { return std::nullopt; }
  return mine;
}

std::optional<PlaceTicketView> AnswerReader::place_ticket(std::string_view body) {
  PlaceTicketView ticket;
  const bool is_ticket = impl_->with_root(body, [&](object& root) {
    return take(root, "place_token", ticket.place_token) && take(root, "place", ticket.place);
  });
  if (!is_ticket) { return std::nullopt; }
  return ticket;
}

std::optional<PlaceStandView> AnswerReader::place(std::string_view body) {
  PlaceStandView stand;
  std::int64_t ask_again_ms = 0;
  const bool is_place = impl_->with_root(body, [&](object& root) {
    return take(root, "place", stand.place) &&
           take_name(root, "state", kPlaceStateNames, stand.state) &&
           take(root, "ask_again_ms", ask_again_ms) && take(root, "until", stand.until);
  });
  if (!is_place) { return std::nullopt; }
  stand.ask_again = Millis{ask_again_ms};
  return stand;
}

std::optional<RoomPageView> AnswerReader::room(std::string_view body) {
  RoomPageView room;
  const bool is_room = impl_->with_root(body, [&](object& root) {
    std::string phase;
    const bool is_whole = take(root, "wave", room.wave) && take(root, "phase", phase) &&
                          take(root, "joins_from", room.joins_from) &&
                          take(root, "opens_at", room.opens_at) &&
                          take(root, "ends_at", room.ends_at) && take(root, "joined", room.joined);
    room.is_closed = phase == "closed";
    // A room that publishes no order has none to be checked.
    std::string commitment;
    std::string secret;
    if (take(root, "commitment", commitment) && take(root, "order", room.order) &&
        take(root, "secret", secret) && take(root, "early", room.early)) {
      return is_whole && from_hex(commitment, room.commitment.data) &&
             from_hex(secret, room.secret.data);
    }
    return is_whole;
  });
  if (!is_room) { return std::nullopt; }
  return room;
}

std::optional<ReceiptView> AnswerReader::receipt(std::string_view body) {
  ReceiptView receipt;
  const bool is_receipt = impl_->with_root(body, [&](object& root) {
    const bool is_whole = take(root, "entrant", receipt.entrant) &&
                          take_name(root, "state", kReceiptStateNames, receipt.state);
    (void)take(root, "order_id", receipt.order_id);  // Null for who has not won.
    return is_whole && !receipt.entrant.empty();
  });
  if (!is_receipt) { return std::nullopt; }
  return receipt;
}

std::optional<DrawPageView> AnswerReader::draw(std::string_view body) {
  DrawPageView draw;
  const bool is_draw = impl_->with_root(body, [&](object& root) { return take_draw(root, draw); });
  if (!is_draw) { return std::nullopt; }
  return draw;
}

std::vector<DrawPageView> AnswerReader::draws(std::string_view body) {
  std::vector<DrawPageView> draws;
  const bool is_list = impl_->with_root(body, [&](object& root) {
    return for_each_object(root, "data",
                           [&](object& each) { return take_draw(each, draws.emplace_back()); });
  });
  if (!is_list) { return {}; }
  return draws;
}

std::optional<WaitlistPlaceView> AnswerReader::waitlist_place(std::string_view body) {
  WaitlistPlaceView place;
  const bool is_place = impl_->with_root(body, [&](object& root) {
    std::int64_t number = 0;
    const bool is_whole = take(root, "place", number) && number > 0 &&
                          take_name(root, "state", kWaitlistStateNames, place.state);
    place.place = static_cast<std::uint64_t>(number);
    (void)take(root, "order_id", place.order_id);  // Null for who was not served.
    return is_whole;
  });
  if (!is_place) { return std::nullopt; }
  return place;
}

std::optional<DepositView> AnswerReader::deposit(std::string_view body) {
  DepositView deposit;
  const bool is_deposit = impl_->with_root(body, [&](object& root) {
    return take(root, "reservation_id", deposit.reservation_id) &&
           take(root, "payment_id", deposit.payment_id) && take(root, "outcome", deposit.outcome);
  });
  if (!is_deposit) { return std::nullopt; }
  return deposit;
}

std::optional<ProblemView> AnswerReader::problem(std::string_view body) {
  ProblemView problem;
  const bool is_problem = impl_->with_root(body, [&](object& root) {
    if (!take(root, "code", problem.code)) { return false; }
    Timestamp time{};
    if (take(root, "opens_at", time)) { problem.opens_at = time; }
    if (take(root, "server_time", time)) { problem.server_time = time; }
    return true;
  });
  if (!is_problem) { return std::nullopt; }
  return problem;
}

std::optional<Timestamp> AnswerReader::server_time(std::string_view body) {
  Timestamp time{};
  const bool is_time =
      impl_->with_root(body, [&](object& root) { return take(root, "server_time", time); });
  if (!is_time) { return std::nullopt; }
  return time;
}

std::optional<std::string> AnswerReader::drop_id(std::string_view body) {
  std::string id;
  const bool is_named =
      impl_->with_root(body, [&](object& root) { return take(root, "drop_id", id); });
  if (!is_named) { return std::nullopt; }
  return id;
}

}  // namespace firebrand
