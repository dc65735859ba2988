#include "program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace firebrand::e2e {

namespace {

constexpr Millis kStartTime{60'000};
constexpr Millis kStopTime{30'000};

/// The environment of the test without what would configure the server.
std::vector<std::string> environment_of_child(const Environment& more) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("FIREBRAND_")) { entries.emplace_back(*entry); }
  }
  for (const auto& [name, value] : more) { entries.push_back(name + "=" + value); }
  return entries;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) { pointers.push_back(text.data()); }
  pointers.push_back(nullptr);
  return pointers;
}

std::string text_of(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

const std::string& program() {
  static const std::string path = [] {
    const char* const named = std::getenv("FIREBRAND_PROGRAM");
    if (named == nullptr) { throw std::runtime_error("FIREBRAND_PROGRAM names no program"); }
    return std::filesystem::absolute(named).string();
  }();
  return path;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "firebrand-e2e-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) { throw std::runtime_error("no temporary directory"); }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  const ::testing::UnitTest& tests = *::testing::UnitTest::GetInstance();
  const ::testing::TestInfo* const test = tests.current_test_info();
  if (test != nullptr ? test->result()->Failed() : tests.Failed()) {
    std::printf("the data directory is kept: %s\n", path_.c_str());
    return;
  }
  std::error_code ignored;  // What cannot be removed stays behind in the temporary directory.
  std::filesystem::remove_all(path_, ignored);
}

Process::Process(const std::vector<std::string>& arguments, const Environment& environment,
                 const std::string& path) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) { throw std::runtime_error("no pipe"); }
  std::vector<std::string> words = {path.empty() ? program() : path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_of_child(environment);
  const std::vector<char*> argv = pointers_to(words);
  const std::vector<char*> envp = pointers_to(variables);
  id_ = ::fork();
  if (id_ == 0) {
    // Between fork and exec of a process with threads: system calls only.
    ::dup2(ends[1], 1);
    ::dup2(ends[1], 2);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  if (id_ < 0) { throw std::runtime_error("no process"); }
  reader_ = std::thread([this, pipe = ends[0]] { read_output(pipe); });
}

Process::~Process() {
  if (!status_) {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  left_ = true;
  reader_.join();
}

void Process::read_output(int pipe) {
  std::array<char, 4096> bytes{};
  pollfd readable{.fd = pipe, .events = POLLIN, .revents = 0};
  for (;;) {
    // A child of the child may hold the other end for as long as it likes.
    if (::poll(&readable, 1, 50) == 0) {
      if (left_) { break; }
      continue;
    }
    const ssize_t size = ::read(pipe, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) { continue; }
    const std::lock_guard lock(mutex_);
    if (size <= 0) { closed_ = true; }
    if (size > 0) { output_.append(bytes.data(), static_cast<std::size_t>(size)); }
    changed_.notify_all();
    if (size <= 0) { break; }
  }
  ::close(pipe);
}

void Process::signal(int number) const {
  if (!status_) { ::kill(id_, number); }
}

std::optional<int> Process::wait(Millis time) {
  int status = 0;
  const bool ended = status_.has_value() ||
                     eventually([&] { return ::waitpid(id_, &status, WNOHANG) == id_; }, time);
  if (!ended) { return std::nullopt; }
  if (!status_) { status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }
  // A child of the child, such as the snapshot process, may hold the pipe a little longer.
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, Millis{2'000}, [&] { return closed_; });
  return status_;
}

bool Process::wait_for_output(std::string_view text, Millis time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return closed_ || output_.find(text) != std::string::npos; });
  return output_.find(text) != std::string::npos;
}

std::string Process::output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

std::optional<pid_t> Process::child(std::string_view command) const {
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) { continue; }
    if (strangers_.contains(name)) { continue; }
    // "17 (name that may hold anything) S 16 ...": the state, then the parent.
    const std::string stat = text_of(entry.path() / "stat");
    const std::size_t end_of_name = stat.rfind(')');
    if (end_of_name == std::string::npos) { continue; }
    std::istringstream fields(stat.substr(end_of_name + 1));
    std::string state;
    pid_t parent = 0;
    fields >> state >> parent;
    if (parent != id_) { strangers_.insert(name); }
    if (parent != id_ || state == "Z") { continue; }
    // Between fork and exec it still has the words of its parent.
    const std::string word = std::string(1, '\0').append(command).append(1, '\0');
    if (text_of(entry.path() / "cmdline").find(word) != std::string::npos) {
      return std::stoi(name);
    }
  }
  return std::nullopt;
}

std::optional<pid_t> Process::wait_for_child(std::string_view command, Millis time) const {
  // Some live for a few milliseconds only.
  const auto deadline = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto found = child(command);
    if (found || std::chrono::steady_clock::now() > deadline) { return found; }
    pass(std::chrono::microseconds{100});
  }
}

namespace {

Finished run_to_end(Process& process) {
  std::optional<int> status = process.wait(Millis{60'000});
  if (!status) {
    process.signal(SIGKILL);
    status = process.wait(Millis{5'000});
  }
  return {status.value_or(-SIGKILL), process.output()};
}

}  // namespace

Finished run_program(const std::vector<std::string>& arguments, const Environment& environment) {
  Process process(arguments, environment);
  return run_to_end(process);
}

Finished run_verifier(const std::vector<std::string>& arguments) {
  const auto path = std::filesystem::path(program()).replace_filename("firebrand-verify");
  Process process(arguments, {}, path.string());
  return run_to_end(process);
}

ServerProcess::ServerProcess(const ServerOptions& options) {
  std::vector<std::string> arguments = {"serve",
                                        "--data",
                                        options.data,
                                        "--port",
                                        std::to_string(options.port),
                                        "--log.segment_mib",
                                        "16",
                                        "--log.segments_ahead",
                                        "1",
                                        "--payments.callback_secret",
                                        std::string(kPaymentSecret)};
  arguments.insert(arguments.end(), options.flags.begin(), options.flags.end());
  process_ = std::make_unique<Process>(arguments);
  endpoint_.port = options.port;
}

void ServerProcess::wait_until_serving() {
  constexpr std::string_view kServes = "firebrand serves http://127.0.0.1:";
  if (!process_->wait_for_output("/docs\n", kStartTime)) {
    throw std::runtime_error("the server does not start: " + process_->output());
  }
  const std::string output = process_->output();
  const std::size_t port = output.find(kServes) + kServes.size();
  endpoint_.port = static_cast<std::uint16_t>(std::stoi(output.substr(port)));
}

void ServerProcess::wait_until_ready() {
  wait_until_serving();
  HttpClient client(endpoint_);
  const bool ready = eventually(
      [&] {
        const auto answer = client.request(HttpMethod::get, "/readyz");
        return answer.has_value() && answer->status == 200;
      },
      kStartTime);
  if (!ready) { throw std::runtime_error("the server does not get ready: " + process_->output()); }
}

void ServerProcess::kill() {
  process_->signal(SIGKILL);
  (void)process_->wait(kStopTime);
}

std::optional<int> ServerProcess::stop() {
  process_->signal(SIGTERM);
  return process_->wait(kStopTime);
}

std::uint16_t lasting_port() {
  // Below the range from which the system takes the ports of outgoing connections: otherwise a
  // client that asks whether the server is back may be given that very port, and hold it.
  constexpr std::uint32_t kFirst = 15'000;
  constexpr std::uint32_t kPorts = 16'000;
  const auto start = static_cast<std::uint32_t>(::getpid());
  static std::uint32_t asked = 0;
  for (std::uint32_t i = 0; i < kPorts; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirst + (start + ++asked * 97) % kPorts);
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(listener);
    if (bound == 0) { return port; }
  }
  throw std::runtime_error("no free port");
}

void pass(std::chrono::microseconds time) {
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock lock(mutex);
  nobody.wait_for(lock, time, [] { return false; });
}

std::string ServerProcess::url() const {
  return "http://" + endpoint_.host + ":" + std::to_string(endpoint_.port);
}

std::string ServerProcess::setup_token() const {
  constexpr std::string_view kToken = "#/setup?token=";
  (void)process_->wait_for_output(kToken, Millis{1'000});
  const std::string output = process_->output();
  const std::size_t at = output.find(kToken);
  return at == std::string::npos ? std::string() : output.substr(at + kToken.size(), 64);
}

}  // namespace firebrand::e2e
