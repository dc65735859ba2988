#include "edge/server/audit.hpp"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <vector>

#include "base/codec_binary.hpp"
#include "base/id_text.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/state.hpp"
#include "log/reader.hpp"
#include "runtime/replay.hpp"

namespace firebrand {

namespace {

/// Walks of all invariants are O(n): now and then, and at the end.
constexpr std::uint64_t kRecordsPerWalk = 250'000;

/// What the records say happened, counted without the engine.
struct Counted {
  std::int64_t received = 0;  ///< Units, over all SKUs.
  std::int64_t placed = 0;    ///< Units in orders.
  std::int64_t given_back = 0;
  std::int64_t sold = 0;
  std::int64_t paid_minor = 0;
};

class Audit {
 public:
  explicit Audit(std::string data) : data_(std::move(data)) {}

  int run() {
    FoldedState state;
    const auto replayed =
        replay_log(files_, data_, state, {UINT64_MAX},
                   [&](const log::RecordView& record, const Outcome&, const FactBuffer& facts) {
                     check_facts(record, facts);
                     check_record(*state.engine, record);
                   });
    if (!replayed) {
      std::fprintf(stderr, "firebrand: %s\n", replayed.error().message.c_str());
      return 1;
    }
    if (records_ > 0) { state.engine->check_invariants(); }
    check_end(*state.engine);
    print(state);
    return problems_ == 0 ? 0 : 1;
  }

 private:
  void check_record(const Engine& engine, const log::RecordView& record) {
    ++records_;
    const State& state = engine.state();
    // Conservation of the drop that the record is about is checked at every offset.
    for (const DropId id : touched_) {
      const DropUnits units = state.drops.units(id);
      const bool whole = units.total == units.unreleased + units.available + units.held +
                                            units.sold + units.withdrawn;
      if (!whole || units.available < 0 || units.held < 0) {
        problem(record.header.offset,
                "units of drop " + std::string(format_id(id).view()) + " do not add up");
      }
    }
    touched_.clear();
    if (records_ % kRecordsPerWalk == 0) { engine.check_invariants(); }
  }

  void check_facts(const log::RecordView& record, const FactBuffer& facts) {
    for (const FactBuffer::Entry& fact : facts.entries()) {
      ++facts_;
      count(fact, facts.payload(fact));
      follow_stored_fact(record, fact, facts.payload(fact));
    }
  }

  void count(const FactBuffer::Entry& entry, std::span<const std::byte> payload) {
    if (entry.type == kNumberOf<StockReceived>) {
      counted_.received += decode<StockReceived>(payload)->quantity;
    } else if (entry.type == kNumberOf<OrderPlaced>) {
      const auto fact = decode<OrderPlaced>(payload);
      counted_.placed += fact->quantity;
      quantities_[fact->order_id.value] = fact->quantity;
      touched_.push_back(fact->drop_id);
    } else if (entry.type == kNumberOf<OrderPaid>) {
      const auto fact = decode<OrderPaid>(payload);
      counted_.sold += take_quantity(fact->order_id);
      touched_.push_back(fact->drop_id);
    } else if (entry.type == kNumberOf<OrderExpired>) {
      const auto fact = decode<OrderExpired>(payload);
      counted_.given_back += take_quantity(fact->order_id);
      touched_.push_back(fact->drop_id);
    } else if (entry.type == kNumberOf<OrderCancelled>) {
      const auto fact = decode<OrderCancelled>(payload);
      counted_.given_back += take_quantity(fact->order_id);
      touched_.push_back(fact->drop_id);
    }
  }

  /// An order ends once: paid, expired or cancelled.
  std::int64_t take_quantity(OrderId id) {
    const auto found = quantities_.find(id.value);
    if (found == quantities_.end()) {
      problem({}, "order " + std::string(format_id(id).view()) + " ends twice, or never began");
      return 0;
    }
    const std::int64_t quantity = found->second;
    quantities_.erase(found);
    return quantity;
  }

  /// facts/ must hold exactly what replay returns, up to where it has come.
  void follow_stored_fact(const log::RecordView& record, const FactBuffer::Entry& fact,
                          std::span<const std::byte> payload) {
    if (!stored_ && !stored_ended_) {
      auto opened = log::Reader::open(files_, facts_directory(data_), {});
      if (opened) {
        stored_.emplace(std::move(*opened));
      } else {
        stored_ended_ = true;
      }
    }
    if (stored_ended_) { return; }
    const auto stored = stored_->next();
    if (!stored) {
      stored_ended_ = true;
      if (stored.error() != log::ReadError::end_of_log &&
          stored.error() != log::ReadError::torn_tail) {
        problem(record.header.offset, std::string(stored_->message()));
      }
      return;
    }
    ++stored_facts_;
    if (stored->header.offset != record.header.offset || stored->header.type != fact.type ||
        !std::ranges::equal(stored->payload, payload)) {
      problem(record.header.offset, "facts/ tells another story than the log");
      stored_ended_ = true;
    }
  }

  void check_end(const Engine& engine) {
    const State& state = engine.state();
    DropUnits sum;
    std::int64_t warehouse = 0;
    for (std::uint64_t id = 1; id <= state.drops.size(); ++id) {
      const DropUnits units = state.drops.units(DropId{id});
      sum.unreleased += units.unreleased;
      sum.available += units.available;
      sum.held += units.held;
      sum.sold += units.sold;
    }
    for (std::uint64_t id = 1; id <= state.catalogue.size(); ++id) {
      warehouse += state.stock.on_hand(SkuId{id});
    }
    if (counted_.received != warehouse + sum.unreleased + sum.available + sum.held + sum.sold) {
      problem({}, "units received are not the units there are");
    }
    if (counted_.sold != sum.sold) { problem({}, "units sold are not the units paid for"); }
    if (counted_.placed != counted_.given_back + counted_.sold + sum.held) {
      problem({}, "units ordered are not those sold, held and given back");
    }
    units_ = sum;
    warehouse_ = warehouse;
  }

  void problem(LogOffset offset, const std::string& what) {
    ++problems_;
    std::printf("PROBLEM at offset %" PRIu64 ": %s\n", offset.value, what.c_str());
  }

  void print(const FoldedState& state) const {
    std::printf("audited     %" PRIu64 " records up to offset %" PRIu64 ", %" PRIu64
                " facts (%" PRIu64 " stored)\n",
                records_, state.offset.value, facts_, stored_facts_);
    std::printf("units       received %" PRId64 " = free %" PRId64 " + unreleased %" PRId64
                " + available %" PRId64 " + held %" PRId64 " + sold %" PRId64 "\n",
                counted_.received, warehouse_, units_.unreleased, units_.available, units_.held,
                units_.sold);
    std::printf("ordered     %" PRId64 " = sold %" PRId64 " + held %" PRId64
                " + given back %" PRId64 "\n",
                counted_.placed, counted_.sold, units_.held, counted_.given_back);
    std::printf("digest      %016" PRIx64 "\n", state.engine->digest());
    std::printf(problems_ == 0 ? "conserved at every offset: nothing lost, nothing sold twice\n"
                               : "%" PRIu64 " problems\n",
                problems_);
  }

  std::string data_;
  log::PosixFileSystem files_;
  std::optional<log::Reader> stored_;
  bool stored_ended_ = false;
  Counted counted_;
  std::map<std::uint64_t, std::int64_t> quantities_;  // Of orders that have not ended.
  std::vector<DropId> touched_;
  DropUnits units_;
  std::int64_t warehouse_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t facts_ = 0;
  std::uint64_t stored_facts_ = 0;
  std::uint64_t problems_ = 0;
};

}  // namespace

int run_audit(const std::string& data) { return Audit(data).run(); }

}  // namespace firebrand
