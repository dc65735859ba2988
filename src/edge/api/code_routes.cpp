#include <algorithm>
#include <array>

#include "base/whole_number.hpp"
#include "core/launch/codes.hpp"
#include "core/launch/queries.hpp"
#include "edge/api/api.hpp"
#include "edge/api/code_text.hpp"
#include "edge/api/pages.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

/// Codes in one answer: about 3 MB, made in a fraction of a second in the pool.
constexpr std::int64_t kCodesPerAnswerMax = 100'000;

constexpr Roles kManage = roles({StaffRole::marketer});
constexpr Roles kWatch = roles({StaffRole::marketer, StaffRole::analyst});

struct CodeBatchReference {
  static constexpr std::string_view kName = "code_batch_reference";
  static constexpr std::string_view kDoc = "Names a batch of codes.";
  CodeBatchId code_batch_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code_batch_id", self.code_batch_id, From::body, Rule{}, "The batch.");
  }
};

struct CodeToRevoke {
  static constexpr std::string_view kName = "code_to_revoke";
  static constexpr std::string_view kDoc = "A code as people write it.";
  Text<kCodeInputBytesMax> code{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code", self.code, From::body, Rule{.min = 1}, "The code.");
  }
};

void create_batch(Api& api, Call& call) {
  auto command = api.read_body<CreateCodeBatch>(call);
  if (!command) { return; }
  if (!api.read_path(call, *command, "drop_id", call.path[0], "drop_not_found")) { return; }
  api.change<CreateCodeBatchResult>(
      call, *command, [&api](const Asker& asker, const CreateCodeBatchResult& result) {
        api.respond_outcome(asker, result.status, 201, CodeBatchReference{result.code_batch_id});
      });
}

void revoke_batch(Api& api, Call& call) {
  RevokeCodeBatch command;
  if (!api.read_path(call, command, "code_batch_id", call.path[0], "code_batch_not_found")) {
    return;
  }
  api.change<RevokeCodeBatchResult>(
      call, command,
      [&api, id = command.code_batch_id](const Asker& asker, const RevokeCodeBatchResult& result) {
        api.respond_outcome(asker, result.status, 200, CodeBatchReference{id});
      });
}

void revoke_code(Api& api, Call& call) {
  const auto body = api.read_body<CodeToRevoke>(call);
  if (!body) { return; }
  const auto place = api.credentials().read_code(body->code.view());
  if (!place) { return api.refuse(call, "code_not_found"); }
  api.change<RevokeCodeResult>(
      call, RevokeCode{place->code_batch_id, place->code_index},
      [&api, id = place->code_batch_id](const Asker& asker, const RevokeCodeResult& result) {
        api.respond_outcome(asker, result.status, 200, CodeBatchReference{id});
      });
}

/// Asks the engine for the batch in the path; answers the problem itself if there is none.
template <class Then>
void with_batch(Api& api, const Call& call, Then then) {
  FindCodeBatch query;
  if (!api.read_path(call, query, "code_batch_id", call.path[0], "code_batch_not_found")) {
    return;
  }
  const Asker asker = call;
  api.ask(asker, query, [&api, asker, then](const AnswerHead& answer) {
    if (api.refuse_common(asker, answer)) { return; }
    const auto result = decode<FindCodeBatchResult>(answer.result());
    FB_ASSERT(result.has_value());
    if (result->status != FindCodeBatchStatus::found) {
      return api.refuse(asker, enum_name(result->status));
    }
    then(asker, result->batch);
  });
}

void list_batches(Api& api, Call& call) {
  const auto id = parse_id<DropId>(call.path[0]);
  if (!id || !api.pages().has(*id)) { return api.refuse(call, "drop_not_found"); }
  const auto page = read_page(api, call, kPageQuery);
  if (!page) { return; }
  respond_list(
      api, call, *page,
      [id = *id, before = page->before, limit = page->limit](const RecordsReader& records) {
        return records.code_batches(id, {before}, limit + 1);
      },
      [](const CodeBatchRecord& batch) { return batch.code_batch_id.value; });
}

void find_batch(Api& api, Call& call) {
  with_batch(api, call, [&api](const Asker& asker, const CodeBatchStatus& batch) {
    api.respond(asker, 200, batch);
  });
}

std::string from_schema() { return R"({"type":"integer","minimum":0,"default":0})"; }
std::string limit_schema() {
  return R"({"type":"integer","minimum":1,"maximum":100000,"default":100000})";
}
std::string csv_schema() { return R"({"type":"string"})"; }

constexpr std::array kExportQuery = {
    QueryParameter{"from", &from_schema, "Place of the first code, from 0."},
    QueryParameter{"limit", &limit_schema, "Most codes of this answer."}};

/// A number of the query; the default if it is absent, nothing (and a problem) if it is wrong.
std::optional<std::int64_t> read_number(Api& api, const Call& call, std::string_view name,
                                        std::int64_t min, std::int64_t max, std::int64_t absent) {
  const std::string_view text = query_value(call.http.query, name);
  if (text.empty()) { return absent; }
  std::int64_t number = 0;
  if (read_whole_number(text, number) && number >= min && number <= max) { return number; }
  const std::string bounds = std::to_string(min) + " to " + std::to_string(max);
  refuse_parameter(api, call, name, JsonErrorCode::out_of_range,
                   {"an integer, " + bounds, "整数，" + bounds});
  return std::nullopt;
}

void export_codes(Api& api, Call& call) {
  const auto from = read_number(api, call, "from", 0, kCodesPerBatchMax, 0);
  if (!from) { return; }
  const auto limit = read_number(api, call, "limit", 1, kCodesPerAnswerMax, kCodesPerAnswerMax);
  if (!limit) { return; }
  with_batch(
      api, call,
      [&api, from = *from, limit = *limit](const Asker& asker, const CodeBatchStatus& batch) {
        const std::int64_t end = std::min(from + limit, batch.count);
        api.work(
            asker, WorkKind::read,
            [&credentials = api.credentials(), id = batch.code_batch_id, from, end] {
              return codes_as_csv(credentials, id, from, end);
            },
            [&api, asker](const std::string& csv) {
              const std::array headers = {kNoStore};
              api.responder().respond(
                  asker.token,
                  {.status = 200, .content_type = "text/csv", .headers = headers, .body = csv});
            });
      });
}

constexpr char kReferenceExample[] = R"({"code_batch_id":"batch_1"})";
constexpr char kBatchExample[] =
    R"({"code_batch_id":"batch_1","drop_id":"drop_1","count":1000000,"kind":"transferable",)"
    R"("valid_from":"2026-11-21T20:00:00.000Z","valid_until":"2026-11-22T20:00:00.000Z",)"
    R"("state":"good","used":1200,"sold":900,"revoked":3})";

}  // namespace

void add_code_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/code-batches",
              .operation_id = "createCodeBatch",
              .tag = "codes",
              .summary = "Make codes for the waves of a drop that ask for one",
              .auth = Auth::staff,
              .roles = kManage,
              .repeatable = Repeatable::required,
              .operation = kNumberOf<CreateCodeBatch>,
              .reach = Reach::change,
              .handle = &create_batch,
              .success = 201,
              .request_schema = &body_schema_of<CreateCodeBatch>,
              .response_schema = &answer_schema_of<CodeBatchReference>,
              .request_example = R"({"count":1000000,"kind":"transferable",)"
                                 R"("valid_from":"2026-11-21T20:00:00.000Z",)"
                                 R"("valid_until":"2026-11-22T20:00:00.000Z"})",
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<CreateCodeBatchStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/code-batches",
              .operation_id = "listCodeBatches",
              .tag = "codes",
              .summary = "Batches of codes of a drop, newest first",
              .auth = Auth::staff,
              .roles = kWatch,
              .reach = Reach::reading,
              .handle = &list_batches,
              .response_schema = &page_schema_of<CodeBatchRecord>,
              .response_example =
                  page_example(R"({"code_batch_id":"batch_1","drop_id":"drop_1","count":1000000,)"
                               R"("kind":"transferable","valid_from":"2026-11-21T20:00:00.000Z",)"
                               R"("valid_until":"2026-11-22T20:00:00.000Z"})"),
              .problems = {"drop_not_found"},
              .query = kPageQuery});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/code-batches/{code_batch_id}",
              .operation_id = "getCodeBatch",
              .tag = "codes",
              .summary = "A batch of codes and what it brought",
              .auth = Auth::staff,
              .roles = kWatch,
              .reach = Reach::reading,
              .handle = &find_batch,
              .response_schema = &answer_schema_of<CodeBatchStatus>,
              .response_example = kBatchExample,
              .problems = {"code_batch_not_found"}});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/code-batches/{code_batch_id}/codes",
              .operation_id = "exportCodes",
              .tag = "codes",
              .summary = "The codes themselves as CSV, 100,000 at a time",
              .auth = Auth::staff,
              .roles = kManage,
              .reach = Reach::reading,
              .handle = &export_codes,
              .response_schema = &csv_schema,
              .response_example = "index,code\n7,000100-00EFX2-MK5QZV-N8T3CW\n",
              .problems = {"code_batch_not_found"},
              .response_type = "text/csv",
              .query = kExportQuery});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/code-batches/{code_batch_id}/revoke",
              .operation_id = "revokeCodeBatch",
              .tag = "codes",
              .summary = "Make all codes of a batch useless",
              .auth = Auth::staff,
              .roles = kManage,
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<RevokeCodeBatch>,
              .reach = Reach::change,
              .handle = &revoke_batch,
              .response_schema = &answer_schema_of<CodeBatchReference>,
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<RevokeCodeBatchStatus>});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/codes/revoke",
              .operation_id = "revokeCode",
              .tag = "codes",
              .summary = "Make one code useless",
              .auth = Auth::staff,
              .roles = kManage,
              .repeatable = Repeatable::accepted,
              .operation = kNumberOf<RevokeCode>,
              .reach = Reach::change,
              .handle = &revoke_code,
              .request_schema = &body_schema_of<CodeToRevoke>,
              .response_schema = &answer_schema_of<CodeBatchReference>,
              .request_example = R"({"code":"000100-00EFX2-MK5QZV-N8T3CW"})",
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<RevokeCodeStatus>});
}

}  // namespace firebrand
