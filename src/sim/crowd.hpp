#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "core/access/access.hpp"
#include "core/launch/draws.hpp"
#include "core/launch/refunds.hpp"
#include "core/launch/sale.hpp"
#include "sim/probes.hpp"
#include "sim/request.hpp"

namespace firebrand {

/// "pay-17"
[[nodiscard]] inline Text<64> numbered(std::string_view what, std::uint64_t number) {
  return Text<64>(std::string(what) + std::to_string(number));
}

/// How the people of one run are: drawn from its seed, so that each run is lopsided in its own way.
/// What a run is mostly about: a little of everything goes deep into nothing.
enum class CrowdTopic : std::uint8_t { shop, reservations, codes, draws, rooms, waitlists };

struct CrowdHabits {
  CrowdTopic topic = CrowdTopic::shop;
  std::uint64_t persons = 50;
  std::uint64_t skus = 3;
  std::uint64_t drops = 6;  ///< Planned over the run, before repeats of their codes.
  std::int64_t wave_units_max = 40;
  std::int32_t payment_seconds_max = 60;
  std::uint32_t staff_ppm =
      100'000;                       ///< Share of requests by staff once there is something to buy.
  std::uint32_t buy_ppm = 500'000;   ///< Of fans' requests; the rest pays, cancels and asks.
  std::uint32_t wave_ppm = 500'000;  ///< Of planned waves: those of the topic.
  std::uint32_t topic_ppm = 300'000;  ///< Of requests: those about the topic, once there are any.
  std::uint32_t cancel_drop_ppm = 20'000;  ///< Of staff's requests about drops.
  std::uint32_t repeat_ppm = 80'000;
  std::uint32_t garbage_ppm = 10'000;
  std::uint32_t with_key_ppm = 800'000;

  [[nodiscard]] static CrowdHabits drawn(Prng& prng);
};

/// Staff, fans, the payment provider and a few who send rubbish. They know only what they were
/// told: what an answer said survives, what it did not say is asked for again.
class Crowd {
 public:
  Crowd(Prng prng, const CrowdHabits& habits, Probes& probes);

  /// What somebody sends next. `now` is what their clocks say.
  [[nodiscard]] SimRequest next(Timestamp now);
  /// A purchase by somebody, whatever else is going on: for rushes.
  [[nodiscard]] SimRequest next_purchase();
  void answered(const SimAnswer&);
  /// There was no room for it: the edge would have answered 503.
  void turned_away(std::uint64_t token);
  /// The server died: whoever waits does not know what became of it.
  void cut_off();

  [[nodiscard]] std::size_t waiting() const { return in_flight_.size(); }

 private:
  struct Sent {
    SimRequest request{};
    bool after_crash = false;  ///< Sent again, because the server died over it.
  };
  struct KnownSku {
    SkuId id{};
    std::vector<Money> prices{};
  };
  struct KnownDrop {
    DropId id{};
    std::uint16_t waves = 0;
    SkuId sku{};
    Currency currency{};
    Timestamp opens_at{};
    Code code{};
    std::vector<std::uint16_t> random_waves{};
  };
  struct KnownBatch {
    CodeBatchId id{};
    DropId drop{};
    std::uint64_t count = 0;
  };
  struct KnownReservation {
    ReservationId id{};
    DropId drop{};
    PersonId person{};
    Money deposit{};
  };
  /// A drawn wave, and what its organiser and its entrants know of it.
  struct KnownDraw {
    DropId drop{};
    std::uint16_t wave = 0;
    Hash256 reveal{};
    DrawId id{};  ///< Zero: not open yet.
    Draw seen{};  ///< As it was told last.
    std::vector<PersonId> entered{};
  };
  struct KnownRoom {
    DropId id{};
    std::uint16_t wave = 0;
    Timestamp opens_at{};
    bool opened = false;
    bool tried = false;  ///< Somebody was to open it.
    std::uint64_t places = 0;
    std::vector<PersonId> persons{};  ///< Who joined, of late.
  };
  struct KnownWaitlist {
    DropId drop{};
    std::vector<PersonId> persons{};  ///< Who joined, of late.
  };
  struct KnownOrder {
    OrderId id{};
    PersonId person{};
    Money total{};
  };

  [[nodiscard]] SimRequest by_staff(Timestamp now);
  [[nodiscard]] SimRequest about_catalogue(Timestamp now);
  [[nodiscard]] SimRequest about_drops(Timestamp now);
  [[nodiscard]] SimRequest moving();
  [[nodiscard]] SimRequest revealing(const KnownDrop& drop);
  [[nodiscard]] SimRequest about_access();
  [[nodiscard]] SimRequest about_staff();
  [[nodiscard]] SimRequest signing_in();
  [[nodiscard]] SimRequest asking_of_staff();
  [[nodiscard]] StaffId somebody();
  [[nodiscard]] SimRequest terms(Timestamp now);
  [[nodiscard]] SimRequest about_reservations();
  [[nodiscard]] SimRequest about_webhooks();
  [[nodiscard]] SimRequest about_codes(Timestamp now);
  void offer_code(PlaceOrder&);
  [[nodiscard]] SimRequest with_code();
  /// Whether something of a topic is to be done now that every run knows a little of.
  [[nodiscard]] bool plans(CrowdTopic);
  [[nodiscard]] AddSku some_sku();
  [[nodiscard]] CreateDrop some_drop(Timestamp now);
  /// What the shop says of somebody: mostly the same again.
  [[nodiscard]] Standing standing_of(PersonId);
  void ask_for_standing(CreateDrop&);
  [[nodiscard]] SimRequest by_fan();
  [[nodiscard]] SimRequest about_draws(Timestamp now);
  [[nodiscard]] Millis some_while();
  [[nodiscard]] SimRequest opening(const KnownDraw&, Timestamp now);
  [[nodiscard]] SimRequest entering(const KnownDraw&);
  [[nodiscard]] SimRequest drawing(KnownDraw&);
  void learn_of_draw(const SimRequest&, const SimAnswer&);
  [[nodiscard]] SimRequest purchase();
  [[nodiscard]] SimRequest payment();
  [[nodiscard]] SimRequest refund();
  [[nodiscard]] SimRequest about_money();
  /// Fans, staff and the controller of a waiting room. REQUIRES: a room is known.
  [[nodiscard]] SimRequest about_room(Timestamp now);
  [[nodiscard]] SimRequest open_room(const KnownRoom&, Timestamp now);
  [[nodiscard]] SimRequest by_controller(const KnownRoom&);
  [[nodiscard]] static Bytes<32> room_secret(const KnownRoom&);
  [[nodiscard]] SimRequest open_waitlist(Timestamp now);
  /// Fans and staff of a waitlist. REQUIRES: one is known.
  [[nodiscard]] SimRequest about_waitlist();
  void learn_of_waitlist(const SimRequest&);
  [[nodiscard]] SimRequest query();
  [[nodiscard]] SimRequest again();
  [[nodiscard]] SimRequest garbage();
  [[nodiscard]] SimRequest send(Sent sent);

  void learn(const SimRequest&, const SimAnswer&);
  [[nodiscard]] RequestKey some_key();
  [[nodiscard]] SecretHash secret(std::uint64_t number) const;
  [[nodiscard]] DropId some_drop_id();
  /// True `in_hundred` times in a hundred.
  [[nodiscard]] bool often(std::uint32_t in_hundred) {
    return prng_.chance_ppm(in_hundred * 10'000);
  }
  template <class T>
  [[nodiscard]] const T& one_of(const std::vector<T>& entries) {
    return entries[prng_.below(entries.size())];
  }
  /// Recent ones more often: that is where things still happen.
  template <class T>
  [[nodiscard]] const T& recent_of(const std::vector<T>& entries) {
    const std::uint64_t back = often(80) ? 12 : entries.size();
    return entries[entries.size() - 1 - prng_.below(std::min<std::uint64_t>(back, entries.size()))];
  }

  Prng prng_;
  CrowdHabits habits_;
  Probes& probes_;
  std::uint64_t last_token_ = 0;
  std::map<std::uint64_t, Sent> in_flight_;
  std::deque<SimRequest> unanswered_;  ///< The server died over them.
  std::deque<SimRequest> done_;        ///< Recent ones that were answered.

  std::uint64_t staff_ = 0;
  std::uint64_t api_keys_ = 0;
  std::uint64_t webhooks_ = 0;
  std::uint64_t secrets_ = 0;
  ConfirmSecondFactor prepared_;  ///< The newest secret that somebody took, and whose it is.
  std::vector<KnownSku> skus_;
  std::vector<LaunchId> launches_;
  std::vector<KnownDrop> drops_;
  std::vector<KnownDraw> draws_;
  std::vector<KnownRoom> rooms_;
  std::vector<KnownWaitlist> waitlists_;
  std::vector<KnownOrder> orders_;
  std::vector<ConfirmPayment> payments_;
  std::vector<RequestRefund> refunds_;
  std::vector<DropId> books_;  ///< Drops in which people may reserve.
  std::vector<KnownReservation> reservations_;
  std::vector<ConfirmDeposit> deposits_;
  std::vector<KnownBatch> batches_;
};

}  // namespace firebrand
