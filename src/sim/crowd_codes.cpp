#include "core/launch/queries.hpp"
#include "sim/crowd.hpp"

/// What staff and fans send about priority codes.
namespace firebrand {

SimRequest Crowd::about_codes(Timestamp now) {
  const std::uint64_t choice = prng_.below(10);
  if (batches_.empty() || choice < 3) {
    const KnownDrop drop = recent_of(drops_);
    CreateCodeBatch command{
        .drop_id = often(3) ? DropId{77} : drop.id,
        .count = prng_.between(often(3) ? 0 : 1, 40),
        .kind = often(50) ? CodeKind::bound : CodeKind::transferable,
        .valid_from = std::max(now, drop.opens_at) - Millis{prng_.between(-500, 5'000)}};
    command.valid_until = command.valid_from + Millis{prng_.between(0, 30'000)};
    return request_of(command);
  }
  const KnownBatch batch = recent_of(batches_);
  if (choice < 6) {
    return request_of(RevokeCode{often(5) ? CodeBatchId{prng_.below(50)} : batch.id,
                                 static_cast<std::uint32_t>(prng_.below(batch.count + 2))});
  }
  if (choice < 7) {
    return request_of(RevokeCodeBatch{often(10) ? CodeBatchId{prng_.below(50)} : batch.id});
  }
  return request_of(FindCodeBatch{often(10) ? CodeBatchId{prng_.below(50)} : batch.id});
}

SimRequest Crowd::with_code() {
  const PersonId person{prng_.below(habits_.persons) + 1};
  PlaceOrder command{.drop_id = some_drop_id(), .person_id = person};
  offer_code(command);
  return request_of(command, {ActorKind::fan, person.value});
}

void Crowd::offer_code(PlaceOrder& command) {
  const KnownBatch batch = recent_of(batches_);
  command.code_batch_id = often(2) ? CodeBatchId{prng_.below(50)} : batch.id;
  command.code_index = static_cast<std::uint32_t>(prng_.below(batch.count + 1));
  if (often(90)) { command.drop_id = batch.drop; }
}

}  // namespace firebrand
