#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "base/types.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/launch/code_commands.hpp"
#include "core/launch/draw_commands.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/launches.hpp"
#include "core/launch/reservation_commands.hpp"
#include "core/launch/waiting_rooms.hpp"
#include "core/launch/waitlists.hpp"
#include "edge/api/credentials.hpp"
#include "runtime/sync_client.hpp"

namespace firebrand {

/// A launch as a file declares it: what is sold, and when. Times are counted from when it is read.
/// A drop that names no currency sells in that of [installation].
struct LaunchFile {
  struct Sku {
    AddSku sku{};
    std::int64_t stock = 0;
  };
  struct PlannedDrop {
    std::string sku_code;
    CreateDrop drop{};  ///< Without launch and SKU: they get their numbers when it is applied.
    std::optional<OpenReservations> reservations{};  ///< Without the drop.
    /// Of its waves, without the drop; those that the demo decides without commitment too.
    std::vector<OpenDraw> draws{};
    std::vector<CreateCodeBatch> codes{};    ///< Without the drop.
    std::vector<OpenWaitingRoom> rooms{};    ///< Likewise without drop, nonce and commitment.
    std::optional<OpenWaitlist> waitlist{};  ///< Without the drop.
  };
  std::vector<Sku> skus;
  CreateLaunch launch{};
  std::vector<PlannedDrop> drops;
};

struct LaunchFileError {
  std::string message;  ///< Names the file, the place, what was expected and what came.
};

/// @param now  What "+1m" is counted from.
[[nodiscard]] Expected<LaunchFile, LaunchFileError> read_launch_file(const std::string& path,
                                                                     Timestamp now);
/// The same for a text; `name` stands in messages.
[[nodiscard]] Expected<LaunchFile, LaunchFileError> parse_launch_file(std::string_view text,
                                                                      const std::string& name,
                                                                      Timestamp now);

/// Makes it so: SKUs and launch are found by their code or added, stock is received for the drops,
/// and every drop is new, its code numbered if it is taken; the draws of its waves and their
/// waiting rooms and its waitlist are opened, and its codes are made.
/// @param credentials  What commits to the order of waiting rooms, and to draws of the demo.
/// @return the drops in the order of the file.
[[nodiscard]] Expected<std::vector<DropId>, LaunchFileError> apply_launch_file(
    SyncClient& client, const Credentials& credentials, const LaunchFile& file);

}  // namespace firebrand
