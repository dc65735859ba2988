
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"
#include "edge/payments/statement.hpp"

/// A provider's statement of a day beside what was booked, for staff; `firebrand reconcile` is the
/// same on the command line, for statements of any length.
namespace firebrand {

namespace {

/// With its escapes in JSON it fits into a request of the usual bound.
constexpr std::size_t kStatementBytesMax = 60'000;
/// Booked in the time of a statement: some ten times what fits into one.
constexpr std::uint32_t kBookedMax = 20'000;

struct ReconcileRequest {
  static constexpr std::string_view kName = "reconcile_request";
  static constexpr std::string_view kDoc = "A statement, and the time that it is of.";
  Timestamp from{};
  Timestamp until{};
  Text<16> provider{};
  Text<kStatementBytesMax> csv{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "from", self.from, From::body, Rule{}, "The statement's first moment.");
    field(2, "until", self.until, From::body, Rule{}, "The moment behind it.");
    field(3, "provider", self.provider, From::body, Rule{.presence = Presence::optional},
          "Whose ids these are, such as wechat: put before payment ids without one.");
    field(4, "csv", self.csv, From::body, Rule{.min = 1},
          "CSV with the columns kind, payment_id, refund_id, amount and currency.");
  }
};

struct DifferenceFound {
  static constexpr std::string_view kName = "difference";
  static constexpr std::string_view kDoc = "Where statement and books disagree.";
  DifferenceKind kind{};
  std::uint64_t line = 0;
  Text<kPaymentIdBytesMax> id{};
  Money there{};
  Money here{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "kind", self.kind, From::body, Rule{}, "What is different.");
    field(2, "line", self.line, From::body, Rule{}, "Of the statement, from 1; 0: not there.");
    field(3, "id", self.id, From::body, Rule{}, "Of the payment or refund.");
    field(4, "there", self.there, From::body, Rule{.presence = Presence::optional},
          "On the statement; null: not there.");
    field(5, "here", self.here, From::body, Rule{.presence = Presence::optional},
          "As booked; null: not booked.");
  }
};

struct Compared {
  bool is_whole = true;
  std::size_t lines = 0;
  std::vector<Difference> differences{};
};

void respond_compared(Api& api, const Asker& asker, const Compared& compared) {
  if (!compared.is_whole) { return api.refuse(asker, "statement_time_too_long"); }
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("lines");
  json.number(compared.lines);
  json.key("differences");
  json.begin_array();
  for (const Difference& one : compared.differences) {
    json.value(DifferenceFound{one.kind, one.line, std::string_view(one.id), one.there, one.here});
  }
  json.end_array();
  json.end_object();
  api.respond_json(asker, 200, body);
}

void reconcile_statement(Api& api, Call& call) {
  const auto request = api.read_body<ReconcileRequest>(call);
  if (!request) { return; }
  if (request->until <= request->from) {
    return api.refuse_invalid(
        call, {.at = "pointer",
               .name = "#/until",
               .code = JsonErrorCode::out_of_range,
               .detail = call.language == Language::zh ? "须晚于 from" : "expected later than from",
               .message = call.language == Language::zh ? "until 须晚于 from"
                                                        : "until: expected later than from"});
  }
  const std::string provider(request->provider.view());
  auto lines = read_statement(request->csv.view(), provider);
  if (!lines) { return api.refuse(call, "statement_malformed", lines.error()); }
  using Found = Expected<Compared, RecordsError>;
  api.read_records(
      call,
      [lines = std::move(*lines), provider, from = request->from,
       until = request->until](const RecordsReader& records) -> Found {
        const auto books = read_books(records, lines, provider, from, until, kBookedMax);
        if (!books) { return Unexpected(books.error()); }
        if (!books->is_whole) { return Compared{.is_whole = false}; }
        return Compared{true, lines.size(), reconcile(lines, *books)};
      },
      [&api, asker = Asker(call)](const Compared& compared, LogOffset) {
        respond_compared(api, asker, compared);
      });
}

std::string compared_schema() {
  return R"({"type":"object","required":["lines","differences"],"properties":{)"
         R"("lines":{"type":"integer"},"differences":{"type":"array","items":)" +
         answer_schema_of<DifferenceFound>() + "}}}";
}

}  // namespace

void add_reconcile_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/payments/reconcile",
              .operation_id = "reconcilePayments",
              .tag = "payments",
              .summary = "Compare a provider's statement with what was booked; changes nothing",
              .auth = Auth::staff,
              .roles = roles({StaffRole::store, StaffRole::analyst}),
              .reach = Reach::reading,
              .handle = &reconcile_statement,
              .request_schema = &body_schema_of<ReconcileRequest>,
              .response_schema = &compared_schema,
              .request_example =
                  R"({"from":"2026-11-21T00:00:00+08:00","until":"2026-11-22T00:00:00+08:00",)"
                  R"("provider":"wechat","csv":"kind,payment_id,refund_id,amount,currency\n)"
                  R"(payment,4200000001,,1999.00,CNY\n"})",
              .response_example =
                  R"({"lines":1,"differences":[{"kind":"payment_not_booked","line":2,)"
                  R"("id":"wechat:4200000001","there":{"amount":199900,)"
                  R"("currency":"CNY"},"here":null}]})",
              .problems = {"statement_malformed", "statement_time_too_long"}});
}

}  // namespace firebrand
