#include "base/signed_note.hpp"

#include <gtest/gtest.h>

#include <string>

namespace firebrand {
namespace {

Bytes<32> seed(std::uint8_t fill) {
  Bytes<32> bytes;
  bytes.data.fill(fill);
  return bytes;
}

TEST(SignedNote, ReproducesAPublishedNote) {
  // The example of golang.org/x/mod/sumdb/note, and its key.
  const auto key =
      NoteKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  ASSERT_TRUE(key.has_value());
  const std::string note =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n"
      "\n"
      "\u2014 PeterNeumann "
      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
      "\n";
  const auto text = open_note(note, std::span(&*key, 1));
  ASSERT_TRUE(text.has_value());
  EXPECT_TRUE(text->ends_with("what your problem is.\n"));
}

TEST(SignedNote, KeyAndHeadComeBackFromTheirText) {
  const NoteSigner signer("firebrand/log", seed(7));
  EXPECT_EQ(NoteKey::parse(signer.key().text()), signer.key());
  const TreeHead head{"firebrand/log", {17, merkle_leaf(bytes_of("x"))}};
  const auto read = read_tree_head(signer.sign(head.text()), std::span(&signer.key(), 1));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, head);
}

TEST(SignedNote, EveryChangeOfOneByteIsRefused) {
  const NoteSigner signer("firebrand/log", seed(7));
  const TreeHead head{"firebrand/log", {17, merkle_leaf(bytes_of("x"))}};
  const std::string note = signer.sign(head.text());
  for (std::size_t at = 0; at < note.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string other = note;
      other[at] = static_cast<char>(static_cast<unsigned char>(other[at]) ^ (1U << bit));
      EXPECT_FALSE(read_tree_head(other, std::span(&signer.key(), 1)).has_value()) << other;
    }
    std::string shorter = note;
    shorter.erase(at, 1);
    EXPECT_FALSE(read_tree_head(shorter, std::span(&signer.key(), 1)).has_value()) << shorter;
  }
  const std::string key = signer.key().text();
  for (std::size_t at = 0; at < key.size(); ++at) {
    std::string other = key;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_FALSE(NoteKey::parse(other).has_value()) << other;
  }
}

TEST(SignedNote, SaysWhyItRefuses) {
  const NoteSigner signer("firebrand/log", seed(7));
  const NoteSigner stranger("firebrand/log", seed(8));
  const std::string note = signer.sign("text\n");
  EXPECT_EQ(open_note(note, std::span(&stranger.key(), 1)).error(), NoteFault::no_known_key);
  EXPECT_EQ(open_note("tixt" + note.substr(4), std::span(&signer.key(), 1)).error(),
            NoteFault::signature_wrong);
  EXPECT_EQ(open_note("text\n", std::span(&signer.key(), 1)).error(), NoteFault::malformed);
  EXPECT_EQ(read_tree_head(note, std::span(&signer.key(), 1)).error(), NoteFault::malformed);
}

// While a key is changed both sign; whoever knows one of them is content.
TEST(SignedNote, MayBeSignedByTwo) {
  const NoteSigner older("firebrand/log", seed(7));
  const NoteSigner newer("firebrand/log", seed(8));
  const std::string text = "text\n";
  const std::string note = newer.sign(text) + older.sign(text).substr(text.size() + 1);
  EXPECT_TRUE(open_note(note, std::span(&older.key(), 1)).has_value());
  EXPECT_TRUE(open_note(note, std::span(&newer.key(), 1)).has_value());
}

}  // namespace
}  // namespace firebrand
