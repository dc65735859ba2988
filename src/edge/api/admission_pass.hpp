#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "base/types.hpp"

namespace firebrand {

/// Says that a person was let in from a waiting room: for shops that use the queue alone and sell
/// by themselves. docs/formats/admission-pass.md.
struct AdmissionPass {
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::uint64_t place = 0;
  PersonId person_id{};
  Timestamp valid_until{};

  friend bool operator==(const AdmissionPass&, const AdmissionPass&) = default;
};

using PassPublicKey = Bytes<32>;

/// Makes passes. About 20 µs each.
class PassSigner {
 public:
  PassSigner() = default;
  /// @param seed  The same seed is the same key.
  explicit PassSigner(const Bytes<32>& seed);

  /// "fbp1.", the pass's 34 bytes and the signature, both base64url, with a dot between them.
  [[nodiscard]] std::string sign(const AdmissionPass&) const;
  [[nodiscard]] const PassPublicKey& public_key() const { return public_key_; }

 private:
  PassPublicKey public_key_{};
  std::array<unsigned char, 64> secret_key_{};
};

/// What a pass says, if it was signed with that key and its time is not over. Stands on nothing but
/// libsodium, so that a shop may copy it.
[[nodiscard]] std::optional<AdmissionPass> check_admission_pass(std::string_view text,
                                                                const PassPublicKey& key,
                                                                Timestamp now);

}  // namespace firebrand
