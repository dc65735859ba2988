#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "edge/api/credentials.hpp"

/// The installation's key as it leaves the machine. Layout: docs/formats/backup.md.
namespace firebrand {

/// Under a passphrase (scrypt, then AES-256-GCM), with a salt and a nonce of its own: another text
/// at each call. Takes 128 MiB and about half a second; so does opening.
[[nodiscard]] std::string seal_key(const InstallationKey& key, std::string_view passphrase);

/// Nothing under another passphrase, or if any of its bytes has changed.
[[nodiscard]] std::optional<InstallationKey> open_sealed_key(std::string_view sealed,
                                                             std::string_view passphrase);

}  // namespace firebrand
