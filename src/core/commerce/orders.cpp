#include "core/commerce/orders.hpp"

#include "core/piece.hpp"

namespace firebrand {

namespace {

std::uint64_t hash_of(const Order& order) {
  // The small fields share a word: it is hashed at every purchase.
  const std::uint64_t small = static_cast<std::uint64_t>(order.quantity) |
                              std::uint64_t{order.wave} << 32U |
                              static_cast<std::uint64_t>(order.state) << 48U;
  return hash_words(order.order_id, order.person_id, order.drop_id, order.total.minor,
                    order.total.currency.value, order.created_at, order.expires_at, order.closed_at,
                    order.hold_id, small);
}

}  // namespace

void Orders::place(const Order& order) noexcept {
  FB_ASSERT(!full() && order.order_id == next_id());
  FB_ASSERT(order.state == OrderState::pending_payment);
  orders_.push_back(order);
  ++live_;
  digest_.add(hash_of(order));
  schedule_.push({order.expires_at, DeadlineKind::order_expires, order.order_id.value});
}

const Order* Orders::find(OrderId id) const noexcept {
  if (id.value < 1 || !orders_.resident(id.value - 1)) { return nullptr; }
  const Order& order = orders_[id.value - 1];
  return order.order_id == id ? &order : nullptr;
}

bool Orders::was_archived(OrderId id) const noexcept {
  return id.value >= 1 && id.value <= orders_.size() && find(id) == nullptr;
}

void Orders::close(OrderId id, OrderState to, Timestamp now) noexcept {
  FB_ASSERT(find(id) != nullptr);
  Order& order = orders_[id.value - 1];
  FB_ASSERT(order_may_become(order.state, to));
  const std::uint64_t before = hash_of(order);
  order.state = to;
  order.closed_at = now;
  order.hold_id = {};
  digest_.replace(before, hash_of(order));
  keep(id, now);
}

void Orders::keep(OrderId id, Timestamp now) noexcept {
  FB_ASSERT(find(id) != nullptr && find(id)->state != OrderState::pending_payment);
  schedule_.push({now + kOrderRetention, DeadlineKind::order_archives, id.value});
}

void Orders::archive(OrderId id) noexcept {
  FB_ASSERT(find(id) != nullptr);
  Order& order = orders_[id.value - 1];
  FB_ASSERT(order.state != OrderState::pending_payment);
  digest_.remove(hash_of(order));
  order.order_id = {};
  --live_;
  orders_.retire(id.value - 1);
}

bool Orders::make_ready(std::uint64_t orders) {
  return orders_.make_ready(orders) || schedule_.make_ready(DeadlineKind::order_expires, orders);
}

void Orders::check_invariants() const {
  Digest digest;
  std::uint64_t live = 0;
  for_each([&](const Order& order) {
    FB_ASSERT((order.hold_id.value != 0) == (order.state == OrderState::pending_payment));
    digest.add(hash_of(order));
    ++live;
  });
  FB_ASSERT(live == live_ && digest == digest_);
}

void Orders::save(ByteSink& sink) const {
  put_u64(sink, orders_.size());
  put_u64(sink, live_);
  for_each([&](const Order& order) { save_entry(sink, order); });
}

bool Orders::load(ByteSource& source) {
  orders_ = {};
  digest_ = {};
  std::uint64_t size = 0;
  if (!get_u64(source, size) || !get_u64(source, live_)) { return false; }
  if (live_ > size || live_ > kOrdersMax || size > kOrderIdMax) { return false; }
  Order order;
  for (std::uint64_t i = 0; i < live_; ++i) {
    if (!load_entry(source, order)) { return false; }
    if (order.order_id.value <= orders_.size() || order.order_id.value > size) { return false; }
    orders_.skip_to(order.order_id.value - 1);
    orders_.push_back(order);
    digest_.add(hash_of(order));
  }
  orders_.skip_to(size);
  return true;
}

}  // namespace firebrand
