#include "edge/server/bench_http.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/id_text.hpp"
#include "edge/api/credentials.hpp"
#include "edge/bench/http_load.hpp"
#include "edge/bench/sse_load.hpp"
#include "edge/http/http_client.hpp"
#include "edge/server/bench_directory.hpp"
#include "edge/server/program.hpp"
#include "edge/server/system_clock.hpp"

extern char** environ;

namespace firebrand {

namespace {

/// A drop to measure: open, or with a waiting room that people may join.
struct MeasuredDrop {
  std::uint64_t units = 0;
  bool has_room = false;
};

/// A launch file with these drops.
void write_launch_file(const std::string& path, const std::vector<MeasuredDrop>& drops) {
  std::uint64_t total = 0;
  for (const MeasuredDrop& drop : drops) { total += drop.units; }
  std::ofstream file(path);
  file << "[[sku]]\ncode = \"bench\"\nname.zh = \"基准\"\nname.en = \"Bench\"\n"
       << "prices = [\"CNY 1999.00\"]\nstock = " << total << "\n"
       << "[launch]\ncode = \"bench\"\nname.zh = \"基准\"\nname.en = \"Bench\"\n";
  for (std::size_t i = 0; i < drops.size(); ++i) {
    const char* const opens = drops[i].has_room ? "+1h" : "+0s";
    file << "[[drop]]\ncode = \"bench-" << i << "\"\nsku = \"bench\"\ncurrency = \"CNY\"\n"
         << "opens = \"" << opens << "\"\nper_person_limit = 1\npayment_window = \"1d\"\n"
         << "[[drop.wave]]\nopens = \"" << opens << "\"\nunits = " << drops[i].units << "\n";
    if (drops[i].has_room) {
      file << "decision = \"waiting_room\"\n[drop.wave.waiting_room]\njoins = \"+0s\"\n"
           << "ends = \"+2h\"\nheartbeat = \"1h\"\n";
    }
  }
}

/// `firebrand serve` as a process of its own on a free port, with an empty data directory.
class ServerProcess {
 public:
  /// REQUIRES: the directory was taken; it outlives the process.
  ServerProcess(const BenchDirectory& directory, const std::vector<MeasuredDrop>& drops)
      : data_(directory.path()) {
    const std::string& data = data_;
    const std::string launch = data + "/launch.toml";
    const std::string output = data + "/output.txt";
    write_launch_file(launch, drops);
    std::vector<std::string> texts = {
        own_program(), "serve",  "--data", data + "/server",       "--port",
        "0",           "--demo", launch,   "--log.segments_ahead", "6"};
    std::vector<char*> arguments;
    for (std::string& text : texts) { arguments.push_back(text.data()); }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t redirect;
    posix_spawn_file_actions_init(&redirect);
    posix_spawn_file_actions_addopen(&redirect, 1, output.c_str(), O_WRONLY | O_CREAT, 0600);
    (void)::posix_spawn(&pid_, texts.front().c_str(), &redirect, nullptr, arguments.data(),
                        environ);
    posix_spawn_file_actions_destroy(&redirect);
    port_ = wait_for_port(output);
  }
  ~ServerProcess() {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      int status = 0;
      (void)::waitpid(pid_, &status, 0);
    }
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Zero: it did not start.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string server_data() const { return data_ + "/server"; }
  [[nodiscard]] HttpEndpoint endpoint() const { return {.host = "127.0.0.1", .port = port_}; }

 private:
  /// The first line says "firebrand serves http://127.0.0.1:PORT from ...".
  std::uint16_t wait_for_port(const std::string& output) {
    constexpr int kTries = 300;
    constexpr std::string_view kBefore = "http://127.0.0.1:";
    for (int i = 0; i < kTries; ++i) {
      std::ifstream file(output);
      std::string line;
      std::getline(file, line);
      const std::size_t at = line.find(kBefore);
      if (at != std::string::npos && line.find(" from ") != std::string::npos) {
        return static_cast<std::uint16_t>(std::atoi(line.c_str() + at + kBefore.size()));
      }
      int status = 0;
      if (::waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = 0;
        return 0;
      }
      ::usleep(100'000);
    }
    return 0;
  }

  std::string data_;
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

std::vector<std::string> make_tokens(const std::string& server_data, std::uint64_t count) {
  log::PosixFileSystem files;
  const auto key = load_installation_key(files, server_data);
  if (!key) { return {}; }
  const Credentials credentials(*key);
  SystemClock clock;
  const Timestamp expires = clock.wall() + std::chrono::hours{24};
  std::vector<std::string> tokens;
  for (std::uint64_t person = 1; person <= count; ++person) {
    tokens.emplace_back(credentials.mint_fan_token({PersonId{person}, expires}).view());
  }
  return tokens;
}

/// Asks for the first places of a drop's waiting room, of the first wave.
std::vector<std::string> make_place_targets(const std::string& server_data, DropId drop_id,
                                            std::uint64_t count) {
  log::PosixFileSystem files;
  const auto key = load_installation_key(files, server_data);
  if (!key) { return {}; }
  const Credentials credentials(*key);
  std::vector<std::string> targets;
  for (std::uint32_t place = 1; place <= count; ++place) {
    // Only who is admitted must be the one whose place it is, and nobody is.
    const PlaceToken token{drop_id, 1, place, PersonId{place}};
    targets.push_back("/v1/places/" + std::string(credentials.mint_place_token(token).view()));
  }
  return targets;
}

/// Up to where the log is on disk, as the server says.
std::optional<std::uint64_t> durable_offset(const HttpEndpoint& endpoint) {
  constexpr std::string_view kName = "\nfirebrand_log_durable_offset ";
  HttpClient client(endpoint);
  const auto metrics = client.request(HttpMethod::get, "/metrics");
  const std::size_t at = metrics ? metrics->body.find(kName) : std::string::npos;
  if (at == std::string::npos) { return std::nullopt; }
  return std::strtoull(metrics->body.c_str() + at + kName.size(), nullptr, 10);
}

int fail(const std::string& message) {
  std::fprintf(stderr, "firebrand: %s\n", message.c_str());
  return 1;
}

}  // namespace

int bench_http(const HttpBenchArguments& arguments) {
  const std::string& asked = arguments.phase;
  const bool queue = asked == "queue";
  const MeasuredDrop plenty{.units = arguments.requests};
  const MeasuredDrop room{.units = 1, .has_room = true};
  std::vector<MeasuredDrop> drops;
  std::vector<HttpBenchPhase> phases;
  const auto add = [&](const char* name, const MeasuredDrop& drop, bool beside = false) {
    drops.push_back(drop);
    phases.push_back({.name = name,
                      .target = "/v1/drops/drop_" + std::to_string(drops.size()) +
                                (drop.has_room ? "/waves/1/waiting-room/places" : "/orders"),
                      .requests = arguments.requests,
                      .beside = beside});
  };
  if (asked == "both" || asked == "in_stock" || queue) { add("in_stock", plenty); }
  if (asked == "both" || asked == "sold_out_90") {
    add("sold_out_90", {std::max<std::uint64_t>(arguments.requests / 10, 1)});
  }
  if (asked == "queue_joins" || queue) { add("queue_joins", room); }
  const DropId filled{drops.size()};
  std::vector<std::string> places;  // In it: what is polled.
  if (queue) {
    add("mixed_in_stock", plenty);
    add("mixed_queue_joins", room, true);
    phases.push_back({.name = "queue_polls",
                      .requests = arguments.requests,
                      .get = [&places](std::uint64_t i) -> std::string_view { return places[i]; }});
  }
  const BenchDirectory directory(arguments.data);
  if (!directory.error().empty()) { return fail(directory.error()); }
  const ServerProcess server(directory, drops);
  if (server.port() == 0) { return fail("the server did not start"); }

  if (queue) { places = make_place_targets(server.server_data(), filled, arguments.requests); }
  std::vector<std::string> headers;
  for (const std::string& token : make_tokens(server.server_data(), arguments.requests)) {
    headers.push_back("Authorization: Bearer " + token + "\r\n");
  }
  HttpBenchOptions options;
  options.endpoint = server.endpoint();
  options.connections = arguments.connections;
  options.phases = phases;
  options.fan_headers = [&](std::uint64_t index) -> std::string_view { return headers[index]; };
  options.server_pid = server.pid();
  if (arguments.pin) {
    options.driver_cpu = 0;
    options.server_cpu = 1;
  }
  options.durable_records = [&] { return durable_offset(server.endpoint()); };
  const auto result = run_http_bench(options);
  if (!result) { return fail(result.error().message); }
  const std::string text = arguments.json ? to_json(*result) : to_text(*result);
  std::printf("%s\n", text.c_str());
  return 0;
}

int bench_sse(const SseBenchArguments& arguments) {
  const BenchDirectory directory(arguments.data);
  if (!directory.error().empty()) { return fail(directory.error()); }
  const ServerProcess server(directory, {{100'000}});
  if (server.port() == 0) { return fail("the server did not start"); }
  const auto tokens = make_tokens(server.server_data(), 1'000);
  HttpClient buyer(server.endpoint());
  SseBenchOptions options;
  options.endpoint = server.endpoint();
  options.watchers = arguments.watchers;
  options.server_pid = server.pid();
  options.change = [&](std::uint32_t round) {
    const std::string token = "Bearer " + tokens.at(round);
    const std::string key = "round-" + std::to_string(round);
    const std::array headers = {HttpField{"Authorization", token},
                                HttpField{"Idempotency-Key", key}};
    const auto bought = buyer.request(HttpMethod::post, "/v1/drops/drop_1/orders", headers, "{}");
    return bought && bought->status == 201;
  };
  const auto result = run_sse_bench(options);
  if (!result) { return fail(result.error().message); }
  const std::string text = arguments.json ? to_json(*result) : to_text(*result);
  std::printf("%s\n", text.c_str());
  return 0;
}

int print_tokens(const TokenArguments& arguments) {
  const auto tokens = make_tokens(arguments.data, arguments.count);
  if (tokens.empty()) { return fail("the key of " + arguments.data + " cannot be read"); }
  for (const std::string& token : tokens) { std::printf("%s\n", token.c_str()); }
  return 0;
}

}  // namespace firebrand
