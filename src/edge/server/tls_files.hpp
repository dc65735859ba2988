#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "edge/http/tls.hpp"

namespace firebrand {

/// The certificate and key that the configuration names, taken anew when the files change, when
/// asked, and once a day, so that no key of tickets gets older. Not for two threads at once.
class TlsFiles {
 public:
  using Clock = std::chrono::steady_clock;

  TlsFiles(std::string certificate_path, std::string key_path)
      : certificate_path_(std::move(certificate_path)), key_path_(std::move(key_path)) {}

  struct News {
    TlsContextPtr context;  ///< Null: go on with the one before.
    std::string line;       ///< For whoever runs the server; empty: nothing to say.
  };
  /// Reads the two files. What changed is taken once it is the same at two looks: a file that is
  /// just being written, or the first of the pair, is no news yet.
  /// @param asked  Takes what is there at once.
  [[nodiscard]] News look(bool asked, Clock::time_point now);

 private:
  std::string certificate_path_;
  std::string key_path_;
  std::uint64_t seen_ = 0;  ///< Hash of both files at the look before.
  std::uint64_t used_ = 0;  ///< The same of what was tried last, good or not.
  Clock::time_point taken_at_{};
  bool has_one_ = false;  ///< A good pair was there.
};

}  // namespace firebrand
