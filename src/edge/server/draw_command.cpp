#include <sodium.h>

#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>

#include "base/draw.hpp"
#include "base/file_text.hpp"
#include "base/hex.hpp"
#include "edge/server/subcommands.hpp"
#include "verify/draw_check.hpp"

namespace firebrand {

namespace {

int verify(const std::string& path) {
  const auto record = file_text(path);
  if (!record) {
    std::fprintf(stderr, "firebrand: %s: cannot be read\n", path.c_str());
    return 1;
  }
  const auto verified = verify_draw_record(*record);
  if (!verified) {
    std::fprintf(stderr, "firebrand: %s: %s\n", path.c_str(), verified.error().en.c_str());
    return 1;
  }
  std::printf("%s is as its record says: entries %" PRIu64 "  winners %" PRIu64 "  reserve %" PRIu64
              "  passed over %" PRIu64 "  reveal %s\n",
              verified->draw.c_str(), verified->entries, verified->winners, verified->reserve,
              verified->passed, verified->withheld ? "withheld" : "revealed");
  if (verified->root_late) {
    std::printf(
        "but its root was published at a time at which the beacon's value could be known\n");
  }
  return 0;
}

/// A reveal to keep secret, and the commitment to open a draw with.
int commit() {
  if (sodium_init() < 0) { return 1; }
  Hash256 reveal;
  randombytes_buf(reveal.data.data(), reveal.data.size());
  std::printf("reveal %s\ncommit %s\n", to_hex(reveal.data).c_str(),
              to_hex(draw_commitment(reveal).data).c_str());
  return 0;
}

}  // namespace

void add_draw_commands(CLI::App& app, int& status) {
  auto* const draw = app.add_subcommand("draw", "Draws that anybody can compute again");
  draw->require_subcommand(1);
  const auto path = std::make_shared<std::string>();
  auto* const verify_command =
      draw->add_subcommand("verify", "Compute a draw again from its published record alone");
  verify_command->add_option("file", *path, "The record")->required();
  verify_command->callback([path, &status] { status = verify(*path); });
  auto* const commit_command =
      draw->add_subcommand("commit", "Print a new reveal, to be kept secret, and its commitment");
  commit_command->callback([&status] { status = commit(); });
}

}  // namespace firebrand
