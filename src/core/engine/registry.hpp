#pragma once

#include <cstdint>
#include <tuple>

#include "core/access/access.hpp"
#include "core/access/queries.hpp"
#include "core/channels/stock.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/commerce/orders.hpp"
#include "core/engine/state.hpp"
#include "core/engine/system.hpp"
#include "core/launch/drop_facts.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/launches.hpp"
#include "core/launch/queries.hpp"
#include "core/launch/refund_facts.hpp"
#include "core/launch/sale.hpp"

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
using Commands = std::tuple<                             //
    Command<0x0001, 1, AdoptRules, &State::system>,      //
    Command<0x0002, 1, RunDue, &State::system>,          //
    Command<0x0101, 1, AddStaff, &State::access>,        //
    Command<0x0102, 1, OpenSession, &State::access>,     //
    Command<0x0103, 1, CloseSession, &State::access>,    //
    Command<0x0104, 1, AddApiKey, &State::access>,       //
    Command<0x0105, 1, RevokeApiKey, &State::access>,    //
    Command<0x0301, 1, AddSku, &State::catalogue>,       //
    Command<0x0401, 1, ReceiveStock, &State::stock>,     //
    Command<0x0601, 1, CreateLaunch, &State::launches>,  //
    Command<0x0610, 1, CreateDrop, &State::drops>,       //
    Command<0x0611, 1, ReleaseWave, &State::drops>,      //
    Command<0x0612, 1, PauseDrop, &State::drops>,        //
    Command<0x0613, 1, ResumeDrop, &State::drops>,       //
    Command<0x0614, 1, CancelDrop, &State::drops>,       //
    Command<0x0615, 1, RecordRefusals, &State::drops>,   //
    Command<0x0620, 1, PlaceOrder, &State::sale>,        //
    Command<0x0621, 1, CancelOrder, &State::sale>,       //
    Command<0x0622, 1, ConfirmPayment, &State::sale>,    //
    Command<0x0623, 1, RequestRefund, &State::refunds>,  //
    Command<0x0624, 1, ConfirmRefund, &State::refunds>,  //
    Command<0x0625, 1, ReturnUnits, &State::refunds>>;

using Facts = std::tuple<                                             //
    Fact<0x0101, 1, StaffAdded>,                                      //
    Fact<0x0104, 1, ApiKeyAdded>,                                     //
    Fact<0x0105, 1, ApiKeyRevoked>,                                   //
    Fact<0x0301, 1, SkuAdded>,                                        //
    Fact<0x0401, 1, StockReceived>,                                   //
    Fact<0x0601, 1, LaunchCreated>,                                   //
    Fact<0x0610, 1, DropCreated>,                                     //
    Fact<0x0611, 1, DropOpened>,                                      //
    Fact<0x0612, 1, WaveReleased>,                                    //
    Fact<0x0613, 1, WaveSoldOut>,                                     //
    Fact<0x0614, 1, DropPaused>,                                      //
    Fact<0x0615, 1, DropResumed>,                                     //
    Fact<0x0616, 1, DropCancelled>,                                   //
    Fact<0x0617, 1, RefusalsRecorded>, Fact<0x0620, 1, OrderPlaced>,  //
    Fact<0x0621, 1, OrderPaid>,                                       //
    Fact<0x0622, 1, OrderExpired>,                                    //
    Fact<0x0623, 1, OrderCancelled>,                                  //
    Fact<0x0624, 1, OrderArchived>,                                   //
    Fact<0x0625, 1, RefundDue>,                                       //
    Fact<0x0626, 1, PaymentUnmatched>,                                //
    Fact<0x0627, 1, RefundRequested>,                                 //
    Fact<0x0628, 1, RefundConfirmed>,                                 //
    Fact<0x0629, 1, RefundFailed>,                                    //
    Fact<0x062A, 1, UnitsReturned>>;

using Queries = std::tuple<      //
    Query<0x8101, FindSession>,  //
    Query<0x8102, FindStaff>,    //
    Query<0x8620, FindOrder>>;

}  // namespace firebrand
