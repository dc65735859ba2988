#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "base/merkle_proof.hpp"
#include "base/text.hpp"

/// Texts with Ed25519 signatures below them, and tree heads as such texts, in the form that other
/// public logs use: C2SP signed-note and tlog-checkpoint. docs/formats/tree-head.md.
namespace firebrand {

/// Whose signature counts. As text "name+8 hexadecimal digits+base64".
struct NoteKey {
  std::string name;  ///< Without blanks and plus signs.
  Bytes<32> key{};   ///< Ed25519, public.

  /// Nothing if it is no such text, or the digits are not those of name and key.
  [[nodiscard]] static std::optional<NoteKey> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  /// The first bytes of a hash of name and key: tells keys of one name apart.
  [[nodiscard]] std::array<std::uint8_t, 4> id() const;

  friend bool operator==(const NoteKey&, const NoteKey&) = default;
};

/// Signs in one name. About 20 µs a text.
class NoteSigner {
 public:
  /// @param seed  The same seed is the same key.
  NoteSigner(std::string name, const Bytes<32>& seed);

  /// The text, an empty line, and the signature's line. REQUIRES: the text ends with a line feed.
  [[nodiscard]] std::string sign(std::string_view text) const;
  [[nodiscard]] const NoteKey& key() const { return key_; }

 private:
  NoteKey key_;
  std::array<unsigned char, 64> secret_key_{};
};

enum class NoteFault : std::uint8_t {
  malformed,        ///< No signed text, or another text than expected.
  no_known_key,     ///< Nobody signed whose key is known.
  signature_wrong,  ///< The text is not the one that was signed.
};

/// The text of a note, if one of the keys signed it; a wrong signature of any of them refuses it.
[[nodiscard]] Expected<std::string_view, NoteFault> open_note(std::string_view note,
                                                              std::span<const NoteKey> keys);

/// What a log says of itself: so many leaves, under this root.
struct TreeHead {
  std::string origin;  ///< Names the log, and is the name of its keys.
  MerkleHead head{};

  /// Three lines: origin, size, root in base64.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

[[nodiscard]] Expected<TreeHead, NoteFault> read_tree_head(std::string_view note,
                                                           std::span<const NoteKey> keys);

}  // namespace firebrand
