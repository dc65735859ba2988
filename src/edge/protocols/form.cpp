#include "edge/protocols/form.hpp"

#include <cstdint>

namespace firebrand {

namespace {

constexpr std::size_t kFieldsMax = 100;

int digit_of(char c) {
  if (c >= '0' && c <= '9') { return c - '0'; }
  if (c >= 'A' && c <= 'F') { return c - 'A' + 10; }
  if (c >= 'a' && c <= 'f') { return c - 'a' + 10; }
  return -1;
}

bool decode(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = text.size() - i > 2 ? digit_of(text[i + 1]) : -1;
      const int low = text.size() - i > 2 ? digit_of(text[i + 2]) : -1;
      if (high < 0 || low < 0) { return false; }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return true;
}

}  // namespace

std::optional<std::map<std::string, std::string, std::less<>>> read_form(std::string_view body) {
  std::map<std::string, std::string, std::less<>> fields;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(field.size() + 1, body.size()));
    const std::size_t middle = field.find('=');
    std::string name;
    std::string value;
    if (middle == std::string_view::npos || middle == 0 || !decode(field.substr(0, middle), name) ||
        !decode(field.substr(middle + 1), value) || fields.size() == kFieldsMax ||
        !fields.emplace(std::move(name), std::move(value)).second) {
      return std::nullopt;
    }
  }
  return fields;
}

std::string encode_form(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

}  // namespace firebrand
