#include "edge/api/order_receipt.hpp"

#include <vector>

#include "base/hex.hpp"
#include "base/id_text.hpp"

namespace firebrand {

namespace {

/// The leaf with its proof.
Expected<void, ProofError> append_leaf(ProofReader& reader, const PublishedHead& head,
                                       std::uint64_t leaf, std::string& text) {
  const auto line = reader.entries(head, leaf, leaf + 1);
  if (!line) { return Unexpected(line.error()); }
  const auto path = reader.inclusion(head, leaf, head.head.head.size);
  if (!path) { return Unexpected(path.error()); }
  text.append("leaf ").append(std::to_string(leaf)).append(" ").append(*line).append("path");
  for (const Hash256& node : *path) { text.append(" ").append(to_hex(node.data)); }
  text.append("\n");
  return {};
}

}  // namespace

Expected<std::string, ProofError> write_receipt(ProofReader& reader, const PublishedHead& head,
                                                const ReceiptSubject& subject,
                                                const Credentials& credentials) {
  const auto found = reader.order(head, subject.order_id);
  if (!found) { return Unexpected(found.error()); }
  if (!found->placed) { return std::string(); }
  std::string text = "firebrand-receipt/1\n";
  const auto line = [&](std::string_view name, std::string_view value) {
    text.append(name).append(" ").append(value).append("\n");
  };
  line("order", format_id(subject.order_id).view());
  line("order_opening", to_hex(credentials.proof_opening(subject.order_id).data));
  line("buyer", format_id(subject.person_id).view());
  line("buyer_opening", to_hex(credentials.proof_opening(subject.drop_id, subject.person_id).data));
  std::vector<std::uint64_t> leaves{*found->placed};
  if (found->ended) { leaves.push_back(*found->ended); }
  leaves.insert(leaves.end(), found->returned.begin(), found->returned.end());
  for (const std::uint64_t leaf : leaves) {
    if (auto done = append_leaf(reader, head, leaf, text); !done) {
      return Unexpected(done.error());
    }
  }
  return text + "head\n" + head.note;
}

}  // namespace firebrand
