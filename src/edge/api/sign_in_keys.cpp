#include "edge/api/sign_in_keys.hpp"

#include <algorithm>
#include <utility>

#include "base/file_text.hpp"

namespace firebrand {

namespace {

constexpr Millis kWait{1'000};

/// One byte more than there may be, so that what is too long is seen.
Expected<std::string, std::string> read_file(const std::string& path) {
  auto text = file_text(path, kJwksBytesMax + 1);
  if (!text) { return Unexpected(std::string("cannot be read")); }
  return std::move(*text);
}

OutgoingOptions bounded(OutgoingOptions options) {
  options.answer_bytes_max = kJwksBytesMax;
  return options;
}

}  // namespace

SignInKeys::SignInKeys(SignInOptions options, std::function<void(const std::string&)> say)
    : options_(std::move(options)), say_(std::move(say)), calls_(bounded(options_.outgoing)) {}

SignInKeys::~SignInKeys() = default;

bool SignInKeys::is_url() const {
  return options_.jwks.starts_with("https://") || options_.jwks.starts_with("http://");
}

std::optional<std::string> SignInKeys::check() const {
  if (is_url()) {
    const auto error = check_outgoing_url(options_.jwks, options_.outgoing);
    return error ? std::optional(options_.jwks + ": " + error->message) : std::nullopt;
  }
  const auto text = read_file(options_.jwks);
  if (!text) { return options_.jwks + " " + text.error(); }
  const auto keys = read_jwks(*text);
  return keys ? std::nullopt : std::optional(options_.jwks + " " + keys.error());
}

Expected<std::string, std::string> SignInKeys::fetch() {
  calls_.start(++last_call_, {.method = HttpMethod::get,
                              .url = options_.jwks,
                              .headers = {"Accept: application/jwk-set+json, application/json",
                                          "User-Agent: firebrand"}});
  while (!stopping_.load()) {
    for (OutgoingCalls::Done& done : calls_.step(kWait)) {
      if (!done.result) { return Unexpected(done.result.error().message); }
      if (done.result->status != 200) {
        return Unexpected("answered with status " + std::to_string(done.result->status));
      }
      if (!done.result->whole) { return Unexpected(std::string("is too long for a JWKS")); }
      return std::move(done.result->body);
    }
  }
  return Unexpected(std::string("was not waited for"));
}

Expected<Jwks, std::string> SignInKeys::load() {
  const auto text = is_url() ? fetch() : read_file(options_.jwks);
  if (!text) { return Unexpected(text.error()); }
  return read_jwks(*text);
}

void SignInKeys::step() {
  bool is_time = false;
  {
    const std::lock_guard lock(mutex_);
    // Without any keys nobody can sign in: soon again.
    const std::chrono::seconds pause =
        keys_ == nullptr ? std::min(options_.again, options_.refresh) : options_.refresh;
    is_time = std::exchange(wanted_, false) || !tried_at_ || Clock::now() >= *tried_at_ + pause;
  }
  if (!is_time) {
    (void)calls_.step(kWait);
    return;
  }
  auto read = load();
  if (!stopping_.load()) { take(std::move(read), Clock::now()); }
}

void SignInKeys::take(Expected<Jwks, std::string> read, Clock::time_point now) {
  const std::string problem = read ? std::string() : options_.jwks + ": " + read.error();
  if (problem != told_) {
    say_(problem.empty() ? "the keys of the shop's sign-in can be read again"
                         : "the keys of the shop's sign-in stay as they are: " + problem);
    told_ = problem;
  }
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    tried_at_ = now;
    wanted_ = false;
    if (read) {
      keys_ = std::make_shared<const Jwks>(std::move(*read));
      good_at_ = now;
    } else if (now >= good_at_ + kKept) {
      keys_ = nullptr;
    }
    waiting.swap(waiting_);
  }
  for (const auto& then : waiting) { then(); }
}

std::shared_ptr<const Jwks> SignInKeys::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

bool SignInKeys::refresh(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    const auto again = std::min(options_.again, options_.refresh);
    const bool is_too_soon = waiting_.empty() && tried_at_ && Clock::now() < *tried_at_ + again;
    if (is_too_soon || waiting_.size() >= kWaitingMax || stopping_.load()) { return false; }
    waiting_.push_back(std::move(then));
    wanted_ = true;
  }
  calls_.wake();
  return true;
}

void SignInKeys::stop() noexcept {
  stopping_.store(true);
  calls_.wake();
}

}  // namespace firebrand
