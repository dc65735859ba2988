#include "runtime/projector.hpp"

#include <array>

#include "log/record.hpp"
#include "runtime/record_batch.hpp"

namespace firebrand {

Projector::Projector(log::Writer& writer, ByteRing& facts, const Committer& committer,
                     LogSpace& log_space, std::uint64_t batch_bytes_max,
                     Committer::FailStop fail_stop)
    : writer_(writer),
      facts_(facts),
      committer_(committer),
      log_space_(log_space),
      batch_bytes_max_(batch_bytes_max),
      fail_stop_(fail_stop),
      stored_(log::pack(writer.last())),
      complete_(committer.durable().value) {}

bool Projector::step() {
  // In this order: the sequencer publishes the facts of a record before the record itself.
  const LogOffset durable = committer_.durable();
  const std::span<std::byte> waiting = facts_.readable();
  const RecordBatch batch = first_batch(waiting, batch_bytes_max_, durable);
  if (batch.info.count == 0) {
    complete_.store(durable.value, std::memory_order_release);
    return false;
  }
  if (batch.bytes.size() > writer_.space_left()) {
    log_space_.set_facts_full(true);
    return false;
  }
  log_space_.set_facts_full(false);
  seal_records(waiting.first(batch.bytes.size()));
  const std::array<std::span<const std::byte>, 1> pieces = {batch.bytes};
  if (const auto appended = writer_.append_batch(pieces, batch.info); !appended) {
    fail_stop_("a write to facts/ failed: " + appended.error().message);
    return false;
  }
  facts_.consume(batch.bytes.size());
  stored_.store(log::pack(batch.info.last), std::memory_order_release);
  // Not only once nothing is left: while sales go on there always is, and snapshots wait for this.
  const auto rest = first_position(facts_.readable());
  const bool all = !rest || rest->offset > durable;
  complete_.store(all ? durable.value : rest->offset.value - 1, std::memory_order_release);
  return true;
}

}  // namespace firebrand
