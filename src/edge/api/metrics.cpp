#include "edge/api/metrics.hpp"

#include <atomic>
#include <cstdlib>

#include "edge/api/api.hpp"

namespace firebrand {

namespace {

template <class Number>
auto read(const std::atomic<Number>& value) {
  return value.load(std::memory_order_relaxed);
}

}  // namespace

void MetricsText::head(std::string_view name, std::string_view type, std::string_view help) {
  out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  out_.append(name).append(" ").append(type).append("\n");
}

void MetricsText::sample(std::string_view name, std::string_view label,
                         std::string_view label_value, std::string_view value) {
  out_.append(name);
  if (!label.empty()) {
    out_.append("{").append(label).append("=\"").append(label_value).append("\"}");
  }
  out_.append(" ").append(value).append("\n");
}

void MetricsText::figure(std::string_view name, std::string_view type, std::string_view help,
                         std::string_view value) {
  head(name, type, help);
  sample(name, {}, {}, value);
}

void MetricsText::gauge_ms(std::string_view name, std::string_view help, std::int64_t value) {
  const std::string digits = std::to_string(1'000 + std::abs(value) % 1'000);
  figure(name, "gauge", help,
         (value < 0 ? "-" : "") + std::to_string(std::abs(value) / 1'000) + "." + digits.substr(1));
}

std::string metrics_text(Api& api) {
  std::string text;
  MetricsText metrics(text);
  Node& node = api.node();
  const SequencerStats& sequencer = node.sequencer().stats();
  metrics.head("firebrand_commands_total", "counter", "Commands by what became of them.");
  const auto command = [&](std::string_view outcome, const Count& count) {
    metrics.sample("firebrand_commands_total", "outcome", outcome, std::to_string(count.get()));
  };
  command("applied", sequencer.commands_applied);
  command("not_applied", sequencer.commands_not_applied);
  command("replayed", sequencer.commands_replayed);
  command("log_full", sequencer.commands_log_full);
  metrics.counter("firebrand_refusals_not_recorded_total",
                  "Refused purchases that found no place in record_refusals.",
                  sequencer.refusals_not_recorded.get());
  metrics.counter("firebrand_tie_purchases_total", "Purchases decided at the end of a tie window.",
                  sequencer.tie_decided.get());
  metrics.counter("firebrand_queries_total", "Questions answered by the engine.",
                  sequencer.queries.get());
  metrics.gauge("firebrand_repeats_remembered", "Request keys remembered.",
                static_cast<std::int64_t>(sequencer.repeats.get()));
  metrics.gauge("firebrand_orders_live", "Orders that the engine still answers for.",
                static_cast<std::int64_t>(sequencer.orders_live.get()));
  metrics.gauge("firebrand_ledger_accounts", "Accounts of the ledger.",
                static_cast<std::int64_t>(sequencer.accounts.get()));
  metrics.gauge_ms("firebrand_clock_drift_seconds", "Wall clock minus the time of commands.",
                   read(sequencer.clock_drift_ms));
  const CommitterStats& committer = node.committer().stats();
  metrics.counter("firebrand_log_batches_total", "Batches synced.", read(committer.batches));
  metrics.counter("firebrand_log_records_total", "Records synced.", read(committer.records));
  metrics.counter("firebrand_log_bytes_total", "Bytes of records synced.", read(committer.bytes));
  metrics.gauge("firebrand_log_durable_offset", "Newest durable offset.",
                static_cast<std::int64_t>(node.committer().durable().value));
  metrics.gauge("firebrand_facts_complete_offset", "All facts up to here are stored.",
                static_cast<std::int64_t>(node.projector().complete().value));
  metrics.gauge("firebrand_space_failing", "1 while no log segment can be made.",
                node.space_keeper().failing() ? 1 : 0);
  metrics.gauge("firebrand_requests_waiting_bytes", "Bytes in the queue of the engine.",
                static_cast<std::int64_t>(node.requests().backlog()));
  metrics.head("firebrand_shed_total", "counter", "Requests the full queue of the engine refused.");
  for (const Urgency urgency : enum_values<Urgency>()) {
    metrics.sample("firebrand_shed_total", "what", enum_name(urgency),
                   std::to_string(api.shed(urgency)));
  }
  metrics.gauge("firebrand_requests_capacity_bytes", "Bytes that the queue of the engine holds.",
                static_cast<std::int64_t>(node.requests().capacity()));
  metrics.gauge("firebrand_answers_waiting_bytes",
                "Bytes of answers that wait for the disk or to be sent.",
                static_cast<std::int64_t>(node.answers().backlog()));
  metrics.gauge("firebrand_facts_waiting_bytes", "Bytes of facts that are not stored yet.",
                static_cast<std::int64_t>(node.facts_backlog()));
  metrics.gauge("firebrand_records_complete_offset", "Lists show everything up to here.",
                static_cast<std::int64_t>(api.records_position().value));
  metrics.head("firebrand_problems_total", "counter", "Problems that were answered, by code.");
  for (const std::string_view code : {"log_full", "overloaded", "rate_limited", "sold_out"}) {
    if (!api.problems_answered().contains(code)) {
      metrics.sample("firebrand_problems_total", "code", code, "0");
    }
  }
  for (const auto& [code, count] : api.problems_answered()) {
    metrics.sample("firebrand_problems_total", "code", code, std::to_string(count));
  }
  metrics.gauge("firebrand_watchers", "Open event streams.",
                static_cast<std::int64_t>(api.pages().watchers()));
  api.queues().append_metrics(text, api.now());
  if (api.options().more_metrics) { api.options().more_metrics(text); }
  return text;
}

}  // namespace firebrand
