#pragma once

#include <string_view>

#include "base/describe.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "edge/api/credentials.hpp"
#include "edge/api/route.hpp"

namespace firebrand {

/// A fan's session, for the brand's server or the demo's sign-in.
struct FanSessionMade {
  static constexpr std::string_view kName = "fan_session";
  static constexpr std::string_view kDoc = "A fan's session.";
  TokenText token{};
  PersonId person_id{};
  Timestamp expires_at{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "token", self.token, From::body, Rule{}, "Send it as Authorization: Bearer.");
    field(2, "person_id", self.person_id, From::body, Rule{}, "The person.");
    field(3, "expires_at", self.expires_at, From::body, Rule{}, "Until when.");
  }
};

inline constexpr char kFanSessionExample[] =
    R"({"token":"fbs_KgAAAAAAAADA5vHwmgEAAJ1mQ2pXb1RrY3ZtZ0pQeWc",)"
    R"("person_id":"per_42","expires_at":"2026-11-22T20:00:00.000Z"})";

/// Answers 201 with a session for the person behind this id of an outside system.
void respond_fan_session(Api& api, const Asker& asker, std::string_view external_id,
                         const Standing& standing = {});

}  // namespace firebrand
