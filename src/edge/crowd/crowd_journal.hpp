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

/// What went with a purchase, if not the place of a code in the crowd's file.
inline constexpr std::int32_t kNoCode = -1;
inline constexpr std::int32_t kCodeMadeUp = -2;

struct JournalEntry {
  JournalKind kind{};
  std::uint8_t key = 0;             ///< Of the fan's keys.
  std::uint32_t fan = 0;            ///< Index, 0 to fans - 1.
  std::int32_t quantity = 0;        ///< As asked for.
  std::int32_t code = kNoCode;      ///< That went with it.
  std::chrono::microseconds at{0};  ///< Since the start: when the answer was there, or when sent.
  OrderView order;                  ///< As acknowledged; of what was asked for, the order's id.
  std::string note;
};

/// Claims are what lets a fan buy: a reservation, a place in a waiting room or a waitlist, a part
/// in a draw.
enum class CrowdClaimKind : std::uint8_t {
  // The server's word.
  reserved,  ///< The first answer: `id` names it, `note` its state, `until` the deposit's time.
  reserved_again,  ///< Asked once more, and a reservation came back.
  deposit_paid,    ///< In time.
  deposit_refund_due,
  withdrawn,
  joined,        ///< The first answer: `id` is the place's number.
  joined_again,  ///< Asked once more, and a place came back.
  rejoined,      ///< After it was given up: `id` is the place's number, the old one or a new one.
  admitted,      ///< The first answer that says so; `until`.
  place_over,    ///< An answer that says so: `note` is the state.
  place_gone,    ///< The server knows nothing of the place.
  left_room,
  entered,        ///< The first answer: `id` is the entrant.
  entered_again,  ///< Asked once more, and a receipt came back.
  left_draw,
  won,               ///< A receipt says so: `note` is the order.
  entry_gone,        ///< The server knows nothing of the entry.
  waitlisted,        ///< The first answer: `id` is the number of the place in the waitlist.
  waitlisted_again,  ///< Asked once more, and a place came back.
  waitlist_served,   ///< An answer that says so: `note` is the order.
  waitlist_over,     ///< The same of another end: `note` is the state.
  waitlist_left,
  waitlist_gone,  ///< The server knows nothing of the place.
  // What was asked for: from then on it may have happened.
  deposit_asked,
  withdraw_asked,
  leave_room_asked,
  leave_draw_asked,
  leave_waitlist_asked,
};
[[nodiscard]] std::string_view claim_kind_name(CrowdClaimKind) noexcept;

struct ClaimEntry {
  CrowdClaimKind kind{};
  std::uint32_t fan = 0;
  std::chrono::microseconds at{0};  ///< Since the start: when the answer was there, or when sent.
  std::string id{};
  std::string note{};
  std::int64_t amount_minor = 0;  ///< Of a deposit.
  Timestamp until{};
  bool kept_up = false;  ///< Of a place: the fan had asked so often that it could not lapse.
};

/// What the crowd was told, in the order in which it came: never changed, only added to. The check
/// at the end rests on this alone.
class CrowdJournal {
 public:
  /// Also writes each entry to a new file, one JSON object a line. Errors: the reason.
  [[nodiscard]] Expected<void, std::string> open_file(const std::string& path);

  void append(JournalEntry entry);
  void append(ClaimEntry entry);
  /// Hands what was appended to the operating system. Does nothing without a file.
  void flush();

  [[nodiscard]] std::span<const JournalEntry> entries() const noexcept { return entries_; }
  [[nodiscard]] std::span<const ClaimEntry> claims() const noexcept { return claims_; }
  /// Why the file is not complete; empty if it is or there is none.
  [[nodiscard]] const std::string& file_error() const noexcept { return file_error_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  std::vector<JournalEntry> entries_;
  std::vector<ClaimEntry> claims_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string file_error_;
  std::string unwritten_;
};

}  // namespace firebrand
