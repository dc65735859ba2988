#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <memory>

#include "edge/crowd/crowd.hpp"
#include "edge/server/subcommands.hpp"
#include "verify/draw_check.hpp"

namespace firebrand {

namespace {

std::atomic<bool> stop_asked{false};

void on_stop_signal(int) { stop_asked.store(true); }

struct Arguments {
  CrowdOptions options;
  double duration_seconds = 30;
  double patience_seconds = 120;
  double queue_patience_seconds = 30;
  std::string mix;
};

int send(Arguments& arguments) {
  CrowdOptions& options = arguments.options;
  const auto millis = [](double seconds) {
    return Millis{static_cast<std::int64_t>(seconds * 1e3)};
  };
  options.duration = millis(arguments.duration_seconds);
  options.patience = millis(arguments.patience_seconds);
  options.queue_patience = millis(arguments.queue_patience_seconds);
  if (!arguments.mix.empty()) {
    const auto mix = parse_fan_mix(arguments.mix);
    if (!mix) {
      std::cerr << "firebrand: --mix: " << mix.error().message << "\n";
      return 2;
    }
    options.mix = *mix;
  }
  options.verify_draw = [](std::string_view record) {
    const auto verified = verify_draw_record(record);
    return verified.has_value() ? std::string{} : verified.error().en;
  };
  options.stop = &stop_asked;
  ::signal(SIGINT, &on_stop_signal);
  ::signal(SIGTERM, &on_stop_signal);
  ::signal(SIGPIPE, SIG_IGN);
  return run_crowd(options, std::cout);
}

}  // namespace

void add_crowd_command(CLI::App& app, int& status) {
  auto* const command =
      app.add_subcommand("crowd", "Send fans to a drop over HTTP, and check what they were told");
  const auto arguments = std::make_shared<Arguments>();
  CrowdOptions& options = arguments->options;
  command->add_option("--server", options.server, "Address of the server");
  command->add_option("--fans", options.fans, "How many come");
  command->add_option("--arrivals", options.arrivals,
                      "Requests per second, one number a line (plain or gzip)");
  command->add_option("--arrivals-window", options.arrivals_window,
                      "Seconds of the trace to use, its busiest ones");
  command->add_option("--seed", options.seed, "What the fans decide and when they come");
  command->add_option("--drop", options.drop, "The drop; else the demo's");
  command->add_option("--duration", arguments->duration_seconds, "Seconds from the opening");
  command->add_option("--connections", options.connections, "Open connections at once");
  command->add_option("--report", options.report, "Write the report as JSON");
  command->add_option("--journal", options.journal, "Write every acknowledged answer");
  command->add_option("--api-key", options.api_key, "Sign fans in by a server's key");
  command->add_option("--payment-secret", options.payment_secret, "Pay by signed callbacks");
  command->add_option("--codes", options.codes,
                      "Priority codes for the fans, as `firebrand codes export` writes them");
  command->add_option("--mix", arguments->mix,
                      "Shares of behaviours in percent: pays=80,cancels=8,...");
  command->add_option("--run", options.run, "Part of the fans' names; else from the clock");
  command->add_option("--patience", arguments->patience_seconds,
                      "Seconds the server may stay away");
  command->add_option("--queue-patience", arguments->queue_patience_seconds,
                      "Seconds that fans wait for their turn after the last one has come");
  command->callback([arguments, &status] { status = send(*arguments); });
}

}  // namespace firebrand
