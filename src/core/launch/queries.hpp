#pragma once

#include <cstdint>

#include "base/describe.hpp"
#include "base/money.hpp"
#include "core/commerce/orders.hpp"
#include "core/launch/codes.hpp"
#include "core/launch/reservation_state.hpp"
#include "core/launch/waiting_room_facts.hpp"

namespace firebrand {

enum class FindOrderStatus : std::uint8_t { found = 0, order_not_found = 50, order_archived = 51 };

/// Where does an order stand now?
struct FindOrder {
  static constexpr std::string_view kName = "find_order";
  static constexpr std::string_view kDoc = "Where does an order stand now?";
  OrderId order_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "order_id", self.order_id, From::path, Rule{}, "The order.");
  }
};

struct FindOrderResult {
  static constexpr std::string_view kName = "find_order_result";
  static constexpr std::string_view kDoc = "Answer to find_order.";
  FindOrderStatus status{};
  Order order{};
  std::int32_t units_returned = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "order", self.order, From::body, Rule{}, "As it stands.");
    field(3, "units_returned", self.units_returned, From::body, Rule{}, "Units that came back.");
  }
};

enum class FindReservationStatus : std::uint8_t {
  found = 0,
  drop_not_found = 50,
  reservation_not_found = 51,
};

/// Has a person a reservation in a drop, and where does it stand?
struct FindReservation {
  static constexpr std::string_view kName = "find_reservation";
  static constexpr std::string_view kDoc = "Where does a person's reservation stand now?";
  DropId drop_id{};
  PersonId person_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "person_id", self.person_id, From::caller, Rule{}, "Whose reservation.");
  }
};

struct FindReservationResult {
  static constexpr std::string_view kName = "find_reservation_result";
  static constexpr std::string_view kDoc = "Answer to find_reservation.";
  FindReservationStatus status{};
  Reservation reservation{};
  Money deposit{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "reservation", self.reservation, From::body, Rule{}, "As it stands.");
    field(3, "deposit", self.deposit, From::body, Rule{}, "What it costs.");
  }
};

enum class FindCodeBatchStatus : std::uint8_t { found = 0, code_batch_not_found = 50 };

/// What is a batch of codes, and what did it bring?
struct FindCodeBatch {
  static constexpr std::string_view kName = "find_code_batch";
  static constexpr std::string_view kDoc = "What is a batch of codes, and what did it bring?";
  CodeBatchId code_batch_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::path, Rule{}, "The batch.");
  }
};

/// A batch as staff see it.
struct CodeBatchStatus {
  static constexpr std::string_view kName = "code_batch_status";
  static constexpr std::string_view kDoc = "A batch of codes and what it brought.";
  CodeBatchId code_batch_id{};
  DropId drop_id{};
  std::int64_t count = 0;
  CodeKind kind{};
  Timestamp valid_from{};
  Timestamp valid_until{};
  CodeBatchState state{};
  std::int64_t used = 0;
  std::int64_t sold = 0;
  std::int64_t revoked = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "For which drop.");
    field(3, "count", self.count, From::body, Rule{}, "How many codes.");
    field(4, "kind", self.kind, From::body, Rule{}, "Transferable or bound.");
    field(5, "valid_from", self.valid_from, From::body, Rule{}, "From when they are good.");
    field(6, "valid_until", self.valid_until, From::body, Rule{}, "Until when.");
    field(7, "state", self.state, From::body, Rule{}, "Good, or revoked as a whole.");
    field(8, "used", self.used, From::body, Rule{}, "Codes in an order, unpaid or paid.");
    field(9, "sold", self.sold, From::body, Rule{}, "Of those, in a paid one.");
    field(10, "revoked", self.revoked, From::body, Rule{}, "Revoked one by one.");
  }
};

struct FindCodeBatchResult {
  static constexpr std::string_view kName = "find_code_batch_result";
  static constexpr std::string_view kDoc = "Answer to find_code_batch.";
  FindCodeBatchStatus status{};
  CodeBatchStatus batch{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "batch", self.batch, From::body, Rule{}, "The batch.");
  }
};

enum class FindPlaceStatus : std::uint8_t { found = 0, place_not_found = 50 };

/// Where does a place in a waiting room stand now?
struct FindPlace {
  static constexpr std::string_view kName = "find_place";
  static constexpr std::string_view kDoc = "Where does a place in a waiting room stand now?";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::uint64_t place = 0;  ///< Counted from 1.

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::path, Rule{.min = 1, .max = kWavesMax}, "From 1.");
    field(3, "place", self.place, From::path, Rule{}, "The place.");
  }
};

struct FindPlaceResult {
  static constexpr std::string_view kName = "find_place_result";
  static constexpr std::string_view kDoc = "Answer to find_place.";
  FindPlaceStatus status{};
  PersonId person_id{};
  PlaceState state{};
  Timestamp at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "Whose it is.");
    field(3, "state", self.state, From::body, Rule{}, "Where it stands.");
    field(4, "at", self.at, From::body, Rule{},
          "Joined while waiting; the lease's end while admitted; then when it ended.");
  }
};

}  // namespace firebrand
