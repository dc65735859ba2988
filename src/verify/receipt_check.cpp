#include "verify/receipt_check.hpp"

#include <optional>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "base/merkle_proof.hpp"
#include "base/proof_leaf.hpp"
#include "base/whole_number.hpp"

namespace firebrand {

namespace {

constexpr std::string_view kFormat = "firebrand-receipt/1";
constexpr std::size_t kPathMax = 64;

Unexpected<Words> malformed() {
  return no("the receipt is malformed: a line is missing, or is not what it should be",
            "凭证格式有误：缺少某一行或内容不对");
}

/// Takes lines "<name> <value>" off a text, in a fixed order.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  [[nodiscard]] std::optional<std::string_view> line() {
    const std::size_t end = text_.find('\n');
    if (end == std::string_view::npos) { return std::nullopt; }
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return line;
  }
  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) {
    const auto found = line();
    if (!found || !found->starts_with(name) || found->substr(name.size(), 1) != " ") {
      return std::nullopt;
    }
    return found->substr(name.size() + 1);
  }
  [[nodiscard]] bool next_is(std::string_view name) const { return text_.starts_with(name); }
  [[nodiscard]] std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

struct Stamped {
  std::uint64_t number = 0;
  std::string_view leaf;
  std::vector<Hash256> path;
};

/// "leaf <number> <leaf>", and "path" with a hash behind each blank.
std::optional<Stamped> read_stamped(Lines& lines) {
  Stamped stamped;
  const auto leaf = lines.value("leaf");
  const auto path = lines.line();
  if (!leaf || !path || !path->starts_with("path")) { return std::nullopt; }
  const std::size_t blank = leaf->find(' ');
  const std::string_view number = leaf->substr(0, blank);
  const bool whole = blank != std::string_view::npos && read_whole_number(number, stamped.number) &&
                     std::to_string(stamped.number) == number;
  if (!whole) { return std::nullopt; }
  stamped.leaf = leaf->substr(blank + 1);
  for (std::string_view rest = path->substr(4); !rest.empty(); rest.remove_prefix(65)) {
    Hash256 hash;
    const std::string_view digits = rest.substr(0, 65);
    if (stamped.path.size() == kPathMax || digits.size() != 65 || digits.front() != ' ' ||
        !from_hex(digits.substr(1), hash.data) || to_hex(hash.data) != digits.substr(1)) {
      return std::nullopt;
    }
    stamped.path.push_back(hash);
  }
  return stamped;
}

/// The opening of a name, in lower-case digits only.
bool read_opening(std::optional<std::string_view> text, ProofOpening& out) {
  return text && from_hex(*text, out.data) && to_hex(out.data) == *text;
}

std::int64_t units_of(const ProofLeaf& leaf) {
  std::int32_t units = 0;
  (void)read_whole_number(leaf.find("units"), units);
  return units;
}

/// What a leaf of an order says to its buyer.
Expected<Words, Words> words_of(const ProofLeaf& leaf) {
  const std::string time(leaf.time);
  const std::string units(leaf.find("units"));
  if (leaf.kind == "order_placed") {
    return Words{time + ": " + units + " ordered in " + std::string(leaf.find("drop")) + ", wave " +
                     std::string(leaf.find("wave")) + ".",
                 time + "：在 " + std::string(leaf.find("drop")) + " 第 " +
                     std::string(leaf.find("wave")) + " 批下单 " + units + " 件。"};
  }
  if (leaf.kind == "order_paid") { return Words{time + ": paid.", time + "：已付款。"}; }
  if (leaf.kind == "order_expired") {
    return Words{time + ": not paid in time; the units went back.",
                 time + "：超时未付款，已退回。"};
  }
  if (leaf.kind == "order_cancelled") {
    return Words{time + ": given up; the units went back.", time + "：已取消，已退回。"};
  }
  if (leaf.kind == "units_returned") {
    const bool on_sale = leaf.find("to") == "on_sale";
    return Words{time + ": " + units + " came back, " +
                     (on_sale ? "and went on sale again." : "and were not sold again."),
                 time + "：退回 " + units + " 件，" + (on_sale ? "重新开售。" : "不再出售。")};
  }
  return no("a leaf of the receipt is no step of an order", "凭证中有一条记录不属于订单");
}

}  // namespace

Expected<Report, Words> check_receipt(std::string_view receipt, std::span<const NoteKey> keys) {
  Lines lines(receipt);
  if (lines.line() != kFormat) { return no("this is no receipt", "这不是凭证"); }
  const auto order = lines.value("order");
  ProofOpening order_opening;
  if (!order || !read_opening(lines.value("order_opening"), order_opening)) { return malformed(); }
  const auto buyer = lines.value("buyer");
  ProofOpening buyer_opening;
  if (!buyer || !read_opening(lines.value("buyer_opening"), buyer_opening)) { return malformed(); }
  std::vector<Stamped> stamped;
  while (lines.next_is("leaf ")) {
    auto read = read_stamped(lines);
    if (!read) { return malformed(); }
    stamped.push_back(std::move(*read));
  }
  if (stamped.empty() || lines.line() != "head") { return malformed(); }
  const auto head = read_tree_head(lines.rest(), keys);
  if (!head) { return Unexpected(words_of(head.error())); }

  const std::string order_name = to_hex(proof_name("order", *order, order_opening).data);
  Report report{{"Receipt of " + std::string(*order) + ", in " + head->origin + ":",
                 std::string(*order) + " 的凭证，日志 " + head->origin + "："}};
  std::optional<std::uint64_t> before;
  std::int64_t kept = 0;
  bool is_paid = false;
  for (const Stamped& each : stamped) {
    ProofLeaf leaf;
    if (!verify_inclusion(merkle_leaf(bytes_of(each.leaf)), each.number, each.path, head->head)) {
      return Unexpected(at_leaf(each.number, {"it does not stand there in the log, or was changed",
                                              "日志中该位置没有这条记录，或记录被改动"}));
    }
    if (!leaf.read(each.leaf) || (before && each.number <= *before)) { return malformed(); }
    before = each.number;
    if (leaf.find("order") != order_name) {
      return Unexpected(
          at_leaf(each.number, {"it is about another order: the opening does not come to its name",
                                "记录属于另一个订单：凭证中的开启值算不出其名称"}));
    }
    const bool is_placing = leaf.kind == "order_placed";
    if (is_placing != (&each == &stamped.front())) { return malformed(); }
    const std::string subject = std::string(leaf.find("drop")) + " " + std::string(*buyer);
    if (is_placing &&
        leaf.find("buyer") != to_hex(proof_name("buyer", subject, buyer_opening).data)) {
      return Unexpected(at_leaf(each.number, {"it is about another buyer", "记录属于另一位买家"}));
    }
    const auto words = words_of(leaf);
    if (!words) { return Unexpected(words.error()); }
    const bool is_return = leaf.kind == "units_returned";
    if (is_placing) { kept = units_of(leaf); }
    if (is_return && (!is_paid || units_of(leaf) < 1 || units_of(leaf) > kept)) {
      return Unexpected(
          at_leaf(each.number, {"more came back than was paid", "退回的数量超过已付款的数量"}));
    }
    if (is_return) { kept -= units_of(leaf); }
    is_paid = is_paid || leaf.kind == "order_paid";
    report.push_back({"  " + words->en, "  " + words->zh});
  }
  if (is_paid) {
    const std::string units = std::to_string(kept);
    report.push_back({"  Paid and kept, as far as this receipt goes: " + units + ".",
                      "  就本凭证而言，已付款并保留：" + units + " 件。"});
  }
  return report;
}

}  // namespace firebrand
