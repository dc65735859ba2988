#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/facts.hpp"
#include "log/reader.hpp"

namespace firebrand {

/// Follows facts/ beside a replay of the log: it must hold exactly the facts that replay returns,
/// in order, each with its number, index, cause, stamp and actor. It may end early, because it is
/// written behind the log, but not before the newest snapshot: one counts only once facts/ are past
/// it. One thread.
class StoredFacts {
 public:
  using Report = std::function<void(const std::string&)>;

  /// @param must_reach  Facts up to this offset must be there.
  StoredFacts(log::FileSystem& files, const std::string& directory, LogOffset must_reach,
              Report report);

  /// The facts of the next record.
  void follow(const log::RecordView& record, const FactBuffer& facts);
  /// After the last record: nothing more may be there.
  void end();
  /// Facts read that were as they should be.
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  void follow(const log::RecordHeader& expected, std::span<const std::byte> payload);
  /// One disagreement is told; what follows from it is not.
  void stop(const std::string& what);

  Report report_;
  LogOffset must_reach_;
  std::optional<log::Reader> reader_;
  bool at_end_ = false;  ///< Everything stored was read.
  std::uint64_t count_ = 0;
};

}  // namespace firebrand
