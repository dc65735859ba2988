#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace firebrand {

/// What one command made happen, in order, already in the bytes in which facts/ stores them.
/// A module says `context.facts->emit(OrderPlaced{...})`; a fact is a described struct that is
/// registered in engine/registry.hpp, past tense, and never refers to state that may change.
class FactBuffer {
 public:
  struct Entry {
    std::uint16_t type = 0;
    std::uint16_t version = 0;
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };

  /// Defined for every registered fact in engine/fact_codec.cpp.
  template <class Fact>
  void emit(const Fact& fact);

  void clear() {
    entries_.clear();
    bytes_.clear();
  }
  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }
  [[nodiscard]] std::span<const std::byte> payload(const Entry& entry) const {
    return std::span(bytes_).subspan(entry.begin, entry.size);
  }

 private:
  std::vector<Entry> entries_;
  std::vector<std::byte> bytes_;
};

}  // namespace firebrand
