#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/dense_array.hpp"
#include "base/shuffled_order.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "edge/api/admission_control.hpp"
#include "edge/api/credentials.hpp"
#include "edge/api/drop_pages.hpp"
#include "edge/http/http.hpp"

namespace firebrand {

/// What a person is told of the place.
struct PlaceView {
  static constexpr std::string_view kName = "place_view";
  static constexpr std::string_view kDoc = "A place in a waiting room as it stands.";
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::uint64_t place = 0;
  PlaceState state{};
  OrderReveal order{};
  std::int64_t ahead = 0;
  std::int64_t waiting = 0;
  std::int64_t expected_wait_ms = 0;
  std::int64_t wait_low_ms = 0;
  std::int64_t wait_high_ms = 0;
  std::int64_t ask_again_ms = 0;
  Timestamp opens_at{};
  Timestamp until{};
  Text<160> pass{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(3, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
    field(4, "state", self.state, From::body, Rule{}, "Where it stands.");
    field(5, "order", self.order, From::body, Rule{},
          "Whether the order of the early ones is known; while it is pending nobody is ahead.");
    field(6, "ahead", self.ahead, From::body, Rule{},
          "People who wait before, about: of those who left, nobody knows where they stood.");
    field(7, "waiting", self.waiting, From::body, Rule{}, "People who wait in all.");
    field(8, "expected_wait_ms", self.expected_wait_ms, From::body, Rule{},
          "Until the turn comes, from the opening on, as people are let in now.");
    field(9, "wait_low_ms", self.wait_low_ms, From::body, Rule{}, "Nine in ten wait between this");
    field(10, "wait_high_ms", self.wait_high_ms, From::body, Rule{}, "and this.");
    field(11, "ask_again_ms", self.ask_again_ms, From::body, Rule{},
          "When to ask again; who stays away too long gives the place up.");
    field(12, "opens_at", self.opens_at, From::body, Rule{}, "The wave's time.");
    field(13, "until", self.until, From::body, Rule{},
          "While admitted: until when to buy; 1970 otherwise.");
    field(14, "pass", self.pass, From::body, Rule{},
          "While admitted: the signed admission pass, for shops that use the queue alone.");
  }
};

/// What everybody and staff see of waiting rooms, and who was heard of when: soft state beside the
/// copies that the live board brings. A poll is answered from here without asking the engine. The
/// I/O thread's own. 4 bytes a place.
class QueuePages {
 public:
  using Key = std::pair<DropId, std::uint16_t>;
  /// What the controller wants done; the API sends it and reports back.
  struct Wishes {
    std::vector<RevealWaitingRoom> reveal{};
    std::vector<AdmitPlaces> admit{};
    std::vector<LapsePlaces> lapse{};
  };

  /// Everybody who waits is heard of now: a full period of grace after a start.
  void load(const WaitingRooms& rooms, Timestamp now);
  /// Takes over newer copies.
  void publish(const std::vector<WaitingRoom>& rooms, LogOffset offset, Timestamp now);
  /// What is to be done now. At most one of each kind a room is under way at once.
  [[nodiscard]] Wishes step(const DropPages& drops, const Credentials& credentials, Timestamp now);

  void revealed(const RevealWaitingRoom&, RevealWaitingRoomStatus);
  /// @param offset  Of the change: the next wish waits for a copy that knows it.
  /// @param latency  From the wish until the answer was durable.
  void admitted(const AdmitPlaces&, const AdmitPlacesResult&, LogOffset offset, Millis latency,
                Timestamp now);
  void lapsed(const LapsePlaces&);
  /// The engine did not take it: the same may be wished again. What else is under way goes on.
  void failed(const RevealWaitingRoom&);
  void failed(const AdmitPlaces&);
  void failed(const LapsePlaces&);

  [[nodiscard]] bool has(Key key) const { return rooms_.contains(key); }
  [[nodiscard]] const WaitingRoom& room(Key key) const { return rooms_.at(key)->stands; }
  /// The public page. REQUIRES: has(key).
  [[nodiscard]] const PreparedResponsePtr& page(Key key) const { return rooms_.at(key)->page; }
  /// Figures for staff, as JSON. REQUIRES: has(key).
  [[nodiscard]] std::string live_json(Key key, Timestamp now) const;

  /// Somebody asked for the place, or took it: the heartbeat.
  void heard(const PlaceToken& token, Timestamp now);
  /// Somebody gave it up.
  void gone(const PlaceToken& token);
  /// Nothing if the engine must be asked, because the turn has come, or the room has ended.
  [[nodiscard]] std::optional<PlaceView> view(const PlaceToken& token, Timestamp now) const;
  /// What the view says whoever is asked. REQUIRES: has({drop, wave}).
  [[nodiscard]] PlaceView head(const PlaceToken& token) const;

  void append_metrics(std::string& text, Timestamp now) const;
  /// For the benchmark: bytes of heartbeats that are mapped.
  [[nodiscard]] std::uint64_t bytes_mapped() const;

 private:
  struct Room {
    WaitingRoom stands{};
    LogOffset offset{};
    PreparedResponsePtr page{};
    ShuffledOrder order{};
    DenseArray<std::uint32_t> heard{};  ///< Seconds since base_; 0: the place has ended.
    std::uint64_t swept = 0;            ///< Places that this round has looked at.
    AdmissionControl control{};
    WaitForecast forecast{};
    Timestamp noted_at{};
    LogOffset changed{};  ///< By the last admission.
    bool revealing = false;
    bool admitting = false;
    bool lapsing = false;
    bool reveal_failed = false;
  };
  [[nodiscard]] std::uint32_t second_of(Timestamp at) const;
  [[nodiscard]] std::int64_t ahead_of(const Room&, std::uint64_t position) const;
  [[nodiscard]] std::int32_t rate_of(const Room&, Timestamp now) const;
  void sweep(Room&, Timestamp now, std::vector<LapsePlaces>& out);
  void note_forecasts(Room&, Timestamp now);

  Timestamp base_{};
  std::map<Key, std::unique_ptr<Room>> rooms_;
};

}  // namespace firebrand
