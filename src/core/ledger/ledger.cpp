#include "core/ledger/ledger.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "base/assert.hpp"
#include "base/little_endian.hpp"

namespace firebrand {
namespace {

__extension__ using Int128 = __int128;

constexpr std::uint64_t kAccountsMaxMax = 0xFFFF'FFFE;
constexpr std::uint64_t kHoldsMaxMax = std::uint64_t{1} << 40U;

// Words of the kinds of entry in the digest.
constexpr std::uint64_t kAccountEntry = 1;
constexpr std::uint64_t kHoldEntry = 2;

/// What never changes in an account stands in front, in whole pairs: the compiler then folds it
/// once for the entry before and the entry after.
std::uint64_t entry_hash(const AccountKey& key, std::int64_t ceiling, std::int64_t available,
                         std::int64_t held) {
  return hash_words(key.holder, key.asset, kAccountEntry, ceiling, available, held);
}

/// Names the account by its key: its slot is not part of the state.
std::uint64_t entry_hash(HoldId hold_id, const AccountKey& key, std::int64_t amount) {
  return hash_words(kHoldEntry, hold_id, key.holder, key.asset, amount);
}

bool may_go_negative(const AccountKey& key) { return is_source(key.holder.kind()); }

PostStatus check_pair(const AccountKey& from, const AccountKey& to) {
  if (from == to) { return PostStatus::same_account; }
  if (from.asset != to.asset) { return PostStatus::assets_differ; }
  return PostStatus::posted;
}

bool is_none(const AccountKey& key) { return key.holder.kind() == HolderKind::none; }

bool is_amount(std::int64_t amount) { return amount >= 1 && amount <= kAmountMax; }

// What is wrong with an operation whatever the state is.
PostStatus check_shape(const TransferOp& op) {
  if (is_none(op.from) || is_none(op.to)) { return PostStatus::holder_must_not_be_none; }
  if (!is_amount(op.amount)) { return PostStatus::amount_out_of_range; }
  if (op.to_ceiling < 0) { return PostStatus::ceiling_out_of_range; }
  return check_pair(op.from, op.to);
}

PostStatus check_shape(const HoldOp& op) {
  if (is_none(op.account)) { return PostStatus::holder_must_not_be_none; }
  if (!is_amount(op.amount)) { return PostStatus::amount_out_of_range; }
  return PostStatus::posted;
}

PostStatus check_shape(const SettleOp& op) {
  if (is_none(op.to)) { return PostStatus::holder_must_not_be_none; }
  if (op.amount != kWholeHold && !is_amount(op.amount)) { return PostStatus::amount_out_of_range; }
  if (op.to_ceiling < 0) { return PostStatus::ceiling_out_of_range; }
  return PostStatus::posted;
}

PostStatus check_shape(const ReleaseOp& op) {
  if (op.amount != kWholeHold && !is_amount(op.amount)) { return PostStatus::amount_out_of_range; }
  return PostStatus::posted;
}

}  // namespace

Ledger::Ledger(const LedgerOptions& options) : options_(options) {
  FB_ASSERT(options.accounts_max >= 1 && options.accounts_max <= kAccountsMaxMax);
  FB_ASSERT(options.holds_max >= 1 && options.holds_max <= kHoldsMaxMax);
}

std::uint64_t Ledger::hash_of(const AccountKey& key) const noexcept {
  const std::uint64_t seed = options_.index_seed;
  return hash_words(key.holder.value ^ seed, key.asset.value + seed);
}

std::uint32_t Ledger::slot_of(const AccountKey& key, std::uint64_t hash) const noexcept {
  return index_.find(hash, [&](std::uint32_t slot) { return accounts_[slot].key == key; })
      .value_or(kNoSlot);
}

Balance Ledger::balance(const AccountKey& key) const noexcept {
  const std::uint32_t slot = slot_of(key, hash_of(key));
  if (slot == kNoSlot) { return {}; }
  return {accounts_[slot].available, accounts_[slot].held};
}

Balance Ledger::balance(const AccountKey& key, std::uint32_t& hint) const noexcept {
  // A slot that was freed, or freed and taken again, has another key.
  if (hint >= accounts_.size() || accounts_[hint].key != key) {
    hint = slot_of(key, hash_of(key));
    if (hint == kNoSlot) { return {}; }
  }
  return {accounts_[hint].available, accounts_[hint].held};
}

std::optional<Account> Ledger::find_account(const AccountKey& key) const noexcept {
  const std::uint32_t slot = slot_of(key, hash_of(key));
  if (slot == kNoSlot) { return std::nullopt; }
  return accounts_[slot];
}

std::optional<HeldAmount> Ledger::find_hold(HoldId hold_id) const noexcept {
  const std::uint64_t i = hold_id.value - 1;  // Zero becomes a number that is not there.
  if (!holds_.resident(i) || holds_[i].amount == 0) { return std::nullopt; }
  return HeldAmount{accounts_[holds_[i].account_slot].key, holds_[i].amount};
}

void Ledger::prefetch(const AccountKey& key) const noexcept { index_.prefetch(hash_of(key)); }

void Ledger::prefetch_account(const AccountKey& key) const noexcept {
  if (const auto slot = index_.guess(hash_of(key))) { accounts_.prefetch(*slot); }
}

// ---- a batch: every operation is checked and staged on copies; then the copies are written ----

PostResult Ledger::post(std::span<const Op> ops) noexcept {
  if (ops.size() > kBatchOpsMax) { return {PostStatus::too_many_ops}; }
  batch_.accounts_size = 0;
  batch_.holds_size = 0;
  batch_.new_holds_size = 0;
  batch_.new_accounts = 0;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const PostStatus status = std::visit(
        [this](const auto& op) {
          const PostStatus shape = check_shape(op);
          return shape == PostStatus::posted ? stage(op) : shape;
        },
        ops[i]);
    if (status != PostStatus::posted) { return {status, static_cast<std::uint8_t>(i)}; }
  }

  // Past this line the batch succeeds: all checks above, all changes below.
  const HoldId first_hold_id = batch_.new_holds_size == 0 ? HoldId{} : next_hold_id();
  commit();
  return {PostStatus::posted, 0, first_hold_id};
}

// Amounts are below 2^60 and balances at most 2^62 either way, so that no sum here overflows.

bool Ledger::TouchedAccount::lacks(std::int64_t amount) const {
  return available < amount && !may_go_negative(*key);
}

bool Ledger::TouchedAccount::exceeds_ceiling_with(std::int64_t amount) const {
  return available + held + amount > ceiling;
}

bool Ledger::TouchedAccount::overflows_without(std::int64_t amount) const {
  return available - amount < -kBalanceMax;
}

bool Ledger::TouchedAccount::overflows_with(std::int64_t amount) const {
  return available + held + amount > kBalanceMax;
}

/// The batch's copy of the account, made if this is the first operation that touches it. The
/// ceiling is for an account that is not there yet.
Ledger::TouchedAccount& Ledger::touch(const AccountKey& key, std::int64_t ceiling) noexcept {
  const std::uint64_t hash = hash_of(key);
  for (std::size_t i = 0; i < batch_.accounts_size; ++i) {
    TouchedAccount& touched = batch_.accounts[i];
    if (touched.hash == hash && *touched.key == key) { return touched; }
  }
  TouchedAccount& touched = batch_.accounts[batch_.accounts_size++];
  touched.key = &key;
  touched.hash = hash;
  Account* stored = nullptr;
  const auto slot = index_.find(hash, [&](std::uint32_t found) {
    stored = &accounts_[found];
    return stored->key == key;
  });
  if (!slot) {
    touched.stored = nullptr;
    touched.available = 0;
    touched.held = 0;
    touched.ceiling = ceiling;
    ++batch_.new_accounts;
  } else {
    touched.stored = stored;
    touched.slot = *slot;
    touched.available = stored->available;
    touched.held = stored->held;
    touched.ceiling = stored->ceiling;
  }
  return touched;
}

/// The batch's copy of a live hold; null if there is none.
Ledger::TouchedHold* Ledger::touch_hold(HoldId hold_id) noexcept {
  for (std::size_t i = 0; i < batch_.holds_size; ++i) {
    if (batch_.holds[i].hold_id != hold_id) { continue; }
    return batch_.holds[i].amount == 0 ? nullptr : &batch_.holds[i];
  }
  const std::uint64_t i = hold_id.value - 1;
  if (!holds_.resident(i) || holds_[i].amount == 0) { return nullptr; }
  TouchedHold& touched = batch_.holds[batch_.holds_size++];
  touched = {hold_id, holds_[i].amount, accounts_[holds_[i].account_slot].key};
  return &touched;
}

bool Ledger::accounts_overfull() const noexcept {
  return accounts_live_ + batch_.new_accounts > options_.accounts_max;
}

PostStatus Ledger::stage(const TransferOp& op) noexcept {
  TouchedAccount& from = touch(op.from, kNoCeiling);
  if (from.lacks(op.amount)) { return PostStatus::insufficient_available; }
  TouchedAccount& to = touch(op.to, op.to_ceiling);
  if (to.exceeds_ceiling_with(op.amount)) { return PostStatus::ceiling_exceeded; }
  if (from.overflows_without(op.amount) || to.overflows_with(op.amount)) {
    return PostStatus::overflow;
  }
  if (accounts_overfull()) { return PostStatus::accounts_full; }
  from.available -= op.amount;
  to.available += op.amount;
  return PostStatus::posted;
}

PostStatus Ledger::stage(const HoldOp& op) noexcept {
  TouchedAccount& account = touch(op.account, kNoCeiling);
  if (account.lacks(op.amount)) { return PostStatus::insufficient_available; }
  if (account.overflows_without(op.amount) || account.held + op.amount > kBalanceMax) {
    return PostStatus::overflow;
  }
  if (accounts_overfull()) { return PostStatus::accounts_full; }
  if (holds_live_ + batch_.new_holds_size >= options_.holds_max) { return PostStatus::holds_full; }
  account.available -= op.amount;
  account.held += op.amount;
  batch_.new_holds[batch_.new_holds_size++] = {
      static_cast<std::size_t>(&account - batch_.accounts.data()), op.amount};
  return PostStatus::posted;
}

PostStatus Ledger::stage(const SettleOp& op) noexcept {
  TouchedHold* const hold = touch_hold(op.hold_id);
  if (hold == nullptr) { return PostStatus::hold_not_found; }
  const PostStatus pair = check_pair(hold->account, op.to);
  if (pair != PostStatus::posted) { return pair; }
  const std::int64_t amount = op.amount == kWholeHold ? hold->amount : op.amount;
  if (amount > hold->amount) { return PostStatus::amount_exceeds_hold; }
  TouchedAccount& from = touch(hold->account, kNoCeiling);
  TouchedAccount& to = touch(op.to, op.to_ceiling);
  if (to.exceeds_ceiling_with(amount)) { return PostStatus::ceiling_exceeded; }
  if (to.overflows_with(amount)) { return PostStatus::overflow; }
  if (accounts_overfull()) { return PostStatus::accounts_full; }
  hold->amount -= amount;
  from.held -= amount;
  to.available += amount;
  return PostStatus::posted;
}

PostStatus Ledger::stage(const ReleaseOp& op) noexcept {
  TouchedHold* const hold = touch_hold(op.hold_id);
  if (hold == nullptr) { return PostStatus::hold_not_found; }
  const std::int64_t amount = op.amount == kWholeHold ? hold->amount : op.amount;
  if (amount > hold->amount) { return PostStatus::amount_exceeds_hold; }
  // What is available and held together stays the same: neither ceiling nor kBalanceMax binds.
  TouchedAccount& account = touch(hold->account, kNoCeiling);
  hold->amount -= amount;
  account.held -= amount;
  account.available += amount;
  return PostStatus::posted;
}

void Ledger::commit() noexcept {
  for (std::size_t i = 0; i < batch_.accounts_size; ++i) { write(batch_.accounts[i]); }
  for (std::size_t i = 0; i < batch_.holds_size; ++i) { write(batch_.holds[i]); }
  for (std::size_t i = 0; i < batch_.new_holds_size; ++i) {
    const NewHold& hold = batch_.new_holds[i];
    const TouchedAccount& touched = batch_.accounts[hold.touched];
    digest_.add(entry_hash(next_hold_id(), *touched.key, hold.amount));
    holds_.push_back({.amount = hold.amount, .account_slot = touched.slot});
    ++holds_live_;
  }
}

void Ledger::write(TouchedAccount& touched) noexcept {
  const bool ends = touched.available == 0 && touched.held == 0;
  if (touched.stored == nullptr) {
    if (!ends) { add(touched); }  // Else it was made and emptied by the same batch.
    return;
  }
  Account& stored = *touched.stored;
  digest_.remove(entry_hash(*touched.key, touched.ceiling, stored.available, stored.held));
  if (!ends) {
    stored.available = touched.available;
    stored.held = touched.held;
    digest_.add(entry_hash(*touched.key, touched.ceiling, touched.available, touched.held));
    return;
  }
  index_.erase(touched.hash, touched.slot);
  stored = Account{.available = free_slot_};
  free_slot_ = touched.slot;
  --accounts_live_;
}

/// Puts a new account into a free slot, or into a slot of its own.
void Ledger::add(TouchedAccount& touched) noexcept {
  const Account account{*touched.key, touched.available, touched.held, touched.ceiling};
  if (free_slot_ == kNoSlot) {
    touched.slot = static_cast<std::uint32_t>(accounts_.size());
    accounts_.push_back(account);
  } else {
    touched.slot = free_slot_;
    Account& stored = accounts_[free_slot_];
    free_slot_ = static_cast<std::uint32_t>(stored.available);
    stored = account;
  }
  index_.insert(touched.hash, touched.slot);
  digest_.add(entry_hash(account.key, account.ceiling, account.available, account.held));
  ++accounts_live_;
}

void Ledger::write(const TouchedHold& touched) noexcept {
  const std::uint64_t i = touched.hold_id.value - 1;
  Hold& stored = holds_[i];
  digest_.remove(entry_hash(touched.hold_id, touched.account, stored.amount));
  stored.amount = touched.amount;
  if (stored.amount != 0) {
    digest_.add(entry_hash(touched.hold_id, touched.account, stored.amount));
    return;
  }
  holds_.retire(i);
  --holds_live_;
}

void Ledger::reserve(std::uint64_t accounts) { index_.reserve(accounts); }

bool Ledger::make_ready(std::uint64_t accounts, std::uint64_t holds) {
  return index_.make_ready(accounts) || accounts_.make_ready(accounts) || holds_.make_ready(holds);
}

LedgerBytes Ledger::bytes_mapped() const noexcept {
  return {accounts_.bytes_mapped(), index_.bytes_mapped(), holds_.bytes_mapped()};
}

std::uint64_t Ledger::digest() const noexcept {
  return hash_words(digest_.value(), next_hold_id(), accounts_live_, holds_live_,
                    options_.accounts_max, options_.holds_max);
}

// ---- invariants ----

std::int64_t Ledger::total(Asset asset) const noexcept {
  Int128 sum = 0;
  for_each_account([&](const Account& account) {
    if (account.key.asset == asset) { sum += account.available + account.held; }
  });
  return static_cast<std::int64_t>(sum);
}

/// What the accounts and holds must be to each other, without the index. Nothing if all is well;
/// then `digest`, empty before, is that of what was found.
std::optional<LedgerLoadError> Ledger::find_fault(Digest& digest) const {
  using enum LedgerLoadError;
  std::optional<LedgerLoadError> fault;
  std::vector<std::int64_t> held(accounts_.size());
  for_each_hold_entry([&](HoldId hold_id, const Hold& hold) {
    const Account& account = accounts_[hold.account_slot];
    std::int64_t& sum = held[hold.account_slot];
    if (!is_live(account) || !is_amount(hold.amount) || hold.amount > kBalanceMax - sum) {
      fault = hold_invalid;
      return;
    }
    sum += hold.amount;
    digest.add(entry_hash(hold_id, account.key, hold.amount));
  });
  if (fault) { return fault; }

  std::map<Asset, Int128> sums;
  Int128* sum = nullptr;  // Of the asset of the account before: they come in long runs.
  Asset sum_asset{};
  for (std::uint64_t slot = 0; slot < accounts_.size(); ++slot) {
    const Account& account = accounts_[slot];
    if (!is_live(account)) { continue; }
    if (!is_possible(account)) { return account_invalid; }
    if (account.held != held[slot]) { return held_sum_differs; }
    if (sum == nullptr || sum_asset != account.key.asset) {
      sum_asset = account.key.asset;
      sum = &sums[sum_asset];
    }
    *sum += account.available + account.held;
    digest.add(entry_hash(account.key, account.ceiling, account.available, account.held));
  }
  for (const auto& [asset, total] : sums) {
    if (total != 0) { return asset_sum_not_zero; }
  }
  return std::nullopt;
}

bool Ledger::is_possible(const Account& account) {
  if (account.held < 0 || account.held > kBalanceMax) { return false; }
  if (account.available > kBalanceMax || account.available < -kBalanceMax) { return false; }
  if (account.available < 0 && !may_go_negative(account.key)) { return false; }
  if (account.available == 0 && account.held == 0) { return false; }
  if (account.held > kBalanceMax - std::max<std::int64_t>(account.available, 0)) { return false; }
  const std::int64_t total = account.available + account.held;
  return account.ceiling >= 0 && total <= account.ceiling && total <= kBalanceMax;
}

void Ledger::check_invariants() const {
  Digest digest;
  const bool sound = !find_fault(digest).has_value();
  FB_ASSERT(sound);
  FB_ASSERT(digest == digest_);
  std::uint64_t accounts = 0;
  for (std::uint64_t slot = 0; slot < accounts_.size(); ++slot) {
    if (!is_live(accounts_[slot])) { continue; }
    ++accounts;
    const bool indexed = slot_of(accounts_[slot].key, hash_of(accounts_[slot].key)) == slot;
    FB_ASSERT(indexed);
  }
  FB_ASSERT(accounts == accounts_live_ && index_.size() == accounts_live_);
  FB_ASSERT(accounts_live_ <= options_.accounts_max);
  std::uint64_t free_slots = 0;
  for (std::uint32_t slot = free_slot_; slot != kNoSlot; ++free_slots) {
    FB_ASSERT(!is_live(accounts_[slot]) && free_slots <= accounts_.size());
    slot = static_cast<std::uint32_t>(accounts_[slot].available);
  }
  FB_ASSERT(free_slots + accounts == accounts_.size());
  std::uint64_t holds = 0;
  for_each_hold([&](HoldId, const HeldAmount&) { ++holds; });
  FB_ASSERT(holds == holds_live_ && holds_live_ <= options_.holds_max);
}

// ---- snapshot ----

namespace {

constexpr std::uint32_t kSnapshotVersion = 1;
constexpr std::size_t kAccountBytes = 40;
constexpr std::size_t kHoldBytes = 32;
/// Entries written, read and looked ahead at a time.
constexpr std::size_t kBlockEntries = 256;
/// A gap in the numbers of holds takes 24 bytes for 131,072 of them: no file may ask for more.
constexpr std::uint64_t kHoldIdSpanMax = std::uint64_t{1} << 38U;
constexpr std::uint64_t kHoldIdMax = std::uint64_t{1} << 62U;

/// Beyond this the index grows while loading, rather than trust a count that may be damaged.
constexpr std::uint64_t kAccountsReservedMax = std::uint64_t{1} << 25U;

/// Collects entries of a fixed size and writes them a block at a time.
template <std::size_t EntryBytes>
class BlockWriter {
 public:
  explicit BlockWriter(ByteSink& sink) : sink_(sink) {}
  [[nodiscard]] std::byte* next() {
    if (size_ == bytes_.size()) { flush(); }
    size_ += EntryBytes;
    return bytes_.data() + size_ - EntryBytes;
  }
  void flush() {
    sink_.write(std::span(bytes_).first(size_));
    size_ = 0;
  }

 private:
  ByteSink& sink_;
  std::array<std::byte, EntryBytes * kBlockEntries> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

void Ledger::save(ByteSink& sink) const {
  put_u32(sink, kSnapshotVersion);
  put_u64(sink, options_.accounts_max);
  put_u64(sink, options_.holds_max);
  put_u64(sink, accounts_live_);
  BlockWriter<kAccountBytes> accounts(sink);
  for_each_account([&](const Account& account) {
    std::byte* const bytes = accounts.next();
    store_le(bytes, account.key.holder.value);
    store_le(bytes + 8, account.key.asset.value);
    store_le(bytes + 16, account.available);
    store_le(bytes + 24, account.held);
    store_le(bytes + 32, account.ceiling);
  });
  accounts.flush();
  put_u64(sink, next_hold_id().value);
  put_u64(sink, holds_live_);
  BlockWriter<kHoldBytes> holds(sink);
  for_each_hold([&](HoldId hold_id, const HeldAmount& hold) {
    std::byte* const bytes = holds.next();
    store_le(bytes, hold_id.value);
    store_le(bytes + 8, hold.account.holder.value);
    store_le(bytes + 16, hold.account.asset.value);
    store_le(bytes + 24, hold.amount);
  });
  holds.flush();
  put_u64(sink, digest());
}

Expected<void, LedgerLoadError> Ledger::load(ByteSource& source) {
  Ledger loaded(options_);
  if (const auto error = loaded.read(source)) { return Unexpected(*error); }
  *this = std::move(loaded);
  return {};
}

std::optional<LedgerLoadError> Ledger::read(ByteSource& source) {
  using enum LedgerLoadError;
  std::uint32_t version = 0;
  std::uint64_t accounts_max = 0;
  std::uint64_t holds_max = 0;
  if (!get_u32(source, version)) { return cut_short; }
  if (version != kSnapshotVersion) { return version_unknown; }
  if (!get_u64(source, accounts_max) || !get_u64(source, holds_max)) { return cut_short; }
  if (accounts_max != options_.accounts_max || holds_max != options_.holds_max) {
    return options_differ;
  }
  if (const auto error = read_accounts(source)) { return error; }
  if (const auto error = read_holds(source)) { return error; }
  std::uint64_t saved_digest = 0;
  if (!get_u64(source, saved_digest)) { return cut_short; }
  if (const auto fault = find_fault(digest_)) { return fault; }
  if (digest() != saved_digest) { return digest_differs; }
  return std::nullopt;
}

std::optional<LedgerLoadError> Ledger::read_accounts(ByteSource& source) {
  using enum LedgerLoadError;
  std::uint64_t count = 0;
  if (!get_u64(source, count)) { return cut_short; }
  if (count > options_.accounts_max) { return account_invalid; }
  index_.reserve(std::min(count, kAccountsReservedMax));
  std::array<std::byte, kAccountBytes * kBlockEntries> bytes;
  std::array<std::uint64_t, kBlockEntries> hashes;
  while (accounts_live_ < count) {
    const std::size_t entries =
        static_cast<std::size_t>(std::min<std::uint64_t>(kBlockEntries, count - accounts_live_));
    if (!source.read(std::span(bytes).first(entries * kAccountBytes))) { return cut_short; }
    for (std::size_t i = 0; i < entries; ++i) {
      const std::byte* const from = bytes.data() + i * kAccountBytes;
      const Account account{
          .key = {{load_le<std::uint64_t>(from)}, {load_le<std::uint64_t>(from + 8)}},
          .available = load_le<std::int64_t>(from + 16),
          .held = load_le<std::int64_t>(from + 24),
          .ceiling = load_le<std::int64_t>(from + 32)};
      if (is_none(account.key) || !is_possible(account)) { return account_invalid; }
      accounts_.push_back(account);
      hashes[i] = hash_of(account.key);
      index_.prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < entries; ++i) {
      const auto slot = static_cast<std::uint32_t>(accounts_live_);
      if (slot_of(accounts_[slot].key, hashes[i]) != kNoSlot) { return account_repeated; }
      index_.insert(hashes[i], slot);
      ++accounts_live_;
    }
  }
  return std::nullopt;
}

std::optional<LedgerLoadError> Ledger::read_holds(ByteSource& source) {
  using enum LedgerLoadError;
  std::uint64_t next_id = 0;
  std::uint64_t count = 0;
  if (!get_u64(source, next_id) || !get_u64(source, count)) { return cut_short; }
  if (next_id == 0 || next_id > kHoldIdMax || count > options_.holds_max) { return hold_invalid; }
  std::array<std::byte, kHoldBytes * kBlockEntries> bytes;
  while (holds_live_ < count) {
    const std::size_t entries =
        static_cast<std::size_t>(std::min<std::uint64_t>(kBlockEntries, count - holds_live_));
    if (!source.read(std::span(bytes).first(entries * kHoldBytes))) { return cut_short; }
    for (std::size_t i = 0; i < entries; ++i) {
      const std::byte* const from = bytes.data() + i * kHoldBytes;
      index_.prefetch(
          hash_of({{load_le<std::uint64_t>(from + 8)}, {load_le<std::uint64_t>(from + 16)}}));
    }
    for (std::size_t i = 0; i < entries; ++i) {
      const std::byte* const from = bytes.data() + i * kHoldBytes;
      const auto id = load_le<std::uint64_t>(from);
      const AccountKey key{{load_le<std::uint64_t>(from + 8)}, {load_le<std::uint64_t>(from + 16)}};
      const auto amount = load_le<std::int64_t>(from + 24);
      if (id < next_hold_id().value || id >= next_id) { return hold_invalid; }
      if (!is_amount(amount)) { return hold_invalid; }
      if (holds_live_ == 0 && next_id - id > kHoldIdSpanMax) { return hold_invalid; }
      const std::uint32_t slot = slot_of(key, hash_of(key));
      if (slot == kNoSlot) { return hold_invalid; }
      holds_.skip_to(id - 1);
      holds_.push_back({.amount = amount, .account_slot = slot});
      ++holds_live_;
    }
  }
  holds_.skip_to(next_id - 1);
  return std::nullopt;
}

}  // namespace firebrand
