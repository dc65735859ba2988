#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/engine/system.hpp"
#include "sim/model_access.hpp"
#include "sim/model_codes.hpp"
#include "sim/model_common.hpp"
#include "sim/model_draws.hpp"
#include "sim/model_drops.hpp"
#include "sim/model_reservations.hpp"
#include "sim/model_rooms.hpp"
#include "sim/model_sale.hpp"
#include "sim/model_shop.hpp"
#include "sim/model_waitlists.hpp"
#include "sim/model_webhooks.hpp"

namespace firebrand {

/// What the caller must be told, and what happens if the state changes.
struct ModelReply {
  AnswerKind kind = AnswerKind::undecodable;
  std::uint8_t status = 0;
  ByteVector result{};
  bool applied = false;
  std::vector<ModelFact> facts{};  ///< If applied.
};

/// The whole state machine, naively. A copy is a state of its own.
class Model {
 public:
  ModelReply apply(const SimRequest&, Timestamp now);
  [[nodiscard]] ModelReply answer(const SimRequest& query, Timestamp now) const;

  [[nodiscard]] std::optional<Timestamp> next_due() const;
  [[nodiscard]] std::uint32_t rules_version() const { return rules_version_; }
  [[nodiscard]] const ModelAccess& access() const { return access_; }
  [[nodiscard]] const ModelWebhooks& webhooks() const { return webhooks_; }
  [[nodiscard]] const ModelShop& shop() const { return shop_; }
  [[nodiscard]] const ModelDrops& drops() const { return drops_; }
  [[nodiscard]] ModelDrops& drops() { return drops_; }
  [[nodiscard]] const ModelReservations& reservations() const { return reservations_; }
  [[nodiscard]] const ModelRooms& rooms() const { return rooms_; }
  [[nodiscard]] const ModelCodes& codes() const { return codes_; }
  [[nodiscard]] const ModelSale& sale() const { return sale_; }
  [[nodiscard]] const ModelDraws& draws() const { return draws_; }
  [[nodiscard]] const ModelWaitlists& waitlists() const { return waitlists_; }
  /// Waves that a RunDue released as its nth deadline, n > 0: others were overdue with it.
  [[nodiscard]] std::uint64_t waves_released_in_backlog() const {
    return waves_released_in_backlog_;
  }
  /// Requests that were done once more because their key was older than its window.
  [[nodiscard]] std::uint64_t request_keys_forgotten() const { return request_keys_forgotten_; }

 private:
  struct FirstAnswer {
    std::uint16_t number = 0;
    ByteVector payload{};
    ByteVector result{};
    Timestamp at{};
  };
  template <class C>
  bool apply_as(const SimRequest&, Timestamp now, ModelReply&);
  auto run(const AdoptRules&, const ModelContext&) -> AdoptRulesResult;
  auto run(const RunDue&, const ModelContext&) -> RunDueResult;
  template <class C>
  auto run(const C& command, const ModelContext& context);

  std::uint32_t rules_version_ = 0;
  ModelDeadlines deadlines_;
  ModelAccess access_;
  ModelWebhooks webhooks_;
  ModelShop shop_;
  ModelDrops drops_;
  ModelReservations reservations_;
  ModelRooms rooms_;
  ModelCodes codes_;
  ModelSale sale_;
  ModelDraws draws_;
  ModelWaitlists waitlists_;
  std::uint64_t applied_ = 0;  ///< Commands: the offset of the last one.
  std::map<RequestKey, FirstAnswer> first_answers_;
  std::uint64_t waves_released_in_backlog_ = 0;
  std::uint64_t request_keys_forgotten_ = 0;
};

}  // namespace firebrand
