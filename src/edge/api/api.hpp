#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/codec_json.hpp"
#include "base/id_text.hpp"
#include "base/json_writer.hpp"
#include "base/types.hpp"
#include "core/launch/refunds.hpp"
#include "core/launch/sale.hpp"
#include "core/status.hpp"
#include "edge/api/credentials.hpp"
#include "edge/api/demo_crowd.hpp"
#include "edge/api/demo_draws.hpp"
#include "edge/api/draw_desk.hpp"
#include "edge/api/drop_pages.hpp"
#include "edge/api/event_feed.hpp"
#include "edge/api/queue_pages.hpp"
#include "edge/api/rate_limits.hpp"
#include "edge/api/records_gate.hpp"
#include "edge/api/route.hpp"
#include "edge/api/session_streams.hpp"
#include "edge/api/sign_in_delays.hpp"
#include "edge/api/wave_desk.hpp"
#include "edge/api/work_pool.hpp"
#include "edge/http/http.hpp"
#include "edge/http/request_ids.hpp"
#include "edge/protocols/payment_keys.hpp"
#include "runtime/node.hpp"
#include "runtime/submit.hpp"
#include "views/proof/proof_log.hpp"
#include "views/records/records.hpp"
#include "views/trail/trail.hpp"

namespace firebrand {

class Deliverer;
class PaymentDesk;
class SignInKeys;

struct ApiOptions {
  PaymentKeys payments{};
  /// Of the one-time owner sign-in; none once there is an owner.
  std::optional<SecretHash> setup_hash{};
  bool demo = false;            ///< Fan sign-in by any name, demo payments, the crowd button.
  DropId demo_drop_id{};        ///< The drop that the demo is about.
  bool secure_cookies = false;  ///< Behind TLS: cookies are marked Secure.
  std::uint16_t tls_port = 0;   ///< Where HTTPS is served; what comes without TLS is sent there.
  Rates rates{};                ///< Of routes that are rate_limited.
  std::vector<PeerAddress> proxies{};  ///< Whose X-Forwarded-For is believed.
  Millis fan_session{24 * 3600 * 1000};
  std::int32_t staff_session_seconds = 12 * 3600;
  bool second_factor_required = false;  ///< Without one, staff can only set one up.
  Deliverer* deliverer = nullptr;       ///< Never null; outlives the Api.
  PaymentDesk* payment_desk = nullptr;  ///< The same.
  ProofReader* proof = nullptr;         ///< The same.
  const TrailReader* trail = nullptr;   ///< The same.
  SignInKeys* sign_in_keys = nullptr;   ///< Null: nobody signs in by a token of the shop.
  /// Starts a crowd against this server; its report comes later, as JSON, on the I/O thread.
  std::function<void(const DemoCrowd&, std::function<void(std::string)>)> start_crowd;
  /// Further text for /metrics, from the parts that the API does not know.
  std::function<void(std::string&)> more_metrics;
  /// Says something to whoever runs the server.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  /// Empty if the server may serve; else why it is not ready.
  std::function<std::string()> not_ready;
};

/// What the API needs of the threads around it.
struct Outside {
  std::function<void()> wake_engine;                     ///< Requests were published.
  std::function<void(std::function<void()>)> run_later;  ///< On the I/O thread; from any thread.
};

/// A request that waits for the engine's answer.
struct Waiting {
  Asker asker{};
  /// Hot routes: a plain function and three numbers of its own.
  void (*on_answer)(Api&, const Waiting&, const AnswerHead&) = nullptr;
  std::array<std::uint64_t, 3> own{};
  /// All others.
  std::function<void(const AnswerHead&)> then;
  std::uint32_t generation = 0;
};

/// What of a request is not valid, in the language of who asked.
struct InvalidPart {
  std::string_view at;  ///< "pointer" or "parameter": what `name` is.
  std::string name{};   ///< "#/waves/0/units", "limit".
  JsonErrorCode code{};
  std::string detail{};   ///< What was expected.
  std::string message{};  ///< The same with the place.
};

/// Where HTTP meets the engine: routes, who asks, limits, JSON in and out. The only folder that
/// knows status codes. Everything runs on the I/O thread; slow work goes to the pool.
class Api final : public HttpHandler {
 public:
  /// What is passed by reference outlives the Api.
  Api(HttpResponder& responder, Node& node, RecordsReader& records, WorkPool& pool,
      const Credentials& credentials, ApiOptions options, Outside outside);
  ~Api() override;

  // HttpHandler
  void handle(const HttpRequest&, ResponseToken) override;
  void batch_end() override;
  void wake() override;
  void closed(ResponseToken) override;
  void peer_ended(ResponseToken) override;
  void stream_closed(StreamToken) override;
  void stopping() override;

  /// Every some milliseconds: pages of the live board whose offset is durable are published.
  void tick();
  /// Any thread: every fact of every log record up to here is in the records.
  void records_reached(LogOffset position);
  /// Any thread: what records up to here say is in the trail.
  void trail_reached(LogOffset position);

  // ---- For routes ----

  /// Sends a command or query to the engine; `then` runs when its answer is durable. If the ring
  /// is full the request is answered 503 at once.
  template <class C>
  void ask(const Asker& asker, const C& command, std::function<void(const AnswerHead&)> then);
  /// The same for what nobody waits for. @return false if the ring is full: `then` never runs.
  template <class C>
  [[nodiscard]] bool try_ask(const C& command, std::function<void(const AnswerHead&)> then);
  /// The same for hot routes, without allocation.
  template <class C>
  void ask_hot(const Asker& asker, const C& command,
               void (*on_answer)(Api&, const Waiting&, const AnswerHead&),
               std::array<std::uint64_t, 3> own);

  /// Sends a command; `then(asker, result)` runs when its answer is durable, unless that is one
  /// that means the same everywhere. A repeat by its key gets the first result again, and whatever
  /// is sent to that asker says so. The asker has no key any more: what is asked next is no repeat.
  template <Described Result, class C, class Then>
  void change(const Asker& asker, const C& command, Then then);

  /// Reads the body; answers the problem itself and returns nothing if it is not valid.
  /// A body without a Content-Type is taken for JSON, one of another type is refused: what forms of
  /// other sites can make a browser send is none of ours.
  template <Described T>
  [[nodiscard]] std::optional<T> read_body(const Call& call);
  /// Sets a path field; answers `not_found_code` and returns false if the text is no such id.
  template <Described T>
  [[nodiscard]] bool read_path(const Call& call, T& out, std::string_view field,
                               std::string_view segment, std::string_view not_found_code);

  void respond_json(const Asker& asker, int status, std::string_view body,
                    std::span<const HttpField> headers = {});
  template <Described T>
  void respond(const Asker& asker, int status, const T& body,
               std::span<const HttpField> headers = {});
  /// Answers with what a command came to: `done` if it did something, 200 if the same had been done
  /// before, else its refusal.
  template <class Status, Described T>
  void respond_outcome(const Asker& asker, Status status, int done, const T& body);
  void refuse(const Asker& asker, std::string_view code, std::string_view detail = {},
              std::span<const ProblemExtension> extensions = {});
  /// Says when to come back: `retry_at` and Retry-After.
  void refuse_until(const Asker& asker, std::string_view code, Timestamp retry_at, Timestamp now);
  /// The same with further headers.
  void respond_problem(const Asker& asker, std::string_view code, std::string_view detail,
                       std::span<const ProblemExtension> extensions,
                       std::span<const HttpField> headers);
  void refuse_json(const Asker& asker, const JsonError& error);
  /// 422 with the one entry of `errors`.
  void refuse_invalid(const Asker& asker, const InvalidPart& part);
  /// Answers for the kinds that mean the same everywhere (log_full, a reused key, ...).
  /// @return true if it did.
  [[nodiscard]] bool refuse_common(const Asker& asker, const AnswerHead& answer);

  /// Runs `work` in the pool and `then` with its result on the I/O thread; if too much waits
  /// already the request is answered 503 at once.
  template <class Work, class Then>
  void work(const Asker& asker, WorkKind kind, Work work, Then then);
  /// The same, but only says if too much waits. @return whether the work is taken.
  template <class Work, class Then>
  [[nodiscard]] bool try_work(WorkKind kind, Work work, Then then);
  /// Reads the records in the pool, once they show what has been answered until now: then
  /// `then(result, position)` runs on the I/O thread, and `position` is how far they were at least.
  /// A failure is answered `internal`.
  template <class Read, class Then>
  void read_records(const Asker& asker, Read read, Then then) {
    read_behind(records_gate_, records_, asker, std::move(read), std::move(then));
  }
  /// The same of the audit trail.
  template <class Read, class Then>
  void read_trail(const Asker& asker, Read read, Then then) {
    read_behind(trail_gate_, *options_.trail, asker, std::move(read), std::move(then));
  }

  [[nodiscard]] Timestamp now() { return stamper_.stamp(); }
  [[nodiscard]] const Credentials& credentials() const { return credentials_; }
  [[nodiscard]] HttpResponder& responder() { return responder_; }
  [[nodiscard]] const ApiOptions& options() const { return options_; }
  [[nodiscard]] ApiOptions& options() { return options_; }
  [[nodiscard]] const Router& router() const { return router_; }
  [[nodiscard]] DropPages& pages() { return pages_; }
  [[nodiscard]] EventFeed& event_feed() { return event_feed_; }
  [[nodiscard]] Deliverer& deliverer() { return *options_.deliverer; }
  [[nodiscard]] ProofReader& proof() { return *options_.proof; }
  [[nodiscard]] PaymentDesk& payment_desk() { return *options_.payment_desk; }
  /// As of the newest page of the board.
  [[nodiscard]] const std::vector<Webhook>& webhooks() const { return webhooks_; }
  /// As of the newest page of the board; null for a key that has none.
  [[nodiscard]] const ApiKeyGrant* grant_of(ApiKeyId id) const;
  /// Stops an endpoint in the name of the program; whoever wants it looks whether it was.
  void stop_webhook(WebhookId id, WebhookPause reason);
  /// Books what a provider answered about a refund; whoever says it looks whether it was.
  void refund_ended(const ConfirmRefund& refund);
  /// Problems that were answered, by code, since the start; those of this program are few.
  [[nodiscard]] const std::map<std::string_view, std::uint64_t>& problems_answered() const {
    return problems_answered_;
  }
  [[nodiscard]] LogOffset records_position() const noexcept { return records_gate_.position(); }
  [[nodiscard]] QueuePages& queues() { return queues_; }
  /// Requests that the engine's ring had no room for, since the start.
  [[nodiscard]] std::uint64_t shed(Urgency urgency) const {
    return shed_[static_cast<std::size_t>(urgency)];
  }
  [[nodiscard]] SignInDelays& sign_in_delays() { return sign_in_delays_; }
  [[nodiscard]] RecordsReader& records() { return records_; }
  [[nodiscard]] Node& node() { return node_; }
  [[nodiscard]] DrawDesk& draws() { return draws_; }
  void warn(const std::string& line) const { options_.warn(line); }
  /// Any thread: runs it on the I/O thread.
  void run_later(std::function<void()> work) { outside_.run_later(std::move(work)); }

  /// Made at the first request.
  [[nodiscard]] const PreparedResponsePtr& openapi() const { return openapi_; }
  void set_openapi(PreparedResponsePtr document) { openapi_ = std::move(document); }

  /// The demo's crowd: one at a time.
  [[nodiscard]] bool crowd_running() const { return crowd_running_; }
  [[nodiscard]] const std::string& crowd_report() const { return crowd_report_; }
  void start_crowd(const DemoCrowd&);

  /// Ends the stream, if there is one, when the session is over: at sign-out at once, when its time
  /// is over soon.
  void end_with_session(StreamToken stream, const SecretHash& session);
  /// Ends what end_with_session() was told of it.
  void session_ended(const SecretHash& session);
  /// Sessions may have ended whose cookies we do not have: asks about each that watches something.
  /// @param changed  What this member watches ends too: they may do other things now.
  void sessions_changed(StaffId changed = {});

  /// The right to use the owner's link: for one at a time, until the last copy is gone. Null if
  /// somebody has it.
  [[nodiscard]] std::shared_ptr<void> claim_setup();

 private:
  template <class Source, class Read, class Then>
  void read_behind(RecordsGate& gate, const Source& source, const Asker& asker, Read read,
                   Then then);
  [[nodiscard]] static bool is_json(const HttpRequest& http);
  /// A link that leads to plain HTTP leads on; what carries more than a link is refused.
  void send_to_tls(const Call& call);
  /// 401 where a bearer token opens the door.
  void refuse_stranger(const Asker& asker);
  [[nodiscard]] bool identify_fan(const Route& route, Call& call);
  [[nodiscard]] bool identify_server(const Route& route, Call& call);
  [[nodiscard]] const ApiKey* check_api_key(std::string_view text);
  /// Answers 403 itself if the key is for something else.
  [[nodiscard]] bool is_key_for(const Route& route, const Call& call, const ApiKey& key);
  void identify_staff(const Route& route, const Call& call);
  [[nodiscard]] bool read_key(const Route& route, Call& call);
  void run(const Route& route, Call& call);
  /// Answers 429 itself if it is not so.
  [[nodiscard]] bool is_within_rates(const Call& call);
  [[nodiscard]] std::uint32_t take_slot(const Asker& asker);
  void free_slot(std::uint32_t slot);
  void refuse_overloaded(const Asker& asker);
  template <class C>
  [[nodiscard]] bool push(const C& command, std::uint32_t slot);
  void finish(const AnswerHead& answer);
  void publish_pages(Timestamp at);
  void check_sessions(const std::vector<SecretHash>& sessions, StaffId changed = {});
  /// Of a request that was read just now: nanoseconds that never go back.
  [[nodiscard]] static std::uint64_t receipt_stamp();
  /// Sends what the controllers of waiting rooms want done.
  void reveal_waves(Timestamp at);
  void run_queues(Timestamp at);

  HttpResponder& responder_;
  Node& node_;
  RecordsReader& records_;
  WorkPool& pool_;
  const Credentials& credentials_;
  Stamper stamper_;
  ApiOptions options_;
  Outside outside_;
  Router router_;
  DropPages pages_;
  EventFeed event_feed_;
  QueuePages queues_;
  WaveDesk waves_;
  RecordsGate records_gate_;
  RecordsGate trail_gate_;
  std::map<std::string_view, std::uint64_t> problems_answered_;  ///< Keys: codes of ProblemKind.
  SignInDelays sign_in_delays_;
  RateLimits rate_limits_;
  SessionStreams session_streams_;
  std::vector<Waiting> waiting_;
  std::vector<std::uint32_t> free_slots_;
  std::string body_;  ///< Room for answers, kept so that they do not allocate.
  PreparedResponsePtr openapi_;
  bool crowd_running_ = false;
  std::string crowd_report_;  ///< JSON; empty before the first.
  std::weak_ptr<void> setup_claim_;
  std::array<std::uint64_t, 3> shed_{};  ///< By Urgency.
  bool pushed_ = false;                  ///< Requests in the ring that are not published.
  std::vector<ApiKey> api_keys_;         ///< As of the newest page of the board.
  std::map<ApiKeyId, ApiKeyGrant> api_key_grants_;  ///< The same.
  std::vector<Webhook> webhooks_;                   ///< The same.
  RequestIds request_ids_;
  DemoDraws demo_draws_{*this};
  DrawDesk draws_;  ///< Last: its thread ends before what it uses does.
};

// ---- details ----

template <class C>
bool Api::push(const C& command, std::uint32_t slot) {
  Waiting& waiting = waiting_[slot];
  const std::uint64_t token = std::uint64_t{waiting.generation} << 32U | slot;
  std::uint64_t received_ns = 0;
  if constexpr (std::is_same_v<C, PlaceOrder>) { received_ns = receipt_stamp(); }
  const Urgency urgency = waiting.asker.urgency;
  if (may_enter(node_.requests(), urgency) &&
      submit(node_.requests(), command, token, waiting.asker.actor, waiting.asker.key,
             received_ns)) {
    pushed_ = true;
    return true;
  }
  ++shed_[static_cast<std::size_t>(urgency)];
  free_slot(slot);
  return false;
}

template <class C>
void Api::ask(const Asker& asker, const C& command, std::function<void(const AnswerHead&)> then) {
  const std::uint32_t slot = take_slot(asker);
  waiting_[slot].then = std::move(then);
  if (!push(command, slot)) { refuse_overloaded(asker); }
}

template <class C>
bool Api::try_ask(const C& command, std::function<void(const AnswerHead&)> then) {
  const std::uint32_t slot = take_slot(Asker{});
  waiting_[slot].then = std::move(then);
  const bool pushed = push(command, slot);
  batch_end();
  return pushed;
}

template <class C>
void Api::ask_hot(const Asker& asker, const C& command,
                  void (*on_answer)(Api&, const Waiting&, const AnswerHead&),
                  std::array<std::uint64_t, 3> own) {
  const std::uint32_t slot = take_slot(asker);
  waiting_[slot].on_answer = on_answer;
  waiting_[slot].own = own;
  if (!push(command, slot)) { refuse_overloaded(asker); }
}

template <Described Result, class C, class Then>
void Api::change(const Asker& asker, const C& command, Then then) {
  ask(asker, command, [this, asker, then = std::move(then)](const AnswerHead& answer) {
    if (refuse_common(asker, answer)) { return; }
    const auto result = decode<Result>(answer.result());
    FB_ASSERT(result.has_value());
    Asker answered = asker;
    answered.key = {};
    answered.replayed = answer.kind == AnswerKind::replayed;
    then(answered, *result);
  });
}

template <class Work, class Then>
bool Api::try_work(WorkKind kind, Work work, Then then) {
  return pool_.run(kind, [this, work = std::move(work), then = std::move(then)] {
    outside_.run_later([this, result = work(), then] {
      then(result);
      batch_end();  // It may have asked the engine, outside of any poll round.
    });
  });
}

template <class Work, class Then>
void Api::work(const Asker& asker, WorkKind kind, Work work, Then then) {
  if (!try_work(kind, std::move(work), std::move(then))) { refuse_overloaded(asker); }
}

template <class Source, class Read, class Then>
void Api::read_behind(RecordsGate& gate, const Source& source, const Asker& asker, Read read,
                      Then then) {
  const auto begin = [this, &source, asker, read = std::move(read),
                      then = std::move(then)](LogOffset position) {
    return try_work(
        WorkKind::read, [&source, read] { return read(source); },
        [this, asker, then, position](const auto& found) {
          if (!found) { return refuse(asker, "internal"); }
          then(*found, position);
        });
  };
  // What anybody was answered is durable.
  if (!gate.pass(node_.committer().durable(), RecordsGate::Clock::now(), begin)) {
    refuse_overloaded(asker);
  }
}

template <Described T>
std::optional<T> Api::read_body(const Call& call) {
  if (!is_json(call.http)) {
    refuse(call, "unsupported_media_type");
    return std::nullopt;
  }
  auto body = read_json<T>(call.http.body);
  if (body) { return std::move(*body); }
  refuse_json(call, body.error());
  return std::nullopt;
}

template <Described T>
bool Api::read_path(const Call& call, T& out, std::string_view field, std::string_view segment,
                    std::string_view not_found_code) {
  if (!read_path_field(out, field, segment)) { return true; }
  refuse(call, not_found_code);
  return false;
}

template <Described T>
void Api::respond(const Asker& asker, int status, const T& body,
                  std::span<const HttpField> headers) {
  body_.clear();
  CharSink sink(body_);
  write_json(body, sink);
  respond_json(asker, status, body_, headers);
}

template <class Status, Described T>
void Api::respond_outcome(const Asker& asker, Status status, int done, const T& body) {
  switch (status_band(static_cast<std::uint8_t>(status))) {
    case StatusBand::done:
      return respond(asker, done, body);
    case StatusBand::replayed:
      return respond(asker, 200, body);
    case StatusBand::malformed:
    case StatusBand::refused:
      break;
  }
  refuse(asker, enum_name(status));
}

}  // namespace firebrand
