#include <array>

#include "base/draw.hpp"
#include "base/hex.hpp"
#include "core/launch/queries.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "edge/api/api.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

constexpr Roles kManage = roles({StaffRole::marketer});
constexpr Roles kWatch = roles({StaffRole::marketer, StaffRole::analyst, StaffRole::store});

/// What a command on a waiting room says to HTTP.
struct RoomReference {
  static constexpr std::string_view kName = "room_reference";
  static constexpr std::string_view kDoc = "Names a waiting room.";
  DropId drop_id{};
  std::uint16_t wave = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(2, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
  }
};

/// What a person gets who joins.
struct PlaceTicket {
  static constexpr std::string_view kName = "place_ticket";
  static constexpr std::string_view kDoc = "A place in a waiting room.";
  Text<64> place_token{};
  DropId drop_id{};
  std::uint16_t wave = 0;
  std::uint64_t place = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "place_token", self.place_token, From::body, Rule{},
          "Keep it: asks for the place, and gives it up.");
    field(2, "drop_id", self.drop_id, From::body, Rule{}, "The drop.");
    field(3, "wave", self.wave, From::body, Rule{}, "Counted from 1.");
    field(4, "place", self.place, From::body, Rule{}, "Counted from 1 in the order of joining.");
  }
};

struct PassKey {
  static constexpr std::string_view kName = "pass_key";
  static constexpr std::string_view kDoc = "What admission passes are checked with.";
  Bytes<32> public_key{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "public_key", self.public_key, From::body, Rule{}, "Ed25519, hexadecimal.");
  }
};

template <class C>
bool read_room(Api& api, const Call& call, C& command) {
  return api.read_path(call, command, "drop_id", call.path[0], "waiting_room_not_found") &&
         api.read_path(call, command, "wave", call.path[1], "waiting_room_not_found");
}

/// The room named in the path, if it is published; answers waiting_room_not_found if not.
std::optional<QueuePages::Key> published_room(Api& api, const Call& call) {
  CloseWaitingRoom named;
  if (!read_room(api, call, named)) { return std::nullopt; }
  const QueuePages::Key key{named.drop_id, named.wave};
  if (api.queues().has(key)) { return key; }
  api.refuse(call, "waiting_room_not_found");
  return std::nullopt;
}

void open_room(Api& api, Call& call) {
  auto command = api.read_body<OpenWaitingRoom>(call);
  if (!command) { return; }
  if (!api.read_path(call, *command, "drop_id", call.path[0], "drop_not_found") ||
      !api.read_path(call, *command, "wave", call.path[1], "wave_not_found")) {
    return;
  }
  command->nonce = Credentials::random_nonce();
  command->commitment = draw_commitment(api.credentials().room_secret(command->nonce));
  api.change<OpenWaitingRoomResult>(call, *command,
                                    [&api, room = RoomReference{command->drop_id, command->wave}](
                                        const Asker& asker, const OpenWaitingRoomResult& result) {
                                      api.respond_outcome(asker, result.status, 201, room);
                                    });
}

template <class C, class Result>
void change_room(Api& api, Call& call, C command) {
  if (!read_room(api, call, command)) { return; }
  api.change<Result>(call, command,
                     [&api, room = RoomReference{command.drop_id, command.wave}](
                         const Asker& asker, const Result& result) {
                       api.respond_outcome(asker, result.status, 200, room);
                     });
}

void change_admission(Api& api, Call& call) {
  if (const auto command = api.read_body<ChangeAdmission>(call)) {
    change_room<ChangeAdmission, ChangeAdmissionResult>(api, call, *command);
  }
}

void close_room(Api& api, Call& call) {
  change_room<CloseWaitingRoom, CloseWaitingRoomResult>(api, call, {});
}

void get_room(Api& api, Call& call) {
  if (const auto key = published_room(api, call)) {
    api.responder().respond_prepared(call.token, api.queues().page(*key),
                                     call.http.header(HttpHeader::if_none_match));
  }
}

void get_room_live(Api& api, Call& call) {
  if (const auto key = published_room(api, call)) {
    api.respond_json(call, 200, api.queues().live_json(*key, api.now()));
  }
}

/// The hot path back: decode, note the heartbeat, and write the ticket.
void finish_join(Api& api, const Waiting& waiting, const AnswerHead& answer) {
  if (api.refuse_common(waiting.asker, answer)) { return; }
  const auto result = decode<JoinWaitingRoomResult>(answer.result());
  FB_ASSERT(result.has_value());
  const bool is_new = result->status == JoinWaitingRoomStatus::joined;
  if (!is_new && result->status != JoinWaitingRoomStatus::exists) {
    return api.refuse(waiting.asker, enum_name(result->status));
  }
  const PlaceToken token{{waiting.own[0]},
                         static_cast<std::uint16_t>(waiting.own[1]),
                         static_cast<std::uint32_t>(result->place),
                         {waiting.own[2]}};
  api.queues().heard(token, api.now());
  api.respond(waiting.asker, is_new ? 201 : 200,
              PlaceTicket{api.credentials().mint_place_token(token), token.drop_id, token.wave,
                          token.place});
}

void join_room(Api& api, Call& call) {
  JoinWaitingRoom command;
  if (!read_room(api, call, command)) { return; }
  command.person_id = call.person_id;
  command.standing = call.standing;
  api.ask_hot(call, command, &finish_join,
              {command.drop_id.value, command.wave, command.person_id.value});
}

/// The place of the token in the path; answers place_not_found if it is none of ours.
std::optional<PlaceToken> token_of(Api& api, const Call& call) {
  const auto token = api.credentials().check_place_token(call.path[0]);
  if (token && api.queues().has({token->drop_id, token->wave})) { return token; }
  api.refuse(call, "place_not_found");
  return std::nullopt;
}

/// The turn has come, or the place has ended: the engine knows.
void ask_for_place(Api& api, const Asker& asker, const PlaceToken& token) {
  api.ask(asker, FindPlace{token.drop_id, token.wave, token.place},
          [&api, asker, token](const AnswerHead& answer) {
            if (api.refuse_common(asker, answer)) { return; }
            const auto result = decode<FindPlaceResult>(answer.result());
            FB_ASSERT(result.has_value());
            if (result->status != FindPlaceStatus::found || result->person_id != token.person_id) {
              return api.refuse(asker, "place_not_found");
            }
            PlaceView view = api.queues().head(token);
            // A lease that is over is over, whether or not run_due has come to it.
            const bool over =
                result->state == PlaceState::admitted && answer.timestamp >= result->at;
            view.state = over ? PlaceState::expired : result->state;
            if (view.state == PlaceState::admitted) {
              view.until = result->at;
              view.pass.assign(api.credentials().pass_signer().sign(
                  {token.drop_id, token.wave, token.place, token.person_id, result->at}));
            }
            api.respond(asker, 200, view);
          });
}

void get_place(Api& api, Call& call) {
  const auto token = token_of(api, call);
  if (!token) { return; }
  const Timestamp now = api.now();
  const auto view = api.queues().view(*token, now);
  if (!view) {
    // Whoever is let in gets the pass here: as urgent as the purchase that needs it.
    call.urgency = Urgency::sale;
    return ask_for_place(api, call, *token);
  }
  api.queues().heard(*token, now);
  api.respond(call, 200, *view);
}

void leave_place(Api& api, Call& call) {
  const auto token = token_of(api, call);
  if (!token) { return; }
  const LeaveWaitingRoom command{token->drop_id, token->wave, token->person_id};
  api.change<LeaveWaitingRoomResult>(
      call, command,
      [&api, token = *token](const Asker& asker, const LeaveWaitingRoomResult& result) {
        // The person's place of now, whichever token asked for it.
        PlaceToken ended = token;
        ended.place = static_cast<std::uint32_t>(result.place);
        if (result.status == LeaveWaitingRoomStatus::left) { api.queues().gone(ended); }
        api.respond_outcome(asker, result.status, 200, RoomReference{token.drop_id, token.wave});
      });
}

void get_pass_key(Api& api, Call& call) {
  api.respond(call, 200, PassKey{api.credentials().pass_signer().public_key()});
}

std::string room_schema() { return R"({"$ref":"#/components/schemas/WaitingRoom"})"; }
std::string live_schema() { return R"({"$ref":"#/components/schemas/WaitingRoomLive"})"; }

constexpr char kReferenceExample[] = R"({"drop_id":"drop_1","wave":2})";
constexpr char kAdmissionExample[] =
    R"({"places_per_minute":12000,"inside_max":5000,"lease_seconds":300,)"
    R"("heartbeat_seconds":120,"latency_ms_max":100,"pacing":"automatic"})";

std::string room_members() {
  return R"("drop_id":"drop_1","wave":2,"phase":"open","joins_from":"2026-11-21T19:30:00.000Z",)"
         R"("opens_at":"2026-11-21T20:00:00.000Z","ends_at":"2026-11-22T20:00:00.000Z",)"
         R"("commitment":"6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2",)"
         R"("order":"revealed",)"
         R"("secret":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",)"
         R"("joined":81230,"early":52000,"waiting":61230,"measured_per_minute":11800,)"
         R"("log_position":"480123")";
}
std::string room_example() { return "{" + room_members() + "}"; }
std::string live_example() {
  return "{" + room_members() + R"(,"admission":)" + kAdmissionExample +
         R"(,"counts":{"joined":81230,"early":52000,"waiting":61230,"inside":4100,"used":12000,)"
         R"("left":2100,"lapsed":1500,"expired":300},"next":19000,"target_per_minute":12000,)"
         R"("admitted_per_minute":11800,"latency_ms":7,"forecasts_within":271,)"
         R"("forecasts_sooner":14,"forecasts_later":15})";
}

constexpr char kTicketExample[] =
    R"({"place_token":"fbq_KgAAAAAAAAIBAAAAAQAAAMP0aGx1c3RyYXRpb25fb25seQ","drop_id":"drop_1",)"
    R"("wave":2,"place":1})";
constexpr char kPlaceExample[] =
    R"({"drop_id":"drop_1","wave":2,"place":1,"state":"waiting","order":"revealed","ahead":41230,)"
    R"("waiting":61230,"expected_wait_ms":209000,"wait_low_ms":171000,"wait_high_ms":255000,)"
    R"("ask_again_ms":15000,"opens_at":"2026-11-21T20:00:00.000Z",)"
    R"("until":"1970-01-01T00:00:00.000Z","pass":""})";

}  // namespace

void add_room_routes(Router& router) {
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/waves/{wave}/waiting-room/places",
              .operation_id = "joinWaitingRoom",
              .tag = "waiting rooms",
              .summary = "Take a place; who has one gets the same again",
              .auth = Auth::fan,
              .rate_limited = true,
              .is_joining = true,
              .operation = kNumberOf<JoinWaitingRoom>,
              .reach = Reach::change,
              .handle = &join_room,
              .success = 201,
              .response_schema = &answer_schema_of<PlaceTicket>,
              .response_example = kTicketExample,
              .outcomes = &outcomes_of<JoinWaitingRoomStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/places/{place_token}",
              .operation_id = "getPlace",
              .tag = "waiting rooms",
              .summary = "Where a place stands; asking is the heartbeat that keeps it",
              .reach = Reach::reading,
              .handle = &get_place,
              .response_schema = &answer_schema_of<PlaceView>,
              .response_example = kPlaceExample,
              .problems = {"place_not_found"}});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/places/{place_token}/leave",
              .operation_id = "leavePlace",
              .tag = "waiting rooms",
              .summary = "Give a place up",
              .operation = kNumberOf<LeaveWaitingRoom>,
              .reach = Reach::change,
              .handle = &leave_place,
              .response_schema = &answer_schema_of<RoomReference>,
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<LeaveWaitingRoomStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/waves/{wave}/waiting-room",
              .operation_id = "getWaitingRoom",
              .tag = "waiting rooms",
              .summary = "What everybody may know of a waiting room, its order's proof included",
              .handle = &get_room,
              .response_schema = &room_schema,
              .response_example = room_example(),
              .problems = {"waiting_room_not_found"},
              .has_etag = true});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/drops/{drop_id}/waves/{wave}/waiting-room/live",
              .operation_id = "getWaitingRoomLive",
              .tag = "waiting rooms",
              .summary = "Figures of the admission, for staff",
              .auth = Auth::staff,
              .roles = kWatch,
              .handle = &get_room_live,
              .response_schema = &live_schema,
              .response_example = live_example(),
              .problems = {"waiting_room_not_found"}});
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/drops/{drop_id}/waves/{wave}/waiting-room",
       .operation_id = "openWaitingRoom",
       .tag = "waiting rooms",
       .summary = "Open the waiting room of a wave and commit to its order",
       .auth = Auth::staff,
       .roles = kManage,
       .operation = kNumberOf<OpenWaitingRoom>,
       .reach = Reach::change,
       .handle = &open_room,
       .success = 201,
       .request_schema = &body_schema_of<OpenWaitingRoom>,
       .response_schema = &answer_schema_of<RoomReference>,
       .request_example = std::string(R"({"joins_from":"2026-11-21T19:30:00.000Z",)"
                                      R"("ends_at":"2026-11-22T20:00:00.000Z","admission":)") +
                          kAdmissionExample + "}",
       .response_example = kReferenceExample,
       .outcomes = &outcomes_of<OpenWaitingRoomStatus>});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/waves/{wave}/waiting-room/admission",
              .operation_id = "changeAdmission",
              .tag = "waiting rooms",
              .summary = "Change how fast people are let in",
              .auth = Auth::staff,
              .roles = kManage,
              .operation = kNumberOf<ChangeAdmission>,
              .reach = Reach::change,
              .handle = &change_admission,
              .request_schema = &body_schema_of<ChangeAdmission>,
              .response_schema = &answer_schema_of<RoomReference>,
              .request_example = std::string(R"({"admission":)") + kAdmissionExample + "}",
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<ChangeAdmissionStatus>});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/drops/{drop_id}/waves/{wave}/waiting-room/close",
              .operation_id = "closeWaitingRoom",
              .tag = "waiting rooms",
              .summary = "End a waiting room; what is left of the wave is sold first come",
              .auth = Auth::staff,
              .roles = kManage,
              .operation = kNumberOf<CloseWaitingRoom>,
              .reach = Reach::change,
              .handle = &close_room,
              .response_schema = &answer_schema_of<RoomReference>,
              .response_example = kReferenceExample,
              .outcomes = &outcomes_of<CloseWaitingRoomStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/admission-pass-key",
              .operation_id = "getAdmissionPassKey",
              .tag = "waiting rooms",
              .summary = "The public key that admission passes are checked with",
              .handle = &get_pass_key,
              .response_schema = &answer_schema_of<PassKey>,
              .response_example =
                  R"({"public_key":)"
                  R"("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"})"});
}

}  // namespace firebrand
