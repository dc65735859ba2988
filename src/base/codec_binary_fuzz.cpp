#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/assert.hpp"
#include "base/codec_binary.hpp"
#include "base/codec_json.hpp"
#include "base/codec_test_types.hpp"
#include "base/codec_text.hpp"

namespace firebrand {
namespace {

// Goal: bytes are refused or read, never more. What was read writes the same bytes again, and says
// the same in the other forms, as far as these can say it.
template <Described T>
void check(std::span<const std::byte> bytes) {
  const auto read = decode<T>(bytes);
  if (!read.has_value()) {
    FB_ASSERT(read.error().code != DecodeErrorCode{});
    return;
  }
  std::vector<std::byte> again(encoded_size_max<T>());
  again.resize(encode(*read, again.data()));
  FB_ASSERT(again.size() >= bytes.size());  // Fields that were missing are written.
  FB_ASSERT(std::equal(bytes.begin(), bytes.end(), again.begin()));

  const TypeTable& type = table_detail::kType<T>;
  if (obeys(type, {}, &*read, Nones::accepted)) {
    FB_ASSERT(*decode<T>(again) == *read);
    FB_ASSERT(*read_text<T>(to_text(*read)) == *read);
  }
  if constexpr (!std::is_same_v<T, codec_test::PlaceOrder>) {  // All fields are body fields.
    if (obeys(type, {}, &*read, Nones::refused)) {
      FB_ASSERT(*read_json<T>(PaddedJson(to_json(*read)).view()) == *read);
    }
  }
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebrand;
  if (size == 0) { return 0; }
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  switch (data[0] % 3) {
    case 0:
      check<codec_test::PlaceOrder>(bytes);
      break;
    case 1:
      check<codec_test::Everything>(bytes);
      break;
    default:
      check<codec_test::Wave>(bytes);
      break;
  }
  return 0;
}
