#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "sim/crowd.hpp"
#include "sim/lone_engine.hpp"
#include "sim/poison.hpp"

/// core_digest: one fixed crowd of 200,000 commands through the engine alone, and the digest after
/// each 10,000. Equal on every machine, compiler and level of optimisation.
/// core_digest --poison-seeds DIRECTORY writes stretches of the same as seeds of poison_fuzz.
namespace {

using namespace firebrand;

constexpr std::uint64_t kCommands = 200'000;
constexpr std::uint64_t kCommandsPerLine = 10'000;
constexpr std::uint64_t kPoisonSeeds = 12;
constexpr std::size_t kPoisonCommands = 400;

CrowdHabits fixed_habits() {
  CrowdHabits habits;
  habits.persons = 20'000;
  habits.skus = 4;
  habits.drops = 60;
  habits.wave_units_max = 2'000;
  habits.payment_seconds_max = 90;
  return habits;
}

void pass_time(LoneEngine& lone, Prng& prng) {
  lone.pass(Millis{prng.between(0, 12)});
  if (prng.below(50'000) == 0) { lone.pass(std::chrono::hours{24 * 20}); }
}

/// One command or query by somebody of the crowd. @return what was sent.
SimRequest act(Crowd& crowd, LoneEngine& lone) {
  SimRequest request = crowd.next(lone.now());
  SimAnswer answer{.token = request.token, .number = request.number, .timestamp = lone.now()};
  std::array<std::byte, kAnswerBytesMax> found;
  if (request.is_query()) {
    const std::size_t size =
        lone.engine().answer({request.number, request.payload}, lone.now(), found);
    answer.kind = size == 0 ? AnswerKind::undecodable : AnswerKind::result;
    answer.result = std::span(found).first(size);
    crowd.answered(answer);
    return request;
  }
  const Outcome outcome = lone.apply(request);
  answer.kind = answer_kind(outcome.kind);
  answer.status = outcome.status;
  answer.result = std::span(outcome.result).first(outcome.result_size);
  crowd.answered(answer);
  return request;
}

void print_digest(std::uint64_t commands, const LoneEngine& lone) {
  std::printf("%7llu commands %7llu applied %016llx", static_cast<unsigned long long>(commands),
              static_cast<unsigned long long>(lone.applied()),
              static_cast<unsigned long long>(lone.engine().digest()));
  for (const ModuleDigest& module : lone.engine().module_digests()) {
    std::printf(" %.*s %016llx", static_cast<int>(module.module.size()), module.module.data(),
                static_cast<unsigned long long>(module.digest));
  }
  std::printf("\n");
}

bool write_seed(const std::string& path, std::span<const Poison> poisons) {
  const ByteVector bytes = write_poison(poisons);
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) { std::fprintf(stderr, "core_digest: cannot write %s\n", path.c_str()); }
  return out.good();
}

constexpr Currency kCny = Currency::of("CNY");

/// Commands written by hand, for what no crowd comes to.
class Story {
 public:
  /// Begins with a drop of so many units, one for each person, that opens after a millisecond.
  explicit Story(std::int64_t units) {
    const Timestamp opens_at = kPoisonStart + Millis{1};
    then(AdoptRules{kRulesVersion});
    then(AddSku{.code = "a", .name = {"新", "new"}, .prices = {{5, kCny}}});
    then(ReceiveStock{.sku_id = {1}, .quantity = units});
    then(CreateLaunch{.code = "a", .name = {"新", "new"}});
    then(CreateDrop{.launch_id = {1},
                    .code = "a",
                    .sku_id = {1},
                    .currency = kCny,
                    .opens_at = opens_at,
                    .per_person_limit = 1,
                    .payment_window_seconds = 1,
                    .waves = {{opens_at, units}}});
    then(ReleaseWave{.drop_id = {1}, .wave = 1});
    buy(1);  // A millisecond too early.
    wait_ = Millis{1};
  }
  template <class C>
  void then(const C& command) {
    poisons_.push_back({request_of(command), std::exchange(wait_, Millis{0})});
  }
  void wait(Millis time) { wait_ += time; }
  void buy(std::uint64_t person) { then(PlaceOrder{.drop_id = {1}, .person_id = {person}}); }
  void pay(std::uint64_t order) {
    then(ConfirmPayment{
        .order_id = {order}, .payment_id = numbered("pay-", order), .amount = {5, kCny}});
  }
  void run_due() { then(RunDue{kRunDueLimitMax}); }
  [[nodiscard]] const std::vector<Poison>& poisons() const { return poisons_; }

 private:
  std::vector<Poison> poisons_;
  Millis wait_{0};
};

/// What happens in the millisecond before an order's end and in that of its end, when run_due has
/// not come to it. The sequencer lets what is due go first, so no crowd ever sees this.
Story at_the_last_moment() {
  constexpr std::uint64_t kOrders = 6;
  Story story(kOrders);
  for (std::uint64_t i = 1; i <= kOrders; ++i) { story.buy(i); }
  const auto pay_and_cancel = [&](Millis time, std::uint64_t order) {
    story.wait(time);
    story.pay(order);
    story.then(CancelOrder{.order_id = {order + 1}, .person_id = {order + 1}});
  };
  pay_and_cancel(Millis{999}, 1);
  pay_and_cancel(Millis{1}, 3);
  pay_and_cancel(Millis{1}, 5);
  story.run_due();
  pay_and_cancel(Millis{0}, 3);
  return story;
}

/// A paid order stays as long as its drop may sell, and its buyer may not buy again; then it leaves
/// with the right.
Story months_later() {
  Story story(3);
  const auto a_month_passes = [&] {
    story.wait(kOrderRetention);
    story.run_due();
    story.buy(1);
  };
  for (std::uint64_t i = 1; i <= 2; ++i) {
    story.buy(i);
    story.pay(i);
  }
  a_month_passes();
  story.buy(3);
  a_month_passes();
  story.buy(3);
  story.pay(4);
  a_month_passes();
  a_month_passes();
  return story;
}

int write_poison_seeds(const std::string& directory) {
  if (!write_seed(directory + "/at-the-last-moment", at_the_last_moment().poisons()) ||
      !write_seed(directory + "/months-later", months_later().poisons())) {
    return 1;
  }
  for (std::uint64_t seed = 1; seed <= kPoisonSeeds; ++seed) {
    Prng prng(seed);
    Probes probes;
    Crowd crowd(prng.fork(), CrowdHabits::drawn(prng), probes);
    LoneEngine lone(kPoisonStart);
    std::vector<Poison> poisons;
    Timestamp before = lone.now();
    const auto keep = [&](SimRequest request) {
      poisons.push_back({std::move(request), lone.now() - before});
      before = lone.now();
    };
    while (poisons.size() < kPoisonCommands) {
      pass_time(lone, prng);
      if (prng.below(100) == 0) { lone.pass(Millis{prng.between(0, 40'000'000)}); }
      if (lone.engine().next_due() && *lone.engine().next_due() <= lone.now() &&
          prng.below(3) != 0) {
        const SimRequest due = request_of(RunDue{static_cast<std::uint32_t>(prng.below(4) + 1)});
        (void)lone.apply(due);
        keep(due);
      }
      SimRequest request = act(crowd, lone);
      if (!request.is_query()) { keep(std::move(request)); }
    }
    if (!write_seed(directory + "/crowd-" + std::to_string(seed), poisons)) { return 1; }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--poison-seeds") == 0) {
    return write_poison_seeds(argv[2]);
  }
  if (argc != 1) {
    std::fputs("usage: core_digest [--poison-seeds DIRECTORY]\n", stderr);
    return 2;
  }
  Prng prng(20261121);
  Probes probes;
  Crowd crowd(prng.fork(), fixed_habits(), probes);
  LoneEngine lone(kPoisonStart);
  for (std::uint64_t commands = 1; commands <= kCommands; ++commands) {
    pass_time(lone, prng);
    lone.run_due();
    (void)act(crowd, lone);
    if (commands % kCommandsPerLine == 0) { print_digest(commands, lone); }
  }
  lone.engine().check_invariants();
  return 0;
}
