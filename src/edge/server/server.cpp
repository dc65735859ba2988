#include "edge/server/server.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <system_error>

#include "base/enum_name.hpp"
#include "core/engine/state.hpp"
#include "edge/api/metrics.hpp"
#include "edge/api/sign_in_keys.hpp"
#include "edge/bench/process_stats.hpp"
#include "edge/server/engine_wait.hpp"
#include "edge/server/launch_file.hpp"
#include "edge/server/payment_key_files.hpp"
#include "edge/server/program.hpp"
#include "edge/server/proof_options.hpp"
#include "edge/server/side_by_side.hpp"
#include "runtime/sync_client.hpp"

namespace firebrand {

namespace {

constexpr Millis kTick{20};             ///< How often pages are published at most.
constexpr Millis kRecordsRetry{1'000};  ///< While lists cannot be written.
constexpr Millis kTlsLook{1'000};       ///< How often the files of the certificate are read.
constexpr Millis kClockLook{1'000};     ///< How often the clock is looked at.
constexpr char kTrailFile[] = "trail.db";
constexpr std::uint64_t kSpaceNoticeBytes = 4U << 20;
constexpr Millis kFactsPause{5};
constexpr std::size_t kFactsHurryBytes = 8U << 20;
constexpr int kRecordsNiceness = 10;
constexpr std::uint32_t kRefundsWatched = 2'000;  ///< Of a provider, oldest first; more wait.
constexpr Millis kHeadPause{500};  ///< Tree heads come at most so often: each costs some syncs.
constexpr unsigned kPoolThreads = 2;
constexpr std::size_t kPoolQueueMax = 256;

void say(const std::string& line) { std::fprintf(stderr, "firebrand: %s\n", line.c_str()); }

}  // namespace

Server::Server(const Config& config) : config_(config) {}

Server::~Server() = default;

Expected<std::unique_ptr<Server>, std::string> Server::open(const Config& config) {
  std::unique_ptr<Server> server(new Server(config));
  if (auto done = server->open_all(); !done) { return Unexpected(done.error()); }
  return server;
}

Expected<void, std::string> Server::open_all() {
  auto node = Node::open(files_, config_.data, clock_,
                         {.segment_bytes = std::uint64_t{config_.segment_mib} << 20U,
                          .segments_ahead = config_.segments_ahead,
                          .warn = &say,
                          .run_both = &run_side_by_side});
  if (!node) { return Unexpected(node.error().message); }
  node_ = std::move(*node);
  if (node_->sequencer().stamper().behind_at_start() > kClockBehindMax) {
    say("the clock is " + std::to_string(node_->sequencer().stamper().behind_at_start().count()) +
        " ms behind the newest record: not ready until it has caught up");
  }
  // The first segments, so that the first request finds room.
  while (node_->space_keeper().step()) {}
  if (node_->space_keeper().failing()) { say(node_->space_keeper().message()); }

  auto key = load_installation_key(
      files_, config_.data,
      node_->sequencer().last_offset() == LogOffset{} ? MissingKey::make : MissingKey::refuse);
  if (!key) { return Unexpected(key.error()); }
  credentials_ = std::make_unique<Credentials>(*key);
  node_->sequencer().use_tie_keys(
      [this](const CreateDrop& plan) { return credentials_->tie_key(plan.code.view()); });

  auto payment_keys = load_payment_keys(config_);
  if (!payment_keys) { return Unexpected(payment_keys.error()); }
  payment_keys_ = std::move(*payment_keys);

  const std::string records = log::join_path(config_.data, kRecordsFile);
  auto projector = RecordsProjector::open(files_, config_.data, records);
  if (!projector) { return Unexpected(projector.error().message); }
  records_projector_ = std::move(*projector);
  auto reader = RecordsReader::open(records);
  if (!reader) { return Unexpected(reader.error().message); }
  records_ = std::move(*reader);

  const std::string trail = log::join_path(config_.data, kTrailFile);
  auto trail_projector =
      TrailProjector::open(files_, config_.data, trail, node_->committer().durable());
  if (!trail_projector) {
    return Unexpected(trail_projector.error().message +
                      "; without trail.db, moved out of the data directory, the server starts and "
                      "makes the trail again of what log/ still holds");
  }
  trail_projector_ = std::move(*trail_projector);
  trail_ = std::make_unique<TrailReader>(trail);

  if (auto done = open_http(); !done) { return done; }
  if (!config_.demo.empty()) {
    if (auto done = load_demo(); !done) { return done; }
  }
  if (node_->engine().state().access.staff_count() == 0) {
    const Bytes<32> secret = Credentials::random_secret();
    setup_hash_ = Credentials::hash_secret(secret);
    setup_url_ = url() + "/console/#/setup?token=" + Credentials::secret_text(secret);
  }

  if (auto done = open_proof(); !done) { return done; }
  if (auto done = open_deliverer(); !done) { return done; }
  if (auto done = open_payment_desk(); !done) { return done; }
  if (auto done = open_sign_in(); !done) { return done; }
  pool_ = std::make_unique<WorkPool>(kPoolThreads, kPoolQueueMax);
  api_ = std::make_unique<Api>(
      *http_, *node_, *records_, *pool_, *credentials_, api_options(),
      Outside{.wake_engine = [this] { engine_wakeup_.notify(); },
              .run_later = [this](std::function<void()> work) { http_->post(std::move(work)); }});
  snapshotter_ = std::make_unique<Snapshotter>(
      *node_, engine_wakeup_,
      SnapshotterOptions{.records = config_.snapshot_records,
                         .kept = config_.snapshots_kept,
                         .archive = config_.archive,
                         .keep_days = config_.keep_days,
                         .read = [this] { return trail_projector_->kept(); },
                         .program = own_program()});
  return {};
}

Expected<void, std::string> Server::open_http() {
  HttpLimits limits;
  limits.connections_max = config_.connections_max;
  limits.connections_per_address_max = config_.connections_per_address_max;
  limits.body_bytes_max = config_.body_bytes_max;
  for (const std::string& proxy : config_.proxies) {
    limits.unlimited_addresses.push_back(*PeerAddress::parse(proxy));
  }
  http_ = std::make_unique<HttpServer>(limits);
  if (!config_.tls_certificate.empty()) {
    tls_files_ = std::make_unique<TlsFiles>(config_.tls_certificate, config_.tls_key);
    const TlsFiles::News news = tls_files_->look(true, TlsFiles::Clock::now());
    if (news.context == nullptr) { return Unexpected(news.line); }
    tls_expires_at_ = news.context->expires_at();
    http_->use_tls(news.context, config_.tls_hsts_seconds);
  }
  const auto port = http_->listen(config_.address, config_.port,
                                  tls_files_ != nullptr ? HttpWire::tls : HttpWire::plain);
  if (!port) { return Unexpected(port.error().message); }
  port_ = *port;
  if (config_.tls_redirect_port != 0) {
    const auto plain = http_->listen(config_.address, config_.tls_redirect_port);
    if (!plain) { return Unexpected(plain.error().message); }
  }
  return {};
}

void Server::look_at_tls() {
  if (tls_looking_) { return; }
  tls_looking_ = pool_->run(WorkKind::read, [this] {
    TlsFiles::News news = tls_files_->look(reload_asked_.exchange(false), TlsFiles::Clock::now());
    http_->post([this, news = std::move(news)] {
      tls_looking_ = false;
      if (!news.line.empty()) { say(news.line); }
      if (news.context == nullptr) { return; }
      tls_expires_at_ = news.context->expires_at();
      http_->use_tls(news.context, config_.tls_hsts_seconds);
    });
  });
}

Expected<void, std::string> Server::load_demo() {
  const auto file = read_launch_file(config_.demo, clock_.wall());
  if (!file) { return Unexpected(file.error().message); }
  SyncClient client(*node_);
  const auto drops = apply_launch_file(client, *credentials_, *file);
  if (!drops) { return Unexpected(drops.error().message); }
  client.settle();
  demo_drop_id_ = drops->front();
  return {};
}

Expected<void, std::string> Server::open_proof() {
  auto opened = ProofProjector::open(files_, config_.data,
                                     proof_options(*credentials_, config_.proof_key), proof_);
  if (!opened) { return Unexpected(opened.error().message); }
  proof_projector_ = std::move(*opened);
  return {};
}

Expected<void, std::string> Server::open_deliverer() {
  DelivererOptions options;
  options.outgoing.private_addresses = config_.webhooks_private_addresses;
  for (const std::uint32_t seconds : config_.webhooks_retry_seconds) {
    options.delivery.retries.emplace_back(std::int64_t{seconds} * 1'000);
  }
  auto deliverer =
      Deliverer::open(files_, config_.data, *credentials_, std::move(options),
                      {.stored = [this] { return node_->projector().stored(); },
                       .now = [this] { return clock_.wall(); },
                       .pause =
                           [this](WebhookId id, WebhookPause reason) {
                             http_->post([this, id, reason] { api_->stop_webhook(id, reason); });
                           },
                       .say = &say});
  if (!deliverer) {
    return Unexpected(deliverer.error().message +
                      "; without deliveries.db, moved out of the data directory, the server starts "
                      "and tells every endpoint everything once more");
  }
  deliverer_ = std::move(*deliverer);
  return {};
}

Expected<void, std::string> Server::open_payment_desk() {
  auto accounts = load_payment_accounts(config_);
  if (!accounts) { return Unexpected(accounts.error()); }
  OutgoingOptions outgoing;
  outgoing.private_addresses = config_.payments_private_addresses;
  payment_desk_ = std::make_unique<PaymentDesk>(
      PaymentProviders(payment_keys_, std::move(*accounts)), outgoing,
      PaymentDeskOutside{
          .now = [this] { return clock_.wall(); },
          .asked = [this](PaymentProvider provider) { return refunds_asked(provider); },
          .ended =
              [this](const RefundWanted& refund, RefundState outcome) {
                const ConfirmRefund command{std::string_view(refund.refund_id),
                                            std::string_view(refund.payment_id), refund.amount,
                                            outcome};
                http_->post([this, command] { api_->refund_ended(command); });
              }});
  return {};
}

Expected<void, std::string> Server::open_sign_in() {
  if (config_.sign_in_jwks.empty()) { return {}; }
  SignInOptions options{.jwks = config_.sign_in_jwks,
                        .rules = {.issuer = config_.sign_in_issuer,
                                  .audiences = config_.sign_in_audiences,
                                  .skew = std::chrono::seconds{config_.sign_in_skew_seconds},
                                  .names = config_.sign_in_claims},
                        .refresh = std::chrono::seconds{config_.sign_in_refresh_seconds}};
  options.outgoing.private_addresses = config_.sign_in_private_addresses;
  sign_in_keys_ = std::make_unique<SignInKeys>(std::move(options), &say);
  if (const auto problem = sign_in_keys_->check()) {
    return Unexpected("sign_in.jwks: " + *problem);
  }
  return {};
}

std::optional<std::vector<RefundAsked>> Server::refunds_asked(PaymentProvider provider) const {
  const std::string prefix = std::string(enum_name(provider)) + ":";
  const auto refunds = records_->refunds_requested(prefix, kRefundsWatched);
  if (!refunds) { return std::nullopt; }
  std::vector<RefundAsked> asked;
  for (const RefundRecord& refund : *refunds) {
    asked.push_back({.wanted = {.refund_id = std::string(refund.refund_id.view()),
                                .payment_id = std::string(refund.payment_id.view()),
                                .amount = refund.amount,
                                .paid = refund.paid},
                     .asked_at = refund.changed_at});
  }
  return asked;
}

ApiOptions Server::api_options() {
  ApiOptions options;
  options.deliverer = deliverer_.get();
  options.proof = &proof_;
  options.trail = trail_.get();
  options.payment_desk = payment_desk_.get();
  options.sign_in_keys = sign_in_keys_.get();
  options.payments = payment_keys_;
  options.setup_hash = setup_hash_;
  options.demo = !config_.demo.empty();
  options.demo_drop_id = demo_drop_id_;
  options.secure_cookies = !config_.proxies.empty() || tls_files_ != nullptr;
  if (tls_files_ != nullptr) { options.tls_port = port_; }
  options.second_factor_required = config_.second_factor_required;
  options.rates = config_.rates;
  for (const std::string& proxy : config_.proxies) {
    options.proxies.push_back(*PeerAddress::parse(proxy));
  }
  options.start_crowd = [this](const DemoCrowd& crowd, std::function<void(std::string)> then) {
    crowd_.start(url(), crowd, config_.data, [this, then = std::move(then)](std::string report) {
      http_->post([then, report = std::move(report)] { then(report); });
    });
  };
  options.more_metrics = [this](std::string& text) {
    MetricsText metrics(text);
    const HttpServerStats& stats = http_->stats();
    metrics.gauge("firebrand_http_connections", "Open connections.",
                  static_cast<std::int64_t>(stats.connections_open));
    metrics.gauge("firebrand_http_streams", "Open event streams.",
                  static_cast<std::int64_t>(stats.streams_open));
    metrics.counter("firebrand_http_connections_total", "Connections accepted.",
                    stats.connections_accepted);
    metrics.counter("firebrand_http_requests_total", "Requests read.", stats.requests);
    metrics.counter("firebrand_http_malformed_total", "Requests refused as malformed.",
                    stats.refused_malformed);
    metrics.counter("firebrand_http_too_large_total", "Requests with too large a body.",
                    stats.refused_too_large);
    metrics.counter("firebrand_http_request_timeouts_total", "Requests that came too slowly.",
                    stats.timeouts_request);
    metrics.counter("firebrand_http_write_timeouts_total", "Answers that were read too slowly.",
                    stats.timeouts_write);
    metrics.counter("firebrand_http_received_bytes_total", "Bytes received.", stats.bytes_received);
    metrics.counter("firebrand_http_sent_bytes_total", "Bytes sent.", stats.bytes_sent);
    metrics.counter("firebrand_http_refused_connections_total", "Connections over a limit.",
                    stats.connections_refused);
    metrics.counter("firebrand_http_streams_dropped_total", "Event streams that were too slow.",
                    stats.streams_dropped);
    if (tls_files_ != nullptr) {
      metrics.counter("firebrand_tls_handshakes_failed_total", "TLS handshakes that did not end.",
                      stats.tls_handshakes_failed);
      metrics.gauge("firebrand_tls_certificate_expires_seconds",
                    "Unix time at which the certificate ends.", tls_expires_at_);
    }
    metrics.gauge("firebrand_trail_offset", "The audit trail tells everything up to here.",
                  static_cast<std::int64_t>(trail_projector_->cursor().value));
    const DelivererStats& deliveries = deliverer_->stats();
    metrics.counter("firebrand_webhook_events_delivered_total", "Events that endpoints took.",
                    deliveries.delivered.load());
    metrics.counter("firebrand_webhook_calls_failed_total", "Calls without a good answer.",
                    deliveries.failed.load());
    metrics.counter("firebrand_webhook_events_dead_total", "Events that were given up.",
                    deliveries.dead.load());
    metrics.gauge("firebrand_proof_leaves", "Leaves of the public log under its head.",
                  static_cast<std::int64_t>(proof_.head()->head.head.size));
    metrics.gauge_ms("firebrand_proof_lag_seconds",
                     "How long there have been facts that no head stands over.",
                     proof_lag_ms_.load(std::memory_order_relaxed));
    const PaymentDeskStats& asked = payment_desk_->stats();
    metrics.counter("firebrand_payments_made_total", "Payments that providers made.",
                    asked.payments.load());
    metrics.counter("firebrand_payments_failed_total", "Payments that providers did not make.",
                    asked.payments_failed.load());
    metrics.counter("firebrand_refund_calls_total", "Calls to providers about refunds.",
                    asked.refund_calls.load());
    metrics.counter("firebrand_refunds_ended_total", "Refunds whose end a call told.",
                    asked.refunds_ended.load());
    metrics.counter("firebrand_snapshots_total", "Snapshots written.", snapshotter_->written());
    metrics.counter("firebrand_snapshots_failed_total", "Snapshots that failed.",
                    snapshotter_->failed());
    metrics.gauge("firebrand_snapshot_offset", "Of the newest snapshot; 0: none.",
                  static_cast<std::int64_t>(snapshotter_->newest().value));
    std::uint64_t owed = 0;
    LogOffset told = node_->projector().complete();
    for (const Webhook& webhook : api_->webhooks()) {
      if (webhook.state != WebhookState::running) { continue; }
      const DeliveryState state = deliverer_->state(webhook.webhook_id);
      owed += state.owed;
      if (state.delivered_until.offset != LogOffset{}) {
        told = std::min(told, state.delivered_until.offset);
      }
    }
    metrics.gauge("firebrand_webhook_events_owed", "Events read for endpoints and not taken yet.",
                  static_cast<std::int64_t>(owed));
    metrics.gauge("firebrand_webhook_told_offset", "What every running endpoint has been told.",
                  static_cast<std::int64_t>(told.value));
    if (const auto resident = process_resident_bytes(::getpid())) {
      metrics.gauge("firebrand_resident_bytes", "Memory of the process that is in RAM.",
                    static_cast<std::int64_t>(*resident));
    }
  };
  options.warn = &say;
  options.not_ready = [this] { return not_ready(); };
  return options;
}

std::string Server::not_ready() const {
  if (stop_asked_.load()) { return "stopping"; }
  if (node_->sequencer().stats().clock_behind_ms.load() > kClockBehindMax.count()) {
    return "the clock is behind the newest record of the log";
  }
  if (node_->space_keeper().failing()) { return "no space for the log"; }
  return {};
}

void Server::run() {
  std::vector<std::thread> threads;
  try {
    // Each ends after those before it: if the next one cannot be had, these can still be ended.
    for (void (Server::*const part)() :
         {&Server::run_engine, &Server::run_committer, &Server::run_projector, &Server::run_records,
          &Server::run_space_keeper, &Server::run_deliverer, &Server::run_proof,
          &Server::run_payment_desk, &Server::run_sign_in_keys}) {
      threads.emplace_back(part, this);
    }
  } catch (const std::system_error&) {
    end(threads);
    throw;
  }
  http_->call_every(kTick, [this] { api_->tick(); });
  http_->call_every(kClockLook, [this] {
    const Millis drift{node_->sequencer().stats().clock_drift_ms.load()};
    if (const auto line = drift_alarm_.see(drift)) { say(*line); }
  });
  if (tls_files_ != nullptr) {
    http_->call_every(kTlsLook, [this] { look_at_tls(); });
  }
  http_->run(*api_);
  end(threads);
}

/// The last request is answered: lets what is in the rings become durable, then ends in order.
void Server::end(std::vector<std::thread>& threads) {
  stopping_.store(true);
  crowd_.stop();
  pool_->stop();  // Its work speaks to the API, which may be gone before the pool.
  snapshotter_->stop();
  for (Wakeup* wakeup : {&engine_wakeup_, &committer_wakeup_, &projector_wakeup_, &records_wakeup_,
                         &space_wakeup_, &proof_wakeup_}) {
    wakeup->notify();
  }
  deliverer_->wake();
  payment_desk_->wake();
  if (sign_in_keys_ != nullptr) { sign_in_keys_->stop(); }
  for (std::thread& thread : threads) { thread.join(); }
}

void Server::stop() noexcept {
  stop_asked_.store(true);
  http_->stop(Millis{config_.stop_grace_ms});
}

void Server::run_engine() {
  Sequencer& sequencer = node_->sequencer();
  for (;;) {
    const std::uint32_t seen = engine_wakeup_.seen();
    if (sequencer.step()) {
      // Answers that rest on nothing new may leave at once; the others wait for the committer.
      if (node_->committer().durable() >= sequencer.last_offset()) { http_->wake(); }
      committer_wakeup_.notify();
      continue;
    }
    if (stopping_.load()) {
      (void)sequencer.record_last_refusals();  // The committer ends after us, and takes it along.
      break;
    }
    if (sequencer.make_ready()) { continue; }
    engine_wakeup_.wait(
        seen, engine_wait(sequencer.wake_at(), sequencer.stamper().current(), sequencer.blocked()));
  }
  engine_ended_.store(true);
  committer_wakeup_.notify();
}

void Server::run_committer() {
  Committer& committer = node_->committer();
  std::uint64_t noticed_bytes = 0;
  for (;;) {
    const std::uint32_t seen = committer_wakeup_.seen();
    const bool last = engine_ended_.load();
    if (committer.step()) {
      http_->wake();
      projector_wakeup_.notify();
      if (node_->sequencer().blocked()) { engine_wakeup_.notify(); }
      const std::uint64_t bytes = committer.stats().bytes.load(std::memory_order_relaxed);
      if (bytes >= noticed_bytes + kSpaceNoticeBytes) {
        noticed_bytes = bytes;
        space_wakeup_.notify();
      }
      continue;
    }
    if (last) { break; }
    committer_wakeup_.wait(seen, kIdleWait);
  }
  committer_ended_.store(true);
  projector_wakeup_.notify();
}

void Server::run_projector() {
  Projector& projector = node_->projector();
  for (;;) {
    const std::uint32_t seen = projector_wakeup_.seen();
    const bool last = committer_ended_.load();
    if (projector.step()) {
      records_wakeup_.notify();
      proof_wakeup_.notify();
      deliverer_->facts_stored();
      if (node_->sequencer().blocked()) { engine_wakeup_.notify(); }
      // Nobody waits for a fact as for an answer: fewer, larger batches leave the disk to the log.
      if (!last && node_->facts_backlog() < kFactsHurryBytes) {
        std::this_thread::sleep_for(kFactsPause);
      }
      continue;
    }
    if (last) { break; }
    records_wakeup_.notify();  // No facts, but complete() has moved.
    projector_wakeup_.wait(seen, kIdleWait);
  }
  projector_ended_.store(true);
  records_wakeup_.notify();
  proof_wakeup_.notify();
}

void Server::run_space_keeper() {
  bool failing = false;
  while (!stopping_.load()) {
    const std::uint32_t seen = space_wakeup_.seen();
    if (node_->space_keeper().step()) {
      projector_wakeup_.notify();
      if (node_->sequencer().blocked()) { engine_wakeup_.notify(); }
      continue;
    }
    if (node_->space_keeper().failing() != failing) {
      failing = !failing;
      say(failing ? "no space for the log, sales wait: " + node_->space_keeper().message()
                  : std::string("there is space for the log again, sales go on"));
      engine_wakeup_.notify();
    }
    space_wakeup_.wait(seen, failing ? kSpaceRetry : kIdleWait);
  }
}

void Server::run_deliverer() {
  // What the outside is told may lag behind a sale; the sale must not wait for it.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kRecordsNiceness);
  while (!stopping_.load()) {
    if (!deliverer_->step()) { std::this_thread::sleep_for(kRecordsRetry); }
  }
}

void Server::run_payment_desk() {
  if (payment_desk_->providers().offered().empty()) { return; }
  while (!stopping_.load()) { payment_desk_->step(); }
}

void Server::run_sign_in_keys() {
  if (sign_in_keys_ == nullptr) { return; }
  while (!stopping_.load()) { sign_in_keys_->step(); }
}

void Server::run_proof() {
  // Like the lists: the sale must not wait for its proof.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kRecordsNiceness);
  using SteadyClock = std::chrono::steady_clock;
  std::string told;
  const auto tell = [&told](const std::string& message) {
    if (message == told) { return; }
    told = message;
    say(told + "; the public log stays as it is until this works again");
  };
  auto all_told = SteadyClock::now();
  for (;;) {
    const std::uint32_t seen = proof_wakeup_.seen();
    const auto begin = SteadyClock::now();
    const bool last = projector_ended_.load();
    const log::Position stored = node_->projector().stored();
    auto more = Expected<bool, ProofError>(true);
    while (more && *more && SteadyClock::now() < begin + kHeadPause) {
      more = proof_projector_ == nullptr ? Unexpected(ProofError{told})
                                         : proof_projector_->step(stored);
    }
    const auto done = more ? proof_projector_->publish() : Unexpected(more.error());
    if (!done) { tell(done.error().message); }
    const auto now = SteadyClock::now();
    if (done && proof_projector_->published() >= stored) { all_told = begin; }
    proof_lag_ms_.store(
        done && !*more ? 0 : std::chrono::duration_cast<Millis>(now - all_told).count(),
        std::memory_order_relaxed);
    if (last && (!done || !*more)) { return; }
    if (done && *more) { continue; }
    if (!done) {
      pause_until(proof_wakeup_, now + kRecordsRetry);
      proof_projector_.reset();
      if (auto opened = open_proof(); !opened) { tell(opened.error()); }
      continue;
    }
    proof_wakeup_.wait(seen, kIdleWait);
    pause_until(proof_wakeup_, begin + kHeadPause);
  }
}

void Server::pause_until(Wakeup& wakeup, std::chrono::steady_clock::time_point until) {
  for (auto now = std::chrono::steady_clock::now(); now < until && !projector_ended_.load();
       now = std::chrono::steady_clock::now()) {
    wakeup.wait(wakeup.seen(), std::chrono::ceil<Millis>(until - now));
  }
}

void Server::reopen_records() {
  pause_until(records_wakeup_, std::chrono::steady_clock::now() + kRecordsRetry);
  auto opened =
      RecordsProjector::open(files_, config_.data, log::join_path(config_.data, kRecordsFile));
  if (opened) { records_projector_ = std::move(*opened); }
}

bool Server::step_trail() {
  const auto now = std::chrono::steady_clock::now();
  if (now < trail_retry_at_) { return false; }
  const auto stepped = trail_projector_->step(node_->committer().durable());
  if (stepped) {
    api_->trail_reached(trail_projector_->cursor());
    return *stepped;
  }
  if (stepped.error().message != trail_failed_) {
    trail_failed_ = stepped.error().message;
    say(trail_failed_ + "; the audit trail stays as it is until this works again");
  }
  trail_retry_at_ = now + kRecordsRetry;
  return false;
}

void Server::run_records() {
  // Lists may lag behind a sale; the sale must not wait for lists.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kRecordsNiceness);
  std::string told;
  for (;;) {
    const std::uint32_t seen = records_wakeup_.seen();
    const bool last = projector_ended_.load();
    const LogOffset complete = node_->projector().complete();  // First: what is stored holds it.
    const auto stepped = records_projector_->step(node_->projector().stored(), complete);
    if (!stepped) {
      if (last) { return; }
      // Sales do not rest on the records: say it, and open them anew a little later, from where
      // they are good. A full disk has room again at some time.
      if (stepped.error().message != told) {
        told = stepped.error().message;
        say(told + "; lists stay as they are until this works again");
      }
      reopen_records();
      continue;
    }
    api_->records_reached(records_projector_->complete());
    auto events = records_projector_->take_events();
    if (!events.empty()) {
      http_->post([this, events = std::move(events)] { api_->pages().publish_events(events); });
    }
    if (*stepped) { continue; }
    if (last) { return; }
    if (step_trail()) { continue; }
    records_wakeup_.wait(seen, kIdleWait);
  }
}

std::string Server::url() const {
  const bool v6 = config_.address.find(':') != std::string::npos;
  return (tls_files_ != nullptr ? "https://" : "http://") +
         (v6 ? "[" + config_.address + "]" : config_.address) + ":" + std::to_string(port_);
}

}  // namespace firebrand
