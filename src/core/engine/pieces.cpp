#include <array>
#include <type_traits>

#include "core/engine/engine.hpp"
#include "core/engine/state.hpp"

/// Digest, invariants and snapshot pieces: what is done with every module alike.
namespace firebrand {

namespace {

/// A module whose entries have grown inside is told the version of what it loads.
template <class Module>
bool load_module(Module& module, ByteSource& source, std::uint16_t version) {
  if constexpr (requires { module.load(source, version); }) {
    return module.load(source, version);
  } else if constexpr (std::is_same_v<decltype(module.load(source)), bool>) {
    return module.load(source);
  } else {
    return module.load(source).has_value();
  }
}

struct Piece {
  PieceInfo info;
  std::uint64_t (*digest)(const State&) = nullptr;
  void (*check)(const State&) = nullptr;
  void (*save)(const State&, ByteSink&) = nullptr;
  bool (*load)(State&, ByteSource&, std::uint16_t version) = nullptr;
};

template <auto Module>
constexpr Piece piece(std::uint16_t number, std::uint16_t version, std::string_view name) {
  return {
      .info = {number, version, name, std::is_same_v<decltype(Module), Ledger State::*>},
      .digest = [](const State& state) { return (state.*Module).digest(); },
      .check =
          [](const State& state) {
            if constexpr (requires { (state.*Module).check_invariants(); }) {
              (state.*Module).check_invariants();
            }
          },
      .save = [](const State& state, ByteSink& sink) { (state.*Module).save(sink); },
      .load = [](State& state, ByteSource& source,
                 std::uint16_t written) { return load_module(state.*Module, source, written); }};
}

/// In the order in which they load: a module may read those before it.
constexpr std::array kPieces = {
    piece<&State::ledger>(1, 1, "ledger"),
    piece<&State::schedule>(2, 1, "schedule"),
    piece<&State::access>(3, 3, "access"),
    piece<&State::catalogue>(4, 1, "catalogue"),
    piece<&State::orders>(5, 1, "orders"),
    piece<&State::launches>(6, 1, "launches"),
    piece<&State::drops>(7, 5, "drops"),
    piece<&State::sale>(8, 3, "sale"),
    piece<&State::repeats>(9, 1, "repeats"),
    piece<&State::system>(10, 1, "system"),
    piece<&State::reservations>(11, 1, "reservations"),
    piece<&State::codes>(12, 1, "codes"),
    piece<&State::draws>(13, 1, "draws"),
    piece<&State::rooms>(14, 2, "waiting_rooms"),
    piece<&State::webhooks>(15, 2, "webhooks"),
    piece<&State::waitlists>(16, 1, "waitlists"),
    piece<&State::buyer_keys>(17, 1, "buyer_keys"),
};

constexpr auto kPieceInfos = [] {
  std::array<PieceInfo, kPieces.size()> infos;
  for (std::size_t i = 0; i < infos.size(); ++i) { infos[i] = kPieces[i].info; }
  return infos;
}();

const Piece* find_piece(std::uint16_t number) {
  for (const Piece& piece : kPieces) {
    if (piece.info.number == number) { return &piece; }
  }
  return nullptr;
}

}  // namespace

std::uint64_t Engine::digest() const noexcept {
  std::uint64_t digest = 0;
  for (const Piece& piece : kPieces) {
    const std::uint64_t own = piece.digest(*state_);
    if (own == 0 && piece.info.number > kPiecesFromTheBeginning) { continue; }
    digest = hash_words(digest, piece.info.number, own);
  }
  return digest;
}

std::vector<ModuleDigest> Engine::module_digests() const {
  std::vector<ModuleDigest> digests;
  for (const Piece& piece : kPieces) {
    digests.push_back({piece.info.module, piece.digest(*state_)});
  }
  return digests;
}

void Engine::check_invariants() const {
  for (const Piece& piece : kPieces) { piece.check(*state_); }
}

std::span<const PieceInfo> Engine::pieces() { return kPieceInfos; }

void Engine::save_piece(std::uint16_t number, ByteSink& sink) const {
  const Piece* const piece = find_piece(number);
  FB_ASSERT(piece != nullptr);
  piece->save(*state_, sink);
}

Expected<void, LoadError> Engine::load_piece(std::uint16_t number, std::uint16_t version,
                                             ByteSource& source) {
  const Piece* const piece = find_piece(number);
  if (piece == nullptr) { return Unexpected(LoadError::piece_unknown); }
  if (version > piece->info.version) { return Unexpected(LoadError::piece_newer); }
  if (!piece->load(*state_, source, version)) { return Unexpected(LoadError::piece_damaged); }
  return {};
}

}  // namespace firebrand
