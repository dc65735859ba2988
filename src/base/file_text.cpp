#include "base/file_text.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

namespace firebrand {

std::optional<std::string> file_text(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) { return std::nullopt; }
  std::string text;
  std::array<char, 16U << 10> part;
  while (file && text.size() < bytes_max) {
    const std::size_t asked = std::min(part.size(), bytes_max - text.size());
    // Unlike iterators over it, it throws nothing where a read fails, as of a directory.
    file.read(part.data(), static_cast<std::streamsize>(asked));
    text.append(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  return file.bad() ? std::nullopt : std::optional(std::move(text));
}

}  // namespace firebrand
