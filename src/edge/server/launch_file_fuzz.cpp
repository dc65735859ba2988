// Any text as a plan of a launch: what is read is within the bounds that its file promises, and
// what is not says in which file and why.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "edge/server/launch_file.hpp"

namespace firebrand {
namespace {

constexpr Timestamp kNow = from_unix_ms(1'800'000'000'000);

void check(const LaunchFile::PlannedDrop& planned) {
  const CreateDrop& drop = planned.drop;
  FB_ASSERT(!drop.code.view().empty() && !planned.sku_code.empty());
  FB_ASSERT(!drop.currency.is_none() && !drop.waves.empty());
  FB_ASSERT(drop.per_person_limit >= 1 && drop.payment_window_seconds >= 1);
  for (const WavePlan& wave : drop.waves) { FB_ASSERT(wave.units >= 1); }
  for (const OpenDraw& draw : planned.draws) {
    FB_ASSERT(draw.wave >= 1 && draw.wave <= drop.waves.size());
    FB_ASSERT(drop.waves[draw.wave - 1U].decision == WaveDecision::draw);
  }
  for (const OpenWaitingRoom& room : planned.rooms) {
    FB_ASSERT(room.wave >= 1 && room.wave <= drop.waves.size());
    FB_ASSERT(drop.waves[room.wave - 1U].decision == WaveDecision::waiting_room);
  }
  for (const CreateCodeBatch& batch : planned.codes) { FB_ASSERT(batch.count >= 1); }
}

}  // namespace
}  // namespace firebrand

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebrand;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = parse_launch_file(text, "plan.toml", kNow);
  if (!file) {
    FB_ASSERT(file.error().message.find("plan.toml") != std::string::npos);
    return 0;
  }
  FB_ASSERT(!file->skus.empty() && !file->drops.empty());
  for (const LaunchFile::Sku& sku : file->skus) { FB_ASSERT(!sku.sku.prices.empty()); }
  for (const LaunchFile::PlannedDrop& drop : file->drops) { check(drop); }
  return 0;
}
