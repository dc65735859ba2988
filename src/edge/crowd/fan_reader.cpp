#include "edge/crowd/fan_reader.hpp"

#include <algorithm>
#include <deque>

#include "edge/crowd/fan_requests.hpp"
#include "edge/crowd/server_gate.hpp"

namespace firebrand {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::uint32_t kAttemptsMax = 20;
constexpr microseconds kPauseAfterRefusal = std::chrono::milliseconds{200};

class Reader final : public HttpSwarmListener {
 public:
  Reader(const HttpEndpoint& endpoint, std::uint32_t connections, const std::vector<FanRead>& reads,
         Millis timeout, const TakeRead& take)
      : reads_(reads),
        take_(take),
        swarm_(endpoint, connections, *this, {.timeout = timeout}),
        attempts_(reads.size()),
        sent_at_(connections) {
    for (std::size_t i = 0; i < reads.size(); ++i) { waiting_.push_back(i); }
    for (SwarmConnection at = 0; at < connections; ++at) { free_.push_back(at); }
  }

  void run(Millis patience) {
    while ((!waiting_.empty() || swarm_.in_flight() > 0) &&
           gate_.down_for(since_start()) <= patience) {
      const microseconds now = since_start();
      while (!waiting_.empty() && !free_.empty() && now >= not_before_ && gate_.may_send(now)) {
        const std::size_t read = waiting_.front();
        waiting_.pop_front();
        const SwarmConnection at = free_.back();
        free_.pop_back();
        ++attempts_[read];
        sent_at_[at] = Clock::now();
        write_read(request_, reads_[read].target, reads_[read].token);
        gate_.sent();
        swarm_.send(at, read, request_.method, request_.target, request_.headers);
      }
      (void)swarm_.poll(std::chrono::milliseconds{10});
    }
  }

  void on_response(SwarmConnection at, std::uint64_t read,
                   const HttpResponseView& response) override {
    free_.push_back(at);
    gate_.answered(since_start());
    latency_.record(Clock::now() - sent_at_[at]);
    if (take_(read, response.status, response.body)) { return; }
    not_before_ = since_start() + kPauseAfterRefusal;
    again(read);
  }

  void on_error(SwarmConnection at, std::uint64_t read, HttpClientError error) override {
    free_.push_back(at);
    if (error == HttpClientError::connect_failed) {
      gate_.unreachable(since_start());
      --attempts_[read];  // A server that is away is a matter of patience, not of tries.
    } else {
      gate_.lost();
    }
    again(read);
  }

  [[nodiscard]] const LatencyHistogram& latency() const { return latency_; }

 private:
  microseconds since_start() const {
    return std::chrono::duration_cast<microseconds>(Clock::now() - start_);
  }
  void again(std::size_t read) {
    if (attempts_[read] < kAttemptsMax) { waiting_.push_back(read); }
  }

  const std::vector<FanRead>& reads_;
  const TakeRead& take_;
  LatencyHistogram latency_;
  const Clock::time_point start_ = Clock::now();
  HttpSwarm swarm_;
  ServerGate gate_{1};
  FanRequest request_;
  std::deque<std::size_t> waiting_;
  std::vector<std::uint32_t> attempts_;
  std::vector<SwarmConnection> free_;
  std::vector<Clock::time_point> sent_at_;
  microseconds not_before_{0};
};

}  // namespace

LatencyHistogram read_as_fans(const HttpEndpoint& endpoint, std::uint32_t connections,
                              const std::vector<FanRead>& reads, Millis timeout, Millis patience,
                              const TakeRead& take) {
  Reader reader(endpoint, connections, reads, timeout, take);
  reader.run(patience);
  return reader.latency();
}

}  // namespace firebrand
