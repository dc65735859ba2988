// Any text as each thing that proves who asks: what is read is read the same when it is written
// again. Then its bytes as what a token of ours says: that token is taken, and not with one
// character changed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "edge/api/cookies.hpp"
#include "edge/api/credentials.hpp"

namespace firebrand {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'800'000'000'000);

const Credentials& credentials() {
  static const Credentials made(Bytes<32>{{7}});
  return made;
}

/// Takes bytes from the front; zeros behind the end.
class Taker {
 public:
  explicit Taker(std::string_view text) : text_(text) {}
  [[nodiscard]] bool is_empty() const { return text_.empty(); }
  [[nodiscard]] std::uint64_t take(std::size_t bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes && !text_.empty(); ++i) {
      number = number << 8U | static_cast<unsigned char>(text_.front());
      text_.remove_prefix(1);
    }
    return number;
  }

 private:
  std::string_view text_;
};

/// The token with one character changed. The last may hold bits of nothing: it stays.
std::string changed(std::string_view token, std::uint64_t place) {
  std::string other(token);
  char& character = other[place % (other.size() - 1)];
  character = character == 'A' ? 'B' : 'A';
  return other;
}

FanSession session_of_bytes(Taker& bytes) {
  FanSession session{.person_id = {bytes.take(7)},
                     .expires_at = from_unix_ms(static_cast<std::int64_t>(bytes.take(8)))};
  while (!bytes.is_empty() && session.standing.size() < Standing::kMax) {
    const auto kind = static_cast<ClaimKind>(bytes.take(1));
    session.standing.push_back({kind, bytes.take(7)});
  }
  return session;
}

bool is_same(const FanSession& a, const FanSession& b) {
  return a.person_id == b.person_id && a.expires_at == b.expires_at && a.standing == b.standing;
}

void read_each(std::string_view text) {
  if (const auto session = credentials().check_fan_token(text, kNow)) {
    const TokenText again = credentials().mint_fan_token(*session);
    FB_ASSERT(is_same(*credentials().check_fan_token(again.view(), kNow), *session));
  }
  if (const auto place = credentials().check_place_token(text)) {
    const auto again = credentials().mint_place_token(*place);
    FB_ASSERT(credentials().check_place_token(again.view()) == place);
  }
  if (const auto place = credentials().read_code(text)) {
    FB_ASSERT(credentials().code_text(*place).view() == normal_code(text)->view());
  }
  if (const auto code = normal_code(text)) {
    FB_ASSERT(normal_code(code->view())->view() == code->view());
    FB_ASSERT(read_code_place(code->view()) == read_code_place(text));
  }
  if (const auto key = Credentials::read_api_key(text)) {
    const auto secret = Credentials::read_secret(text.substr(text.rfind('_') + 1));
    FB_ASSERT(secret && Credentials::hash_secret(*secret) == key->secret_hash);
    const auto again =
        Credentials::read_api_key(Credentials::api_key_text(key->api_key_id, *secret));
    FB_ASSERT(again && again->api_key_id == key->api_key_id);
  }
  const std::string_view cookie = cookie_value(text, kSessionCookie);
  FB_ASSERT(cookie.find(';') == std::string_view::npos);
  if (const auto secret = Credentials::read_secret(cookie)) {
    FB_ASSERT(Credentials::read_secret(Credentials::secret_text(*secret)) == secret);
  }
  const PassPublicKey& key = credentials().pass_signer().public_key();
  if (const auto pass = check_admission_pass(text, key, kNow)) {
    const std::string again = credentials().pass_signer().sign(*pass);
    FB_ASSERT(check_admission_pass(again, key, kNow) == pass);
  }
}

void mint_each(std::string_view text) {
  Taker bytes(text);
  const std::uint64_t place = bytes.take(2);
  const auto number = static_cast<std::uint32_t>(bytes.take(3));

  const PlaceToken queued{.drop_id = {bytes.take(4)},
                          .wave = static_cast<std::uint16_t>(bytes.take(1)),
                          .place = static_cast<std::uint32_t>(bytes.take(4)),
                          .person_id = {bytes.take(7)}};
  const auto queue_token = credentials().mint_place_token(queued);
  FB_ASSERT(credentials().check_place_token(queue_token.view()) == queued);
  FB_ASSERT(!credentials().check_place_token(changed(queue_token.view(), place)));

  const CodePlace code{.code_batch_id = {1 + number % 1'000}, .code_index = number};
  const CodeText code_text = credentials().code_text(code);
  FB_ASSERT(credentials().read_code(code_text.view()) == code);

  const FanSession session = session_of_bytes(bytes);
  const TokenText token = credentials().mint_fan_token(session);
  const auto read = credentials().check_fan_token(token.view(), kNow);
  FB_ASSERT(read.has_value() == (kNow < session.expires_at));
  FB_ASSERT(!read || is_same(*read, session));
  FB_ASSERT(!credentials().check_fan_token(changed(token.view(), place), kNow));
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  firebrand::read_each(text);
  firebrand::mint_each(text);
  return 0;
}
