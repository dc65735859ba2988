#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "source_text.hpp"

namespace firebrand::tidy {

/// One place that breaks a house rule.
struct Hit {
  std::string path;
  std::size_t line = 0;  ///< 0: the file or folder as a whole.
  std::string_view rule;
  std::string found;
};

/// The text files of a checkout, without what is built, fetched or made while running.
struct Tree {
  std::filesystem::path root;
  std::vector<SourceText> files;  ///< By path.
  std::vector<std::string>
      layers;  ///< Folders of src/, from the lowest, as src/CMakeLists.txt says.

  /// nullptr if there is no such file.
  [[nodiscard]] const SourceText* find(std::string_view path) const;
};

/// Throws std::runtime_error if `root` is not a checkout of firebrand.
[[nodiscard]] Tree load_tree(const std::filesystem::path& root);

/// A house rule: something the compiler cannot see.
///
/// A line is excused by a comment on it, or on the line above, that names the rule and a reason:
///     // house: allow clock, the one place that reads it
struct Rule {
  std::string_view name;
  std::string_view instead;  ///< What to do about a hit.
  void (*check)(const Tree&, std::vector<Hit>&);
};

[[nodiscard]] const std::vector<Rule>& rules();

/// All hits of all rules that are not excused, by rule and then in the order of the files.
[[nodiscard]] std::vector<Hit> check_tree(const Tree& tree);

}  // namespace firebrand::tidy
