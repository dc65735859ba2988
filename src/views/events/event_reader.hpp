#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "log/file_system.hpp"
#include "log/record.hpp"
#include "views/events/events.hpp"

namespace firebrand {

/// Which events, oldest first.
struct EventQuery {
  log::Position after{};               ///< Zero: from the oldest kept.
  std::vector<std::uint16_t> types{};  ///< Numbers of facts; empty: all.
  std::uint32_t limit = 100;           ///< Most events of a page.

  [[nodiscard]] bool wants(std::uint16_t type) const;
};

struct EventPage {
  std::vector<Event> events;
  log::Position next{};  ///< What the next page is `after`: facts of other types were passed too.
};

enum class EventReadErrorCode : std::uint8_t {
  trimmed,  ///< What follows `after` is not kept any more.
  failed,   ///< Damage, or facts of a newer program: an operator decides.
};

struct EventReadError {
  EventReadErrorCode code{};
  std::string message;
};

/// Reads facts/ from any place on. Opening a place reads up to one segment, so some readers that
/// came to an end of their page are kept for whoever goes on from there, each some 100 KB and a
/// batch of facts (4 MiB at most). Any number of threads.
class EventReader {
 public:
  static constexpr std::size_t kReadersKept = 8;
  /// Facts that one read() passes at most: some milliseconds.
  static constexpr std::uint32_t kFactsPerRead = 20'000;

  /// @param data    The data directory.
  /// @param source  Of the installation, see make_event().
  /// @param kept    Readers that are kept at most: how many go on at a time.
  EventReader(log::FileSystem& files, const std::string& data, std::string source,
              std::size_t kept = kReadersKept);
  ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  /// @param stored  Nothing behind it is looked at: what the runtime's projector has made readable.
  [[nodiscard]] Expected<EventPage, EventReadError> read(const EventQuery& query,
                                                         log::Position stored);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firebrand
