#include "core/schedule/schedule.hpp"

#include <algorithm>
#include <functional>

#include "base/enum_name.hpp"

namespace firebrand {

namespace {

std::uint64_t hash_of(const Deadline& deadline) {
  return hash_words(deadline.at, deadline.kind, deadline.id);
}

bool is_kind(std::uint8_t number) { return is_enumerator(static_cast<DeadlineKind>(number)); }
static_assert(enum_values<DeadlineKind>().size() < kDeadlineKinds);

}  // namespace

void Schedule::push(const Deadline& deadline) noexcept {
  digest_.add(hash_of(deadline));
  Run& run = runs_[static_cast<std::size_t>(deadline.kind)];
  if (run.empty() || run.entries[run.entries.size() - 1] <= deadline) {
    run.entries.push_back(deadline);
    return;
  }
  heap_.push_back(deadline);
  std::ranges::push_heap(heap_, std::greater<>{});
}

const Deadline* Schedule::earliest() const noexcept {
  const Deadline* earliest = heap_.empty() ? nullptr : &heap_.front();
  for (const Run& run : runs_) {
    if (run.empty()) { continue; }
    const Deadline& front = run.entries[run.front];
    if (earliest == nullptr || front < *earliest) { earliest = &front; }
  }
  return earliest;
}

std::optional<Timestamp> Schedule::next() const noexcept {
  const Deadline* const deadline = earliest();
  if (deadline == nullptr) { return std::nullopt; }
  return deadline->at;
}

std::optional<Deadline> Schedule::pop_due(Timestamp now) noexcept {
  const Deadline* const found = earliest();
  if (found == nullptr || found->at > now) { return std::nullopt; }
  const Deadline deadline = *found;
  if (!heap_.empty() && found == &heap_.front()) {
    std::ranges::pop_heap(heap_, std::greater<>{});
    heap_.pop_back();
  } else {
    Run& run = runs_[static_cast<std::size_t>(deadline.kind)];
    run.entries.retire(run.front);
    ++run.front;
  }
  digest_.remove(hash_of(deadline));
  return deadline;
}

bool Schedule::make_ready(DeadlineKind kind, std::uint64_t deadlines) {
  return runs_[static_cast<std::size_t>(kind)].entries.make_ready(deadlines);
}

std::uint64_t Schedule::size() const noexcept {
  std::uint64_t size = heap_.size();
  for (const Run& run : runs_) { size += run.entries.size() - run.front; }
  return size;
}

template <class Take>
void Schedule::for_each(Take&& take) const {
  for (const Run& run : runs_) {
    for (std::uint64_t i = run.front; i < run.entries.size(); ++i) { take(run.entries[i]); }
  }
  for (const Deadline& deadline : heap_) { take(deadline); }
}

void Schedule::check_invariants() const {
  FB_ASSERT(std::ranges::is_heap(heap_, std::greater<>{}));
  for (const Run& run : runs_) {
    for (std::uint64_t i = run.front; i + 1 < run.entries.size(); ++i) {
      FB_ASSERT(run.entries[i] <= run.entries[i + 1]);
    }
  }
  Digest digest;
  for_each([&](const Deadline& deadline) { digest.add(hash_of(deadline)); });
  FB_ASSERT(digest == digest_);
}

void Schedule::save(ByteSink& sink) const {
  put_u64(sink, size());
  for_each([&](const Deadline& deadline) {
    put_i64(sink, to_unix_ms(deadline.at));
    put_u8(sink, static_cast<std::uint8_t>(deadline.kind));
    put_u64(sink, deadline.id);
  });
}

bool Schedule::load(ByteSource& source) {
  *this = Schedule{};
  std::uint64_t count = 0;
  if (!get_u64(source, count)) { return false; }
  for (std::uint64_t i = 0; i < count; ++i) {
    std::int64_t at = 0;
    std::uint8_t kind = 0;
    std::uint64_t id = 0;
    if (!get_i64(source, at) || !get_u8(source, kind) || !get_u64(source, id)) { return false; }
    if (!is_kind(kind)) { return false; }
    push({from_unix_ms(at), static_cast<DeadlineKind>(kind), id});
  }
  return true;
}

}  // namespace firebrand
