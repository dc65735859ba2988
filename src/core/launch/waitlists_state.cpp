#include <algorithm>
#include <numeric>
#include <utility>

#include "core/facts.hpp"
#include "core/launch/waitlists.hpp"
#include "core/piece.hpp"

/// What waitlists keep: places, index, digest, snapshot piece.
namespace firebrand {

namespace {

/// Closed lists whose memory waits for an idle moment: a replay has none.
constexpr std::size_t kLeavingMax = 4;

/// The digest is a sum: what a part of a list adds must be told from what another part adds.
enum class WaitlistPart : std::uint8_t { plan, standing, place };

std::uint64_t plan_hash(const OpenWaitlist& plan) {
  return hash_words(WaitlistPart::plan, entry_hash(plan.drop_id.value, plan));
}

std::uint64_t place_hash(DropId id, std::uint64_t slot, const WaitlistPlace& place) {
  return hash_words(WaitlistPart::place, id, slot, place.person_id, place.order_id, place.state,
                    place.joins);
}

std::uint64_t person_hash(PersonId id) { return hash_words(id.value); }

/// The count that a place of this state is in.
std::int64_t Waitlist::*count_of(WaitlistPlaceState state) {
  switch (state) {
    case WaitlistPlaceState::waiting:
      return &Waitlist::waiting;
    case WaitlistPlaceState::served:
      return &Waitlist::served;
    case WaitlistPlaceState::left:
      return &Waitlist::left;
    case WaitlistPlaceState::passed_over:
      break;
  }
  return &Waitlist::passed_over;
}

}  // namespace

std::uint64_t Waitlists::standing_hash(const Waitlist& list) noexcept {
  return hash_words(WaitlistPart::standing, list.plan.drop_id, list.waves, list.joined,
                    list.waiting, list.served, list.left, list.passed_over, list.phase);
}

bool Waitlists::make_ready(std::uint64_t places_max) {
  if (!leaving_.empty()) {
    Leaving& last = leaving_.back();
    if (!last.places.give_back() && !last.by_person.give_back()) { leaving_.pop_back(); }
    return true;
  }
  const auto open = std::ranges::count_if(
      lists_, [](const List& list) { return list.stands.phase == WaitlistPhase::open; });
  if (open == 0) { return false; }
  places_max /= static_cast<std::uint64_t>(open);
  for (List& list : lists_) {
    if (list.stands.phase == WaitlistPhase::closed) { continue; }
    const auto free = static_cast<std::uint64_t>(list.stands.plan.places_max - list.stands.waiting);
    const std::uint64_t more = std::min(free, places_max);
    if (list.places.make_ready(more) || list.by_person.make_ready(more)) { return true; }
  }
  return false;
}

std::uint64_t Waitlists::bytes_mapped() const noexcept {
  std::uint64_t bytes = 0;
  for (const List& list : lists_) {
    bytes += list.places.bytes_mapped() + list.by_person.bytes_mapped();
  }
  for (const Leaving& list : leaving_) {
    bytes += list.places.bytes_mapped() + list.by_person.bytes_mapped();
  }
  return bytes;
}

const Waitlists::List* Waitlists::list_of(DropId id) const noexcept {
  const auto found = by_drop_.find(id);
  return found == by_drop_.end() ? nullptr : &lists_[found->second];
}

Waitlists::List* Waitlists::list_of(DropId id) noexcept {
  const auto found = by_drop_.find(id);
  return found == by_drop_.end() ? nullptr : &lists_[found->second];
}

const Waitlist* Waitlists::find(DropId id) const noexcept {
  const List* const list = list_of(id);
  return list == nullptr ? nullptr : &list->stands;
}

std::optional<Waitlists::Standing> Waitlists::standing(DropId id, PersonId person) const noexcept {
  const List* const list = list_of(id);
  if (list == nullptr) { return std::nullopt; }
  const auto slot = slot_of(*list, person);
  if (!slot) { return std::nullopt; }
  const WaitlistPlace& place = list->places[*slot];
  const bool waits = place.state == WaitlistPlaceState::waiting;
  return Standing{*slot + 1ULL, place, waits ? ahead_of(*list, *slot) : 0};
}

std::optional<std::uint32_t> Waitlists::slot_of(const List& list, PersonId person) noexcept {
  return list.by_person.find(person_hash(person), [&](std::uint32_t slot) {
    return list.places[slot].person_id == person;
  });
}

std::uint64_t Waitlists::ahead_of(const List& list, std::uint64_t slot) noexcept {
  const auto begin = list.block_waiting.begin();
  const auto block = static_cast<std::ptrdiff_t>(slot / kBlock);
  const auto first = static_cast<std::ptrdiff_t>(list.next / kBlock);
  std::uint64_t ahead = std::accumulate(begin + first, begin + block, std::uint64_t{0});
  for (std::uint64_t before = slot - slot % kBlock; before < slot; ++before) {
    ahead += list.places[before].state == WaitlistPlaceState::waiting ? 1U : 0U;
  }
  return ahead;
}

void Waitlists::add_place(List& list, const WaitlistPlace& place) noexcept {
  const auto slot = static_cast<std::uint32_t>(list.places.size());
  const std::uint64_t hash = person_hash(place.person_id);
  if (const auto before = slot_of(list, place.person_id)) { list.by_person.erase(hash, *before); }
  list.places.push_back(place);
  list.by_person.insert(hash, slot);
  if (slot % kBlock == 0) { list.block_waiting.push_back(0); }
  const bool waits = place.state == WaitlistPlaceState::waiting;
  if (waits) { ++list.block_waiting.back(); }
  if (!waits && list.next == slot) { ++list.next; }
  const std::uint64_t share = place_hash(list.stands.plan.drop_id, slot, place);
  list.digest.add(share);
  digest_.add(share);
}

void Waitlists::end_place(List& list, std::uint64_t slot, WaitlistPlaceState how,
                          OrderId order_id) noexcept {
  const DropId id = list.stands.plan.drop_id;
  WaitlistPlace& place = list.places[slot];
  FB_ASSERT(place.state == WaitlistPlaceState::waiting);
  const std::uint64_t before = place_hash(id, slot, place);
  place.state = how;
  place.order_id = order_id;
  const std::uint64_t after = place_hash(id, slot, place);
  list.digest.replace(before, after);
  digest_.replace(before, after);
  --list.block_waiting[slot / kBlock];
  // On to the next one who waits; blocks in which nobody does are stepped over whole.
  std::uint64_t& next = list.next;
  while (next < list.places.size() && list.places[next].state != WaitlistPlaceState::waiting) {
    const bool none = next % kBlock == 0 && list.block_waiting[next / kBlock] == 0;
    next = std::min(next + (none ? kBlock : 1), list.places.size());
  }
  update(list, [&](Waitlist& stands) {
    --stands.waiting;
    ++(stands.*count_of(how));
  });
  drops_.touch(id);
}

void Waitlists::close(List& list, const CommandContext& context) noexcept {
  const DropId id = list.stands.plan.drop_id;
  const std::int64_t waited = list.stands.waiting;
  update(list, [&](Waitlist& stands) {
    stands.phase = WaitlistPhase::closed;
    stands.left += waited;
    stands.waiting = 0;
  });
  digest_.remove(list.digest.value());
  list.digest = {};
  if (leaving_.size() == kLeavingMax) { leaving_.erase(leaving_.begin()); }
  leaving_.push_back({std::exchange(list.places, {}), std::exchange(list.by_person, {})});
  list.block_waiting = {};
  list.next = 0;
  drops_.touch(id);
  context.facts->emit(WaitlistClosed{id, waited});
}

void Waitlists::remember(const Waitlist& stands) {
  const DropId id = stands.plan.drop_id;
  by_drop_.emplace(id, static_cast<std::uint32_t>(lists_.size()));
  lists_.emplace_back().stands = stands;
  digest_.add(plan_hash(stands.plan));
  digest_.add(standing_hash(stands));
  drops_.keep_for_waitlist(id, stands.waves);
  drops_.touch(id);
}

void Waitlists::check_invariants() const {
  Digest digest;
  for (const List& list : lists_) {
    const Waitlist& stands = list.stands;
    const DropId id = stands.plan.drop_id;
    digest.add(plan_hash(stands.plan));
    digest.add(standing_hash(stands));
    FB_ASSERT(&list == list_of(id));
    FB_ASSERT(stands.joined == stands.waiting + stands.served + stands.left + stands.passed_over);
    FB_ASSERT((stands.waiting == 0) == (stands.waves == 0));
    const Drop& drop = drops_.drop(id);
    // As whole words: of single bits, g++ 12.2 with -O2 loses the comparison in its value ranges.
    FB_ASSERT(stands.waves == drops_.waited_waves(id));
    for (std::uint16_t wave = 1; wave <= kWavesMax; ++wave) {
      if (!drops_.is_waited_for(id, wave)) { continue; }
      FB_ASSERT(wave <= drop.plan.waves.size() && drop.is_released(wave));
      FB_ASSERT(serves_waitlist(drop.plan, drop.plan.waves[wave - 1U]));
    }
    if (stands.phase == WaitlistPhase::closed) {
      FB_ASSERT(list.places.empty() && stands.waiting == 0);
      continue;
    }
    Waitlist seen;
    for (std::uint64_t slot = 0; slot < list.places.size(); ++slot) {
      const WaitlistPlace& place = list.places[slot];
      const bool waits = place.state == WaitlistPlaceState::waiting;
      digest.add(place_hash(id, slot, place));
      FB_ASSERT(!waits || (slot >= list.next &&
                           ahead_of(list, slot) == static_cast<std::uint64_t>(seen.waiting)));
      ++(seen.*count_of(place.state));
      FB_ASSERT((place.state == WaitlistPlaceState::served) == (place.order_id.value != 0));
      const auto newest = slot_of(list, place.person_id);
      FB_ASSERT(newest.has_value() && (*newest == slot || (*newest > slot && !waits)));
    }
    FB_ASSERT(seen.waiting == stands.waiting && seen.served == stands.served &&
              seen.left == stands.left && seen.passed_over == stands.passed_over);
    FB_ASSERT(stands.waiting == 0 || list.places[list.next].state == WaitlistPlaceState::waiting);
  }
  FB_ASSERT(digest == digest_);
}

void Waitlists::save(ByteSink& sink) const {
  put_u64(sink, lists_.size());
  for (const List& list : lists_) {
    save_entry(sink, list.stands);
    put_u64(sink, list.places.size());
    for (std::uint64_t slot = 0; slot < list.places.size(); ++slot) {
      const WaitlistPlace& place = list.places[slot];
      put_u64(sink, place.person_id.value);
      put_u64(sink, place.order_id.value);
      put_u8(sink, static_cast<std::uint8_t>(place.state));
      put_u8(sink, place.joins);
    }
  }
}

bool Waitlists::load(ByteSource& source) {
  lists_.clear();
  by_drop_.clear();
  digest_ = {};
  std::uint64_t lists = 0;
  if (!get_u64(source, lists) || lists > kWaitlistsMax) { return false; }
  for (std::uint64_t number = 0; number < lists; ++number) {
    Waitlist stands;
    std::uint64_t places = 0;
    if (!load_entry(source, stands) || !get_u64(source, places)) { return false; }
    if (places > kWaitlistJoinsMax || !drops_.has(stands.plan.drop_id) ||
        find(stands.plan.drop_id) != nullptr) {
      return false;
    }
    remember(stands);
    for (std::uint64_t i = 0; i < places; ++i) {
      WaitlistPlace place;
      std::uint8_t state = 0;
      if (!get_u64(source, place.person_id.value) || !get_u64(source, place.order_id.value) ||
          !get_u8(source, state) || state >= kWaitlistPlaceStates || !get_u8(source, place.joins)) {
        return false;
      }
      place.state = static_cast<WaitlistPlaceState>(state);
      add_place(lists_.back(), place);
    }
  }
  return true;
}

}  // namespace firebrand
