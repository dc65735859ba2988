#include <CLI/CLI.hpp>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>

#include "core/engine/command_text.hpp"
#include "edge/api/credentials.hpp"
#include "edge/server/audit.hpp"
#include "edge/server/subcommands.hpp"
#include "edge/server/system_clock.hpp"
#include "log/file_system.hpp"
#include "runtime/node.hpp"
#include "runtime/replay.hpp"
#include "runtime/sync_client.hpp"

namespace firebrand {

namespace {

int fail(const std::string& message) {
  std::fprintf(stderr, "firebrand: %s\n", message.c_str());
  return 1;
}

void warn(const std::string& line) { std::fprintf(stderr, "firebrand: %s\n", line.c_str()); }

struct DataArguments {
  std::string data;
  std::string line;
  std::uint64_t until = UINT64_MAX;
  std::uint64_t offset = 0;
  std::uint64_t expected_digest = 0;
  std::int64_t keep_days = 0;
  bool digest = false;
  bool from_start = false;
};

/// Runs what reads a data directory to its end. A server must not write to it meanwhile: a batch
/// that is half there would look like damage.
int with_lock(const DataArguments& arguments, int (*command)(const DataArguments&)) {
  log::PosixFileSystem files;
  const auto lock = log::lock_directory(files, arguments.data);
  return lock ? command(arguments) : fail(lock.error().message);
}

int replay(const DataArguments& arguments) {
  log::PosixFileSystem files;
  FoldedState state;
  if (!arguments.from_start) {
    auto loaded = load_newest_snapshot(files, arguments.data, {arguments.until}, &warn);
    if (!loaded) { return fail(loaded.error().message); }
    state = std::move(*loaded);
  }
  const LogOffset snapshot = state.offset;
  if (auto done = replay_log(files, arguments.data, state, {arguments.until}); !done) {
    return fail(done.error().message);
  }
  state.engine->check_invariants();
  std::printf("offset %" PRIu64 "  stamped %" PRId64 " ms  from snapshot %" PRIu64
              "  rules version %u\n",
              state.offset.value, to_unix_ms(state.timestamp), snapshot.value,
              state.engine->rules_version());
  if (arguments.digest) {
    std::printf("digest %016" PRIx64 "\n", state.engine->digest());
    for (const ModuleDigest& module : state.engine->module_digests()) {
      std::printf("  %-10s %016" PRIx64 "\n", std::string(module.module).c_str(), module.digest);
    }
  }
  return 0;
}

int audit(const DataArguments& arguments) { return run_audit(arguments.data); }

int snapshot(const DataArguments& arguments) {
  log::PosixFileSystem files;
  const auto done =
      fold_snapshot(files, arguments.data, {arguments.offset}, arguments.expected_digest);
  return done ? 0 : fail(done.error().message);
}

int archive(const DataArguments& arguments) {
  log::PosixFileSystem files;
  const auto done = archive_behind(files, arguments.data, {arguments.offset});
  return done ? 0 : fail(done.error().message);
}

int trim(const DataArguments& arguments) {
  log::PosixFileSystem files;
  SystemClock clock;
  const auto done =
      trim_log(files, arguments.data, clock.wall() - std::chrono::hours{24 * arguments.keep_days},
               {arguments.offset});
  if (!done) { return fail(done.error().message); }
  if (!done->empty()) { warn(*done); }
  return 0;
}

std::string_view answer_text(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::result:
    case AnswerKind::replayed:
      return "";
    case AnswerKind::request_key_reused:
      return "request_key_reused";
    case AnswerKind::undecodable:
      return "undecodable";
    case AnswerKind::log_full:
      return "log_full";
  }
  return "";
}

int call(const DataArguments& arguments) {
  const auto command = parse_command_text(arguments.line);
  if (!command) { return fail(command.error().message()); }
  log::PosixFileSystem files;
  SystemClock clock;
  auto node = Node::open(files, arguments.data, clock, {.warn = &warn});
  if (!node) { return fail(node.error().message); }
  if ((*node)->sequencer().last_offset() == LogOffset{}) {
    // The key comes before the first record: a server does not start on a log without it.
    const auto key = load_installation_key(files, arguments.data, MissingKey::make);
    if (!key) { return fail(key.error()); }
  }
  while ((*node)->space_keeper().step()) {}
  SyncClient client(**node);
  const AnswerHead& answer = client.send({command->number, command->bytes}, {});
  const std::string result = print_result(answer.number, answer.result(), TextTimes::rfc3339);
  std::printf("%s%s\n", std::string(answer_text(answer.kind)).c_str(), result.c_str());
  const StatusBand band = status_band(answer.status);
  (void)(*node)->sequencer().record_last_refusals();
  client.settle();
  return answer.kind == AnswerKind::result &&
                 (band == StatusBand::done || band == StatusBand::replayed)
             ? 0
             : 1;
}

}  // namespace

void add_data_commands(CLI::App& app, int& status) {
  const auto arguments = std::make_shared<DataArguments>();
  const auto add = [&](const char* name, const char* doc) {
    auto* const command = app.add_subcommand(name, doc);
    command->add_option("--data", arguments->data, "The data directory")
        ->required()
        ->check(CLI::ExistingDirectory);
    return command;
  };
  auto* const replay_command =
      add("replay", "Fold the log and say where it leads, with no server running");
  replay_command->add_flag("--digest", arguments->digest, "Print the digest, module by module");
  replay_command->add_option("--until", arguments->until, "Stop after this offset");
  replay_command->add_flag("--from-start", arguments->from_start, "Do not use a snapshot");
  replay_command->callback([arguments, &status] { status = with_lock(*arguments, &replay); });

  auto* const audit_command = add(
      "audit",
      "Replay the log beside books of its own: units of drops and SKUs, money, orders and limits "
      "after every record, and facts/ fact by fact; with no server running");
  audit_command->callback([arguments, &status] { status = with_lock(*arguments, &audit); });

  auto* const call_command = add(
      "call", "Apply one command or ask one question, as a line of text, with no server running");
  call_command->add_option("line", arguments->line, "For example: 'pause_drop drop_id=1'")
      ->required();
  call_command->callback([arguments, &status] { status = call(*arguments); });

  auto* const snapshot_command =
      add("snapshot", "Write the snapshot of an offset (for the server)");
  snapshot_command->add_option("--offset", arguments->offset, "The offset")->required();
  snapshot_command->add_option("--digest", arguments->expected_digest, "Its digest")->required();
  snapshot_command->callback([arguments, &status] { status = snapshot(*arguments); });

  auto* const archive_command =
      add("archive", "Compress the segments behind the snapshot of an offset (for the server)");
  archive_command->add_option("--offset", arguments->offset, "The offset")->required();
  archive_command->callback([arguments, &status] { status = archive(*arguments); });

  auto* const trim_command = add(
      "trim", "Delete old segments of the log that two snapshots stand behind (for the server)");
  trim_command->add_option("--keep-days", arguments->keep_days, "Records of so many days stay")
      ->required()
      ->check(CLI::Range(1, 36'500));
  trim_command->add_option("--offset", arguments->offset, "How far views have read the log")
      ->required();
  trim_command->callback([arguments, &status] { status = trim(*arguments); });
}

}  // namespace firebrand
