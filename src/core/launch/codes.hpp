#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/digest.hpp"
#include "base/slot_index.hpp"
#include "core/commerce/orders.hpp"
#include "core/context.hpp"
#include "core/launch/audience_step.hpp"
#include "core/launch/code_commands.hpp"
#include "core/launch/drops.hpp"
#include "core/schedule/schedule.hpp"

namespace firebrand {

/// Slot numbers of the index are 32 bits. Over the life of a log.
inline constexpr std::uint64_t kCodeNotesMax = (1ULL << 32U) - 1;

enum class CodeBatchState : std::uint8_t { good = 0, revoked = 1 };

/// A batch and what it brought.
struct CodeBatch {
  static constexpr std::string_view kName = "code_batch";
  static constexpr std::string_view kDoc = "A batch of codes and what it brought.";
  CreateCodeBatch terms{};
  CodeBatchState state = CodeBatchState::good;
  std::int64_t used = 0;          ///< Codes that stand in an order, unpaid or paid.
  std::int64_t sold = 0;          ///< Of those, in a paid one.
  std::int64_t revoked = 0;       ///< One by one.
  std::uint64_t newest_note = 0;  ///< Where the walk over its notes begins; 0: there are none.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "terms", self.terms, From::body, Rule{}, "As created.");
    field(2, "state", self.state, From::body, Rule{}, "Good, or revoked as a whole.");
    field(3, "used", self.used, From::body, Rule{}, "Codes in an order, unpaid or paid.");
    field(4, "sold", self.sold, From::body, Rule{}, "Of those, in a paid one.");
    field(5, "revoked", self.revoked, From::body, Rule{}, "Revoked one by one.");
    field(6, "newest_note", self.newest_note, From::body, Rule{}, "Where walks begin.");
  }
};

/// Why a code is not as good as new. Never renumber.
enum class CodeState : std::uint8_t { used = 0, came_back = 1, revoked = 2 };

/// What is known of a code that somebody has tried or that was revoked. 48 bytes.
struct CodeNote {
  static constexpr std::string_view kName = "code_note";
  static constexpr std::string_view kDoc = "A code that was used or revoked.";
  std::uint64_t number = 0;    ///< From 1; 0: it has left.
  std::uint64_t previous = 0;  ///< The note before it of the same batch; 0: it was the first.
  PersonId person_id{};        ///< Who ordered with it last.
  OrderId order_id{};          ///< Of `used`.
  CodeBatchId code_batch_id{};
  std::uint32_t code_index = 0;
  CodeState state = CodeState::used;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "number", self.number, From::body, Rule{}, "In order.");
    field(2, "previous", self.previous, From::body, Rule{}, "The one before it in the batch.");
    field(3, "person_id", self.person_id, From::body, Rule{}, "Who ordered with it last.");
    field(4, "order_id", self.order_id, From::body, Rule{}, "The order that uses it.");
    field(5, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
    field(6, "code_index", self.code_index, From::body, Rule{}, "Its place, from 0.");
    field(7, "state", self.state, From::body, Rule{}, "Used, back, or revoked.");
  }
};

/// Priority codes (F码): which batches there are and which codes are used up.
///
/// A code opens the waves for code holders of its drop, once. It is used from the order on; it
/// comes back if that ends unpaid, to anybody (transferable) or to the same person alone (bound).
///
/// A batch is 100 bytes and lives for good, at most kCodeBatchesMax. A code costs nothing until it
/// is used or revoked: then a note of 48 bytes, two index slots, at most one for each code, in
/// steps gone kOrderRetention after the batch's valid_until; at most kCodeNotesMax over the life of
/// a log. Invariant: a batch's counts are those of its notes while they are here.
class Codes {
 public:
  Codes(Schedule& schedule, const Drops& drops) : schedule_(schedule), drops_(drops) {}

  [[nodiscard]] CreateCodeBatchResult apply(const CreateCodeBatch&, const CommandContext&) noexcept;
  [[nodiscard]] RevokeCodeResult apply(const RevokeCode&, const CommandContext&) noexcept;
  [[nodiscard]] RevokeCodeBatchResult apply(const RevokeCodeBatch&, const CommandContext&) noexcept;

  /// Deadline: lets notes of a batch that is long over leave.
  void step_due(CodeBatchId, const CommandContext&) noexcept;

  [[nodiscard]] const CodeBatch* batch(CodeBatchId) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return batches_.size(); }
  [[nodiscard]] const CodeNote* note(CodeBatchId, std::uint32_t code_index) const noexcept;

  /// For the sale: whether this person may use this code in this drop now.
  [[nodiscard]] bool usable(CodeBatchId, std::uint32_t code_index, DropId, PersonId,
                            Timestamp now) const noexcept;
  /// For the sale. REQUIRES: usable().
  void use(CodeBatchId, std::uint32_t code_index, PersonId, OrderId,
           const CommandContext&) noexcept;
  /// For the sale: the order was paid, or ended unpaid. Nothing if no code stands in it.
  void order_paid(OrderId, const CommandContext&) noexcept;
  void order_ended(OrderId, const CommandContext&) noexcept;

  [[nodiscard]] std::uint64_t digest() const noexcept {
    return hash_words(digest_.value(), notes_.size());
  }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  [[nodiscard]] CodeBatch& mutable_batch(CodeBatchId id) { return batches_[id.value - 1]; }
  [[nodiscard]] const CodeNote* note_of_order(OrderId) const noexcept;
  CodeNote& make_note(CodeBatchId, std::uint32_t code_index) noexcept;
  void leave_order(CodeNote&) noexcept;
  template <class Change>
  void change(CodeNote&, Change&&) noexcept;
  template <class Change>
  void change(CodeBatchId, Change&&) noexcept;
  void remember(const CodeBatch&);
  void remember(const CodeNote&);

  Schedule& schedule_;
  const Drops& drops_;
  std::vector<CodeBatch> batches_;  // CodeBatchId n is entry n - 1.
  DenseArray<CodeNote> notes_;      // Note n is entry n - 1.
  SlotIndex by_code_;
  SlotIndex by_order_;  // Of notes with an order.
  Digest digest_;
};

}  // namespace firebrand
