#include "base/base64.hpp"

#include <sodium.h>

namespace firebrand {

namespace {

int variant_of(Base64 form) {
  switch (form) {
    case Base64::padded:
      break;
    case Base64::unpadded:
      return sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    case Base64::url:
      return sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  }
  return sodium_base64_VARIANT_ORIGINAL;
}

}  // namespace

std::string to_base64(std::span<const unsigned char> bytes, Base64 form) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant_of(form)), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant_of(form));
  text.pop_back();
  return text;
}

std::optional<std::size_t> from_base64(std::string_view text, Base64 form,
                                       std::span<unsigned char> bytes) {
  // libsodium reads any byte above 127 as the last letter of its alphabet.
  for (const char letter : text) {
    if (static_cast<unsigned char>(letter) > 127) { return std::nullopt; }
  }
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, variant_of(form)) != 0) {
    return std::nullopt;
  }
  return size;
}

}  // namespace firebrand
