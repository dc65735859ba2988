#include "core/launch/buyer_keys.hpp"

#include "core/piece.hpp"

namespace firebrand {

namespace {

SharedKeys find(const std::map<std::uint64_t, SharedKeys>& table, std::uint64_t number) {
  const auto found = table.find(number);
  return found == table.end() ? SharedKeys{} : found->second;
}

}  // namespace

void BuyerKeys::keep(OrderId id, const SharedKeys& keys) { keep(orders_, id.value, keys); }
SharedKeys BuyerKeys::of(OrderId id) const { return find(orders_, id.value); }
void BuyerKeys::end(OrderId id) { end(orders_, id.value); }

void BuyerKeys::keep_entry(std::uint32_t slot, const SharedKeys& keys) {
  keep(entries_, slot, keys);
}
SharedKeys BuyerKeys::of_entry(std::uint32_t slot) const { return find(entries_, slot); }
void BuyerKeys::end_entry(std::uint32_t slot) { end(entries_, slot); }

/// The digest is a sum: what an order adds must be told from what an entry of a draw adds.
std::uint64_t BuyerKeys::share_of(const Table& table, std::uint64_t number,
                                  const SharedKeys& keys) const {
  return hash_words(&table == &orders_, number, keys.household, keys.address);
}

void BuyerKeys::keep(Table& table, std::uint64_t number, const SharedKeys& keys) {
  if (keys.none()) { return; }
  // Numbers mostly rise.
  const std::size_t before = table.size();
  table.emplace_hint(table.end(), number, keys);
  FB_ASSERT(table.size() == before + 1);
  digest_.add(share_of(table, number, keys));
}

void BuyerKeys::end(Table& table, std::uint64_t number) {
  if (table.empty()) { return; }
  const auto found = table.find(number);
  if (found == table.end()) { return; }
  digest_.remove(share_of(table, number, found->second));
  table.erase(found);
}

void BuyerKeys::check_invariants() const {
  Digest digest;
  for (const Table* const table : {&orders_, &entries_}) {
    for (const auto& [number, keys] : *table) {
      FB_ASSERT(!keys.none());
      digest.add(share_of(*table, number, keys));
    }
  }
  FB_ASSERT(digest == digest_);
}

void BuyerKeys::save(ByteSink& sink) const {
  for (const Table* const table : {&orders_, &entries_}) {
    put_u64(sink, table->size());
    for (const auto& [number, keys] : *table) {
      put_u64(sink, number);
      put_u64(sink, keys.household);
      put_u64(sink, keys.address);
    }
  }
}

bool BuyerKeys::load(ByteSource& source) {
  digest_ = {};
  return load(source, orders_) && load(source, entries_);
}

bool BuyerKeys::load(ByteSource& source, Table& table) {
  table.clear();
  std::uint64_t count = 0;
  if (!get_u64(source, count)) { return false; }
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t number = 0;
    SharedKeys keys;
    if (!get_u64(source, number) || !get_u64(source, keys.household) ||
        !get_u64(source, keys.address)) {
      return false;
    }
    const bool rises = table.empty() || number > table.rbegin()->first;
    constexpr std::uint64_t kMax = account_key_detail::kNumberMax;
    if (!rises || keys.none() || keys.household > kMax || keys.address > kMax) { return false; }
    keep(table, number, keys);
  }
  return true;
}

}  // namespace firebrand
