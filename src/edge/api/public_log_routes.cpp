#include <array>
#include <memory>
#include <optional>

#include "base/codec_binary.hpp"
#include "base/hex.hpp"
#include "base/whole_number.hpp"
#include "core/launch/queries.hpp"
#include "edge/api/api.hpp"
#include "edge/api/order_receipt.hpp"
#include "edge/api/pages.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

/// The public log: everybody may read all of it, and prove it. docs/proof.md.
namespace firebrand {

namespace {

using Head = std::shared_ptr<const PublishedHead>;

constexpr std::string_view kText = "text/plain; charset=utf-8";
/// Leaves and proofs between published sizes do not change, but another log may begin at the same
/// address.
constexpr std::array kForAWhile = {HttpField{"Cache-Control", "public, max-age=60"}};

constexpr char kHeadExample[] =
    "firebrand/5f2b8d0e7c9a4163/00d1e2f3a4b5c6d7\n"
    "1042\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\u2014 firebrand/5f2b8d0e7c9a4163/00d1e2f3a4b5c6d7 "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
    "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
constexpr char kKeysExample[] =
    "firebrand/5f2b8d0e7c9a4163/00d1e2f3a4b5c6d7+0e5be2e4+"
    "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n";
constexpr char kEntriesExample[] =
    "1 17-0 2026-11-21T20:00:00.000Z wave_released drop=drop_1 wave=1 units=50000\n";
constexpr char kInclusionExample[] =
    R"({"leaf":17,"tree_size":1042,"leaf_hash":)"
    R"("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d","path":[)"
    R"("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]})";
constexpr char kConsistencyExample[] =
    R"({"from":17,"to":1042,"path":[)"
    R"("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]})";
constexpr char kReceiptExample[] =
    "firebrand-receipt/1\norder ord_7\norder_opening 00112233445566778899aabbccddeeff\n";

std::string text_schema() { return R"({"type":"string"})"; }
std::string size_schema() { return R"({"type":"integer","minimum":0})"; }
constexpr char kPathSchema[] =
    R"("path":{"type":"array","description":"Hashes, from the leaf up.",)"
    R"("items":{"type":"string","pattern":"^[0-9a-f]{64}$"}})";
std::string inclusion_schema() {
  return std::string(R"({"type":"object","required":["leaf","tree_size","leaf_hash","path"],)"
                     R"("properties":{"leaf":{"type":"integer"},"tree_size":{"type":"integer"},)"
                     R"("leaf_hash":{"type":"string","pattern":"^[0-9a-f]{64}$"},)") +
         kPathSchema + "}}";
}
std::string consistency_schema() {
  return std::string(R"({"type":"object","required":["from","to","path"],)"
                     R"("properties":{"from":{"type":"integer"},"to":{"type":"integer"},)") +
         kPathSchema + "}}";
}

constexpr std::array kEntriesQuery = {
    QueryParameter{"start", &size_schema, "The first leaf, from 0."},
    QueryParameter{"end", &size_schema,
                   "The leaf behind the last one; without it, as many as one answer has."}};
constexpr std::array kInclusionQuery = {
    QueryParameter{"leaf", &size_schema, "The leaf, from 0."},
    QueryParameter{"tree_size", &size_schema, "Of which tree; without it, of the tree head's."}};
constexpr std::array kConsistencyQuery = {
    QueryParameter{"from", &size_schema, "The smaller tree."},
    QueryParameter{"to", &size_schema, "The larger one; without it, the tree head's."}};

/// A number of the query, `otherwise` if absent; answers the problem itself if it is none.
std::optional<std::uint64_t> read_size(Api& api, const Call& call, std::string_view name,
                                       std::uint64_t otherwise) {
  const std::string_view text = query_value(call.http.query, name);
  if (text.empty()) { return otherwise; }
  std::uint64_t number = 0;
  if (read_whole_number(text, number)) { return number; }
  refuse_parameter(api, call, name, JsonErrorCode::malformed_value,
                   {"an integer from 0 on", "不小于 0 的整数"});
  return std::nullopt;
}

void respond_text(Api& api, const Asker& asker, std::string_view text,
                  std::span<const HttpField> headers = {}) {
  api.responder().respond(asker.token,
                          {.status = 200, .content_type = kText, .headers = headers, .body = text});
}

void get_head(Api& api, Call& call) {
  const Head head = api.proof().head();
  constexpr std::array kBriefly = {HttpField{"Cache-Control", "public, max-age=1"}};
  respond_text(api, call, head->note, kBriefly);
}

void get_keys(Api& api, Call& call) {
  const Head head = api.proof().head();
  std::string text;
  for (const NoteKey& key : head->keys) { text += key.text() + "\n"; }
  respond_text(api, call, text);
}

void get_restart(Api& api, Call& call) {
  const Head head = api.proof().head();
  if (head->restart.empty()) { return api.refuse(call, "proof_not_restarted"); }
  respond_text(api, call, head->restart);
}

void get_entries(Api& api, Call& call) {
  const Head head = api.proof().head();
  const std::uint64_t size = head->head.head.size;
  const auto start = read_size(api, call, "start", 0);
  const auto end = start ? read_size(api, call, "end", size) : std::nullopt;
  if (!end) { return; }
  if (*start > *end || *end > size) { return api.refuse(call, "leaf_not_published"); }
  if (*start == *end) { return respond_text(api, call, ""); }
  // Without an end there will be more at the same address.
  const bool is_final = !query_value(call.http.query, "end").empty();
  const Asker asker = call;
  api.work(
      asker, WorkKind::read,
      [&api, head, start = *start, end = *end] { return api.proof().entries(*head, start, end); },
      [&api, asker, is_final](const Expected<std::string, ProofError>& text) {
        if (!text) { return api.refuse(asker, "internal"); }
        respond_text(
            api, asker, *text,
            is_final ? std::span<const HttpField>(kForAWhile) : std::span<const HttpField>());
      });
}

void write_path(JsonWriter& json, const std::vector<Hash256>& path) {
  json.key("path");
  json.begin_array();
  for (const Hash256& node : path) { json.value(node); }
  json.end_array();
}

void get_inclusion(Api& api, Call& call) {
  const Head head = api.proof().head();
  const auto leaf = read_size(api, call, "leaf", 0);
  const auto size = leaf ? read_size(api, call, "tree_size", head->head.head.size) : std::nullopt;
  if (!size) { return; }
  if (*leaf >= *size || *size > head->head.head.size) {
    return api.refuse(call, "leaf_not_published");
  }
  const Asker asker = call;
  const auto read = [&api, head, leaf = *leaf,
                     size = *size]() -> Expected<std::string, ProofError> {
    const auto hash = api.proof().leaf_hash(*head, leaf);
    if (!hash) { return Unexpected(hash.error()); }
    const auto path = api.proof().inclusion(*head, leaf, size);
    if (!path) { return Unexpected(path.error()); }
    std::string body;
    CharSink sink(body);
    JsonWriter json(sink);
    json.begin_object();
    json.key("leaf");
    json.number(leaf);
    json.key("tree_size");
    json.number(size);
    json.field("leaf_hash", *hash);
    write_path(json, *path);
    json.end_object();
    return body;
  };
  api.work(asker, WorkKind::read, read,
           [&api, asker](const Expected<std::string, ProofError>& body) {
             if (!body) { return api.refuse(asker, "internal"); }
             api.respond_json(asker, 200, *body);
           });
}

void get_consistency(Api& api, Call& call) {
  const Head head = api.proof().head();
  const auto from = read_size(api, call, "from", 0);
  const auto to = from ? read_size(api, call, "to", head->head.head.size) : std::nullopt;
  if (!to) { return; }
  if (*from > *to || *to > head->head.head.size) { return api.refuse(call, "leaf_not_published"); }
  const Asker asker = call;
  const auto read = [&api, head, from = *from, to = *to]() -> Expected<std::string, ProofError> {
    const auto path = api.proof().consistency(*head, from, to);
    if (!path) { return Unexpected(path.error()); }
    std::string body;
    CharSink sink(body);
    JsonWriter json(sink);
    json.begin_object();
    json.key("from");
    json.number(from);
    json.key("to");
    json.number(to);
    write_path(json, *path);
    json.end_object();
    return body;
  };
  api.work(asker, WorkKind::read, read,
           [&api, asker](const Expected<std::string, ProofError>& body) {
             if (!body) { return api.refuse(asker, "internal"); }
             api.respond_json(asker, 200, *body);
           });
}

void send_receipt(Api& api, const Asker& asker, const ReceiptSubject& subject) {
  const Head head = api.proof().head();
  api.work(
      asker, WorkKind::read,
      [&api, head, subject] {
        return write_receipt(api.proof(), *head, subject, api.credentials());
      },
      [&api, asker](const Expected<std::string, ProofError>& text) {
        if (!text) { return api.refuse(asker, "internal"); }
        if (text->empty()) { return api.refuse(asker, "receipt_not_ready"); }
        // Its openings tie the person to the order.
        const std::array headers = {HttpField{"X-Request-Id", asker.request_id.view()}, kNoStore,
                                    kNoPage};
        respond_text(api, asker, *text, headers);
      });
}

void get_receipt(Api& api, Call& call) {
  FindOrder query;
  if (!api.read_path(call, query, "order_id", call.path[0], "order_not_found")) { return; }
  const Asker asker = call;
  const auto send = [&api, asker](const ReceiptSubject& subject) {
    // Somebody else's order is answered like none: ids tell nothing.
    if (subject.person_id != asker.person_id) { return api.refuse(asker, "order_not_found"); }
    send_receipt(api, asker, subject);
  };
  api.ask(asker, query, [&api, asker, send, id = query.order_id](const AnswerHead& answer) {
    if (api.refuse_common(asker, answer)) { return; }
    const auto result = decode<FindOrderResult>(answer.result());
    FB_ASSERT(result.has_value());
    switch (result->status) {
      case FindOrderStatus::found:
        return send({id, result->order.drop_id, result->order.person_id});
      case FindOrderStatus::order_not_found:
        return api.refuse(asker, "order_not_found");
      case FindOrderStatus::order_archived:
        break;
    }
    api.read_records(
        asker, [id](const RecordsReader& records) { return records.order(id); },
        [&api, asker, send](const std::optional<OrderRecord>& found, LogOffset) {
          if (!found) { return api.refuse(asker, "order_not_found"); }
          send({found->order_id, found->drop_id, found->person_id});
        });
  });
}

}  // namespace

void add_public_log_routes(Router& router) {
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/proof/tree-head",
              .operation_id = "getTreeHead",
              .tag = "proof",
              .summary = "The signed head of the public log, as a C2SP checkpoint",
              .reach = Reach::reading,
              .handle = &get_head,
              .response_schema = &text_schema,
              .response_example = kHeadExample,
              .response_type = kText});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/proof/keys",
              .operation_id = "listProofKeys",
              .tag = "proof",
              .summary = "The keys that sign the tree head, the newest first, one a line",
              .reach = Reach::reading,
              .handle = &get_keys,
              .response_schema = &text_schema,
              .response_example = kKeysExample,
              .response_type = kText});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/proof/restart",
              .operation_id = "getProofRestart",
              .tag = "proof",
              .summary = "Why this log began behind another one, signed by the other one's key",
              .reach = Reach::reading,
              .handle = &get_restart,
              .response_schema = &text_schema,
              .response_example = "firebrand-proof-restart/1\nold firebrand/5f2b8d0e7c9a4163/00\n",
              .problems = {"proof_not_restarted"},
              .response_type = kText});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/proof/entries",
              .operation_id = "listLeaves",
              .tag = "proof",
              .summary = "Leaves of the public log, one a line: 10,000 or 128 KiB at most",
              .reach = Reach::reading,
              .handle = &get_entries,
              .response_schema = &text_schema,
              .response_example = kEntriesExample,
              .problems = {"leaf_not_published"},
              .response_type = kText,
              .query = kEntriesQuery});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/proof/inclusion",
              .operation_id = "proveInclusion",
              .tag = "proof",
              .summary = "That a leaf stands in a tree (RFC 6962, 2.1.1)",
              .reach = Reach::reading,
              .handle = &get_inclusion,
              .response_schema = &inclusion_schema,
              .response_example = kInclusionExample,
              .problems = {"leaf_not_published"},
              .query = kInclusionQuery});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/proof/consistency",
              .operation_id = "proveConsistency",
              .tag = "proof",
              .summary = "That a tree begins with all of a smaller one (RFC 6962, 2.1.2)",
              .reach = Reach::reading,
              .handle = &get_consistency,
              .response_schema = &consistency_schema,
              .response_example = kConsistencyExample,
              .problems = {"leaf_not_published"},
              .query = kConsistencyQuery});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/orders/{order_id}/receipt",
              .operation_id = "getOrderReceipt",
              .tag = "proof",
              .summary = "What the public log tells of one's own order, with the proof of it",
              .auth = Auth::fan,
              .reach = Reach::reading,
              .handle = &get_receipt,
              .response_schema = &text_schema,
              .response_example = kReceiptExample,
              .problems = {"order_not_found", "receipt_not_ready"},
              .response_type = kText});
}

}  // namespace firebrand
