#include "log/record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "base/crc32c.hpp"
#include "base/little_endian.hpp"
#include "log/log_testing.hpp"

namespace firebrand::log {
namespace {

using testing::header_of;
using testing::make_batch;
using testing::payload_of;
using testing::to_hex;

std::vector<std::byte> encoded(Position position, std::size_t payload_bytes) {
  return make_batch(position, {payload_bytes}).bytes;
}

// The format is fixed for good: if this fails, the code is wrong, not the test.
TEST(RecordFormat, BytesOfARecord) {
  const RecordHeader header{
      .actor_kind = 0x11,
      .type = 0x2122,
      .version = 0x3132,
      .index = 0x4142,
      .offset = {0x5152535455565758},
      .timestamp = from_unix_ms(0x6162636465666768),
      .term = 0x7172737475767778,
      .actor_id = 0x8182838485868788,
      .request_id = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
      .cause = 0x9192939495969798,
  };
  const std::array payload = {std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};
  std::vector<std::byte> out(record_size(3), std::byte{0xEE});
  ASSERT_EQ(encode_record(header, payload, out.data()), 80U);
  EXPECT_EQ(to_hex(out),
            "4b000000"          // Length without padding: 75.
            "58cbfce8"          // CRC-32C of bytes 8 to 75.
            "01112221"          // Format version, actor kind, type.
            "32314241"          // Version, index.
            "5857565554535251"  // Offset.
            "6867666564636261"  // Timestamp.
            "7877767574737271"  // Term.
            "8887868584838281"  // Actor id.
            "000102030405060708090a0b0c0d0e0f"
            "9897969594939291"  // Cause.
            "6162630000000000");
  const auto record = decode_record(out);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->header, header);
  EXPECT_EQ(to_hex(record->payload), "616263");
}

TEST(RecordFormat, BytesOfABatchHeader) {
  const BatchHeader header{
      .bytes = 0x00015158,
      .count = 0x61626364,
      .first = {{0x0102030405060708}, 0x1112},
      .last = {{0x2122232425262728}, 0x3132},
      .term = 0x4142434445464748,
      .previous = {{15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
  };
  std::array<std::byte, kBatchHeaderBytes> out;
  out.fill(std::byte{0xEE});
  encode_batch_header(header, out);
  EXPECT_EQ(to_hex(out),
            "fb42ff0a"          // Magic.
            "7edcc070"          // CRC-32C of bytes 8 to 64.
            "01001211"          // Format version, index of the first record.
            "32310000"          // Index of the last record.
            "58510100"          // Bytes of the records.
            "64636261"          // Count.
            "0807060504030201"  // First offset.
            "2827262524232221"  // Last offset.
            "4847464544434241"  // Term.
            "0f0e0d0c0b0a09080706050403020100");
  EXPECT_EQ(*decode_batch_header(out), header);
}

TEST(RecordFormat, BytesOfASegmentHeader) {
  const SegmentHeader header{
      .numbering = Numbering::sparse,
      .first = {{0x0102030405060708}, 0x1112},
      .previous = {{0x0002030405060708}, 0x2122},
      .chain = {{15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
      .created = from_unix_ms(0x3132333435363738),
  };
  std::array<std::byte, kSegmentHeaderBytes> out;
  out.fill(std::byte{0xEE});
  encode_segment_header(header, out);
  EXPECT_EQ(to_hex(std::span(out).first(64)),
            "fb4c4f470d0a1aff"  // Magic.
            "f2b6f14a"          // CRC-32C of bytes 12 to 4096.
            "01021211"          // Format version, numbering, index of the first record.
            "0807060504030201"  // First offset.
            "0807060504030200"  // Last offset of the segment before.
            "2221000000000000"  // Its index.
            "3837363534333231"  // Created.
            "0f0e0d0c0b0a09080706050403020100");
  EXPECT_TRUE(
      std::all_of(out.begin() + 64, out.end(), [](std::byte b) { return b == std::byte{}; }));
  EXPECT_EQ(*decode_segment_header(out), header);
}

RC_GTEST_PROP(RecordProperty, DecodesWhatWasEncoded, ()) {
  RecordHeader header{
      .actor_kind = *rc::gen::arbitrary<std::uint8_t>(),
      .type = *rc::gen::arbitrary<std::uint16_t>(),
      .version = *rc::gen::arbitrary<std::uint16_t>(),
      .index = *rc::gen::arbitrary<std::uint16_t>(),
      .offset = {*rc::gen::arbitrary<std::uint64_t>()},
      .timestamp = from_unix_ms(*rc::gen::arbitrary<std::int64_t>()),
      .term = *rc::gen::arbitrary<std::uint64_t>(),
      .actor_id = *rc::gen::arbitrary<std::uint64_t>(),
      .cause = *rc::gen::arbitrary<std::uint64_t>(),
  };
  for (auto& byte : header.request_id.data) { byte = *rc::gen::arbitrary<std::uint8_t>(); }
  const auto payload = payload_of(header.position(), *rc::gen::inRange<std::size_t>(0, 300));
  std::vector<std::byte> out(record_size(payload.size()));
  RC_ASSERT(encode_record(header, payload, out.data()) == out.size());

  // Laid by one thread and sealed by another.
  std::vector<std::byte> laid(out.size(), std::byte{0xEE});
  RC_ASSERT(lay_record(header, payload, laid.data()) == out.size());
  seal_record(laid.data());
  RC_ASSERT(laid == out);

  const auto record = decode_record(out);
  RC_ASSERT(record.has_value());
  RC_ASSERT(record->header == header);
  RC_ASSERT(
      std::equal(payload.begin(), payload.end(), record->payload.begin(), record->payload.end()));
  RC_ASSERT(view_record(out.data()).header == header);
}

TEST(Position, FitsIntoOneWordAndKeepsItsOrder) {
  const Position last{LogOffset{(std::uint64_t{1} << 48U) - 1}, UINT16_MAX};
  for (const Position position : {Position{}, Position{{17}, 3}, last}) {
    EXPECT_EQ(unpack(pack(position)), position);
  }
  EXPECT_LT(pack({{17}, UINT16_MAX}), pack({{18}, 0}));
  EXPECT_DEATH((void)pack({{std::uint64_t{1} << 48U}, 0}), "");
}

TEST(Record, LargestPayload) {
  const auto bytes = encoded({{1}, 0}, kPayloadBytesMax);
  EXPECT_EQ(bytes.size(), kRecordBytesMax);
  EXPECT_EQ(decode_record(bytes)->payload.size(), kPayloadBytesMax);
}

TEST(RecordDamage, EveryFlippedBitIsSeen) {
  const auto whole = encoded({{7}, 0}, 13);
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto damaged = whole;
      damaged[byte] ^= static_cast<std::byte>(1U << bit);
      EXPECT_FALSE(decode_record(damaged).has_value()) << "byte " << byte << ", bit " << bit;
    }
  }
}

TEST(RecordDamage, EveryCutIsSeen) {
  const auto whole = encoded({{7}, 0}, 13);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(decode_record(std::span(whole).first(size)).error(), FormatError::truncated) << size;
  }
}

TEST(RecordDamage, EveryFlippedBitOfAHeaderIsSeen) {
  std::array<std::byte, kBatchHeaderBytes> batch;
  encode_batch_header({.bytes = 80, .count = 1, .first = {{1}, 0}, .last = {{1}, 0}}, batch);
  for (std::size_t bit = 0; bit < batch.size() * 8; ++bit) {
    auto damaged = batch;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    EXPECT_EQ(decode_batch_header(damaged).error(), FormatError::checksum_mismatch) << bit;
  }
  std::array<std::byte, kSegmentHeaderBytes> segment;
  encode_segment_header({.first = {{1}, 0}}, segment);
  for (std::size_t bit = 0; bit < segment.size() * 8; bit += 3) {
    auto damaged = segment;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    EXPECT_EQ(decode_segment_header(damaged).error(), FormatError::checksum_mismatch) << bit;
  }
}

// Damage to the version byte is damage; a whole record of a newer version is not.
TEST(RecordDamage, NewerVersionIsToldFromDamage) {
  auto bytes = encoded({{7}, 0}, 13);
  bytes[8] = std::byte{2};
  EXPECT_EQ(decode_record(bytes).error(), FormatError::checksum_mismatch);
  const std::span checked = std::span(bytes).subspan(8, kRecordHeaderBytes + 13 - 8);
  store_le(bytes.data() + 4, crc32c(checked));
  EXPECT_EQ(decode_record(bytes).error(), FormatError::newer_format);
}

TEST(BatchCheck, SaysWhatDoesNotFit) {
  const auto batch = make_batch({{5}, 0}, {10, 20, 30});
  const BatchHeader header{.bytes = static_cast<std::uint32_t>(batch.bytes.size()),
                           .count = 3,
                           .first = {{5}, 0},
                           .last = {{7}, 0}};
  const auto check = [&](const BatchHeader& changed, Numbering numbering = Numbering::dense) {
    return check_batch_records(changed, numbering, batch.bytes).has_value();
  };
  EXPECT_TRUE(check(header));
  EXPECT_TRUE(check(header, Numbering::sparse));
  BatchHeader changed = header;
  changed.count = 2;
  EXPECT_FALSE(check(changed));
  changed = header;
  changed.first = {{4}, 0};
  EXPECT_FALSE(check(changed));
  changed = header;
  changed.last = {{8}, 0};
  EXPECT_FALSE(check(changed));

  auto hole = make_batch({{5}, 0}, {10});
  const auto after = make_batch({{7}, 0}, {10});
  hole.bytes.insert(hole.bytes.end(), after.bytes.begin(), after.bytes.end());
  const BatchHeader with_hole{.bytes = static_cast<std::uint32_t>(hole.bytes.size()),
                              .count = 2,
                              .first = {{5}, 0},
                              .last = {{7}, 0}};
  EXPECT_FALSE(check_batch_records(with_hole, Numbering::dense, hole.bytes).has_value());
  EXPECT_TRUE(check_batch_records(with_hole, Numbering::sparse, hole.bytes).has_value());
}

}  // namespace
}  // namespace firebrand::log
