#pragma once

#include <map>
#include <vector>

#include "base/types.hpp"
#include "core/access/access.hpp"
#include "edge/http/http.hpp"

namespace firebrand {

/// How long a stream may outlive its session, if nobody has signed out of it.
inline constexpr Millis kSessionCheckPeriod{2'000};

/// Streams that only a session may see, so that they end with it. An entry (about 100 bytes) ends
/// with its stream; there are no more than streams. I/O thread only.
class SessionStreams {
 public:
  void add(const SecretHash& session, StreamToken stream) { streams_.emplace(session, stream); }
  /// The stream is gone.
  void remove(StreamToken stream);
  void clear() { streams_.clear(); }
  /// Forgets the streams of a session that is over. @return what is to be ended.
  [[nodiscard]] std::vector<StreamToken> take(const SecretHash& session);
  /// Sessions with streams, each once.
  [[nodiscard]] std::vector<SecretHash> sessions() const;
  /// The same, if it is time to ask whether they still stand; else none.
  [[nodiscard]] std::vector<SecretHash> due(Timestamp now);

 private:
  std::multimap<SecretHash, StreamToken> streams_;
  Timestamp checked_at_{};
};

}  // namespace firebrand
