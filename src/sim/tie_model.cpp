#include "sim/tie_model.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "core/launch/sale.hpp"
#include "sim/trace.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kReceipts = 1'024;

/// RFC 2104 by its definition.
Hash256 hmac(const Hash256& key, const RequestKey& message) {
  std::array<std::byte, 64> inner{};
  std::array<std::byte, 64> outer{};
  for (std::size_t i = 0; i < 64; ++i) {
    const auto byte = i < 32 ? std::byte{key.data[i]} : std::byte{0};
    inner[i] = byte ^ std::byte{0x36};
    outer[i] = byte ^ std::byte{0x5C};
  }
  return sha256({outer, bytes_of(sha256({inner, std::as_bytes(std::span(message.data))}))});
}

PlaceOrder order_of(const SimRequest& request) { return *decode<PlaceOrder>(request.payload); }

}  // namespace

std::size_t TieModel::waiting() const {
  std::size_t count = 0;
  for (const Window& window : open_) { count += window.requests.size(); }
  for (const Window& window : over_) { count += window.order.size(); }
  return count;
}

bool TieModel::take(const SimRequest& request, const ModelDrops& drops, Timestamp now) {
  if (request.number != kNumberOf<PlaceOrder>) { return false; }
  const auto order = decode<PlaceOrder>(request.payload);
  if (!order) { return false; }
  const Millis window{drops.tie_batch_ms(order->drop_id, now)};
  const auto is_of = [&](const Window& one) { return one.drop == order->drop_id; };
  const auto found = std::ranges::find_if(open_, is_of);
  if (window == Millis{0} && found == open_.end() && std::ranges::none_of(over_, is_of)) {
    return false;
  }
  if (order->proof == OrderProof::none && drops.in_head_start(order->drop_id, now)) {
    return false;
  }
  audit(!full(), "a purchase was taken although no more may wait");
  Window* into = found == open_.end() ? nullptr : &*found;
  if (into == nullptr) {
    const Code& code = drops.all()[order->drop_id.value - 1].plan.code;
    into = &open_.emplace_back(Window{order->drop_id, sim_tie_key(code), now + window, {}, {}, {}});
  }
  into->requests.push_back(request);
  if (full()) {
    for (Window& one : open_) { one.ends_at = now; }
  }
  return true;
}

void TieModel::put_in_order(Window& window) {
  struct Person {
    std::size_t first = 0;
    Hash256 largest{};
  };
  std::map<std::uint64_t, Person> persons;
  for (std::size_t i = 0; i < window.requests.size(); ++i) {
    const Hash256 rank = hmac(window.key, window.requests[i].key);
    const auto [place, is_new] =
        persons.try_emplace(order_of(window.requests[i]).person_id.value, Person{i, rank});
    if (!is_new && rank > place->second.largest) { place->second.largest = rank; }
    window.order.push_back(i);
  }
  std::ranges::sort(window.order, [&](std::size_t a, std::size_t b) {
    const Person& one = persons.at(order_of(window.requests[a]).person_id.value);
    const Person& other = persons.at(order_of(window.requests[b]).person_id.value);
    if (one.first != other.first) {
      return std::tie(one.largest, one.first) > std::tie(other.largest, other.first);
    }
    const Hash256 own = hmac(window.key, window.requests[a].key);
    const Hash256 others = hmac(window.key, window.requests[b].key);
    return own != others ? own < others : a > b;
  });
}

void TieModel::close_due(Timestamp now) {
  std::vector<Window> over;
  for (const Window& window : open_) {
    if (window.ends_at <= now) { over.push_back(window); }
  }
  std::erase_if(open_, [&](const Window& window) { return window.ends_at <= now; });
  std::ranges::stable_sort(over, {}, &Window::ends_at);
  for (Window& window : over) {
    put_in_order(window);
    over_.push_back(std::move(window));
  }
}

const SimRequest* TieModel::next() const {
  if (over_.empty()) { return nullptr; }
  const Window& window = over_.front();
  return &window.requests[window.order.back()];
}

void TieModel::decided(bool accepted) {
  Window& window = over_.front();
  const std::size_t index = window.order.back();
  window.order.pop_back();
  const std::uint64_t ns = window.requests[index].received_ns;
  std::int64_t inversions = 0;
  if (accepted && ns != 0) {
    inversions = later_than(window.drop, ns);
    for (const std::size_t other : window.accepted) {
      if (window.requests[other].received_ns > ns) { ++inversions; }
    }
    window.accepted.push_back(index);
  }
  const bool whole = window.order.empty();
  if (whole) {
    std::ranges::sort(window.accepted);
    for (const std::size_t one : window.accepted) {
      keep(window.drop, window.requests[one].received_ns);
    }
  }
  add(window.drop, whole ? 1 : 0, 1, inversions);
  if (whole) { over_.pop_front(); }
}

void TieModel::accepted(DropId drop, std::uint64_t received_ns) {
  if (received_ns == 0) { return; }
  if (const std::int64_t inversions = later_than(drop, received_ns); inversions > 0) {
    add(drop, 0, 0, inversions);
  }
  keep(drop, received_ns);
}

std::int64_t TieModel::later_than(DropId drop, std::uint64_t ns) const {
  std::int64_t count = 0;
  for (const Receipt& receipt : receipts_) {
    if (receipt.drop == drop && receipt.ns > ns) { ++count; }
  }
  return count;
}

void TieModel::keep(DropId drop, std::uint64_t ns) {
  receipts_.push_back({drop, ns});
  if (receipts_.size() > kReceipts) { receipts_.pop_front(); }
}

void TieModel::add(DropId drop, std::int64_t windows, std::int64_t decided,
                   std::int64_t inversions) {
  auto sum = std::ranges::find(sums_, drop, &TieCount::drop_id);
  if (sum == sums_.end()) {
    if (sums_.size() == kTieCountsPerRecordMax) { return; }
    sum = sums_.insert(sums_.end(), TieCount{.drop_id = drop});
  }
  sum->windows += windows;
  sum->decided += decided;
  sum->inversions += inversions;
}

RecordTieOrder TieModel::take_sums() {
  RecordTieOrder taken;
  for (const TieCount& sum : sums_) { taken.counts.push_back(sum); }
  sums_.clear();
  return taken;
}

}  // namespace firebrand
