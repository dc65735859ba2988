#include "edge/api/session_streams.hpp"

#include <utility>

namespace firebrand {

void SessionStreams::remove(StreamToken stream) {
  std::erase_if(streams_, [&](const auto& entry) { return entry.second == stream; });
}

std::vector<StreamToken> SessionStreams::take(const SecretHash& session) {
  std::vector<StreamToken> taken;
  const auto [first, last] = streams_.equal_range(session);
  for (auto it = first; it != last; ++it) { taken.push_back(it->second); }
  streams_.erase(first, last);
  return taken;
}

std::vector<SecretHash> SessionStreams::sessions() const {
  std::vector<SecretHash> sessions;
  for (auto it = streams_.begin(); it != streams_.end(); it = streams_.upper_bound(it->first)) {
    sessions.push_back(it->first);
  }
  return sessions;
}

std::vector<SecretHash> SessionStreams::due(Timestamp now) {
  if (streams_.empty() || now < checked_at_ + kSessionCheckPeriod) { return {}; }
  checked_at_ = now;
  return sessions();
}

}  // namespace firebrand
