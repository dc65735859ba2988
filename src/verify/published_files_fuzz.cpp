// Any text as one of the published files, the first letter choosing which. Leaves are signed first,
// so that what stands behind the signature is reached.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "verify/draw_check.hpp"
#include "verify/plan_book.hpp"
#include "verify/public_log.hpp"
#include "verify/queue_check.hpp"
#include "verify/receipt_check.hpp"
#include "verify/stock_book.hpp"

namespace firebrand {
namespace {

const NoteSigner& signer() {
  static const NoteSigner made("firebrand/fuzz", Bytes<32>{{7}});
  return made;
}

std::string head_of(std::string_view leaves) {
  MerkleRoot tree;
  for (std::size_t end = leaves.find('\n'); end != std::string_view::npos;
       end = leaves.find('\n')) {
    tree.append(merkle_leaf(bytes_of(leaves.substr(0, end))));
    leaves.remove_prefix(end + 1);
  }
  return signer().sign(TreeHead{"firebrand/fuzz", {tree.size(), tree.root()}}.text());
}

void follow_stock(const PublicLog& log) {
  StockBook book;
  PlanBook plans;
  (void)for_each_leaf(log, [&](const ProofLeaf& leaf) {
    if (auto taken = book.take(leaf); !taken) { return taken; }
    for (const auto& [name, drop] : book.drops()) {
      FB_ASSERT(drop.announced == drop.unreleased + drop.available() + drop.held + drop.sold +
                                      drop.returned + drop.withdrawn);
    }
    return plans.take(leaf);
  });
}

void read_one(char kind, std::string_view text) {
  const std::span keys(&signer().key(), 1);
  switch (kind) {
    case 'l': {
      const auto log = open_log(text, head_of(text), keys);
      FB_ASSERT(log.has_value());
      follow_stock(*log);
      return (void)check_queues(*log);
    }
    case 'd':
      return (void)verify_draw_record(text);
    case 'r':
      return (void)check_receipt(text, keys);
    default:
      (void)read_tree_head(text, keys);
      return (void)read_keys(text);
  }
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!text.empty()) { firebrand::read_one(text[0], text.substr(1)); }
  return 0;
}
