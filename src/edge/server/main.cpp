#include <string>

#include "edge/server/commands.hpp"

int main(int argc, char** argv) { return firebrand::run_command_line(argc, argv); }
