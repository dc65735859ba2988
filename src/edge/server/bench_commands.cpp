#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "edge/server/bench_draw.hpp"
#include "edge/server/bench_drop.hpp"
#include "edge/server/bench_http.hpp"
#include "edge/server/bench_proof.hpp"
#include "edge/server/bench_queue.hpp"
#include "edge/server/bench_snapshot.hpp"
#include "edge/server/subcommands.hpp"

namespace firebrand {

namespace {

constexpr char kDataDoc[] =
    "A scratch directory, removed at the end; one that is not empty must be a benchmark's own";

CLI::App* add(CLI::App& bench, const char* name, const char* doc) {
  return bench.add_subcommand(name, doc);
}

}  // namespace

void add_bench_commands(CLI::App& app, int& status) {
  auto* const bench = app.add_subcommand("bench", "Measure this program on this machine");
  bench->require_subcommand(1);

  const auto drop = std::make_shared<DropBenchOptions>();
  auto* const drop_command =
      add(*bench, "drop", "A sale in process with a real synced log: how many commands a second");
  drop_command->add_option("--units", drop->units, "Units on sale")->check(CLI::PositiveNumber);
  drop_command->add_option("--fans", drop->fans, "Purchases sent, each by another fan")
      ->check(CLI::PositiveNumber);
  drop_command->add_option("--accounts", drop->accounts, "Accounts in the ledger before");
  drop_command->add_option("--rounds", drop->rounds, "Sales, each from the beginning; medians")
      ->check(CLI::PositiveNumber);
  drop_command->add_option("--data", drop->data, kDataDoc);
  drop_command->add_flag("--json", drop->json, "Print one JSON object");
  drop_command->callback([drop, &status] { status = bench_drop(*drop); });

  const auto draw = std::make_shared<DrawBenchOptions>();
  auto* const draw_command =
      add(*bench, "draw",
          "A draw from its durable entries to its verified record, and the engine's steps");
  draw_command->add_option("--entrants", draw->entrants, "People who enter")
      ->check(CLI::PositiveNumber);
  draw_command->add_option("--units", draw->units, "Units drawn")->check(CLI::PositiveNumber);
  draw_command->add_option("--data", draw->data, kDataDoc);
  draw_command->add_flag("--json", draw->json, "Print one JSON object");
  draw_command->callback([draw, &status] { status = bench_draw(*draw); });

  const auto restart = std::make_shared<RestartBenchOptions>();
  auto* const restart_command =
      add(*bench, "restart", "How long a start takes with a snapshot and records behind it");
  restart_command->add_option("--accounts", restart->accounts, "Accounts in the snapshot");
  restart_command->add_option("--records", restart->records, "Records behind the snapshot")
      ->check(CLI::PositiveNumber);
  restart_command->add_option("--rounds", restart->rounds, "Starts; medians")
      ->check(CLI::PositiveNumber);
  restart_command->add_option("--data", restart->data, kDataDoc);
  restart_command->add_flag("--json", restart->json, "Print one JSON object");
  restart_command->callback([restart, &status] { status = bench_restart(*restart); });

  const auto snapshot = std::make_shared<SnapshotBenchOptions>();
  auto* const snapshot_command =
      add(*bench, "snapshot", "How long commits take while a snapshot is made, and while none is");
  snapshot_command->add_option("--accounts", snapshot->accounts, "Accounts in the snapshot")
      ->check(CLI::PositiveNumber);
  snapshot_command->add_option("--rate", snapshot->rate, "Purchases a second")
      ->check(CLI::PositiveNumber);
  snapshot_command->add_option("--seconds", snapshot->seconds, "Before each snapshot")
      ->check(CLI::PositiveNumber);
  snapshot_command->add_option("--rounds", snapshot->rounds, "Snapshots; medians")
      ->check(CLI::PositiveNumber);
  snapshot_command->add_option("--data", snapshot->data, kDataDoc);
  snapshot_command->add_flag("--json", snapshot->json, "Print one JSON object");
  snapshot_command->callback([snapshot, &status] { status = bench_snapshot(*snapshot); });

  const auto queue = std::make_shared<QueueBenchOptions>();
  auto* const queue_command =
      add(*bench, "queue", "A waiting room: bytes a person, joins and positions a second");
  queue_command->add_option("--places", queue->places, "People who wait, in memory")
      ->check(CLI::PositiveNumber);
  queue_command->add_option("--joins", queue->joins, "Joins with a synced log, beside that")
      ->check(CLI::PositiveNumber);
  queue_command->add_option("--data", queue->data, kDataDoc);
  queue_command->add_flag("--json", queue->json, "Print one JSON object");
  queue_command->callback([queue, &status] { status = bench_queue(*queue); });

  const auto proof = std::make_shared<ProofBenchOptions>();
  auto* const proof_command =
      add(*bench, "proof", "The public log: a sale with it, leaves a second, proofs, verification");
  proof_command->add_option("--units", proof->units, "Units sold, a leaf each")
      ->check(CLI::PositiveNumber);
  proof_command->add_option("--proofs", proof->proofs, "Proofs asked for")
      ->check(CLI::PositiveNumber);
  proof_command->add_option("--data", proof->data, kDataDoc);
  proof_command->add_flag("--json", proof->json, "Print one JSON object");
  proof_command->callback([proof, &status] { status = bench_proof(*proof); });

  const auto http = std::make_shared<HttpBenchArguments>();
  auto* const http_command =
      add(*bench, "http", "Durable purchases over HTTP against a server of its own");
  http_command->add_option("--connections", http->connections, "Connections, kept alive")
      ->check(CLI::PositiveNumber);
  http_command->add_option("--requests", http->requests, "Purchases in each phase")
      ->check(CLI::PositiveNumber);
  http_command->add_option("--data", http->data, kDataDoc);
  http_command->add_option("--phase", http->phase, "What to send")
      ->check(CLI::IsMember({"in_stock", "sold_out_90", "both", "queue_joins", "queue"}));
  http_command->add_flag("--pin", http->pin, "Server on one core, driver on the other");
  http_command->add_flag("--json", http->json, "Print one JSON object");
  http_command->callback([http, &status] { status = bench_http(*http); });

  const auto sse = std::make_shared<SseBenchArguments>();
  auto* const sse_command =
      add(*bench, "sse", "Idle watchers of a drop: memory each, and how soon they see a change");
  sse_command->add_option("--watchers", sse->watchers, "Open streams")->check(CLI::PositiveNumber);
  sse_command->add_option("--data", sse->data, kDataDoc);
  sse_command->add_flag("--json", sse->json, "Print one JSON object");
  sse_command->callback([sse, &status] { status = bench_sse(*sse); });

  const auto tokens = std::make_shared<TokenArguments>();
  auto* const tokens_command =
      add(*bench, "tokens", "Print fan tokens of an installation, one a line, for load drivers");
  tokens_command->add_option("--data", tokens->data, "The data directory")->required();
  tokens_command->add_option("--count", tokens->count, "How many");
  tokens_command->callback([tokens, &status] { status = print_tokens(*tokens); });
}

}  // namespace firebrand
