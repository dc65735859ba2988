#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "base/id_text.hpp"
#include "core/launch/code_commands.hpp"
#include "edge/api/code_text.hpp"
#include "edge/api/credentials.hpp"
#include "edge/server/subcommands.hpp"
#include "log/file_system.hpp"

namespace firebrand {

namespace {

struct CodesToExport {
  std::string data;
  std::string batch;
  std::int64_t count = 0;
  std::int64_t from = 0;
};

/// Codes written at once: what is in memory.
constexpr std::int64_t kCodesPerWrite = 50'000;

int export_codes(const CodesToExport& options) {
  const auto id = parse_id<CodeBatchId>(options.batch);
  if (!id || id->value == 0 || id->value > kCodeBatchesMax) {
    std::fprintf(stderr, "firebrand: --batch: expected an id such as batch_1\n");
    return 2;
  }
  log::PosixFileSystem files;
  const auto key = load_installation_key(files, options.data);
  if (!key) {
    std::fprintf(stderr, "firebrand: %s\n", key.error().c_str());
    return 1;
  }
  const Credentials credentials(*key);
  const std::int64_t end = options.from + options.count;
  for (std::int64_t from = options.from; from < end; from += kCodesPerWrite) {
    std::string csv = codes_as_csv(credentials, *id, from, std::min(from + kCodesPerWrite, end));
    if (from != options.from) { csv.erase(0, csv.find('\n') + 1); }  // One heading.
    if (std::fwrite(csv.data(), 1, csv.size(), stdout) != csv.size()) {
      std::fprintf(stderr, "firebrand: the codes cannot be written\n");
      return 1;
    }
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

void add_codes_command(CLI::App& app, int& status) {
  CLI::App* const codes = app.add_subcommand("codes", "Priority codes of a batch");
  codes->require_subcommand(1);
  CLI::App* const command = codes->add_subcommand(
      "export", "Write codes as CSV; they are derived from the installation's key alone");
  const auto options = std::make_shared<CodesToExport>();
  command->add_option("--data", options->data, "Data directory")->required();
  command->add_option("--batch", options->batch, "The batch, such as batch_1")->required();
  command->add_option("--count", options->count, "How many codes")
      ->required()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{kCodesPerBatchMax}));
  command->add_option("--from", options->from, "Place of the first one, from 0")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{kCodesPerBatchMax} - 1));
  command->callback([options, &status] {
    if (options->from + options->count > std::int64_t{kCodesPerBatchMax}) {
      std::fprintf(stderr, "firebrand: a batch has at most %u codes\n", kCodesPerBatchMax);
      status = 2;
      return;
    }
    status = export_codes(*options);
  });
}

}  // namespace firebrand
