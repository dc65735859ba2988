#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/expected.hpp"
#include "base/proof_leaf.hpp"
#include "base/types.hpp"
#include "log/record.hpp"

namespace firebrand {

/// What stands for orders and people in the public log: keyed, so that nobody can guess.
struct ProofNames {
  std::function<ProofOpening(OrderId)> order;
  std::function<ProofOpening(DropId, PersonId)> buyer;  ///< Another one in each drop.
  std::function<Bytes<16>(DrawId, PersonId)> entrant;   ///< As in the draw's record.
  std::function<Hash256(DropId, PersonId)> excluded;    ///< As in the drop's public list.
};

struct ProofError {
  std::string message;
};

/// The name of an order in leaves, and of a buyer in a drop.
[[nodiscard]] Hash256 order_name(OrderId id, const ProofOpening& opening);
[[nodiscard]] Hash256 buyer_name(DropId drop_id, PersonId person_id, const ProofOpening& opening);

/// What a leaf says of an order, so that its buyer finds it.
struct ProofLeafOrder {
  OrderId order_id{};  ///< Zero: of no order.
  enum class Step : std::uint8_t {
    placed,
    ended,     ///< Its wait for payment: paid, expired, cancelled.
    returned,  ///< Units of it came back.
  } step{};
};

/// Appends the leaf of a fact to `line`; nothing if it is no step of a unit, a draw or a queue. The
/// same fact is the same leaf for good. A microsecond or two.
[[nodiscard]] Expected<ProofLeafOrder, ProofError> write_leaf(const log::RecordView& fact,
                                                              const ProofNames& names,
                                                              std::string& line);

}  // namespace firebrand
