#include "core/engine/engine.hpp"

#include <algorithm>
#include <type_traits>

#include "base/codec_binary.hpp"
#include "core/engine/answers.hpp"
#include "core/engine/registry.hpp"

namespace firebrand {

namespace {

using ApplyFunction = bool (*)(State&, const CommandBytes&, const CommandContext&, Outcome&);
using PrefetchFunction = void (*)(const State&, std::span<const std::byte>);
using AnswerFunction = std::size_t (*)(const State&, std::span<const std::byte>, Timestamp,
                                       std::byte*);

struct CommandEntry {
  CommandInfo info;
  ApplyFunction apply = nullptr;
  PrefetchFunction prefetch = nullptr;
};

struct QueryEntry {
  std::uint16_t number = 0;
  AnswerFunction answer = nullptr;
};

/// Decodes, applies and encodes the result. False if the bytes are not this command.
template <class Entry>
bool apply_as(State& state, const CommandBytes& bytes, const CommandContext& context,
              Outcome& outcome) {
  using C = typename Entry::Type;
  static_assert(encoded_size_max<C>() <= kCommandBytesMax);
  static_assert(version_of<C>() == Entry::kVersion, "its fields say another version (Rule::since)");
  C command;
  if (decode_into(command, bytes.payload, bytes.version)) { return false; }
  const auto result = Entry::module(state).apply(command, context);
  using Result = std::remove_const_t<decltype(result)>;
  static_assert(encoded_size_max<Result>() <= kResultBytesMax);
  outcome.status = static_cast<std::uint8_t>(result.status);
  if constexpr (requires { command.subject(); }) { outcome.subject = command.subject(); }
  outcome.result_size = static_cast<std::uint16_t>(encode(result, outcome.result.data()));
  return true;
}

/// A module that can look ahead has `prefetch(const C&)`.
template <class Entry>
void prefetch_as(const State& state, std::span<const std::byte> payload) {
  using C = typename Entry::Type;
  C command;
  if (!decode_into(command, payload)) {
    Entry::module(const_cast<State&>(state)).prefetch(command);
  }
}

template <class Entry>
constexpr CommandEntry command_entry() {
  using C = typename Entry::Type;
  CommandEntry entry{.info = {Entry::kNumber, Entry::kVersion, C::kName},
                     .apply = &apply_as<Entry>};
  if constexpr (requires(State & state, const C& command) {
                  Entry::module(state).prefetch(command);
                }) {
    entry.prefetch = &prefetch_as<Entry>;
  }
  return entry;
}

template <class Entry>
std::size_t answer_as(const State& state, std::span<const std::byte> payload, Timestamp now,
                      std::byte* out) {
  const auto query = decode<typename Entry::Type>(payload);
  if (!query) { return 0; }
  const auto result = answer_query(state, *query, now);
  static_assert(encoded_size_max<std::remove_const_t<decltype(result)>>() <= kAnswerBytesMax);
  return encode(result, out);
}

template <class... Entries>
constexpr auto command_table(std::tuple<Entries...>*) {
  return std::array{command_entry<Entries>()...};
}

template <class... Entries>
constexpr auto query_table(std::tuple<Entries...>*) {
  return std::array{QueryEntry{Entries::kNumber, &answer_as<Entries>}...};
}

constexpr auto kCommandTable = command_table(static_cast<Commands*>(nullptr));
constexpr auto kQueryTable = query_table(static_cast<Queries*>(nullptr));

constexpr auto kCommandInfos = [] {
  std::array<CommandInfo, kCommandTable.size()> infos;
  for (std::size_t i = 0; i < infos.size(); ++i) { infos[i] = kCommandTable[i].info; }
  return infos;
}();
static_assert(std::ranges::is_sorted(kCommandInfos, std::ranges::less_equal{},
                                     &CommandInfo::number),
              "numbers of commands must rise from line to line");

/// Index into kCommandTable by number, so that dispatch is one look-up.
constexpr std::size_t kNumbersMax = 0x1000;
constexpr std::uint8_t kNoEntry = 0xFF;
constexpr auto kEntryByNumber = [] {
  std::array<std::uint8_t, kNumbersMax> entries{};
  entries.fill(kNoEntry);
  for (std::size_t i = 0; i < kCommandTable.size(); ++i) {
    entries[kCommandTable[i].info.number] = static_cast<std::uint8_t>(i);
  }
  return entries;
}();

const CommandEntry* find_entry(std::uint16_t number) {
  if (number >= kNumbersMax || kEntryByNumber[number] == kNoEntry) { return nullptr; }
  return &kCommandTable[kEntryByNumber[number]];
}

}  // namespace

std::span<const CommandInfo> command_infos() { return kCommandInfos; }

const CommandInfo* find_command(std::uint16_t number) {
  const CommandEntry* const entry = find_entry(number);
  return entry == nullptr ? nullptr : &entry->info;
}

std::uint64_t command_fingerprint(const CommandBytes& command) {
  return hash_words(command.number, hash_bytes(command.payload));
}

Engine::Engine() : state_(std::make_unique<State>()) {}
Engine::~Engine() = default;

Outcome Engine::apply(const CommandBytes& command, const RequestKey& key,
                      CommandContext& context) noexcept {
  using Kind = Outcome::Kind;
  FB_ASSERT(context.facts != nullptr);
  context.facts->clear();
  context.rules_version = rules_version();
  Outcome outcome;
  const CommandEntry* const entry = find_entry(command.number);
  if (entry == nullptr) { return outcome; }

  // A repeat gets its first answer, whatever the state says by now.
  const bool has_key = !key.is_zero();
  if (has_key) {
    if (const Repeat* const first = state_->repeats.find(key, context.timestamp)) {
      if (first->fingerprint != command_fingerprint(command)) {
        outcome.kind = Kind::request_key_reused;
        return outcome;
      }
      outcome.kind = Kind::replayed;
      outcome.status = std::to_integer<std::uint8_t>(first->result[0]);
      outcome.result_size = first->result_size;
      outcome.result = first->result;
      return outcome;
    }
  }

  if (!entry->apply(*state_, command, context, outcome)) { return outcome; }
  if (status_band(outcome.status) != StatusBand::done) {
    outcome.kind = Kind::not_applied;
    return outcome;
  }
  outcome.kind = Kind::applied;
  if (has_key) {
    state_->repeats.remember({.key = key,
                              .fingerprint = command_fingerprint(command),
                              .remembered_at = context.timestamp,
                              .command = command.number,
                              .result_size = outcome.result_size,
                              .result = outcome.result});
  }
  return outcome;
}

std::size_t Engine::answer(const CommandBytes& query, Timestamp now,
                           std::span<std::byte, kAnswerBytesMax> out) const noexcept {
  for (const QueryEntry& entry : kQueryTable) {
    if (entry.number == query.number) {
      return entry.answer(*state_, query.payload, now, out.data());
    }
  }
  return 0;
}

void Engine::prefetch(const CommandBytes& command, const RequestKey& key) const noexcept {
  const CommandEntry* const entry = find_entry(command.number);
  if (entry == nullptr) { return; }
  if (!key.is_zero()) { state_->repeats.prefetch(key); }
  if (entry->prefetch != nullptr) { entry->prefetch(*state_, command.payload); }
}

std::optional<Timestamp> Engine::next_due() const noexcept { return state_->schedule.next(); }

std::uint32_t Engine::rules_version() const noexcept { return state_->system.rules_version(); }

std::vector<DropId> Engine::take_touched_drops() noexcept { return state_->drops.take_touched(); }

std::vector<DrawId> Engine::take_touched_draws() noexcept { return state_->draws.take_touched(); }

std::vector<WaitingRoom> Engine::take_touched_rooms() noexcept {
  return state_->rooms.take_touched();
}

bool Engine::take_api_keys_changed() noexcept { return state_->access.take_api_keys_changed(); }

bool Engine::take_webhooks_changed() noexcept { return state_->webhooks.take_changed(); }

bool Engine::make_ready(std::uint64_t purchases_max) {
  return make_ready(MemoryPart::ledger, purchases_max) ||
         make_ready(MemoryPart::others, purchases_max);
}

bool Engine::make_ready(MemoryPart part, std::uint64_t purchases_max) {
  const std::int64_t expected = std::max<std::int64_t>(state_->drops.orders_expected(), 0);
  const std::uint64_t purchases = std::min(static_cast<std::uint64_t>(expected), purchases_max);
  switch (part) {
    case MemoryPart::ledger:
      return state_->ledger.make_ready(purchases, purchases);
    case MemoryPart::others:
      return state_->repeats.make_ready(purchases) || state_->orders.make_ready(purchases) ||
             state_->rooms.make_ready(purchases_max) || state_->waitlists.make_ready(purchases_max);
  }
  return false;
}

}  // namespace firebrand
