#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "base/expected.hpp"
#include "base/proof_leaf.hpp"
#include "base/sha256.hpp"
#include "base/types.hpp"
#include "verify/words.hpp"

namespace firebrand {

/// Follows what was fixed before a sale: the moments of random waves
/// (docs/formats/wave-moment.md), and who was kept out. Holds views into the leaves.
class PlanBook {
 public:
  [[nodiscard]] Expected<void, Words> take(const ProofLeaf& leaf);
  /// Of drops with random waves or people kept out; nothing of others.
  [[nodiscard]] Report report() const;

 private:
  struct Wave {
    std::optional<Timestamp> window_from{};  ///< Of a random wave.
    std::int32_t window_seconds = 0;
    std::optional<Timestamp> moment{};  ///< That its secret came to.
    std::optional<Timestamp> released{};
  };
  struct Drop {
    std::string_view opens_at{};
    bool is_committed = false;
    Hash256 commitment{};
    std::map<std::uint16_t, Wave> waves{};
    std::map<std::string_view, std::uint64_t> excluded{};  ///< People, by reason.
  };
  using Done = Expected<void, Words>;

  Done committed(Drop& drop, const ProofLeaf& leaf);
  Done revealed(Drop& drop, const ProofLeaf& leaf);

  std::map<std::string_view, Drop> drops_;
};

}  // namespace firebrand
