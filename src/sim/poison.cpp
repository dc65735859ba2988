#include "sim/poison.hpp"

#include <algorithm>

#include "base/byte_stream.hpp"
#include "sim/compare.hpp"
#include "sim/lone_engine.hpp"
#include "sim/model.hpp"
#include "sim/trace.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kHeadBytes = 10;
constexpr std::uint8_t kActorKinds = 5;
/// Invariants are walked after each so many commands, and at the end.
constexpr std::size_t kCheckEvery = 64;

void audit_reload(const Engine& engine) {
  Engine loaded;
  for (const PieceInfo& piece : Engine::pieces()) {
    MemorySink sink;
    engine.save_piece(piece.number, sink);
    MemorySource source(sink.bytes());
    audit(loaded.load_piece(piece.number, piece.version, source).has_value(),
          "a piece does not load");
    audit(source.bytes_left() == 0, "a piece is longer than what is read of it");
  }
  audit(loaded.digest() == engine.digest(), "the loaded state has another digest");
  loaded.check_invariants();
}

void audit_outcome(const Outcome& outcome, const ModelReply& reply, const FactBuffer& facts) {
  audit(answer_kind(outcome.kind) == reply.kind, "another kind of outcome");
  audit((outcome.kind == Outcome::Kind::applied) == reply.applied, "applied or not");
  if (reply.kind == AnswerKind::result || reply.kind == AnswerKind::replayed) {
    audit(outcome.status == reply.status, "another status");
    audit(std::ranges::equal(std::span(outcome.result).first(outcome.result_size), reply.result),
          "other fields of the result");
  }
  if (!reply.applied) { return; }
  audit(facts.entries().size() == reply.facts.size(), "another number of facts");
  for (std::size_t i = 0; i < reply.facts.size(); ++i) {
    const FactBuffer::Entry& fact = facts.entries()[i];
    audit(fact.type == reply.facts[i].type &&
              std::ranges::equal(facts.payload(fact), reply.facts[i].payload),
          "another fact");
  }
}

}  // namespace

std::vector<Poison> read_poison(std::span<const std::byte> bytes) {
  std::vector<Poison> poisons;
  while (bytes.size() >= kHeadBytes) {
    Poison poison;
    poison.request.number = load_le<std::uint16_t>(bytes.data());
    poison.after = Millis{load_le<std::uint32_t>(bytes.data() + 2)};
    poison.request.key.data[0] = std::to_integer<std::uint8_t>(bytes[6]);
    poison.request.actor.kind =
        static_cast<ActorKind>(std::to_integer<std::uint8_t>(bytes[7]) % kActorKinds);
    const std::size_t size = std::min<std::size_t>(
        {load_le<std::uint16_t>(bytes.data() + 8), bytes.size() - kHeadBytes, kCommandBytesMax});
    const auto payload = bytes.subspan(kHeadBytes, size);
    poison.request.payload.assign(payload.begin(), payload.end());
    poisons.push_back(std::move(poison));
    bytes = bytes.subspan(kHeadBytes + size);
  }
  return poisons;
}

ByteVector write_poison(std::span<const Poison> poisons) {
  ByteVector bytes;
  for (const Poison& poison : poisons) {
    const std::size_t begin = bytes.size();
    bytes.resize(begin + kHeadBytes);
    std::byte* const head = bytes.data() + begin;
    store_le(head, poison.request.number);
    store_le(head + 2, static_cast<std::uint32_t>(poison.after.count()));
    store_le(head + 6, poison.request.key.data[0]);
    store_le(head + 7, static_cast<std::uint8_t>(poison.request.actor.kind));
    store_le(head + 8, static_cast<std::uint16_t>(poison.request.payload.size()));
    bytes.insert(bytes.end(), poison.request.payload.begin(), poison.request.payload.end());
  }
  return bytes;
}

void swallow_poison(std::span<const Poison> poisons) {
  LoneEngine lone(kPoisonStart);
  Model model;
  std::size_t count = 0;
  for (const Poison& poison : poisons) {
    lone.pass(poison.after);
    const std::uint64_t before = lone.engine().digest();
    const Outcome outcome = lone.apply(poison.request);
    audit_outcome(outcome, model.apply(poison.request, lone.now()), lone.facts());
    audit(outcome.kind == Outcome::Kind::applied || lone.engine().digest() == before,
          "a command that was not applied changed the state");
    if (++count % kCheckEvery == 0) { compare_all(lone.engine(), model); }
  }
  compare_all(lone.engine(), model);
  audit_reload(lone.engine());
}

}  // namespace firebrand
