#include "edge/server/bench_directory.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/assert.hpp"

namespace firebrand {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = ".firebrand-bench";

}  // namespace

BenchDirectory::BenchDirectory(std::string path) : path_(std::move(path)) {
  std::error_code failed;
  if (fs::exists(path_, failed)) {
    if (!fs::is_directory(path_, failed)) {
      error_ = path_ + " is not a directory";
    } else if (!fs::is_empty(path_, failed) && !fs::exists(fs::path(path_) / kMarker, failed)) {
      error_ = path_ + " is not empty and was not made by a benchmark, which would remove all of " +
               "it: name another directory";
    }
  } else {
    fs::create_directories(path_, failed);
  }
  if (error_.empty() && failed) { error_ = path_ + ": " + failed.message(); }
  if (error_.empty() && !std::ofstream(fs::path(path_) / kMarker)) {
    error_ = path_ + " cannot be written to";
  }
  if (error_.empty()) { clear(); }
}

BenchDirectory::~BenchDirectory() {
  std::error_code ignored;  // A scratch directory.
  if (error_.empty()) { fs::remove_all(path_, ignored); }
}

void BenchDirectory::clear() {
  FB_ASSERT(error_.empty());
  std::error_code ignored;  // What stays is found by whoever needs the place empty.
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, ignored)) {
    if (entry.path().filename() != kMarker) { fs::remove_all(entry.path(), ignored); }
  }
}

}  // namespace firebrand
