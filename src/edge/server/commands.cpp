#include "edge/server/commands.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <new>
#include <system_error>

#include "edge/server/subcommands.hpp"

namespace firebrand {

int run_command_line(int argc, char** argv) {
  CLI::App app("firebrand: launch products with your fans", "firebrand");
  app.set_version_flag("--version", "firebrand " FIREBRAND_VERSION);
  app.require_subcommand(1);
  int status = 0;
  add_serve_command(app, status);
  add_data_commands(app, status);
  add_reconcile_command(app, status);
  add_codes_command(app, status);
  add_backup_commands(app, status);
  add_crowd_command(app, status);
  add_draw_commands(app, status);
  add_bench_commands(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::system_error& error) {
    // Rings and threads are taken at the start, by constructors that have no other way to say no.
    std::fprintf(stderr, "firebrand: the system refuses what is needed: %s\n", error.what());
    return 1;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "firebrand: there is not enough memory\n");
    return 1;
  }
  return status;
}

}  // namespace firebrand
