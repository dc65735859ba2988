#pragma once

#include <string>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "edge/api/credentials.hpp"
#include "views/proof/proof_log.hpp"

namespace firebrand {

/// What a buyer keeps of an order: its leaves with the proofs that they stand in the public log,
/// and the openings that tell them apart from all others. docs/formats/receipt.md.
struct ReceiptSubject {
  OrderId order_id{};
  DropId drop_id{};
  PersonId person_id{};
};

/// @return an empty text if the log does not tell of the order yet.
[[nodiscard]] Expected<std::string, ProofError> write_receipt(ProofReader& reader,
                                                              const PublishedHead& head,
                                                              const ReceiptSubject& subject,
                                                              const Credentials& credentials);

}  // namespace firebrand
