#include "edge/payments/refund_queue.hpp"

#include <algorithm>

#include "edge/payments/payment_providers.hpp"

namespace firebrand {

namespace {

bool may_be_forgotten(const RefundAsked& refund, Timestamp now) {
  return provider_of(refund.wanted.payment_id) == PaymentProvider::stripe &&
         now >= refund.asked_at + RefundQueue::kLookUpAfter;
}

}  // namespace

void RefundQueue::see(const std::vector<RefundAsked>& asked, Timestamp now) {
  std::map<std::string, Item, std::less<>> kept;
  for (const RefundAsked& refund : asked) {
    auto node = items_.extract(refund.wanted.refund_id);
    if (!node.empty()) {
      kept.insert(std::move(node));
      continue;
    }
    kept.emplace(refund.wanted.refund_id, Item{.refund = refund,
                                               .progress = {.next_at = now},
                                               .look_up = may_be_forgotten(refund, now)});
  }
  items_ = std::move(kept);
}

std::optional<RefundQueue::Attempt> RefundQueue::next(Timestamp now) {
  const auto due = [now](const auto& entry) {
    return !entry.second.in_flight && entry.second.progress.next_at <= now;
  };
  const auto found = std::find_if(items_.begin(), items_.end(), due);
  if (found == items_.end()) { return std::nullopt; }
  Item& item = found->second;
  item.in_flight = true;
  ++item.progress.attempts;
  return Attempt{item.refund.wanted, item.look_up};
}

bool RefundQueue::settle(std::string_view refund_id, const RefundReply& reply, Timestamp now,
                         Prng& prng) {
  const auto found = items_.find(refund_id);
  if (found == items_.end()) { return false; }  // It has its end by a notice.
  Item& item = found->second;
  const bool is_end = reply.stage == RefundStage::done || reply.stage == RefundStage::failed;
  item.in_flight = false;
  item.progress.reason = reply.reason;
  item.look_up =
      reply.stage == RefundStage::look_up || (!item.look_up && may_be_forgotten(item.refund, now));
  if (is_end) {
    item.progress.next_at = now + kSettling;
    return true;
  }
  const std::uint32_t doublings = std::min(item.progress.attempts - 1, 16U);
  const Millis wait = std::min(kWaitFirst * (std::int64_t{1} << doublings), kWaitMax);
  item.progress.next_at = now + Millis{wait.count() * prng.between(80, 120) / 100};
  return false;
}

std::map<std::string, RefundProgress, std::less<>> RefundQueue::progress() const {
  std::map<std::string, RefundProgress, std::less<>> all;
  for (const auto& [id, item] : items_) { all.emplace(id, item.progress); }
  return all;
}

}  // namespace firebrand
