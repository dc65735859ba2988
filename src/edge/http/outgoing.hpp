#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "edge/http/http.hpp"

/// Calls to the outside: what a webhook or a payment provider is asked. HTTPS with the certificate
/// checked, no redirects, no proxy, bounded in time and bytes, and never to an address of a private
/// network unless the configuration allows it.
namespace firebrand {

struct OutgoingOptions {
  /// Private networks and this machine may be called too, and plain http is allowed. For tests, and
  /// for receivers in one's own network.
  bool private_addresses = false;
  Millis connect_timeout{5'000};
  Millis timeout{15'000};  ///< For the whole call.
  std::size_t answer_bytes_max = 64 * 1024;
  std::string ca_file{};  ///< PEM of the authorities that are trusted; empty: those of the system.
};

struct OutgoingRequest {
  HttpMethod method = HttpMethod::post;  ///< get, post, put, patch or del.
  std::string url;
  std::vector<std::string> headers{};  ///< "name: value"
  std::string body{};                  ///< Not sent with get.
};

struct OutgoingAnswer {
  int status = 0;
  std::string headers{};  ///< "name: value\r\n" lines: see find_header().
  std::string body{};     ///< At most answer_bytes_max.
  bool whole = true;      ///< False: there was more, which was not read.
};

enum class OutgoingErrorCode : std::uint8_t {
  url_not_allowed,      ///< Not https, or user and password in it, or no URL at all.
  address_not_allowed,  ///< The host is, or has, an address of a private network.
  host_not_found,
  no_connection,
  tls_failed,  ///< The certificate is not good for this host, or no TLS is spoken there.
  timed_out,
  cut_off,  ///< The connection ended before the answer did, or it was no HTTP.
};

struct OutgoingError {
  OutgoingErrorCode code{};
  std::string message;  ///< For the operator; holds no part of the answer.
};

using OutgoingResult = Expected<OutgoingAnswer, OutgoingError>;

/// Whether the address belongs to the public internet: not to a private network, this machine, a
/// link, a group, documentation, or an IPv4 address of these kinds in IPv6 clothes.
[[nodiscard]] bool is_public_address(const PeerAddress& address);

/// What can be said of a URL before it is called: names are looked up, and their addresses looked
/// at, with each call.
[[nodiscard]] std::optional<OutgoingError> check_outgoing_url(const std::string& url,
                                                              const OutgoingOptions& options);

/// Calls one after the other; each blocks for `timeout` at most. One thread at a time; connections
/// are kept between calls.
class OutgoingClient {
 public:
  explicit OutgoingClient(OutgoingOptions options);
  ~OutgoingClient();
  OutgoingClient(const OutgoingClient&) = delete;
  OutgoingClient& operator=(const OutgoingClient&) = delete;

  [[nodiscard]] OutgoingResult send(const OutgoingRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Many calls at once from one thread. Costs some 50 KB for each call under way; how many there
/// are is the caller's to bound. Destroying it ends them without a result.
class OutgoingCalls {
 public:
  explicit OutgoingCalls(OutgoingOptions options);
  ~OutgoingCalls();
  OutgoingCalls(const OutgoingCalls&) = delete;
  OutgoingCalls& operator=(const OutgoingCalls&) = delete;

  struct Done {
    std::uint64_t id = 0;
    OutgoingResult result;
    Millis took{};
  };

  /// Begins a call. Its result comes from step(), also if it fails at once.
  /// @param id  The caller's own name for it.
  void start(std::uint64_t id, const OutgoingRequest& request);
  /// Goes on with all calls, waiting for the network for `wait` at most. @return those that ended.
  [[nodiscard]] std::vector<Done> step(Millis wait);
  /// Any thread: ends a wait of step().
  void wake() noexcept;
  [[nodiscard]] std::size_t under_way() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firebrand
