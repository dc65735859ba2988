#pragma once

#include <map>
#include <optional>
#include <utility>

#include "base/types.hpp"
#include "core/launch/drops.hpp"
#include "edge/api/credentials.hpp"
#include "runtime/live_board.hpp"

namespace firebrand {

/// Commits to the moments of a plan's random waves and to the key of its tie windows; what it has
/// none of has no commitment.
void commit_to_secrets(CreateDrop&, const Credentials&);

/// The secret of a wave, once the drop's state tells it.
[[nodiscard]] std::optional<Hash256> known_secret(const Drop&, std::uint16_t wave);

/// Knows when random waves come, and with which secret, and when the keys of tie windows become
/// public. It keeps nothing that a restart would miss:
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

  /// The same for a drop in which nobody can buy any more, and whose purchases had tie windows.
  [[nodiscard]] std::optional<RevealTieKey> next_tie_key(Timestamp now);
  void failed(const RevealTieKey&, Timestamp now);

 private:
  void publish_tie_key(const DropView& view);

  using Key = std::pair<DropId, std::uint16_t>;
  struct Wish {
    Timestamp at{};
    Hash256 secret{};
    bool asked = false;
  };

  const Credentials& credentials_;
  std::map<Key, Wish> wishes_;
  std::map<DropId, Wish> tie_wishes_;
};

}  // namespace firebrand
