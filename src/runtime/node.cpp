#include "runtime/node.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "log/record.hpp"
#include "log/snapshot_file.hpp"
#include "runtime/record_batch.hpp"

namespace firebrand {

namespace {

void print_and_abort(const std::string& message) {
  std::fprintf(stderr, "firebrand: stopped, because %s\n", message.c_str());
  std::fflush(stderr);
  std::abort();
}

/// Facts that were not stored before the stop: replay returns them again.
class MissingFacts {
 public:
  MissingFacts(log::Writer& writer, std::uint64_t batch_bytes_max)
      : writer_(writer), batch_bytes_max_(batch_bytes_max) {}

  void take(const log::RecordView& record, const FactBuffer& facts) {
    std::uint16_t index = 0;
    for (const FactBuffer::Entry& fact : facts.entries()) {
      log::RecordHeader header = record.header;
      header.type = fact.type;
      header.version = fact.version;
      header.index = index++;
      header.cause = header.offset.value;
      if (header.position() <= writer_.last()) { continue; }
      const auto payload = facts.payload(fact);
      const std::size_t begin = bytes_.size();
      bytes_.resize(begin + log::record_size(payload.size()));
      (void)log::encode_record(header, payload, bytes_.data() + begin);
    }
  }

  /// Stores what was taken so far once it is worth a batch, or all of it at the end.
  [[nodiscard]] Expected<void, ReplayError> store(bool all) {
    while (!bytes_.empty() && (all || bytes_.size() >= batch_bytes_max_)) {
      const RecordBatch batch = first_batch(bytes_, batch_bytes_max_);
      while (writer_.space_left() < batch.bytes.size()) {
        const auto prepared = writer_.prepare();
        if (!prepared) { return Unexpected(ReplayError{prepared.error().message}); }
        if (!*prepared) { break; }
      }
      const std::array<std::span<const std::byte>, 1> pieces = {batch.bytes};
      if (const auto appended = writer_.append_batch(pieces, batch.info); !appended) {
        return Unexpected(ReplayError{appended.error().message});
      }
      bytes_.erase(bytes_.begin(),
                   bytes_.begin() + static_cast<std::ptrdiff_t>(batch.bytes.size()));
    }
    return {};
  }

 private:
  log::Writer& writer_;
  std::uint64_t batch_bytes_max_;
  std::vector<std::byte> bytes_;
};

/// Facts and snapshots are made of durable records alone: what they know of, the log must hold.
/// Without this check a start would go on from less and give offsets and ids out again.
Expected<void, ReplayError> check_log_end(log::FileSystem& files, const std::string& data,
                                          LogOffset last, LogOffset last_fact) {
  const auto lost = [last](const std::string& witness, LogOffset known, const char* restore) {
    return Unexpected(ReplayError{witness + " knows of record " + std::to_string(known.value) +
                                  ", but the log ends at " + std::to_string(last.value) +
                                  ": the log has lost records that were durable. Restore " +
                                  restore + " from a backup; do not start with what is left"});
  };
  if (last_fact > last) { return lost("facts/", last_fact, "log/"); }
  const auto snapshots = log::list_snapshots(files, snapshots_directory(data));
  if (!snapshots) {
    if (snapshots.error().code == log::FileErrorCode::not_found) { return {}; }
    return Unexpected(ReplayError{snapshots.error().message});
  }
  if (!snapshots->empty() && snapshots->front() > last) {
    return lost("snapshots/" + log::snapshot_name(snapshots->front()), snapshots->front(),
                "log/ and facts/");
  }
  return {};
}

Expected<std::unique_ptr<log::Writer>, ReplayError> open_writer(log::FileSystem& files,
                                                                const std::string& directory,
                                                                const log::WriterOptions& options) {
  auto writer = log::Writer::open(files, directory, options);
  if (!writer) { return Unexpected(ReplayError{writer.error().message}); }
  return std::make_unique<log::Writer>(std::move(*writer));
}

}  // namespace

Node::Node(log::FileSystem& files, std::string data, const NodeOptions& options)
    : files_(files),
      data_(std::move(data)),
      requests_(options.request_ring_bytes),
      answers_(options.answer_ring_bytes),
      commits_(options.commit_ring_bytes),
      facts_(options.fact_ring_bytes) {}

Node::~Node() = default;

Expected<std::unique_ptr<Node>, ReplayError> Node::open(log::FileSystem& files,
                                                        const std::string& data, Clock& clock,
                                                        NodeOptions options) {
  if (options.fail_stop == nullptr) { options.fail_stop = &print_and_abort; }
  std::unique_ptr<Node> node(new Node(files, data, options));
  if (const auto made = files.create_directory(data); !made) {
    return Unexpected(ReplayError{made.error().message});
  }
  auto lock = log::lock_directory(files, data);
  if (!lock) { return Unexpected(ReplayError{lock.error().message}); }
  node->lock_ = std::move(*lock);

  // Both logs first: their ends say how far everything else must reach. The facts before the log,
  // because they tell a torn tail of it from a lost one.
  log::WriterOptions writer_options{.numbering = log::Numbering::sparse,
                                    .segment_bytes = options.segment_bytes,
                                    .segments_ahead = options.segments_ahead,
                                    .batch_bytes_max = options.batch_bytes_max};
  auto facts_writer = open_writer(files, facts_directory(data), writer_options);
  if (!facts_writer) { return Unexpected(facts_writer.error()); }
  node->facts_writer_ = std::move(*facts_writer);
  const LogOffset last_fact = node->facts_writer_->last().offset;
  writer_options.numbering = log::Numbering::dense;
  writer_options.refuse_end = [&](log::Position end) {
    const auto whole = check_log_end(files, data, end.offset, last_fact);
    return whole ? std::string() : whole.error().message;
  };
  auto log_writer = open_writer(files, log_directory(data), writer_options);
  if (!log_writer) { return Unexpected(log_writer.error()); }
  node->log_writer_ = std::move(*log_writer);
  const LogOffset last = node->log_writer_->last().offset;

  auto state = load_newest_snapshot(files, data, last, options.warn, options.run_both);
  if (!state) { return Unexpected(state.error()); }
  node->state_ = std::move(*state);
  node->start_.snapshot_offset = node->state_.offset;
  // Purchases behind the snapshot need memory: two threads get it cleared in half the time.
  const std::uint64_t records = last.value - node->state_.offset.value;
  Engine& engine = *node->state_.engine;
  options.run_both(
      [&] {
        while (engine.make_ready(MemoryPart::ledger, records)) {}
      },
      [&] {
        while (engine.make_ready(MemoryPart::others, records)) {}
      });
  MissingFacts missing(*node->facts_writer_, options.batch_bytes_max);
  Expected<void, ReplayError> stored;
  const auto replayed =
      replay_log(files, data, node->state_, last,
                 [&](const log::RecordView& record, const Outcome&, const FactBuffer& facts) {
                   ++node->start_.replayed;
                   missing.take(record, facts);
                   if (stored) { stored = missing.store(false); }
                 });
  if (!replayed) { return Unexpected(replayed.error()); }
  if (stored) { stored = missing.store(true); }
  if (!stored) { return Unexpected(stored.error()); }
  node->start_.torn_bytes = node->log_writer_->recovery().torn_bytes;
  node->start_.torn_file = node->log_writer_->recovery().torn_file;

  node->log_space_ = std::make_unique<LogSpace>(*node->log_writer_);
  node->committer_ =
      std::make_unique<Committer>(*node->log_writer_, node->commits_, *node->log_space_,
                                  options.batch_bytes_max, options.fail_stop);
  node->projector_ =
      std::make_unique<Projector>(*node->facts_writer_, node->facts_, *node->committer_,
                                  *node->log_space_, options.batch_bytes_max, options.fail_stop);
  node->space_keeper_ = std::make_unique<SpaceKeeper>(*node->log_writer_, *node->facts_writer_);
  const std::uint64_t term = std::max<std::uint64_t>(node->log_writer_->term(), 1);
  node->sequencer_ = std::make_unique<Sequencer>(
      *node->state_.engine,
      Sequencer::Rings{node->requests_, node->answers_, node->commits_, node->facts_},
      *node->log_space_, node->board_, clock, last, node->state_.timestamp, term,
      options.sequencer);

  // Loading and replay have touched everything there is: the board starts with all of it.
  LiveBoardPage page = take_changes(*node->state_.engine, last);
  if (!page.empty()) { node->board_.push(std::move(page)); }
  return node;
}

const AnswerHead* Node::ready_answer() {
  const AnswerHead* const answer = first_answer(answers_.readable());
  return answer != nullptr && answer->wait_offset <= committer_->durable() ? answer : nullptr;
}

}  // namespace firebrand
