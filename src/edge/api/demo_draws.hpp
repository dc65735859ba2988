#pragma once

#include <cstdint>
#include <string_view>

#include "base/sha256.hpp"
#include "base/types.hpp"
#include "core/launch/draws.hpp"
#include "edge/api/credentials.hpp"

namespace firebrand {

class Api;

/// The beacon_source of a draw that the demo carries through by itself.
inline constexpr std::string_view kDemoBeacon = "demo";

/// What the demo reveals of the draw of a wave: made of the installation's key, so that a restart
/// need not remember it. Whoever has the key knows it; a real draw has `firebrand draw commit`.
[[nodiscard]] Hash256 demo_reveal(const Credentials& credentials, DropId drop_id,
                                  std::uint16_t wave);

/// Plays organiser and beacon for the demo's own draws: publishes the reveal once the root is
/// there, and random bytes at the beacon's time. I/O thread only.
class DemoDraws {
 public:
  explicit DemoDraws(Api& api) : api_(api) {}
  /// Does what is due. Often, and cheap while there is nothing.
  void step(Timestamp now);

 private:
  void carry_on(const Draw& draw, Timestamp now);
  template <class C>
  void send(const C& command);

  Api& api_;
  bool busy_ = false;  ///< Waits for the engine's answer.
  Timestamp next_{};
};

}  // namespace firebrand
