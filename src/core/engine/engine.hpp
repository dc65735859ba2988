#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/expected.hpp"
#include "base/types.hpp"
#include "core/context.hpp"
#include "core/engine/repeats.hpp"
#include "core/facts.hpp"
#include "core/status.hpp"

namespace firebrand {

struct State;
struct WaitingRoom;

/// Largest record bytes of any registered command; checked when the registry is compiled.
inline constexpr std::size_t kCommandBytesMax = 4096;
/// Largest record bytes of any answer to a query; checked likewise.
inline constexpr std::size_t kAnswerBytesMax = 4096;

/// A command as it stands in a record and in the ingress queue.
struct CommandBytes {
  std::uint16_t number = 0;
  std::span<const std::byte> payload{};
  std::uint16_t version = kNewestVersion;  ///< Of a record that is replayed: its own.
};

/// What became of a command.
struct Outcome {
  enum class Kind : std::uint8_t {
    applied,             ///< The state changed: the record must be logged.
    not_applied,         ///< Malformed, replayed by business id, or refused; nothing changed.
    replayed,            ///< The request key was seen with this command: the first result.
    request_key_reused,  ///< The request key was seen with another command.
    undecodable,         ///< Not a command of this program, or its bytes break its rules.
  };
  Kind kind = Kind::undecodable;
  std::uint8_t status = 0;  ///< Of the command's own enum; unset for the last two kinds.
  std::uint16_t result_size = 0;
  std::uint64_t subject = 0;  ///< What the command is about, if its struct says: subject().
  std::array<std::byte, kResultBytesMax> result{};  ///< Record bytes of the Result.
};

/// What the outside needs to know of a registered command, without its type.
struct CommandInfo {
  std::uint16_t number = 0;
  std::uint16_t version = 0;
  std::string_view name;
};

struct ModuleDigest {
  std::string_view module;
  std::uint64_t digest = 0;
};

enum class LoadError : std::uint8_t {
  piece_unknown,
  piece_newer,  ///< Written by a newer program.
  piece_damaged,
};

/// Every program has had the pieces up to this number. Those behind it may be missing from a
/// snapshot that an older program wrote: their modules begin empty, as they did there, and a module
/// that was never used adds nothing to the digest.
inline constexpr std::uint16_t kPiecesFromTheBeginning = 10;

/// One versioned piece of a snapshot per module.
struct PieceInfo {
  std::uint16_t number = 0;
  std::uint16_t version = 0;
  std::string_view module;
  /// The ledger's, by far the largest: it may load while another thread loads the others, because
  /// it reads none of them and none of them reads it.
  bool loads_beside = false;
};

/// Parts of the memory of a purchase, about equal, that two threads may make ready.
enum class MemoryPart : std::uint8_t { ledger, others };

/// The state and everything that may be done to it. One thread; a pure function of its commands.
/// Live, in replay and in rehearsal the same path: bytes in, apply, status out.
class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Applies one command. Facts of an applied command are in `*context.facts`, which is cleared
  /// first; `context.rules_version` is set from the state. No allocation on the hot path; every
  /// command is bounded.
  [[nodiscard]] Outcome apply(const CommandBytes&, const RequestKey&,
                              CommandContext& context) noexcept;

  /// Answers a registered query with the record bytes of its Result.
  /// @return their size; zero if there is no such query or its bytes do not decode.
  [[nodiscard]] std::size_t answer(const CommandBytes& query, Timestamp now,
                                   std::span<std::byte, kAnswerBytesMax> out) const noexcept;

  /// Brings what the command will touch closer, some commands ahead of apply().
  void prefetch(const CommandBytes&, const RequestKey&) const noexcept;

  /// When the next run_due is needed.
  [[nodiscard]] std::optional<Timestamp> next_due() const noexcept;
  [[nodiscard]] std::uint32_t rules_version() const noexcept;

  /// Equal for equal states on every machine and build. O(1).
  [[nodiscard]] std::uint64_t digest() const noexcept;
  [[nodiscard]] std::vector<ModuleDigest> module_digests() const;
  /// Aborts if an invariant of any module is broken. O(n).
  void check_invariants() const;

  [[nodiscard]] static std::span<const PieceInfo> pieces();
  void save_piece(std::uint16_t number, ByteSink&) const;
  [[nodiscard]] Expected<void, LoadError> load_piece(std::uint16_t number, std::uint16_t version,
                                                     ByteSource&);

  [[nodiscard]] const State& state() const { return *state_; }
  /// Hints for live views: drops and draws that may look different since the last call, and whether
  /// keys or endpoints changed.
  [[nodiscard]] std::vector<DropId> take_touched_drops() noexcept;
  [[nodiscard]] std::vector<DrawId> take_touched_draws() noexcept;
  [[nodiscard]] std::vector<WaitingRoom> take_touched_rooms() noexcept;
  [[nodiscard]] bool take_api_keys_changed() noexcept;
  [[nodiscard]] bool take_webhooks_changed() noexcept;
  /// Memory for the purchases that planned drops will bring, `purchases_max` at most, in bounded
  /// steps for idle moments: the kernel then clears no page while a sale is on. Changes no state.
  /// @return whether it did anything: call again.
  bool make_ready(std::uint64_t purchases_max);
  /// The same for one part. While nothing else is done, two threads may do a part each.
  bool make_ready(MemoryPart part, std::uint64_t purchases_max);

 private:
  std::unique_ptr<State> state_;
};

/// All registered commands in the order of their numbers.
[[nodiscard]] std::span<const CommandInfo> command_infos();
[[nodiscard]] const CommandInfo* find_command(std::uint16_t number);

/// Fingerprint of a command for repeats: over its number and its record bytes.
[[nodiscard]] std::uint64_t command_fingerprint(const CommandBytes&);

}  // namespace firebrand
