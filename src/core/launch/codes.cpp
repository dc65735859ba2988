#include "core/launch/codes.hpp"

#include "core/facts.hpp"
#include "core/piece.hpp"

namespace firebrand {

namespace {

/// The digest is a sum: what a part of the module adds must be told from what another part adds.
enum class Part : std::uint8_t { batch = 1, note = 2 };

std::uint64_t hash_of(std::uint64_t number, const CodeBatch& batch) {
  return hash_words(Part::batch, entry_hash(number, batch));
}

std::uint64_t hash_of(const CodeNote& note) {
  const std::uint64_t code = hash_words(note.code_batch_id, note.code_index);
  return hash_words(Part::note, note.number, note.previous, note.person_id, note.order_id, code,
                    note.state);
}

std::uint64_t code_hash(CodeBatchId id, std::uint32_t code_index) {
  return hash_words(id, code_index);
}

std::uint64_t order_hash(OrderId id) { return hash_words(id); }

}  // namespace

CreateCodeBatchResult Codes::apply(const CreateCodeBatch& command,
                                   const CommandContext& context) noexcept {
  using enum CreateCodeBatchStatus;
  // Shape: no state is read.
  if (command.count < 1 || command.count > std::int64_t{kCodesPerBatchMax}) {
    return {code_count_out_of_range};
  }
  if (command.valid_from >= command.valid_until) { return {code_times_out_of_order}; }

  // State.
  if (!drops_.has(command.drop_id)) { return {drop_not_found}; }
  if (drops_.drop(command.drop_id).phase == DropPhase::cancelled) { return {drop_cancelled}; }
  if (batches_.size() >= kCodeBatchesMax) { return {code_batches_full}; }

  // Past this line the command has succeeded.
  remember(CodeBatch{.terms = command});
  const CodeBatchId id{batches_.size()};
  schedule_.push(
      step_at(command.valid_until + kOrderRetention, AudienceStep::codes_leave, id.value));
  context.facts->emit(CodeBatchCreated{id, command.drop_id, command.count, command.kind,
                                       command.valid_from, command.valid_until});
  return {created, id};
}

RevokeCodeResult Codes::apply(const RevokeCode& command, const CommandContext& context) noexcept {
  using enum RevokeCodeStatus;
  const CodeBatch* const found = batch(command.code_batch_id);
  if (found == nullptr || command.code_index >= found->terms.count) { return {code_not_found}; }
  if (context.timestamp >= found->terms.valid_until) { return {code_over}; }
  const CodeNote* const known = note(command.code_batch_id, command.code_index);
  if (known != nullptr && known->state == CodeState::revoked) { return {already_revoked}; }
  if (known != nullptr && known->state == CodeState::used) { return {code_used}; }
  if (known == nullptr && notes_.size() >= kCodeNotesMax) { return {codes_full}; }

  // Past this line the command succeeds.
  CodeNote& revoking = make_note(command.code_batch_id, command.code_index);
  change(revoking, [](CodeNote& note) { note.state = CodeState::revoked; });
  change(command.code_batch_id, [](CodeBatch& batch) { ++batch.revoked; });
  context.facts->emit(CodeRevoked{command.code_batch_id, command.code_index});
  return {revoked};
}

RevokeCodeBatchResult Codes::apply(const RevokeCodeBatch& command,
                                   const CommandContext& context) noexcept {
  using enum RevokeCodeBatchStatus;
  const CodeBatch* const found = batch(command.code_batch_id);
  if (found == nullptr) { return {code_batch_not_found}; }
  if (found->state == CodeBatchState::revoked) { return {already_revoked}; }

  // Past this line the command succeeds.
  change(command.code_batch_id, [](CodeBatch& batch) { batch.state = CodeBatchState::revoked; });
  context.facts->emit(CodeBatchRevoked{command.code_batch_id});
  return {revoked};
}

void Codes::step_due(CodeBatchId id, const CommandContext& context) noexcept {
  CodeBatch& found = mutable_batch(id);
  std::uint64_t next = found.newest_note;
  for (int i = 0; i < kEntriesPerStep && next != 0; ++i) {
    CodeNote& leaving = notes_[next - 1];
    const std::uint64_t slot = next - 1;
    next = leaving.previous;
    leave_order(leaving);
    digest_.remove(hash_of(leaving));
    by_code_.erase(code_hash(leaving.code_batch_id, leaving.code_index),
                   static_cast<std::uint32_t>(slot));
    leaving.number = 0;
    notes_.retire(slot);
  }
  change(id, [&](CodeBatch& batch) { batch.newest_note = next; });
  if (next == 0) { return; }
  schedule_.push(step_at(context.timestamp + kStepPause, AudienceStep::codes_leave, id.value));
}

const CodeBatch* Codes::batch(CodeBatchId id) const noexcept {
  return id.value >= 1 && id.value <= batches_.size() ? &batches_[id.value - 1] : nullptr;
}

const CodeNote* Codes::note(CodeBatchId id, std::uint32_t code_index) const noexcept {
  const auto slot = by_code_.find(code_hash(id, code_index), [&](std::uint32_t i) {
    return notes_[i].code_batch_id == id && notes_[i].code_index == code_index;
  });
  return slot ? &notes_[*slot] : nullptr;
}

const CodeNote* Codes::note_of_order(OrderId id) const noexcept {
  const auto slot =
      by_order_.find(order_hash(id), [&](std::uint32_t i) { return notes_[i].order_id == id; });
  return slot ? &notes_[*slot] : nullptr;
}

bool Codes::usable(CodeBatchId id, std::uint32_t code_index, DropId drop_id, PersonId person_id,
                   Timestamp now) const noexcept {
  const CodeBatch* const found = batch(id);
  if (found == nullptr || code_index >= found->terms.count) { return false; }
  if (found->terms.drop_id != drop_id || found->state == CodeBatchState::revoked) { return false; }
  if (now < found->terms.valid_from || now >= found->terms.valid_until) { return false; }
  const CodeNote* const known = note(id, code_index);
  if (known == nullptr) { return notes_.size() < kCodeNotesMax; }
  if (known->state != CodeState::came_back) { return false; }
  return found->terms.kind == CodeKind::transferable || known->person_id == person_id;
}

void Codes::use(CodeBatchId id, std::uint32_t code_index, PersonId person_id, OrderId order_id,
                const CommandContext& context) noexcept {
  CodeNote& used = make_note(id, code_index);
  change(used, [&](CodeNote& note) {
    note.state = CodeState::used;
    note.person_id = person_id;
    note.order_id = order_id;
  });
  by_order_.insert(order_hash(order_id), static_cast<std::uint32_t>(used.number - 1));
  change(id, [](CodeBatch& batch) { ++batch.used; });
  context.facts->emit(CodeUsed{id, code_index, order_id});
}

void Codes::order_paid(OrderId id, const CommandContext& context) noexcept {
  const CodeNote* const used = note_of_order(id);
  if (used == nullptr) { return; }
  change(used->code_batch_id, [](CodeBatch& batch) { ++batch.sold; });
  context.facts->emit(CodeSold{used->code_batch_id, used->code_index, id});
}

void Codes::order_ended(OrderId id, const CommandContext& context) noexcept {
  const CodeNote* const used = note_of_order(id);
  if (used == nullptr) { return; }
  CodeNote& back = notes_[used->number - 1];
  leave_order(back);
  change(back, [](CodeNote& note) { note.state = CodeState::came_back; });
  change(back.code_batch_id, [](CodeBatch& batch) { --batch.used; });
  context.facts->emit(CodeCameBack{back.code_batch_id, back.code_index, id});
}

CodeNote& Codes::make_note(CodeBatchId id, std::uint32_t code_index) noexcept {
  if (const CodeNote* const known = note(id, code_index)) { return notes_[known->number - 1]; }
  const std::uint64_t number = notes_.size() + 1;
  remember(CodeNote{.number = number,
                    .previous = batches_[id.value - 1].newest_note,
                    .code_batch_id = id,
                    .code_index = code_index,
                    .state = CodeState::came_back});
  change(id, [&](CodeBatch& batch) { batch.newest_note = number; });
  return notes_[number - 1];
}

void Codes::leave_order(CodeNote& note) noexcept {
  if (note.order_id.value == 0) { return; }
  by_order_.erase(order_hash(note.order_id), static_cast<std::uint32_t>(note.number - 1));
  change(note, [](CodeNote& changed) { changed.order_id = {}; });
}

template <class Change>
void Codes::change(CodeNote& note, Change&& how) noexcept {
  const std::uint64_t before = hash_of(note);
  how(note);
  digest_.replace(before, hash_of(note));
}

template <class Change>
void Codes::change(CodeBatchId id, Change&& how) noexcept {
  CodeBatch& batch = mutable_batch(id);
  const std::uint64_t before = hash_of(id.value, batch);
  how(batch);
  digest_.replace(before, hash_of(id.value, batch));
}

void Codes::remember(const CodeBatch& batch) {
  batches_.push_back(batch);
  digest_.add(hash_of(batches_.size(), batch));
}

void Codes::remember(const CodeNote& note) {
  const auto slot = static_cast<std::uint32_t>(notes_.size());
  by_code_.insert(code_hash(note.code_batch_id, note.code_index), slot);
  if (note.order_id.value != 0) { by_order_.insert(order_hash(note.order_id), slot); }
  notes_.push_back(note);
  digest_.add(hash_of(note));
}

void Codes::check_invariants() const {
  Digest digest;
  std::vector<std::int64_t> used(batches_.size());
  std::vector<std::int64_t> revoked(batches_.size());
  for (std::uint64_t i = notes_.next_resident(0); i < notes_.size();
       i = notes_.next_resident(i + 1)) {
    const CodeNote& note = notes_[i];
    if (note.number == 0) { continue; }
    digest.add(hash_of(note));
    FB_ASSERT((note.state == CodeState::used) == (note.order_id.value != 0));
    used[note.code_batch_id.value - 1] += note.state == CodeState::used ? 1 : 0;
    revoked[note.code_batch_id.value - 1] += note.state == CodeState::revoked ? 1 : 0;
  }
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    const CodeBatch& batch = batches_[i];
    digest.add(hash_of(i + 1, batch));
    // Notes leave from the newest on: while the first is here, all are.
    if (batch.newest_note != 0 && used[i] + revoked[i] > 0) {
      FB_ASSERT(used[i] <= batch.used && revoked[i] <= batch.revoked);
    }
    FB_ASSERT(batch.sold <= batch.used && batch.used + batch.revoked <= batch.terms.count);
  }
  FB_ASSERT(digest == digest_);
}

void Codes::save(ByteSink& sink) const {
  save_entries(sink, batches_);
  const auto for_each = [&](auto&& take) {
    for (std::uint64_t i = notes_.next_resident(0); i < notes_.size();
         i = notes_.next_resident(i + 1)) {
      if (notes_[i].number != 0) { take(notes_[i]); }
    }
  };
  std::uint64_t here = 0;
  for_each([&](const CodeNote&) { ++here; });
  put_u64(sink, notes_.size());
  put_u64(sink, here);
  for_each([&](const CodeNote& note) { save_entry(sink, note); });
}

bool Codes::load(ByteSource& source) {
  batches_.clear();
  notes_ = {};
  by_code_ = {};
  by_order_ = {};
  digest_ = {};
  const auto take = [this](const CodeBatch& batch) { remember(batch); };
  if (!load_entries<CodeBatch>(source, take)) { return false; }
  std::uint64_t size = 0;
  std::uint64_t here = 0;
  if (!get_u64(source, size) || !get_u64(source, here)) { return false; }
  if (here > size || size > kCodeNotesMax) { return false; }
  CodeNote note;
  for (std::uint64_t i = 0; i < here; ++i) {
    if (!load_entry(source, note)) { return false; }
    if (note.number <= notes_.size() || note.number > size ||
        batch(note.code_batch_id) == nullptr) {
      return false;
    }
    notes_.skip_to(note.number - 1);
    remember(note);
  }
  notes_.skip_to(size);
  return true;
}

}  // namespace firebrand
