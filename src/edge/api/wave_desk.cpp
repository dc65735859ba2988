#include "edge/api/wave_desk.hpp"

#include <algorithm>

#include "base/wave_moment.hpp"

namespace firebrand {

namespace {

constexpr Millis kRetry{100};

bool is_random(const WavePlan& wave) { return wave.release == WaveRelease::random; }

/// The secret of the last wave is derived; those before it follow.
Hash256 secret_of(const CreateDrop& plan, std::uint16_t wave, const Credentials& credentials) {
  const auto steps = static_cast<std::uint16_t>(plan.waves.size() - wave);
  return hash_secret(credentials.wave_secret(plan.code.view()), steps);
}

}  // namespace

void commit_to_secrets(CreateDrop& plan, const Credentials& credentials) {
  plan.commitment = {};
  plan.tie_commitment = {};
  if (std::ranges::any_of(plan.waves, is_random)) {
    plan.commitment = hash_secret(credentials.wave_secret(plan.code.view()),
                                  static_cast<std::uint16_t>(plan.waves.size()));
  }
  if (std::ranges::any_of(plan.waves, [](const WavePlan& wave) { return wave.tie_batch_ms > 0; })) {
    plan.tie_commitment = hash_secret(credentials.tie_key(plan.code.view()), 1);
  }
}

std::optional<Hash256> known_secret(const Drop& drop, std::uint16_t wave) {
  if (drop.revealed_wave < wave) { return std::nullopt; }
  return hash_secret(drop.revealed, static_cast<std::uint16_t>(drop.revealed_wave - wave));
}

void WaveDesk::publish(const LiveBoardPage& page) {
  for (const DropView& view : page.drops) {
    publish_tie_key(view);
    const CreateDrop& plan = view.drop.plan;
    for (std::uint16_t wave = 1; wave <= plan.waves.size(); ++wave) {
      const WavePlan& planned = plan.waves[wave - 1U];
      if (!is_random(planned)) { continue; }
      const Key key{view.drop_id, wave};
      if (view.drop.phase == DropPhase::cancelled || view.drop.revealed_wave >= wave) {
        wishes_.erase(key);
        continue;
      }
      if (wishes_.contains(key)) { continue; }
      const Hash256 secret = secret_of(plan, wave, credentials_);
      wishes_[key] = {
          .at = wave_moment(view.drop_id, wave, planned.opens_at, planned.window_seconds, secret),
          .secret = secret};
    }
  }
}

void WaveDesk::publish_tie_key(const DropView& view) {
  const DropUnits& units = view.units;
  const bool is_over = view.drop.phase == DropPhase::cancelled ||
                       units.unreleased + units.available + units.held == 0;
  const CreateDrop& plan = view.drop.plan;
  if (plan.tie_commitment.is_zero() || !view.drop.tie_key.is_zero() || !is_over) {
    tie_wishes_.erase(view.drop_id);
    return;
  }
  tie_wishes_.try_emplace(view.drop_id, Wish{.secret = credentials_.tie_key(plan.code.view())});
}

std::optional<RevealTieKey> WaveDesk::next_tie_key(Timestamp now) {
  for (auto& [drop_id, wish] : tie_wishes_) {
    if (wish.asked || now < wish.at) { continue; }
    wish.asked = true;
    return RevealTieKey{drop_id, wish.secret};
  }
  return std::nullopt;
}

void WaveDesk::failed(const RevealTieKey& reveal, Timestamp now) {
  const auto found = tie_wishes_.find(reveal.drop_id);
  if (found == tie_wishes_.end()) { return; }
  found->second.asked = false;
  found->second.at = now + kRetry;
}

std::optional<RevealWave> WaveDesk::next(Timestamp now) {
  for (auto& [key, wish] : wishes_) {
    if (wish.asked || now < wish.at) { continue; }
    wish.asked = true;
    return RevealWave{key.first, key.second, wish.secret};
  }
  return std::nullopt;
}

void WaveDesk::failed(const RevealWave& reveal, Timestamp now) {
  const auto found = wishes_.find({reveal.drop_id, reveal.wave});
  if (found == wishes_.end()) { return; }
  found->second.asked = false;
  found->second.at = std::max(found->second.at, now + kRetry);
}

}  // namespace firebrand
