#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/codec_binary.hpp"
#include "base/sha256.hpp"
#include "base/types.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/sale.hpp"
#include "runtime/messages.hpp"

namespace firebrand {

/// Where a request stands among those of one tie window: HMAC-SHA-256 of the key that the drop has
/// committed to, over the 16 bytes of the request key; the smallest goes first.
/// docs/tie-windows.md has the whole, with a worked example.
[[nodiscard]] Hash256 tie_rank(const Hash256& key, const RequestKey& request);

/// One purchase that waits for the end of its window.
struct TieEntry {
  RequestHead head{};
  std::array<std::byte, encoded_size_max<PlaceOrder>()> payload{};
  Hash256 rank{};
  /// Of the person's first entry in the window: the largest rank of theirs, so that whoever sends
  /// more requests gets no better place by it.
  Hash256 lead{};
  std::uint32_t first = 0;  ///< The person's first entry in the window.
  bool accepted = false;

  [[nodiscard]] CommandBytes command() const {
    return {head.number, std::span(payload).first(head.payload_size)};
  }
};

/// How many earlier ones stand behind a place: exact, in the time of a logarithm.
class PlacesTaken {
 public:
  explicit PlacesTaken(std::size_t places) : sums_(places + 1) {}
  /// Takes a place. @return how many that were taken before stand behind it.
  std::int64_t take(std::size_t place);

 private:
  std::vector<std::uint32_t> sums_;  ///< A Fenwick tree; entry 0 is not used.
  std::int64_t taken_ = 0;
};

/// What came within one window of a drop.
class TieBatch {
 public:
  TieBatch(DropId drop_id, const Hash256& key, Timestamp ends_at)
      : drop_id_(drop_id), ends_at_(ends_at), key_(key) {}

  void add(const RequestHead& head, PersonId person_id);
  /// Nobody is added any more.
  void close();
  /// The next in order and those behind it, as far as they are in order yet; null beyond.
  /// REQUIRES: closed.
  [[nodiscard]] const TieEntry* ahead(std::size_t by) const;
  /// Passes the next. @return pairs that it makes, if accepted, with those accepted of this window
  /// that came later.
  std::int64_t pop(bool accepted);

  [[nodiscard]] DropId drop_id() const { return drop_id_; }
  [[nodiscard]] Timestamp ends_at() const { return ends_at_; }
  void end_at(Timestamp now) { ends_at_ = now; }
  [[nodiscard]] bool decided() const { return part_ == kParts; }
  [[nodiscard]] const std::deque<TieEntry>& entries() const { return entries_; }

 private:
  /// Goes to the first part from here on that has entries left, and puts it in order.
  void enter(std::size_t part);

  /// Ranks fall into so many parts, each of which is sorted when its turn comes: no step sorts all.
  static constexpr std::size_t kParts = 64;

  DropId drop_id_;
  Timestamp ends_at_;
  Hash256 key_;
  std::deque<TieEntry> entries_;  // In the order of arrival; none is moved when one is added.
  std::unordered_map<std::uint64_t, std::uint32_t> first_of_;  // By person.

  std::array<std::vector<std::uint32_t>, kParts> parts_;
  std::size_t part_ = 0;
  std::size_t in_part_ = 0;
  std::vector<std::uint32_t> places_;  // By entry: its place in the order of receipt.
  std::optional<PlacesTaken> taken_;
};

/// Purchases that wait for the ends of their drops' tie windows, and the sums of how all purchases
/// were ordered.
///
/// At most `entries_max` wait, about 250 bytes each; those that would be more end every window, and
/// wait in the ring until some are decided. Of a drop one window is open at a time, and another may
/// be being decided. None of it survives a restart: who waits has no answer yet.
/// Sums: of kTieCountsPerRecordMax drops in one period. Inversions are exact within a window, and
/// else among the last kReceiptsKept accepted purchases.
class TieWindows {
 public:
  static constexpr std::size_t kReceiptsKept = 1'024;
  /// The key of a drop's windows, by its plan.
  using Keys = std::function<Hash256(const CreateDrop&)>;

  explicit TieWindows(std::uint32_t entries_max) : entries_max_(entries_max) {}

  /// Without keys every purchase is decided at once.
  void use_keys(Keys keys) { keys_ = std::move(keys); }

  enum class Taken : std::uint8_t {
    no,    ///< It has no window: to be decided at once.
    yes,   ///< It waits.
    full,  ///< It has a window, but there is no place left.
  };
  /// Lets a purchase wait if its drop has a window now, or others of it wait that came before.
  [[nodiscard]] Taken take(const RequestHead&, std::span<const std::byte> payload, const Drops&,
                           Timestamp now);
  /// Ends what is over by now.
  void close_due(Timestamp now);
  /// What is to be decided next, and what comes so many later as far as it is known; or null.
  [[nodiscard]] const TieEntry* ahead(std::size_t by) const;
  [[nodiscard]] const TieEntry* next() const { return ahead(0); }
  void pop(bool accepted);
  /// A purchase was accepted that did not wait. @param received_ns  0: not known.
  void accepted(DropId, std::uint64_t received_ns);

  /// When something is to be decided, if anything waits.
  [[nodiscard]] std::optional<Timestamp> next_end() const;
  [[nodiscard]] bool has_sums() const { return !sums_.empty(); }
  [[nodiscard]] RecordTieOrder take_sums();

 private:
  struct Receipt {
    DropId drop_id{};
    std::uint64_t received_ns = 0;
  };

  void close(std::size_t window);
  /// Accepted ones of the drop that came later than this, among the last that are kept.
  [[nodiscard]] std::int64_t later_than(DropId, std::uint64_t received_ns) const;
  void keep(DropId, std::uint64_t received_ns);
  void add(const TieCount& more);

  const std::uint32_t entries_max_;
  Keys keys_;
  std::size_t waiting_ = 0;
  std::vector<TieBatch> open_;  // In the order of their beginnings.
  std::deque<TieBatch> due_;
  std::map<DropId, std::uint32_t> batches_;  // Windows that wait or are being decided, by drop.

  std::uint64_t newest_ns_ = 0;  // Of all that are kept.
  std::vector<Receipt> receipts_;
  std::size_t oldest_ = 0;
  List<TieCount, kTieCountsPerRecordMax> sums_;
};

}  // namespace firebrand
