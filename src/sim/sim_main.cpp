#include <sys/random.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "sim/world.hpp"

/// firebrand_sim: runs seeds of the simulation. Exit code 0 if every audit held, 1 if not.
namespace {

using namespace firebrand;

constexpr const char* kUsage =
    "firebrand_sim [--seed N] [--seeds N] [--minutes N] [--steps N] [--all-probes]\n"
    "             [--kills-min N] [--verbose]\n"
    "\n"
    "  --seed N      the seed, or the first one (1; with --minutes: drawn)\n"
    "  --seeds N     so many seeds from there on (1)\n"
    "  --minutes N   seeds until the time is over or one fails\n"
    "  --steps N     length of a run (20000)\n"
    "  --all-probes  fail if a rare path was never taken over all seeds\n"
    "  --kills-min N fail if there were fewer kill points over all seeds\n"
    "  --verbose     print every event\n";

struct Arguments {
  std::uint64_t seed = 0;
  std::uint64_t seeds = 0;
  std::uint64_t minutes = 0;
  std::uint64_t steps = RunOptions{}.steps;
  std::uint64_t kills_min = 0;
  bool all_probes = false;
  bool verbose = false;
};

bool parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--all-probes") {
      arguments.all_probes = true;
      continue;
    }
    if (flag == "--verbose") {
      arguments.verbose = true;
      continue;
    }
    std::uint64_t* const value = flag == "--seed"        ? &arguments.seed
                                 : flag == "--seeds"     ? &arguments.seeds
                                 : flag == "--minutes"   ? &arguments.minutes
                                 : flag == "--steps"     ? &arguments.steps
                                 : flag == "--kills-min" ? &arguments.kills_min
                                                         : nullptr;
    if (value == nullptr || ++i == argc) { return false; }
    char* end = nullptr;
    *value = std::strtoull(argv[i], &end, 10);
    if (end == argv[i] || *end != '\0' || *value == 0) { return false; }
  }
  return true;
}

// For the handlers: what runs now, and whether the time is over.
volatile std::sig_atomic_t time_is_over = 0;
RunOptions running;

void print_repeat(std::FILE* out) {
  std::fprintf(out, "repeat: build/release/firebrand_sim --seed %llu --steps %llu --verbose\n",
               static_cast<unsigned long long>(running.seed),
               static_cast<unsigned long long>(running.steps));
}

/// An assertion of the engine has printed itself; this says how to see it again.
void on_abort(int) {
  char text[160];
  const int size = std::snprintf(text, sizeof text,
                                 "seed %llu aborted\nrepeat: build/release/firebrand_sim --seed "
                                 "%llu --steps %llu --verbose\n",
                                 static_cast<unsigned long long>(running.seed),
                                 static_cast<unsigned long long>(running.seed),
                                 static_cast<unsigned long long>(running.steps));
  std::fflush(stdout);
  (void)!::write(STDERR_FILENO, text, static_cast<std::size_t>(size));
}

bool run_one(Probes& probes, std::uint64_t& kills) {
  World world(running);
  const RunReport report = world.run();
  probes.add(report.probes);
  kills += report.kills;
  std::printf("seed %-6llu %s  trace %016llx  %llu kills, %llu records, %llu answers\n",
              static_cast<unsigned long long>(running.seed), report.passed() ? "ok" : "FAILED",
              static_cast<unsigned long long>(report.trace_hash),
              static_cast<unsigned long long>(report.kills),
              static_cast<unsigned long long>(report.records),
              static_cast<unsigned long long>(report.answers));
  if (!report.passed()) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(running.seed),
                report.failure.c_str());
    print_repeat(stdout);
  }
  std::fflush(stdout);
  return report.passed();
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  std::signal(SIGABRT, &on_abort);
  if (arguments.minutes > 0) {
    std::signal(SIGALRM, [](int) { time_is_over = 1; });
    ::alarm(static_cast<unsigned>(arguments.minutes * 60));
  }
  std::uint64_t first = arguments.seed;
  if (first == 0 && arguments.minutes > 0) {
    std::uint32_t drawn = 0;
    (void)!::getrandom(&drawn, sizeof drawn, 0);
    first = std::uint64_t{drawn} + 1;
  }
  if (first == 0) { first = 1; }

  Probes probes;
  std::uint64_t kills = 0;
  std::uint64_t ran = 0;
  const std::uint64_t wanted =
      arguments.seeds > 0 ? arguments.seeds : (arguments.minutes > 0 ? UINT64_MAX : 1);
  bool passed = true;
  while (ran < wanted && passed && time_is_over == 0) {
    running = {.seed = first + ran, .steps = arguments.steps, .verbose = arguments.verbose};
    passed = run_one(probes, kills);
    ++ran;
  }
  std::printf("%llu seeds, %llu kill points\n", static_cast<unsigned long long>(ran),
              static_cast<unsigned long long>(kills));
  if (passed && kills < arguments.kills_min) {
    std::printf("fewer than %llu kill points: the set of seeds proves too little\n",
                static_cast<unsigned long long>(arguments.kills_min));
    passed = false;
  }
  for (const Probe probe : enum_values<Probe>()) {
    const std::uint64_t count = probes.count(probe);
    if (ran > 1 || arguments.all_probes) {
      std::printf("  %10llu  %.*s\n", static_cast<unsigned long long>(count),
                  static_cast<int>(enum_name(probe).size()), enum_name(probe).data());
    }
    if (passed && arguments.all_probes && count == 0) {
      std::printf("no seed took this path: the set of seeds proves too little\n");
      passed = false;
    }
  }
  return passed ? 0 : 1;
}
