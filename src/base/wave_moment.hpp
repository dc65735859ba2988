#pragma once

#include <cstdint>

#include "base/sha256.hpp"
#include "base/types.hpp"

/// Moments that nobody knows before they come, and that everybody can compute again.
///
/// A drop publishes one commitment. The secret of its wave n, hashed n times as `draw_commitment`
/// does, is that commitment; so the secret of a wave tells those of the waves before it, and none
/// of those after it. docs/formats/wave-moment.md has the whole, with a worked example.
namespace firebrand {

/// A secret hashed so many times.
[[nodiscard]] Hash256 hash_secret(Hash256 secret, std::uint16_t times);

/// When the wave is released, from `opens_at` on and within the window: the milliseconds after
/// `opens_at` are the first 8 bytes, big-endian, of SHA-256 over "firebrand-wave/1", a zero byte,
/// the drop (8 bytes), the wave (2), both big-endian, and the wave's secret, modulo the window.
/// REQUIRES: window_seconds > 0.
[[nodiscard]] Timestamp wave_moment(DropId, std::uint16_t wave, Timestamp opens_at,
                                    std::int32_t window_seconds, const Hash256& secret);

}  // namespace firebrand
