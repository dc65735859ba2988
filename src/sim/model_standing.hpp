#pragma once

#include "core/launch/drops.hpp"

namespace firebrand {

/// What a wave asks of a person that the person is not; `fit` if nothing. Commands that look have a
/// status of each name.
template <class Status>
[[nodiscard]] Status unfit(const WavePlan& wave, const Standing& standing, Status fit) {
  bool in_group = wave.group.empty();
  bool in_region = wave.region.empty();
  bool in_channel = wave.channel.empty();
  const Claim* since = nullptr;
  const Claim* risk = nullptr;
  for (const Claim& claim : standing) {
    const auto is = [&](ClaimKind kind, const AudienceName& name) {
      return claim.kind == kind && claim.value == name_hash(name.view());
    };
    in_group = in_group || is(ClaimKind::group, wave.group);
    in_region = in_region || is(ClaimKind::region, wave.region);
    in_channel = in_channel || is(ClaimKind::channel, wave.channel);
    if (claim.kind == ClaimKind::member_since && since == nullptr) { since = &claim; }
    if (claim.kind == ClaimKind::risk && risk == nullptr) { risk = &claim; }
  }
  if (!in_group) { return Status::group_required; }
  if (wave.members_before != Timestamp{}) {
    const bool is_old = since != nullptr &&
                        from_unix_ms(static_cast<std::int64_t>(since->value)) < wave.members_before;
    if (!is_old) { return Status::member_too_new; }
  }
  if (!in_region) { return Status::region_not_served; }
  if (!in_channel) { return Status::channel_not_served; }
  const bool is_risky = risk != nullptr && wave.risk_max != kRiskMax && risk->value > wave.risk_max;
  return is_risky ? Status::risk_too_high : fit;
}

}  // namespace firebrand
