#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "base/file_text.hpp"
#include "base/rfc3339.hpp"
#include "edge/server/backup.hpp"
#include "edge/server/subcommands.hpp"
#include "edge/server/system_clock.hpp"
#include "log/file_system.hpp"

namespace firebrand {

namespace {

constexpr char kPassphraseVariable[] = "FIREBRAND_BACKUP_PASSPHRASE";
constexpr std::size_t kPassphraseBytesMin = 12;
constexpr int kNiceness = 19;

struct BackupArguments {
  std::string backup;
  std::string data;
  std::string passphrase_file;
  std::uint64_t offset = 0;  ///< Zero: the last one.
  std::string time;
  bool nothing_lost = false;
};

int fail(const std::string& message) {
  std::fprintf(stderr, "firebrand: %s\n", message.c_str());
  return 1;
}

/// @return the message for the operator if there is none.
Expected<std::string, std::string> read_passphrase(const std::string& path) {
  std::string passphrase;
  if (!path.empty()) {
    auto text = file_text(path);
    if (!text) { return Unexpected(path + " cannot be read"); }
    passphrase = std::move(*text);
    while (passphrase.ends_with('\n') || passphrase.ends_with('\r')) { passphrase.pop_back(); }
  } else if (const char* const named = std::getenv(kPassphraseVariable)) {
    passphrase = named;
  }
  if (passphrase.size() >= kPassphraseBytesMin) { return passphrase; }
  return Unexpected("the installation's key is sealed with a passphrase of " +
                    std::to_string(kPassphraseBytesMin) +
                    " characters or more: name a file that holds it (--passphrase-file), or set " +
                    kPassphraseVariable);
}

int run_backup(const BackupArguments& arguments) {
  const auto passphrase = read_passphrase(arguments.passphrase_file);
  if (!passphrase) { return fail(passphrase.error()); }
  // A sale must not wait for a backup of it.
  (void)::setpriority(PRIO_PROCESS, 0, kNiceness);
  log::PosixFileSystem files;
  const auto done = back_up(
      files, arguments.data, arguments.backup, *passphrase,
      [](const std::string& line) { std::fprintf(stderr, "firebrand: %s\n", line.c_str()); });
  if (!done) { return fail(done.error()); }
  std::printf("backed up   %s up to offset %" PRIu64 ", stamped %s\n", arguments.data.c_str(),
              done->manifest.offset.value,
              std::string(format_rfc3339(done->manifest.stamped_at).view()).c_str());
  std::printf("written     %u segments, %" PRIu64 " bytes, to %s\n", done->copied.segments,
              done->copied.bytes, arguments.backup.c_str());
  return 0;
}

/// The record that is asked for.
Expected<LogOffset, std::string> wanted_offset(log::FileSystem& files,
                                               const BackupArguments& arguments) {
  const auto manifest = read_manifest(files, arguments.backup);
  if (!manifest) { return Unexpected(manifest.error()); }
  if (arguments.offset > 0) { return LogOffset{arguments.offset}; }
  if (arguments.time.empty()) { return manifest->offset; }
  const auto time = parse_rfc3339(arguments.time);
  if (!time) {
    return Unexpected(std::string("--time: expected a time such as 2026-11-21T20:00:00Z"));
  }
  auto offset = offset_at(files, arguments.backup, *manifest, *time);
  if (offset && *offset == LogOffset{}) {
    return Unexpected("the backup holds no record from " + arguments.time + " or before");
  }
  return offset;
}

int run_restore(const BackupArguments& arguments) {
  const auto passphrase = read_passphrase(arguments.passphrase_file);
  if (!passphrase) { return fail(passphrase.error()); }
  log::PosixFileSystem files;
  SystemClock clock;
  const auto offset = wanted_offset(files, arguments);
  if (!offset) { return fail(offset.error()); }
  const auto done = restore(files, arguments.backup, arguments.data, clock, *passphrase, *offset,
                            arguments.nothing_lost);
  if (!done) { return fail(done.error()); }
  std::printf("restored    %s at offset %" PRIu64 ", stamped %s\n", arguments.data.c_str(),
              done->offset.value, std::string(format_rfc3339(done->stamped_at).view()).c_str());
  std::printf("digest      %016" PRIx64 "\n", done->digest);
  std::printf("the backup leads to the digest that was noted when it was made\n");
  if (done->has_public_log) {
    std::printf(arguments.nothing_lost
                    ? "public log  goes on under its name\n"
                    : "public log  another one begins, with a signed statement: more may have been "
                      "published than the backup knows of\n");
  }
  return 0;
}

}  // namespace

void add_backup_commands(CLI::App& app, int& status) {
  const auto arguments = std::make_shared<BackupArguments>();
  const auto add = [&](const char* name, const char* doc) {
    auto* const command = app.add_subcommand(name, doc);
    command->add_option("backup", arguments->backup, "The directory of the backup")->required();
    command->add_option("--data", arguments->data, "The data directory")->required();
    command->add_option("--passphrase-file", arguments->passphrase_file,
                        "A file with the passphrase of the key in the backup; else " +
                            std::string(kPassphraseVariable));
    return command;
  };
  add("backup", "Back a data directory up, or bring a backup up to date, beside a running server")
      ->callback([arguments, &status] { status = run_backup(*arguments); });

  auto* const command =
      add("restore", "Make a data directory from a backup, as it was at the end or at an offset");
  auto* const offset =
      command->add_option("--offset", arguments->offset, "The last record to restore")
          ->check(CLI::PositiveNumber);
  auto* const time = command
                         ->add_option("--time", arguments->time,
                                      "Instead: the last record stamped at this time or before")
                         ->excludes(offset);
  command
      ->add_flag("--nothing-lost", arguments->nothing_lost,
                 "The server did nothing behind the backup: the public log goes on under its name")
      ->excludes(offset)
      ->excludes(time);
  command->callback([arguments, &status] { status = run_restore(*arguments); });
}

}  // namespace firebrand
