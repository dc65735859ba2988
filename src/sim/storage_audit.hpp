#pragma once

#include <string>

#include "log/file_system.hpp"
#include "runtime/node.hpp"
#include "sim/auditor.hpp"

/// What stands on the disk against what the auditor knows. All throw AuditFailure.
namespace firebrand {

/// The log holds exactly the history, record by record; folded from its beginning and from the
/// newest snapshot it gives the node's state, and on the way every digest that was seen live.
void audit_log(log::FileSystem& files, Node& node, const Auditor& auditor);

/// Follows facts/: ids rise, nothing beyond what is durable, nothing missing up to what is said to
/// be complete, and each fact is what the model says.
class FactsAudit {
 public:
  /// From the beginning: after a start.
  void begin() { *this = {}; }
  void follow(log::FileSystem& files, Node& node, const Auditor& auditor);

 private:
  void take(const log::RecordView& fact, const Auditor& auditor);

  log::Position last_{};
  LogOffset offset_{};     ///< Of the record whose facts come next,
  std::size_t index_ = 0;  ///< from this one on.
};

}  // namespace firebrand
