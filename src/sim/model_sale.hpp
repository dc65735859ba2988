#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/launch/queries.hpp"
#include "core/launch/refunds.hpp"
#include "core/launch/sale.hpp"
#include "sim/model_codes.hpp"
#include "sim/model_common.hpp"
#include "sim/model_drops.hpp"
#include "sim/model_reservations.hpp"
#include "sim/model_rooms.hpp"

namespace firebrand {

/// Money by where it is: what came in is revenue, owed back, fits no order, or is on its way back
/// or back.
struct ModelMoney {
  std::int64_t came = 0;
  std::int64_t revenue = 0;
  std::int64_t owed_back = 0;
  std::int64_t unmatched = 0;
  std::int64_t sent = 0;
  std::int64_t refunded = 0;

  [[nodiscard]] std::int64_t& due_of(PaymentOutcome outcome) {
    return outcome == PaymentOutcome::unmatched ? unmatched : owed_back;
  }
};

/// Orders and payments.
class ModelSale {
 public:
  PlaceOrderResult apply(const PlaceOrder&, ModelDrops&, const ModelShop&, ModelReservations&,
                         ModelCodes&, ModelRooms&, const ModelContext&);
  /// One unit of a drawn wave in the drop's currency, or purchase_limit.
  PlaceOrderResult take(DropId, std::uint16_t wave, PersonId, const Standing&, ModelDrops&,
                        const ModelShop&, ModelReservations&, const ModelContext&);
  CancelOrderResult apply(const CancelOrder&, ModelDrops&, ModelShop&, ModelReservations&,
                          ModelCodes&, const ModelContext&);
  ExcludeFromDropResult apply(const ExcludeFromDrop&, ModelDrops&, ModelReservations&, ModelRooms&,
                              const ModelContext&);
  ConfirmPaymentResult apply(const ConfirmPayment&, ModelDrops&, ModelReservations&, ModelCodes&,
                             const ModelContext&);
  ReturnUnitsResult apply(const ReturnUnits&, ModelDrops&, ModelShop&, const ModelContext&);
  RequestRefundResult apply(const RequestRefund&, const ModelContext&);
  ConfirmRefundResult apply(const ConfirmRefund&, const ModelContext&);
  void order_expires(std::uint64_t order, ModelDrops&, ModelShop&, ModelReservations&, ModelCodes&,
                     const ModelContext&);
  void order_archives(std::uint64_t order, ModelDrops&, const ModelContext&);

  [[nodiscard]] ModelPayments& payments() { return payments_; }
  [[nodiscard]] FindOrderResult answer(const FindOrder&) const;

  /// Those not archived.
  [[nodiscard]] const std::map<std::uint64_t, Order>& orders() const { return orders_; }
  [[nodiscard]] const std::map<Currency, ModelMoney>& money() const { return money_; }
  /// Deadlines at which a paid order stayed, because its drop was still selling.
  [[nodiscard]] std::uint64_t kept() const { return kept_; }
  /// Paid orders that gave the buyer's right back as they left.
  [[nodiscard]] std::uint64_t rights_ended() const { return rights_ended_; }

 private:
  struct ModelRefund {
    std::string payment_id{};
    Money amount{};
    RefundState state{};
  };
  [[nodiscard]] bool is_archived(OrderId id) const {
    return id.value >= 1 && id.value <= placed_ && !orders_.contains(id.value);
  }
  /// @param codes  Null: nobody brings one.
  PlaceOrderResult place(const PlaceOrder&, std::uint16_t wave, Money total, std::int64_t seconds,
                         ModelDrops&, ModelCodes* codes, const ModelContext&);
  void give_back(const Order&, ModelDrops&, ModelShop&, const ModelContext&);
  static void close(Order&, OrderState, const ModelContext&);

  std::map<std::uint64_t, Order> orders_;
  std::map<std::uint64_t, SharedKeys> keys_;  ///< By order: those that a limit of its drop counts.
  std::uint64_t placed_ = 0;  ///< Orders ever, and so the number of the last one and of its hold.
  ModelPayments payments_;
  std::map<std::uint64_t, std::string> paid_by_;  ///< Payment of each order that was paid.
  std::map<std::string, ModelRefund> refunds_;
  std::map<Currency, ModelMoney> money_;
  std::uint64_t kept_ = 0;
  std::uint64_t rights_ended_ = 0;
};

}  // namespace firebrand
