#include "edge/crowd/order_reader.hpp"

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
  Reader(const HttpEndpoint& endpoint, std::uint32_t connections,
         const std::vector<OrderToRead>& orders, Millis timeout, OrderReading& reading)
      : orders_(orders),
        reading_(reading),
        swarm_(endpoint, connections, *this, {.timeout = timeout}),
        attempts_(orders.size()),
        sent_at_(connections) {
    for (std::size_t i = 0; i < orders.size(); ++i) { waiting_.push_back(i); }
    for (SwarmConnection at = 0; at < connections; ++at) { free_.push_back(at); }
  }

  void run(Millis patience) {
    while ((!waiting_.empty() || swarm_.in_flight() > 0) &&
           gate_.down_for(since_start()) <= patience) {
      const microseconds now = since_start();
      while (!waiting_.empty() && !free_.empty() && now >= not_before_ && gate_.may_send(now)) {
        const std::size_t order = waiting_.front();
        waiting_.pop_front();
        const SwarmConnection at = free_.back();
        free_.pop_back();
        ++attempts_[order];
        ++reading_.requests;
        sent_at_[at] = Clock::now();
        write_read_order(request_, orders_[order].order_id, orders_[order].token);
        gate_.sent();
        swarm_.send(at, order, request_.method, request_.target, request_.headers);
      }
      (void)swarm_.poll(std::chrono::milliseconds{10});
    }
  }

  void on_response(SwarmConnection at, std::uint64_t order,
                   const HttpResponseView& response) override {
    free_.push_back(at);
    gate_.answered(since_start());
    reading_.latency.record(Clock::now() - sent_at_[at]);
    FoundOrder& found = reading_.orders[orders_[order].order_id];
    if (response.status == 404) {
      found.kind = FoundOrder::Kind::not_found;
      return;
    }
    if (response.status == 200) {
      if (auto read = reader_.order(response.body)) {
        found = {FoundOrder::Kind::found, std::move(*read)};
        return;
      }
    }
    not_before_ = since_start() + kPauseAfterRefusal;
    again(order);
  }

  void on_error(SwarmConnection at, std::uint64_t order, HttpClientError error) override {
    free_.push_back(at);
    if (error == HttpClientError::connect_failed) {
      gate_.unreachable(since_start());
      --attempts_[order];  // A server that is away is a matter of patience, not of tries.
    } else {
      gate_.lost();
    }
    again(order);
  }

 private:
  microseconds since_start() const {
    return std::chrono::duration_cast<microseconds>(Clock::now() - start_);
  }
  void again(std::size_t order) {
    if (attempts_[order] < kAttemptsMax) { waiting_.push_back(order); }
  }

  const std::vector<OrderToRead>& orders_;
  OrderReading& reading_;
  const Clock::time_point start_ = Clock::now();
  HttpSwarm swarm_;
  ServerGate gate_{1};
  AnswerReader reader_;
  FanRequest request_;
  std::deque<std::size_t> waiting_;
  std::vector<std::uint32_t> attempts_;
  std::vector<SwarmConnection> free_;
  std::vector<Clock::time_point> sent_at_;
  microseconds not_before_{0};
};

}  // namespace

OrderReading read_orders(const HttpEndpoint& endpoint, std::uint32_t connections,
                         const std::vector<OrderToRead>& orders, Millis timeout, Millis patience) {
  OrderReading reading;
  reading.orders.reserve(orders.size());
  Reader reader(endpoint, connections, orders, timeout, reading);
  reader.run(patience);
  return reading;
}

}  // namespace firebrand
