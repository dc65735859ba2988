#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "base/enum_name.hpp"
#include "base/file_text.hpp"
#include "base/rfc3339.hpp"
#include "edge/payments/statement.hpp"
#include "edge/server/subcommands.hpp"
#include "log/file_system.hpp"
#include "views/records/records.hpp"

namespace firebrand {

namespace {

struct ReconcileArguments {
  std::string data;
  std::string file;
  std::string provider;
  std::string from;
  std::string until;
};

int fail(const std::string& message) {
  std::fprintf(stderr, "firebrand: %s\n", message.c_str());
  return 2;
}

std::string text_of(Money money) {
  if (money.currency.is_none()) { return "-"; }
  return std::string(money.currency.code()) + " " + std::string(format_amount(money).view());
}

int run(const ReconcileArguments& arguments) {
  const auto from = parse_rfc3339(arguments.from);
  const auto until = parse_rfc3339(arguments.until);
  if (!from || !until || *until <= *from) {
    return fail("--from and --until must be times such as 2026-11-21T00:00:00+08:00, in order");
  }
  const auto text = file_text(arguments.file);
  if (!text) { return fail(arguments.file + ": cannot be read"); }
  const auto lines = read_statement(*text, arguments.provider);
  if (!lines) { return fail(arguments.file + ": " + lines.error()); }
  const auto records = RecordsReader::open(log::join_path(arguments.data, kRecordsFile));
  if (!records) { return fail(records.error().message); }
  const auto books = read_books(**records, *lines, arguments.provider, *from, *until);
  if (!books) { return fail(books.error().message); }
  const auto differences = reconcile(*lines, *books);
  for (const Difference& one : differences) {
    std::printf("%-26s %-40s line %-6s there %-16s here %s\n",
                std::string(enum_name(one.kind)).c_str(), one.id.c_str(),
                one.line == 0 ? "-" : std::to_string(one.line).c_str(), text_of(one.there).c_str(),
                text_of(one.here).c_str());
  }
  std::printf("%zu lines, %zu differences\n", lines->size(), differences.size());
  return differences.empty() ? 0 : 1;
}

}  // namespace

void add_reconcile_command(CLI::App& app, int& status) {
  const auto arguments = std::make_shared<ReconcileArguments>();
  auto* const command = app.add_subcommand(
      "reconcile", "Compare a payment provider's statement (CSV) with what was booked");
  command->add_option("file", arguments->file, "kind,payment_id,refund_id,amount,currency")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--data", arguments->data, "The data directory; a server may be running")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--from", arguments->from, "The statement's first moment")->required();
  command->add_option("--until", arguments->until, "The moment behind it")->required();
  command->add_option("--provider", arguments->provider,
                      "Whose ids these are: wechat, stripe, ...");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace firebrand
