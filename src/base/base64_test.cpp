#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace firebrand {
namespace {

std::vector<unsigned char> bytes_of_text(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string read(std::string_view text, Base64 form) {
  std::array<unsigned char, 8> bytes{};
  const auto size = from_base64(text, form, bytes);
  return size ? std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*size))
              : "refused";
}

// RFC 4648, section 10.
TEST(Base64, IsAsItsDescriptionSays) {
  for (const auto& [plain, text] :
       {std::pair{"", ""}, std::pair{"f", "Zg=="}, std::pair{"fo", "Zm8="},
        std::pair{"foo", "Zm9v"}, std::pair{"foob", "Zm9vYg=="}, std::pair{"fooba", "Zm9vYmE="},
        std::pair{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(bytes_of_text(plain), Base64::padded), text);
    EXPECT_EQ(read(text, Base64::padded), plain);
  }
  const auto last = bytes_of_text("\xff\xfe");
  EXPECT_EQ(to_base64(last, Base64::padded), "//4=");
  EXPECT_EQ(to_base64(last, Base64::unpadded), "//4");
  EXPECT_EQ(to_base64(last, Base64::url), "__4");
  EXPECT_EQ(read("__4", Base64::url), "\xff\xfe");
}

TEST(Base64, HasOneTextForBytes) {
  for (const char* const text :
       {"Zg", "Zg=", "Zh==", "Z g==", "Zg==\n", "Zg===", "Z", "Zg==Zg=="}) {
    EXPECT_EQ(read(text, Base64::padded), "refused") << text;
  }
  EXPECT_EQ(read("//4", Base64::url), "refused");
  EXPECT_EQ(read("__4", Base64::unpadded), "refused");
  EXPECT_EQ(read("_\x80"
                 "4",
                 Base64::url),
            "refused")
      << "libsodium takes it for an underscore";
  EXPECT_EQ(read("Zm9vYmFyZm9v", Base64::url), "refused") << "does not fit";
}

}  // namespace
}  // namespace firebrand
