#include "core/engine/repeats.hpp"

#include <algorithm>

#include "core/piece.hpp"

namespace firebrand {

namespace {

std::uint64_t word(const RequestKey& key, std::size_t at) {
  return load_le<std::uint64_t>(reinterpret_cast<const std::byte*>(key.data.data()) + at);
}

// A request key is the output of a keyed hash: any part of it is as good as a hash of it.
std::uint64_t index_hash(const RequestKey& key) { return word(key, 0); }

std::uint64_t hash_of(const Repeat& repeat) {
  return hash_words(word(repeat.key, 0), word(repeat.key, 8), repeat.fingerprint,
                    repeat.remembered_at, repeat.command,
                    hash_bytes(std::span(repeat.result).first(repeat.result_size)));
}

bool is_over(const Repeat& repeat, Timestamp now) {
  return now - repeat.remembered_at >= kRepeatWindow;
}

}  // namespace

std::uint64_t Repeats::number_of(const RequestKey& key) const noexcept {
  // Entries are counted beyond 2^32, slots are the low half: the one at or after the oldest.
  const auto number = [&](std::uint32_t slot) {
    return oldest_ + static_cast<std::uint32_t>(slot - static_cast<std::uint32_t>(oldest_));
  };
  const auto slot = by_key_.find(index_hash(key),
                                 [&](std::uint32_t i) { return entries_[number(i)].key == key; });
  return slot ? number(*slot) : kNoNumber;
}

const Repeat* Repeats::lookup(const RequestKey& key) const noexcept {
  const std::uint64_t number = number_of(key);
  return number != kNoNumber ? &entries_[number] : nullptr;
}

const Repeat* Repeats::find(const RequestKey& key, Timestamp now) const noexcept {
  const Repeat* const repeat = lookup(key);
  return repeat != nullptr && !is_over(*repeat, now) ? repeat : nullptr;
}

void Repeats::remember(const Repeat& repeat) noexcept {
  // Two leave for one that comes, so that a burst of the day before is gone in half the time.
  for (int i = 0; i < 2 && oldest_ < entries_.size(); ++i) {
    if (!is_over(entries_[oldest_], repeat.remembered_at) && size() < entries_max_) { break; }
    forget(oldest_);
    pass_forgotten();
  }
  // The same key may come again after its time while its first entry still waits to be forgotten.
  if (const Repeat* const old = lookup(repeat.key)) {
    FB_ASSERT(is_over(*old, repeat.remembered_at));
    forget(number_of(repeat.key));
    pass_forgotten();
  }
  by_key_.insert(index_hash(repeat.key), static_cast<std::uint32_t>(entries_.size()));
  entries_.push_back(repeat);
  digest_.add(hash_of(repeat));
}

void Repeats::forget(std::uint64_t number) noexcept {
  Repeat& repeat = entries_[number];
  digest_.remove(hash_of(repeat));
  by_key_.erase(index_hash(repeat.key), static_cast<std::uint32_t>(number));
  repeat.key = {};
}

void Repeats::pass_forgotten() noexcept {
  // One entry is forgotten at a time and each is passed once: constant work for each remember().
  while (oldest_ < entries_.size() && entries_[oldest_].key.is_zero()) {
    entries_.retire(oldest_);
    ++oldest_;
  }
}

void Repeats::prefetch(const RequestKey& key) const noexcept { by_key_.prefetch(index_hash(key)); }

bool Repeats::make_ready(std::uint64_t entries) {
  // Beyond the bound each new entry takes the place of an old one in the index.
  const std::uint64_t places = entries_max_ - std::min(size(), entries_max_);
  return by_key_.make_ready(std::min(entries, places)) || entries_.make_ready(entries);
}

void Repeats::check_invariants() const {
  Digest digest;
  for (std::uint64_t i = oldest_; i < entries_.size(); ++i) {
    const Repeat& repeat = entries_[i];
    if (repeat.key.is_zero()) { continue; }
    FB_ASSERT(lookup(repeat.key) == &repeat);
    FB_ASSERT(i == oldest_ || entries_[i - 1].remembered_at <= repeat.remembered_at);
    digest.add(hash_of(repeat));
  }
  FB_ASSERT(by_key_.size() == size() && digest == digest_);
}

void Repeats::save(ByteSink& sink) const {
  put_u64(sink, entries_max_);
  put_u64(sink, size());
  for (std::uint64_t i = oldest_; i < entries_.size(); ++i) {
    const Repeat& repeat = entries_[i];
    if (repeat.key.is_zero()) { continue; }
    sink.write(std::as_bytes(std::span(repeat.key.data)));
    put_u64(sink, repeat.fingerprint);
    put_i64(sink, to_unix_ms(repeat.remembered_at));
    put_u32(sink, std::uint32_t{repeat.command} << 16U | repeat.result_size);
    sink.write(std::span(repeat.result).first(repeat.result_size));
  }
}

bool Repeats::load(ByteSource& source) {
  std::uint64_t entries_max = 0;
  std::uint64_t count = 0;
  if (!get_u64(source, entries_max) || !get_u64(source, count)) { return false; }
  if (entries_max < 1 || entries_max > kRepeatsMax || count > entries_max) { return false; }
  *this = Repeats{entries_max};
  by_key_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    Repeat repeat;
    std::int64_t remembered_at = 0;
    std::uint32_t command_and_size = 0;
    if (!source.read(std::as_writable_bytes(std::span(repeat.key.data))) ||
        !get_u64(source, repeat.fingerprint) || !get_i64(source, remembered_at) ||
        !get_u32(source, command_and_size)) {
      return false;
    }
    repeat.remembered_at = from_unix_ms(remembered_at);
    repeat.command = static_cast<std::uint16_t>(command_and_size >> 16U);
    repeat.result_size = static_cast<std::uint16_t>(command_and_size);
    if (repeat.result_size > kResultBytesMax) { return false; }
    if (!source.read(std::span(repeat.result).first(repeat.result_size))) { return false; }
    if (lookup(repeat.key) != nullptr) { return false; }
    by_key_.insert(index_hash(repeat.key), static_cast<std::uint32_t>(entries_.size()));
    entries_.push_back(repeat);
    digest_.add(hash_of(repeat));
  }
  return true;
}

}  // namespace firebrand
