#include <algorithm>
#include <utility>

#include "core/launch/draws.hpp"
#include "core/piece.hpp"

/// Draws: look-ups, digest, invariants and the snapshot piece.
namespace firebrand {

namespace {

/// The digest is a sum: what a draw adds must be told from what an entry adds.
enum class DrawPart : std::uint8_t { draw, entry };

std::uint64_t index_hash(DrawId draw_id, PersonId person_id) {
  return hash_words(draw_id, person_id);
}

}  // namespace

std::uint64_t Draws::share_of(const Draw& draw) noexcept {
  return hash_words(DrawPart::draw, entry_hash(draw.draw_id.value, draw));
}

std::uint64_t Draws::share_of(const DrawEntry& entry) noexcept {
  const std::uint64_t small = static_cast<std::uint64_t>(entry.state) |
                              static_cast<std::uint64_t>(entry.reason) << 8U |
                              std::uint64_t{entry.place} << 32U;
  return hash_words(DrawPart::entry, entry.draw_id, entry.person_id, entry.order_id, entry.tickets,
                    small);
}

const Draw& Draws::draw(DrawId id) const {
  FB_ASSERT(has(id));
  return draws_[id.value - 1];
}

Draw& Draws::mutable_draw(DrawId id) noexcept {
  FB_ASSERT(has(id));
  return draws_[id.value - 1];
}

const DrawEntry* Draws::find_entry(DrawId draw_id, PersonId person_id) const noexcept {
  const auto slot = slot_of(draw_id, person_id);
  return slot ? &entries_[*slot] : nullptr;
}

std::optional<std::uint32_t> Draws::slot_of(DrawId draw_id, PersonId person_id) const noexcept {
  return entries_by_person_.find(index_hash(draw_id, person_id), [&](std::uint32_t slot) {
    return entries_[slot].draw_id == draw_id && entries_[slot].person_id == person_id;
  });
}

void Draws::add_entry(const DrawEntry& entry) noexcept {
  entries_by_person_.insert(index_hash(entry.draw_id, entry.person_id),
                            static_cast<std::uint32_t>(entries_.size()));
  entries_.push_back(entry);
  digest_.add(share_of(entry));
}

void Draws::remember(const Draw& draw) {
  draws_.push_back(draw);
  reserves_.emplace_back();
  by_wave_.emplace(std::pair(draw.plan.drop_id, draw.plan.wave), draw.draw_id);
  by_launch_[drops_.drop(draw.plan.drop_id).plan.launch_id].push_back(draw.draw_id);
  digest_.add(share_of(draw));
  is_touched_.push_back(0);
  touch(draw.draw_id);
}

void Draws::touch(DrawId id) {
  if (is_touched_[id.value - 1] != 0) { return; }
  is_touched_[id.value - 1] = 1;
  touched_.push_back(id);
}

std::vector<DrawId> Draws::take_touched() noexcept {
  for (const DrawId id : touched_) { is_touched_[id.value - 1] = 0; }
  std::ranges::sort(touched_);
  return std::exchange(touched_, {});
}

void Draws::check_invariants() const {
  Digest digest;
  std::vector<Draw> counted(draws_.size());
  for (const Draw& draw : draws_) {
    digest.add(share_of(draw));
    FB_ASSERT(draw.winners <= units_of(draw) && draw.reserves <= draw.plan.reserve_max);
    FB_ASSERT(draw.promoted <= draw.reserves);
    FB_ASSERT(static_cast<std::uint64_t>(draw.reserves) ==
              reserves_[draw.draw_id.value - 1].size());
  }
  for (std::uint64_t slot = 0; slot < entries_.size(); ++slot) {
    const DrawEntry& entry = entries_[slot];
    digest.add(share_of(entry));
    FB_ASSERT(slot_of(entry.draw_id, entry.person_id) == slot);
    FB_ASSERT((entry.state == DrawEntryState::won) == (entry.order_id.value != 0));
    const Draw& draw = draws_[entry.draw_id.value - 1];
    Draw& sums = counted[entry.draw_id.value - 1];
    if (takes_part(entry.state)) {
      ++sums.entrants;
      sums.tickets += entry.tickets;
    }
    if (entry.state == DrawEntryState::excluded) { ++sums.excluded; }
    if (entry.place == 0) { continue; }
    FB_ASSERT(reserves_[entry.draw_id.value - 1][entry.place - 1] == slot);
    FB_ASSERT((entry.state == DrawEntryState::reserve) == (entry.place > draw.promoted));
  }
  for (const Draw& draw : draws_) {
    const Draw& sums = counted[draw.draw_id.value - 1];
    FB_ASSERT(draw.entrants == sums.entrants && draw.tickets == sums.tickets);
    FB_ASSERT(draw.excluded == sums.excluded);
  }
  FB_ASSERT(digest == digest_);
}

void Draws::save(ByteSink& sink) const {
  save_entries(sink, draws_);
  put_u64(sink, entries_.size());
  for (std::uint64_t slot = 0; slot < entries_.size(); ++slot) { save_entry(sink, entries_[slot]); }
}

bool Draws::load(ByteSource& source) {
  draws_.clear();
  by_wave_.clear();
  by_launch_.clear();
  reserves_.clear();
  entries_ = {};
  entries_by_person_ = {};
  digest_ = {};
  touched_.clear();
  is_touched_.clear();
  bool whole = true;
  const bool read = load_entries<Draw>(source, [&](const Draw& draw) {
    whole = whole && draw.draw_id.value == draws_.size() + 1 && drops_.has(draw.plan.drop_id) &&
            draw.plan.wave >= 1 &&
            draw.plan.wave <= drops_.drop(draw.plan.drop_id).plan.waves.size() &&
            draw.reserves >= 0 && draw.reserves <= kDrawReserveMax;
    if (!whole) { return; }
    remember(draw);
    reserves_.back().resize(static_cast<std::size_t>(draw.reserves));
  });
  if (!read || !whole) { return false; }
  return load_entries<DrawEntry>(source,
                                 [&](const DrawEntry& entry) {
                                   whole =
                                       whole && has(entry.draw_id) &&
                                       entry.place <= reserves_[entry.draw_id.value - 1].size() &&
                                       !slot_of(entry.draw_id, entry.person_id);
                                   if (!whole) { return; }
                                   if (entry.place > 0) {
                                     reserves_[entry.draw_id.value - 1][entry.place - 1] =
                                         static_cast<std::uint32_t>(entries_.size());
                                   }
                                   add_entry(entry);
                                 }) &&
         whole;
}

}  // namespace firebrand
