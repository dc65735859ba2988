#include "core/launch/exclusions.hpp"

#include <algorithm>

#include "core/piece.hpp"

namespace firebrand {

namespace {

std::uint64_t hash_of(const DropExcluded& entry) { return entry_hash(entry.drop_id.value, entry); }

}  // namespace

const std::vector<DropExcluded>& Exclusions::of(DropId id) const noexcept {
  static const std::vector<DropExcluded> kNobody;
  return id.value >= 1 && id.value <= by_drop_.size() ? by_drop_[id.value - 1] : kNobody;
}

bool Exclusions::has(DropId id, PersonId person) const noexcept {
  return std::ranges::binary_search(of(id), person, {}, &DropExcluded::person_id);
}

void Exclusions::add(const DropExcluded& entry) {
  if (by_drop_.size() < entry.drop_id.value) { by_drop_.resize(entry.drop_id.value); }
  std::vector<DropExcluded>& list = by_drop_[entry.drop_id.value - 1];
  list.insert(std::ranges::lower_bound(list, entry.person_id, {}, &DropExcluded::person_id), entry);
  ++count_;
  digest_.add(hash_of(entry));
}

void Exclusions::check_invariants() const {
  Digest digest;
  std::size_t count = 0;
  for (std::uint64_t i = 0; i < by_drop_.size(); ++i) {
    PersonId before{};
    for (const DropExcluded& entry : by_drop_[i]) {
      FB_ASSERT(entry.drop_id.value == i + 1 && before < entry.person_id);
      before = entry.person_id;
      digest.add(hash_of(entry));
      ++count;
    }
    FB_ASSERT(by_drop_[i].size() <= kDropExclusionsMax);
  }
  FB_ASSERT(count == count_ && digest == digest_);
}

void Exclusions::save(ByteSink& sink) const {
  put_u64(sink, count_);
  for (const std::vector<DropExcluded>& list : by_drop_) {
    for (const DropExcluded& entry : list) { save_entry(sink, entry); }
  }
}

bool Exclusions::load(ByteSource& source, std::uint64_t drops) {
  *this = {};
  bool whole = true;
  const bool read = load_entries<DropExcluded>(source, [&](const DropExcluded& entry) {
    whole = whole && entry.drop_id.value >= 1 && entry.drop_id.value <= drops &&
            entry.person_id.value >= 1 && !has(entry.drop_id, entry.person_id) &&
            !full(entry.drop_id);
    if (whole) { add(entry); }
  });
  return read && whole;
}

}  // namespace firebrand
