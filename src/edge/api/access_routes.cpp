#include <array>
#include <memory>

#include "core/access/access.hpp"
#include "core/access/queries.hpp"
#include "edge/api/agent_words.hpp"
#include "edge/api/api.hpp"
#include "edge/api/cookies.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/api/staff_check.hpp"

namespace firebrand {

namespace {

struct SignInRequest {
  static constexpr std::string_view kName = "sign_in_request";
  static constexpr std::string_view kDoc = "Login and password of a member of staff.";
  Text<kLoginBytesMax> login{};
  Text<kPasswordBytesMax> password{};
  Text<kTypedCodeBytesMax> code{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "login", self.login, From::body, Rule{.min = 1}, "Name to sign in with.");
    field(2, "password", self.password, From::body, Rule{.min = 1}, "The password.");
    field(3, "code", self.code, From::body, Rule{.presence = Presence::optional},
          "Where a second factor is on: what the authenticator app shows, or a recovery code.");
  }
};

struct SetupRequest {
  static constexpr std::string_view kName = "setup_request";
  static constexpr std::string_view kDoc = "Makes the owner of a new installation.";
  Text<64> token{};
  Text<kLoginBytesMax> login{};
  Text<kPasswordBytesMax> password{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "token", self.token, From::body, Rule{.min = 1},
          "From the one-time sign-in link that the program prints at its first start.");
    field(2, "login", self.login, From::body, Rule{.min = 1}, "Name to sign in with.");
    field(3, "password", self.password, From::body, Rule{.min = 1}, "At least 10 characters.");
  }
};

/// How it is with the second factor of who is signed in.
enum class FactorState : std::uint8_t {
  off = 0,
  on = 1,
  required = 2,  ///< There is none, and nothing else opens until there is.
};

struct StaffSession {
  static constexpr std::string_view kName = "staff_session";
  static constexpr std::string_view kDoc = "Who is signed in.";
  StaffId staff_id{};
  Text<kLoginBytesMax> login{};
  StaffRole role{};
  FactorState second_factor{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "staff_id", self.staff_id, From::body, Rule{}, "Who.");
    field(2, "login", self.login, From::body, Rule{}, "Name to sign in with.");
    field(3, "role", self.role, From::body, Rule{}, "What they may do.");
    field(4, "second_factor", self.second_factor, From::body, Rule{},
          "Whether sign-in asks for a code; required: set one up first, nothing else opens.");
  }
};

struct AddApiKeyRequest {
  static constexpr std::string_view kName = "add_api_key_request";
  static constexpr std::string_view kDoc = "A new key for one of the brand's servers.";
  Text<kLoginBytesMax> name{};
  List<ApiScope, kApiScopes> scopes{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "name", self.name, From::body, Rule{.min = 1}, "What the key is for.");
    field(2, "scopes", self.scopes, From::body, Rule{.presence = Presence::optional},
          "What it may be used for; none: everything.");
  }
};

struct ApiKeyRotation {
  static constexpr std::string_view kName = "api_key_rotation";
  static constexpr std::string_view kDoc = "A key with a new secret; its text is shown this once.";
  ApiKeyId api_key_id{};
  Text<128> key{};
  Timestamp old_until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key's id.");
    field(2, "key", self.key, From::body, Rule{},
          "The key with its new secret: keep it, it is not shown again.");
    field(3, "old_until", self.old_until, From::body, Rule{}, "How long the old secret opens too.");
  }
};

struct ApiKeyMade {
  static constexpr std::string_view kName = "api_key_made";
  static constexpr std::string_view kDoc = "A new key; its text is shown this once.";
  ApiKeyId api_key_id{};
  Text<128> key{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key's id.");
    field(2, "key", self.key, From::body, Rule{},
          "The key itself: keep it, it is not shown again.");
  }
};

struct ListedApiKey {
  static constexpr std::string_view kName = "api_key";
  static constexpr std::string_view kDoc = "A key of one of the brand's servers.";
  ApiKeyId api_key_id{};
  Text<kLoginBytesMax> name{};
  ApiKeyState state{};
  Timestamp created_at{};
  List<ApiScope, kApiScopes> scopes{};
  Timestamp old_until{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key.");
    field(2, "name", self.name, From::body, Rule{}, "What it is for.");
    field(3, "state", self.state, From::body, Rule{}, "Whether it still opens anything.");
    field(4, "created_at", self.created_at, From::body, Rule{}, "When it was made.");
    field(5, "scopes", self.scopes, From::body, Rule{},
          "What it may be used for; none: everything.");
    field(6, "old_until", self.old_until, From::body,
          Rule{.min = 1, .presence = Presence::optional},
          "Until when its secret before opens too; null if that one opens nothing.");
  }
};

struct ApiKeyReference {
  static constexpr std::string_view kName = "api_key_reference";
  static constexpr std::string_view kDoc = "Names a key.";
  ApiKeyId api_key_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "api_key_id", self.api_key_id, From::body, Rule{}, "The key.");
  }
};

/// Text of Set-Cookie. The one that ends the session has the same attributes.
std::string set_session_cookie(Api& api, std::string_view secret, std::int32_t seconds) {
  std::string cookie(kSessionCookie);
  cookie.append("=").append(secret).append("; HttpOnly; SameSite=Strict; Path=/; Max-Age=");
  cookie += std::to_string(seconds);
  if (api.options().secure_cookies) { cookie += "; Secure"; }
  return cookie;
}

FactorState factor_state(Api& api, bool is_on) {
  if (is_on) { return FactorState::on; }
  return api.options().second_factor_required ? FactorState::required : FactorState::off;
}

/// Opens a session and answers who is signed in.
/// @param open  All but the cookie and how long it holds.
void respond_signed_in(Api& api, const Asker& asker, const StaffSession& session,
                       OpenSession open) {
  const Bytes<32> secret = Credentials::random_secret();
  open.staff_id = session.staff_id;
  open.secret_hash = Credentials::hash_secret(secret);
  open.seconds = api.options().staff_session_seconds;
  api.ask(asker, open, [&api, asker, session, secret](const AnswerHead& answer) {
    if (api.refuse_common(asker, answer)) { return; }
    const auto result = decode<OpenSessionResult>(answer.result());
    FB_ASSERT(result.has_value());
    // Removed since the password was looked at: the same answer as to a login that is not there.
    if (result->status == OpenSessionStatus::staff_not_found) {
      return api.refuse(asker, "wrong_login_or_password");
    }
    if (result->status != OpenSessionStatus::opened) {
      return api.refuse(asker, enum_name(result->status));
    }
    const std::string cookie = set_session_cookie(api, Credentials::secret_text(secret),
                                                  api.options().staff_session_seconds);
    const std::array headers = {HttpField{"Set-Cookie", cookie}};
    api.respond(asker, 200, session, headers);
  });
}

Text<kAgentBytesMax> agent_of(const Call& call) {
  return std::string_view(agent_words(call.http.header("User-Agent")));
}

void sign_in(Api& api, Call& call) {
  const auto request = api.read_body<SignInRequest>(call);
  if (!request) { return; }
  const Asker asker = call;
  check_staff(api, asker, {request->login, request->password, request->code}, StaffCheck::sign_in,
              [&api, asker, login = request->login, agent = agent_of(call)](
                  const FindStaffResult& staff, const FactorCode& code) {
                const bool is_on = staff.second_factor_version != 0;
                respond_signed_in(api, asker,
                                  {staff.staff_id, login, staff.role, factor_state(api, is_on)},
                                  OpenSession{.second_factor_step = code.step,
                                              .recovery_code = code.recovery_code,
                                              .agent = agent});
              });
}

void set_up(Api& api, Call& call) {
  const auto request = api.read_body<SetupRequest>(call);
  if (!request) { return; }
  const auto secret = Credentials::read_secret(request->token.view());
  if (!secret || !api.options().setup_hash ||
      Credentials::hash_secret(*secret) != *api.options().setup_hash) {
    return api.refuse(call, api.options().setup_hash ? "setup_token_wrong" : "setup_done");
  }
  // The link works once, also for two at the same time.
  const auto claim = api.claim_setup();
  if (claim == nullptr) { return api.refuse(call, "overloaded"); }
  add_member(api, call, {.login = request->login, .password = request->password}, StaffRole::owner,
             [&api, login = request->login, agent = agent_of(call), claim](const Asker& asker,
                                                                           StaffId id) {
               api.options().setup_hash.reset();
               respond_signed_in(api, asker,
                                 {id, login, StaffRole::owner, factor_state(api, false)},
                                 OpenSession{.agent = agent});
             });
}

void sign_out(Api& api, Call& call) {
  const auto secret = session_of(call.http);
  if (!secret) { return api.refuse(call, "unauthenticated"); }
  const Asker asker = call;
  api.ask(asker, CloseSession{*secret}, [&api, asker, secret](const AnswerHead& answer) {
    if (api.refuse_common(asker, answer)) { return; }
    api.session_ended(*secret);
    const std::string cookie = set_session_cookie(api, {}, 0);
    const std::array headers = {HttpField{"Set-Cookie", cookie}};
    api.respond_json(asker, 200, R"({"signed_out":true})", headers);
  });
}

void who_am_i(Api& api, Call& call) {
  with_session(api, call, [&api](const Asker& asker, const FindSessionResult& me) {
    api.respond(asker, 200,
                StaffSession{me.staff_id, me.login, me.role, factor_state(api, me.second_factor)});
  });
}

void add_api_key(Api& api, Call& call) {
  const auto request = api.read_body<AddApiKeyRequest>(call);
  if (!request) { return; }
  std::uint32_t scopes = 0;
  for (const ApiScope scope : request->scopes) { scopes |= 1U << static_cast<unsigned>(scope); }
  const Bytes<32> secret = Credentials::random_secret();
  api.change<AddApiKeyResult>(
      call, AddApiKey{request->name, Credentials::hash_secret(secret), scopes},
      [&api, secret](const Asker& asker, const AddApiKeyResult& result) {
        const std::string key = Credentials::api_key_text(result.api_key_id, secret);
        api.respond_outcome(asker, result.status, 201,
                            ApiKeyMade{result.api_key_id, std::string_view(key)});
      });
}

/// @param grant  Null if it has none.
ListedApiKey listed(const ApiKeyRecord& key, const ApiKeyGrant* grant, Timestamp now) {
  ListedApiKey listed{.api_key_id = key.api_key_id,
                      .name = key.name,
                      .state = key.state,
                      .created_at = key.created_at};
  if (grant == nullptr) { return listed; }
  for (std::size_t i = 0; i < kApiScopes; ++i) {
    if (((grant->scopes >> i) & 1U) != 0) { listed.scopes.push_back(static_cast<ApiScope>(i)); }
  }
  if (key.state == ApiKeyState::active && now < grant->old_until) {
    listed.old_until = grant->old_until;
  }
  return listed;
}

void list_api_keys(Api& api, Call& call) {
  const auto page = read_page(api, call, kPageQuery);
  if (!page) { return; }
  api.read_records(
      call,
      [before = page->before, limit = page->limit](const RecordsReader& records) {
        return records.api_keys({before}, limit + 1);
      },
      [&api, asker = Asker(call), page = *page](const std::vector<ApiKeyRecord>& keys,
                                                LogOffset position) {
        const Timestamp now = api.now();
        respond_page(
            api, asker, keys, page, position,
            [](const ApiKeyRecord& key) { return key.api_key_id.value; },
            [&](JsonWriter& json, const ApiKeyRecord& key) {
              json.value(listed(key, api.grant_of(key.api_key_id), now));
            });
      });
}

void revoke_api_key(Api& api, Call& call) {
  RevokeApiKey command;
  if (!api.read_path(call, command, "api_key_id", call.path[0], "api_key_not_found")) { return; }
  api.change<RevokeApiKeyResult>(
      call, command,
      [&api, id = command.api_key_id](const Asker& asker, const RevokeApiKeyResult& result) {
        api.respond_outcome(asker, result.status, 200, ApiKeyReference{id});
      });
}

void rotate_api_key(Api& api, Call& call) {
  auto command = api.read_body<RotateApiKey>(call);
  if (!command) { return; }
  if (!api.read_path(call, *command, "api_key_id", call.path[0], "api_key_not_found")) { return; }
  const Bytes<32> secret = Credentials::random_secret();
  command->secret_hash = Credentials::hash_secret(secret);
  api.change<RotateApiKeyResult>(call, *command,
                                 [&api, secret, id = command->api_key_id](
                                     const Asker& asker, const RotateApiKeyResult& result) {
                                   const std::string key = Credentials::api_key_text(id, secret);
                                   api.respond_outcome(
                                       asker, result.status, 200,
                                       ApiKeyRotation{id, std::string_view(key), result.old_until});
                                 });
}

std::string signed_out_schema() {
  return R"({"type":"object","required":["signed_out"],"properties":{"signed_out":)"
         R"({"type":"boolean"}}})";
}

constexpr char kSessionExample[] =
    R"({"staff_id":"staff_1","login":"owner","role":"owner","second_factor":"on"})";

}  // namespace

void add_access_routes(Router& router) {
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/staff/setup",
       .operation_id = "setUp",
       .tag = "access",
       .summary = "Make the owner of a new installation, by the one-time link",
       .reach = Reach::change,
       .handle = &set_up,
       .request_schema = &body_schema_of<SetupRequest>,
       .response_schema = &answer_schema_of<StaffSession>,
       .request_example =
           R"({"token":"5f2b8d0e7c9a41635f2b8d0e7c9a41635f2b8d0e7c9a41635f2b8d0e7c9a4163",)"
           R"("login":"owner","password":"a sentence to remember"})",
       .response_example = kSessionExample,
       .outcomes = &outcomes_of<AddStaffStatus>,
       .problems = {"setup_token_wrong", "setup_done", "password_too_short", "sessions_full"},
       .sets_cookie = true});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/staff/sign-in",
              .operation_id = "signIn",
              .tag = "access",
              .summary = "Sign in as staff; the session comes as a cookie",
              .reach = Reach::change,
              .handle = &sign_in,
              .request_schema = &body_schema_of<SignInRequest>,
              .response_schema = &answer_schema_of<StaffSession>,
              .request_example =
                  R"({"login":"owner","password":"a sentence to remember","code":"123456"})",
              .response_example = kSessionExample,
              .problems = {"wrong_login_or_password", "second_factor_needed", "second_factor_wrong",
                           "second_factor_used", "too_many_sign_ins", "sessions_full"},
              .sets_cookie = true});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/staff/sign-out",
              .operation_id = "signOut",
              .tag = "access",
              .summary = "End the session",
              .auth = Auth::staff,
              .roles = kAllRoles,
              .before_second_factor = true,
              .reach = Reach::change,
              .handle = &sign_out,
              .response_schema = &signed_out_schema,
              .response_example = R"({"signed_out":true})",
              .sets_cookie = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/staff/me",
              .operation_id = "whoAmI",
              .tag = "access",
              .summary = "Who is signed in",
              .auth = Auth::staff,
              .roles = kAllRoles,
              .before_second_factor = true,
              .reach = Reach::reading,
              .handle = &who_am_i,
              .response_schema = &answer_schema_of<StaffSession>,
              .response_example = kSessionExample});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/api-keys",
              .operation_id = "addApiKey",
              .tag = "access",
              .summary = "Make a key for one of the brand's servers; shown once",
              .auth = Auth::staff,
              .roles = roles({}),
              .reach = Reach::change,
              .handle = &add_api_key,
              .success = 201,
              .request_schema = &body_schema_of<AddApiKeyRequest>,
              .response_schema = &answer_schema_of<ApiKeyMade>,
              .request_example = R"({"name":"shop backend","scopes":["buying","sessions"]})",
              .response_example =
                  R"({"api_key_id":"key_1","key":)"
                  R"("fbk_1_5f2b8d0e7c9a41635f2b8d0e7c9a41635f2b8d0e7c9a41635f2b8d0e7c9a4163"})",
              .outcomes = &outcomes_of<AddApiKeyStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/api-keys",
              .operation_id = "listApiKeys",
              .tag = "access",
              .summary = "Keys, newest first, without their secrets",
              .auth = Auth::staff,
              .roles = roles({}),
              .reach = Reach::reading,
              .handle = &list_api_keys,
              .response_schema = &page_schema_of<ListedApiKey>,
              .response_example =
                  page_example(R"({"api_key_id":"key_1","name":"shop backend","state":"active",)"
                               R"("created_at":"2026-11-01T09:00:00.000Z",)"
                               R"("scopes":["buying","sessions"],"old_until":null})"),
              .query = kPageQuery});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/api-keys/{api_key_id}/revoke",
              .operation_id = "revokeApiKey",
              .tag = "access",
              .summary = "End a key for good",
              .auth = Auth::staff,
              .roles = roles({}),
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<RevokeApiKey>,
              .reach = Reach::change,
              .handle = &revoke_api_key,
              .response_schema = &answer_schema_of<ApiKeyReference>,
              .response_example = R"({"api_key_id":"key_1"})",
              .outcomes = &outcomes_of<RevokeApiKeyStatus>});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/api-keys/{api_key_id}/rotate",
              .operation_id = "rotateApiKey",
              .tag = "access",
              .summary = "Give a key a new secret; the old one opens too for a while",
              .auth = Auth::staff,
              .roles = roles({}),
              .reach = Reach::change,
              .handle = &rotate_api_key,
              .request_schema = &body_schema_of<RotateApiKey>,
              .response_schema = &answer_schema_of<ApiKeyRotation>,
              .request_example = R"({"overlap_seconds":86400})",
              .response_example =
                  R"({"api_key_id":"key_1","key":)"
                  R"("fbk_1_5f2b8d0e7c9a41635f2b8d0e7c9a41635f2b8d0e7c9a41635f2b8d0e7c9a4163",)"
                  R"("old_until":"2026-11-22T20:00:00.000Z"})",
              .outcomes = &outcomes_of<RotateApiKeyStatus>});
}

}  // namespace firebrand
