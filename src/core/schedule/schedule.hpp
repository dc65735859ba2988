#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/dense_array.hpp"
#include "base/digest.hpp"
#include "base/types.hpp"

namespace firebrand {

/// What happens when a deadline comes. The numbers live in snapshots: never renumber.
enum class DeadlineKind : std::uint8_t {
  drop_opens = 1,         ///< id = drop
  wave_releases = 2,      ///< id = drop * 256 + wave; or what the wave before has is its concern
  order_expires = 3,      ///< id = order
  order_archives = 4,     ///< id = order
  session_expires = 5,    ///< id = session
  deposit_due = 6,        ///< id = reservation
  audience_step = 7,      ///< id = drop or batch of codes * 8 + AudienceStep
  draw_is_due = 8,        ///< id = draw
  draw_unit_back = 9,     ///< id = drop * 256 + wave
  waiting_room_due = 10,  ///< id = room * 2^32 + place from 1; place 0: the room itself
  waitlist_due = 11,      ///< id = drop, and above 32 bits a wave that sold out, or 0
};
inline constexpr std::size_t kDeadlineKinds = 12;  ///< One past the last number.

struct Deadline {
  Timestamp at{};
  DeadlineKind kind = DeadlineKind::drop_opens;
  std::uint64_t id = 0;

  friend auto operator<=>(const Deadline&, const Deadline&) = default;
};

/// The engine's one queue of what will be due: the modules that must react push, the engine's
/// `run_due` command pops. A deadline that has lost its reason (the order was paid) stays until it
/// is due and is then passed over.
///
/// Most deadlines of a kind come in rising order (all orders of a drop have the same time to pay):
/// they stand in a run, a queue that never copies when it grows. The rest is a heap. 24 bytes an
/// entry; an entry ends when it is popped. Bounded by what pushes it: at most two per order, one
/// per wave and drop, four per drop with reservations and one per reservation with a deposit, one
/// per batch of codes, one for a moment per order that begins or ends and per drawn wave of a drop
/// that is resumed, one per waitlist and two for a moment per order of a drop with one, and one per
/// sign-in of the last kSessionSecondsMax, since a session that was closed leaves its deadline
/// behind.
class Schedule {
 public:
  /// O(1) for deadlines of a kind in rising order, O(log n) otherwise.
  void push(const Deadline&) noexcept;
  [[nodiscard]] std::optional<Timestamp> next() const noexcept;
  /// The earliest deadline if it is due at `now`; ties go by kind, then by id.
  [[nodiscard]] std::optional<Deadline> pop_due(Timestamp now) noexcept;

  /// One bounded step towards memory for so many deadlines of a kind (DenseArray::make_ready).
  /// @return whether it did anything: call again.
  bool make_ready(DeadlineKind, std::uint64_t deadlines);

  [[nodiscard]] std::uint64_t size() const noexcept;
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  void check_invariants() const;

  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  struct Run {
    DenseArray<Deadline> entries;
    std::uint64_t front = 0;  ///< The first that is not popped.

    [[nodiscard]] bool empty() const { return front == entries.size(); }
  };
  [[nodiscard]] const Deadline* earliest() const noexcept;
  template <class Take>
  void for_each(Take&& take) const;

  std::array<Run, kDeadlineKinds> runs_;  // By kind.
  std::vector<Deadline> heap_;            // The smallest first.
  Digest digest_;
};

}  // namespace firebrand
