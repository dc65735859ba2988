#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/sha256.hpp"
#include "base/types.hpp"
#include "core/launch/drops.hpp"
#include "sim/model_drops.hpp"
#include "sim/request.hpp"

namespace firebrand {

/// The key of a simulated drop's tie windows.
[[nodiscard]] inline Hash256 sim_tie_key(const Code& code) {
  return sha256({bytes_of("tie key of "), bytes_of(code.view())});
}

/// What the sequencer does about tie windows, once more and plainly: lists that are sorted whole,
/// pairs that are counted one by one.
class TieModel {
 public:
  /// @param entries_max  Most that may wait.
  explicit TieModel(std::size_t entries_max) : entries_max_(entries_max) {}

  /// @return whether the request has to wait. Then it does.
  [[nodiscard]] bool take(const SimRequest&, const ModelDrops&, Timestamp now);
  /// What is over by now is decided from here on.
  void close_due(Timestamp now);
  /// The next that is to be decided, or null.
  [[nodiscard]] const SimRequest* next() const;
  void decided(bool accepted);
  /// A purchase was accepted that did not wait.
  void accepted(DropId, std::uint64_t received_ns);
  /// The process is gone.
  void clear() { *this = TieModel(entries_max_); }

  [[nodiscard]] bool full() const { return waiting() == entries_max_; }
  [[nodiscard]] bool has_sums() const { return !sums_.empty(); }
  [[nodiscard]] RecordTieOrder take_sums();

 private:
  struct Window {
    DropId drop{};
    Hash256 key{};
    Timestamp ends_at{};
    std::vector<SimRequest> requests{};  ///< In the order of arrival.
    std::vector<std::size_t> order{};    ///< Once it is over: those that wait, the next one last.
    std::vector<std::size_t> accepted{};
  };
  struct Receipt {
    DropId drop{};
    std::uint64_t ns = 0;
  };

  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::int64_t later_than(DropId, std::uint64_t ns) const;
  void keep(DropId, std::uint64_t ns);
  void add(DropId, std::int64_t windows, std::int64_t decided, std::int64_t inversions);
  static void put_in_order(Window&);

  std::size_t entries_max_;
  std::vector<Window> open_;
  std::deque<Window> over_;
  std::deque<Receipt> receipts_;
  std::vector<TieCount> sums_;
};

}  // namespace firebrand
