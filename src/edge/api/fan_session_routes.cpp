#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "edge/api/api.hpp"
#include "edge/api/fan_session.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/api/sign_in_keys.hpp"

namespace firebrand {

namespace {

constexpr std::size_t kExternalIdBytesMax = 128;

struct FanSessionRequest {
  static constexpr std::string_view kName = "fan_session_request";
  static constexpr std::string_view kDoc =
      "A session for a fan of the brand's own system, and what the shop says of the person.";
  Text<kExternalIdBytesMax> person{};
  List<AudienceName, kGroupsMax> groups{};
  AudienceName region{};
  AudienceName channel{};
  Timestamp member_since{};
  Text<kExternalIdBytesMax> household{};
  Text<kExternalIdBytesMax> address{};
  std::uint8_t risk = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "person", self.person, From::body, Rule{.min = 1},
          "The brand's own id of the person; only a keyed hash of it is kept.");
    field(2, "groups", self.groups, From::body, Rule{.presence = Presence::optional},
          "Groups that the person is in.");
    field(3, "region", self.region, From::body, Rule{.presence = Presence::optional},
          "Where the person lives.");
    field(4, "channel", self.channel, From::body, Rule{.presence = Presence::optional},
          "By which channel the person comes.");
    field(5, "member_since", self.member_since, From::body, Rule{.presence = Presence::optional},
          "Since when the person is a member.");
    field(6, "household", self.household, From::body, Rule{.presence = Presence::optional},
          "The same for all of one household; only a keyed hash of it is kept.");
    field(7, "address", self.address, From::body, Rule{.presence = Presence::optional},
          "The same for all of one address; only a keyed hash of it is kept.");
    field(8, "risk", self.risk, From::body,
          Rule{.min = 0, .max = kRiskMax, .presence = Presence::optional},
          "The shop's own score: the higher, the more doubtful.");
  }
};

Standing standing_of(const FanSessionRequest& request, const Credentials& credentials) {
  Standing standing;
  const auto name = [&](ClaimKind kind, const AudienceName& said) {
    if (!said.empty()) { standing.push_back({kind, name_hash(said.view())}); }
  };
  for (const AudienceName& group : request.groups) { name(ClaimKind::group, group); }
  name(ClaimKind::region, request.region);
  name(ClaimKind::channel, request.channel);
  if (request.member_since != Timestamp{}) {
    const std::int64_t ms = std::max<std::int64_t>(0, to_unix_ms(request.member_since));
    standing.push_back({ClaimKind::member_since, static_cast<std::uint64_t>(ms)});
  }
  const auto key = [&](ClaimKind kind, std::string_view said) {
    if (!said.empty()) { standing.push_back(credentials.shared_key(kind, said)); }
  };
  key(ClaimKind::household, request.household.view());
  key(ClaimKind::address, request.address.view());
  if (request.risk > 0) { standing.push_back({ClaimKind::risk, request.risk}); }
  return standing;
}

void make_fan_session(Api& api, Call& call) {
  const auto request = api.read_body<FanSessionRequest>(call);
  if (!request) { return; }
  respond_fan_session(api, call, request->person.view(), standing_of(*request, api.credentials()));
}

struct TokenSignInRequest {
  static constexpr std::string_view kName = "token_sign_in_request";
  static constexpr std::string_view kDoc = "A token of the shop's own sign-in.";
  Text<kJwtBytesMax> id_token{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "id_token", self.id_token, From::body, Rule{.min = 1},
          "A signed JWT, such as an ID token of OpenID Connect.");
  }
};

/// False if the text is too long for it.
template <std::size_t kMax>
bool take_text(const std::string& said, Text<kMax>& out) {
  if (said.size() > kMax) { return false; }
  out = std::string_view(said);
  return true;
}

/// The claims as the shop's server would have said them; nothing if they are beyond its bounds.
std::optional<FanSessionRequest> request_of(const TokenClaims& claims) {
  FanSessionRequest request;
  if (claims.groups.size() > kGroupsMax || claims.risk < 0 || claims.risk > kRiskMax) {
    return std::nullopt;
  }
  for (const std::string& group : claims.groups) {
    AudienceName name;
    if (!take_text(group, name)) { return std::nullopt; }
    request.groups.push_back(name);
  }
  request.risk = static_cast<std::uint8_t>(claims.risk);
  request.member_since = claims.member_since.value_or(Timestamp{});
  if (!take_text(claims.person, request.person) || !take_text(claims.region, request.region) ||
      !take_text(claims.channel, request.channel) ||
      !take_text(claims.household, request.household) ||
      !take_text(claims.address, request.address)) {
    return std::nullopt;
  }
  return request;
}

void refuse_token(Api& api, const Asker& asker, JwtError error) {
  const std::string reason = "\"" + std::string(enum_name(error)) + "\"";
  const std::array extensions = {ProblemExtension{"reason", reason}};
  api.refuse(asker, "id_token_refused", {}, extensions);
}

/// Checks the token in the pool. If its key is not known the keys are read again, once.
void exchange_token(Api& api, const Asker& asker, const std::shared_ptr<const std::string>& token,
                    bool may_refresh) {
  SignInKeys& source = *api.options().sign_in_keys;
  const auto again = [&api, asker, token] {
    api.run_later([&api, asker, token] { exchange_token(api, asker, token, false); });
  };
  const auto keys = source.keys();
  if (keys == nullptr) {
    if (may_refresh && source.refresh(again)) { return; }
    return api.refuse(asker, "sign_in_keys_missing");
  }
  api.work(
      asker, WorkKind::read,
      [token, keys, &rules = source.rules(), now = api.now()] {
        return read_jwt(*token, *keys, rules, now);
      },
      [&api, asker, &source, again, may_refresh](const Expected<TokenClaims, JwtError>& read) {
        if (read) {
          const auto request = request_of(*read);
          if (!request) { return refuse_token(api, asker, JwtError::claim_malformed); }
          return respond_fan_session(api, asker, request->person.view(),
                                     standing_of(*request, api.credentials()));
        }
        const bool is_new_key = read.error() == JwtError::key_unknown && may_refresh;
        if (is_new_key && source.refresh(again)) { return; }
        refuse_token(api, asker, read.error());
      });
}

void sign_in_by_token(Api& api, Call& call) {
  const auto request = api.read_body<TokenSignInRequest>(call);
  if (!request) { return; }
  if (api.options().sign_in_keys == nullptr) { return api.refuse(call, "sign_in_off"); }
  exchange_token(api, call, std::make_shared<const std::string>(request->id_token.view()), true);
}

}  // namespace

void respond_fan_session(Api& api, const Asker& asker, std::string_view external_id,
                         const Standing& standing) {
  const FanSession session{api.credentials().person_of(external_id),
                           api.now() + api.options().fan_session, standing};
  api.respond(asker, 201,
              FanSessionMade{api.credentials().mint_fan_token(session), session.person_id,
                             session.expires_at});
}

void add_fan_session_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/fan-sessions",
              .operation_id = "makeFanSession",
              .tag = "access",
              .summary = "A session token for a fan, named by the brand's own id",
              .auth = Auth::server,
              .handle = &make_fan_session,
              .success = 201,
              .request_schema = &body_schema_of<FanSessionRequest>,
              .response_schema = &answer_schema_of<FanSessionMade>,
              .request_example =
                  R"({"person":"user-81234","groups":["club"],"region":"shanghai",)"
                  R"("member_since":"2024-05-01T00:00:00.000Z","household":"hh-4711","risk":10})",
              .response_example = kFanSessionExample});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/fan-sessions/exchange",
              .operation_id = "exchangeToken",
              .tag = "access",
              .summary = "A session token for the fan whom a token of the shop's sign-in names",
              .rate_limited = true,
              .handle = &sign_in_by_token,
              .success = 201,
              .request_schema = &body_schema_of<TokenSignInRequest>,
              .response_schema = &answer_schema_of<FanSessionMade>,
              .request_example =
                  R"({"id_token":"eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJ1In0.c2lnbmVk"})",
              .response_example = kFanSessionExample,
              .problems = {"sign_in_off", "sign_in_keys_missing", "id_token_refused"}});
}

}  // namespace firebrand
