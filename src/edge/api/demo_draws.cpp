#include "edge/api/demo_draws.hpp"

#include "edge/api/api.hpp"

namespace firebrand {

namespace {

constexpr Millis kPeriod{200};

}  // namespace

Hash256 demo_reveal(const Credentials& credentials, DropId drop_id, std::uint16_t wave) {
  // No nonce of a waiting room: those are random.
  Bytes<16> name{};
  constexpr std::string_view kPurpose = "demo d";
  for (std::size_t i = 0; i < kPurpose.size(); ++i) {
    name.data[i] = static_cast<std::uint8_t>(kPurpose[i]);
  }
  for (std::size_t i = 0; i < 8; ++i) {
    name.data[kPurpose.size() + i] = static_cast<std::uint8_t>(drop_id.value >> (8 * i));
  }
  name.data[14] = static_cast<std::uint8_t>(wave & 0xFFU);
  name.data[15] = static_cast<std::uint8_t>(wave >> 8U);
  return credentials.room_secret(name);
}

void DemoDraws::step(Timestamp now) {
  if (busy_ || now < next_) { return; }
  next_ = now + kPeriod;
  api_.draws().for_each_pending([&](const Draw& draw) {
    if (!busy_ && draw.plan.beacon_source.view() == kDemoBeacon) { carry_on(draw, now); }
  });
}

void DemoDraws::carry_on(const Draw& draw, Timestamp now) {
  if (draw.phase != DrawPhase::closed || !draw.rooted) { return; }
  const OpenDraw& plan = draw.plan;
  if (draw.revealing == DrawReveal::awaited && now < plan.reveal_due_at) {
    return send(RevealDraw{draw.draw_id, demo_reveal(api_.credentials(), plan.drop_id, plan.wave)});
  }
  if (now >= plan.beacon_at) { send(PostBeacon{draw.draw_id, Credentials::random_secret()}); }
}

template <class C>
void DemoDraws::send(const C& command) {
  busy_ = api_.try_ask(command, [this](const AnswerHead&) { busy_ = false; });
}

}  // namespace firebrand
