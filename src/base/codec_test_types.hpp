#pragma once

#include <cstdint>
#include <string_view>

#include "base/describe.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/types.hpp"

/// Structs that the tests, fuzzers and benchmarks of all codecs share.
namespace firebrand::codec_test {

/// The hot command's body: five fields in the record, two of them public.
struct PlaceOrder {
  static constexpr std::string_view kName = "place_order";
  static constexpr std::string_view kDoc = "Takes units of a drop for one person.";
  DropId drop_id{};
  PersonId person_id{};
  std::int64_t quantity = 1;
  Currency currency{};
  std::uint64_t key_hash = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::path, {.min = 1}, "The drop.");
    field(2, "person_id", self.person_id, From::caller, {.min = 1}, "Who buys.");
    field(3, "quantity", self.quantity, From::body,
          {.min = 1, .max = 100, .presence = Presence::optional}, "Units.");
    field(4, "currency", self.currency, From::body, {.presence = Presence::optional},
          "What to pay in; by default the drop's own.");
    field(5, "key_hash", self.key_hash, From::stamped, {}, "Of the idempotency key.");
  }
  friend bool operator==(const PlaceOrder&, const PlaceOrder&) = default;
};

enum class Release : std::uint8_t { automatic = 1, manual = 2, after_draw = 7 };

struct Name {
  static constexpr std::string_view kName = "name";
  static constexpr std::string_view kDoc = "A name in the two languages of the pages.";
  Text<60> zh{};
  Text<60> en{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "zh", self.zh, From::body, {.min = 1}, "Chinese.");
    field(2, "en", self.en, From::body, {.min = 1, .max = 50}, "English.");
  }
  friend bool operator==(const Name&, const Name&) = default;
};

struct Wave {
  static constexpr std::string_view kName = "wave";
  static constexpr std::string_view kDoc = "Units that open at one time.";
  Timestamp opens_at{};
  std::int64_t units = 0;
  Release release = Release::automatic;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "opens_at", self.opens_at, From::body, {}, "When.");
    field(2, "units", self.units, From::body, {.min = 1, .max = 1'000'000}, "How many.");
    field(3, "release", self.release, From::body, {.presence = Presence::optional}, "How.");
  }
  friend bool operator==(const Wave&, const Wave&) = default;
};

/// Every type a field may have, required and optional.
struct Everything {
  static constexpr std::string_view kName = "everything";
  static constexpr std::string_view kDoc = "One field of each type.";
  bool flag = false;
  std::int8_t tiny = 0;
  std::uint16_t port = 80;
  std::int32_t change = 0;
  std::int64_t large = 0;
  std::uint64_t hash = 0;
  Release release{};
  SkuId sku_id{};
  LogOffset offset{};
  Micros budget{};
  Timestamp opens_at{};
  Millis ttl{};
  Currency currency{};
  Money price{};
  Text<40> note{};
  Bytes<4> key{};
  List<std::int32_t, 5> numbers{};
  List<Text<8>, 3> tags{};
  Name name{};
  List<Wave, 4> waves{};
  Name alias{};         // Optional, and its default breaks its own rules.
  SkuId gift_sku_id{};  // Optional, and zero breaks its rule.
  List<Money, 2> extra{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    constexpr Presence optional = Presence::optional;
    field(1, "flag", self.flag, From::body, {}, "Yes or no.");
    field(2, "tiny", self.tiny, From::body, {.min = -5, .max = 5}, "Small.");
    field(3, "port", self.port, From::body, {.presence = optional}, "Unsigned.");
    field(4, "change", self.change, From::body, {}, "Signed.");
    field(5, "large", self.large, From::body, {}, "Wide.");
    field(6, "hash", self.hash, From::body, {}, "Wide, unsigned.");
    field(7, "release", self.release, From::body, {}, "An enumerator.");
    field(8, "sku_id", self.sku_id, From::body, {.min = 1}, "An id.");
    field(9, "offset", self.offset, From::body, {}, "A plain one.");
    field(10, "budget", self.budget, From::body, {.min = 0}, "Micros.");
    field(11, "opens_at", self.opens_at, From::body, {}, "A time.");
    field(12, "ttl_ms", self.ttl, From::body, {.min = 1, .max = 86'400'000}, "A duration.");
    field(13, "currency", self.currency, From::body, {}, "Of nothing \"special\".");
    field(14, "price", self.price, From::body, {.min = 0}, "Money.");
    field(15, "note", self.note, From::body, {.min = 2, .max = 30}, "A text.");
    field(16, "key", self.key, From::body, {}, "Bytes.");
    field(17, "numbers", self.numbers, From::body, {.min = 1, .max = 4}, "A list.");
    field(18, "tags", self.tags, From::body, {.presence = optional}, "Texts.");
    field(19, "name", self.name, From::body, {}, "A struct.");
    field(20, "waves", self.waves, From::body, {.min = 0, .max = 3}, "Structs.");
    field(21, "alias", self.alias, From::body, {.presence = optional}, "Perhaps.");
    field(22, "gift_sku_id", self.gift_sku_id, From::body, {.min = 1, .presence = optional},
          "Perhaps.");
    field(23, "extra", self.extra, From::body, {.presence = optional}, "Sums.");
  }
  friend bool operator==(const Everything&, const Everything&) = default;
};

}  // namespace firebrand::codec_test
