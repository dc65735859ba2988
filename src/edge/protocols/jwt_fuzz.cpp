// Any token and, behind an empty line, any set of keys: first as they are, then the token's parts
// signed by a key that is known, so that what stands behind the signature is reached too.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "edge/protocols/jwt_testing.hpp"

namespace firebrand {
namespace {

void check(const Expected<TokenClaims, JwtError>& read) {
  FB_ASSERT(!read || !read->person.empty());
}

void read_one(std::string_view token, std::string_view set) {
  static const SignatureKey key = SignatureKey::make(SignatureAlgorithm::eddsa);
  static const Jwks keys = {{"k1", key}};
  check(read_jwt(token, keys, token_rules(), token_time()));
  if (const auto read = read_jwks(set)) {
    FB_ASSERT(!read->empty() && read->size() <= kJwksKeysMax);
    check(read_jwt(token, *read, token_rules(), token_time()));
  }
  const std::size_t middle = std::min(token.find('.'), token.size());
  const std::string_view payload = token.substr(std::min(middle + 1, token.size()));
  check(
      read_jwt(make_jwt(key, token.substr(0, middle), payload), keys, token_rules(), token_time()));
  check(read_jwt(make_jwt(key, token_header(key), payload), keys, token_rules(), token_time()));
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find("\n\n"), text.size());
  firebrand::read_one(text.substr(0, end), text.substr(std::min(end + 2, text.size())));
  return 0;
}
