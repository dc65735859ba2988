#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <variant>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/digest.hpp"
#include "base/expected.hpp"
#include "base/slot_index.hpp"
#include "base/types.hpp"
#include "core/ledger/account_key.hpp"

namespace firebrand {

/// Most operations in one batch.
inline constexpr std::size_t kBatchOpsMax = 8;
/// Most that one operation moves.
inline constexpr std::int64_t kAmountMax = 1'000'000'000'000'000'000;
/// No account goes beyond this on either side of zero, so that sums of two never overflow.
inline constexpr std::int64_t kBalanceMax = std::int64_t{1} << 62;
inline constexpr std::int64_t kNoCeiling = std::numeric_limits<std::int64_t>::max();
/// As an amount of SettleOp and ReleaseOp: whatever the hold still has.
inline constexpr std::int64_t kWholeHold = std::numeric_limits<std::int64_t>::max();

/// Moves an amount from what is available in one account to what is available in another of the
/// same asset. Accounts are made at first use.
struct TransferOp {
  AccountKey from{};
  AccountKey to{};
  std::int64_t amount = 0;  ///< 1 to kAmountMax.
  /// Most that `to` may ever have, available + held: 0 or more. Fixed when the account is made; one
  /// that is already there keeps its own.
  std::int64_t to_ceiling = kNoCeiling;
};

/// Takes an amount from what is available until it is settled or released. Whoever places a hold
/// owns its deadline: the ledger has no clock.
struct HoldOp {
  AccountKey account{};
  std::int64_t amount = 0;  ///< 1 to kAmountMax.
};

/// Moves held units for good to an account of the same asset.
struct SettleOp {
  HoldId hold_id{};
  AccountKey to{};
  std::int64_t amount = kWholeHold;  ///< 1 to what the hold has, or kWholeHold.
  std::int64_t to_ceiling = kNoCeiling;
};

/// Gives held units back to the account they were taken from.
struct ReleaseOp {
  HoldId hold_id{};
  std::int64_t amount = kWholeHold;  ///< 1 to what the hold has, or kWholeHold.
};

using Op = std::variant<TransferOp, HoldOp, SettleOp, ReleaseOp>;

/// Every answer to a batch: of the first operation that fails, its first failed check in this
/// order. (A settle answers same_account and assets_differ after hold_not_found.)
/// The numbers live in the API: add new ones, never renumber or reuse.
enum class PostStatus : std::uint8_t {
  posted = 0,
  // Malformed: such a batch can never succeed.
  too_many_ops = 10,
  holder_must_not_be_none = 11,
  amount_out_of_range = 12,
  ceiling_out_of_range = 13,
  same_account = 14,
  assets_differ = 15,
  // Refused by the state: may succeed later.
  hold_not_found = 50,  ///< Never placed, or closed.
  amount_exceeds_hold = 51,
  insufficient_available = 52,
  ceiling_exceeded = 53,
  overflow = 54,       ///< A balance would go beyond kBalanceMax.
  accounts_full = 55,  ///< Accounts that the batch itself empties do not make room for it.
  holds_full = 56,     ///< Holds that the batch itself closes do not make room for it.
};

struct PostResult {
  PostStatus status = PostStatus::posted;
  /// The operation that failed, counted from 0; 0 if none did.
  std::uint8_t op = 0;
  /// Of the batch's first HoldOp; its other holds have the numbers that follow. Zero: none placed.
  HoldId first_hold_id{};

  friend bool operator==(const PostResult&, const PostResult&) = default;
};

struct Balance {
  std::int64_t available = 0;
  std::int64_t held = 0;

  friend bool operator==(const Balance&, const Balance&) = default;
};

/// 40 bytes.
struct Account {
  AccountKey key{};
  std::int64_t available = 0;  ///< Not below 0, unless is_source(key.holder.kind()).
  std::int64_t held = 0;       ///< In live holds; not below 0.
  std::int64_t ceiling = kNoCeiling;

  friend bool operator==(const Account&, const Account&) = default;
};

/// What is left of a live hold.
struct HeldAmount {
  AccountKey account{};
  std::int64_t amount = 0;

  friend bool operator==(const HeldAmount&, const HeldAmount&) = default;
};

struct LedgerOptions {
  // Part of the state: two engines that share a log must agree on them.
  std::uint64_t accounts_max = 1'000'000'000;  ///< 1 to 2^32 - 2.
  std::uint64_t holds_max = 1'000'000'000;     ///< 1 to 2^40.
  // Not part of the state: what the index mixes into its hash.
  std::uint64_t index_seed = 0x9E3779B97F4A7C15;
};

/// Address space taken, an upper bound of what is resident.
struct LedgerBytes {
  std::uint64_t accounts = 0;
  std::uint64_t index = 0;
  std::uint64_t holds = 0;

  friend bool operator==(const LedgerBytes&, const LedgerBytes&) = default;
};

enum class LedgerLoadError : std::uint8_t {
  cut_short,        ///< The source ended or failed.
  version_unknown,  ///< Written by a newer program.
  options_differ,   ///< Bounds other than this ledger's.
  account_invalid,  ///< A balance, ceiling, kind or count that no ledger can have.
  account_repeated,
  hold_invalid,
  held_sum_differs,  ///< The holds of an account do not add up to what it has held.
  asset_sum_not_zero,
  digest_differs,  ///< Everything is well-formed, but it is not what was saved.
};

/// Everything scarce, in double entry: each operation moves an amount between accounts, so that per
/// asset the sum over all accounts is always zero.
///
/// An account is made at first use and ends when nothing is available or held in it; its slot is
/// used again. 40 bytes an account plus 11 to 21 in the index; at most accounts_max. A hold is 16
/// bytes, numbered from 1, never reused; it ends when its last unit is settled or released, and
/// memory goes back in chunks of 131,072 consecutive holds that all have ended; at most holds_max.
///
/// Invariants, walked by check_invariants():
///   - per asset, available + held of all accounts sum to zero;
///   - held >= 0, and available >= 0 unless the holder is a source;
///   - available + held <= ceiling;
///   - the live holds of an account sum to its `held`;
///   - an account is in the index if and only if something is available or held in it;
///   - digest() equals the digest computed anew.
///
/// One thread; a pure function of its batches.
class Ledger {
 public:
  explicit Ledger(const LedgerOptions& options = {});
  Ledger(Ledger&&) noexcept = default;
  Ledger& operator=(Ledger&&) noexcept = default;

  /// All operations or none. They see each other's effects, in order; a hold that the batch itself
  /// places is not found by it. O(operations); no allocation but a new chunk now and then.
  [[nodiscard]] PostResult post(std::span<const Op> ops) noexcept;
  [[nodiscard]] PostResult post(const Op& op) noexcept { return post(std::span(&op, 1)); }

  /// Zero for an account that is not there.
  [[nodiscard]] Balance balance(const AccountKey& key) const noexcept;
  /// The same for an account that is asked for again and again: `hint` keeps where it was. One hint
  /// for each account; any value is right to begin with.
  [[nodiscard]] Balance balance(const AccountKey& key, std::uint32_t& hint) const noexcept;
  [[nodiscard]] std::optional<Account> find_account(const AccountKey& key) const noexcept;
  [[nodiscard]] std::optional<HeldAmount> find_hold(HoldId hold_id) const noexcept;
  /// The number that the next hold will get.
  [[nodiscard]] HoldId next_hold_id() const noexcept { return {holds_.size() + 1}; }

  [[nodiscard]] std::uint64_t accounts() const noexcept { return accounts_live_; }
  [[nodiscard]] std::uint64_t holds() const noexcept { return holds_live_; }
  [[nodiscard]] const LedgerOptions& options() const noexcept { return options_; }

  /// Look-ahead for a post() some commands later: the account's place in the index, which is all
  /// that a new account needs.
  void prefetch(const AccountKey& key) const noexcept;
  /// Look-ahead, some commands after prefetch(): the account itself, if it is there.
  void prefetch_account(const AccountKey& key) const noexcept;

  /// In the order of slots, which is not part of the state: a loaded ledger may have another. For
  /// audits and sums only.
  template <class Take>
  void for_each_account(Take&& take) const {
    for (std::uint64_t slot = 0; slot < accounts_.size(); ++slot) {
      if (is_live(accounts_[slot])) { take(accounts_[slot]); }
    }
  }
  /// In the order of hold numbers: take(HoldId, HeldAmount).
  template <class Take>
  void for_each_hold(Take&& take) const {
    for_each_hold_entry([&](HoldId hold_id, const Hold& hold) {
      take(hold_id, HeldAmount{accounts_[hold.account_slot].key, hold.amount});
    });
  }
  /// Available + held over all accounts of an asset: zero, or an invariant is broken. O(accounts).
  [[nodiscard]] std::int64_t total(Asset asset) const noexcept;

  /// Aborts if an invariant is broken. O(accounts + holds): for tests, audits and sampled checks.
  void check_invariants() const;

  /// Equal for equal states, on every machine and build. O(1).
  [[nodiscard]] std::uint64_t digest() const noexcept;

  /// Room in the index for this many accounts, so that it does not grow on the way.
  void reserve(std::uint64_t accounts);
  /// One bounded step towards memory for so many new accounts and holds (DenseArray::make_ready).
  /// @return whether it did anything: call again.
  bool make_ready(std::uint64_t accounts, std::uint64_t holds);
  [[nodiscard]] LedgerBytes bytes_mapped() const noexcept;

  /// Format: README.md of this folder.
  void save(ByteSink& sink) const;
  /// Replaces everything. The ledger is unchanged if an error is returned.
  [[nodiscard]] Expected<void, LedgerLoadError> load(ByteSource& source);

 private:
  struct Hold {
    std::int64_t amount = 0;  ///< Zero: closed.
    std::uint32_t account_slot = 0;
  };
  static constexpr std::uint32_t kNoSlot = 0xFFFF'FFFF;

  /// An account as the batch leaves it. The balances do not lie side by side: the compiler would
  /// read two of them as one wide word right after writing them as two, and such a read waits until
  /// both have reached the cache.
  struct TouchedAccount {
    const AccountKey* key = nullptr;  ///< In the operation or the touched hold.
    std::uint64_t hash = 0;           ///< Of the key, for the index.
    std::int64_t available = 0;
    Account* stored = nullptr;  ///< As the batch found it; null if it was not there.
    std::int64_t held = 0;
    std::uint32_t slot = 0;  ///< Of `stored`.
    std::int64_t ceiling = 0;

    [[nodiscard]] bool lacks(std::int64_t amount) const;
    [[nodiscard]] bool exceeds_ceiling_with(std::int64_t amount) const;
    [[nodiscard]] bool overflows_without(std::int64_t amount) const;
    [[nodiscard]] bool overflows_with(std::int64_t amount) const;
  };
  struct TouchedHold {
    HoldId hold_id;
    std::int64_t amount = 0;
    AccountKey account;
  };
  struct NewHold {
    std::size_t touched = 0;
    std::int64_t amount = 0;
  };
  /// What the checks have found out and the changes will write. Kept between batches only so that
  /// nothing needs clearing.
  struct Batch {
    std::array<TouchedAccount, 2 * kBatchOpsMax> accounts;
    std::array<TouchedHold, kBatchOpsMax> holds;
    std::array<NewHold, kBatchOpsMax> new_holds;
    std::size_t accounts_size = 0;
    std::size_t holds_size = 0;
    std::size_t new_holds_size = 0;
    std::size_t new_accounts = 0;
  };

  [[nodiscard]] static bool is_live(const Account& account) {
    return account.key.holder.value != 0;
  }
  [[nodiscard]] std::uint64_t hash_of(const AccountKey& key) const noexcept;
  [[nodiscard]] std::uint32_t slot_of(const AccountKey& key, std::uint64_t hash) const noexcept;

  [[nodiscard]] PostStatus stage(const TransferOp& op) noexcept;
  [[nodiscard]] PostStatus stage(const HoldOp& op) noexcept;
  [[nodiscard]] PostStatus stage(const SettleOp& op) noexcept;
  [[nodiscard]] PostStatus stage(const ReleaseOp& op) noexcept;
  TouchedAccount& touch(const AccountKey& key, std::int64_t ceiling) noexcept;
  TouchedHold* touch_hold(HoldId hold_id) noexcept;
  [[nodiscard]] bool accounts_overfull() const noexcept;
  void commit() noexcept;
  void write(TouchedAccount& touched) noexcept;
  void write(const TouchedHold& touched) noexcept;
  void add(TouchedAccount& touched) noexcept;

  template <class Take>
  void for_each_hold_entry(Take&& take) const {
    for (std::uint64_t i = holds_.next_resident(0); i < holds_.size();
         i = holds_.next_resident(i + 1)) {
      if (holds_[i].amount != 0) { take(HoldId{i + 1}, holds_[i]); }
    }
  }
  [[nodiscard]] static bool is_possible(const Account& account);
  [[nodiscard]] std::optional<LedgerLoadError> find_fault(Digest& digest) const;
  [[nodiscard]] std::optional<LedgerLoadError> read(ByteSource& source);
  [[nodiscard]] std::optional<LedgerLoadError> read_accounts(ByteSource& source);
  [[nodiscard]] std::optional<LedgerLoadError> read_holds(ByteSource& source);

  LedgerOptions options_;
  DenseArray<Account> accounts_;  // By slot. A slot that is not live links to the next free one.
  SlotIndex index_;               // From account key to slot.
  DenseArray<Hold> holds_;        // HoldId n is entry n - 1.
  std::uint32_t free_slot_ = kNoSlot;
  std::uint64_t accounts_live_ = 0;
  std::uint64_t holds_live_ = 0;
  Digest digest_;
  Batch batch_;
};

}  // namespace firebrand
