#include "sim/model_codes.hpp"

namespace firebrand {

CreateCodeBatchResult ModelCodes::apply(const CreateCodeBatch& command, ModelDrops& drops,
                                        const ModelContext& context) {
  using enum CreateCodeBatchStatus;
  if (command.count < 1 || command.count > 16'777'215) { return {code_count_out_of_range}; }
  if (!(command.valid_from < command.valid_until)) { return {code_times_out_of_order}; }
  const ModelDrop* const drop = drops.find(command.drop_id);
  if (drop == nullptr) { return {drop_not_found}; }
  if (drop->cancelled()) { return {drop_cancelled}; }
  batches_.push_back({.terms = command});
  const CodeBatchId id{batches_.size()};
  context.deadlines.insert(
      {command.valid_until + kOrderRetention, DeadlineKind::audience_step, id.value * 8 + 4, 0});
  context.emit(CodeBatchCreated{id, command.drop_id, command.count, command.kind,
                                command.valid_from, command.valid_until});
  return {created, id};
}

RevokeCodeResult ModelCodes::apply(const RevokeCode& command, const ModelContext& context) {
  using enum RevokeCodeStatus;
  const std::uint64_t id = command.code_batch_id.value;
  if (id < 1 || id > batches_.size()) { return {code_not_found}; }
  ModelBatch& batch = batches_[id - 1];
  if (std::int64_t{command.code_index} >= batch.terms.count) { return {code_not_found}; }
  if (batch.terms.valid_until <= context.now) { return {code_over}; }
  if (const auto known = batch.codes.find(command.code_index); known != batch.codes.end()) {
    if (known->second.state == CodeState::revoked) { return {already_revoked}; }
    if (known->second.state == CodeState::used) { return {code_used}; }
  }
  know(command.code_batch_id, command.code_index).state = CodeState::revoked;
  ++batch.revoked_codes;
  context.emit(CodeRevoked{command.code_batch_id, command.code_index});
  return {revoked};
}

RevokeCodeBatchResult ModelCodes::apply(const RevokeCodeBatch& command,
                                        const ModelContext& context) {
  using enum RevokeCodeBatchStatus;
  const std::uint64_t id = command.code_batch_id.value;
  if (id < 1 || id > batches_.size()) { return {code_batch_not_found}; }
  if (batches_[id - 1].revoked) { return {already_revoked}; }
  batches_[id - 1].revoked = true;
  context.emit(CodeBatchRevoked{command.code_batch_id});
  return {revoked};
}

void ModelCodes::codes_leave(std::uint64_t number, const ModelContext& context) {
  ModelBatch& batch = batches_[number - 1];
  for (int i = 0; i < 300 && !batch.order.empty(); ++i) {
    batch.codes.erase(batch.order.back());
    batch.order.pop_back();
  }
  if (batch.order.empty()) { return; }
  context.deadlines.insert(
      {context.now + Millis{1}, DeadlineKind::audience_step, number * 8 + 4, 0});
}

FindCodeBatchResult ModelCodes::answer(const FindCodeBatch& query) const {
  using enum FindCodeBatchStatus;
  const std::uint64_t id = query.code_batch_id.value;
  if (id < 1 || id > batches_.size()) { return {code_batch_not_found}; }
  const ModelBatch& batch = batches_[id - 1];
  return {found,
          {.code_batch_id = query.code_batch_id,
           .drop_id = batch.terms.drop_id,
           .count = batch.terms.count,
           .kind = batch.terms.kind,
           .valid_from = batch.terms.valid_from,
           .valid_until = batch.terms.valid_until,
           .state = batch.revoked ? CodeBatchState::revoked : CodeBatchState::good,
           .used = batch.used,
           .sold = batch.sold,
           .revoked = batch.revoked_codes}};
}

bool ModelCodes::usable(CodeBatchId id, std::uint32_t index, DropId drop, PersonId person,
                        Timestamp now) const {
  if (id.value < 1 || id.value > batches_.size()) { return false; }
  const ModelBatch& batch = batches_[id.value - 1];
  const bool fits = std::int64_t{index} < batch.terms.count && batch.terms.drop_id == drop &&
                    !batch.revoked && batch.terms.valid_from <= now &&
                    now < batch.terms.valid_until;
  if (!fits) { return false; }
  const auto known = batch.codes.find(index);
  if (known == batch.codes.end()) { return true; }
  if (known->second.state != CodeState::came_back) { return false; }
  return batch.terms.kind != CodeKind::bound || known->second.person == person.value;
}

ModelBatch::Code& ModelCodes::know(CodeBatchId id, std::uint32_t index) {
  ModelBatch& batch = batches_[id.value - 1];
  if (!batch.codes.contains(index)) { batch.order.push_back(index); }
  return batch.codes[index];
}

void ModelCodes::use(CodeBatchId id, std::uint32_t index, PersonId person, OrderId order,
                     const ModelContext& context) {
  know(id, index) = {CodeState::used, person.value};
  of_order_[order.value] = {id.value, index};
  ++batches_[id.value - 1].used;
  context.emit(CodeUsed{id, index, order});
}

void ModelCodes::order_paid(OrderId order, const ModelContext& context) {
  const auto found = of_order_.find(order.value);
  if (found == of_order_.end()) { return; }
  const auto [id, index] = found->second;
  ++batches_[id - 1].sold;
  context.emit(CodeSold{{id}, index, order});
}

void ModelCodes::order_ended(OrderId order, const ModelContext& context) {
  const auto found = of_order_.find(order.value);
  if (found == of_order_.end()) { return; }
  const auto [id, index] = found->second;
  of_order_.erase(found);
  --batches_[id - 1].used;
  batches_[id - 1].codes.at(index).state = CodeState::came_back;
  context.emit(CodeCameBack{{id}, index, order});
}

}  // namespace firebrand
