#pragma once

namespace firebrand {

/// The command line: `firebrand serve`, `replay`, `audit`, `snapshot`, `crowd`, `bench`, ...
/// @return the exit status: 0 done, 1 failed, 2 wrong arguments.
[[nodiscard]] int run_command_line(int argc, char** argv);

}  // namespace firebrand
