#include "edge/server/program.hpp"

#include <filesystem>

namespace firebrand {

std::string own_program() {
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::string("firebrand") : path.string();
}

}  // namespace firebrand
