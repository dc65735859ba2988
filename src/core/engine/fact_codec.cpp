#include "base/codec_binary.hpp"
#include "core/engine/registry.hpp"
#include "core/facts.hpp"

namespace firebrand {

namespace {

template <class F, class... Entries>
constexpr auto fact_entry(std::tuple<Entries...>*) {
  struct Found {
    std::uint16_t number = 0;
    std::uint16_t version = 0;
  } found;
  ((std::is_same_v<F, typename Entries::Type> ? void(found = {Entries::kNumber, Entries::kVersion})
                                              : void()),
   ...);
  return found;
}

}  // namespace

// `used`: modules link against it, although this file may have inlined its own calls.
template <class F>
[[gnu::used]] void FactBuffer::emit(const F& fact) {
  constexpr auto kEntry = fact_entry<F>(static_cast<Facts*>(nullptr));
  static_assert(kEntry.number != 0, "register the fact in engine/registry.hpp");
  static_assert(version_of<F>() == kEntry.version, "its fields say another version (Rule::since)");
  const auto begin = bytes_.size();
  bytes_.resize(begin + encoded_size_max<F>());
  const std::size_t size = encode(fact, bytes_.data() + begin);
  bytes_.resize(begin + size);
  entries_.push_back({kEntry.number, kEntry.version, static_cast<std::uint32_t>(begin),
                      static_cast<std::uint32_t>(size)});
}

/// Makes emit() for every registered fact, so that modules need no codec.
template <class... Entries>
void make_emitters(FactBuffer& facts, std::tuple<Entries...>*) {
  (facts.emit(typename Entries::Type{}), ...);
}
template void make_emitters(FactBuffer&, Facts*);

}  // namespace firebrand
