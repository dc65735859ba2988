#pragma once

#include <string>

namespace firebrand {

/// The scratch directory of a benchmark: emptied, marked as one, and removed at the end. Any other
/// directory that is not empty is refused, so that a wrong --data costs nobody theirs.
class BenchDirectory {
 public:
  /// Takes it; whether it could says error().
  explicit BenchDirectory(std::string path);
  ~BenchDirectory();
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;

  /// Why it was not taken; empty if it was. Nothing in it is touched then.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Empties it again, for the next round. REQUIRES: it was taken.
  void clear();

 private:
  std::string path_;
  std::string error_;
};

}  // namespace firebrand
