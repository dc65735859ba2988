#include "edge/server/crowd_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/file_text.hpp"
#include "base/id_text.hpp"
#include "edge/api/credentials.hpp"
#include "edge/server/program.hpp"

extern char** environ;

namespace firebrand {

namespace {

/// To write what it has seen; its server goes, so it could only wait for it.
constexpr Millis kStopGrace{500};

/// Another crowd at every press of the button; the report names it, so that it can be sent again.
std::uint32_t fresh_seed() {
  const Bytes<32> random = Credentials::random_secret();
  std::uint32_t seed = 0;
  std::memcpy(&seed, random.data.data(), sizeof seed);
  return seed;
}

/// @return zero if it cannot be started.
pid_t spawn(const std::string& url, const DemoCrowd& crowd, const std::string& report) {
  std::vector<std::string> texts = {own_program(), "crowd",
                                    "--server",    url,
                                    "--fans",      std::to_string(crowd.fans),
                                    "--drop",      std::string(format_id(crowd.drop_id).view()),
                                    "--duration",  std::to_string(crowd.duration_seconds),
                                    "--seed",      std::to_string(fresh_seed()),
                                    "--report",    report};
  std::vector<char*> arguments;
  for (std::string& text : texts) { arguments.push_back(text.data()); }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed =
      ::posix_spawn(&child, texts.front().c_str(), &quiet, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
  return failed == 0 ? child : 0;
}

}  // namespace

CrowdProcess::~CrowdProcess() { stop(); }

void CrowdProcess::start(const std::string& url, const DemoCrowd& crowd, const std::string& scratch,
                         std::function<void(std::string)> then) {
  if (waiter_.joinable()) { waiter_.join(); }
  const std::string report = scratch + "/crowd-report.json";
  (void)::unlink(report.c_str());
  child_ = spawn(url, crowd, report);
  if (child_ == 0) { return then(R"({"error":"the crowd cannot be started"})"); }
  waiter_ = std::thread([this, report, then = std::move(then)] { then(wait_for_report(report)); });
}

std::string CrowdProcess::wait_for_report(const std::string& report) {
  // Its number stays taken until it is collected under the lock: a signal meets nobody else.
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {}
  {
    const std::lock_guard lock(mutex_);
    int status = 0;
    (void)::waitpid(child_, &status, 0);
    child_ = 0;
  }
  ended_.notify_all();
  const std::string text = file_text(report).value_or("");
  return text.empty() ? R"({"error":"the crowd ended without a report"})" : text;
}

void CrowdProcess::stop() {
  if (!waiter_.joinable()) { return; }
  {
    std::unique_lock lock(mutex_);
    if (child_ != 0) { ::kill(child_, SIGTERM); }
    if (!ended_.wait_for(lock, kStopGrace, [this] { return child_ == 0; })) {
      ::kill(child_, SIGKILL);
    }
  }
  waiter_.join();
}

}  // namespace firebrand
