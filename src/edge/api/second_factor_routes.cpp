#include <string>
#include <utility>

#include "core/access/access.hpp"
#include "core/access/queries.hpp"
#include "edge/api/api.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/api/staff_check.hpp"
#include "edge/protocols/totp.hpp"

namespace firebrand {

namespace {

/// Under what an authenticator app lists the code.
constexpr std::string_view kIssuer = "firebrand";
/// Room for totp_uri() of any login: each byte of it takes three.
constexpr std::size_t kUriBytesMax = 128 + 3 * kLoginBytesMax;

struct SecondFactorSecret {
  static constexpr std::string_view kName = "second_factor_secret";
  static constexpr std::string_view kDoc = "What an authenticator app makes codes of.";
  Text<32> secret{};
  Text<kUriBytesMax> uri{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "secret", self.secret, From::body, Rule{}, "In base32, to type in.");
    field(2, "uri", self.uri, From::body, Rule{}, "The same as an otpauth address: a QR code's.");
  }
};

struct ConfirmRequest {
  static constexpr std::string_view kName = "confirm_second_factor_request";
  static constexpr std::string_view kDoc = "Shows that the app makes the right codes.";
  Text<kTypedCodeBytesMax> code{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code", self.code, From::body, Rule{.min = 1}, "What the app shows now.");
  }
};

struct RecoveryCodes {
  static constexpr std::string_view kName = "recovery_codes";
  static constexpr std::string_view kDoc = "For the day on which the device is lost.";
  List<RecoveryCode, kRecoveryCodes> recovery_codes{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "recovery_codes", self.recovery_codes, From::body, Rule{},
          "Each signs in once instead of the app: keep them, they are not shown again.");
  }
};

struct RemoveRequest {
  static constexpr std::string_view kName = "remove_second_factor_request";
  static constexpr std::string_view kDoc = "Ends your own second factor.";
  Text<kPasswordBytesMax> password{};
  Text<kTypedCodeBytesMax> code{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "password", self.password, From::body, Rule{.min = 1}, "Your password.");
    field(2, "code", self.code, From::body, Rule{.min = 1},
          "What the app shows now, or a recovery code.");
  }
};

void prepare(Api& api, Call& call) {
  with_session(api, call, [&api](const Asker& asker, const FindSessionResult& me) {
    api.change<PrepareSecondFactorResult>(
        asker, PrepareSecondFactor{me.staff_id},
        [&api, id = me.staff_id, login = me.login](const Asker& answered,
                                                   const PrepareSecondFactorResult& result) {
          const std::string secret = api.credentials().totp_secret(id, result.version);
          const std::string text = to_base32(secret);
          const std::string uri = totp_uri(kIssuer, login.view(), secret);
          api.respond_outcome(answered, result.status, 200,
                              SecondFactorSecret{std::string_view(text), std::string_view(uri)});
        });
  });
}

void confirm(Api& api, Call& call) {
  const auto request = api.read_body<ConfirmRequest>(call);
  if (!request) { return; }
  const auto secret = session_of(call.http);
  FB_ASSERT(secret.has_value());  // It opened the route.
  const Asker asker = call;
  api.ask(asker, FindSecondFactor{{call.actor.id}},
          [&api, asker, request, secret](const AnswerHead& answer) {
            if (api.refuse_common(asker, answer)) { return; }
            const auto found = decode<FindSecondFactorResult>(answer.result());
            FB_ASSERT(found.has_value());
            const SecondFactor& factor = found->second_factor;
            if (found->status != FindStatus::found) { return api.refuse(asker, "version_stale"); }
            if (factor.active) { return api.refuse(asker, "second_factor_active"); }
            const auto code =
                read_factor_code(api.credentials(), factor, request->code.view(), api.now());
            if (!code || code->step == 0) { return api.refuse(asker, "second_factor_wrong"); }
            api.change<ConfirmSecondFactorResult>(
                asker, ConfirmSecondFactor{factor.staff_id, factor.version, code->step, *secret},
                [&api, factor](const Asker& answered, const ConfirmSecondFactorResult& result) {
                  if (result.status == ConfirmSecondFactorStatus::confirmed) {
                    api.sessions_changed();
                  }
                  RecoveryCodes codes;
                  for (std::uint32_t number = 1; number <= kRecoveryCodes; ++number) {
                    codes.recovery_codes.push_back(
                        api.credentials().recovery_code(factor.staff_id, factor.version, number));
                  }
                  api.respond_outcome(answered, result.status, 200, codes);
                });
          });
}

void remove_factor(Api& api, const Asker& asker, StaffId id) {
  api.change<RemoveSecondFactorResult>(
      asker, RemoveSecondFactor{id},
      [&api, id](const Asker& answered, const RemoveSecondFactorResult& result) {
        if (result.status == RemoveSecondFactorStatus::removed) { api.sessions_changed(id); }
        api.respond_outcome(answered, result.status, 200, StaffReference{id});
      });
}

void remove_own(Api& api, Call& call) {
  const auto request = api.read_body<RemoveRequest>(call);
  if (!request) { return; }
  with_session(api, call, [&api, request](const Asker& asker, const FindSessionResult& me) {
    check_staff(api, asker, {me.login, request->password, request->code},
                StaffCheck::password_and_code,
                [&api, asker](const FindStaffResult& staff, const FactorCode&) {
                  remove_factor(api, asker, staff.staff_id);
                });
  });
}

void remove_others(Api& api, Call& call) {
  RemoveSecondFactor command;
  if (!api.read_path(call, command, "staff_id", call.path[0], "staff_not_found")) { return; }
  // Whoever finds an owner's console open must not take the owner's own away.
  if (command.staff_id.value == call.actor.id) { return api.refuse(call, "forbidden"); }
  remove_factor(api, call, command.staff_id);
}

}  // namespace

void add_second_factor_routes(Router& router) {
  const auto add = [&](std::string_view pattern, std::string_view operation_id,
                       std::string_view summary, void (*handle)(Api&, Call&), auto more) {
    Route route{.method = HttpMethod::post,
                .pattern = pattern,
                .operation_id = operation_id,
                .tag = "staff",
                .summary = summary,
                .auth = Auth::staff,
                .roles = kAllRoles,
                .reach = Reach::change,
                .handle = handle,
                .response_schema = &answer_schema_of<StaffReference>,
                .response_example = R"({"staff_id":"staff_2"})",
                .outcomes = &outcomes_of<RemoveSecondFactorStatus>};
    more(route);
    router.add(std::move(route));
  };
  add("/v1/staff/me/second-factor", "prepareSecondFactor",
      "Begin with a second factor: the secret for an authenticator app", &prepare,
      [](Route& route) {
        route.before_second_factor = true;
        route.response_schema = &answer_schema_of<SecondFactorSecret>;
        route.response_example =
            R"({"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","uri":)"
            R"("otpauth://totp/wang?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=firebrand"})";
        route.outcomes = &outcomes_of<PrepareSecondFactorStatus>;
      });
  add("/v1/staff/me/second-factor/confirm", "confirmSecondFactor",
      "Turn the second factor on by a code of the app; recovery codes are shown once", &confirm,
      [](Route& route) {
        route.before_second_factor = true;
        route.request_schema = &body_schema_of<ConfirmRequest>;
        route.request_example = R"({"code":"123456"})";
        route.response_schema = &answer_schema_of<RecoveryCodes>;
        route.response_example =
            R"({"recovery_codes":["QM4TK-7ZPLA","3XW5D-HNRYE","BGT2V-6SCJO","K7ULM-4QFZI",)"
            R"("WD5RN-XA3HP","2YCVB-OJT6S","LE4GZ-M7KQU","FI3PX-5NWRD","6HAYT-C2VBJ",)"
            R"("SO7QK-LUZ4G"]})";
        route.outcomes = &outcomes_of<ConfirmSecondFactorStatus>;
        route.problems = {"second_factor_wrong"};
      });
  add("/v1/staff/me/second-factor/remove", "removeOwnSecondFactor", "Turn your second factor off",
      &remove_own, [](Route& route) {
        route.request_schema = &body_schema_of<RemoveRequest>;
        route.request_example = R"({"password":"a sentence to remember","code":"123456"})";
        route.problems = {"password_wrong", "second_factor_wrong", "second_factor_used",
                          "too_many_sign_ins"};
      });
  add("/v1/staff/{staff_id}/remove-second-factor", "removeSecondFactor",
      "Turn off the second factor of a member who has lost the device", &remove_others,
      [](Route& route) { route.roles = roles({}); });
}

}  // namespace firebrand
