#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "base/mapped_memory.hpp"
#include "base/prefetch.hpp"

namespace firebrand {

/// Hash index over a dense array: from the hash of a key to the number of its entry. The keys stay
/// in the array; the caller hashes, and says whether an entry has the key that is looked for.
///
/// Open addressing, 8 bytes a place, at most 3/4 full: 11 to 21 bytes an entry. It grows while it
/// is used: every insert moves a few places to the table of twice the size, in one sweep in the
/// order of memory, so that no insert stalls. It never shrinks. Look-up only: the order inside
/// depends on the hash, and the hash on a seed of the process, so nothing may walk it; after a
/// load it is rebuilt.
///
/// Slot numbers are 32 bits. An array that goes on counting past 2^32 stores the low bits and
/// restores the high ones from DenseArray::first(). One thread. Move-only.
class SlotIndex {
 public:
  SlotIndex() : current_(kPlacesMin) {}

  /// The slot of the key with this hash. `equal(slot)` must tell whether the entry in that slot has
  /// the key; it is asked for few others.
  template <class Equal>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, Equal&& equal) const {
    const std::uint32_t fragment = fragment_of(hash);
    const Table& table = table_of(fragment);
    for (std::uint64_t line = table.home(fragment);; line = table.next_line(line)) {
      const std::uint64_t* const words = table.words() + line;
      Matches matches = match(words, fragment);
      for (; matches.same != 0; matches.same &= matches.same - 1) {
        const std::uint32_t slot = slot_in(words[std::countr_zero(matches.same)]);
        if (equal(slot)) { return slot; }
      }
      if (matches.empty != 0) { return std::nullopt; }
    }
  }

  /// The slot that find() would most likely ask about first, to prefetch its entry.
  [[nodiscard]] std::optional<std::uint32_t> guess(std::uint64_t hash) const {
    return find(hash, [](std::uint32_t) { return true; });
  }

  /// Brings the line of the hash into the cache, for a find, insert or erase that follows.
  void prefetch(std::uint64_t hash) const {
    const std::uint32_t fragment = fragment_of(hash);
    const Table& table = table_of(fragment);
    prefetch_line(table.words() + table.home(fragment));
  }

  /// REQUIRES: the key is not in the index.
  void insert(std::uint64_t hash, std::uint32_t slot) {
    const bool full = size_ + 1 > entries_max(current_.places());
    // A sweep ends long before the table of twice the size is full.
    FB_ASSERT(!(full && growing()));
    if (full) { start_growing(current_.places() * 2); }
    if (growing()) { move_places(kPlacesPerInsert); }
    const std::uint32_t fragment = fragment_of(hash);
    table_of(fragment).insert(fragment, slot);
    ++size_;
  }

  /// REQUIRES: `slot` was inserted with this hash.
  void erase(std::uint64_t hash, std::uint32_t slot) {
    const std::uint32_t fragment = fragment_of(hash);
    table_of(fragment).erase(fragment, slot);
    --size_;
  }

  /// Makes room for `entries` without growing on the way. O(size): for start and load.
  void reserve(std::uint64_t entries) {
    std::uint64_t places = kPlacesMin;
    while (entries_max(places) < entries) { places *= 2; }
    while (growing()) { move_places(current_.places()); }
    if (places <= current_.places()) { return; }
    if (size_ == 0) {
      current_ = Table(places);
      ready_places_ = 0;
      return;
    }
    start_growing(places);
    while (growing()) { move_places(current_.places()); }
  }

  /// Makes room for `entries` more, a step of at most 2 MiB at a time, so that neither growing nor
  /// the first touch of a page falls into the inserts that follow.
  /// @return whether it did anything: call again. False: the room is there.
  bool make_ready(std::uint64_t entries) {
    const std::uint64_t wanted = size_ + entries;
    if (!growing() && entries_max(current_.places()) < wanted) {
      std::uint64_t places = current_.places() * 2;
      while (entries_max(places) < wanted) { places *= 2; }
      start_growing(places);
      return true;
    }
    if (entries > 0 && ready_places_ < current_.places()) {
      const std::uint64_t more = std::min(kPlacesPerDiscard, current_.places() - ready_places_);
      current_.populate(ready_places_, more);
      ready_places_ += more;
      return true;
    }
    if (!growing()) { return false; }
    move_places(kPlacesPerReadyStep);
    return true;
  }

  /// Gives the memory back, 2 MiB a call, for an index that nobody asks any more.
  /// @return whether it did anything: call again.
  bool give_back() {
    Table& table = growing() ? old_ : current_;
    if (table.places() == 0) { return false; }
    if (given_back_ < table.places()) {
      const std::uint64_t more = std::min(kPlacesPerDiscard, table.places() - given_back_);
      table.discard(given_back_, more);
      given_back_ += more;
      return true;
    }
    table = Table();
    given_back_ = 0;
    size_ = 0;
    return true;
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool growing() const { return old_.places() != 0; }
  /// Bytes mapped now, an upper bound of what is resident; while growing, of both tables.
  [[nodiscard]] std::uint64_t bytes_mapped() const {
    return (current_.places() + old_.places()) * sizeof(std::uint64_t);
  }

 private:
  static constexpr std::uint64_t kPlacesMin = 512;
  static constexpr std::uint64_t kPlacesPerInsert = 16;
  static constexpr std::uint64_t kPlacesPerReadyStep = 8'192;
  static constexpr std::uint64_t kPlacesPerLine = 64 / sizeof(std::uint64_t);
  static constexpr std::uint64_t kPlacesPerDiscard = kHugePageBytes / sizeof(std::uint64_t);

  // A place is one word: 32 bits of the hash above, the slot below. Zero is empty, so a fragment is
  // never zero. The fragment's upper bits are the home place, which keeps both tables in the same
  // order, and lets an entry move or be closed up after an erase without its key being read.
  static std::uint32_t fragment_of(std::uint64_t hash) {
    const auto fragment = static_cast<std::uint32_t>(hash >> 32U);
    return fragment == 0 ? 1 : fragment;
  }
  static std::uint32_t fragment_in(std::uint64_t word) {
    return static_cast<std::uint32_t>(word >> 32U);
  }
  static std::uint32_t slot_in(std::uint64_t word) { return static_cast<std::uint32_t>(word); }
  static std::uint64_t entries_max(std::uint64_t places) { return places / 4 * 3; }

  /// What a line holds, one bit a place. Taken places come first: an entry lies in the first empty
  /// place from its home on, and erasing leaves no gap.
  struct Matches {
    unsigned same = 0;  ///< Has the fragment.
    unsigned empty = 0;
  };
  /// All eight places at once: where a search ends differs from key to key, so that stepping
  /// through them would cost a wrong guess of the processor each time.
  static Matches match(const std::uint64_t* line, std::uint32_t fragment) {
#ifdef __SSE2__
    const auto words_at = [&](int place) {
      return _mm_castsi128_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(line + place)));
    };
    const auto fragments_at = [&](int place) {  // The upper halves of four words.
      return _mm_castps_si128(_mm_shuffle_ps(words_at(place), words_at(place + 2), 0xDD));
    };
    const auto bits = [](__m128i equal) {
      return static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(equal)));
    };
    const __m128i front = fragments_at(0);
    const __m128i back = fragments_at(4);
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(fragment));
    const __m128i zero = _mm_setzero_si128();
    return {
        bits(_mm_cmpeq_epi32(front, wanted)) | bits(_mm_cmpeq_epi32(back, wanted)) << 4U,
        bits(_mm_cmpeq_epi32(front, zero)) | bits(_mm_cmpeq_epi32(back, zero)) << 4U,
    };
#else
    Matches matches;
    for (unsigned place = 0; place < kPlacesPerLine; ++place) {
      matches.same |= static_cast<unsigned>(fragment_in(line[place]) == fragment) << place;
      matches.empty |= static_cast<unsigned>(line[place] == 0) << place;
    }
    return matches;
#endif
  }

  class Table {
   public:
    Table() = default;
    /// REQUIRES: places is a power of two, 2^1 to 2^32.
    explicit Table(std::uint64_t places)
        : memory_(places * sizeof(std::uint64_t), PageHint::huge),
          places_(places),
          shift_(32U - static_cast<unsigned>(std::countr_zero(places))) {
      FB_ASSERT(std::has_single_bit(places) && places > 1 && places <= std::uint64_t{1} << 32U);
    }
    Table(Table&& other) noexcept { swap(other); }
    Table& operator=(Table&& other) noexcept {
      Table moved(std::move(other));
      swap(moved);
      return *this;
    }

    [[nodiscard]] std::uint64_t* words() const {
      return static_cast<std::uint64_t*>(memory_.data());
    }
    [[nodiscard]] std::uint64_t places() const { return places_; }
    /// Where the search for a fragment begins: at the start of a cache line, so that it mostly ends
    /// in the line that was prefetched.
    [[nodiscard]] std::uint64_t home(std::uint32_t fragment) const {
      return (fragment >> shift_) & ~(kPlacesPerLine - 1);
    }
    [[nodiscard]] std::uint64_t next(std::uint64_t place) const { return (place + 1) & mask(); }
    [[nodiscard]] std::uint64_t next_line(std::uint64_t line) const {
      return (line + kPlacesPerLine) & mask();
    }
    [[nodiscard]] std::uint64_t mask() const { return places_ - 1; }

    void insert(std::uint32_t fragment, std::uint32_t slot) {
      std::uint64_t line = home(fragment);
      unsigned empty = match(words() + line, fragment).empty;
      while (empty == 0) {
        line = next_line(line);
        empty = match(words() + line, fragment).empty;
      }
      words()[line + static_cast<unsigned>(std::countr_zero(empty))] =
          std::uint64_t{fragment} << 32U | slot;
    }

    void erase(std::uint32_t fragment, std::uint32_t slot) {
      const std::uint64_t wanted = std::uint64_t{fragment} << 32U | slot;
      std::uint64_t hole = home(fragment);
      while (words()[hole] != wanted) {
        FB_ASSERT(words()[hole] != 0);
        hole = next(hole);
      }
      // Closes the gap, so that no marker of the dead slows later look-ups: an entry moves into the
      // hole unless its home lies behind the hole.
      for (std::uint64_t place = next(hole); words()[place] != 0; place = next(place)) {
        const std::uint64_t from_home = (place - home(fragment_in(words()[place]))) & mask();
        if (from_home >= ((place - hole) & mask())) {
          words()[hole] = words()[place];
          hole = place;
        }
      }
      words()[hole] = 0;
    }

    void discard(std::uint64_t place, std::uint64_t places) {
      memory_.discard(place * sizeof(std::uint64_t), places * sizeof(std::uint64_t));
    }
    void populate(std::uint64_t place, std::uint64_t places) {
      memory_.populate(place * sizeof(std::uint64_t), places * sizeof(std::uint64_t));
    }

   private:
    void swap(Table& other) noexcept {
      std::swap(memory_, other.memory_);
      std::swap(places_, other.places_);
      std::swap(shift_, other.shift_);
    }

    MappedMemory memory_;
    std::uint64_t places_ = 0;
    unsigned shift_ = 0;
  };

  // While growing, an entry is in exactly one table: the old places start_ to start_ + moved_ are
  // swept, and entries whose old home is among them are in the current table. The sweep rests on
  // empty places only, so no run of entries lies across its edge. A run that goes around the end
  // of the old table comes to lie on swept places: each insert sweeps more of them than it fills,
  // so the run does not reach the edge, and the sweep takes it last.
  [[nodiscard]] const Table& table_of(std::uint32_t fragment) const {
    if (!growing()) { return current_; }
    const std::uint64_t from_start = (old_.home(fragment) - start_) & old_.mask();
    return from_start <= moved_ ? current_ : old_;
  }
  [[nodiscard]] Table& table_of(std::uint32_t fragment) {
    return const_cast<Table&>(std::as_const(*this).table_of(fragment));
  }

  void start_growing(std::uint64_t places) {
    old_ = std::exchange(current_, Table(places));
    ready_places_ = 0;
    moved_ = 0;
    start_ = 0;
    while (old_.words()[start_] != 0) { ++start_; }  // There is one: at most 3/4 are taken.
  }

  /// Sweeps `count` places, and on to the next empty one.
  void move_places(std::uint64_t count) {
    std::uint64_t swept = moved_;
    for (;;) {
      ++swept;
      const std::uint64_t place = (start_ + swept) & old_.mask();
      if (place % kPlacesPerDiscard == 0 && swept > kPlacesPerDiscard && swept < old_.places()) {
        old_.discard((place - kPlacesPerDiscard) & old_.mask(), kPlacesPerDiscard);
      }
      const std::uint64_t word = old_.words()[place];
      if (word != 0) {
        current_.insert(fragment_in(word), slot_in(word));
        old_.words()[place] = 0;
        continue;
      }
      if (swept >= old_.places()) {
        old_ = Table();
        return;
      }
      if (swept - moved_ >= count) {
        moved_ = swept;
        return;
      }
    }
  }

  Table current_;
  Table old_;                       ///< No places unless growing.
  std::uint64_t ready_places_ = 0;  ///< Of current_, from the front, that are resident for sure.
  std::uint64_t size_ = 0;          ///< Entries in both tables.
  std::uint64_t start_ = 0;         ///< Where the sweep of old_ began: an empty place then.
  std::uint64_t moved_ = 0;         ///< How far it has come.
  std::uint64_t given_back_ = 0;    ///< Places of a table that is given back, from the front.
};

}  // namespace firebrand
