#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/digest.hpp"

namespace firebrand {

/// Thrown by the simulation when what it sees is not what must be. Never crosses a folder: the run
/// catches it and reports the seed.
struct AuditFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An assertion of the auditor: always on, and it ends one run, not the program.
inline void audit(bool holds, const char* what) {
  if (!holds) { throw AuditFailure(what); }
}
/// The same with a text that is made only when it is needed.
template <std::invocable Say>
void audit(bool holds, Say&& say) {
  if (!holds) { throw AuditFailure(say()); }
}

/// What happened in a run, as one hash: equal seeds have equal traces. The last events are kept to
/// be shown when a run fails; with `verbose` each is printed as it happens.
class Trace {
 public:
  explicit Trace(bool verbose) : verbose_(verbose) {}

  struct Event {
    std::string_view name;  ///< Of static storage.
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    std::uint64_t number = 0;
  };

  void add(std::string_view name, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) {
    const Event event{name, a, b, c, ++count_};
    hash_ = hash_words(hash_, hash_bytes(std::as_bytes(std::span(name))), a, b, c);
    last_[count_ % kLast] = event;
    if (verbose_) { print(event); }
  }

  [[nodiscard]] std::uint64_t hash() const { return hash_; }

  void print_last() const {
    if (verbose_) { return; }  // They stand above.
    for (std::size_t i = 1; i <= kLast; ++i) {
      const Event& event = last_[(count_ + i) % kLast];
      if (event.number > 0) { print(event); }
    }
  }

 private:
  static constexpr std::size_t kLast = 40;

  static void print(const Event& event) {
    std::printf("%8llu  %-24.*s %llu %llu %llu\n", static_cast<unsigned long long>(event.number),
                static_cast<int>(event.name.size()), event.name.data(),
                static_cast<unsigned long long>(event.a), static_cast<unsigned long long>(event.b),
                static_cast<unsigned long long>(event.c));
  }

  bool verbose_ = false;
  std::uint64_t hash_ = 0;
  std::uint64_t count_ = 0;
  std::array<Event, kLast> last_{};
};

}  // namespace firebrand
