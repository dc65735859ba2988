#include <algorithm>

#include "base/assert.hpp"
#include "views/proof/proof_files.hpp"
#include "views/proof/proof_log.hpp"

namespace firebrand {

struct ProofReader::Files : ProofFiles {
  std::string origin;  ///< Of the log that they are of.
};

namespace {

Unexpected<ProofError> cannot_read() {
  return Unexpected(ProofError{"proof: its files cannot be read"});
}

}  // namespace

std::shared_ptr<const PublishedHead> ProofReader::head() const {
  const std::lock_guard lock(head_mutex_);
  FB_ASSERT(head_ != nullptr);
  return head_;
}

void ProofReader::publish(std::shared_ptr<const PublishedHead> head) {
  const std::lock_guard lock(head_mutex_);
  head_ = std::move(head);
}

Expected<std::shared_ptr<ProofReader::Files>, ProofError> ProofReader::files_of(
    const PublishedHead& head) {
  const std::lock_guard lock(files_mutex_);
  if (open_ == nullptr || open_->origin != head.head.origin) {
    auto opened = std::make_shared<Files>();
    opened->origin = head.head.origin;
    if (auto done = opened->open(files_, head.files, log::OpenMode::read); !done) {
      return Unexpected(ProofError{done.error().message});
    }
    open_ = std::move(opened);
  }
  return open_;
}

MerkleNodeReader ProofReader::nodes_of(Files& files) {
  return
      [&files](std::uint64_t place, Hash256& node) { return read_node(*files.nodes, place, node); };
}

Expected<std::string, ProofError> ProofReader::entries(const PublishedHead& head,
                                                       std::uint64_t start, std::uint64_t end) {
  FB_ASSERT(start < end && end <= head.head.head.size);
  const auto files = files_of(head);
  if (!files) { return Unexpected(files.error()); }
  // The end of the leaf before, and of each that is asked for.
  const std::uint64_t count = std::min(end - start, kEntriesMax);
  std::vector<std::uint64_t> ends(static_cast<std::size_t>(count + 1));
  const std::size_t skipped = start == 0 ? 1 : 0;
  if (!read_exactly(*(*files)->places, std::as_writable_bytes(std::span(ends).subspan(skipped)),
                    (start + skipped - 1) * sizeof(std::uint64_t))) {
    return cannot_read();
  }
  std::size_t last = ends.size() - 1;
  while (last > 1 && ends[last] - ends.front() > kEntriesBytesMax) { --last; }
  std::string text(static_cast<std::size_t>(ends[last] - ends.front()), '\0');
  if (!read_exactly(*(*files)->leaves, std::as_writable_bytes(std::span(text)), ends.front())) {
    return cannot_read();
  }
  return text;
}

Expected<std::vector<Hash256>, ProofError> ProofReader::inclusion(const PublishedHead& head,
                                                                  std::uint64_t leaf,
                                                                  std::uint64_t tree_size) {
  FB_ASSERT(leaf < tree_size && tree_size <= head.head.head.size);
  const auto files = files_of(head);
  if (!files) { return Unexpected(files.error()); }
  auto proof = inclusion_proof(nodes_of(**files), leaf, tree_size);
  if (!proof) { return cannot_read(); }
  return std::move(*proof);
}

Expected<std::vector<Hash256>, ProofError> ProofReader::consistency(const PublishedHead& head,
                                                                    std::uint64_t from,
                                                                    std::uint64_t to) {
  FB_ASSERT(from <= to && to <= head.head.head.size);
  const auto files = files_of(head);
  if (!files) { return Unexpected(files.error()); }
  auto proof = consistency_proof(nodes_of(**files), from, to);
  if (!proof) { return cannot_read(); }
  return std::move(*proof);
}

Expected<Hash256, ProofError> ProofReader::leaf_hash(const PublishedHead& head,
                                                     std::uint64_t leaf) {
  FB_ASSERT(leaf < head.head.head.size);
  const auto files = files_of(head);
  if (!files) { return Unexpected(files.error()); }
  Hash256 hash;
  if (!read_node(*(*files)->nodes, merkle_node_place(0, leaf), hash)) { return cannot_read(); }
  return hash;
}

Expected<ProofOrder, ProofError> ProofReader::order(const PublishedHead& head, OrderId id) {
  const auto files = files_of(head);
  if (!files) { return Unexpected(files.error()); }
  // What stands behind the head is not published yet.
  const auto find = [&](log::File& file, std::uint64_t place) -> std::optional<std::uint64_t> {
    const std::uint64_t stored = read_entry(file, place);
    return stored > 0 && stored <= head.head.head.size ? std::optional(stored - 1) : std::nullopt;
  };
  ProofOrder order{.placed = find(*(*files)->placed, id.value - 1),
                   .ended = find(*(*files)->ended, id.value - 1)};
  for (auto at = order.ended; at;) {
    const auto next = find(*(*files)->next, *at);
    if (next && *next <= *at) { return cannot_read(); }
    if (next) { order.returned.push_back(*next); }
    at = next;
  }
  return order;
}

}  // namespace firebrand
