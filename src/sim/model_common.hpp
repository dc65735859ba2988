#pragma once

#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

#include "core/schedule/schedule.hpp"
#include "sim/request.hpp"

/// The second opinion: every rule of the core once more, over plain maps, written from what the
/// headers of the commands say and sharing no code with their bodies. It is slow and short on
/// purpose. It borrows the structs of commands and the codec of base, nothing else.
namespace firebrand {

struct ModelFact {
  std::uint16_t type = 0;
  ByteVector payload{};

  friend bool operator==(const ModelFact&, const ModelFact&) = default;
};

struct ModelDeadline {
  Timestamp at{};
  DeadlineKind kind{};
  std::uint64_t id = 0;
  std::uint16_t wave = 0;  ///< Only of `wave_releases` and `draw_unit_back`: id is the drop.

  friend auto operator<=>(const ModelDeadline&, const ModelDeadline&) = default;
};
using ModelDeadlines = std::multiset<ModelDeadline>;  // The same one may come twice.

/// What a command may use besides its own module.
struct ModelContext {
  Timestamp now{};
  ModelDeadlines& deadlines;
  std::vector<ModelFact>& facts;

  template <Described F>
  void emit(const F& fact) const {
    facts.push_back({kNumberOf<F>, encoded(fact)});
  }
};

}  // namespace firebrand
