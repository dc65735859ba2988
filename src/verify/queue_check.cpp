#include "verify/queue_check.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/big_endian.hpp"
#include "base/draw.hpp"
#include "base/hex.hpp"
#include "base/shuffled_order.hpp"
#include "base/whole_number.hpp"

namespace firebrand {

namespace {

constexpr std::array kZero = {std::byte{0}};
constexpr std::uint64_t kPlacesMax = 100'000'000;
/// Sums of them fit.
constexpr std::uint64_t kTieCountMax = std::uint64_t{1} << 40;

template <std::size_t Size>
std::array<std::byte, Size> big_endian(std::uint64_t value) {
  std::array<std::byte, Size> bytes;
  put_be(bytes, value);
  return bytes;
}

struct Room {
  Hash256 commitment{};
  bool opened = false;
  bool withheld = false;
  bool revealed = false;
  ShuffledOrder order{};      ///< Of the early places.
  std::vector<bool> waits{};  ///< By place, from 0.
  std::uint64_t next = 0;     ///< Positions before it were passed.
  std::uint64_t admitted = 0;

  /// Position p is place p + 1, but for the early ones.
  [[nodiscard]] std::uint64_t place_at(std::uint64_t position) const {
    return position < order.size() ? order.entry_at(position) : position;
  }
  [[nodiscard]] std::uint64_t position_of(std::uint64_t place) const {
    return place < order.size() ? order.position_of(place) : place;
  }

  Expected<void, Words> reveal(const ProofLeaf& leaf, std::string_view drop, std::uint64_t wave) {
    Hash256 secret;
    std::uint64_t early = 0;
    std::uint64_t number = 0;
    if (!from_hex(leaf.find("secret"), secret.data) ||
        !read_whole_number(leaf.find("early"), early) ||
        !read_whole_number(drop.substr(drop.find('_') + 1), number)) {
      return malformed_field();
    }
    withheld = secret.is_zero();
    if (!withheld && draw_commitment(secret) != commitment) {
      return no("the secret of the queue is not the one of the commitment", "排队密值与承诺不符");
    }
    if (early > waits.size()) {
      return no("more people came early than joined", "提前到场人数超过入场人数");
    }
    revealed = true;
    order = ShuffledOrder(sha256({bytes_of("firebrand-room/1"), kZero, big_endian<8>(number),
                                  big_endian<2>(wave), big_endian<8>(early), bytes_of(secret)}),
                          early);
    return {};
  }

  Expected<void, Words> admit(std::uint64_t place) {
    if (!revealed) {
      return no("somebody was let in before the order was known", "在顺序公布之前就有人入场");
    }
    if (place >= waits.size() || !waits[place]) {
      return no("somebody was let in who did not wait", "有未在排队的人入场");
    }
    const std::uint64_t position = position_of(place);
    if (position < next) {
      return no("somebody was let in whose turn was over", "有已过号的人入场");
    }
    for (; next < position; ++next) {
      const std::uint64_t ahead = place_at(next);
      if (ahead < waits.size() && waits[ahead]) {
        return no("place " + std::to_string(place + 1) + " was let in while place " +
                      std::to_string(ahead + 1) + ", which stood ahead, still waited",
                  "排在前面的第 " + std::to_string(ahead + 1) + " 号仍在等待，第 " +
                      std::to_string(place + 1) + " 号却先入场");
      }
    }
    waits[place] = false;
    next = position + 1;
    ++admitted;
    return {};
  }
};

/// People who wait for what comes back, in the order of joining.
struct Waitlist {
  std::vector<bool> waits{};  ///< By place, from 0.
  std::uint64_t next = 0;     ///< No place before it waits.
  std::uint64_t served = 0;

  Expected<void, Words> take(const ProofLeaf& leaf) {
    if (leaf.kind == "waitlist_opened" || leaf.kind == "waitlist_closed") { return {}; }
    std::uint64_t place = 0;
    if (!read_whole_number(leaf.find("place"), place) || place == 0 || place > kPlacesMax) {
      return malformed_field();
    }
    --place;
    if (leaf.kind == "waitlist_joined") {
      if (place != waits.size()) { return no("a place was left out", "跳过了一个号"); }
      waits.push_back(true);
      return {};
    }
    if (place >= waits.size() || !waits[place]) {
      return no("somebody's turn came who did not wait", "轮到了未在等候的人");
    }
    while (!waits[next]) { ++next; }
    if (leaf.kind != "waitlist_left" && next != place) {
      return no("place " + std::to_string(place + 1) + " had its turn while place " +
                    std::to_string(next + 1) + ", which stood ahead, still waited",
                "排在前面的第 " + std::to_string(next + 1) + " 号仍在等候，却先轮到第 " +
                    std::to_string(place + 1) + " 号");
    }
    waits[place] = false;
    if (leaf.kind == "waitlist_served") { ++served; }
    return {};
  }
};

/// Purchases that came so close together that a key decided their order.
struct Ties {
  std::optional<Hash256> commitment{};
  bool revealed = false;
  std::uint64_t windows = 0;
  std::uint64_t decided = 0;
  std::uint64_t inversions = 0;

  Expected<void, Words> take(const ProofLeaf& leaf) {
    if (leaf.kind == "drop_committed") {
      const std::string_view text = leaf.find("tie_commitment");
      Hash256 read;
      if (text.empty()) { return {}; }
      if (!from_hex(text, read.data)) { return malformed_field(); }
      if (commitment) { return no("the key of the ties was fixed again", "并列密钥的承诺被更换"); }
      commitment = read;
      return {};
    }
    if (leaf.kind == "tie_key_revealed") {
      Hash256 key;
      if (!from_hex(leaf.find("key"), key.data)) { return malformed_field(); }
      if (!commitment || draw_commitment(key) != *commitment) {
        return no("the key of the ties is not the one of the commitment", "并列密钥与承诺不符");
      }
      revealed = true;
      return {};
    }
    for (const auto& [name, sum] : {std::pair{"windows", &windows}, std::pair{"decided", &decided},
                                    std::pair{"inversions", &inversions}}) {
      std::uint64_t count = 0;
      if (!read_whole_number(leaf.find(name), count) || count > kTieCountMax) {
        return malformed_field();
      }
      *sum += count;
    }
    return {};
  }
};

Expected<void, Words> take(Room& room, const ProofLeaf& leaf, std::uint64_t wave) {
  if (leaf.kind == "waiting_room_opened") {
    if (room.opened) {
      return no("the secret of the queue was fixed again", "排队密值的承诺被更换");
    }
    room.opened = true;
    if (from_hex(leaf.find("commitment"), room.commitment.data)) { return {}; }
    return malformed_field();
  }
  if (!room.opened || (leaf.kind == "waiting_room_revealed" && room.revealed)) {
    return no("a step of the queue stands out of its turn", "排队的步骤顺序有误");
  }
  if (leaf.kind == "waiting_room_revealed") { return room.reveal(leaf, leaf.find("drop"), wave); }
  if (leaf.kind == "waiting_room_closed") { return {}; }
  std::uint64_t place = 0;
  if (!read_whole_number(leaf.find("place"), place) || place == 0 || place > kPlacesMax) {
    return malformed_field();
  }
  --place;
  if (leaf.kind == "place_joined") {
    if (place > room.waits.size()) { return no("a place was left out", "跳过了一个号"); }
    if (place == room.waits.size()) { room.waits.push_back(false); }
    room.waits[place] = true;
    return {};
  }
  if (leaf.kind == "place_admitted") { return room.admit(place); }
  if (place < room.waits.size()) { room.waits[place] = false; }  // place_ended
  return {};
}

}  // namespace

Expected<Report, Words> check_queues(const PublicLog& log) {
  std::map<std::pair<std::string, std::uint64_t>, Room> rooms;
  std::map<std::string, Waitlist> waitlists;
  std::map<std::string, Ties> ties;
  const auto read = for_each_leaf(log, [&](const ProofLeaf& leaf) -> Expected<void, Words> {
    if (leaf.kind.starts_with("waitlist_")) {
      return waitlists[std::string(leaf.find("drop"))].take(leaf);
    }
    if (leaf.kind.starts_with("tie_") || leaf.kind == "drop_committed") {
      return ties[std::string(leaf.find("drop"))].take(leaf);
    }
    const bool is_of_room =
        leaf.kind.starts_with("waiting_room_") || leaf.kind.starts_with("place_");
    if (!is_of_room) { return {}; }
    std::uint64_t wave = 0;
    if (!read_whole_number(leaf.find("wave"), wave)) { return malformed_field(); }
    return take(rooms[{std::string(leaf.find("drop")), wave}], leaf, wave);
  });
  if (!read) { return Unexpected(read.error()); }
  Report report;
  for (const auto& [name, room] : rooms) {
    const std::string wave = std::to_string(name.second);
    const std::string joined = std::to_string(room.waits.size());
    const std::string admitted = std::to_string(room.admitted);
    report.push_back(
        {name.first + ", wave " + wave + ": " + joined + " places, " + admitted +
             " let in, each in its turn; the order is the one of the secret fixed beforehand.",
         name.first + " 第 " + wave + " 批：" + joined + " 个号，" + admitted +
             " 人依次入场；顺序由事先承诺的密值决定。"});
    if (room.withheld) {
      report.push_back({"  The secret was withheld: 32 zero bytes stand for it.",
                        "  密值未公布：以 32 个零字节代替。"});
    }
  }
  for (const auto& [name, list] : waitlists) {
    const std::string joined = std::to_string(list.waits.size());
    const std::string served = std::to_string(list.served);
    report.push_back(
        {name + ", waitlist: " + joined + " places, " + served + " served, each in its turn.",
         name + " 候补：" + joined + " 个号，" + served + " 人依次获得。"});
  }
  for (const auto& [name, told] : ties) {
    if (!told.commitment && told.inversions == 0 && told.windows == 0) { continue; }
    const std::string windows = std::to_string(told.windows);
    const std::string decided = std::to_string(told.decided);
    const std::string inversions = std::to_string(told.inversions);
    report.push_back({name + ": " + windows + " tie windows with " + decided + " purchases; " +
                          inversions + " pairs were decided against the order of receipt.",
                      name + "：" + windows + " 个并列窗口，共 " + decided + " 次购买；" +
                          inversions + " 对的先后与收到的顺序相反。"});
    if (told.revealed) {
      report.push_back({"  The key that decided is the one that was fixed beforehand.",
                        "  决定先后的密钥与事先的承诺一致。"});
    } else if (told.commitment) {
      report.push_back({"  The key was fixed beforehand and is not public yet.",
                        "  密钥已事先承诺，尚未公布。"});
    }
  }
  return report;
}

}  // namespace firebrand
