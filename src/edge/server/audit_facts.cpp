#include "edge/server/audit_facts.hpp"

#include <algorithm>
#include <utility>

namespace firebrand {

namespace {

std::string name_of(const log::RecordHeader& header) {
  return log::to_string(header.position()) + " (number " + std::to_string(header.type) + ")";
}

}  // namespace

StoredFacts::StoredFacts(log::FileSystem& files, const std::string& directory, LogOffset must_reach,
                         Report report)
    : report_(std::move(report)), must_reach_(must_reach) {
  auto opened = log::Reader::open(files, directory, {});
  if (opened) {
    reader_.emplace(std::move(*opened));
  } else {
    report_("facts/ cannot be read: " + opened.error().message);
  }
}

void StoredFacts::follow(const log::RecordView& record, const FactBuffer& facts) {
  std::uint16_t index = 0;
  for (const FactBuffer::Entry& fact : facts.entries()) {
    log::RecordHeader expected = record.header;
    expected.type = fact.type;
    expected.version = fact.version;
    expected.index = index++;
    expected.cause = record.header.offset.value;
    follow(expected, facts.payload(fact));
  }
}

void StoredFacts::follow(const log::RecordHeader& expected, std::span<const std::byte> payload) {
  if (!reader_) { return; }
  if (!at_end_) {
    const auto stored = reader_->next();
    if (stored) {
      if (stored->header == expected && std::ranges::equal(stored->payload, payload)) {
        ++count_;
        return;
      }
      return stop(stored->header == expected
                      ? "facts/ and the log differ in the fields of fact " + name_of(expected)
                      : "facts/ has " + name_of(stored->header) + " where the log leads to fact " +
                            name_of(expected) + ", or other words about its cause, stamp or actor");
    }
    at_end_ = true;
    if (stored.error() != log::ReadError::end_of_log &&
        stored.error() != log::ReadError::torn_tail) {
      return stop("facts/ cannot be read on: " + std::string(reader_->message()));
    }
  }
  if (expected.offset <= must_reach_) {
    stop("facts/ ends before fact " + name_of(expected) + ", but there is a snapshot of offset " +
         std::to_string(must_reach_.value));
  }
}

void StoredFacts::end() {
  if (!reader_ || at_end_) { return; }
  const auto stored = reader_->next();
  if (stored) {
    stop("facts/ has fact " + name_of(stored->header) + ", which the log does not lead to");
  } else if (stored.error() != log::ReadError::end_of_log &&
             stored.error() != log::ReadError::torn_tail) {
    stop("facts/ cannot be read on: " + std::string(reader_->message()));
  }
}

void StoredFacts::stop(const std::string& what) {
  report_(what);
  reader_.reset();
}

}  // namespace firebrand
