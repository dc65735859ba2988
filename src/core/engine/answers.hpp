#pragma once

#include "base/types.hpp"
#include "core/access/queries.hpp"
#include "core/launch/draw_queries.hpp"
#include "core/launch/queries.hpp"
#include "core/launch/waitlist_queries.hpp"

namespace firebrand {

struct State;

/// What the engine says to each registered query. Reads only.
[[nodiscard]] FindSessionResult answer_query(const State&, const FindSession&, Timestamp now);
[[nodiscard]] FindStaffResult answer_query(const State&, const FindStaff&, Timestamp now);
[[nodiscard]] FindSessionsResult answer_query(const State&, const FindSessions&, Timestamp now);
[[nodiscard]] FindStaffListResult answer_query(const State&, const FindStaffList&, Timestamp now);
[[nodiscard]] FindSecondFactorResult answer_query(const State&, const FindSecondFactor&,
                                                  Timestamp now);
[[nodiscard]] FindOrderResult answer_query(const State&, const FindOrder&, Timestamp now);
[[nodiscard]] FindCodeBatchResult answer_query(const State&, const FindCodeBatch&, Timestamp now);
[[nodiscard]] FindReservationResult answer_query(const State&, const FindReservation&,
                                                 Timestamp now);
[[nodiscard]] FindDrawResult answer_query(const State&, const FindDraw&, Timestamp now);
[[nodiscard]] FindDrawEntryResult answer_query(const State&, const FindDrawEntry&, Timestamp now);
[[nodiscard]] FindPlaceResult answer_query(const State&, const FindPlace&, Timestamp now);
[[nodiscard]] FindWaitlistPlaceResult answer_query(const State&, const FindWaitlistPlace&,
                                                   Timestamp now);

}  // namespace firebrand
