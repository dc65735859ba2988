#include "views/proof/proof_files.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/merkle.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kNameBytesMax = 16'384;

}  // namespace

std::optional<ProofName> parse_proof_name(std::string_view text) {
  const auto line = [&] {
    const std::string_view found = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(found.size() + 1, text.size()));
    return found;
  };
  if (line() != kProofFormat) { return std::nullopt; }
  ProofName name;
  const std::string_view digits = line();
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), name.number);
  name.origin = line();
  name.restart = text;
  if (read.ec != std::errc{} || name.number == 0 || name.origin.empty()) { return std::nullopt; }
  return name;
}

Expected<std::string, log::FileError> read_proof_name(log::FileSystem& files,
                                                      const std::string& path) {
  return log::read_file(files, path, kNameBytesMax);
}

std::optional<KeptHead> read_newest_head(log::File& heads) {
  const auto bytes = heads.size();
  if (!bytes) { return std::nullopt; }
  const std::uint64_t count = *bytes / HeadRecord::kBytes;
  // Each is synced before the next one is written: only the last may be torn.
  for (std::uint64_t i = count; i > 0 && i + 2 > count; --i) {
    HeadRecord::Stored stored{};
    if (!read_exactly(heads, stored, (i - 1) * HeadRecord::kBytes)) { return std::nullopt; }
    if (const auto decoded = HeadRecord::decode(stored)) { return KeptHead{*decoded, i}; }
  }
  if (count > 1) { return std::nullopt; }
  return KeptHead{.head = {.root = MerkleRoot().root()}};
}

}  // namespace firebrand
