#pragma once

#include <cstdint>
#include <tuple>

#include "core/access/access.hpp"
#include "core/access/queries.hpp"
#include "core/access/webhook_facts.hpp"
#include "core/access/webhooks.hpp"
#include "core/channels/stock.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/commerce/orders.hpp"
#include "core/engine/state.hpp"
#include "core/engine/system.hpp"
#include "core/launch/codes.hpp"
#include "core/launch/draw_queries.hpp"
#include "core/launch/draws.hpp"
#include "core/launch/drop_facts.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/launches.hpp"
#include "core/launch/queries.hpp"
#include "core/launch/refund_facts.hpp"
#include "core/launch/reservation_facts.hpp"
#include "core/launch/reservations.hpp"
#include "core/launch/sale.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/launch/waitlist_queries.hpp"
#include "core/launch/waitlists.hpp"

namespace firebrand {

/// One line per command: its number in the log, its version, and the module that applies it. A
/// new command is its struct, its apply(), this line and its tests; the log record, the JSON body
/// and its schema, the text line and the golden scripts follow.
template <std::uint16_t Number, std::uint16_t Version, class C, auto Module>
struct Command {
  static constexpr std::uint16_t kNumber = Number;
  static constexpr std::uint16_t kVersion = Version;
  using Type = C;
  static auto& module(State& state) { return state.*Module; }
};

/// One line per fact: its number in facts/ and its version.
template <std::uint16_t Number, std::uint16_t Version, class F>
struct Fact {
  static constexpr std::uint16_t kNumber = Number;
  static constexpr std::uint16_t kVersion = Version;
  using Type = F;
};

/// One line per question that the engine answers without changing.
template <std::uint16_t Number, class Q>
struct Query {
  static constexpr std::uint16_t kNumber = Number;
  using Type = Q;
};

/// Numbers are given once and never reused. The high byte is the folder.
using Commands = std::tuple<                                        //
    Command<0x0001, 1, AdoptRules, &State::system>,                 //
    Command<0x0002, 1, RunDue, &State::system>,                     //
    Command<0x0101, 1, AddStaff, &State::access>,                   //
    Command<0x0102, 2, OpenSession, &State::access>,                //
    Command<0x0103, 1, CloseSession, &State::access>,               //
    Command<0x0104, 2, AddApiKey, &State::access>,                  //
    Command<0x0105, 1, RevokeApiKey, &State::access>,               //
    Command<0x0110, 2, AddWebhook, &State::webhooks>,               //
    Command<0x0111, 2, ChangeWebhook, &State::webhooks>,            //
    Command<0x0112, 1, PauseWebhook, &State::webhooks>,             //
    Command<0x0113, 1, ResumeWebhook, &State::webhooks>,            //
    Command<0x0114, 1, RotateWebhookSecret, &State::webhooks>,      //
    Command<0x0115, 1, RemoveWebhook, &State::webhooks>,            //
    Command<0x0116, 1, RotateApiKey, &State::access>,               //
    Command<0x0117, 1, ChangeStaffRole, &State::access>,            //
    Command<0x0118, 1, RemoveStaff, &State::access>,                //
    Command<0x0119, 1, SetPassword, &State::access>,                //
    Command<0x011A, 1, RevokeSession, &State::access>,              //
    Command<0x011B, 1, PrepareSecondFactor, &State::access>,        //
    Command<0x011C, 1, ConfirmSecondFactor, &State::access>,        //
    Command<0x011D, 1, RemoveSecondFactor, &State::access>,         //
    Command<0x0301, 1, AddSku, &State::catalogue>,                  //
    Command<0x0401, 1, ReceiveStock, &State::stock>,                //
    Command<0x0601, 1, CreateLaunch, &State::launches>,             //
    Command<0x0610, 4, CreateDrop, &State::drops>,                  //
    Command<0x0611, 1, ReleaseWave, &State::drops>,                 //
    Command<0x0612, 1, PauseDrop, &State::drops>,                   //
    Command<0x0613, 1, ResumeDrop, &State::drops>,                  //
    Command<0x0614, 1, CancelDrop, &State::reservations>,           //
    Command<0x0615, 1, RecordRefusals, &State::drops>,              //
    Command<0x0616, 1, MoveUnits, &State::draws>,                   //
    Command<0x0617, 1, RevealWave, &State::drops>,                  //
    Command<0x061B, 1, RecordTieOrder, &State::drops>,              //
    Command<0x061C, 1, RevealTieKey, &State::drops>,                //
    Command<0x0620, 3, PlaceOrder, &State::sale>,                   //
    Command<0x0621, 1, CancelOrder, &State::sale>,                  //
    Command<0x0622, 1, ConfirmPayment, &State::sale>,               //
    Command<0x0623, 1, RequestRefund, &State::refunds>,             //
    Command<0x0624, 1, ConfirmRefund, &State::refunds>,             //
    Command<0x0625, 1, ReturnUnits, &State::refunds>,               //
    Command<0x0630, 1, OpenReservations, &State::reservations>,     //
    Command<0x0631, 1, Reserve, &State::reservations>,              //
    Command<0x0632, 1, WithdrawReservation, &State::reservations>,  //
    Command<0x0633, 1, ConfirmDeposit, &State::reservations>,       //
    Command<0x0640, 1, CreateCodeBatch, &State::codes>,             //
    Command<0x0641, 1, RevokeCode, &State::codes>,                  //
    Command<0x0642, 1, RevokeCodeBatch, &State::codes>,             //
    Command<0x0650, 1, OpenDraw, &State::draws>,                    //
    Command<0x0651, 2, EnterDraw, &State::draws>,                   //
    Command<0x0652, 1, LeaveDraw, &State::draws>,                   //
    Command<0x0653, 1, GrantDrawTickets, &State::draws>,            //
    Command<0x0654, 1, ExcludeFromDraw, &State::draws>,             //
    Command<0x0655, 1, PublishDrawRoot, &State::draws>,             //
    Command<0x0656, 1, RevealDraw, &State::draws>,                  //
    Command<0x0657, 1, PostBeacon, &State::draws>,                  //
    Command<0x0658, 1, ApplyDrawResults, &State::draws>,            //
    Command<0x0660, 1, OpenWaitingRoom, &State::rooms>,             //
    Command<0x0661, 2, JoinWaitingRoom, &State::rooms>,             //
    Command<0x0662, 1, LeaveWaitingRoom, &State::rooms>,            //
    Command<0x0663, 1, RevealWaitingRoom, &State::rooms>,           //
    Command<0x0664, 1, AdmitPlaces, &State::rooms>,                 //
    Command<0x0665, 1, LapsePlaces, &State::rooms>,                 //
    Command<0x0666, 1, ChangeAdmission, &State::rooms>,             //
    Command<0x0667, 1, CloseWaitingRoom, &State::rooms>,            //
    Command<0x0670, 1, OpenWaitlist, &State::waitlists>,            //
    Command<0x0671, 1, JoinWaitlist, &State::waitlists>,            //
    Command<0x0672, 1, LeaveWaitlist, &State::waitlists>,           //
    Command<0x0673, 1, CloseWaitlist, &State::waitlists>,           //
    Command<0x067C, 1, ExcludeFromDrop, &State::sale>>;

using Facts = std::tuple<                     //
    Fact<0x0101, 1, StaffAdded>,              //
    Fact<0x0104, 1, ApiKeyAdded>,             //
    Fact<0x0105, 1, ApiKeyRevoked>,           //
    Fact<0x0110, 1, WebhookAdded>,            //
    Fact<0x0111, 1, WebhookChanged>,          //
    Fact<0x0112, 1, WebhookPaused>,           //
    Fact<0x0113, 1, WebhookResumed>,          //
    Fact<0x0114, 1, WebhookSecretRotated>,    //
    Fact<0x0115, 1, WebhookRemoved>,          //
    Fact<0x0116, 1, ApiKeyRotated>,           //
    Fact<0x0117, 1, StaffRoleChanged>,        //
    Fact<0x0118, 1, StaffRemoved>,            //
    Fact<0x0119, 1, PasswordChanged>,         //
    Fact<0x011A, 1, SessionRevoked>,          //
    Fact<0x011C, 1, SecondFactorConfirmed>,   //
    Fact<0x011D, 1, SecondFactorRemoved>,     //
    Fact<0x0301, 1, SkuAdded>,                //
    Fact<0x0401, 1, StockReceived>,           //
    Fact<0x0601, 1, LaunchCreated>,           //
    Fact<0x0610, 1, DropCreated>,             //
    Fact<0x0611, 1, DropOpened>,              //
    Fact<0x0612, 1, WaveReleased>,            //
    Fact<0x0613, 1, WaveSoldOut>,             //
    Fact<0x0614, 1, DropPaused>,              //
    Fact<0x0615, 1, DropResumed>,             //
    Fact<0x0616, 1, DropCancelled>,           //
    Fact<0x0617, 1, RefusalsRecorded>,        //
    Fact<0x0618, 1, UnitsMoved>,              //
    Fact<0x0619, 1, UnitsWithdrawn>,          //
    Fact<0x061A, 1, WaveRevealed>,            //
    Fact<0x061B, 1, TieOrderRecorded>,        //
    Fact<0x061C, 1, TieKeyRevealed>,          //
    Fact<0x061D, 1, DropCommitted>,           //
    Fact<0x0620, 1, OrderPlaced>,             //
    Fact<0x0621, 1, OrderPaid>,               //
    Fact<0x0622, 1, OrderExpired>,            //
    Fact<0x0623, 1, OrderCancelled>,          //
    Fact<0x0624, 1, OrderArchived>,           //
    Fact<0x0625, 1, RefundDue>,               //
    Fact<0x0626, 1, PaymentUnmatched>,        //
    Fact<0x0627, 1, RefundRequested>,         //
    Fact<0x0628, 1, RefundConfirmed>,         //
    Fact<0x0629, 1, RefundFailed>,            //
    Fact<0x062A, 1, UnitsReturned>,           //
    Fact<0x0630, 1, ReservationsOpened>,      //
    Fact<0x0631, 1, ReservationMade>,         //
    Fact<0x0632, 1, DepositPaid>,             //
    Fact<0x0633, 1, DepositRefundDue>,        //
    Fact<0x0634, 1, ReservationReminderDue>,  //
    Fact<0x0635, 1, ReservationUsed>,         //
    Fact<0x0636, 1, ReservationEnded>,        //
    Fact<0x0638, 1, DepositOwed>,             //
    Fact<0x0640, 1, CodeBatchCreated>,        //
    Fact<0x0641, 1, CodeRevoked>,             //
    Fact<0x0642, 1, CodeBatchRevoked>,        //
    Fact<0x0643, 1, CodeUsed>,                //
    Fact<0x0644, 1, CodeCameBack>,            //
    Fact<0x0645, 1, CodeSold>,                //
    Fact<0x0650, 1, DrawOpened>,              //
    Fact<0x0651, 1, DrawEntered>,             //
    Fact<0x0652, 1, DrawLeft>,                //
    Fact<0x0653, 1, DrawTicketsGranted>,      //
    Fact<0x0654, 1, DrawExcluded>,            //
    Fact<0x0655, 1, DrawClosed>,              //
    Fact<0x0656, 1, DrawRootPublished>,       //
    Fact<0x0657, 1, DrawRevealed>,            //
    Fact<0x0658, 1, DrawRevealWithheld>,      //
    Fact<0x0659, 1, DrawBeaconPosted>,        //
    Fact<0x065A, 1, DrawWon>,                 //
    Fact<0x065B, 1, DrawReserved>,            //
    Fact<0x065C, 1, DrawPassedOver>,          //
    Fact<0x065D, 1, DrawCompleted>,           //
    Fact<0x065E, 1, DrawPromoted>,            //
    Fact<0x0660, 1, WaitingRoomOpened>,       //
    Fact<0x0661, 1, PlaceJoined>,             //
    Fact<0x0662, 1, WaitingRoomRevealed>,     //
    Fact<0x0663, 1, PlaceAdmitted>,           //
    Fact<0x0664, 1, PlaceEnded>,              //
    Fact<0x0665, 1, AdmissionChanged>,        //
    Fact<0x0666, 1, WaitingRoomClosed>,       //
    Fact<0x0670, 1, WaitlistOpened>,          //
    Fact<0x0671, 1, WaitlistJoined>,          //
    Fact<0x0672, 1, WaitlistLeft>,            //
    Fact<0x0673, 1, WaitlistServed>,          //
    Fact<0x0674, 1, WaitlistPassedOver>,      //
    Fact<0x0675, 1, WaitlistClosed>,          //
    Fact<0x067C, 1, DropExcluded>>;

using Queries = std::tuple<           //
    Query<0x8101, FindSession>,       //
    Query<0x8102, FindStaff>,         //
    Query<0x8103, FindSessions>,      //
    Query<0x8104, FindStaffList>,     //
    Query<0x8105, FindSecondFactor>,  //
    Query<0x8620, FindOrder>,         //
    Query<0x8630, FindReservation>,   //
    Query<0x8640, FindCodeBatch>,     //
    Query<0x8650, FindDraw>,          //
    Query<0x8651, FindDrawEntry>,     //
    Query<0x8660, FindPlace>,         //
    Query<0x8670, FindWaitlistPlace>>;

}  // namespace firebrand
