#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "base/codec_binary.hpp"
#include "base/codec_test_types.hpp"
#include "base/codec_text.hpp"

namespace firebrand {
namespace {

// Goal: a line is refused with a reason, or read. What is read reads equal after it was written in
// any style, and after it went through its record.
template <Described T>
void check(std::string_view line) {
  const auto read = read_text<T>(line);
  if (!read.has_value()) {
    FB_ASSERT(!read.error().expected.empty() && !read.error().came.empty());
    FB_ASSERT(read.error().position <= line.size());
    return;
  }
  for (const TextFields fields : {TextFields::changed, TextFields::all}) {
    for (const TextTimes times : {TextTimes::unix_ms, TextTimes::rfc3339}) {
      FB_ASSERT(*read_text<T>(to_text(*read, {fields, times})) == *read);
    }
  }
  std::vector<std::byte> bytes(encoded_size_max<T>());
  bytes.resize(encode(*read, bytes.data()));
  FB_ASSERT(*decode<T>(bytes) == *read);
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebrand;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const std::string_view name = text_line_name(line);
  if (name == codec_test::PlaceOrder::kName) {
    check<codec_test::PlaceOrder>(line);
  } else {
    check<codec_test::Everything>(line);
  }
  return 0;
}
