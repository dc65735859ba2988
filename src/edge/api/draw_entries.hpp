#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/draw.hpp"
#include "base/expected.hpp"
#include "base/types.hpp"
#include "core/launch/draws.hpp"
#include "edge/api/credentials.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"

/// What is computed of a draw outside the engine: from the facts of its entries, which are durable
/// and frozen at its close, so that it can begin again at any time and comes to the same.
namespace firebrand {

/// Somebody whose tickets are in the draw.
struct DrawTicketHolder {
  DrawEntrant entrant{};
  PersonId person_id{};
  std::int32_t tickets = 1;
};

/// The entries of a draw, "<entrant>#<ticket>", sorted by their bytes. 32 bytes a person and 4 a
/// ticket.
class DrawEntries {
 public:
  /// @param holders  In any order; each person once.
  explicit DrawEntries(std::vector<DrawTicketHolder> holders);

  /// Tickets.
  [[nodiscard]] std::uint64_t count() const { return owners_.size(); }
  /// Merkle root over the entries. 0.7 µs an entry.
  [[nodiscard]] Hash256 root() const;
  /// People in the order in which they are drawn: later tickets of one who was drawn are passed
  /// over. At most `most`.
  [[nodiscard]] std::vector<PersonId> order(const Hash256& seed, std::uint64_t most) const;
  /// Calls `take(text)` for each entry in order.
  template <class Take>
  void for_each(Take&& take) const {
    std::string text;
    for (const DrawTicketHolder& holder : holders_) {
      for (const std::string& ticket : ticket_names(holder.tickets)) {
        write_entry(holder.entrant, ticket, text);
        take(std::string_view(text));
      }
    }
  }

 private:
  /// "#1" to "#<tickets>" in the order of their bytes.
  [[nodiscard]] static const std::vector<std::string>& ticket_names(std::int32_t tickets);
  static void write_entry(const DrawEntrant& entrant, std::string_view ticket, std::string& text);

  std::vector<DrawTicketHolder> holders_;  // By entrant.
  std::vector<std::uint32_t> owners_;      // Of each entry: its place in holders_.
};

/// "draw_7": what goes into the seed.
[[nodiscard]] std::string draw_name(DrawId id);
[[nodiscard]] std::string entrant_text(const DrawEntrant& entrant);
/// What stands in the public list for somebody who was kept out: who knows their entrant, from
/// their own receipt, finds themselves there, and nobody else does.
[[nodiscard]] Hash256 exclusion_hash(const Hash256& commit, const DrawEntrant& entrant);

/// The next people of the order, and whether they are the last. REQUIRES: first <= order.size().
[[nodiscard]] ApplyDrawResults next_draw_step(DrawId id, const std::vector<PersonId>& order,
                                              std::uint64_t first);

/// What facts/ says of one draw.
struct DrawFacts {
  std::vector<DrawTicketHolder> holders;  ///< At the close.
  std::vector<std::pair<PersonId, DrawExclusion>> excluded;
  std::vector<std::pair<PersonId, DrawPassing>> passed;  ///< Until the draw was completed.
  std::vector<PersonId> winners;
  std::vector<PersonId> reserve;
  bool closed = false;
  bool completed = false;
};

/// Reads facts/ from the draw's opening until it was completed, or up to `stored`. A million
/// entries in about a second.
[[nodiscard]] Expected<DrawFacts, std::string> read_draw_facts(log::FileSystem& files,
                                                               const std::string& data,
                                                               const Draw& draw,
                                                               log::Position stored,
                                                               const Credentials& credentials);

}  // namespace firebrand
