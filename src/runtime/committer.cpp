#include "runtime/committer.hpp"

#include <array>

#include "log/record.hpp"
#include "runtime/record_batch.hpp"

namespace firebrand {

Committer::Committer(log::Writer& writer, ByteRing& records, LogSpace& log_space,
                     std::uint64_t batch_bytes_max, FailStop fail_stop)
    : writer_(writer),
      records_(records),
      log_space_(log_space),
      batch_bytes_max_(batch_bytes_max),
      fail_stop_(fail_stop),
      durable_(writer.last().offset.value) {}

bool Committer::step() {
  const std::span<std::byte> waiting = records_.readable();
  const RecordBatch batch = first_batch(waiting, batch_bytes_max_);
  if (batch.info.count == 0) { return false; }
  seal_records(waiting.first(batch.bytes.size()));
  const std::array<std::span<const std::byte>, 1> pieces = {batch.bytes};
  if (const auto appended = writer_.append_batch(pieces, batch.info); !appended) {
    fail_stop_("a write to log/ failed: " + appended.error().message);
    return false;
  }
  appended_bytes_ += batch.bytes.size();
  stats_.batches.fetch_add(1, std::memory_order_relaxed);
  stats_.records.fetch_add(batch.info.count, std::memory_order_relaxed);
  stats_.bytes.fetch_add(batch.bytes.size(), std::memory_order_relaxed);
  records_.consume(batch.bytes.size());
  log_space_.set_appended(appended_bytes_);
  durable_.store(batch.info.last.offset.value, std::memory_order_release);
  return true;
}

}  // namespace firebrand
