#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firebrand {

class Api;

/// Appends one figure in the Prometheus text format.
class MetricsText {
 public:
  explicit MetricsText(std::string& out) : out_(out) {}

  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    figure(name, "counter", help, std::to_string(value));
  }
  void gauge(std::string_view name, std::string_view help, std::int64_t value) {
    figure(name, "gauge", help, std::to_string(value));
  }
  /// Milliseconds, said in seconds as Prometheus wants it.
  void gauge_ms(std::string_view name, std::string_view help, std::int64_t value);
  /// A family: one head, then a sample for each label value.
  void head(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, std::string_view label, std::string_view label_value,
              std::string_view value);

 private:
  void figure(std::string_view name, std::string_view type, std::string_view help,
              std::string_view value);

  std::string& out_;
};

/// Everything for /metrics.
[[nodiscard]] std::string metrics_text(Api& api);

}  // namespace firebrand
