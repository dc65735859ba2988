#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/expected.hpp"
#include "base/proof_leaf.hpp"
#include "verify/words.hpp"

namespace firebrand {

/// Units of a wave.
struct WaveStock {
  bool released = false;
  std::int64_t available = 0;
};

/// What became of the units of a drop. announced = unreleased + available (of its waves) + held +
/// sold + returned + withdrawn after every leaf.
struct DropStock {
  std::string_view sku;
  std::int64_t announced = 0;
  std::int64_t offered = 0;  ///< Ever put on sale.
  std::int64_t unreleased = 0;
  std::int64_t held = 0;
  std::int64_t sold = 0;
  std::int64_t returned = 0;
  std::int64_t withdrawn = 0;
  std::int64_t limit = 0;  ///< Units of one buyer.
  bool cancelled = false;
  std::map<std::uint64_t, WaveStock> waves{};
  std::unordered_map<std::string_view, std::int64_t> buyers{};  ///< Units that each has now.

  [[nodiscard]] std::int64_t available() const;
};

/// Follows every unit from leaf to leaf, and does not accept what units cannot do: be sold without
/// being offered, be offered without being announced, come from nowhere, go to one buyer beyond
/// the limit. Holds views into the leaves. Some 150 bytes an order.
class StockBook {
 public:
  [[nodiscard]] Expected<void, Words> take(const ProofLeaf& leaf);

  [[nodiscard]] const std::map<std::string_view, DropStock>& drops() const { return drops_; }
  /// What was announced, offered and sold.
  [[nodiscard]] Report report() const;

 private:
  enum class OrderState : std::uint8_t { pending, paid, ended };
  struct Order {
    DropStock* drop = nullptr;
    std::string_view buyer;
    std::uint64_t wave = 0;
    std::int64_t units = 0;
    OrderState state = OrderState::pending;
  };
  using Done = Expected<void, Words>;

  Done received(const ProofLeaf&);
  Done created(const ProofLeaf&);
  Done cancelled(const ProofLeaf&);
  Done released(const ProofLeaf&);
  Done moved(const ProofLeaf&);
  Done withdrawn(const ProofLeaf&);
  Done placed(const ProofLeaf&);
  Done paid(const ProofLeaf&);
  Done ended(const ProofLeaf&);
  Done units_returned(const ProofLeaf&);
  [[nodiscard]] DropStock* drop_of(const ProofLeaf&);
  [[nodiscard]] Order* order_of(const ProofLeaf&);
  /// To the wave; to free stock if the drop is over.
  void come_back(Order& order, std::int64_t units);

  std::map<std::string_view, std::int64_t> free_;  // By SKU.
  std::map<std::string_view, DropStock> drops_;
  std::unordered_map<std::string_view, Order> orders_;
};

}  // namespace firebrand
