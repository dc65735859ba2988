#include "edge/api/api.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

struct ProofTask {
  static constexpr std::string_view kName = "proof_task";
  static constexpr std::string_view kDoc = "The work that gives one person the head start.";
  ProofChallenge challenge{};
  std::int32_t bits = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "challenge", self.challenge, From::body, Rule{}, "What to work on.");
    field(2, "bits", self.bits, From::body, Rule{}, "Zero bits that the hash begins with.");
  }
};

void get_proof(Api& api, Call& call) {
  const auto id = parse_id<DropId>(call.path[0]);
  if (!id || !api.pages().has(*id)) { return api.refuse(call, "drop_not_found"); }
  const CreateDrop& plan = api.pages().view(*id).drop.plan;
  if (plan.proof_bits == 0) { return api.refuse(call, "proof_not_asked"); }
  const Timestamp from = plan.opens_at - kProofLead;
  const Timestamp now = api.now();
  if (now < from) { return api.refuse_until(call, "proof_too_early", from, now); }
  api.respond(call, 200,
              ProofTask{api.credentials().proof_challenge(*id, call.person_id), plan.proof_bits});
}

}  // namespace

void add_proof_routes(Router& router) {
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/proof",
              .operation_id = "getProof",
              .tag = "orders",
              .summary = "The work that gives the fan the head start of a drop",
              .auth = Auth::fan,
              .handle = &get_proof,
              .response_schema = &answer_schema_of<ProofTask>,
              .response_example = R"({"challenge":"000102030405060708090a0b0c0d0e0f","bits":16})",
              .problems = {"drop_not_found", "proof_not_asked", "proof_too_early"}});
}

}  // namespace firebrand
