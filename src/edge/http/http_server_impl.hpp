#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "edge/http/http_connection.hpp"
#include "edge/http/http_refusal.hpp"
#include "edge/http/http_server.hpp"
#include "edge/http/request_ids.hpp"

/// The inside of HttpServer, by the way of the bytes: http_server.cpp has its public face and
/// sockets to listen on; http_server_loop.cpp the loop; http_server_connections.cpp who is let in
/// and how a connection ends; http_server_in.cpp and http_server_out.cpp what comes in and goes
/// out.
namespace firebrand {

[[nodiscard]] PeerAddress peer_address(const sockaddr_storage& from);

/// Epoll, level-triggered. One read and one write for an ordinary request: a reactor that tries to
/// read again before it sleeps (as Asio's does) pays a third system call for each.
class HttpServer::Impl {
 public:
  explicit Impl(HttpLimits limits);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Expected<std::uint16_t, HttpListenError> listen(std::string_view address, std::uint16_t port,
                                                  HttpWire wire);
  void use_tls(TlsContextPtr context, std::uint32_t hsts_seconds);
  void run(HttpHandler& handler);

  void stop(Millis grace);
  void post(std::function<void()> work);
  void wake() noexcept;
  void call_every(Millis period, std::function<void()> work);
  const HttpServerStats& stats() const noexcept { return stats_; }

  void respond(ResponseToken token, const HttpResponse& response);
  void respond_prepared(ResponseToken token, const PreparedResponsePtr& prepared,
                        std::string_view if_none_match, std::span<const HttpField> headers);
  StreamToken start_stream(ResponseToken token, const HttpResponse& head);
  void send_stream(StreamToken token, const StreamChunkPtr& chunk);
  void end_stream(StreamToken token);

 private:
  using State = HttpConnectionState;

  static constexpr unsigned kSlotBits = 24;  // Of a token; the rest counts the requests.
  static constexpr std::size_t kReceiveBytesMax = 64 * 1024;  // By one system call.
  static constexpr std::size_t kRefusalsMax = 256;  // Over a limit, that get to read their 503.
  // What an event is about, where it is not a connection.
  static constexpr std::uint64_t kListenerMark = 1ULL << 40;
  static constexpr std::uint64_t kWakeMark = 1ULL << 41;

  struct Listener {
    int fd;
    HttpWire wire;
  };
  struct Timer {
    std::uint64_t period_ns;
    std::uint64_t due_ns;
    std::function<void()> work;
  };
  struct AddressHash {
    std::size_t operator()(const std::array<std::uint8_t, 16>& bytes) const noexcept {
      return std::hash<std::string_view>{}(
          {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
  };
  enum class LossKind : std::uint8_t { request, stream, senders_side };
  struct Loss {
    std::uint64_t token;
    LossKind kind;
  };

  // The loop.
  void round();
  int wait_ms() const;
  void on_event(const epoll_event& event);
  void run_posted();
  void run_timers();
  void resume_pipelines();
  void resume_later(HttpConnection&);
  void flush_streams();
  void sweep();
  void report_losses();
  void begin_stop(Millis grace);
  void nudge() noexcept;
  static std::uint64_t monotonic_ns() noexcept;
  void read_clocks() noexcept;
  std::uint64_t after(Millis delay) const noexcept {
    return now_ms_ + static_cast<std::uint64_t>(delay.count());
  }

  // Connections.
  void accept_some(const Listener& listener);
  void admit(int fd, const PeerAddress& peer, HttpWire wire);
  bool take_address(const PeerAddress& peer, bool& counted);
  HttpConnection& new_connection();
  void drop(HttpConnection&);
  void linger(HttpConnection&);
  void on_deadline(HttpConnection&);
  void update_events(HttpConnection&);
  std::uint32_t wanted_events(const HttpConnection&) const;
  void set_accepting(bool accepting);
  static std::uint64_t token_of(const HttpConnection& c) {
    return (c.generation << kSlotBits) | c.slot;
  }
  HttpConnection* find(std::uint64_t token, State state) noexcept;

  // Bytes in.
  bool read(HttpConnection&);
  void process(HttpConnection&, char* bytes, std::size_t size);
  void deliver(HttpConnection&);
  void wait_for_rest(HttpConnection&);
  void keep(HttpConnection&, const char* bytes, std::size_t size);
  void append_input(HttpConnection&, std::size_t received);
  void refuse(HttpConnection&, const HttpRefusal&, std::string_view detail);
  void refuse(HttpConnection&, HttpRequestParse);

  // Bytes out.
  AnswerBuffer& answer_buffer(const HttpConnection&);
  void append_head(AnswerBuffer&, const HttpConnection&, const HttpResponse&);
  void append_fields(AnswerBuffer&, std::span<const HttpField>);
  void append_connection(AnswerBuffer&, const HttpConnection&);
  void append_safety(AnswerBuffer&, const HttpConnection&);
  std::size_t head_bytes_max() const { return 256 + hsts_line_.size(); }  // But for what varies.
  void finish_answer(HttpConnection&);
  void finish_answer_and_send(HttpConnection&);
  void uncork(HttpConnection&);
  void transmit(HttpConnection&, std::string_view bytes,
                std::shared_ptr<const void> owner = nullptr);
  void queue(HttpConnection&, std::string_view bytes, std::shared_ptr<const void> owner);
  void flush(HttpConnection&);
  void settle(HttpConnection&);
  void mark_blocked(HttpConnection&);

  HttpLimits limits_;
  HttpRequestLimits request_limits_;
  HttpServerStats stats_;
  RequestIds refusal_ids_;
  std::uint64_t refusals_open_ = 0;
  HttpHandler* handler_ = nullptr;
  int epoll_ = -1;
  int wake_fd_ = -1;
  std::vector<Listener> listeners_;
  TlsContextPtr tls_;
  std::string hsts_line_;  // Strict-Transport-Security with its line end, or nothing.
  std::vector<std::unique_ptr<HttpConnection>> connections_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::uint32_t> graveyard_;  // Freed in this round: events for them may be pending.
  std::unordered_map<std::array<std::uint8_t, 16>, std::uint32_t, AddressHash> address_counts_;

  HttpRequest request_;
  std::unique_ptr<char[]> received_;   // Shared: what stays is copied to the connection.
  HttpConnection* current_ = nullptr;  // Its answers go to `cork_` until its input is worked off.
  AnswerBuffer cork_;
  AnswerBuffer answer_;
  HttpDateLine date_;
  bool handled_ = false;  // Since the last batch_end().
  std::vector<std::uint64_t> resumable_;
  std::deque<std::uint32_t> flush_list_;
  std::vector<Loss> losses_;
  std::deque<Timer> timers_;

  std::uint64_t now_ns_ = 0;
  std::uint64_t now_ms_ = 0;
  std::int64_t unix_seconds_ = 0;
  std::uint64_t sweep_due_ms_ = 0;
  std::uint64_t sweep_part_ = 0;
  bool accepting_ = true;
  bool stopping_ = false;
  std::uint64_t stop_deadline_ms_ = 0;

  // The only members other threads touch.
  std::atomic<bool> wake_wanted_{false};
  std::atomic<bool> has_posted_{false};
  static constexpr std::int64_t kNoStop = -1;
  std::atomic<std::int64_t> stop_grace_ms_{kNoStop};
  std::atomic<bool> asleep_{false};
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace firebrand
