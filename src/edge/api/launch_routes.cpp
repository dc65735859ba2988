#include "core/launch/launches.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

struct LaunchReference {
  static constexpr std::string_view kName = "launch_reference";
  static constexpr std::string_view kDoc = "Names a launch.";
  LaunchId launch_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "launch_id", self.launch_id, From::body, Rule{}, "The launch.");
  }
};

void create_launch(Api& api, Call& call) {
  const auto command = api.read_body<CreateLaunch>(call);
  if (!command) { return; }
  api.change<CreateLaunchResult>(
      call, *command, [&api](const Asker& asker, const CreateLaunchResult& result) {
        api.respond_outcome(asker, result.status, 201, LaunchReference{result.launch_id});
      });
}

void list_launches(Api& api, Call& call) {
  const auto page = read_page(api, call, kPageQuery);
  if (!page) { return; }
  respond_list(
      api, call, *page,
      [before = page->before, limit = page->limit](const RecordsReader& records) {
        return records.launches({before}, limit + 1);
      },
      [](const LaunchRecord& launch) { return launch.launch_id.value; });
}

}  // namespace

void add_launch_routes(Router& router) {
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/launches",
       .operation_id = "createLaunch",
       .tag = "launches",
       .summary = "Create a launch",
       .auth = Auth::staff,
       .roles = roles({StaffRole::marketer}),
       .repeatable = Repeatable::accepted,
       .operation = kNumberOf<CreateLaunch>,
       .reach = Reach::change,
       .handle = &create_launch,
       .success = 201,
       .request_schema = &body_schema_of<CreateLaunch>,
       .response_schema = &answer_schema_of<LaunchReference>,
       .request_example =
           R"({"code":"first-phone","name":{"zh":"第一手机首发","en":"First Phone launch"}})",
       .response_example = R"({"launch_id":"launch_1"})",
       .outcomes = &outcomes_of<CreateLaunchStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/launches",
              .operation_id = "listLaunches",
              .tag = "launches",
              .summary = "Launches, newest first",
              .auth = Auth::staff,
              .roles = kAllRoles,
              .reach = Reach::reading,
              .handle = &list_launches,
              .response_schema = &page_schema_of<LaunchRecord>,
              .response_example =
                  page_example(R"({"launch_id":"launch_1","code":"first-phone",)"
                               R"("name":{"zh":"第一手机首发","en":"First Phone launch"}})"),
              .query = kPageQuery});
}

}  // namespace firebrand
