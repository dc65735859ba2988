#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "base/merkle_proof.hpp"
#include "base/signed_note.hpp"
#include "base/types.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"
#include "views/proof/leaves.hpp"

/// The public log: a leaf for each step of a unit, a draw or a queue, in files of its own that only
/// grow, under signed tree heads. docs/formats/proof-log.md.
namespace firebrand {

struct ProofOptions {
  ProofNames names{};
  /// For a new log: a name that no log had before.
  std::function<std::string()> make_origin;
  /// Who signs the heads of a log, the newest key first.
  std::function<std::vector<NoteSigner>(const std::string& origin)> signers;
};

/// A head that everybody may see.
struct PublishedHead {
  TreeHead head;
  std::string note;              ///< Signed.
  std::vector<NoteKey> keys;     ///< Who signed it.
  std::uint64_t leaf_bytes = 0;  ///< Of all its leaves, with their line feeds.
  std::string restart;           ///< A signed statement why this log began; empty for the first.
  std::string files;             ///< What the paths of its files begin with.
};

/// Where an order stands in the log.
struct ProofOrder {
  std::optional<std::uint64_t> placed;  ///< Numbers of leaves.
  std::optional<std::uint64_t> ended;   ///< Paid, expired or cancelled.
  /// Each time that units came back, in order: at most as many as the order has units.
  std::vector<std::uint64_t> returned{};
};

/// Reads what was published. Any number of threads.
class ProofReader {
 public:
  static constexpr std::uint64_t kEntriesMax = 10'000;
  static constexpr std::uint64_t kEntriesBytesMax = 128U << 10;

  explicit ProofReader(log::FileSystem& files) : files_(files) {}

  /// The newest. REQUIRES: a projector was opened, which publishes one: at first of no leaves.
  [[nodiscard]] std::shared_ptr<const PublishedHead> head() const;

  /// Leaves from `start` on, each with a line feed: up to `end`, kEntriesMax or some
  /// kEntriesBytesMax, whichever comes first, but at least one. REQUIRES: start < end <= size.
  [[nodiscard]] Expected<std::string, ProofError> entries(const PublishedHead&, std::uint64_t start,
                                                          std::uint64_t end);
  /// REQUIRES: leaf < tree_size <= size.
  [[nodiscard]] Expected<std::vector<Hash256>, ProofError> inclusion(const PublishedHead&,
                                                                     std::uint64_t leaf,
                                                                     std::uint64_t tree_size);
  /// REQUIRES: from <= to <= size.
  [[nodiscard]] Expected<std::vector<Hash256>, ProofError> consistency(const PublishedHead&,
                                                                       std::uint64_t from,
                                                                       std::uint64_t to);
  [[nodiscard]] Expected<Hash256, ProofError> leaf_hash(const PublishedHead&, std::uint64_t leaf);
  [[nodiscard]] Expected<ProofOrder, ProofError> order(const PublishedHead&, OrderId);

 private:
  friend class ProofProjector;
  struct Files;

  void publish(std::shared_ptr<const PublishedHead> head);
  /// The files of that log, opened anew after another one began.
  [[nodiscard]] Expected<std::shared_ptr<Files>, ProofError> files_of(const PublishedHead&);
  [[nodiscard]] MerkleNodeReader nodes_of(Files& files);

  log::FileSystem& files_;
  mutable std::mutex head_mutex_;
  std::shared_ptr<const PublishedHead> head_;
  std::mutex files_mutex_;
  std::shared_ptr<Files> open_;
};

/// Feeds the log: reads facts/ from its own cursor on, appends leaves, and now and then syncs them
/// and signs a head over them. What is published is durable and never changes; what was written
/// without a head is written again after a crash, from the same facts to the same bytes. One
/// thread.
///
/// Where facts/ no longer holds what the log tells, because an older backup was put back, a new log
/// begins, with a signed statement that names the last head of the old one.
class ProofProjector {
 public:
  /// @param data    The data directory; the log is in proof/ there, made if missing.
  /// @param reader  Is told of each head. Outlives the projector.
  [[nodiscard]] static Expected<std::unique_ptr<ProofProjector>, ProofError> open(
      log::FileSystem& files, const std::string& data, ProofOptions options, ProofReader& reader);
  ~ProofProjector();
  ProofProjector(const ProofProjector&) = delete;
  ProofProjector& operator=(const ProofProjector&) = delete;

  /// Takes facts up to `stored`, at most a few thousand. @return whether there were any; an error
  /// is repeated by every further call.
  [[nodiscard]] Expected<bool, ProofError> step(log::Position stored);
  /// Syncs what was appended and publishes a head over it, if there is anything new.
  [[nodiscard]] Expected<void, ProofError> publish();

  /// Any thread: everything up to here is under the published head.
  [[nodiscard]] log::Position published() const noexcept;

 private:
  struct State;
  explicit ProofProjector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace firebrand
