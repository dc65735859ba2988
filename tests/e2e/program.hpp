#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/types.hpp"
#include "edge/http/http_client.hpp"

namespace firebrand::e2e {

/// The program under test: FIREBRAND_PROGRAM.
[[nodiscard]] const std::string& program();

/// A directory of a test's own, gone at the end; kept, and named, if the test has failed.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string path(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

using Environment = std::map<std::string, std::string>;

/// A child process with its output, standard and errors in one stream. Ended by SIGKILL with the
/// object, if it has not ended before.
class Process {
 public:
  /// @param path  Of the program that runs; empty: the program under test.
  Process(const std::vector<std::string>& arguments, const Environment& environment = {},
          const std::string& path = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  /// Waits for its end. @return the exit code, or minus the signal that ended it; nothing if it
  /// still runs after the time.
  [[nodiscard]] std::optional<int> wait(Millis time);
  /// Waits until the text has been printed. @return false if the process ended or the time passed
  /// without.
  [[nodiscard]] bool wait_for_output(std::string_view text, Millis time);
  [[nodiscard]] std::string output() const;
  [[nodiscard]] pid_t id() const { return id_; }
  /// A living process that it has started itself, with this subcommand.
  [[nodiscard]] std::optional<pid_t> child(std::string_view command) const;
  /// The same, waited for.
  [[nodiscard]] std::optional<pid_t> wait_for_child(std::string_view command, Millis time) const;

 private:
  void read_output(int pipe);

  pid_t id_ = 0;
  std::optional<int> status_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  bool closed_ = false;
  mutable std::set<std::string> strangers_;  ///< Processes that were no children of it.
  std::atomic<bool> left_{false};            ///< Nobody asks for the output any more.
  std::thread reader_;
};

struct Finished {
  int status = 0;  ///< As Process::wait(); -SIGKILL if it took longer than a minute.
  std::string output;
};
/// Runs the program to its end.
[[nodiscard]] Finished run_program(const std::vector<std::string>& arguments,
                                   const Environment& environment = {});

/// Runs firebrand-verify, built beside the program, to its end.
[[nodiscard]] Finished run_verifier(const std::vector<std::string>& arguments);

struct ServerOptions {
  std::string data;
  std::uint16_t port = 0;  ///< Zero: a free one.
  std::vector<std::string> flags;
};

inline constexpr std::string_view kPaymentSecret = "a secret between two machines";

/// `firebrand serve` on loopback with small segments, and kPaymentSecret.
class ServerProcess {
 public:
  /// Does not wait for anything.
  explicit ServerProcess(const ServerOptions& options);

  /// Wait until it answers, or answers and is ready. Throw, with what it printed, if it does not
  /// get there.
  void wait_until_serving();
  void wait_until_ready();

  void kill();  ///< SIGKILL, and waits for its end.
  [[nodiscard]] std::optional<int>
  stop();  ///< SIGTERM. @return the exit code, if it ended in time.

  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] const Process& process() const { return *process_; }
  [[nodiscard]] const HttpEndpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] std::string url() const;
  /// Of the one-time owner sign-in it printed; empty if it printed none.
  [[nodiscard]] std::string setup_token() const;

 private:
  std::unique_ptr<Process> process_;
  HttpEndpoint endpoint_;
};

/// A port of loopback that is free now and that the system gives to nobody by itself: for a server
/// that comes back under the address its clients know.
[[nodiscard]] std::uint16_t lasting_port();

/// Lets that much time pass.
void pass(std::chrono::microseconds time);

/// Asks again, some milliseconds apart, until `holds` does. @return false if the time passes first.
template <class Condition>
[[nodiscard]] bool eventually(Condition holds, Millis time = Millis{10'000}) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) { return false; }
    pass(Millis{5});
  }
  return true;
}

}  // namespace firebrand::e2e
