#pragma once

#include <cstdint>
#include <vector>

#include "core/access/webhooks.hpp"
#include "sim/model_common.hpp"

namespace firebrand {

struct ModelWebhook {
  std::uint64_t number = 0;
  ChangeWebhook settings{};
  bool paused = false;
  WebhookPause paused_because{};
  std::uint32_t secret_version = 1;
  Timestamp old_secret_until{};

  /// What a live page shows of it, but for when it was made.
  [[nodiscard]] static ModelWebhook of(const Webhook&);
  friend bool operator==(const ModelWebhook&, const ModelWebhook&);
};

/// Endpoints of the outside, by rising number.
class ModelWebhooks {
 public:
  AddWebhookResult apply(const AddWebhook&, const ModelContext&);
  ChangeWebhookResult apply(const ChangeWebhook&, const ModelContext&);
  PauseWebhookResult apply(const PauseWebhook&, const ModelContext&);
  ResumeWebhookResult apply(const ResumeWebhook&, const ModelContext&);
  RotateWebhookSecretResult apply(const RotateWebhookSecret&, const ModelContext&);
  RemoveWebhookResult apply(const RemoveWebhook&, const ModelContext&);

  [[nodiscard]] const std::vector<ModelWebhook>& all() const { return all_; }

 private:
  [[nodiscard]] ModelWebhook* find(WebhookId);

  std::vector<ModelWebhook> all_;
  std::uint64_t made_ = 0;
};

}  // namespace firebrand
