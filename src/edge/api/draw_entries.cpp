#include "edge/api/draw_entries.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/codec_binary.hpp"
#include "base/hex.hpp"
#include "base/id_text.hpp"
#include "base/little_endian.hpp"
#include "base/merkle.hpp"
#include "core/engine/numbers.hpp"
#include "log/reader.hpp"
#include "runtime/replay.hpp"

namespace firebrand {

namespace {

constexpr std::array kZero = {std::byte{0}};

/// One fact that says whether somebody takes part, and with how many tickets.
struct Part {
  PersonId person_id{};
  std::int32_t tickets = 0;  ///< Zero: takes no part from here on.
};

/// The last word on each person counts.
std::vector<DrawTicketHolder> fold(std::vector<Part> parts, DrawId id,
                                   const Credentials& credentials) {
  std::ranges::stable_sort(parts, {}, &Part::person_id);
  std::vector<DrawTicketHolder> holders;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size() || parts[i + 1].person_id != parts[i].person_id;
    if (!is_last || parts[i].tickets == 0) { continue; }
    holders.push_back(
        {credentials.draw_entrant(id, parts[i].person_id), parts[i].person_id, parts[i].tickets});
  }
  return holders;
}

}  // namespace

DrawEntries::DrawEntries(std::vector<DrawTicketHolder> holders) : holders_(std::move(holders)) {
  // Hexadecimal digits stand in the order of the bytes that they write.
  std::ranges::sort(holders_, {}, &DrawTicketHolder::entrant);
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    owners_.insert(owners_.end(), static_cast<std::size_t>(holders_[i].tickets),
                   static_cast<std::uint32_t>(i));
  }
}

const std::vector<std::string>& DrawEntries::ticket_names(std::int32_t tickets) {
  thread_local std::map<std::int32_t, std::vector<std::string>> known;
  std::vector<std::string>& names = known[tickets];
  if (names.empty()) {
    for (std::int32_t i = 1; i <= tickets; ++i) { names.push_back("#" + std::to_string(i)); }
    std::ranges::sort(names);
  }
  return names;
}

void DrawEntries::write_entry(const DrawEntrant& entrant, std::string_view ticket,
                              std::string& text) {
  text.clear();
  CharSink sink(text);
  put_hex(sink, entrant.data);
  text.append(ticket);
}

Hash256 DrawEntries::root() const {
  MerkleRoot tree;
  for_each([&](std::string_view entry) { tree.append(merkle_leaf(bytes_of(entry))); });
  return tree.root();
}

std::vector<PersonId> DrawEntries::order(const Hash256& seed, std::uint64_t most) const {
  std::vector<PersonId> persons;
  std::vector<bool> drawn(holders_.size());
  for (const std::uint32_t entry : draw_order(seed, count(), count())) {
    if (persons.size() >= most) { break; }
    const std::uint32_t owner = owners_[entry];
    if (drawn[owner]) { continue; }
    drawn[owner] = true;
    persons.push_back(holders_[owner].person_id);
  }
  return persons;
}

std::string draw_name(DrawId id) { return std::string(format_id(id).view()); }

std::string entrant_text(const DrawEntrant& entrant) { return to_hex(entrant.data); }

Hash256 exclusion_hash(const Hash256& commit, const DrawEntrant& entrant) {
  const std::string text = entrant_text(entrant);
  return sha256({bytes_of("firebrand-excluded/1"), kZero, bytes_of(commit),
                 bytes_of(std::string_view(text))});
}

ApplyDrawResults next_draw_step(DrawId id, const std::vector<PersonId>& order,
                                std::uint64_t first) {
  ApplyDrawResults step{.draw_id = id, .first = first};
  const std::uint64_t end = std::min<std::uint64_t>(first + kDrawPicksMax, order.size());
  for (std::uint64_t i = first; i < end; ++i) { step.persons.push_back(order[i]); }
  step.last = end >= order.size();
  return step;
}

Expected<DrawFacts, std::string> read_draw_facts(log::FileSystem& files, const std::string& data,
                                                 const Draw& draw, log::Position stored,
                                                 const Credentials& credentials) {
  auto reader = log::Reader::open(files, facts_directory(data), log::Position{draw.opened, 0});
  if (!reader) { return Unexpected(reader.error().message); }
  reader->set_limit(stored);
  DrawFacts facts;
  std::vector<Part> parts;
  while (!facts.completed) {
    const auto record = reader->next();
    if (!record && record.error() == log::ReadError::end_of_log) { break; }
    if (!record) { return Unexpected(std::string(reader->message())); }
    const std::uint16_t type = record->header.type;
    // Each fact of a draw begins with its number.
    if (type < kNumberOf<DrawOpened> || type > kNumberOf<DrawPromoted> ||
        record->payload.size() < 8 ||
        load_le<std::uint64_t>(record->payload.data()) != draw.draw_id.value) {
      continue;
    }
    const auto take_if = [&]<class Fact>(const Fact*, auto&& take) {
      if (type != kNumberOf<Fact>) { return; }
      if (const auto fact = decode<Fact>(record->payload)) { take(*fact); }
    };
    take_if(static_cast<const DrawEntered*>(nullptr), [&](const DrawEntered& fact) {
      parts.push_back({fact.person_id, fact.tickets});
    });
    take_if(static_cast<const DrawTicketsGranted*>(nullptr), [&](const DrawTicketsGranted& fact) {
      parts.push_back({fact.person_id, fact.tickets});
    });
    take_if(static_cast<const DrawLeft*>(nullptr), [&](const DrawLeft& fact) {
      parts.push_back({fact.person_id, 0});
    });
    take_if(static_cast<const DrawExcluded*>(nullptr), [&](const DrawExcluded& fact) {
      parts.push_back({fact.person_id, 0});
      facts.excluded.emplace_back(fact.person_id, fact.reason);
    });
    take_if(static_cast<const DrawClosed*>(nullptr),
            [&](const DrawClosed&) { facts.closed = true; });
    take_if(static_cast<const DrawWon*>(nullptr),
            [&](const DrawWon& fact) { facts.winners.push_back(fact.person_id); });
    take_if(static_cast<const DrawReserved*>(nullptr),
            [&](const DrawReserved& fact) { facts.reserve.push_back(fact.person_id); });
    take_if(static_cast<const DrawPassedOver*>(nullptr), [&](const DrawPassedOver& fact) {
      facts.passed.emplace_back(fact.person_id, fact.reason);
    });
    take_if(static_cast<const DrawCompleted*>(nullptr),
            [&](const DrawCompleted&) { facts.completed = true; });
  }
  facts.holders = fold(std::move(parts), draw.draw_id, credentials);
  return facts;
}

}  // namespace firebrand
