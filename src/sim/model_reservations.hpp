#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/launch/queries.hpp"
#include "core/launch/reservation_facts.hpp"
#include "core/launch/reservations.hpp"
#include "sim/model_common.hpp"
#include "sim/model_drops.hpp"
#include "sim/model_rooms.hpp"
#include "sim/model_shop.hpp"

namespace firebrand {

/// Money of deposits by where it is, of one currency.
struct ModelDepositMoney {
  std::int64_t came = 0;
  std::int64_t waiting = 0;
  std::int64_t revenue = 0;
  std::int64_t owed_back = 0;
  std::int64_t forfeits = 0;
  std::int64_t penalties = 0;
};

/// The reservations of one drop.
struct ModelBook {
  OpenReservations terms{};
  Money deposit{};
  std::vector<std::uint64_t> ids{};  ///< Of those that have not left, in order.
  Settling settling = Settling::not_begun;
  bool seller_defaults = false;
  // Where the walks go on; none: not under way.
  std::optional<std::uint64_t> remind_next{};
  std::optional<std::uint64_t> settle_next{};
  std::optional<std::uint64_t> leave_next{};
};

/// Who reserved, and what becomes of their deposits.
class ModelReservations {
 public:
  OpenReservationsResult apply(const OpenReservations&, ModelDrops&, const ModelShop&,
                               const ModelContext&);
  ReserveResult apply(const Reserve&, ModelDrops&, const ModelContext&);
  WithdrawReservationResult apply(const WithdrawReservation&, ModelDrops&, const ModelContext&);
  ConfirmDepositResult apply(const ConfirmDeposit&, ModelDrops&, const ModelContext&);
  void drop_cancelled(DropId, const ModelContext&);
  /// The seller takes the person's reservation back.
  void person_excluded(DropId, PersonId, const ModelContext&);
  void deposit_due(std::uint64_t reservation, const ModelContext&);
  void step_due(std::uint64_t deadline_id, ModelDrops&, const ModelRooms&, const ModelContext&);

  [[nodiscard]] FindReservationResult answer(const FindReservation&, const ModelDrops&) const;

  // For the sale.
  [[nodiscard]] const ModelBook* book(DropId) const;
  [[nodiscard]] const Reservation* usable(DropId, PersonId, Timestamp now) const;
  void take(std::uint64_t reservation, OrderId);
  void order_paid(const Order&, const ModelContext&);
  void order_ended(const Order&, const ModelDrops&, const ModelContext&);

  [[nodiscard]] const std::map<Currency, ModelDepositMoney>& money() const { return money_; }
  [[nodiscard]] const std::map<std::uint64_t, ModelBook>& books() const { return books_; }
  [[nodiscard]] const std::map<std::uint64_t, Reservation>& all() const { return entries_; }
  /// Reservations that left the core.
  [[nodiscard]] std::uint64_t left() const { return left_; }

 private:
  struct Paid {
    ConfirmDeposit command{};
    DepositOutcome outcome{};
  };
  [[nodiscard]] Reservation* find(DropId, PersonId);
  /// A refund can be asked for it, unless its id is known already.
  static void owe(ReservationId, const std::string& id, const std::string& told, Money,
                  PaymentOutcome, const ModelContext&);
  [[nodiscard]] std::int64_t taken(const ModelBook&) const;
  void end(Reservation&, ReservationState, const ModelContext&);
  void settle(std::uint64_t drop, const ModelDrop&, const ModelRooms&, ModelBook&,
              const ModelContext&);

  std::map<std::uint64_t, ModelBook> books_;  // By drop.
  std::map<std::uint64_t, Reservation> entries_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> by_person_;
  std::uint64_t made_ = 0;
  std::map<std::string, Paid> payments_;
  std::map<std::uint64_t, std::string> paid_by_;  ///< By reservation: its newest deposit.
  std::map<Currency, ModelDepositMoney> money_;
  std::uint64_t left_ = 0;
};

}  // namespace firebrand
