#include "runtime/replay.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/codec_binary.hpp"
#include "core/channels/stock.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/system.hpp"
#include "log/faulty_file_system.hpp"
#include "log/snapshot_file.hpp"
#include "log/writer.hpp"

namespace firebrand {
namespace {

constexpr std::uint32_t kRulesAfterOurs = kRulesVersion + 1;
constexpr std::size_t kBatchBytes = 1024;

testing::AssertionResult says(const std::string& message, const std::string& part) {
  if (message.find(part) != std::string::npos) { return testing::AssertionSuccess(); }
  return testing::AssertionFailure() << '"' << message << "\" does not say \"" << part << '"';
}

/// A log and snapshots written record by record, by this program or a newer one.
class ReplayTest : public testing::Test {
 protected:
  ReplayTest() {
    auto writer = log::Writer::open(files_, log_directory(kData),
                                    {.segment_bytes = 64U << 10, .batch_bytes_max = kBatchBytes});
    EXPECT_TRUE(writer.has_value()) << writer.error().message;
    writer_.emplace(std::move(*writer));
    while (*writer_->prepare()) {}
    append(AdoptRules{kRulesVersion});
  }

  /// @param newer  How many versions the command is ahead of ours.
  template <class C>
  void append(const C& command, std::uint16_t newer = 0) {
    std::array<std::byte, encoded_size_max<C>()> payload;
    const std::size_t size = encode(command, payload.data());
    const log::Position at{{writer_->last().offset.value + 1}, 0};
    const auto version = static_cast<std::uint16_t>(find_command(kNumberOf<C>)->version + newer);
    std::vector<std::byte> record(log::record_size(size));
    (void)log::encode_record(
        {.type = kNumberOf<C>, .version = version, .offset = at.offset, .timestamp = stamp_},
        std::span(payload).first(size), record.data());
    const std::array<std::span<const std::byte>, 1> pieces = {record};
    const auto done = writer_->append_batch(pieces, {.count = 1, .first = at, .last = at});
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }

  /// @return why not, empty if it replays.
  std::string replay(LogOffset until = {UINT64_MAX}) {
    state_ = FoldedState{};
    const auto replayed = replay_log(files_, kData, state_, until);
    return replayed ? std::string() : replayed.error().message;
  }

  /// The state as a snapshot whose system piece has this version.
  void write_snapshot_with(std::uint16_t system_version) {
    ASSERT_TRUE(files_.create_directory(snapshots_directory(kData)).has_value());
    auto writer = log::SnapshotWriter::create(
        files_, snapshots_directory(kData),
        {.offset = state_.offset, .state_digest = state_.engine->digest()});
    ASSERT_TRUE(writer.has_value());
    for (const PieceInfo& piece : Engine::pieces()) {
      const std::uint16_t version = piece.module == "system" ? system_version : piece.version;
      writer->begin_piece({.module = piece.number, .version = version, .compat_version = version});
      state_.engine->save_piece(piece.number, *writer);
      writer->end_piece();
    }
    ASSERT_TRUE(writer->finish().has_value());
  }

  static constexpr const char* kData = "";
  log::FaultyFileSystem files_{1};
  std::optional<log::Writer> writer_;
  FoldedState state_;
  Timestamp stamp_{};  ///< Of the records that follow.
};

const AddSku kSku{
    .code = "phone", .name = {"手机", "Phone"}, .prices = {Money{100, Currency::of("CNY")}}};

TEST_F(ReplayTest, StopsWhereItIsTold) {
  append(kSku);
  EXPECT_EQ(replay(), "");
  EXPECT_EQ(state_.offset, LogOffset{2});
  EXPECT_EQ(replay({1}), "");
  EXPECT_EQ(state_.offset, LogOffset{1});
  EXPECT_EQ(replay({3}), "the log ends at offset 2, before 3");
}

TEST_F(ReplayTest, ACommandOfANewerProgramIsRefusedByItsVersion) {
  append(kSku, 1);
  EXPECT_TRUE(says(replay(), "record 2 is a command of a newer program (number " +
                                 std::to_string(kNumberOf<AddSku>) + ", version " +
                                 std::to_string(find_command(kNumberOf<AddSku>)->version + 1)));
  EXPECT_EQ(state_.offset, LogOffset{1}) << "nothing of it is applied";
}

TEST_F(ReplayTest, NewerRulesAreRefusedByName) {
  append(AdoptRules{kRulesAfterOurs});
  EXPECT_EQ(replay(), "the log obeys rules of version " + std::to_string(kRulesAfterOurs) +
                          "; this program knows version " + std::to_string(kRulesVersion) +
                          ": start a newer program");
}

TEST_F(ReplayTest, ARecordThatIsRefusedNowIsNamed) {
  append(AdoptRules{kRulesVersion});  // Again: no program logs that.
  EXPECT_TRUE(says(replay(),
                   "record 2 (adopt_rules, stamped 0) was applied once and is now "
                   "refused (status 50)"));
}

TEST_F(ReplayTest, ASnapshotWithAPieceOfANewerProgramIsPassedOver) {
  ASSERT_EQ(replay(), "");
  write_snapshot_with(100);
  std::vector<std::string> warnings;
  const auto loaded = load_newest_snapshot(
      files_, kData, {UINT64_MAX}, [&](const std::string& line) { warnings.push_back(line); });
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->offset, LogOffset{});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_TRUE(says(warnings[0], log::snapshot_name({1})));
  EXPECT_TRUE(says(warnings[0], "was written by a newer program"));
}

TEST_F(ReplayTest, ASnapshotOfAnOlderProgramLoadsWithoutTheModulesThatCameLater) {
  ASSERT_EQ(replay(), "");
  ASSERT_TRUE(files_.create_directory(snapshots_directory(kData)).has_value());
  const std::uint64_t digest = state_.engine->digest();
  const auto write = [&](std::uint16_t first, std::uint16_t last, std::uint64_t said,
                         std::uint16_t older = 0) {
    auto writer = log::SnapshotWriter::create(files_, snapshots_directory(kData),
                                              {.offset = state_.offset, .state_digest = said});
    ASSERT_TRUE(writer.has_value());
    for (const PieceInfo& piece : Engine::pieces()) {
      if (piece.number < first || piece.number > last) { continue; }
      const auto version = static_cast<std::uint16_t>(piece.version - older);
      writer->begin_piece({.module = piece.number, .version = version, .compat_version = version});
      state_.engine->save_piece(piece.number, *writer);
      writer->end_piece();
    }
    ASSERT_TRUE(writer->finish().has_value());
  };
  const auto load = [&](std::string& warning) {
    const auto loaded = load_newest_snapshot(files_, kData, {UINT64_MAX},
                                             [&](const std::string& text) { warning = text; });
    ASSERT_TRUE(loaded.has_value());
    if (warning.empty()) { EXPECT_EQ(loaded->engine->digest(), state_.engine->digest()); }
  };
  std::string warning;
  write(1, kPiecesFromTheBeginning, digest);
  load(warning);
  EXPECT_EQ(warning, "");
  // Modules that were never used add nothing to the digest: it still holds the others.
  write(1, kPiecesFromTheBeginning, digest + 1);
  load(warning);
  EXPECT_TRUE(says(warning, "another digest"));
  // The first ten are in every snapshot.
  warning.clear();
  write(2, kPiecesFromTheBeginning, digest);
  load(warning);
  EXPECT_TRUE(says(warning, "a piece is missing"));
  warning.clear();
  write(1, UINT16_MAX, digest + 1);
  load(warning);
  EXPECT_TRUE(says(warning, "another digest"));
  // Entries of an older version were hashed as they were then.
  warning.clear();
  write(1, kPiecesFromTheBeginning, digest + 1, 1);
  load(warning);
  EXPECT_EQ(warning, "");
}

TEST_F(ReplayTest, ASnapshotUnderNewerRulesIsRefusedByName) {
  ASSERT_EQ(replay(), "");
  MemorySink rules;
  put_u32(rules, kRulesAfterOurs);
  for (const PieceInfo& piece : Engine::pieces()) {
    if (piece.module != "system") { continue; }
    MemorySource source(rules.bytes());
    ASSERT_TRUE(state_.engine->load_piece(piece.number, piece.version, source).has_value());
    write_snapshot_with(piece.version);
  }
  const auto loaded = load_newest_snapshot(files_, kData, {UINT64_MAX}, [](const std::string&) {});
  ASSERT_FALSE(loaded.has_value());
  EXPECT_TRUE(says(loaded.error().message, "rules of version " + std::to_string(kRulesAfterOurs)));
}

/// Some segments, each record a millisecond after the one before, and snapshots at 1,000 and 1,500.
class TrimTest : public ReplayTest {
 protected:
  void SetUp() override {
    append(kSku);
    for (int i = 0; i < 2'000; ++i) {
      stamp_ = from_unix_ms(i);
      append(ReceiveStock{{1}, 1});
      while (*writer_->prepare()) {}
    }
    ASSERT_EQ(replay({1'000}), "");
    ASSERT_TRUE(write_snapshot(files_, kData, state_).has_value());
  }
  void second_snapshot() {
    ASSERT_EQ(replay({1'500}), "");
    ASSERT_TRUE(write_snapshot(files_, kData, state_).has_value());
  }
  std::string trim(std::int64_t before_ms, LogOffset read = {UINT64_MAX - 1}) {
    const auto done = trim_log(files_, kData, from_unix_ms(before_ms), read);
    EXPECT_TRUE(done.has_value()) << done.error().message;
    return done ? *done : std::string();
  }
  LogOffset first() {
    auto reader = log::Reader::open(files_, log_directory(kData), {});
    EXPECT_TRUE(reader.has_value());
    return reader->next()->header.offset;
  }
};

TEST_F(TrimTest, OldSegmentsGoOnceTwoSnapshotsStandBehindThem) {
  EXPECT_TRUE(says(trim(10'000), "no two snapshots"));
  second_snapshot();
  EXPECT_EQ(trim(0), "") << "nothing is old enough";
  EXPECT_EQ(first(), LogOffset{1});
  EXPECT_TRUE(says(trim(10'000, {0}), "the audit trail has not read them"));
  EXPECT_EQ(first(), LogOffset{1});
  EXPECT_TRUE(says(trim(900), "were deleted"));
  const LogOffset once = first();
  EXPECT_GT(once, LogOffset{1});
  EXPECT_LE(once, LogOffset{900});
  (void)trim(10'000);
  EXPECT_GE(first(), once);
  EXPECT_LE(first(), LogOffset{1'001}) << "a start from the older snapshot needs the next record";
  EXPECT_EQ(trim(10'000), "") << "what the snapshots need is not told of each time";
  EXPECT_TRUE(says(replay(), "record 1 is no longer in"));
  for (const std::uint64_t from : {1'000U, 1'500U}) {
    auto state = load_newest_snapshot(files_, kData, {from}, [](const std::string&) {});
    ASSERT_TRUE(state.has_value()) << state.error().message;
    EXPECT_EQ(state->offset, LogOffset{from});
    EXPECT_TRUE(replay_log(files_, kData, *state, {2'002}).has_value());
  }
}

TEST_F(TrimTest, NothingGoesWhereASnapshotDoesNotLoad) {
  ASSERT_EQ(replay({1'500}), "");
  write_snapshot_with(100);
  EXPECT_TRUE(says(trim(10'000), "was written by a newer program"));
  EXPECT_EQ(first(), LogOffset{1});
}

}  // namespace
}  // namespace firebrand
