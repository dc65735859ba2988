#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "base/codec_binary.hpp"
#include "base/codec_json.hpp"
#include "base/codec_test_types.hpp"

namespace firebrand {
namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Goal: a body is refused with a reason, or read. What is read is JSON to a second, whole-document
// parser too, obeys its rules, and reads equal after it was written.
template <Described T>
void check(std::string_view text) {
  const PaddedJson body(text);
  const auto read = read_json<T>(body.view());
  if (!read.has_value()) {
    FB_ASSERT(!read.error().expected.empty() && !read.error().came.empty());
    FB_ASSERT(is_utf8(read.error().message()));
    return;
  }
  if (!is_blank(text)) {
    simdjson::dom::parser parser;
    FB_ASSERT(parser.parse(text).error() == simdjson::SUCCESS);
  }
  const std::string written = to_json(*read);
  FB_ASSERT(is_utf8(written));
  if constexpr (std::is_same_v<T, codec_test::Everything>) {  // All its fields are body fields.
    FB_ASSERT(*read_json<T>(PaddedJson(written).view()) == *read);
    std::vector<std::byte> bytes(encoded_size_max<T>());
    bytes.resize(encode(*read, bytes.data()));
    FB_ASSERT(*decode<T>(bytes) == *read);
  }
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebrand;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check<codec_test::PlaceOrder>(text);
  check<codec_test::Everything>(text);
  return 0;
}
