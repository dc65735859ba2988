#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/digest.hpp"
#include "base/types.hpp"
#include "core/launch/exclusion_commands.hpp"

namespace firebrand {

/// Who may not buy in which drop. Drops keeps it, so that all who know drops can ask.
///
/// An exclusion is 24 bytes and lives for good, as its drop does, because the list of a drop stays
/// public; at most kDropExclusionsMax a drop and kExclusionsMax in all.
class Exclusions {
 public:
  [[nodiscard]] bool has(DropId, PersonId) const noexcept;
  /// By person: an order that says nothing of when it was done.
  [[nodiscard]] const std::vector<DropExcluded>& of(DropId) const noexcept;
  [[nodiscard]] bool full(DropId id) const noexcept {
    return count_ >= kExclusionsMax || of(id).size() >= kDropExclusionsMax;
  }
  /// REQUIRES: not full, and the person is not excluded yet.
  void add(const DropExcluded&);

  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  void check_invariants() const;
  void save(ByteSink&) const;
  /// @param drops  How many there are.
  [[nodiscard]] bool load(ByteSource&, std::uint64_t drops);

 private:
  std::vector<std::vector<DropExcluded>> by_drop_;  // Drop n is entry n - 1; each by person.
  std::size_t count_ = 0;
  Digest digest_;
};

}  // namespace firebrand
