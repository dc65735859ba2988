#include "edge/api/code_text.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/launch/code_commands.hpp"
#include "edge/api/credentials.hpp"

namespace firebrand {
namespace {

InstallationKey key(std::uint8_t first) {
  InstallationKey key;
  key.data.fill(7);
  key.data[0] = first;
  return key;
}

TEST(CodeText, GoesThereAndBack) {
  const Credentials credentials(key(1));
  const CodePlace places[] = {
      {{1}, 0}, {{1}, 1}, {{77}, 999'999}, {{kCodeBatchesMax}, kCodesPerBatchMax}};
  std::set<std::string> texts;
  for (const CodePlace& place : places) {
    const CodeText text = credentials.code_text(place);
    EXPECT_EQ(text.size(), kCodeTextBytes);
    EXPECT_TRUE(texts.insert(std::string(text.view())).second);
    EXPECT_EQ(credentials.read_code(text.view()), place) << text.view();
  }
}

// A code that was mistyped, guessed, or made under another key is none.
TEST(CodeText, EveryChangedDigitIsNoticed) {
  const Credentials credentials(key(1));
  const std::string text(credentials.code_text({{5}, 42}).view());
  EXPECT_FALSE(Credentials(key(2)).read_code(text).has_value());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-') { continue; }
    for (const char digit : std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ")) {
      std::string changed = text;
      changed[i] = digit;
      EXPECT_EQ(credentials.read_code(changed).has_value(), digit == text[i]) << changed;
    }
  }
  EXPECT_FALSE(credentials.read_code("").has_value());
  EXPECT_FALSE(credentials.read_code(text + "0").has_value());
  EXPECT_FALSE(credentials.read_code(text.substr(1)).has_value());
  EXPECT_FALSE(credentials.read_code("U" + text.substr(1)).has_value());
}

TEST(CodeText, IsReadAsPeopleTypeIt) {
  const Credentials credentials(key(1));
  const CodePlace place{{5}, 42};
  std::string text(credentials.code_text(place).view());
  for (char& c : text) {
    if (c == '0') { c = 'o'; }
    if (c == '1') { c = 'l'; }
    if (c == '-') { c = ' '; }
    if (c >= 'A' && c <= 'Z') { c = static_cast<char>(c - 'A' + 'a'); }
  }
  EXPECT_EQ(credentials.read_code(" " + text), place) << text;
}

}  // namespace
}  // namespace firebrand
