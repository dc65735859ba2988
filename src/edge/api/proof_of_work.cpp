#include "edge/api/proof_of_work.hpp"

#include <bit>
#include <string_view>

#include "base/sha256.hpp"

namespace firebrand {

bool is_proof(const ProofChallenge& challenge, const ProofNonce& nonce, std::int32_t bits) {
  constexpr std::string_view kFormat{"firebrand-proof/1\0", 18};
  const Hash256 hash = sha256({bytes_of(kFormat), std::as_bytes(std::span(challenge.data)),
                               std::as_bytes(std::span(nonce.data))});
  std::int32_t zeros = 0;
  for (const std::uint8_t byte : hash.data) {
    zeros += std::countl_zero(byte);
    if (byte != 0) { break; }
  }
  return zeros >= bits;
}

}  // namespace firebrand
