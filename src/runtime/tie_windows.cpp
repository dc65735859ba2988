#include "runtime/tie_windows.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>
#include <utility>

namespace firebrand {

Hash256 tie_rank(const Hash256& key, const RequestKey& request) {
  return hmac_sha256(key, std::as_bytes(std::span(request.data)));
}

std::int64_t PlacesTaken::take(std::size_t place) {
  std::int64_t before = 0;  // Taken at this place or ahead of it.
  for (std::size_t i = place + 1; i > 0; i -= i & (~i + 1)) { before += sums_[i]; }
  const std::int64_t behind = taken_ - before;
  for (std::size_t i = place + 1; i < sums_.size(); i += i & (~i + 1)) { ++sums_[i]; }
  ++taken_;
  return behind;
}

void TieBatch::add(const RequestHead& head, PersonId person_id) {
  const auto index = static_cast<std::uint32_t>(entries_.size());
  const std::uint32_t first = first_of_.try_emplace(person_id.value, index).first->second;
  TieEntry& entry = entries_.emplace_back();
  entry.head = head;
  std::memcpy(entry.payload.data(), head.payload().data(), head.payload_size);
  entry.rank = tie_rank(key_, head.key);
  entry.first = first;
  Hash256& lead = entries_[first].lead;
  lead = std::max(lead, entry.rank);
}

void TieBatch::close() {
  const auto received = [this](std::uint32_t i) { return entries_[i].head.received_ns; };
  std::vector<std::uint32_t> order(entries_.size());
  std::iota(order.begin(), order.end(), 0U);
  // They come in order of receipt, but for those of another thread.
  if (!std::ranges::is_sorted(order, {}, received)) {
    std::ranges::stable_sort(order, {}, received);
  }
  places_.resize(entries_.size());
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    const bool same = place > 0 && received(order[place]) == received(order[place - 1]);
    places_[order[place]] = same ? places_[order[place - 1]] : place;
  }
  taken_.emplace(entries_.size());
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    const Hash256& lead = entries_[entries_[i].first].lead;
    parts_[lead.data[0] / (256 / kParts)].push_back(i);
  }
  enter(0);
}

void TieBatch::enter(std::size_t part) {
  part_ = part;
  in_part_ = 0;
  while (part_ < kParts && parts_[part_].empty()) { ++part_; }
  if (part_ == kParts) { return; }
  // Requests of one person stand together, the one with the largest rank first.
  std::ranges::sort(parts_[part_], [this](std::uint32_t a, std::uint32_t b) {
    const TieEntry& one = entries_[a];
    const TieEntry& other = entries_[b];
    return std::tie(entries_[one.first].lead, one.first, other.rank, a) <
           std::tie(entries_[other.first].lead, other.first, one.rank, b);
  });
}

const TieEntry* TieBatch::ahead(std::size_t by) const {
  if (part_ == kParts || in_part_ + by >= parts_[part_].size()) { return nullptr; }
  return &entries_[parts_[part_][in_part_ + by]];
}

std::int64_t TieBatch::pop(bool accepted) {
  const std::uint32_t index = parts_[part_][in_part_++];
  if (in_part_ == parts_[part_].size()) { enter(part_ + 1); }
  TieEntry& entry = entries_[index];
  if (!accepted || entry.head.received_ns == 0) { return 0; }
  entry.accepted = true;
  return taken_->take(places_[index]);
}

TieWindows::Taken TieWindows::take(const RequestHead& head, std::span<const std::byte> payload,
                                   const Drops& drops, Timestamp now) {
  if (keys_ == nullptr || payload.size() > encoded_size_max<PlaceOrder>()) { return Taken::no; }
  PlaceOrder order;
  if (decode_into(order, payload)) { return Taken::no; }
  const Millis window = drops.tie_window(order.drop_id, now);
  // Nobody overtakes those that wait.
  if (window == Millis{0} && !batches_.contains(order.drop_id)) { return Taken::no; }
  // Refused at once: at the window's end the head start may be over.
  if (order.proof == OrderProof::none && drops.in_head_start(order.drop_id, now)) {
    return Taken::no;
  }
  if (waiting_ == entries_max_) { return Taken::full; }
  auto found = std::ranges::find(open_, order.drop_id, &TieBatch::drop_id);
  if (found == open_.end()) {
    const Hash256 key = keys_(drops.drop(order.drop_id).plan);
    found = open_.insert(open_.end(), TieBatch(order.drop_id, key, now + window));
    ++batches_[order.drop_id];
  }
  found->add(head, order.person_id);
  ++waiting_;
  if (waiting_ == entries_max_) {
    for (TieBatch& batch : open_) { batch.end_at(now); }
  }
  return Taken::yes;
}

void TieWindows::close_due(Timestamp now) {
  for (;;) {
    const auto first = std::ranges::min_element(open_, {}, &TieBatch::ends_at);
    if (first == open_.end() || first->ends_at() > now) { return; }
    first->close();
    due_.push_back(std::move(*first));
    open_.erase(first);
  }
}

const TieEntry* TieWindows::ahead(std::size_t by) const {
  return due_.empty() ? nullptr : due_.front().ahead(by);
}

void TieWindows::pop(bool accepted) {
  TieBatch& batch = due_.front();
  const DropId drop_id = batch.drop_id();
  const std::uint64_t received_ns = batch.ahead(0)->head.received_ns;
  TieCount count{.drop_id = drop_id, .decided = 1, .inversions = batch.pop(accepted)};
  if (accepted) { count.inversions += later_than(drop_id, received_ns); }
  --waiting_;
  if (batch.decided()) {
    count.windows = 1;
    for (const TieEntry& entry : batch.entries()) {
      if (entry.accepted) { keep(drop_id, entry.head.received_ns); }
    }
    due_.pop_front();
    if (--batches_[drop_id] == 0) { batches_.erase(drop_id); }
  }
  add(count);
}

void TieWindows::accepted(DropId drop_id, std::uint64_t received_ns) {
  if (received_ns == 0) { return; }
  const std::int64_t inversions = later_than(drop_id, received_ns);
  if (inversions > 0) { add({.drop_id = drop_id, .inversions = inversions}); }
  keep(drop_id, received_ns);
}

std::int64_t TieWindows::later_than(DropId drop_id, std::uint64_t received_ns) const {
  // Nearly all come in order.
  if (received_ns == 0 || received_ns >= newest_ns_) { return 0; }
  return std::ranges::count_if(receipts_, [&](const Receipt& receipt) {
    return receipt.drop_id == drop_id && receipt.received_ns > received_ns;
  });
}

void TieWindows::keep(DropId drop_id, std::uint64_t received_ns) {
  newest_ns_ = std::max(newest_ns_, received_ns);
  if (receipts_.size() < kReceiptsKept) {
    receipts_.push_back({drop_id, received_ns});
    return;
  }
  receipts_[oldest_] = {drop_id, received_ns};
  oldest_ = (oldest_ + 1) % kReceiptsKept;
}

void TieWindows::add(const TieCount& more) {
  auto* sum = std::ranges::find(sums_, more.drop_id, &TieCount::drop_id);
  if (sum == sums_.end()) {
    if (sums_.size() == kTieCountsPerRecordMax) { return; }
    sums_.push_back({.drop_id = more.drop_id});
    sum = sums_.end() - 1;
  }
  sum->windows += more.windows;
  sum->decided += more.decided;
  sum->inversions += more.inversions;
}

std::optional<Timestamp> TieWindows::next_end() const {
  if (!due_.empty()) { return due_.front().ends_at(); }
  const auto first = std::ranges::min_element(open_, {}, &TieBatch::ends_at);
  return first == open_.end() ? std::nullopt : std::optional(first->ends_at());
}

RecordTieOrder TieWindows::take_sums() {
  const RecordTieOrder taken{sums_};
  sums_.clear();
  return taken;
}

}  // namespace firebrand
