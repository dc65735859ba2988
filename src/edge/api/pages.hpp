#pragma once

#include <span>
#include <string_view>

namespace firebrand {

/// One file of the built fan site or console, inside the program.
struct EmbeddedFile {
  std::string_view path;  ///< Below web/dist: "fan/index.html", "assets/fan-3f2a.js".
  std::string_view bytes;
  std::string_view gzip;  ///< The same, compressed.
  std::string_view etag;  ///< With its quotes; of the content.
};

/// All files, sorted by path; empty in a build without FIREBRAND_WEB.
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

}  // namespace firebrand
