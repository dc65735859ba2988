#pragma once

namespace CLI {
class App;
}

namespace firebrand {

/// Each adds its commands to the command line; a command that runs sets `status`.
/// serve, and config, which has the same flags.
void add_serve_command(CLI::App& app, int& status);
/// replay, audit, snapshot, call: on a data directory that no server uses (snapshot: or does).
void add_data_commands(CLI::App& app, int& status);
/// reconcile: beside a server or without.
void add_reconcile_command(CLI::App& app, int& status);
/// codes export: from the key of a data directory alone.
void add_codes_command(CLI::App& app, int& status);
/// backup: beside a server or without; restore: makes a data directory.
void add_backup_commands(CLI::App& app, int& status);
void add_crowd_command(CLI::App& app, int& status);
/// draw verify, draw commit: need no server.
void add_draw_commands(CLI::App& app, int& status);
void add_bench_commands(CLI::App& app, int& status);

}  // namespace firebrand
