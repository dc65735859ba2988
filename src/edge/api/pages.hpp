#pragma once

#include <span>
#include <string_view>

#include "edge/http/http.hpp"

namespace firebrand {

/// For answers that are no page: shown in a browser they load, run and frame nothing.
inline constexpr HttpField kNoPage{"Content-Security-Policy",
                                   "default-src 'none'; frame-ancestors 'none'"};

/// For answers that are one person's, or that the next moment changes.
inline constexpr HttpField kNoStore{"Cache-Control", "no-store"};

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
