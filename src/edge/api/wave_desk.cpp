#include "edge/api/wave_desk.hpp"

#include <algorithm>

#include "core/launch/wave_moment.hpp"

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

void commit_to_moments(CreateDrop& plan, const Credentials& credentials) {
  plan.commitment = {};
  if (std::ranges::none_of(plan.waves, is_random)) { return; }
  plan.commitment = hash_secret(credentials.wave_secret(plan.code.view()),
                                static_cast<std::uint16_t>(plan.waves.size()));
}

std::optional<Hash256> known_secret(const Drop& drop, std::uint16_t wave) {
  if (drop.revealed_wave < wave) { return std::nullopt; }
  return hash_secret(drop.revealed, static_cast<std::uint16_t>(drop.revealed_wave - wave));
}

void WaveDesk::publish(const LiveBoardPage& page) {
  for (const DropView& view : page.drops) {
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
