#include <signal.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "base/id_text.hpp"
#include "edge/server/config.hpp"
#include "edge/server/server.hpp"
#include "edge/server/subcommands.hpp"

extern char** environ;

namespace firebrand {

namespace {

Server* running = nullptr;  // For the signal handler alone.

void on_stop_signal(int) {
  if (running != nullptr) { running->stop(); }
}

void on_reload_signal(int) {
  if (running != nullptr) { running->reload(); }
}

/// The server that signals stop, for as long as it is there.
class StopBySignal {
 public:
  /// @param reloads  Whether SIGHUP is for its certificate; else it ends the program.
  StopBySignal(Server& server, bool reloads) {
    running = &server;
    struct sigaction action {};
    action.sa_handler = &on_stop_signal;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    if (reloads) {
      action.sa_handler = &on_reload_signal;
      ::sigaction(SIGHUP, &action, nullptr);
    }
    ::signal(SIGPIPE, SIG_IGN);
  }
  ~StopBySignal() { running = nullptr; }
  StopBySignal(const StopBySignal&) = delete;
  StopBySignal& operator=(const StopBySignal&) = delete;
};

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t middle = text.find('=');
    if (middle != std::string_view::npos) {
      variables.emplace(text.substr(0, middle), text.substr(middle + 1));
    }
  }
  return variables;
}

/// Ten thousand watchers need as many files: take what the system allows.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void print_addresses(const Server& server, const Config& config) {
  const NodeStart& start = server.start();
  std::printf("firebrand serves %s from %s\n", server.url().c_str(), config.data.c_str());
  std::printf("  recovered  snapshot at offset %llu, %llu records behind it\n",
              static_cast<unsigned long long>(start.snapshot_offset.value),
              static_cast<unsigned long long>(start.replayed));
  if (!start.torn_file.empty()) {
    std::printf("  torn tail  %llu bytes of a batch that was never acknowledged, cut from %s\n",
                static_cast<unsigned long long>(start.torn_bytes), start.torn_file.c_str());
  }
  if (server.demo_drop_id().value != 0) {
    const auto drop = format_id(server.demo_drop_id());
    std::printf("  fan page   %s/d/%s\n", server.url().c_str(), std::string(drop.view()).c_str());
  }
  std::printf("  console    %s/console/\n", server.url().c_str());
  std::printf("  API        %s/docs\n", server.url().c_str());
  if (!server.setup_url().empty()) {
    std::printf("  first sign-in of the owner, works once:\n    %s\n", server.setup_url().c_str());
  }
  std::fflush(stdout);
}

int serve(const std::string& file, const std::map<std::string, std::string>& flags) {
  const auto config = load_config(file, environment(), flags);
  if (!config) {
    std::fprintf(stderr, "firebrand: %s\n", config.error().message.c_str());
    return 2;
  }
  raise_file_limit();
  auto server = Server::open(*config);
  if (!server) {
    std::fprintf(stderr, "firebrand: cannot start: %s\n", server.error().c_str());
    return 1;
  }
  const StopBySignal stop_by_signal(**server, !config->tls_certificate.empty());
  print_addresses(**server, *config);
  (*server)->run();
  std::printf("firebrand has stopped; everything acknowledged is on disk.\n");
  return 0;
}

int show_config(const std::string& file, const std::map<std::string, std::string>& flags,
                bool explain) {
  ConfigOrigins origins;
  const auto config = load_config(file, environment(), flags, &origins);
  if (explain) { std::fputs(explain_config(origins).c_str(), stdout); }
  if (!config) {
    std::fprintf(stderr, "firebrand: %s\n", config.error().message.c_str());
    return 2;
  }
  if (!explain) { std::printf("the configuration is good; --explain shows it\n"); }
  return 0;
}

struct Settings {
  std::string file;
  std::map<std::string, std::string> flags;
  bool explain = false;
};

/// A command that takes every setting as a flag.
CLI::App* add_with_settings(CLI::App& app, const char* name, const char* text,
                            const std::shared_ptr<Settings>& settings) {
  auto* const command = app.add_subcommand(name, text);
  command->add_option("--config", settings->file, "A firebrand.toml")->check(CLI::ExistingFile);
  const auto add = [&](const std::string& flag, const std::string& key, std::string_view doc) {
    command->add_option_function<std::string>(
        "--" + flag, [settings, key](const std::string& value) { settings->flags[key] = value; },
        std::string(doc));
  };
  for (const ConfigKey& key : config_keys()) {
    add(std::string(key.name), std::string(key.name), key.doc);
  }
  add("data", "server.data", "Short for --server.data");
  add("port", "server.port", "Short for --server.port");
  add("demo", "demo.launch_file", "Short for --demo.launch_file");
  return command;
}

}  // namespace

void add_serve_command(CLI::App& app, int& status) {
  const auto settings = std::make_shared<Settings>();
  add_with_settings(app, "serve", "Serve an installation over HTTP", settings)
      ->callback([settings, &status] { status = serve(settings->file, settings->flags); });
  auto* const config =
      add_with_settings(app, "config", "Check the settings that serve would have", settings);
  config->add_flag("--explain", settings->explain,
                   "Show each with its value, where that comes from, and what it means");
  config->callback([settings, &status] {
    status = show_config(settings->file, settings->flags, settings->explain);
  });
}

}  // namespace firebrand
