#include "views/proof/leaves.hpp"

#include <tuple>
#include <type_traits>

#include "base/codec_binary.hpp"
#include "base/enum_name.hpp"
#include "base/id_text.hpp"
#include "base/rfc3339.hpp"
#include "core/engine/registry.hpp"

namespace firebrand {

namespace {

/// The leaf of each fact that is a step of a unit, a draw or a queue. What a leaf says is fixed for
/// good (docs/formats/proof-leaf.md): a fact that gets another field needs another leaf version.
class Leaves {
 public:
  Leaves(const log::RecordHeader& header, const ProofNames& names, std::string& line)
      : header_(header), names_(names), line_(line) {}

  void write(const StockReceived& fact) {
    leaf(fact).text("sku", id(fact.sku_id)).number("units", fact.quantity);
  }
  void write(const DropCreated& fact) {
    leaf(fact)
        .text("drop", id(fact.drop_id))
        .text("sku", id(fact.sku_id))
        .time("opens_at", fact.opens_at)
        .number("units", fact.units)
        .number("per_person_limit", fact.per_person_limit)
        .number("payment_window_seconds", fact.payment_window_seconds);
  }
  void write(const DropCommitted& fact) {
    auto written = of_drop(fact);
    if (!fact.commitment.is_zero()) { written.bytes("commitment", fact.commitment.data); }
    std::string windows;
    for (const WaveWindow& window : fact.windows) {
      windows.append(windows.empty() ? "" : ",").append(std::to_string(window.wave));
      windows.append("@").append(format_rfc3339(window.opens_at).view());
      windows.append("+").append(std::to_string(window.seconds));
    }
    if (!windows.empty()) { written.text("windows", windows); }
    if (!fact.tie_commitment.is_zero()) {
      written.bytes("tie_commitment", fact.tie_commitment.data);
    }
  }
  void write(const DropExcluded& fact) {
    of_drop(fact)
        .bytes("excluded", names_.excluded(fact.drop_id, fact.person_id).data)
        .text("reason", enum_name(fact.reason));
  }
  void write(const DropOpened& fact) { of_drop(fact); }
  void write(const DropPaused& fact) { of_drop(fact); }
  void write(const DropResumed& fact) { of_drop(fact); }
  void write(const DropCancelled& fact) { of_drop(fact).number("withdrawn", fact.withdrawn); }
  void write(const WaveReleased& fact) { of_wave(fact).number("units", fact.units); }
  void write(const WaveSoldOut& fact) { of_wave(fact); }
  void write(const WaveRevealed& fact) {
    of_wave(fact).time("moment", fact.moment).bytes("secret", fact.secret.data);
  }
  void write(const UnitsMoved& fact) {
    of_drop(fact)
        .number("from_wave", fact.from_wave)
        .number("to_wave", fact.to_wave)
        .number("units", fact.units);
  }
  void write(const UnitsWithdrawn& fact) { of_wave(fact).number("units", fact.units); }

  void write(const OrderPlaced& fact) {
    const Hash256 buyer =
        buyer_name(fact.drop_id, fact.person_id, names_.buyer(fact.drop_id, fact.person_id));
    of_order(fact)
        .bytes("buyer", buyer.data)
        .text("drop", id(fact.drop_id))
        .number("wave", fact.wave)
        .number("units", fact.quantity);
    order = {fact.order_id, ProofLeafOrder::Step::placed};
  }
  void write(const OrderPaid& fact) { end_order(fact); }
  void write(const OrderExpired& fact) { end_order(fact); }
  void write(const OrderCancelled& fact) { end_order(fact); }
  void write(const UnitsReturned& fact) {
    of_order(fact).number("units", fact.quantity).text("to", enum_name(fact.to));
    order = {fact.order_id, ProofLeafOrder::Step::returned};
  }

  void write(const DrawOpened& fact) {
    const OpenDraw& plan = fact.plan;
    of_draw(fact)
        .text("drop", id(plan.drop_id))
        .number("wave", plan.wave)
        .time("closes_at", plan.closes_at)
        .time("reveal_due_at", plan.reveal_due_at)
        .time("beacon_at", plan.beacon_at)
        .text("beacon_source", plan.beacon_source.view())
        .number("beacon_round", plan.beacon_round)
        .text("fallback", enum_name(plan.fallback))
        .text("wins", enum_name(plan.wins))
        .number("tickets_max", plan.tickets_max)
        .number("reserve_max", plan.reserve_max)
        .bytes("commit", plan.commit.data);
  }
  void write(const DrawEntered& fact) { of_entrant(fact).number("tickets", fact.tickets); }
  void write(const DrawLeft& fact) { of_entrant(fact); }
  void write(const DrawTicketsGranted& fact) { of_entrant(fact).number("tickets", fact.tickets); }
  void write(const DrawExcluded& fact) { of_entrant(fact).text("reason", enum_name(fact.reason)); }
  void write(const DrawClosed& fact) {
    of_draw(fact).number("entrants", fact.entrants).number("tickets", fact.tickets);
  }
  void write(const DrawRootPublished& fact) {
    of_draw(fact).bytes("root", fact.root.data).number("count", fact.count);
  }
  void write(const DrawRevealed& fact) { of_draw(fact).bytes("reveal", fact.reveal.data); }
  void write(const DrawRevealWithheld& fact) { of_draw(fact); }
  void write(const DrawBeaconPosted& fact) { of_draw(fact).bytes("beacon", fact.value.data); }
  void write(const DrawWon& fact) { give_unit(fact); }
  void write(const DrawPromoted& fact) { give_unit(fact); }
  void write(const DrawReserved& fact) { of_entrant(fact).number("place", fact.place); }
  void write(const DrawPassedOver& fact) {
    of_entrant(fact).text("reason", enum_name(fact.reason));
  }
  void write(const DrawCompleted& fact) {
    of_draw(fact).number("winners", fact.winners).number("reserves", fact.reserves);
  }

  void write(const WaitingRoomOpened& fact) {
    of_wave(fact)
        .time("joins_from", fact.joins_from)
        .time("ends_at", fact.ends_at)
        .bytes("commitment", fact.commitment.data);
  }
  void write(const WaitingRoomRevealed& fact) {
    of_wave(fact).bytes("secret", fact.secret.data).number("early", fact.early);
  }
  void write(const PlaceJoined& fact) { of_wave(fact).number("place", fact.place); }
  void write(const PlaceAdmitted& fact) { of_wave(fact).number("place", fact.place); }
  void write(const PlaceEnded& fact) {
    of_wave(fact).number("place", fact.place).text("state", enum_name(fact.state));
  }
  void write(const WaitlistOpened& fact) {
    of_drop(fact).time("ends_at", fact.ends_at).number("places_max", fact.places_max);
  }
  void write(const WaitlistJoined& fact) { of_drop(fact).number("place", fact.place); }
  void write(const WaitlistLeft& fact) { of_drop(fact).number("place", fact.place); }
  void write(const WaitlistPassedOver& fact) { of_drop(fact).number("place", fact.place); }
  void write(const WaitlistServed& fact) {
    const Hash256 name = order_name(fact.order_id, names_.order(fact.order_id));
    of_drop(fact).number("place", fact.place).bytes("order", name.data);
  }
  void write(const WaitlistClosed& fact) { of_drop(fact).number("waiting", fact.waiting); }

  void write(const TieOrderRecorded& fact) {
    of_drop(fact)
        .number("windows", fact.windows)
        .number("decided", fact.decided)
        .number("inversions", fact.inversions);
  }
  void write(const TieKeyRevealed& fact) { of_drop(fact).bytes("key", fact.key.data); }

  void write(const WaitingRoomClosed& fact) { of_wave(fact).number("waiting", fact.waiting); }

  ProofLeafOrder order;

 private:
  template <class Id>
  static std::string id(Id value) {
    return std::string(format_id(value).view());
  }
  template <class F>
  ProofLeafWriter leaf(const F&) {
    return {line_, header_.offset, header_.index, header_.timestamp, F::kName};
  }
  template <class F>
  ProofLeafWriter of_drop(const F& fact) {
    return leaf(fact).text("drop", id(fact.drop_id));
  }
  template <class F>
  ProofLeafWriter of_wave(const F& fact) {
    return of_drop(fact).number("wave", fact.wave);
  }
  template <class F>
  ProofLeafWriter of_order(const F& fact) {
    const Hash256 name = order_name(fact.order_id, names_.order(fact.order_id));
    return leaf(fact).bytes("order", name.data);
  }
  template <class F>
  void end_order(const F& fact) {
    of_order(fact);
    order = {fact.order_id, ProofLeafOrder::Step::ended};
  }
  template <class F>
  ProofLeafWriter of_draw(const F& fact) {
    return leaf(fact).text("draw", id(fact.draw_id));
  }
  template <class F>
  ProofLeafWriter of_entrant(const F& fact) {
    return of_draw(fact).bytes("entrant", names_.entrant(fact.draw_id, fact.person_id).data);
  }
  template <class F>
  void give_unit(const F& fact) {
    const Hash256 name = order_name(fact.order_id, names_.order(fact.order_id));
    of_entrant(fact).bytes("order", name.data);
  }

  const log::RecordHeader& header_;
  const ProofNames& names_;
  std::string& line_;
};

template <class F>
concept HasLeaf = requires(Leaves& leaves, const F& fact) {
  leaves.write(fact);
};

template <class... Entries>
Expected<ProofLeafOrder, ProofError> write_any(const log::RecordView& record,
                                               const ProofNames& names, std::string& line,
                                               std::tuple<Entries...>*) {
  Expected<ProofLeafOrder, ProofError> written = ProofLeafOrder{};
  bool known = false;
  const auto try_as = [&]<class Entry>(Entry*) {
    if (record.header.type != Entry::kNumber) { return; }
    known = true;
    if constexpr (HasLeaf<typename Entry::Type>) {
      const auto fact = decode<typename Entry::Type>(record.payload, record.header.version);
      if (!fact) {
        written = Unexpected(ProofError{"proof: fact " + log::to_string(record.header.position()) +
                                        " does not decode"});
        return;
      }
      Leaves leaves(record.header, names, line);
      leaves.write(*fact);
      written = leaves.order;
    }
  };
  (try_as(static_cast<Entries*>(nullptr)), ...);
  if (!known) {
    return Unexpected(ProofError{"proof: fact " + log::to_string(record.header.position()) +
                                 " is of a newer program"});
  }
  return written;
}

}  // namespace

Hash256 order_name(OrderId id, const ProofOpening& opening) {
  return proof_name("order", format_id(id).view(), opening);
}

Hash256 buyer_name(DropId drop_id, PersonId person_id, const ProofOpening& opening) {
  const std::string about =
      std::string(format_id(drop_id).view()) + " " + std::string(format_id(person_id).view());
  return proof_name("buyer", about, opening);
}

Expected<ProofLeafOrder, ProofError> write_leaf(const log::RecordView& fact,
                                                const ProofNames& names, std::string& line) {
  return write_any(fact, names, line, static_cast<Facts*>(nullptr));
}

}  // namespace firebrand
