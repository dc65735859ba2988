#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/expected.hpp"
#include "edge/api/api.hpp"
#include "edge/delivery/deliverer.hpp"
#include "edge/http/http_server.hpp"
#include "edge/payments/payment_desk.hpp"
#include "edge/server/config.hpp"
#include "edge/server/crowd_process.hpp"
#include "edge/server/snapshotter.hpp"
#include "edge/server/system_clock.hpp"
#include "edge/server/tls_files.hpp"
#include "edge/server/wakeup.hpp"
#include "log/file_system.hpp"
#include "runtime/drift_alarm.hpp"
#include "runtime/node.hpp"
#include "views/proof/proof_log.hpp"
#include "views/records/records.hpp"
#include "views/trail/trail.hpp"

namespace firebrand {

/// One installation on one machine: the node's parts get a thread each, HTTP gets another, and all
/// of them sleep when there is nothing to do.
class Server {
 public:
  /// Recovers the data directory and listens, but serves nothing yet.
  [[nodiscard]] static Expected<std::unique_ptr<Server>, std::string> open(const Config& config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves until stop(); returns when everything acknowledged is durable and all threads ended.
  /// Throws std::system_error, after the same, if there are no threads to be had.
  void run();
  /// From a signal handler or any thread.
  void stop() noexcept;
  /// From a signal handler or any thread: takes the certificate of TLS anew.
  void reload() noexcept { reload_asked_.store(true); }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] const NodeStart& start() const noexcept { return node_->start(); }
  /// "http://127.0.0.1:8080", with TLS "https://..."
  [[nodiscard]] std::string url() const;
  /// Where the owner signs in for the first time; empty if there is an owner.
  [[nodiscard]] const std::string& setup_url() const noexcept { return setup_url_; }
  /// The demo's drop; zero without demo.
  [[nodiscard]] DropId demo_drop_id() const noexcept { return demo_drop_id_; }
  [[nodiscard]] Api& api() noexcept { return *api_; }

 private:
  explicit Server(const Config& config);
  [[nodiscard]] Expected<void, std::string> open_all();
  [[nodiscard]] Expected<void, std::string> open_http();
  [[nodiscard]] Expected<void, std::string> load_demo();
  [[nodiscard]] Expected<void, std::string> open_deliverer();
  [[nodiscard]] Expected<void, std::string> open_proof();
  [[nodiscard]] Expected<void, std::string> open_payment_desk();
  [[nodiscard]] Expected<void, std::string> open_sign_in();
  [[nodiscard]] std::optional<std::vector<RefundAsked>> refunds_asked(PaymentProvider) const;
  [[nodiscard]] ApiOptions api_options();
  /// Off the I/O thread: a slow disk holds up no request.
  void look_at_tls();
  void end(std::vector<std::thread>& threads);
  void run_engine();
  void run_committer();
  void run_projector();
  void run_space_keeper();
  void run_records();
  void run_deliverer();
  void run_proof();
  void run_payment_desk();
  void run_sign_in_keys();
  void reopen_records();
  /// Of the trail, once the lists are there. @return whether there was anything.
  [[nodiscard]] bool step_trail();
  /// Less if the last facts are there: the server ends.
  void pause_until(Wakeup& wakeup, std::chrono::steady_clock::time_point until);
  [[nodiscard]] std::string not_ready() const;

  Config config_;
  SystemClock clock_;
  log::PosixFileSystem files_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<Credentials> credentials_;
  PaymentKeys payment_keys_;
  std::unique_ptr<RecordsProjector> records_projector_;
  std::unique_ptr<RecordsReader> records_;
  std::unique_ptr<TrailProjector> trail_projector_;
  std::unique_ptr<TrailReader> trail_;
  std::string trail_failed_;                                ///< The thread's of the records.
  std::chrono::steady_clock::time_point trail_retry_at_{};  ///< The same.
  ProofReader proof_{files_};
  std::unique_ptr<ProofProjector> proof_projector_;  ///< Null while it cannot be opened again.
  std::unique_ptr<TlsFiles> tls_files_;              ///< Null: no TLS.
  bool tls_looking_ = false;                         ///< The I/O thread's.
  std::int64_t tls_expires_at_ = 0;                  ///< The same.
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<Deliverer> deliverer_;
  std::unique_ptr<PaymentDesk> payment_desk_;
  std::unique_ptr<SignInKeys> sign_in_keys_;  ///< Null: nobody signs in by token.
  std::unique_ptr<WorkPool> pool_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Snapshotter> snapshotter_;
  CrowdProcess crowd_;
  DriftAlarm drift_alarm_;  ///< The I/O thread's.
  std::uint16_t port_ = 0;
  std::string setup_url_;
  std::optional<SecretHash> setup_hash_;
  DropId demo_drop_id_{};

  std::atomic<bool> reload_asked_{false};
  std::atomic<bool> stop_asked_{false};  ///< Not ready any more; requests in flight are answered.
  std::atomic<bool> stopping_{false};    ///< No more requests; finish what is there.
  std::atomic<bool> engine_ended_{false};
  std::atomic<bool> committer_ended_{false};
  std::atomic<bool> projector_ended_{false};
  Wakeup engine_wakeup_;
  Wakeup committer_wakeup_;
  Wakeup projector_wakeup_;
  Wakeup space_wakeup_;
  Wakeup records_wakeup_;
  Wakeup proof_wakeup_;
  std::atomic<std::int64_t> proof_lag_ms_{0};  ///< How long there have been facts without a head.
};

}  // namespace firebrand
