#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/launch/sale.hpp"
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

struct ModelPayment {
  ConfirmPayment command{};
  PaymentOutcome outcome{};
  std::int64_t back = 0;   ///< Of a paid one: what became owed back, or went back, later.
  std::int64_t asked = 0;  ///< On its way back, or back.
  std::int32_t units = 0;  ///< Came back.

  [[nodiscard]] std::int64_t due() const {
    return (outcome == PaymentOutcome::paid ? back : command.amount.minor) - asked;
  }
};
using ModelPayments = std::map<std::string, ModelPayment>;

/// What a command may use besides its own module.
struct ModelContext {
  Timestamp now{};
  ModelDeadlines& deadlines;
  std::vector<ModelFact>& facts;
  ModelPayments& payments;  ///< Of orders, and deposits that are owed back.
  Actor actor{};

  template <Described F>
  void emit(const F& fact) const {
    facts.push_back({kNumberOf<F>, encoded(fact)});
  }
};

}  // namespace firebrand
