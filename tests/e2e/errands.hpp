#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "shop.hpp"

namespace firebrand::e2e {

/// What one fan wants of a drop, how far it has come, and what the server has promised on the way:
/// a promise is an answer that has arrived, and nothing may ever take it back.
struct Errand {
  enum class Then {
    pays,
    cancels,
    waits
  };  ///< After the purchase. Who waits may be sent on later.

  Drop drop;
  std::string name;  ///< Of the fan, in the brand's own system.
  std::string key;
  int quantity = 1;
  Then then = Then::waits;

  Fan fan;
  std::string order;     ///< The 201, byte for byte; empty: none came.
  std::string order_id;  ///< In it.
  std::string state;     ///< As far as answers have told; empty without an order.
  std::string refused;   ///< Code of the answer that ended it without an order.
  /// The newest request of it has had no answer: it may have been acted on.
  bool unanswered = false;

  [[nodiscard]] bool is_live() const { return state == "pending_payment" || state == "paid"; }
  /// What GET of the order must say.
  [[nodiscard]] std::string order_now() const;
  [[nodiscard]] Request purchase() const;
  [[nodiscard]] std::string payment_id() const { return "pay-" + key; }
};

enum class Step { done, answered, unanswered };

/// Sends the next request of the errand, or an unanswered one again, with the same key.
/// An answer that nothing explains is a failure of the test.
Step advance(Caller& caller, Errand& errand, std::string_view api_key);
/// Advances until nothing is left to do. @return false if an answer did not come.
bool run(Caller& caller, Errand& errand, std::string_view api_key);

/// Many errands at once, on some connections, until all are done or the server dies.
class Rush {
 public:
  Rush(const HttpEndpoint& endpoint, std::string api_key, std::vector<Errand*> errands);
  ~Rush() { join(); }
  Rush(const Rush&) = delete;
  Rush& operator=(const Rush&) = delete;

  /// Waits until so many answers have come, or no more will.
  void wait_for_answers(int count);
  void join();
  [[nodiscard]] bool is_over();

 private:
  void work(const HttpEndpoint& endpoint);

  std::string api_key_;
  std::vector<Errand*> errands_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  int answers_ = 0;
  int working_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace firebrand::e2e
