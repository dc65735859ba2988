#include "base/proof_leaf.hpp"

#include <array>

#include "base/char_sink.hpp"
#include "base/hex.hpp"
#include "base/rfc3339.hpp"
#include "base/whole_number.hpp"

namespace firebrand {

namespace {

constexpr std::array kZero = {std::byte{0}};

/// Takes what stands before the next blank.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

}  // namespace

ProofLeafWriter::ProofLeafWriter(std::string& out, LogOffset offset, std::uint16_t index,
                                 Timestamp at, std::string_view kind)
    : out_(out) {
  out_.append(kProofLeafVersion).append(" ").append(std::to_string(offset.value));
  out_.append("-").append(std::to_string(index)).append(" ");
  out_.append(format_rfc3339(at).view()).append(" ").append(kind);
}

ProofLeafWriter& ProofLeafWriter::text(std::string_view name, std::string_view value) {
  out_.append(" ").append(name).append("=");
  for (const char c : value) {
    if (c > ' ' && c < '\x7F' && c != '%') {
      out_.push_back(c);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    out_.append("%").append(to_hex({&byte, 1}));
  }
  return *this;
}

ProofLeafWriter& ProofLeafWriter::bytes(std::string_view name,
                                        std::span<const std::uint8_t> value) {
  out_.append(" ").append(name).append("=");
  CharSink sink(out_);
  put_hex(sink, value);
  return *this;
}

ProofLeafWriter& ProofLeafWriter::time(std::string_view name, Timestamp value) {
  return text(name, format_rfc3339(value).view());
}

bool ProofLeaf::read(std::string_view line) {
  fields.clear();
  if (line.empty() || line.back() == ' ' || take_word(line) != kProofLeafVersion) { return false; }
  const std::string_view place = take_word(line);
  const std::size_t dash = place.find('-');
  if (dash == std::string_view::npos || !read_whole_number(place.substr(0, dash), offset) ||
      !read_whole_number(place.substr(dash + 1), index)) {
    return false;
  }
  time = take_word(line);
  kind = take_word(line);
  if (!parse_rfc3339(time) || kind.empty()) { return false; }
  while (!line.empty()) {
    const std::string_view field = take_word(line);
    const std::size_t sign = field.find('=');
    if (sign == 0 || sign == std::string_view::npos) { return false; }
    fields.emplace_back(field.substr(0, sign), field.substr(sign + 1));
  }
  return true;
}

std::string_view ProofLeaf::find(std::string_view name) const {
  for (const auto& [known, value] : fields) {
    if (known == name) { return value; }
  }
  return {};
}

std::string proof_text(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    std::uint8_t byte = 0;
    if (value[i] == '%' && from_hex(value.substr(i + 1, 2), {&byte, 1})) {
      text.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      text.push_back(value[i]);
    }
  }
  return text;
}

Hash256 proof_name(std::string_view what, std::string_view about, const ProofOpening& opening) {
  return sha256({bytes_of("firebrand-"), bytes_of(what), bytes_of("/1"), kZero, bytes_of(about),
                 kZero, std::as_bytes(std::span(opening.data))});
}

}  // namespace firebrand
