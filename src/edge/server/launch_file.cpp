#include "edge/server/launch_file.hpp"

#include <toml++/toml.h>

#include <charconv>
#include <functional>
#include <limits>
#include <set>
#include <sstream>

#include "base/draw.hpp"
#include "base/enum_name.hpp"
#include "base/file_text.hpp"
#include "base/hex.hpp"
#include "base/rfc3339.hpp"
#include "edge/api/demo_draws.hpp"
#include "edge/api/wave_desk.hpp"

namespace firebrand {

namespace {

using Error = LaunchFileError;

/// Reads one table key by key; every key must be asked for, so that a typing error is found.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string where)
      : table_(table), where_(std::move(where)) {}

  [[nodiscard]] const toml::node* find(std::string_view key) {
    seen_.insert(std::string(key));
    return table_.get(key);
  }
  [[nodiscard]] Error expected(std::string_view key, std::string_view what) const {
    std::ostringstream message;
    message << where_ << "." << key << ": expected " << what;
    if (const toml::node* node = table_.get(key)) {
      message << " (line " << node->source().begin.line << ")";
    } else {
      message << "; it is missing";
    }
    return {message.str()};
  }
  /// The first key that nobody asked for, as an error.
  [[nodiscard]] std::optional<Error> unknown() const {
    for (const auto& [key, node] : table_) {
      if (!seen_.contains(std::string(key.str()))) {
        return Error{where_ + ": unknown key " + std::string(key.str()) + " (line " +
                     std::to_string(node.source().begin.line) + ")"};
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] const std::string& where() const { return where_; }

  template <std::size_t Max>
  [[nodiscard]] std::optional<Error> read(std::string_view key, Text<Max>& out) {
    const toml::node* const node = find(key);
    const auto text = node == nullptr ? std::nullopt : node->value<std::string>();
    if (!text || text->empty() || text->size() > Max) {
      return expected(key, "text of 1 to " + std::to_string(Max) + " bytes");
    }
    out = std::string_view(*text);
    return std::nullopt;
  }
  template <class Integer>
  [[nodiscard]] std::optional<Error> read_integer(std::string_view key, Integer& out,
                                                  std::int64_t min, std::int64_t max) {
    const toml::node* const node = find(key);
    const auto number =
        node == nullptr || !node->is_integer() ? std::nullopt : node->value<std::int64_t>();
    if (!number || *number < min || *number > max) {
      return expected(key, "an integer, " + std::to_string(min) + " to " + std::to_string(max));
    }
    out = static_cast<Integer>(*number);
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Error> read_name(LocalizedName& out) {
    const toml::node* const node = find("name");
    const toml::table* const table = node == nullptr ? nullptr : node->as_table();
    if (table == nullptr) { return expected("name", "name.zh and name.en"); }
    TableReader name(*table, where_ + ".name");
    if (auto error = name.read("zh", out.zh)) { return error; }
    if (auto error = name.read("en", out.en)) { return error; }
    return name.unknown();
  }
  [[nodiscard]] std::optional<Error> read_currency(std::string_view key, Currency& out) {
    const toml::node* const node = find(key);
    const auto text = node == nullptr ? std::nullopt : node->value<std::string>();
    const auto currency = text ? Currency::parse(*text) : std::nullopt;
    if (!currency) { return expected(key, "an ISO 4217 currency such as \"CNY\""); }
    out = *currency;
    return std::nullopt;
  }

 private:
  const toml::table& table_;
  std::string where_;
  std::set<std::string> seen_;
};

/// More than that is a typing error. Sums of it are far from where a time ends.
constexpr Millis kDurationMax = std::chrono::hours{24 * 36'600};

/// "90s", "1h30m", "2d"; a hundred years at most.
std::optional<Millis> parse_duration(std::string_view text) {
  Millis sum{};
  if (text.empty()) { return std::nullopt; }
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || number < 0 || number > 100'000'000) { return std::nullopt; }
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (text.starts_with("ms")) {
      sum += Millis{number};
      text.remove_prefix(1);
    } else if (text.starts_with('s')) {
      sum += std::chrono::seconds{number};
    } else if (text.starts_with('m')) {
      sum += std::chrono::minutes{number};
    } else if (text.starts_with('h')) {
      sum += std::chrono::hours{number};
    } else if (text.starts_with('d')) {
      sum += std::chrono::hours{24 * number};
    } else {
      return std::nullopt;
    }
    text.remove_prefix(1);
    if (sum > kDurationMax) { return std::nullopt; }
  }
  return sum;
}

std::optional<Error> read_time(TableReader& table, std::string_view key, Timestamp now,
                               Timestamp& out) {
  const toml::node* const node = table.find(key);
  const auto text = node == nullptr ? std::nullopt : node->value<std::string>();
  if (text && text->starts_with('+')) {
    if (const auto after = parse_duration(std::string_view(*text).substr(1))) {
      out = now + *after;
      return std::nullopt;
    }
  } else if (text) {
    if (const auto at = parse_rfc3339(*text)) {
      out = *at;
      return std::nullopt;
    }
  }
  return table.expected(key, "a time such as \"+1m\" or \"2026-11-21T20:00:00+08:00\"");
}

/// "CNY 1999.00"
std::optional<Money> parse_price(std::string_view text) {
  const auto currency = Currency::parse(text.substr(0, 3));
  if (!currency || text.size() < 5 || text[3] != ' ') { return std::nullopt; }
  return parse_amount(text.substr(4), *currency);
}

std::optional<Error> read_prices(TableReader& table, List<Money, kPricesMax>& out) {
  const toml::node* const node = table.find("prices");
  const toml::array* const array = node == nullptr ? nullptr : node->as_array();
  const auto wrong = [&] {
    return table.expected("prices",
                          "1 to " + std::to_string(kPricesMax) + " prices such as \"CNY 1999.00\"");
  };
  if (array == nullptr || array->empty() || array->size() > kPricesMax) { return wrong(); }
  for (const toml::node& entry : *array) {
    const auto text = entry.value<std::string>();
    const auto price = text ? parse_price(*text) : std::nullopt;
    if (!price) { return wrong(); }
    out.push_back(*price);
  }
  return std::nullopt;
}

using ReadTable = std::function<std::optional<Error>(TableReader&)>;

/// Every table of an array of tables.
std::optional<Error> read_each(TableReader& parent, std::string_view key, const ReadTable& read) {
  const toml::node* const node = parent.find(key);
  const toml::array* const array = node == nullptr ? nullptr : node->as_array();
  if (array == nullptr || array->empty()) {
    return parent.expected(key, "one or more tables [[" + std::string(key) + "]]");
  }
  std::size_t number = 0;
  for (const toml::node& entry : *array) {
    const toml::table* const table = entry.as_table();
    if (table == nullptr) { return parent.expected(key, "tables"); }
    TableReader reader(*table, parent.where() + (parent.where().ends_with(": ") ? "" : ".") +
                                   std::string(key) + "[" + std::to_string(++number) + "]");
    if (auto error = read(reader)) { return error; }
    if (auto error = reader.unknown()) { return error; }
  }
  return std::nullopt;
}

/// "5m", a whole number of seconds from 1 to `max`; `out` stays if the key is absent.
std::optional<Error> read_seconds(TableReader& table, std::string_view key, std::int32_t max,
                                  std::int32_t& out) {
  const toml::node* const node = table.find(key);
  if (node == nullptr) { return std::nullopt; }
  const auto text = node->value<std::string>();
  const auto duration = text ? parse_duration(*text) : std::nullopt;
  const std::int64_t seconds = duration ? duration->count() / 1'000 : 0;
  if (seconds < 1 || seconds > max) {
    return table.expected(key, "a duration, 1 to " + std::to_string(max) + " seconds");
  }
  out = static_cast<std::int32_t>(seconds);
  return std::nullopt;
}

std::optional<Error> read_room(TableReader& table, Timestamp now, OpenWaitingRoom& room) {
  if (auto error = read_time(table, "joins", now, room.joins_from)) { return error; }
  if (auto error = read_time(table, "ends", now, room.ends_at)) { return error; }
  AdmissionPlan& admission = room.admission;
  const auto read = [&](std::string_view key, auto& out, std::int64_t max) {
    return table.find(key) == nullptr ? std::nullopt : table.read_integer(key, out, 1, max);
  };
  if (auto error = read("places_max", room.places_max, kPlacesMax)) { return error; }
  if (auto error = read("places_per_minute", admission.places_per_minute, kPlacesPerMinuteMax)) {
    return error;
  }
  if (auto error = read("inside_max", admission.inside_max, kInsideMax)) { return error; }
  if (auto error = read("latency_ms_max", admission.latency_ms_max, kLatencyMsMax)) {
    return error;
  }
  if (auto error = read_seconds(table, "lease", kLeaseSecondsMax, admission.lease_seconds)) {
    return error;
  }
  return read_seconds(table, "heartbeat", kHeartbeatSecondsMax, admission.heartbeat_seconds);
}

/// Absent: none.
std::optional<Error> read_limit(TableReader& table, std::string_view key, std::int32_t& out) {
  if (table.find(key) == nullptr) { return std::nullopt; }
  return table.read_integer(key, out, 1, kPerPersonLimitMax);
}

/// What a wave asks of a buyer beside its audience; all of it may be absent.
std::optional<Error> read_conditions(TableReader& table, Timestamp now, WavePlan& wave) {
  const std::pair<std::string_view, AudienceName*> names[] = {
      {"group", &wave.group}, {"region", &wave.region}, {"channel", &wave.channel}};
  for (const auto& [key, name] : names) {
    if (table.find(key) == nullptr) { continue; }
    if (auto error = table.read(key, *name)) { return error; }
  }
  if (table.find("members_before") != nullptr) {
    if (auto error = read_time(table, "members_before", now, wave.members_before)) { return error; }
  }
  if (table.find("risk_max") != nullptr) {
    if (auto error = table.read_integer("risk_max", wave.risk_max, 0, kRiskMax)) { return error; }
  }
  return read_limit(table, "per_person_limit", wave.per_person_limit);
}

std::optional<Error> read_wave(TableReader& table, Timestamp now, WavePlan& wave,
                               std::vector<OpenWaitingRoom>& rooms, std::uint16_t number) {
  if (auto error = read_time(table, "opens", now, wave.opens_at)) { return error; }
  if (auto error = table.read_integer("units", wave.units, 1, kWaveUnitsMax)) { return error; }
  if (const toml::node* const node = table.find("decision")) {
    const auto text = node->value<std::string>();
    const auto decision = text ? enum_from_name<WaveDecision>(*text) : std::nullopt;
    if (!decision) {
      return table.expected("decision", "\"first_come\", \"waiting_room\" or \"draw\"");
    }
    wave.decision = *decision;
  }
  if (const toml::node* const node = table.find("release")) {
    const auto text = node->value<std::string>();
    const auto release = text ? enum_from_name<WaveRelease>(*text) : std::nullopt;
    if (!release) {
      return table.expected("release", "\"automatic\", \"manual\", \"on_sold_out\" or \"random\"");
    }
    wave.release = *release;
  }
  if (auto error = read_seconds(table, "window", kWaveWindowSecondsMax, wave.window_seconds)) {
    return error;
  }
  if (const toml::node* const node = table.find("leftovers")) {
    const auto text = node->value<std::string>();
    const auto leftovers = text ? enum_from_name<WaveLeftovers>(*text) : std::nullopt;
    if (!leftovers) { return table.expected("leftovers", "\"stay\", \"roll_on\" or \"withdraw\""); }
    wave.leftovers = *leftovers;
  }
  if (const toml::node* const node = table.find("audience")) {
    const auto text = node->value<std::string>();
    const auto audience = text ? enum_from_name<WaveAudience>(*text) : std::nullopt;
    if (!audience) {
      return table.expected("audience",
                            "\"everyone\", \"reservation_holders\" or \"code_holders\"");
    }
    wave.audience = *audience;
  }
  if (table.find("tie_batch_ms") != nullptr) {
    if (auto error = table.read_integer("tie_batch_ms", wave.tie_batch_ms, 0, kTieBatchMsMax)) {
      return error;
    }
  }
  if (auto error = read_conditions(table, now, wave)) { return error; }
  if (wave.decision != WaveDecision::waiting_room) { return std::nullopt; }
  const toml::node* const node = table.find("waiting_room");
  const toml::table* const room_table = node == nullptr ? nullptr : node->as_table();
  if (room_table == nullptr) { return table.expected("waiting_room", "a table"); }
  TableReader reader(*room_table, table.where() + ".waiting_room");
  OpenWaitingRoom room{.wave = number};
  if (auto error = read_room(reader, now, room)) { return error; }
  if (auto error = reader.unknown()) { return error; }
  rooms.push_back(room);
  return std::nullopt;
}

/// Time to pay.
std::optional<Error> read_window(TableReader& table, std::string_view key, std::int32_t& out) {
  const toml::node* const window = table.find(key);
  const auto text = window == nullptr ? std::nullopt : window->value<std::string>();
  const auto duration = text ? parse_duration(*text) : std::nullopt;
  const auto seconds =
      duration ? std::chrono::duration_cast<std::chrono::seconds>(*duration).count() : 0;
  if (seconds < 1 || seconds > kPaymentWindowSecondsMax) {
    return table.expected(key, "a duration such as \"15m\", 1 second to 7 days");
  }
  out = static_cast<std::int32_t>(seconds);
  return std::nullopt;
}

std::optional<Error> read_reservations(TableReader& table, Timestamp now,
                                       LaunchFile::PlannedDrop& drop) {
  OpenReservations& terms = drop.reservations.emplace();
  if (auto error = read_time(table, "opens", now, terms.opens_at)) { return error; }
  if (auto error = read_time(table, "closes", now, terms.closes_at)) { return error; }
  if (auto error = read_time(table, "balance_due", now, terms.balance_due_at)) { return error; }
  if (auto error = table.read_integer("cap", terms.cap, 1, kReservationCapMax)) { return error; }
  if (const toml::node* const node = table.find("deposit")) {
    const auto text = node->value<std::string>();
    const auto deposit = text ? parse_price(*text) : std::nullopt;
    if (!deposit || deposit->currency != drop.drop.currency) {
      return table.expected("deposit", "an amount in the drop's currency such as \"CNY 300.00\"");
    }
    terms.deposit_minor = deposit->minor;
    const toml::node* const kind_node = table.find("deposit_kind");
    const auto name = kind_node == nullptr ? std::nullopt : kind_node->value<std::string>();
    const auto kind = name ? enum_from_name<DepositKind>(*name) : std::nullopt;
    if (!kind || *kind == DepositKind::none) {
      return table.expected("deposit_kind", "\"binding\" or \"refundable\"");
    }
    terms.deposit_kind = *kind;
    if (auto error = read_window(table, "deposit_window", terms.deposit_window_seconds)) {
      return error;
    }
  }
  return read_window(table, "balance_window", terms.balance_window_seconds);
}

/// The table [drop.wave.draw] of a wave that is drawn.
std::optional<Error> read_draw(TableReader& table, Timestamp now, OpenDraw& draw) {
  if (auto error = read_time(table, "closes", now, draw.closes_at)) { return error; }
  if (auto error = read_time(table, "reveal_due", now, draw.reveal_due_at)) { return error; }
  if (auto error = read_time(table, "beacon_at", now, draw.beacon_at)) { return error; }
  if (auto error = table.read("beacon_source", draw.beacon_source)) { return error; }
  const bool is_of_demo = draw.beacon_source.view() == kDemoBeacon;
  constexpr std::int64_t kRoundMax = std::numeric_limits<std::int64_t>::max();
  if (!is_of_demo || table.find("beacon_round") != nullptr) {
    if (auto error = table.read_integer("beacon_round", draw.beacon_round, 0, kRoundMax)) {
      return error;
    }
  }
  const toml::node* const commit = table.find("commit");
  const auto text = commit == nullptr ? std::nullopt : commit->value<std::string>();
  if (is_of_demo && commit != nullptr) {
    return table.expected("commit", "nothing: the demo commits itself");
  }
  if (!is_of_demo && (!text || !from_hex(*text, draw.commit.data))) {
    return table.expected("commit",
                          "64 hexadecimal digits, as `firebrand draw commit` prints them");
  }
  if (const toml::node* const node = table.find("wins")) {
    const auto name = node->value<std::string>();
    const auto wins = name ? enum_from_name<DrawWins>(*name) : std::nullopt;
    if (!wins) { return table.expected("wins", "\"one_per_draw\" or \"one_per_launch\""); }
    draw.wins = *wins;
  }
  if (table.find("tickets_max") != nullptr) {
    if (auto error = table.read_integer("tickets_max", draw.tickets_max, 1, kDrawTicketsMax)) {
      return error;
    }
  }
  if (table.find("reserve") == nullptr) { return std::nullopt; }
  return table.read_integer("reserve", draw.reserve_max, 0, kDrawReserveMax);
}

/// The table [drop.waitlist].
std::optional<Error> read_waitlist(TableReader& table, Timestamp now, OpenWaitlist& list) {
  if (auto error = read_time(table, "ends", now, list.ends_at)) { return error; }
  if (table.find("places_max") == nullptr) { return std::nullopt; }
  return table.read_integer("places_max", list.places_max, 1, kWaitlistPlacesMax);
}

/// A table [[drop.codes]].
std::optional<Error> read_codes(TableReader& table, Timestamp now, CreateCodeBatch& batch) {
  if (auto error = table.read_integer("count", batch.count, 1, kCodesPerBatchMax)) { return error; }
  if (auto error = read_time(table, "from", now, batch.valid_from)) { return error; }
  if (auto error = read_time(table, "until", now, batch.valid_until)) { return error; }
  const toml::node* const node = table.find("kind");
  if (node == nullptr) { return std::nullopt; }
  const auto name = node->value<std::string>();
  const auto kind = name ? enum_from_name<CodeKind>(*name) : std::nullopt;
  if (!kind) { return table.expected("kind", "\"transferable\" or \"bound\""); }
  batch.kind = *kind;
  return std::nullopt;
}

/// What a buyer proves, and who takes the units over.
std::optional<Error> read_proof(TableReader& table, CreateDrop& drop) {
  if (table.find("proof_bits") != nullptr) {
    auto error = table.read_integer("proof_bits", drop.proof_bits, 0, kProofBitsMax);
    if (error) { return error; }
  }
  if (const toml::node* const node = table.find("proof_head_start")) {
    const auto text = node->value<std::string>();
    const auto duration = text ? parse_duration(*text) : std::nullopt;
    if (!duration || *duration < Millis{1} || *duration > Millis{kProofHeadStartMsMax}) {
      return table.expected("proof_head_start", "a duration such as \"3s\", 1 ms to 30 s");
    }
    drop.proof_head_start_ms = static_cast<std::int32_t>(duration->count());
  }
  if (const toml::node* const node = table.find("pickup")) {
    const auto text = node->value<std::string>();
    const auto pickup = text ? enum_from_name<Pickup>(*text) : std::nullopt;
    if (!pickup) { return table.expected("pickup", "\"by_anyone\" or \"by_name\""); }
    drop.pickup = *pickup;
  }
  return std::nullopt;
}

/// @param currency  Of the installation: what a drop sells in that names none. None: it must.
std::optional<Error> read_drop(TableReader& table, Timestamp now, Currency currency,
                               LaunchFile::PlannedDrop& drop) {
  Code sku_code;
  if (auto error = table.read("code", drop.drop.code)) { return error; }
  if (auto error = table.read("sku", sku_code)) { return error; }
  drop.sku_code = sku_code.view();
  drop.drop.currency = currency;
  if (currency.is_none() || table.find("currency") != nullptr) {
    if (auto error = table.read_currency("currency", drop.drop.currency)) { return error; }
  }
  if (auto error = read_time(table, "opens", now, drop.drop.opens_at)) { return error; }
  if (auto error = table.read_integer("per_person_limit", drop.drop.per_person_limit, 1,
                                      kPerPersonLimitMax)) {
    return error;
  }
  if (auto error = read_limit(table, "per_household_limit", drop.drop.per_household_limit)) {
    return error;
  }
  if (auto error = read_limit(table, "per_address_limit", drop.drop.per_address_limit)) {
    return error;
  }
  if (auto error = read_window(table, "payment_window", drop.drop.payment_window_seconds)) {
    return error;
  }
  if (auto error = read_proof(table, drop.drop)) { return error; }
  if (const toml::node* const node = table.find("reservations")) {
    const toml::table* const terms = node->as_table();
    if (terms == nullptr) { return table.expected("reservations", "a table"); }
    TableReader reader(*terms, table.where() + ".reservations");
    if (auto error = read_reservations(reader, now, drop)) { return error; }
    if (auto error = reader.unknown()) { return error; }
  }
  if (const toml::node* const node = table.find("waitlist")) {
    const toml::table* const list = node->as_table();
    if (list == nullptr) { return table.expected("waitlist", "a table"); }
    TableReader reader(*list, table.where() + ".waitlist");
    if (auto error = read_waitlist(reader, now, drop.waitlist.emplace())) { return error; }
    if (auto error = reader.unknown()) { return error; }
  }
  if (table.find("codes") != nullptr) {
    auto error = read_each(table, "codes", [&](TableReader& codes) {
      return read_codes(codes, now, drop.codes.emplace_back());
    });
    if (error) { return error; }
  }
  return read_each(table, "wave", [&](TableReader& wave_table) -> std::optional<Error> {
    if (drop.drop.waves.size() == kWavesMax) {
      return table.expected("wave", "at most " + std::to_string(kWavesMax) + " waves");
    }
    WavePlan wave;
    const auto number = static_cast<std::uint16_t>(drop.drop.waves.size() + 1);
    if (auto error = read_wave(wave_table, now, wave, drop.rooms, number)) { return error; }
    drop.drop.waves.push_back(wave);
    const toml::node* const draw = wave_table.find("draw");
    if (draw == nullptr) { return std::nullopt; }
    if (draw->as_table() == nullptr || wave.decision != WaveDecision::draw) {
      return wave_table.expected("draw", "a table, in a wave whose decision is \"draw\"");
    }
    TableReader draw_table(*draw->as_table(), wave_table.where() + ".draw");
    OpenDraw& planned = drop.draws.emplace_back();
    planned.wave = static_cast<std::uint16_t>(drop.drop.waves.size());
    if (auto error = read_draw(draw_table, now, planned)) { return error; }
    return draw_table.unknown();
  });
}

Code numbered(const Code& code, unsigned number) {
  const std::string suffix = "-" + std::to_string(number);
  return std::string_view(
      std::string(code.view().substr(0, kCodeBytesMax - suffix.size())).append(suffix));
}

Error no_space(const SyncClient& client) {
  return {"no space for the log in " + client.data() + ": free some, then start again"};
}

Error refused(std::string_view what, const Code& code, std::string_view status) {
  return {std::string(what) + " " + std::string(code.view()) + ": " + std::string(status)};
}

std::optional<Error> open_rooms(SyncClient& client, const Credentials& credentials, DropId id,
                                const LaunchFile::PlannedDrop& planned) {
  for (OpenWaitingRoom room : planned.rooms) {
    room.drop_id = id;
    room.nonce = Credentials::random_nonce();
    room.commitment = draw_commitment(credentials.room_secret(room.nonce));
    const auto opened = client.try_ask<OpenWaitingRoomResult>(room);
    if (!opened) { return no_space(client); }
    if (opened->status != OpenWaitingRoomStatus::opened) {
      return refused("waiting room of drop", planned.drop.code, enum_name(opened->status));
    }
  }
  return std::nullopt;
}

std::optional<Error> make_codes(SyncClient& client, DropId id,
                                const LaunchFile::PlannedDrop& planned) {
  for (CreateCodeBatch batch : planned.codes) {
    batch.drop_id = id;
    const auto made = client.try_ask<CreateCodeBatchResult>(batch);
    if (!made) { return no_space(client); }
    if (made->status != CreateCodeBatchStatus::created) {
      return refused("codes of drop", planned.drop.code, enum_name(made->status));
    }
  }
  return std::nullopt;
}

}  // namespace

Expected<LaunchFile, LaunchFileError> parse_launch_file(std::string_view text,
                                                        const std::string& name, Timestamp now) {
  toml::table root;
  try {
    root = toml::parse(text, name);
  } catch (const toml::parse_error& failure) {
    std::ostringstream message;
    message << name << ": " << failure.description() << " (" << failure.source().begin << ")";
    return Unexpected(Error{message.str()});
  }
  LaunchFile file;
  TableReader reader(root, name + ": ");
  Currency currency;
  if (const toml::node* const node = reader.find("installation")) {
    const toml::table* const table = node->as_table();
    if (table == nullptr) { return Unexpected(reader.expected("installation", "a table")); }
    TableReader installation(*table, name + ": installation");
    if (auto error = installation.read_currency("currency", currency)) {
      return Unexpected(*error);
    }
    if (auto error = installation.unknown()) { return Unexpected(*error); }
  }
  auto error = read_each(reader, "sku", [&](TableReader& table) -> std::optional<Error> {
    LaunchFile::Sku& sku = file.skus.emplace_back();
    if (auto wrong = table.read("code", sku.sku.code)) { return wrong; }
    if (auto wrong = table.read_name(sku.sku.name)) { return wrong; }
    if (auto wrong = read_prices(table, sku.sku.prices)) { return wrong; }
    return table.read_integer("stock", sku.stock, 0, kReceiveQuantityMax);
  });
  if (error) { return Unexpected(*error); }
  const toml::node* const launch = reader.find("launch");
  if (launch == nullptr || launch->as_table() == nullptr) {
    return Unexpected(reader.expected("launch", "a table [launch]"));
  }
  TableReader launch_reader(*launch->as_table(), name + ": launch");
  error = launch_reader.read("code", file.launch.code);
  if (!error) { error = launch_reader.read_name(file.launch.name); }
  if (!error) { error = launch_reader.unknown(); }
  if (!error) {
    error = read_each(reader, "drop", [&](TableReader& table) {
      return read_drop(table, now, currency, file.drops.emplace_back());
    });
  }
  if (!error) { error = reader.unknown(); }
  if (error) { return Unexpected(*error); }
  return file;
}

Expected<LaunchFile, LaunchFileError> read_launch_file(const std::string& path, Timestamp now) {
  const auto text = file_text(path);
  if (!text) { return Unexpected(Error{path + ": cannot be read"}); }
  return parse_launch_file(*text, path, now);
}

Expected<std::vector<DropId>, LaunchFileError> apply_launch_file(SyncClient& client,
                                                                 const Credentials& credentials,
                                                                 const LaunchFile& file) {
  std::map<std::string, SkuId, std::less<>> sku_ids;
  for (const LaunchFile::Sku& sku : file.skus) {
    const auto added = client.try_ask<AddSkuResult>(sku.sku);
    if (!added) { return Unexpected(no_space(client)); }
    if (added->sku_id.value == 0) {
      return Unexpected(refused("sku", sku.sku.code, enum_name(added->status)));
    }
    sku_ids[std::string(sku.sku.code.view())] = added->sku_id;
    if (sku.stock == 0) { continue; }
    const auto received =
        client.try_ask<ReceiveStockResult>(ReceiveStock{added->sku_id, sku.stock});
    if (!received) { return Unexpected(no_space(client)); }
    if (received->status != ReceiveStockStatus::received) {
      return Unexpected(refused("stock of", sku.sku.code, enum_name(received->status)));
    }
  }
  const auto launch = client.try_ask<CreateLaunchResult>(file.launch);
  if (!launch) { return Unexpected(no_space(client)); }
  if (launch->launch_id.value == 0) {
    return Unexpected(refused("launch", file.launch.code, enum_name(launch->status)));
  }
  std::vector<DropId> drops;
  for (const LaunchFile::PlannedDrop& planned : file.drops) {
    const auto sku = sku_ids.find(planned.sku_code);
    if (sku == sku_ids.end()) {
      return Unexpected(refused("drop", planned.drop.code,
                                "its sku " + planned.sku_code + " is not in the file"));
    }
    CreateDrop drop = planned.drop;
    commit_to_secrets(drop, credentials);
    drop.launch_id = launch->launch_id;
    drop.sku_id = sku->second;
    auto made = client.try_ask<CreateDropResult>(drop);
    for (unsigned number = 2;
         made && made->status == CreateDropStatus::exists_with_different_fields; ++number) {
      drop.code = numbered(planned.drop.code, number);
      commit_to_secrets(drop, credentials);
      made = client.try_ask<CreateDropResult>(drop);
    }
    if (!made) { return Unexpected(no_space(client)); }
    if (made->drop_id.value == 0) {
      return Unexpected(refused("drop", drop.code, enum_name(made->status)));
    }
    if (auto error = open_rooms(client, credentials, made->drop_id, planned)) {
      return Unexpected(*error);
    }
    if (auto error = make_codes(client, made->drop_id, planned)) { return Unexpected(*error); }
    if (planned.waitlist) {
      OpenWaitlist list = *planned.waitlist;
      list.drop_id = made->drop_id;
      const auto opened = client.try_ask<OpenWaitlistResult>(list);
      if (!opened) { return Unexpected(no_space(client)); }
      if (opened->status != OpenWaitlistStatus::opened &&
          opened->status != OpenWaitlistStatus::exists) {
        return Unexpected(refused("waitlist of drop", drop.code, enum_name(opened->status)));
      }
    }
    drops.push_back(made->drop_id);
    if (planned.reservations) {
      OpenReservations terms = *planned.reservations;
      terms.drop_id = made->drop_id;
      const auto opened = client.try_ask<OpenReservationsResult>(terms);
      if (!opened) { return Unexpected(no_space(client)); }
      const StatusBand band = status_band(static_cast<std::uint8_t>(opened->status));
      if (band == StatusBand::malformed || band == StatusBand::refused) {
        return Unexpected(refused("reservations of drop", drop.code, enum_name(opened->status)));
      }
    }
    for (OpenDraw draw : planned.draws) {
      draw.drop_id = made->drop_id;
      if (draw.beacon_source.view() == kDemoBeacon) {
        draw.commit = draw_commitment(demo_reveal(credentials, draw.drop_id, draw.wave));
      }
      const auto opened = client.try_ask<OpenDrawResult>(draw);
      if (!opened) { return Unexpected(no_space(client)); }
      if (opened->draw_id.value == 0) {
        return Unexpected(refused("draw of drop", drop.code, enum_name(opened->status)));
      }
    }
  }
  return drops;
}

}  // namespace firebrand
