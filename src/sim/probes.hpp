#pragma once

#include <array>
#include <cstdint>

#include "base/enum_name.hpp"

namespace firebrand {

/// Rare paths that a set of seeds must have been on, or it proves less than it seems to.
enum class Probe : std::uint8_t {
  // What the disk did.
  torn_tail_cut,
  segment_rotated,
  segment_archived,
  sync_failed_and_stopped,
  log_full_answered,
  commands_again_after_log_full,
  start_refused_without_space,
  facts_waited_for_space,
  crash_inside_a_step,
  crash_inside_recovery,
  process_killed_without_power_loss,
  // What a crash took and left.
  purchase_lost_unacknowledged,
  purchase_kept_unacknowledged,
  answer_lost_though_durable,
  records_replayed_at_start,
  facts_caught_up_at_start,
  snapshot_used_at_start,
  snapshot_damaged_passed_over,
  snapshot_written,
  repeat_after_crash_replayed,
  repeat_after_crash_done_anew,
  // Time.
  clock_jumped_ahead,
  clock_jumped_back,
  clock_behind_at_start,
  stamps_stood_still,
  backlog_beyond_one_run_due,
  wave_released_in_backlog,
  request_key_forgotten,
  order_archived,
  paid_order_kept,
  right_ended_with_order,
  // Rules.
  request_key_reused,
  undecodable_refused,
  payment_late,
  payment_repeated,
  payment_for_paid_order,
  payment_for_archived_order,
  payment_unmatched,
  refund_confirmed,
  refund_failed,
  refund_unasked,
  units_returned,
  early_place_admitted,
  place_used,
  place_expired,
  not_in_waiting_room,
  proof_wanted,
  sold_out,
  purchase_limit,
  wave_limit,
  household_limit,
  address_limit,
  wave_for_others,
  drop_excluded,
  excluded_from_drop,
  draw_for_others,
  room_for_others,
  draw_shared_limit,
  drop_cancelled_with_orders,
  reservation_required,
  reservation_used,
  reservation_withdrawn,
  reservation_lapsed,
  reservation_defaulted,
  reservation_returned,
  reservation_reminded,
  reservation_left,
  deposit_late,
  code_not_usable,
  code_used,
  code_sold,
  code_came_back,
  code_revoked,
  refusals_recorded,
  wave_released_on_sold_out,
  wave_revealed,
  tie_window_decided,
  tie_window_split,
  tie_windows_full,
  purchases_inverted,
  tie_key_revealed,
  units_moved,
  units_withdrawn,
  draw_entered,
  draw_left,
  draw_reveal_withheld,
  draw_revealed,
  draw_won,
  draw_passed_over,
  draw_promoted,
  draw_completed,
  waitlist_joined,
  waitlist_left,
  waitlist_served,
  waitlist_closed,
  staff_removed,
  second_factor_confirmed,
  second_factor_used,
  request_ring_full,
  answer_ring_full,
};
inline constexpr std::size_t kProbes = enum_values<Probe>().size();

/// How often each probe fired.
class Probes {
 public:
  void fire(Probe probe, std::uint64_t times = 1) {
    counts_[static_cast<std::size_t>(probe)] += times;
  }
  void add(const Probes& other) {
    for (std::size_t i = 0; i < kProbes; ++i) { counts_[i] += other.counts_[i]; }
  }
  [[nodiscard]] std::uint64_t count(Probe probe) const {
    return counts_[static_cast<std::size_t>(probe)];
  }

 private:
  std::array<std::uint64_t, kProbes> counts_{};
};

}  // namespace firebrand
