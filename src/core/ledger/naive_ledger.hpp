#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <variant>

#include "core/ledger/ledger.hpp"

namespace firebrand {

/// The rules of the ledger once more, as plainly as they can be said: a batch runs on a copy of
/// everything, and the copy is kept if nothing failed. For tests only.
class NaiveLedger {
 public:
  explicit NaiveLedger(const LedgerOptions& options) : options_(options) {}

  [[nodiscard]] PostResult post(std::span<const Op> ops) {
    if (ops.size() > kBatchOpsMax) { return {PostStatus::too_many_ops}; }
    State after = state_;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      PostStatus status = malformed(ops[i]);
      if (status == PostStatus::posted) {
        status = std::visit([&](const auto& op) { return run(op, after); }, ops[i]);
      }
      if (status != PostStatus::posted) { return {status, static_cast<std::uint8_t>(i)}; }
    }
    std::erase_if(after.accounts, [](const auto& entry) {
      return entry.second.available == 0 && entry.second.held == 0;
    });
    std::erase_if(after.holds, [](const auto& entry) { return entry.second.amount == 0; });
    PostResult result;
    if (after.next_hold_id != state_.next_hold_id) { result.first_hold_id = {state_.next_hold_id}; }
    state_ = after;
    return result;
  }

  [[nodiscard]] const std::map<AccountKey, Account>& accounts() const { return state_.accounts; }
  [[nodiscard]] const std::map<std::uint64_t, HeldAmount>& holds() const { return state_.holds; }
  [[nodiscard]] std::uint64_t next_hold_id() const { return state_.next_hold_id; }

 private:
  struct State {
    std::map<AccountKey, Account> accounts;
    std::map<std::uint64_t, HeldAmount> holds;
    std::uint64_t next_hold_id = 1;
  };

  static PostStatus malformed(const Op& op) {
    using enum PostStatus;
    if (const auto* transfer = std::get_if<TransferOp>(&op)) {
      if (transfer->from.holder.kind() == HolderKind::none) { return holder_must_not_be_none; }
      if (transfer->to.holder.kind() == HolderKind::none) { return holder_must_not_be_none; }
      if (transfer->amount < 1 || transfer->amount > kAmountMax) { return amount_out_of_range; }
      if (transfer->to_ceiling < 0) { return ceiling_out_of_range; }
      if (transfer->from == transfer->to) { return same_account; }
      if (transfer->from.asset != transfer->to.asset) { return assets_differ; }
    }
    if (const auto* hold = std::get_if<HoldOp>(&op)) {
      if (hold->account.holder.kind() == HolderKind::none) { return holder_must_not_be_none; }
      if (hold->amount < 1 || hold->amount > kAmountMax) { return amount_out_of_range; }
    }
    if (const auto* settle = std::get_if<SettleOp>(&op)) {
      if (settle->to.holder.kind() == HolderKind::none) { return holder_must_not_be_none; }
      if (settle->amount != kWholeHold && (settle->amount < 1 || settle->amount > kAmountMax)) {
        return amount_out_of_range;
      }
      if (settle->to_ceiling < 0) { return ceiling_out_of_range; }
    }
    if (const auto* release = std::get_if<ReleaseOp>(&op)) {
      if (release->amount != kWholeHold && (release->amount < 1 || release->amount > kAmountMax)) {
        return amount_out_of_range;
      }
    }
    return posted;
  }

  /// Runs first and judges afterwards: the copy is thrown away if this is not `posted`.
  PostStatus run(const TransferOp& op, State& state) const {
    Account& from = account(state, op.from, kNoCeiling);
    Account& to = account(state, op.to, op.to_ceiling);
    from.available -= op.amount;
    to.available += op.amount;
    if (from.available < 0 && !is_source(op.from.holder.kind())) {
      return PostStatus::insufficient_available;
    }
    return judge(state, to);
  }

  PostStatus run(const HoldOp& op, State& state) const {
    Account& from = account(state, op.account, kNoCeiling);
    from.available -= op.amount;
    from.held += op.amount;
    if (from.available < 0 && !is_source(op.account.holder.kind())) {
      return PostStatus::insufficient_available;
    }
    const PostStatus status = judge(state, from);
    if (status != PostStatus::posted) { return status; }
    state.holds[state.next_hold_id++] = {op.account, op.amount};
    const std::uint64_t placed = state.next_hold_id - state_.next_hold_id;
    return state_.holds.size() + placed > options_.holds_max ? PostStatus::holds_full
                                                             : PostStatus::posted;
  }

  PostStatus run(const SettleOp& op, State& state) const {
    HeldAmount* const hold = find(state, op.hold_id);
    if (hold == nullptr) { return PostStatus::hold_not_found; }
    if (hold->account == op.to) { return PostStatus::same_account; }
    if (hold->account.asset != op.to.asset) { return PostStatus::assets_differ; }
    const std::int64_t amount = op.amount == kWholeHold ? hold->amount : op.amount;
    if (amount > hold->amount) { return PostStatus::amount_exceeds_hold; }
    hold->amount -= amount;
    account(state, hold->account, kNoCeiling).held -= amount;
    Account& to = account(state, op.to, op.to_ceiling);
    to.available += amount;
    return judge(state, to);
  }

  PostStatus run(const ReleaseOp& op, State& state) const {
    HeldAmount* const hold = find(state, op.hold_id);
    if (hold == nullptr) { return PostStatus::hold_not_found; }
    const std::int64_t amount = op.amount == kWholeHold ? hold->amount : op.amount;
    if (amount > hold->amount) { return PostStatus::amount_exceeds_hold; }
    hold->amount -= amount;
    Account& to = account(state, hold->account, kNoCeiling);
    to.held -= amount;
    to.available += amount;
    return PostStatus::posted;
  }

  static Account& account(State& state, const AccountKey& key, std::int64_t ceiling) {
    return state.accounts.try_emplace(key, Account{.key = key, .ceiling = ceiling}).first->second;
  }

  /// A hold that was there before the batch and is not closed.
  HeldAmount* find(State& state, HoldId hold_id) const {
    const auto hold = state.holds.find(hold_id.value);
    if (hold == state.holds.end() || hold->second.amount == 0) { return nullptr; }
    return hold_id.value < state_.next_hold_id ? &hold->second : nullptr;
  }

  PostStatus judge(const State& state, const Account& changed) const {
    if (changed.available + changed.held > changed.ceiling) { return PostStatus::ceiling_exceeded; }
    std::size_t made = 0;
    for (const auto& [key, account] : state.accounts) {
      if (account.available < -kBalanceMax || account.held > kBalanceMax ||
          account.available + account.held > kBalanceMax) {
        return PostStatus::overflow;
      }
      if (!state_.accounts.contains(key)) { ++made; }
    }
    return state_.accounts.size() + made > options_.accounts_max ? PostStatus::accounts_full
                                                                 : PostStatus::posted;
  }

  LedgerOptions options_;
  State state_;
};

}  // namespace firebrand
