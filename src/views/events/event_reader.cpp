#include "views/events/event_reader.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "log/reader.hpp"
#include "runtime/replay.hpp"

namespace firebrand {

bool EventQuery::wants(std::uint16_t type) const {
  return types.empty() || std::ranges::find(types, type) != types.end();
}

namespace {

/// The first place that may hold what follows; zero for zero: the oldest that is kept.
log::Position behind(log::Position position) {
  if (position == log::Position{}) { return {}; }
  if (position.index == UINT16_MAX) { return {{position.offset.value + 1}, 0}; }
  return {position.offset, static_cast<std::uint16_t>(position.index + 1)};
}

}  // namespace

struct EventReader::State {
  struct Kept {
    log::Position at{};
    log::Reader reader;
  };

  log::FileSystem& files;
  std::string directory;
  std::string source;
  std::size_t kept_max;
  std::mutex mutex{};
  std::vector<Kept> kept{};  ///< The one that rests longest first.

  std::optional<log::Reader> take(log::Position at) {
    const std::lock_guard lock(mutex);
    const auto found = std::ranges::find(kept, at, &Kept::at);
    if (found == kept.end()) { return std::nullopt; }
    log::Reader reader = std::move(found->reader);
    kept.erase(found);
    return reader;
  }

  void keep(log::Position at, log::Reader reader) {
    const std::lock_guard lock(mutex);
    if (kept.size() == kept_max) { kept.erase(kept.begin()); }
    kept.push_back({at, std::move(reader)});
  }
};

EventReader::EventReader(log::FileSystem& files, const std::string& data, std::string source,
                         std::size_t kept)
    : state_(new State{.files = files,
                       .directory = facts_directory(data),
                       .source = std::move(source),
                       .kept_max = kept}) {}

EventReader::~EventReader() = default;

Expected<EventPage, EventReadError> EventReader::read(const EventQuery& query,
                                                      log::Position stored) {
  const auto fail = [](std::string_view message) {
    return Unexpected(EventReadError{EventReadErrorCode::failed, std::string(message)});
  };
  EventPage page{.events = {}, .next = query.after};
  if (stored <= query.after) { return page; }
  auto reader = state_->take(query.after);
  if (!reader) {
    const log::Position from = behind(query.after);
    auto opened = log::Reader::open(state_->files, state_->directory, from);
    if (!opened && opened.error().code == log::OpenErrorCode::trimmed) {
      return Unexpected(EventReadError{EventReadErrorCode::trimmed, opened.error().message});
    }
    if (!opened) { return fail(opened.error().message); }
    reader.emplace(std::move(*opened));
  }
  reader->set_limit(stored);
  for (std::uint32_t count = 0; count < kFactsPerRead && page.events.size() < query.limit;
       ++count) {
    const auto record = reader->next();
    if (!record && record.error() == log::ReadError::end_of_log) { break; }
    if (!record) { return fail(reader->message()); }
    if (query.wants(record->header.type)) {
      auto event = make_event(*record, state_->source);
      if (!event) { return fail(event.error().message); }
      page.events.push_back(std::move(*event));
    }
    page.next = record->header.position();
  }
  state_->keep(page.next, std::move(*reader));
  return page;
}

}  // namespace firebrand
