#include "edge/server/tls_files.hpp"

#include <span>

#include "base/digest.hpp"
#include "base/file_text.hpp"

namespace firebrand {

namespace {

constexpr std::chrono::hours kTicketKeyAge{24};

}  // namespace

TlsFiles::News TlsFiles::look(bool asked, Clock::time_point now) {
  const auto certificate = file_text(certificate_path_);
  const auto key = file_text(key_path_);
  const std::string both = certificate.value_or("") + '\0' + key.value_or("");
  const std::uint64_t hash = hash_bytes(std::as_bytes(std::span(both)));
  const bool stands = hash == seen_;
  seen_ = hash;
  const bool changed = hash != used_ && stands;
  const bool old = hash == used_ && now - taken_at_ >= kTicketKeyAge;
  if (!asked && !changed && !old) { return {}; }
  used_ = hash;
  taken_at_ = now;
  const std::string kept = has_one_ ? "tls: the certificate in use stays: " : "tls: ";
  if (!certificate) { return {nullptr, kept + "cannot read " + certificate_path_}; }
  if (!key) { return {nullptr, kept + "cannot read " + key_path_}; }
  auto made = TlsContext::make(*certificate, *key);
  if (!made) {
    return {nullptr, kept + certificate_path_ + ", " + key_path_ + ": " + made.error()};
  }
  has_one_ = true;
  return {std::move(*made), old ? std::string() : "tls: took the certificate " + certificate_path_};
}

}  // namespace firebrand
