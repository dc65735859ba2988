#include "edge/server/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "log/faulty_file_system.hpp"
#include "log/reader.hpp"
#include "log/writer.hpp"
#include "runtime/sync_client.hpp"

namespace firebrand {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kNowMs = 1'800'000'000'000;

class StandingClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(kNowMs); }
  std::int64_t monotonic_ms() override { return 0; }
};

struct StoredRecord {
  log::RecordHeader header;
  std::vector<std::byte> payload;
};
using Records = std::vector<StoredRecord>;
using Alter = std::function<void(Records&)>;

Records read_all(log::FileSystem& files, const std::string& directory) {
  Records records;
  auto reader = log::Reader::open(files, directory, {});
  EXPECT_TRUE(reader.has_value());
  for (;;) {
    const auto record = reader->next();
    if (!record) { return records; }
    records.push_back({record->header, {record->payload.begin(), record->payload.end()}});
  }
}

/// As the program would have written them: every checksum and the chain of batches are right.
void write_all(log::FileSystem& files, const std::string& directory, log::Numbering numbering,
               const Records& records) {
  auto writer = log::Writer::open(files, directory,
                                  {.numbering = numbering,
                                   .segment_bytes = 64U << 10,
                                   .segments_ahead = 4,
                                   .batch_bytes_max = 4U << 10});
  ASSERT_TRUE(writer.has_value()) << writer.error().message;
  for (;;) {
    const auto prepared = writer->prepare();
    ASSERT_TRUE(prepared.has_value());
    if (!*prepared) { break; }
  }
  for (const StoredRecord& record : records) {
    std::vector<std::byte> bytes(log::record_size(record.payload.size()));
    (void)log::encode_record(record.header, record.payload, bytes.data());
    const std::array<std::span<const std::byte>, 1> pieces = {bytes};
    const log::Position position = record.header.position();
    const auto appended = writer->append_batch(
        pieces, {.count = 1, .first = position, .last = position, .term = record.header.term});
    ASSERT_TRUE(appended.has_value()) << appended.error().message;
  }
}

template <class T>
StoredRecord& first_of(Records& records) {
  for (StoredRecord& record : records) {
    if (record.header.type == kNumberOf<T>) { return record; }
  }
  ADD_FAILURE() << "there is none";
  return records.front();
}

template <class T>
void change_first(Records& records, const std::function<void(T&)>& change) {
  StoredRecord& record = first_of<T>(records);
  auto decoded = decode<T>(record.payload);
  ASSERT_TRUE(decoded.has_value());
  change(*decoded);
  record.payload.resize(encoded_size_max<T>());
  record.payload.resize(encode(*decoded, record.payload.data()));
}

/// A sale in "whole": three people buy, one of them pays, one gives up. What is audited is a copy.
class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    StandingClock clock;
    auto node = Node::open(files_, "whole", clock,
                           {.segment_bytes = 64U << 10, .batch_bytes_max = 4U << 10});
    EXPECT_TRUE(node.has_value());
    while ((*node)->space_keeper().step()) {}
    SyncClient client(**node);
    const Currency cny = Currency::of("CNY");
    (void)client.ask<AddSkuResult>(
        AddSku{.code = "phone", .name = {"手机", "Phone"}, .prices = {Money{100, cny}}});
    (void)client.ask<ReceiveStockResult>(ReceiveStock{{1}, 20});
    (void)client.ask<CreateLaunchResult>(CreateLaunch{.code = "first", .name = {"首发", "First"}});
    const Timestamp opens = from_unix_ms(kNowMs - 1'000);
    (void)client.ask<CreateDropResult>(
        CreateDrop{.launch_id = {1},
                   .code = "drop",
                   .sku_id = {1},
                   .currency = cny,
                   .opens_at = opens,
                   .per_person_limit = 2,
                   .payment_window_seconds = 60,
                   .waves = {WavePlan{.opens_at = opens, .units = 10}}});
    for (const std::uint64_t person : {1, 2, 3}) {
      (void)client.ask<PlaceOrderResult>(PlaceOrder{.drop_id = {1}, .person_id = {person}});
    }
    (void)client.ask<ConfirmPaymentResult>(ConfirmPayment{{1}, "pay-1", Money{100, cny}});
    (void)client.ask<CancelOrderResult>(CancelOrder{{2}, {2}});
    client.settle();
    snapshot_at_ = (*node)->sequencer().last_offset();
    digest_ = (*node)->engine().digest();
  }

  void copy(const Alter& alter_log, const Alter& alter_facts) {
    altered_ += "+";
    ASSERT_TRUE(files_.create_directory(altered_).has_value());
    Records log = read_all(files_, "whole/log");
    if (alter_log) { alter_log(log); }
    write_all(files_, altered_ + "/log", log::Numbering::dense, log);
    Records facts = read_all(files_, "whole/facts");
    if (alter_facts) { alter_facts(facts); }
    write_all(files_, altered_ + "/facts", log::Numbering::sparse, facts);
  }
  /// The problems found in the copy, or why it cannot be audited.
  std::vector<std::string> problems() {
    const auto report = audit(files_, altered_);
    if (!report) { return {report.error().message}; }
    EXPECT_EQ(report->problems, report->first_problems.size());
    return report->first_problems;
  }

  log::FaultyFileSystem files_{1};
  std::string altered_ = "altered";  ///< The newest copy.
  LogOffset snapshot_at_{};
  std::uint64_t digest_ = 0;
};

TEST_F(AuditTest, WholeDirectoryHasNoProblem) {
  copy({}, {});
  const auto report = audit(files_, altered_);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->problems, 0U) << report->first_problems.front();
  EXPECT_EQ(report->facts, report->stored_facts);
  EXPECT_EQ(report->offset, snapshot_at_);
  EXPECT_EQ(report->digest, digest_);
  EXPECT_EQ(report->units.received, 20);
  EXPECT_EQ(report->units.sold, 1);
  EXPECT_EQ(report->units.held, 1);
  EXPECT_EQ(report->units.given_back, 1);
}

TEST_F(AuditTest, FactsThatTellAnotherStoryAreFound) {
  const struct {
    Alter alter;
    const char* want;
  } rows[] = {
      {[](Records& facts) { facts.erase(facts.begin() + 3); }, "facts/ has"},
      {[](Records& facts) {
         change_first<OrderPaid>(facts, [](OrderPaid& fact) { fact.amount.minor = 1; });
       },
       "differ in the fields of fact"},
      {[](Records& facts) { first_of<OrderPlaced>(facts).header.index += 3; }, "facts/ has"},
      {[](Records& facts) { ++first_of<OrderPlaced>(facts).header.cause; }, "cause"},
      {[](Records& facts) { ++first_of<OrderPlaced>(facts).header.actor_id; }, "actor"},
      {[](Records& facts) {
         facts.push_back(facts.back());
         ++facts.back().header.offset.value;
       },
       "which the log does not lead to"},
  };
  for (const auto& row : rows) {
    copy({}, row.alter);
    EXPECT_THAT(problems(), ElementsAre(HasSubstr(row.want)));
  }
}

TEST_F(AuditTest, FactsMayLagButNotBehindASnapshot) {
  copy({}, [](Records& facts) { facts.resize(facts.size() - 2); });
  EXPECT_THAT(problems(), testing::IsEmpty());
  ASSERT_TRUE(fold_snapshot(files_, altered_, snapshot_at_, digest_).has_value());
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("facts/ ends before fact")));
}

TEST_F(AuditTest, FactsThatCannotBeReadAreAProblem) {
  copy({}, {});
  const auto names = files_.list(altered_ + "/facts");
  ASSERT_TRUE(names.has_value());
  std::string first;
  for (const std::string& name : *names) {
    if (first.empty() || name < first) { first = name; }
  }
  // Of the first batch, with more behind it.
  files_.flip_bits(altered_ + "/facts/" + first, log::kSegmentHeaderBytes + 100, 4);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("facts/ cannot be read")));
}

TEST_F(AuditTest, MissingFactsDirectoryIsAProblem) {
  ASSERT_TRUE(files_.create_directory(altered_).has_value());
  write_all(files_, altered_ + "/log", log::Numbering::dense, read_all(files_, "whole/log"));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("facts/ cannot be read")));
}

TEST_F(AuditTest, RecordThatWasChangedWithItsChecksumIsFound) {
  copy(
      [](Records& log) {
        change_first<PlaceOrder>(log, [](PlaceOrder& order) { order.person_id = {77}; });
      },
      {});
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("differ in the fields of fact")));
}

TEST_F(AuditTest, RecordThatIsGoneIsFound) {
  // The units that were sold never arrived: the drop cannot be made again.
  copy(
      [](Records& log) {
        const auto gone = std::ranges::find(log, kNumberOf<ReceiveStock>,
                                            [](const auto& record) { return record.header.type; });
        for (auto later = log.erase(gone); later != log.end(); ++later) {
          --later->header.offset.value;
        }
      },
      {});
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("was applied once and is now refused")));
}

}  // namespace
}  // namespace firebrand
