#include "sim/storage_audit.hpp"

#include <algorithm>

#include "log/reader.hpp"
#include "runtime/replay.hpp"

namespace firebrand {

namespace {

void audit_record(const log::RecordView& record, const HistoryEntry& entry) {
  const log::RecordHeader& header = record.header;
  audit(header.type == entry.request.number, "the log holds another command");
  audit(std::ranges::equal(record.payload, entry.request.payload), "the log holds other fields");
  audit(header.timestamp == entry.at, "the log holds another stamp");
  audit(header.request_id == entry.request.key, "the log holds another request key");
  audit(header.actor_kind == static_cast<std::uint8_t>(entry.request.actor.kind) &&
            header.actor_id == entry.request.actor.id,
        "the log holds another actor");
}

}  // namespace

void audit_log(log::FileSystem& files, Node& node, const Auditor& auditor) {
  const LogOffset end = auditor.offset();
  const std::uint64_t digest = node.engine().digest();

  FoldedState from_zero;
  const auto replayed =
      replay_log(files, node.data(), from_zero, end,
                 [&](const log::RecordView& record, const Outcome&, const FactBuffer& facts) {
                   const HistoryEntry& entry = auditor.entry(record.header.offset);
                   audit_record(record, entry);
                   audit(facts.entries().size() == entry.facts.size(), "replay makes other facts");
                   for (std::size_t i = 0; i < entry.facts.size(); ++i) {
                     const FactBuffer::Entry& fact = facts.entries()[i];
                     audit(fact.type == entry.facts[i].type &&
                               std::ranges::equal(facts.payload(fact), entry.facts[i].payload),
                           "replay makes another fact");
                   }
                   const std::uint64_t* const seen = auditor.digest_at(record.header.offset);
                   audit(seen == nullptr || *seen == from_zero.engine->digest(),
                         "replay passes another digest than the one seen live");
                 });
  audit(replayed.has_value(), [&] { return replayed.error().message; });
  audit(from_zero.offset == end, "the log is shorter than what was recovered");
  audit(from_zero.engine->digest() == digest, "replay from the beginning has another digest");

  auto from_snapshot = load_newest_snapshot(files, node.data(), end, [](const std::string&) {});
  audit(from_snapshot.has_value(), [&] { return from_snapshot.error().message; });
  const auto rest = replay_log(files, node.data(), *from_snapshot, end);
  audit(rest.has_value(), [&] { return rest.error().message; });
  audit(from_snapshot->engine->digest() == digest, "replay from the snapshot has another digest");
}

void FactsAudit::follow(log::FileSystem& files, Node& node, const Auditor& auditor) {
  const log::Position stored = node.projector().stored();
  const LogOffset complete = node.projector().complete();
  const LogOffset durable = node.committer().durable();
  audit(stored.offset <= durable, "facts/ holds what is not durable");
  audit(complete <= durable, "facts/ says it is complete beyond what is durable");
  if (stored > last_) {
    const log::Position from =
        last_ == log::Position{}
            ? last_
            : log::Position{last_.offset, static_cast<std::uint16_t>(last_.index + 1)};
    auto reader = log::Reader::open(files, facts_directory(node.data()), from);
    audit(reader.has_value(), [&] { return reader.error().message; });
    reader->set_limit(stored);
    for (;;) {
      const auto fact = reader->next();
      if (!fact) {
        audit(fact.error() == log::ReadError::end_of_log,
              [&] { return std::string(reader->message()); });
        break;
      }
      take(*fact, auditor);
    }
    audit(last_ == stored, "facts/ ends before the last fact said to be stored");
  }
  // Whatever stands between the last fact and `complete` caused none.
  for (std::uint64_t offset = std::max<std::uint64_t>(offset_.value, 1); offset <= complete.value;
       ++offset) {
    const std::size_t seen = offset == offset_.value ? index_ : 0;
    audit(auditor.entry({offset}).facts.size() == seen, "facts/ is said to be complete and is not");
  }
}

void FactsAudit::take(const log::RecordView& fact, const Auditor& auditor) {
  const log::Position at = fact.header.position();
  audit(at > last_, "ids of facts do not rise");
  audit(at.offset <= auditor.durable(), "a fact of a record that is not durable");
  for (std::uint64_t offset = std::max<std::uint64_t>(offset_.value, 1); offset < at.offset.value;
       ++offset) {
    const std::size_t seen = offset == offset_.value ? index_ : 0;
    audit(auditor.entry({offset}).facts.size() == seen, "a fact is missing");
  }
  index_ = at.offset == offset_ ? index_ : 0;
  offset_ = at.offset;
  const HistoryEntry& entry = auditor.entry(at.offset);
  audit(at.index == index_ && index_ < entry.facts.size(), "a fact too many, or not in order");
  const ModelFact& must = entry.facts[index_];
  audit(fact.header.type == must.type && std::ranges::equal(fact.payload, must.payload),
        "facts/ holds another fact");
  audit(fact.header.timestamp == entry.at && fact.header.cause == at.offset.value &&
            fact.header.request_id == entry.request.key,
        "a fact has another cause");
  ++index_;
  last_ = at;
}

}  // namespace firebrand
