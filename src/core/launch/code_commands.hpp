#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/types.hpp"

namespace firebrand {

/// A batch's number and a code's place in it stand in the code's text (edge/api/code_text.hpp).
inline constexpr std::size_t kCodeBatchesMax = (1U << 20U) - 1;
inline constexpr std::uint32_t kCodesPerBatchMax = (1U << 24U) - 1;

/// Whether somebody else may use a code that came back. Never renumber.
enum class CodeKind : std::uint8_t {
  transferable = 0,  ///< Whoever brings it.
  bound = 1,         ///< It belongs to the first person who orders with it.
};

/// Makes so many codes for the waves of a drop that are for code holders. A code that was not used
/// takes no room: its text is derived from the batch, its place and the installation's key.
struct CreateCodeBatch {
  static constexpr std::string_view kName = "create_code_batch";
  static constexpr std::string_view kDoc = "Makes codes for the waves of a drop that ask for one.";
  DropId drop_id{};
  std::int64_t count = 0;
  CodeKind kind = CodeKind::transferable;
  Timestamp valid_from{};
  Timestamp valid_until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "count", self.count, From::body, Rule{.min = 1, .max = kCodesPerBatchMax},
          "How many codes.");
    field(3, "kind", self.kind, From::body, Rule{.presence = Presence::optional},
          "Transferable, or bound to the first person who orders with it.");
    field(4, "valid_from", self.valid_from, From::body, Rule{}, "From when they are good.");
    field(5, "valid_until", self.valid_until, From::body, Rule{}, "Until when.");
  }
};

enum class CreateCodeBatchStatus : std::uint8_t {
  created = 0,
  code_count_out_of_range = 10,
  code_times_out_of_order = 11,
  drop_not_found = 50,
  drop_cancelled = 51,
  code_batches_full = 52,
};

struct CreateCodeBatchResult {
  static constexpr std::string_view kName = "create_code_batch_result";
  static constexpr std::string_view kDoc = "Answer to create_code_batch.";
  CreateCodeBatchStatus status{};
  CodeBatchId code_batch_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
  }
};

/// Makes one code useless. An order that uses it already stays.
struct RevokeCode {
  static constexpr std::string_view kName = "revoke_code";
  static constexpr std::string_view kDoc = "Makes one code useless.";
  CodeBatchId code_batch_id{};
  std::uint32_t code_index = 0;  ///< From 0.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::stamped, Rule{}, "The batch.");
    field(2, "code_index", self.code_index, From::stamped, Rule{}, "Its place, from 0.");
  }
};

enum class RevokeCodeStatus : std::uint8_t {
  revoked = 0,
  already_revoked = 40,
  code_not_found = 50,
  code_over = 51,  ///< Its time is over: it is useless already, and not remembered for good.
  code_used = 52,
  codes_full = 53,
};

struct RevokeCodeResult {
  static constexpr std::string_view kName = "revoke_code_result";
  static constexpr std::string_view kDoc = "Answer to revoke_code.";
  RevokeCodeStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

/// Makes all codes of a batch useless. Orders that use one already stay.
struct RevokeCodeBatch {
  static constexpr std::string_view kName = "revoke_code_batch";
  static constexpr std::string_view kDoc = "Makes all codes of a batch useless.";
  CodeBatchId code_batch_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::path, Rule{}, "The batch.");
  }
};

enum class RevokeCodeBatchStatus : std::uint8_t {
  revoked = 0,
  already_revoked = 40,
  code_batch_not_found = 50,
};

struct RevokeCodeBatchResult {
  static constexpr std::string_view kName = "revoke_code_batch_result";
  static constexpr std::string_view kDoc = "Answer to revoke_code_batch.";
  RevokeCodeBatchStatus status{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
  }
};

struct CodeBatchCreated {
  static constexpr std::string_view kName = "code_batch_created";
  static constexpr std::string_view kDoc = "Codes were made.";
  CodeBatchId code_batch_id{};
  DropId drop_id{};
  std::int64_t count = 0;
  CodeKind kind{};
  Timestamp valid_from{};
  Timestamp valid_until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "For which drop.");
    field(3, "count", self.count, From::body, Rule{}, "How many codes.");
    field(4, "kind", self.kind, From::body, Rule{}, "Transferable or bound.");
    field(5, "valid_from", self.valid_from, From::body, Rule{}, "From when they are good.");
    field(6, "valid_until", self.valid_until, From::body, Rule{}, "Until when.");
  }
};

struct CodeRevoked {
  static constexpr std::string_view kName = "code_revoked";
  static constexpr std::string_view kDoc = "One code was made useless.";
  CodeBatchId code_batch_id{};
  std::uint32_t code_index = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
    field(2, "code_index", self.code_index, From::body, Rule{}, "Its place, from 0.");
  }
};

struct CodeBatchRevoked {
  static constexpr std::string_view kName = "code_batch_revoked";
  static constexpr std::string_view kDoc = "All codes of a batch were made useless.";
  CodeBatchId code_batch_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
  }
};

/// An order was placed with a code.
struct CodeUsed {
  static constexpr std::string_view kName = "code_used";
  static constexpr std::string_view kDoc = "An order was placed with a code.";
  CodeBatchId code_batch_id{};
  std::uint32_t code_index = 0;
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
    field(2, "code_index", self.code_index, From::body, Rule{}, "Its place, from 0.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order.");
  }
};

/// Its order was paid.
struct CodeSold {
  static constexpr std::string_view kName = "code_sold";
  static constexpr std::string_view kDoc = "The order placed with a code was paid.";
  CodeBatchId code_batch_id{};
  std::uint32_t code_index = 0;
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
    field(2, "code_index", self.code_index, From::body, Rule{}, "Its place, from 0.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order.");
  }
};

/// Its order ended unpaid.
struct CodeCameBack {
  static constexpr std::string_view kName = "code_came_back";
  static constexpr std::string_view kDoc = "The order placed with a code ended unpaid.";
  CodeBatchId code_batch_id{};
  std::uint32_t code_index = 0;
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
    field(2, "code_index", self.code_index, From::body, Rule{}, "Its place, from 0.");
    field(3, "order_id", self.order_id, From::body, Rule{}, "The order.");
  }
};

}  // namespace firebrand
