#include "edge/server/proof_options.hpp"

#include <string>
#include <vector>

namespace firebrand {

ProofOptions proof_options(const Credentials& credentials, std::uint32_t key) {
  const Credentials* const keys = &credentials;
  return {
      .names = {.order = [keys](OrderId id) { return keys->proof_opening(id); },
                .buyer = [keys](DropId drop,
                                PersonId person) { return keys->proof_opening(drop, person); },
                .entrant = [keys](DrawId draw,
                                  PersonId person) { return keys->draw_entrant(draw, person); },
                .excluded = [keys](DropId drop,
                                   PersonId person) { return keys->exclusion_hash(drop, person); }},
      .make_origin = [keys] { return keys->new_proof_origin(); },
      .signers =
          [keys, key](const std::string& origin) {
            std::vector signers{keys->proof_signer(origin, key)};
            if (key > 1) { signers.push_back(keys->proof_signer(origin, key - 1)); }
            return signers;
          }};
}

}  // namespace firebrand
