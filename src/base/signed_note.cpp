#include "base/signed_note.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/assert.hpp"
#include "base/base64.hpp"
#include "base/hex.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kSignatureMark = "\u2014 ";               // An em dash.
constexpr std::array kKeyKind = {std::byte{'\n'}, std::byte{0x01}};  // Ed25519.
constexpr std::size_t kSignatureBytes = 4 + crypto_sign_BYTES;
constexpr std::size_t kSignaturesMax = 16;

using SignatureBytes = std::array<unsigned char, kSignatureBytes>;

std::string base64(std::span<const unsigned char> bytes) {
  return to_base64(bytes, Base64::padded);
}

bool read_base64(std::string_view text, std::span<unsigned char> bytes) {
  return from_base64(text, Base64::padded, bytes) == bytes.size();
}

/// A signature's line without its end.
struct Signature {
  std::string_view name;
  SignatureBytes bytes{};
};

std::optional<Signature> read_signature(std::string_view line) {
  if (!line.starts_with(kSignatureMark)) { return std::nullopt; }
  line.remove_prefix(kSignatureMark.size());
  const std::size_t blank = line.find(' ');
  if (blank == 0 || blank == std::string_view::npos) { return std::nullopt; }
  Signature signature{.name = line.substr(0, blank)};
  if (!read_base64(line.substr(blank + 1), signature.bytes)) { return std::nullopt; }
  return signature;
}

/// Takes the first line off; nothing if it has no end.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) { return std::nullopt; }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::array<std::uint8_t, 4> NoteKey::id() const {
  const Hash256 hash = sha256({bytes_of(name), kKeyKind, bytes_of(key)});
  return {hash.data[0], hash.data[1], hash.data[2], hash.data[3]};
}

std::string NoteKey::text() const {
  std::array<unsigned char, 33> kind_and_key{std::to_integer<unsigned char>(kKeyKind[1])};
  std::ranges::copy(key.data, kind_and_key.begin() + 1);
  return name + "+" + to_hex(id()) + "+" + base64(kind_and_key);
}

std::optional<NoteKey> NoteKey::parse(std::string_view text) {
  const std::size_t first = text.find('+');
  if (first == 0 || first == std::string_view::npos || text.size() < first + 10) {
    return std::nullopt;
  }
  NoteKey found{.name = std::string(text.substr(0, first))};
  std::array<unsigned char, 33> kind_and_key{};
  if (text[first + 9] != '+' || !read_base64(text.substr(first + 10), kind_and_key)) {
    return std::nullopt;
  }
  std::copy(kind_and_key.begin() + 1, kind_and_key.end(), found.key.data.begin());
  // Also refuses another kind of key, a blank in the name, and capital digits: one form each.
  const bool is_plain = found.name.find_first_of(" \n\t") == std::string::npos;
  return is_plain && found.text() == text ? std::optional(found) : std::nullopt;
}

NoteSigner::NoteSigner(std::string name, const Bytes<32>& seed) : key_{.name = std::move(name)} {
  static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64 &&
                crypto_sign_PUBLICKEYBYTES == 32);
  const int made =
      crypto_sign_seed_keypair(key_.key.data.data(), secret_key_.data(), seed.data.data());
  FB_ASSERT(made == 0);
}

std::string NoteSigner::sign(std::string_view text) const {
  FB_ASSERT(text.ends_with('\n'));
  SignatureBytes bytes{};
  std::ranges::copy(key_.id(), bytes.begin());
  crypto_sign_detached(bytes.data() + 4, nullptr,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       secret_key_.data());
  std::string note(text);
  note.append("\n").append(kSignatureMark).append(key_.name).append(" ");
  return note.append(base64(bytes)).append("\n");
}

Expected<std::string_view, NoteFault> open_note(std::string_view note,
                                                std::span<const NoteKey> keys) {
  const std::size_t gap = note.rfind("\n\n");
  if (gap == std::string_view::npos) { return Unexpected(NoteFault::malformed); }
  const std::string_view text = note.substr(0, gap + 1);
  std::string_view rest = note.substr(gap + 2);
  bool signed_by_one = false;
  for (std::size_t count = 0; !rest.empty(); ++count) {
    const auto line = take_line(rest);
    const auto signature = line ? read_signature(*line) : std::nullopt;
    if (!signature || count == kSignaturesMax) { return Unexpected(NoteFault::malformed); }
    for (const NoteKey& key : keys) {
      if (key.name != signature->name ||
          !std::ranges::equal(key.id(), std::span(signature->bytes).first(4))) {
        continue;
      }
      if (crypto_sign_verify_detached(signature->bytes.data() + 4,
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      text.size(), key.key.data.data()) != 0) {
        return Unexpected(NoteFault::signature_wrong);
      }
      signed_by_one = true;
    }
  }
  if (!signed_by_one) { return Unexpected(NoteFault::no_known_key); }
  return text;
}

std::string TreeHead::text() const {
  return origin + "\n" + std::to_string(head.size) + "\n" + base64(head.root.data) + "\n";
}

Expected<TreeHead, NoteFault> read_tree_head(std::string_view note, std::span<const NoteKey> keys) {
  const auto opened = open_note(note, keys);
  if (!opened) { return Unexpected(opened.error()); }
  std::string_view text = *opened;
  const auto origin = take_line(text);
  const auto size = take_line(text);
  const auto root = take_line(text);
  if (!origin || !size || !root) { return Unexpected(NoteFault::malformed); }
  TreeHead head{.origin = std::string(*origin)};
  const auto read = std::from_chars(size->data(), size->data() + size->size(), head.head.size);
  if (read.ec != std::errc{} || !read_base64(*root, head.head.root.data)) {
    return Unexpected(NoteFault::malformed);
  }
  // Written again it is the same: no leading zeros, no further lines.
  if (head.text() != *opened) { return Unexpected(NoteFault::malformed); }
  return head;
}

}  // namespace firebrand
