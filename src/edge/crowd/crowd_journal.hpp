#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "edge/crowd/fan_answers.hpp"

namespace firebrand {

enum class JournalKind : std::uint8_t {
  // The server's word.
  ordered,              ///< A purchase was acknowledged: the first answer to this key.
  repeated,             ///< The same key and quantity again, and an order came back.
  repeat_refused,       ///< The same again after an order, and it was refused: `note` is the code.
  other_body_accepted,  ///< The key of an order with another quantity, and an order came back.
  paid,
  refund_due,
  cancelled,
  // What was asked for: from then on it may have happened.
  pay_asked,
  cancel_asked,
};
[[nodiscard]] std::string_view journal_kind_name(JournalKind) noexcept;

struct JournalEntry {
  JournalKind kind{};
  std::uint8_t key = 0;             ///< Of the fan's keys.
  std::uint32_t fan = 0;            ///< Index, 0 to fans - 1.
  std::int32_t quantity = 0;        ///< As asked for.
  std::chrono::microseconds at{0};  ///< Since the start: when the answer was there, or when sent.
  OrderView order;                  ///< As acknowledged; of what was asked for, the order's id.
  std::string note;
};

/// What the crowd was told, in the order in which it came: never changed, only added to. The check
/// at the end rests on this alone.
class CrowdJournal {
 public:
  /// Also writes each entry to a new file, one JSON object a line. Errors: the reason.
  [[nodiscard]] Expected<void, std::string> open_file(const std::string& path);

  void append(JournalEntry entry);
  /// Hands what was appended to the operating system. Does nothing without a file.
  void flush();

  [[nodiscard]] std::span<const JournalEntry> entries() const noexcept { return entries_; }
  /// Why the file is not complete; empty if it is or there is none.
  [[nodiscard]] const std::string& file_error() const noexcept { return file_error_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  std::vector<JournalEntry> entries_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string file_error_;
  std::string unwritten_;
};

}  // namespace firebrand
