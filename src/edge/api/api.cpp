#include "edge/api/api.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "core/engine/state.hpp"
#include "edge/api/cookies.hpp"
#include "edge/api/owned_request.hpp"
#include "edge/api/pages.hpp"
#include "edge/api/routes.hpp"
#include "edge/delivery/deliverer.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kRequestIdBytesMax = 40;
constexpr std::size_t kHeadersMax = 9;  // Of an answer, but for those of the server.

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

/// The key of an Idempotency-Key header: a quoted structured-field string, or the bare text.
std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

/// What changes something without a token in its hand must come from our own pages: any site can
/// make a browser send a request.
bool is_from_elsewhere(const HttpRequest& http) {
  if (http.method == HttpMethod::get) { return false; }
  const std::string_view site = http.header(HttpHeader::sec_fetch_site);
  if (!site.empty()) { return site != "same-origin" && site != "none"; }
  // Browsers from before that header name the page's origin, "null" if they hide it.
  const std::string_view origin = http.header("Origin");
  const std::size_t host = origin.find("://");
  return !origin.empty() && (host == std::string_view::npos ||
                             origin.substr(host + 3) != http.header(HttpHeader::host));
}

std::string_view bearer_of(const HttpRequest& http) {
  const std::string_view header = http.header(HttpHeader::authorization);
  constexpr std::string_view kBearer = "Bearer ";
  return header.starts_with(kBearer) ? header.substr(kBearer.size()) : std::string_view{};
}

std::uint64_t random_seed() {
  const Bytes<16> bytes = Credentials::random_nonce();
  return hash_bytes(std::as_bytes(std::span(bytes.data)));
}

}  // namespace

Api::Api(HttpResponder& responder, Node& node, RecordsReader& records, WorkPool& pool,
         const Credentials& credentials, ApiOptions options, Outside outside)
    : responder_(responder),
      node_(node),
      records_(records),
      pool_(pool),
      credentials_(credentials),
      stamper_(node.sequencer().stamper()),
      options_(std::move(options)),
      outside_(std::move(outside)),
      pages_(responder),
      event_feed_(*this, std::make_unique<EventReader>(node.files(), node.data(),
                                                       credentials.event_source())),
      waves_(credentials),
      rate_limits_(options_.rates, random_seed()),
      draws_(*this) {
  add_routes(router_, options_.demo);
  queues_.load(node.engine().state().rooms, now());
  tick();
}

Api::~Api() = default;

void Api::handle(const HttpRequest& http, ResponseToken token) {
  Call call(http);
  call.token = token;
  const std::string_view given = http.header(HttpHeader::x_request_id);
  const bool is_good = !given.empty() && given.size() <= kRequestIdBytesMax && is_printable(given);
  call.request_id = is_good ? Text<kRequestIdBytesMax>(given) : request_ids_.next();
  call.language = language_of(http.header(HttpHeader::accept_language));

  if (options_.tls_port != 0 && !http.is_tls) { return send_to_tls(call); }
  const Router::Match match = router_.match(http.method, http.path);
  if (match.route == nullptr) {
    if (match.allowed.empty()) { return refuse(call, "not_found"); }
    const std::array allow = {HttpField{"Allow", match.allowed}};
    return respond_problem(call, "method_not_allowed", {}, {}, allow);
  }
  call.path = match.path;
  const Route& route = *match.route;
  call.urgency = urgency_of(route);
  if (route.own_pages_only && is_from_elsewhere(http)) { return refuse(call, "forbidden"); }
  switch (route.auth) {
    case Auth::everyone:
    case Auth::callback:
      break;
    case Auth::fan:
      if (!identify_fan(route, call)) { return; }
      break;
    case Auth::server:
      if (!identify_server(route, call)) { return; }
      break;
    case Auth::fan_or_staff:
      if (bearer_of(http).empty()) { return identify_staff(route, call); }
      if (!identify_fan(route, call)) { return; }
      break;
    case Auth::server_or_staff:
      if (bearer_of(http).empty()) { return identify_staff(route, call); }
      if (!identify_server(route, call)) { return; }
      break;
    case Auth::staff:
      return identify_staff(route, call);
  }
  run(route, call);
}

void Api::send_to_tls(const Call& call) {
  const HttpRequest& http = call.http;
  const std::string_view host = http.header(HttpHeader::host);
  // A port stands behind the last colon, unless that is one of an IPv6 address in brackets.
  const std::size_t colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  const std::string_view name = has_port ? host.substr(0, colon) : host;
  if ((http.method != HttpMethod::get && http.method != HttpMethod::head) || name.empty()) {
    return refuse(call, "https_required");
  }
  std::string location = "https://" + std::string(name);
  if (options_.tls_port != 443) { location += ":" + std::to_string(options_.tls_port); }
  location.append(http.path);
  if (!http.query.empty()) { location.append("?").append(http.query); }
  const std::array headers = {HttpField{"Location", location}, kNoStore};
  responder_.respond(call.token, {.status = 308, .headers = headers});
}

bool Api::is_within_rates(const Call& call) {
  const auto now_us = static_cast<std::int64_t>(call.http.received_ns / 1'000);
  const auto takes = [&](RateOf of, std::uint64_t who) {
    const std::int64_t wait_us = rate_limits_.take(of, who, now_us);
    if (wait_us == 0) { return true; }
    // As in draft-ietf-httpapi-ratelimit-headers.
    const Rate& rate = rate_limits_.rate(of);
    const std::string name = "\"" + std::string(enum_name(of)) + "\"";
    const std::string seconds = std::to_string((wait_us + 999'999) / 1'000'000);
    const std::string policy =
        name + ";q=" + std::to_string(rate.requests) + ";w=" + std::to_string(rate.window_seconds);
    const std::string left = name + ";r=0;t=" + seconds;
    const std::array headers = {HttpField{"Retry-After", seconds},
                                HttpField{"RateLimit-Policy", policy},
                                HttpField{"RateLimit", left}};
    respond_problem(call, "rate_limited", {}, {}, headers);
    return false;
  };
  if (rate_limits_.limits(RateOf::address)) {
    const auto address = client_address(call.http, options_.proxies);
    if (address && !takes(RateOf::address, number_of(*address))) { return false; }
  }
  if (rate_limits_.limits(RateOf::api_key) && call.actor.kind == ActorKind::api_key &&
      !takes(RateOf::api_key, call.actor.id)) {
    return false;
  }
  // Who signs in is nobody yet.
  return call.person_id == PersonId{} || !rate_limits_.limits(RateOf::person) ||
         takes(RateOf::person, call.person_id.value);
}

void Api::run(const Route& route, Call& call) {
  if (route.rate_limited && !is_within_rates(call)) { return; }
  if (read_key(route, call)) { route.handle(*this, call); }
}

bool Api::is_json(const HttpRequest& http) {
  constexpr std::string_view kJson = "application/json";
  const std::string_view type = http.header(HttpHeader::content_type);
  if (type.empty() || type == kJson) { return true; }
  const std::string_view essence = type.substr(0, type.find_first_of("; \t"));
  return essence.size() == kJson.size() &&
         std::equal(essence.begin(), essence.end(), kJson.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b;
         });
}

bool Api::identify_fan(const Route& route, Call& call) {
  const std::string_view text = bearer_of(call.http);
  if (const auto session = credentials_.check_fan_token(text, now())) {
    call.person_id = session->person_id;
    call.standing = session->standing;
    call.actor = {ActorKind::fan, session->person_id.value};
    return true;
  }
  const ApiKey* const key = check_api_key(text);
  const std::string_view person = call.http.header(HttpHeader::firebrand_person);
  if (key == nullptr || person.empty()) {
    refuse_stranger(call);
    return false;
  }
  if (!is_key_for(route, call, *key)) { return false; }
  call.person_id = credentials_.person_of(person);
  call.actor = {ActorKind::api_key, key->api_key_id.value};
  return true;
}

bool Api::identify_server(const Route& route, Call& call) {
  const ApiKey* const key = check_api_key(bearer_of(call.http));
  if (key == nullptr) {
    refuse_stranger(call);
    return false;
  }
  if (!is_key_for(route, call, *key)) { return false; }
  call.actor = {ActorKind::api_key, key->api_key_id.value};
  return true;
}

const ApiKeyGrant* Api::grant_of(ApiKeyId id) const {
  const auto found = api_key_grants_.find(id);
  return found == api_key_grants_.end() ? nullptr : &found->second;
}

bool Api::is_key_for(const Route& route, const Call& call, const ApiKey& key) {
  const ApiKeyGrant* const grant = grant_of(key.api_key_id);
  const std::uint32_t scopes = grant == nullptr ? 0 : grant->scopes;
  if (scopes == 0 || ((scopes >> static_cast<unsigned>(scope_of(route))) & 1U) != 0) {
    return true;
  }
  refuse(call, "scope_missing");
  return false;
}

const ApiKey* Api::check_api_key(std::string_view text) {
  const auto key = Credentials::read_api_key(text);
  if (!key || key->api_key_id.value < 1 || key->api_key_id.value > api_keys_.size()) {
    return nullptr;
  }
  const ApiKey& known = api_keys_[key->api_key_id.value - 1];
  if (known.state != ApiKeyState::active) { return nullptr; }
  if (known.secret_hash == key->secret_hash) { return &known; }
  const ApiKeyGrant* const grant = grant_of(known.api_key_id);
  const bool fits =
      grant != nullptr && grant->old_secret_hash == key->secret_hash && now() < grant->old_until;
  return fits ? &known : nullptr;
}

void Api::identify_staff(const Route& route, const Call& call) {
  // A cookie travels with any request to us.
  if (is_from_elsewhere(call.http)) { return refuse(call, "forbidden"); }
  const auto session = session_of(call.http);
  const bool takes_token = route.auth == Auth::fan_or_staff || route.auth == Auth::server_or_staff;
  if (!session) { return takes_token ? refuse_stranger(call) : refuse(call, "unauthenticated"); }
  const auto owned = std::make_shared<OwnedRequest>(call.http);
  const Asker asker = call;
  ask(asker, FindSession{*session}, [this, owned, asker, &route](const AnswerHead& answer) {
    const auto found = decode<FindSessionResult>(answer.result());
    if (!found || found->status != FindStatus::found) { return refuse(asker, "unauthenticated"); }
    if (((route.roles >> static_cast<unsigned>(found->role)) & 1U) == 0) {
      return refuse(asker, "forbidden");
    }
    if (options_.second_factor_required && !found->second_factor && !route.before_second_factor) {
      return refuse(asker, "second_factor_required");
    }
    Call again(owned->request());
    static_cast<Asker&>(again) = asker;
    again.actor = {ActorKind::staff, found->staff_id.value};
    again.path = router_.match(owned->request().method, owned->request().path).path;
    run(route, again);
  });
}

bool Api::read_key(const Route& route, Call& call) {
  if (route.repeatable == Repeatable::not_needed) { return true; }
  const std::string_view key = unquoted(call.http.header(HttpHeader::idempotency_key));
  if (key.empty()) {
    if (route.repeatable == Repeatable::accepted) { return true; }
    refuse(call, "idempotency_key_missing");
    return false;
  }
  if (key.size() > kIdempotencyKeyBytesMax || !is_printable(key)) {
    refuse(call, "idempotency_key_malformed");
    return false;
  }
  call.key = credentials_.request_key(call.actor, call.person_id, route.operation, key);
  return true;
}

std::uint32_t Api::take_slot(const Asker& asker) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(waiting_.size()));
    waiting_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  waiting_[slot].asker = asker;
  return slot;
}

std::uint64_t Api::receipt_stamp() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(since).count());
}

void Api::free_slot(std::uint32_t slot) {
  Waiting& waiting = waiting_[slot];
  waiting.on_answer = nullptr;
  waiting.then = nullptr;
  ++waiting.generation;
  free_slots_.push_back(slot);
}

void Api::batch_end() {
  if (!pushed_) { return; }
  pushed_ = false;
  node_.requests().publish();
  outside_.wake_engine();
}

void Api::wake() {
  while (const auto answer = node_.ready_answer()) {
    // What an answer says can be read by whoever has it.
    if (node_.board().has_page_until(answer->wait_offset)) { publish_pages(now()); }
    finish(*answer);
    node_.pop_answer(*answer);
  }
  batch_end();  // Some answers ask again: a staff session was found, now comes its command.
}

void Api::finish(const AnswerHead& answer) {
  const auto slot = static_cast<std::uint32_t>(answer.token);
  FB_ASSERT(slot < waiting_.size() && waiting_[slot].generation == answer.token >> 32U);
  if (waiting_[slot].on_answer != nullptr) {
    waiting_[slot].on_answer(*this, waiting_[slot], answer);
    free_slot(slot);
    return;
  }
  // The continuation may ask again, which may move the table: take it out first.
  const auto then = std::move(waiting_[slot].then);
  free_slot(slot);
  then(answer);
}

void Api::tick() {
  const Timestamp at = now();
  publish_pages(at);
  pages_.tick(at);
  event_feed_.tick(at);
  records_gate_.step(RecordsGate::Clock::now());
  trail_gate_.step(RecordsGate::Clock::now());
  check_sessions(session_streams_.due(at));
  draws_.step();
  reveal_waves(at);
  if (options_.demo) { demo_draws_.step(at); }
  run_queues(at);
}

void Api::records_reached(LogOffset position) {
  if (!records_gate_.reached(position)) { return; }
  outside_.run_later([this] { records_gate_.step(RecordsGate::Clock::now()); });
}

void Api::trail_reached(LogOffset position) {
  if (!trail_gate_.reached(position)) { return; }
  outside_.run_later([this] { trail_gate_.step(RecordsGate::Clock::now()); });
}

void Api::publish_pages(Timestamp at) {
  for (LiveBoardPage& page : node_.board().take(node_.committer().durable())) {
    if (page.api_keys) {
      api_keys_ = std::move(*page.api_keys);
      api_key_grants_ = std::move(page.api_key_grants);
    }
    if (page.webhooks) {
      webhooks_ = std::move(*page.webhooks);
      options_.deliverer->set_endpoints(webhooks_);
    }
    pages_.publish(page, at);
    draws_.publish(page);
    waves_.publish(page);
    queues_.publish(page.rooms, page.offset, at);
  }
}

void Api::stop_webhook(WebhookId id, WebhookPause reason) {
  ask(Asker{}, PauseWebhook{id, reason}, [](const AnswerHead&) {});
  batch_end();  // Not in a poll round.
}

void Api::refund_ended(const ConfirmRefund& refund) {
  (void)try_ask(refund, [](const AnswerHead&) {});
}

void Api::start_crowd(const DemoCrowd& crowd) {
  crowd_running_ = true;
  crowd_report_.clear();
  options_.start_crowd(crowd, [this](std::string report) {
    crowd_running_ = false;
    crowd_report_ = std::move(report);
  });
}

std::shared_ptr<void> Api::claim_setup() {
  if (!setup_claim_.expired()) { return nullptr; }
  auto claim = std::make_shared<char>();
  setup_claim_ = claim;
  return claim;
}

void Api::end_with_session(StreamToken stream, const SecretHash& session) {
  if (stream != StreamToken{}) { session_streams_.add(session, stream); }
}

void Api::session_ended(const SecretHash& session) {
  for (const StreamToken stream : session_streams_.take(session)) {
    responder_.end_stream(stream);
    pages_.stream_closed(stream);
    event_feed_.stream_closed(stream);
  }
}

void Api::sessions_changed(StaffId changed) {
  check_sessions(session_streams_.sessions(), changed);
}

void Api::check_sessions(const std::vector<SecretHash>& sessions, StaffId changed) {
  // Nobody waits for these answers: an asker without a token. What finds no room is asked again.
  for (const SecretHash& session : sessions) {
    ask(Asker{}, FindSession{session}, [this, session, changed](const AnswerHead& answer) {
      const auto found = decode<FindSessionResult>(answer.result());
      if (!found) { return; }
      const bool is_changed = changed != StaffId{} && found->staff_id == changed;
      if (found->status != FindStatus::found || is_changed) { session_ended(session); }
    });
  }
  batch_end();  // Not in a poll round.
}

void Api::reveal_waves(Timestamp at) {
  while (const auto reveal = waves_.next(at)) {
    const bool asked = try_ask(*reveal, [this, reveal = *reveal](const AnswerHead& answer) {
      // By the time of the commands it may be too early still. What is refused otherwise stays so.
      const bool early =
          answer.status == static_cast<std::uint8_t>(RevealWaveStatus::reveal_too_early);
      if (answer.kind != AnswerKind::result || early) { waves_.failed(reveal, now()); }
    });
    if (!asked) { return waves_.failed(*reveal, at); }
  }
  while (const auto reveal = waves_.next_tie_key(at)) {
    const bool asked = try_ask(*reveal, [this, reveal = *reveal](const AnswerHead& answer) {
      // What is refused waits for a newer page.
      if (answer.kind != AnswerKind::result) { waves_.failed(reveal, now()); }
    });
    if (!asked) { return waves_.failed(*reveal, at); }
  }
}

void Api::run_queues(Timestamp at) {
  // Nobody waits for these answers: an asker without a token. What finds no room is wished again.
  const QueuePages::Wishes wishes = queues_.step(pages_, credentials_, at);
  const auto is_result = [](const AnswerHead& answer) { return answer.kind == AnswerKind::result; };
  for (const RevealWaitingRoom& reveal : wishes.reveal) {
    if (!try_ask(reveal, [this, reveal, is_result](const AnswerHead& answer) {
          const auto result = decode<RevealWaitingRoomResult>(answer.result());
          if (!is_result(answer) || !result) { return queues_.failed(reveal); }
          queues_.revealed(reveal, result->status);
        })) {
      queues_.failed(reveal);
    }
  }
  for (const AdmitPlaces& admit : wishes.admit) {
    if (!try_ask(admit, [this, admit, at, is_result](const AnswerHead& answer) {
          const auto result = decode<AdmitPlacesResult>(answer.result());
          if (!is_result(answer) || !result) { return queues_.failed(admit); }
          const Timestamp done = now();
          queues_.admitted(admit, *result, answer.wait_offset, done - at, done);
        })) {
      queues_.failed(admit);
    }
  }
  for (const LapsePlaces& lapse : wishes.lapse) {
    if (!try_ask(lapse, [this, lapse, is_result](const AnswerHead& answer) {
          if (!is_result(answer)) { return queues_.failed(lapse); }
          queues_.lapsed(lapse);
        })) {
      queues_.failed(lapse);
    }
  }
  batch_end();  // Not in a poll round.
}

void Api::closed(ResponseToken token) { event_feed_.closed(token); }

void Api::peer_ended(ResponseToken token) { event_feed_.peer_ended(token); }

void Api::stream_closed(StreamToken token) {
  session_streams_.remove(token);
  pages_.stream_closed(token);
  event_feed_.stream_closed(token);
}

void Api::stopping() {
  session_streams_.clear();
  pages_.close_all();
  draws_.stop();
  event_feed_.close_all();
}

void Api::respond_json(const Asker& asker, int status, std::string_view body,
                       std::span<const HttpField> headers) {
  std::array<HttpField, kHeadersMax> fields;
  std::size_t count = 0;
  fields[count++] = {"X-Request-Id", asker.request_id.view()};
  fields[count++] = kNoStore;
  fields[count++] = kNoPage;
  if (asker.replayed) { fields[count++] = {"Idempotency-Replayed", "true"}; }
  for (const HttpField& header : headers) {
    FB_ASSERT(count < kHeadersMax);
    fields[count++] = header;
  }
  responder_.respond(asker.token, {.status = status,
                                   .content_type = "application/json",
                                   .headers = std::span(fields).first(count),
                                   .body = body});
}

void Api::refuse(const Asker& asker, std::string_view code, std::string_view detail,
                 std::span<const ProblemExtension> extensions) {
  const ProblemKind* const kind = find_problem_kind(code);
  FB_ASSERT(kind != nullptr);
  if (kind->retry_after == 0) { return respond_problem(asker, code, detail, extensions, {}); }
  const std::string seconds = std::to_string(kind->retry_after);
  const std::array headers = {HttpField{"Retry-After", seconds}};
  respond_problem(asker, code, detail, extensions, headers);
}

void Api::refuse_until(const Asker& asker, std::string_view code, Timestamp retry_at,
                       Timestamp now) {
  std::array<std::string, 2> times;
  for (std::size_t i = 0; i < times.size(); ++i) {
    CharSink sink(times[i]);
    JsonWriter(sink).value(i == 0 ? retry_at : now);
  }
  const std::array extensions = {ProblemExtension{"retry_at", times[0]},
                                 ProblemExtension{"server_time", times[1]}};
  const std::string seconds = std::to_string(
      std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(retry_at - now).count(), 1));
  const std::array headers = {HttpField{"Retry-After", seconds}};
  respond_problem(asker, code, {}, extensions, headers);
}

void Api::refuse_stranger(const Asker& asker) {
  const std::array headers = {HttpField{"WWW-Authenticate", "Bearer"}};
  respond_problem(asker, "unauthenticated", {}, {}, headers);
}

void Api::respond_problem(const Asker& asker, std::string_view code, std::string_view detail,
                          std::span<const ProblemExtension> extensions,
                          std::span<const HttpField> headers) {
  const ProblemKind* const kind = find_problem_kind(code);
  FB_ASSERT(kind != nullptr);
  ++problems_answered_[kind->code];
  const std::string body =
      problem_body(code, asker.language, detail, asker.request_id.view(), extensions);
  std::array<HttpField, kHeadersMax> fields = {
      HttpField{"X-Request-Id", asker.request_id.view()}, kNoStore,
      HttpField{"Content-Language", asker.language == Language::zh ? "zh" : "en"}, kNoPage};
  std::size_t count = 4;
  for (const HttpField& header : headers) {
    FB_ASSERT(count < kHeadersMax);
    fields[count++] = header;
  }
  responder_.respond(asker.token, {.status = kind->status,
                                   .content_type = "application/problem+json",
                                   .headers = std::span(fields).first(count),
                                   .body = body});
}

void Api::refuse_json(const Asker& asker, const JsonError& error) {
  const bool zh = asker.language == Language::zh;
  const std::string message = zh ? error.message_zh() : error.message();
  if (error.code == JsonErrorCode::malformed_json) { return refuse(asker, "malformed", message); }
  refuse_invalid(asker, {.at = "pointer",
                         .name = "#" + error.pointer,
                         .code = error.code,
                         .detail = zh ? error.detail_zh() : error.detail(),
                         .message = message});
}

void Api::refuse_invalid(const Asker& asker, const InvalidPart& part) {
  std::string errors;
  CharSink sink(errors);
  JsonWriter json(sink);
  json.begin_array();
  json.begin_object();
  json.key(part.at);
  json.string(part.name);
  json.key("code");
  json.string(enum_name(part.code));
  json.key("detail");
  json.string(part.detail);
  json.end_object();
  json.end_array();
  const std::array extensions = {ProblemExtension{"errors", errors}};
  refuse(asker, "validation", part.message, extensions);
}

void Api::refuse_overloaded(const Asker& asker) { refuse(asker, "overloaded"); }

bool Api::refuse_common(const Asker& asker, const AnswerHead& answer) {
  switch (answer.kind) {
    case AnswerKind::result:
    case AnswerKind::replayed:
      return false;
    case AnswerKind::request_key_reused:
      refuse(asker, "idempotency_key_reused");
      return true;
    case AnswerKind::log_full:
      refuse(asker, "log_full");
      return true;
    case AnswerKind::undecodable:
      refuse(asker, "internal");
      return true;
  }
  return false;
}

}  // namespace firebrand
