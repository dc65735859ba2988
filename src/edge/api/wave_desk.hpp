#pragma once

#include <map>
#include <optional>
#include <utility>

#include "base/types.hpp"
#include "core/launch/drops.hpp"
#include "edge/api/credentials.hpp"
#include "runtime/live_board.hpp"

namespace firebrand {

/// Commits to the moments of a plan's random waves. Without one it does nothing.
void commit_to_moments(CreateDrop&, const Credentials&);

/// The secret of a wave, once the drop's state tells it.
[[nodiscard]] std::optional<Hash256> known_secret(const Drop&, std::uint16_t wave);

/// Knows when random waves come, and with which secret. It keeps nothing that a restart would miss:
/// secrets are derived, and what is still to be revealed the drops themselves say.
class WaveDesk {
 public:
  explicit WaveDesk(const Credentials& credentials) : credentials_(credentials) {}

  /// Takes over newer drops.
  void publish(const LiveBoardPage& page);
  /// What is to be revealed now; of several at once the first. It is not wished again until it
  /// failed, or a page shows otherwise.
  [[nodiscard]] std::optional<RevealWave> next(Timestamp now);
  /// The engine had no room, or it was too early by its time: once more after a moment.
  void failed(const RevealWave&, Timestamp now);

 private:
  using Key = std::pair<DropId, std::uint16_t>;
  struct Wish {
    Timestamp at{};
    Hash256 secret{};
    bool asked = false;
  };

  const Credentials& credentials_;
  std::map<Key, Wish> wishes_;
};

}  // namespace firebrand
