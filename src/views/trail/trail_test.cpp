#include "views/trail/trail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <set>
#include <tuple>

#include "base/codec_binary.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/registry.hpp"
#include "log/archive.hpp"
#include "log/log_testing.hpp"
#include "runtime/replay.hpp"
#include "views/records/sqlite.hpp"

namespace firebrand {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kData = "data";
constexpr Actor kSystem{};
constexpr Actor kOwner{ActorKind::staff, 1};
constexpr Actor kWang{ActorKind::staff, 2};
constexpr Actor kShop{ActorKind::api_key, 1};
constexpr std::int64_t kStart = 1'800'000'000'000;

/// A log that is written record by record, in small segments, and its trail.
class Trail : public testing::Test {
 protected:
  void SetUp() override {
    path_ = (fs::path(testing::TempDir()) /
             ("firebrand-trail-" + std::to_string(::getpid()) + "-" +
              testing::UnitTest::GetInstance()->current_test_info()->name()))
                .string();
    remove_file();
    ASSERT_TRUE(files_.create_directory(kData).has_value());
    auto writer = log::Writer::open(files_, log_directory(kData), log::testing::small_options());
    ASSERT_TRUE(writer.has_value()) << writer.error().message;
    writer_.emplace(std::move(*writer));
    open();
  }
  void TearDown() override {
    projector_.reset();
    remove_file();
  }
  void remove_file() {
    for (const char* const end : {"", "-wal", "-shm"}) { fs::remove(path_ + end); }
  }

  [[nodiscard]] LogOffset durable() const { return writer_->last().offset; }
  void open(std::optional<LogOffset> log_end = {}) {
    projector_.reset();
    auto opened = TrailProjector::open(files_, kData, path_, log_end.value_or(durable()));
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    projector_ = std::move(*opened);
  }

  /// Each record a second behind the one before it.
  template <class C>
  void append(const C& command, Actor actor) {
    append(kNumberOf<C>, command, actor);
  }
  template <class C>
  void append(std::uint16_t number, const C& command, Actor actor) {
    std::array<std::byte, encoded_size_max<C>()> payload;
    const std::size_t size = encode(command, payload.data());
    const LogOffset offset{durable().value + 1};
    std::vector<std::byte> record(log::record_size(size));
    (void)log::encode_record({.actor_kind = static_cast<std::uint8_t>(actor.kind),
                              .type = number,
                              .version = find_command(kNumberOf<C>)->version,
                              .offset = offset,
                              .timestamp = at(offset.value),
                              .actor_id = actor.id},
                             std::span(payload).first(size), record.data());
    ASSERT_EQ(log::testing::prepare_all(*writer_), "");
    const std::array<std::span<const std::byte>, 1> pieces = {record};
    const auto done =
        writer_->append_batch(pieces, {.count = 1, .first = {offset, 0}, .last = {offset, 0}});
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  static Timestamp at(std::uint64_t offset) {
    return from_unix_ms(kStart + static_cast<std::int64_t>(offset) * 1'000);
  }

  void open_shop() {
    append(AddStaff{"owner", StaffRole::owner, "a hash of it"}, kSystem);             // 1
    append(OpenSession{{1}, hash(1), 60}, kSystem);                                   // 2
    append(AddStaff{"wang", StaffRole::marketer, "a hash of it"}, kOwner);            // 3
    append(AddApiKey{"shop backend", hash(2), 3}, kOwner);                            // 4
    append(PauseDrop{{7}}, kWang);                                                    // 5
    append(PlaceOrder{.drop_id = {7}, .person_id = {3}}, Actor{ActorKind::fan, 3});   // 6
    append(PlaceOrder{.drop_id = {7}, .person_id = {4}}, kShop);                      // 7
    append(GrantDrawTickets{.draw_id = {5}, .person_id = {4}, .tickets = 2}, kShop);  // 8
    append(RunDue{1}, kSystem);                                                       // 9
    append(CloseSession{hash(1)}, kOwner);                                            // 10
  }
  static SecretHash hash(std::uint8_t byte) {
    SecretHash made;
    made.data.fill(byte);
    return made;
  }

  void catch_up() {
    for (;;) {
      const auto stepped = projector_->step(durable());
      ASSERT_TRUE(stepped.has_value()) << stepped.error().message;
      if (!*stepped) { break; }
    }
    EXPECT_EQ(projector_->cursor(), durable());
  }
  [[nodiscard]] std::vector<TrailEntry> entries(const TrailFilter& filter = {}) const {
    auto found = TrailReader(path_).entries(filter);
    EXPECT_TRUE(found.has_value()) << found.error().message;
    return found ? *found : std::vector<TrailEntry>();
  }
  [[nodiscard]] std::vector<std::uint64_t> offsets(const TrailFilter& filter = {}) const {
    std::vector<std::uint64_t> found;
    for (const TrailEntry& entry : entries(filter)) { found.push_back(entry.position.value); }
    return found;
  }
  /// "5 staff 2 wang pause_drop drop_7 {...}"
  [[nodiscard]] std::vector<std::string> lines(const TrailFilter& filter = {}) const {
    std::vector<std::string> told;
    for (const TrailEntry& entry : entries(filter)) {
      std::string line = std::to_string(entry.position.value);
      line.append(" ").append(enum_name(entry.actor.kind));
      line.append(" ").append(std::to_string(entry.actor.id));
      for (const std::string& part : {entry.name, entry.operation, entry.subject, entry.fields}) {
        line.append(" ").append(part);
      }
      told.push_back(line);
    }
    return told;
  }

  std::string path_;
  log::FaultyFileSystem files_{1};
  std::optional<log::Writer> writer_;
  std::unique_ptr<TrailProjector> projector_;
};

TEST_F(Trail, TellsWhatStaffAndServersDidAndNothingElse) {
  open_shop();
  catch_up();
  EXPECT_THAT(
      lines(),
      ElementsAre(
          "10 staff 1 owner close_session  {}",
          R"(8 api_key 1 shop backend grant_draw_tickets draw_5 {"draw_id":"draw_5","person_id":"per_4","tickets":2})",
          R"(5 staff 2 wang pause_drop drop_7 {"drop_id":"drop_7"})",
          R"(4 staff 1 owner add_api_key shop backend {"name":"shop backend","scopes":3})",
          R"(3 staff 1 owner add_staff wang {"login":"wang","role":"marketer"})",
          R"(2 staff 1 owner open_session staff_1 {"staff_id":"staff_1","seconds":60})",
          R"(1 system 0  add_staff owner {"login":"owner","role":"owner"})"));
  EXPECT_EQ(entries().front().at, at(10));
  EXPECT_EQ(projector_->step(durable()).value(), false);
}

TEST_F(Trail, CountsKeysThatWereMadeOnTheMachine) {
  append(AddStaff{"owner", StaffRole::owner, "a hash of it"}, kSystem);
  append(AddApiKey{"first", hash(2), 0}, kSystem);
  append(AddApiKey{"second", hash(3), 0}, kOwner);
  append(GrantDrawTickets{{5}, {4}, 2}, Actor{ActorKind::api_key, 2});
  catch_up();
  EXPECT_EQ(entries().front().name, "second");
}

TEST_F(Trail, IsFilteredAndReadPageByPage) {
  open_shop();
  catch_up();
  EXPECT_THAT(offsets({.actor = kOwner}), ElementsAre(10, 4, 3, 2));
  EXPECT_THAT(offsets({.actor = kShop}), ElementsAre(8));
  EXPECT_THAT(offsets({.operation = "add_staff"}), ElementsAre(3, 1));
  EXPECT_THAT(offsets({.actor = kOwner, .operation = "add_staff"}), ElementsAre(3));
  EXPECT_THAT(offsets({.from = at(4), .until = at(8)}), ElementsAre(5, 4));
  EXPECT_THAT(offsets({.from = at(11)}), IsEmpty());
  EXPECT_THAT(offsets({.until = at(1)}), IsEmpty());
  EXPECT_THAT(offsets({.limit = 3}), ElementsAre(10, 8, 5));
  EXPECT_THAT(offsets({.before = {5}, .limit = 3}), ElementsAre(4, 3, 2));
}

TEST_F(Trail, GoesOnWhereItStoppedAndStaysWhenTheLogIsTrimmed) {
  open_shop();
  catch_up();
  for (int i = 0; i < 80; ++i) { append(RunDue{1}, kSystem); }
  append(PauseDrop{{8}}, kOwner);
  catch_up();
  ASSERT_GT(*log::trim(files_, log_directory(kData), {{60}, 0}), 0U);
  open();
  append(AddStaff{"li", StaffRole::store, "a hash of it"}, kOwner);
  append(ResumeDrop{{8}}, Actor{ActorKind::staff, 3});
  catch_up();
  EXPECT_THAT(offsets(), ElementsAre(93, 92, 91, 10, 8, 5, 4, 3, 2, 1));
  EXPECT_EQ(entries().front().name, "li");
}

// Numbers of staff are counted: where some may be missing, nobody gets another's name.
TEST_F(Trail, NamesNobodyWhenTheBeginningOfTheLogIsGone) {
  open_shop();
  for (int i = 0; i < 80; ++i) { append(RunDue{1}, kSystem); }
  ASSERT_GT(*log::trim(files_, log_directory(kData), {{60}, 0}), 0U);
  append(AddStaff{"li", StaffRole::store, "a hash of it"}, kOwner);
  catch_up();
  EXPECT_THAT(lines(), ElementsAre(R"(91 staff 1  add_staff li {"login":"li","role":"store"})"));
}

TEST_F(Trail, DropsWhatHasNotHappenedAnyMore) {
  open_shop();
  catch_up();
  open(LogOffset{3});
  EXPECT_EQ(projector_->cursor(), LogOffset{3});
  EXPECT_THAT(offsets(), ElementsAre(3, 2, 1));
  catch_up();
  EXPECT_THAT(offsets(), ElementsAre(10, 8, 5, 4, 3, 2, 1));
  EXPECT_EQ(entries({.actor = kShop}).front().name, "shop backend") << "counted once";
}

TEST_F(Trail, StopsAtACommandOfANewerProgramAndKeepsWhatItHas) {
  open_shop();
  catch_up();
  append(0x7777, PauseDrop{{7}}, kOwner);
  for (int i = 0; i < 2; ++i) {
    const auto stepped = projector_->step(durable());
    ASSERT_FALSE(stepped.has_value());
    EXPECT_THAT(stepped.error().message, HasSubstr("record 11 is of a newer program"));
  }
  EXPECT_EQ(projector_->cursor(), LogOffset{10});
  EXPECT_THAT(offsets({.limit = 2}), ElementsAre(10, 8));
}

TEST_F(Trail, IsNotEmptiedByAnotherProgramsSchema) {
  open_shop();
  catch_up();
  projector_.reset();
  auto database = Database::open(path_, SQLITE_OPEN_READWRITE);
  ASSERT_TRUE(database.has_value());
  ASSERT_TRUE(database->run("PRAGMA user_version = 2").has_value());
  const auto opened = TrailProjector::open(files_, kData, path_, durable());
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("newer program"));
  ASSERT_TRUE(database->run("PRAGMA user_version = 1").has_value());
  open();
  EXPECT_EQ(entries().size(), 7U);
}

/// Marks every text and every byte of a command: '!' and 0xAB are what nobody may see.
void fill(const StructTable& table, void* object, bool is_stamped);
void fill(const TypeTable& type, void* value, bool is_stamped) {
  if (type.kind == FieldKind::text) { type.assign_text(value, is_stamped ? "!" : "."); }
  if (type.kind == FieldKind::bytes) { std::memset(value, 0xAB, type.size_max); }
  if (type.kind == FieldKind::list) { fill(*type.entry, type.list_append(value), is_stamped); }
  if (type.kind == FieldKind::nested) { fill(type.nested(), value, is_stamped); }
}
void fill(const StructTable& table, void* object, bool is_stamped) {
  for (const FieldTable& field : table.fields()) {
    fill(*field.type, field.in(object), is_stamped || field.from == From::stamped);
  }
}

template <class C>
void expect_no_secrets(C command) {
  fill(struct_table<C>(), &command, false);
  const std::string fields = trail_fields(struct_table<C>(), &command);
  EXPECT_THAT(fields, Not(HasSubstr("!"))) << C::kName << ": a text of the edge's own making";
  EXPECT_THAT(fields, Not(HasSubstr("abab"))) << C::kName << ": a hash or key";
  for (const char* const word : {"password", "secret", "hash", "nonce", "token"}) {
    EXPECT_THAT(fields, Not(HasSubstr(word))) << C::kName;
  }
}
template <class... Entries>
void expect_no_secrets_of(std::tuple<Entries...>*) {
  (expect_no_secrets(typename Entries::Type{}), ...);
}

TEST(TrailFields, HoldNoSecretOfAnyCommand) {
  expect_no_secrets_of(static_cast<Commands*>(nullptr));
}

TEST(TrailFields, LeaveOutWhatWasNotSaid) {
  const ChangeWebhook change{.webhook_id = {2}, .url = "https://shop.example/", .types = {"a"}};
  EXPECT_EQ(trail_fields(struct_table<ChangeWebhook>(), &change),
            R"({"webhook_id":"webhook_2","url":"https://shop.example/","types":["a"]})");
  const RotateApiKey rotate{.api_key_id = {1}, .overlap_seconds = 60};
  EXPECT_EQ(trail_fields(struct_table<RotateApiKey>(), &rotate),
            R"({"api_key_id":"key_1","overlap_seconds":60})");
}

TEST(TrailOperations, AreTheCommands) {
  const auto& names = trail_operations();
  EXPECT_EQ(names.size(), std::tuple_size_v<Commands>);
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
}

}  // namespace
}  // namespace firebrand
