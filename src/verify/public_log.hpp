#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/proof_leaf.hpp"
#include "base/signed_note.hpp"
#include "verify/words.hpp"

namespace firebrand {

/// What a signed note's fault means for whoever reads a tree head.
[[nodiscard]] Words words_of(NoteFault fault);

/// One "name+id+base64" a line. Empty lines are passed over.
[[nodiscard]] Expected<std::vector<NoteKey>, Words> read_keys(std::string_view text);

/// All leaves of a log, of which a signed head says that they are these.
struct PublicLog {
  TreeHead head;
  std::vector<std::string_view> leaves;  ///< Into the text that it was opened from.
};

/// @param leaves  One a line, from the first on; those behind the head's size are not looked at.
[[nodiscard]] Expected<PublicLog, Words> open_log(std::string_view leaves, std::string_view head,
                                                  std::span<const NoteKey> keys);
/// Whether an older head of the same log stands over the first of these leaves.
[[nodiscard]] Expected<Report, Words> check_older_head(const PublicLog& log, std::string_view head,
                                                       std::span<const NoteKey> keys);

/// Shows each leaf, read, in order. Stops at the first that `take` does not accept.
[[nodiscard]] Expected<void, Words> for_each_leaf(
    const PublicLog& log, const std::function<Expected<void, Words>(const ProofLeaf&)>& take);

}  // namespace firebrand
