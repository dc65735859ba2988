#pragma once

#include <string>

namespace firebrand {

/// Path of the running executable, to start ourselves in another role.
[[nodiscard]] std::string own_program();

}  // namespace firebrand
