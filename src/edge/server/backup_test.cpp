#include "edge/server/backup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "edge/delivery/delivery_store.hpp"
#include "edge/server/audit.hpp"
#include "edge/server/sealed_key.hpp"
#include "runtime/sync_client.hpp"

namespace firebrand {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::int64_t kNowMs = 1'800'000'000'000;
constexpr std::string_view kPassphrase = "correct horse battery staple";

/// A second later at each look.
class TickingClock final : public Clock {
 public:
  Timestamp wall() override { return from_unix_ms(kNowMs + monotonic_ms_); }
  std::int64_t monotonic_ms() override { return monotonic_ms_; }
  void pass() { monotonic_ms_ += 1'000; }

 private:
  std::int64_t monotonic_ms_ = 0;
};

void warn(const std::string& line) { ADD_FAILURE() << line; }

TEST(SealedKey, OpensWithItsPassphraseAlone) {
  InstallationKey key;
  for (std::size_t i = 0; i < key.data.size(); ++i) { key.data[i] = static_cast<std::uint8_t>(i); }
  const std::string sealed = seal_key(key, kPassphrase);
  EXPECT_EQ(sealed.find(std::string(key.data.begin() + 1, key.data.end())), std::string::npos);
  EXPECT_EQ(open_sealed_key(sealed, kPassphrase), key);
  EXPECT_FALSE(open_sealed_key(sealed, "another one").has_value());
  EXPECT_FALSE(open_sealed_key(sealed.substr(0, sealed.size() - 1), kPassphrase).has_value());
  EXPECT_FALSE(open_sealed_key("", kPassphrase).has_value());
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{9}, std::size_t{20}, std::size_t{40}, sealed.size() - 1}) {
    std::string changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(open_sealed_key(changed, kPassphrase).has_value()) << at;
  }
}

/// A data directory on the real disk, its backup, and what was restored from it.
class BackupTest : public testing::Test {
 protected:
  BackupTest() { fs::create_directories(root_); }
  ~BackupTest() override { fs::remove_all(root_); }

  void SetUp() override {
    sell(3);
    ASSERT_TRUE(load_installation_key(files_, data_, MissingKey::make).has_value());
    ASSERT_TRUE(DeliveryStore::open(data_ + "/deliveries.db").has_value());
  }

  /// So many more SKUs, a second apart, each with stock.
  void sell(int count) {
    auto node = Node::open(files_, data_, clock_, {.segment_bytes = 8U << 20});
    ASSERT_TRUE(node.has_value()) << node.error().message;
    while ((*node)->space_keeper().step()) {}
    SyncClient client(**node);
    for (int i = 0; i < count; ++i) {
      clock_.pass();
      const std::string code = "sku-" + std::to_string(++skus_);
      (void)client.ask<AddSkuResult>(AddSku{.code = std::string_view(code),
                                            .name = {"手机", "Phone"},
                                            .prices = {Money{100, Currency::of("CNY")}}});
      (void)client.ask<ReceiveStockResult>(ReceiveStock{{skus_}, 20});
    }
    client.settle();
    last_ = (*node)->sequencer().last_offset();
    digest_ = (*node)->engine().digest();
  }

  Expected<BackupDone, std::string> back_up() {
    return firebrand::back_up(files_, data_, backup_, kPassphrase, &warn);
  }
  Expected<Restored, std::string> restore(LogOffset offset, const std::string& to,
                                          std::string_view passphrase = kPassphrase) {
    return firebrand::restore(files_, backup_, root_ + "/" + to, clock_, passphrase, offset);
  }
  /// Flips a bit of a file of the backup; called again, puts it right.
  void damage(const std::string& name, std::streamoff at, int mask = 1) const {
    std::fstream file(backup_ + "/" + name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const int byte = file.get();
    file.seekp(at);
    file.put(static_cast<char>(byte ^ mask));
    ASSERT_TRUE(file.good());
  }

  log::PosixFileSystem files_;
  TickingClock clock_;
  std::string root_ = testing::TempDir() + "firebrand-backup-" + std::to_string(::getpid());
  std::string data_ = root_ + "/data";
  std::string backup_ = root_ + "/backup";
  std::uint32_t skus_ = 0;
  LogOffset last_{};
  std::uint64_t digest_ = 0;
};

TEST_F(BackupTest, ComesBackWithItsDigestFactsAndKey) {
  const auto done = back_up();
  ASSERT_TRUE(done.has_value()) << done.error();
  EXPECT_EQ(done->manifest.offset, last_);
  EXPECT_EQ(*read_manifest(files_, backup_), done->manifest);
  const auto restored = restore(last_, "restored");
  ASSERT_TRUE(restored.has_value()) << restored.error();
  EXPECT_EQ(restored->offset, last_);
  EXPECT_EQ(restored->digest, digest_);
  EXPECT_EQ(*load_installation_key(files_, root_ + "/restored"),
            *load_installation_key(files_, data_));
  EXPECT_TRUE(fs::exists(root_ + "/restored/deliveries.db"));
  const auto audited = audit(files_, root_ + "/restored");
  ASSERT_TRUE(audited.has_value()) << audited.error().message;
  EXPECT_EQ(audited->problems, 0U);
  EXPECT_EQ(audited->stored_facts, audited->facts);
  EXPECT_EQ(audited->digest, digest_);
}

TEST_F(BackupTest, IsBroughtUpToDateAndGoesBackToAnyOffset) {
  ASSERT_TRUE(back_up().has_value());
  const LogOffset before = last_;
  const std::uint64_t digest_before = digest_;
  const Timestamp time_before = clock_.wall();
  sell(2);
  const auto done = back_up();
  ASSERT_TRUE(done.has_value()) << done.error();
  EXPECT_EQ(done->manifest.offset, last_);
  EXPECT_EQ(*offset_at(files_, backup_, done->manifest, time_before), before);
  EXPECT_EQ(*offset_at(files_, backup_, done->manifest, from_unix_ms(0)), LogOffset{});
  const auto restored = restore(before, "earlier");
  ASSERT_TRUE(restored.has_value()) << restored.error();
  EXPECT_EQ(restored->digest, digest_before);
  EXPECT_FALSE(fs::exists(root_ + "/earlier/deliveries.db")) << "endpoints were told of more";
  EXPECT_EQ(audit(files_, root_ + "/earlier")->problems, 0U);
  EXPECT_THAT(
      firebrand::restore(files_, backup_, root_ + "/lost", clock_, kPassphrase, before, true)
          .error(),
      HasSubstr("would be lost"));
  EXPECT_EQ(restore(last_, "now")->digest, digest_);
  EXPECT_FALSE(restore({}, "nothing").has_value());
  EXPECT_FALSE(restore({last_.value + 1}, "future").has_value());
}

TEST_F(BackupTest, WithoutItsManifestIsNone) {
  ASSERT_TRUE(back_up().has_value());
  fs::remove(backup_ + "/manifest.json");
  const auto restored = restore(last_, "restored");
  ASSERT_FALSE(restored.has_value());
  EXPECT_THAT(restored.error(), HasSubstr("no whole backup"));
  EXPECT_FALSE(fs::exists(root_ + "/restored"));
}

TEST_F(BackupTest, ThatWasInterruptedLeavesTheOneBefore) {
  ASSERT_TRUE(back_up().has_value());
  const LogOffset before = last_;
  const std::uint64_t digest_before = digest_;
  sell(2);
  // The log has grown, the manifest has not been written.
  ASSERT_TRUE(
      log::copy_log(files_, data_ + "/log", backup_ + "/log", log::kPositionMax).has_value());
  EXPECT_EQ(read_manifest(files_, backup_)->offset, before);
  const auto restored = restore(before, "restored");
  ASSERT_TRUE(restored.has_value()) << restored.error();
  EXPECT_EQ(restored->digest, digest_before);
}

TEST_F(BackupTest, ThatWasChangedIsNotRestored) {
  ASSERT_TRUE(back_up().has_value());
  std::ifstream file(backup_ + "/manifest.json");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto digest = static_cast<std::streamoff>(text.find("\"digest\":\"") + 10);
  const char digit = text[static_cast<std::size_t>(digest)];
  const int mask = digit ^ (digit == '0' ? '1' : '0');
  damage("manifest.json", digest, mask);
  auto restored = restore(last_, "one");
  ASSERT_FALSE(restored.has_value());
  EXPECT_THAT(restored.error(), HasSubstr("has another digest"));
  EXPECT_FALSE(fs::exists(root_ + "/one/installation.key")) << "a server would start on it";
  damage("manifest.json", digest, mask);

  damage("log/00000000000000000001.seg", 4096 + 200);
  restored = restore(last_, "two");
  EXPECT_FALSE(restored.has_value());
  EXPECT_FALSE(fs::exists(root_ + "/two/installation.key"));
  damage("log/00000000000000000001.seg", 4096 + 200);
  EXPECT_TRUE(restore(last_, "three").has_value());
}

TEST_F(BackupTest, OfAProgramWithOtherPiecesRestsOnItsChain) {
  ASSERT_TRUE(back_up().has_value());
  std::ifstream file(backup_ + "/manifest.json");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t digest = text.find("\"digest\":\"") + 10;
  text[digest] = text[digest] == '0' ? '1' : '0';
  const std::size_t pieces = text.find("\"pieces\":") + 9;
  text.insert(pieces, "9");
  std::ofstream(backup_ + "/manifest.json") << text;
  const auto restored = restore(last_, "one");
  ASSERT_TRUE(restored.has_value()) << restored.error();
  EXPECT_EQ(restored->digest, digest_);
}

TEST_F(BackupTest, AsksForThePassphraseItWasMadeWith) {
  ASSERT_TRUE(back_up().has_value());
  EXPECT_THAT(firebrand::back_up(files_, data_, backup_, "another", &warn).error(),
              HasSubstr("does not open with this passphrase"));
  EXPECT_THAT(restore(last_, "restored", "another").error(), HasSubstr("does not open"));
  EXPECT_FALSE(fs::exists(root_ + "/restored"));
}

TEST_F(BackupTest, TakesNoDirectoryThatIsInUse) {
  ASSERT_TRUE(back_up().has_value());
  EXPECT_THAT(restore(last_, "data").error(), HasSubstr("is not empty"));
  // Another installation with the same log: its key is another one.
  fs::remove(data_ + "/installation.key");
  ASSERT_TRUE(load_installation_key(files_, data_, MissingKey::make).has_value());
  EXPECT_THAT(back_up().error(), HasSubstr("another installation"));
}

TEST_F(BackupTest, DoesNotGoOnWithALogThatWasRestoredToEarlier) {
  ASSERT_TRUE(back_up().has_value());
  ASSERT_TRUE(restore({last_.value - 1}, "restored").has_value());
  data_ = root_ + "/restored";
  EXPECT_THAT(back_up().error(), HasSubstr("another log"));
}

}  // namespace
}  // namespace firebrand
