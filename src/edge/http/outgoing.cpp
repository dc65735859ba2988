#include "edge/http/outgoing.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <map>
#include <utility>

#include "base/assert.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kHeaderBytesMax = 32 * 1024;

/// One call as libcurl knows it. Pinned: libcurl holds pointers into it.
class Transfer {
 public:
  Transfer(const OutgoingOptions& options, CURL* handle) : options_(options), handle_(handle) {}
  ~Transfer() { curl_slist_free_all(headers_); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Says everything about the call; the request need not live on.
  void set_up(const OutgoingRequest& request) {
    curl_easy_reset(handle_);
    // Options that this libcurl does not know would weaken the call: each must be taken.
    const auto set = [this](CURLoption option, auto value) {
      FB_ASSERT(curl_easy_setopt(handle_, option, value) == CURLE_OK);
    };
    body_ = request.body;
    bad_url_ = check_outgoing_url(request.url, options_);
    if (bad_url_) { return; }
    FB_ASSERT(curl_easy_setopt(handle_, CURLOPT_URL, request.url.c_str()) == CURLE_OK);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, options_.private_addresses ? "http,https" : "https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) { set(CURLOPT_CAINFO, options_.ca_file.c_str()); }
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &Transfer::take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set_method(request.method);
    // Without these libcurl asks first whether a body is welcome, and names a type of its own.
    headers_ = curl_slist_append(headers_, "Expect:");
    for (const std::string& header : request.headers) {
      headers_ = curl_slist_append(headers_, header.c_str());
    }
    set(CURLOPT_HTTPHEADER, headers_);
  }

  [[nodiscard]] const std::optional<OutgoingError>& bad_url() const { return bad_url_; }

  [[nodiscard]] OutgoingResult result(CURLcode code) {
    const bool cut = code == CURLE_WRITE_ERROR && !answer_.whole;
    if (code != CURLE_OK && !cut) { return Unexpected(explain(code)); }
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    return std::move(answer_);
  }

 private:
  void set_method(HttpMethod method) {
    FB_ASSERT(method != HttpMethod::head && method != HttpMethod::options &&
              method != HttpMethod::other);
    if (method == HttpMethod::get) {
      curl_easy_setopt(handle_, CURLOPT_HTTPGET, 1L);
      return;
    }
    curl_easy_setopt(handle_, CURLOPT_POST, 1L);
    const std::string name(http_method_name(method));
    curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, name.c_str());
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, body_.data());
  }

  [[nodiscard]] OutgoingError explain(CURLcode code) const {
    using enum OutgoingErrorCode;
    if (refused_address_) {
      return {address_not_allowed, "the host has an address of a private network"};
    }
    const std::string text = curl_easy_strerror(code);
    // NOLINTNEXTLINE(clang-diagnostic-switch-enum): libcurl knows a hundred, most of no use here.
    switch (static_cast<int>(code)) {
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_URL_MALFORMAT:
        return {url_not_allowed, text};
      case CURLE_COULDNT_RESOLVE_HOST:
        return {host_not_found, text};
      case CURLE_COULDNT_CONNECT:
        return {no_connection, text};
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CERTPROBLEM:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_ISSUER_ERROR:
        return {tls_failed, text};
      case CURLE_OPERATION_TIMEDOUT:
        return {timed_out, text};
      default:
        return {cut_off, text};
    }
  }

  // Called by libcurl with the address it is about to connect to: the look-up that counts is this
  // one, so a name that changes its address between two look-ups gains nothing.
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (!transfer.may_connect(*address)) {
      transfer.refused_address_ = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  [[nodiscard]] bool may_connect(const curl_sockaddr& address) const {
    if (options_.private_addresses) { return true; }
    PeerAddress peer;
    if (address.family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, &address.addr, sizeof v4);
      peer.bytes[10] = peer.bytes[11] = 0xFF;
      std::memcpy(peer.bytes.data() + 12, &v4.sin_addr, 4);
      return is_public_address(peer);
    }
    if (address.family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, &address.addr, sizeof v6);
      std::memcpy(peer.bytes.data(), &v6.sin6_addr, 16);
      return is_public_address(peer);
    }
    return false;
  }

  static std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    std::string& body = transfer.answer_.body;
    const std::size_t room = transfer.options_.answer_bytes_max - body.size();
    body.append(bytes, std::min(room, size));
    if (size > room) { transfer.answer_.whole = false; }
    return std::min(room, size);
  }

  static std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    std::string& headers = transfer.answer_.headers;
    const std::string_view line(bytes, size);
    // A 1xx answer came before this one.
    if (line.starts_with("HTTP/")) {
      headers.clear();
    } else if (headers.size() + size <= kHeaderBytesMax && line.find(':') != line.npos) {
      headers.append(line);
    }
    return size;
  }

  const OutgoingOptions& options_;
  CURL* handle_;
  curl_slist* headers_ = nullptr;
  std::string body_;
  std::optional<OutgoingError> bad_url_;
  OutgoingAnswer answer_;
  bool refused_address_ = false;
};

void start_curl() {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  FB_ASSERT(kStarted == CURLE_OK);
}

struct Prefix {
  std::array<std::uint8_t, 16> bytes;
  unsigned bits;
};

bool has_prefix(const PeerAddress& address, const Prefix& prefix) {
  for (unsigned bit = 0; bit < prefix.bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if (((address.bytes[bit / 8] ^ prefix.bytes[bit / 8]) & mask) != 0) { return false; }
  }
  return true;
}

/// An IPv4 network as PeerAddress stores it.
constexpr Prefix v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, unsigned bits) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, 0}, 96 + bits};
}

/// IANA's special-purpose registries: what is not reached through the public internet.
constexpr std::array kSpecialV4 = {
    v4(0, 0, 0, 8),      v4(10, 0, 0, 8),     v4(100, 64, 0, 10), v4(127, 0, 0, 8),
    v4(169, 254, 0, 16), v4(172, 16, 0, 12),  v4(192, 0, 0, 24),  v4(192, 0, 2, 24),
    v4(192, 88, 99, 24), v4(192, 168, 0, 16), v4(198, 18, 0, 15), v4(198, 51, 100, 24),
    v4(203, 0, 113, 24), v4(224, 0, 0, 4),    v4(240, 0, 0, 4),
};
constexpr Prefix kGlobalV6 = {{0x20}, 3};
constexpr std::array kSpecialV6 = {
    Prefix{{0x20, 0x01, 0x00}, 23},        // Protocols, Teredo among them.
    Prefix{{0x20, 0x01, 0x0D, 0xB8}, 32},  // Documentation.
    Prefix{{0x20, 0x02}, 16},              // 6to4: leads to an IPv4 address.
    Prefix{{0x3F, 0xFF, 0x00}, 20},        // Documentation.
};

}  // namespace

bool is_public_address(const PeerAddress& address) {
  const auto is_in = [&](const Prefix& prefix) { return has_prefix(address, prefix); };
  const auto is_in_any = [&](const auto& prefixes) {
    for (const Prefix& prefix : prefixes) {
      if (is_in(prefix)) { return true; }
    }
    return false;
  };
  if (address.is_v4()) { return !is_in_any(kSpecialV4); }
  return is_in(kGlobalV6) && !is_in_any(kSpecialV6);
}

std::optional<OutgoingError> check_outgoing_url(const std::string& url,
                                                const OutgoingOptions& options) {
  using enum OutgoingErrorCode;
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), &curl_url_cleanup);
  FB_ASSERT(parsed != nullptr);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK ||
      url.find('#') != std::string::npos) {
    return OutgoingError{url_not_allowed, "this is no URL that can be called"};
  }
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, 0) != CURLUE_OK) { return std::string(); }
    std::string copy(text);
    curl_free(text);
    return copy;
  };
  const std::string scheme = part(CURLUPART_SCHEME);
  if (scheme != "https" && !(scheme == "http" && options.private_addresses)) {
    return OutgoingError{url_not_allowed, "only https is called"};
  }
  std::string host = part(CURLUPART_HOST);
  if (host.starts_with('[') && host.ends_with(']')) { host = host.substr(1, host.size() - 2); }
  const auto address = PeerAddress::parse(host);
  if (!options.private_addresses && (host == "localhost" || host.ends_with(".localhost") ||
                                     (address && !is_public_address(*address)))) {
    return OutgoingError{address_not_allowed, "the host has an address of a private network"};
  }
  return std::nullopt;
}

// ---- One at a time -----------------------------------------------------------------------------

struct OutgoingClient::State {
  OutgoingOptions options;
  CURL* handle = nullptr;
};

OutgoingClient::OutgoingClient(OutgoingOptions options)
    : state_(std::make_unique<State>(State{.options = std::move(options)})) {
  start_curl();
  state_->handle = curl_easy_init();
  FB_ASSERT(state_->handle != nullptr);
}

OutgoingClient::~OutgoingClient() { curl_easy_cleanup(state_->handle); }

OutgoingResult OutgoingClient::send(const OutgoingRequest& request) {
  Transfer transfer(state_->options, state_->handle);
  transfer.set_up(request);
  if (transfer.bad_url()) { return Unexpected(*transfer.bad_url()); }
  return transfer.result(curl_easy_perform(state_->handle));
}

// ---- Many at once ------------------------------------------------------------------------------

struct OutgoingCalls::State {
  using Clock = std::chrono::steady_clock;

  struct Call {
    std::uint64_t id = 0;
    Clock::time_point begun{};
    std::unique_ptr<Transfer> transfer;
  };

  OutgoingOptions options;
  CURLM* multi = nullptr;
  std::map<CURL*, Call> calls{};
  std::vector<Done> failed_at_once{};
};

OutgoingCalls::OutgoingCalls(OutgoingOptions options)
    : state_(std::make_unique<State>(State{.options = std::move(options)})) {
  start_curl();
  state_->multi = curl_multi_init();
  FB_ASSERT(state_->multi != nullptr);
}

OutgoingCalls::~OutgoingCalls() {
  for (auto& [handle, call] : state_->calls) {
    curl_multi_remove_handle(state_->multi, handle);
    curl_easy_cleanup(handle);
  }
  curl_multi_cleanup(state_->multi);
}

void OutgoingCalls::start(std::uint64_t id, const OutgoingRequest& request) {
  CURL* const handle = curl_easy_init();
  FB_ASSERT(handle != nullptr);
  auto transfer = std::make_unique<Transfer>(state_->options, handle);
  transfer->set_up(request);
  if (transfer->bad_url()) {
    state_->failed_at_once.push_back({id, Unexpected(*transfer->bad_url()), Millis{0}});
    transfer.reset();
    curl_easy_cleanup(handle);
    return;
  }
  state_->calls.emplace(handle, State::Call{id, State::Clock::now(), std::move(transfer)});
  FB_ASSERT(curl_multi_add_handle(state_->multi, handle) == CURLM_OK);
}

std::vector<OutgoingCalls::Done> OutgoingCalls::step(Millis wait) {
  std::vector<Done> done = std::exchange(state_->failed_at_once, {});
  int running = 0;
  FB_ASSERT(curl_multi_perform(state_->multi, &running) == CURLM_OK);
  const auto collect = [&] {
    int left = 0;
    while (CURLMsg* const message = curl_multi_info_read(state_->multi, &left)) {
      if (message->msg != CURLMSG_DONE) { continue; }
      CURL* const handle = message->easy_handle;
      const CURLcode code = message->data.result;
      const auto found = state_->calls.find(handle);
      FB_ASSERT(found != state_->calls.end());
      done.push_back(
          {found->second.id, found->second.transfer->result(code),
           std::chrono::duration_cast<Millis>(State::Clock::now() - found->second.begun)});
      curl_multi_remove_handle(state_->multi, handle);
      state_->calls.erase(found);
      curl_easy_cleanup(handle);
    }
  };
  collect();
  if (done.empty() && wait > Millis{0}) {
    (void)curl_multi_poll(state_->multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
    FB_ASSERT(curl_multi_perform(state_->multi, &running) == CURLM_OK);
    collect();
  }
  return done;
}

void OutgoingCalls::wake() noexcept { (void)curl_multi_wakeup(state_->multi); }

std::size_t OutgoingCalls::under_way() const noexcept { return state_->calls.size(); }

}  // namespace firebrand
