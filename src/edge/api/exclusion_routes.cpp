#include <algorithm>
#include <utility>
#include <vector>

#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

/// Who is kept out of a drop: said by staff, listed for everybody, and told to the person.
namespace firebrand {

namespace {

/// A line of the public list.
struct PublicExclusion {
  static constexpr std::string_view kName = "public_exclusion";
  static constexpr std::string_view kDoc = "Somebody who is kept out of a drop, named by nobody.";
  Hash256 exclusion_hash{};
  ExclusionReason reason{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "exclusion_hash", self.exclusion_hash, From::body, Rule{},
          "Salted: whoever it is finds themselves here by it, and nobody else does.");
    field(2, "reason", self.reason, From::body, Rule{}, "Why.");
  }
};

/// What people see of themselves.
struct OwnExclusion {
  static constexpr std::string_view kName = "own_exclusion";
  static constexpr std::string_view kDoc = "Whether one is kept out of a drop oneself.";
  DropId drop_id{};
  bool excluded = false;
  ExclusionReason reason{};
  Hash256 exclusion_hash{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "excluded", self.excluded, From::body, Rule{}, "Whether one may not buy in it.");
    field(3, "reason", self.reason, From::body, Rule{}, "If excluded: why.");
    field(4, "exclusion_hash", self.exclusion_hash, From::body, Rule{},
          "What the public list says of this person, or would.");
  }
};

struct ExclusionReference {
  static constexpr std::string_view kName = "exclusion_reference";
  static constexpr std::string_view kDoc = "Names the drop of an exclusion.";
  DropId drop_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
  }
};

void exclude(Api& api, Call& call) {
  auto command = api.read_body<ExcludeFromDrop>(call);
  if (!command || !api.read_path(call, *command, "drop_id", call.path[0], "drop_not_found")) {
    return;
  }
  api.change<ExcludeFromDropResult>(
      call, *command,
      [&api, id = command->drop_id](const Asker& asker, const ExcludeFromDropResult& result) {
        api.respond_outcome(asker, result.status, 200, ExclusionReference{id});
      });
}

void list_exclusions(Api& api, Call& call) {
  const auto id = parse_id<DropId>(call.path[0]);
  if (!id || !api.pages().has(*id)) { return api.refuse(call, "drop_not_found"); }
  if (api.pages().exclusions(*id) == nullptr) {
    std::vector<PublicExclusion> list;
    for (const DropExcluded& entry : api.pages().view(*id).excluded) {
      list.push_back({api.credentials().exclusion_hash(*id, entry.person_id), entry.reason});
    }
    // In an order that says nothing of when it was done.
    std::ranges::sort(list, {}, &PublicExclusion::exclusion_hash);
    api.pages().keep_exclusions(
        *id, page_json({}, list.size(), std::nullopt, api.pages().offset(*id),
                       [&](JsonWriter& json, std::size_t i) { json.value(list[i]); }));
  }
  api.responder().respond_prepared(call.token, api.pages().exclusions(*id),
                                   call.http.header(HttpHeader::if_none_match));
}

void get_own(Api& api, Call& call) {
  const auto id = parse_id<DropId>(call.path[0]);
  if (!id || !api.pages().has(*id)) { return api.refuse(call, "drop_not_found"); }
  OwnExclusion own{.drop_id = *id,
                   .exclusion_hash = api.credentials().exclusion_hash(*id, call.person_id)};
  const auto& list = api.pages().view(*id).excluded;
  const auto found = std::ranges::find(list, call.person_id, &DropExcluded::person_id);
  if (found != list.end()) {
    own.excluded = true;
    own.reason = found->reason;
  }
  api.respond(call, 200, own);
}

std::string list_schema() { return page_schema_of<PublicExclusion>(); }

constexpr char kLineExample[] =
    R"({"exclusion_hash":"bb8e1c70a41a4bd9c12ba1fd5dcd6a6a9d1fd3d5d4b35bcb2f2f4f8d8a1ec0a4",)"
    R"("reason":"reseller"})";
constexpr char kOwnExample[] =
    R"({"drop_id":"drop_1","excluded":true,"reason":"reseller","exclusion_hash":)"
    R"("bb8e1c70a41a4bd9c12ba1fd5dcd6a6a9d1fd3d5d4b35bcb2f2f4f8d8a1ec0a4"})";

}  // namespace

void add_exclusion_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/exclusions",
              .operation_id = "excludeFromDrop",
              .tag = "drops",
              .summary = "Keep somebody out, before the drop opens and for a reason",
              .auth = Auth::server_or_staff,
              .roles = roles({StaffRole::marketer}),
              .reach = Reach::change,
              .handle = &exclude,
              .request_schema = &body_schema_of<ExcludeFromDrop>,
              .response_schema = &answer_schema_of<ExclusionReference>,
              .request_example = R"({"person_id":"per_42","reason":"reseller"})",
              .response_example = R"({"drop_id":"drop_1"})",
              .outcomes = &outcomes_of<ExcludeFromDropStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/exclusions",
              .operation_id = "listExclusions",
              .tag = "drops",
              .summary = "All who are kept out of a drop, by salted hash and with the reason",
              .handle = &list_exclusions,
              .response_schema = &list_schema,
              .response_example = page_example(kLineExample),
              .problems = {"drop_not_found"},
              .has_etag = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/exclusion",
              .operation_id = "getOwnExclusion",
              .tag = "drops",
              .summary = "Whether one is kept out oneself, why, and one's line in the list",
              .auth = Auth::fan,
              .reach = Reach::reading,
              .handle = &get_own,
              .response_schema = &answer_schema_of<OwnExclusion>,
              .response_example = kOwnExample,
              .problems = {"drop_not_found"}});
}

}  // namespace firebrand
