#pragma once

#include <span>
#include <string_view>

#include "base/expected.hpp"
#include "verify/public_log.hpp"
#include "verify/words.hpp"

namespace firebrand {

/// Whether a person's receipt tells what the public log tells of the order: each of its leaves
/// stands in the log, and bears the names that the receipt's openings come to. The format:
/// docs/formats/receipt.md.
[[nodiscard]] Expected<Report, Words> check_receipt(std::string_view receipt,
                                                    std::span<const NoteKey> keys);

}  // namespace firebrand
