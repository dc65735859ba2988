#pragma once

#include <cstdint>

#include "base/text.hpp"
#include "base/types.hpp"

/// The work by which a buyer gets the head start of a wave: docs/proof-of-work.md.
namespace firebrand {

/// What a person works on in a drop; nobody can tell it before the server does.
using ProofChallenge = Bytes<16>;
/// What the work finds. Zero: there is none.
using ProofNonce = Bytes<8>;

/// How long before the opening of its drop a challenge is given out.
inline constexpr Millis kProofLead{600'000};

/// Whether SHA-256 over "firebrand-proof/1", a zero byte, the challenge and the nonce begins with
/// so many zero bits. Half a microsecond. REQUIRES: bits is 0 to 256.
[[nodiscard]] bool is_proof(const ProofChallenge&, const ProofNonce&, std::int32_t bits);

}  // namespace firebrand
