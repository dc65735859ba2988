#include "errands.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <set>
#include <stdexcept>

namespace firebrand::e2e {

namespace {

constexpr int kConnections = 6;
constexpr std::chrono::seconds kPatience{60};  ///< For all errands of a rush.
constexpr std::string_view kPending = R"("state":"pending_payment")";

std::string quantity_body(int quantity) {
  return R"({"quantity":)" + std::to_string(quantity) + "}";
}

void take_fan(Errand& errand, const Answer& answer) {
  if (answer.status == 503) { return; }  // Asks again.
  if (answer.status != 201) { throw std::runtime_error("fan session: " + answer.body); }
  errand.fan = {answer.json()["token"].text(), answer.json()["person_id"].text()};
}

void take_order(Errand& errand, const Answer& answer) {
  static const std::set<std::string> kRefusals = {"sold_out", "purchase_limit",
                                                  "quantity_not_available"};
  if (answer.status == 201) {
    const Json order = answer.json();
    EXPECT_EQ(order["drop_id"].text(), errand.drop.id);
    EXPECT_EQ(order["person_id"].text(), errand.fan.person_id);
    EXPECT_EQ(order["quantity"].number(), errand.quantity);
    EXPECT_EQ(order["total"]["amount"].number(), 199'900 * errand.quantity);
    EXPECT_EQ(order["state"].text(), "pending_payment");
    EXPECT_GE(order["created_at"].text(), errand.drop.opens_at) << "sold too early";
    errand.order = answer.body;
    errand.order_id = order["order_id"].text();
    errand.state = "pending_payment";
    return;
  }
  const std::string code = answer.code();
  // Asks again: also who asked for the opening more often than a person may.
  if (code == "not_open" || code == "rate_limited" || answer.status == 503) { return; }
  EXPECT_TRUE(kRefusals.contains(code)) << answer.body;
  errand.refused = code;
}

}  // namespace

std::string Errand::order_now() const {
  std::string text = order;
  const std::size_t at = text.find(kPending);
  if (at != std::string::npos) { text.replace(at, kPending.size(), R"("state":")" + state + '"'); }
  return text;
}

Request Errand::purchase() const {
  return post(drop.path("/orders"), quantity_body(quantity)).bearer(fan.token).key(key);
}

Step advance(Caller& caller, Errand& errand, std::string_view api_key) {
  enum class Wish { sign_in, buy, pay, cancel };
  Wish wish{};
  Request request;
  if (errand.fan.token.empty()) {
    wish = Wish::sign_in;
    request = post("/v1/fan-sessions", R"({"person":")" + errand.name + R"("})").bearer(api_key);
  } else if (errand.state.empty() && errand.refused.empty()) {
    wish = Wish::buy;
    request = errand.purchase();
  } else if (errand.state == "pending_payment" && errand.then == Errand::Then::pays) {
    wish = Wish::pay;
    request = payment(errand.order_id, errand.payment_id(), 199'900 * errand.quantity);
  } else if (errand.state == "pending_payment" && errand.then == Errand::Then::cancels) {
    wish = Wish::cancel;
    request = post("/v1/orders/" + errand.order_id + "/cancel")
                  .bearer(errand.fan.token)
                  .key("undo-" + errand.key);
  } else {
    return Step::done;
  }

  errand.unanswered = true;
  const auto answer = caller.try_send(request);
  if (!answer) { return Step::unanswered; }
  errand.unanswered = false;
  switch (wish) {
    case Wish::sign_in:
      take_fan(errand, *answer);
      break;
    case Wish::buy:
      take_order(errand, *answer);
      break;
    case Wish::pay:
    case Wish::cancel: {
      if (answer->status == 503) { break; }
      EXPECT_EQ(answer->status, 200) << request.target << ": " << answer->body;
      if (answer->status != 200) { return Step::done; }
      const std::string state =
          wish == Wish::pay ? answer->json()["outcome"].text() : answer->json()["state"].text();
      EXPECT_EQ(state, wish == Wish::pay ? "paid" : "cancelled") << answer->body;
      errand.state = state;
      break;
    }
  }
  return Step::answered;
}

bool run(Caller& caller, Errand& errand, std::string_view api_key) {
  for (;;) {
    const Step step = advance(caller, errand, api_key);
    if (step != Step::answered) { return step == Step::done; }
  }
}

Rush::Rush(const HttpEndpoint& endpoint, std::string api_key, std::vector<Errand*> errands)
    : api_key_(std::move(api_key)), errands_(std::move(errands)), working_(kConnections) {
  for (int i = 0; i < kConnections; ++i) {
    threads_.emplace_back([this, endpoint] { work(endpoint); });
  }
}

void Rush::work(const HttpEndpoint& endpoint) {
  try {
    Caller caller(endpoint);
    Step step = Step::answered;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    for (std::size_t i = next_++; i < errands_.size() && step != Step::unanswered; i = next_++) {
      while ((step = advance(caller, *errands_[i], api_key_)) == Step::answered) {
        const std::lock_guard lock(mutex_);
        ++answers_;
        changed_.notify_all();
        if (std::chrono::steady_clock::now() > deadline) {
          throw std::runtime_error("no end to the errand with the key " + errands_[i]->key);
        }
      }
    }
  } catch (const std::exception& error) { ADD_FAILURE() << error.what(); }
  const std::lock_guard lock(mutex_);
  --working_;
  changed_.notify_all();
}

void Rush::wait_for_answers(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return answers_ >= count || working_ == 0; });
}

void Rush::join() {
  for (std::thread& thread : threads_) { thread.join(); }
  threads_.clear();
}

bool Rush::is_over() {
  const std::lock_guard lock(mutex_);
  return working_ == 0;
}

}  // namespace firebrand::e2e
