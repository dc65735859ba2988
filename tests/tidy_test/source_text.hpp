#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace firebrand::tidy {

/// One text file of the tree. `code` has the bytes of `raw`, but comments and the insides of
/// strings are spaces: same length, same lines, so a place in one is a place in the other.
struct SourceText {
  std::string path;  ///< From the root of the tree, with forward slashes.
  std::string raw;
  std::string code;  ///< Empty unless the file is C++.

  [[nodiscard]] bool is_cpp() const;
  [[nodiscard]] bool is_header() const { return path.ends_with(".hpp"); }
  [[nodiscard]] bool in(std::string_view folder) const { return path.starts_with(folder); }
  /// Counted from 1.
  [[nodiscard]] std::size_t line_of(std::size_t position) const;
  [[nodiscard]] std::size_t line_count() const;
  /// Without the line break; empty past the end.
  [[nodiscard]] std::string_view line(std::size_t number) const;
};

/// An `#include "path"` or `#include <path>`.
struct Include {
  std::string path;
  std::size_t position = 0;
  bool quoted = false;
};

[[nodiscard]] bool is_word(char c);

/// Comments and the contents of string and character literals become spaces; line breaks stay.
[[nodiscard]] std::string without_comments_and_strings(std::string_view raw);

/// Every place where `word` stands as a whole word. A `word` that begins or ends with another sign,
/// as `::now(` does, has no boundary on that side.
[[nodiscard]] std::vector<std::size_t> find_words(std::string_view text, std::string_view word);

[[nodiscard]] std::vector<Include> includes_of(const SourceText& source);

/// The place of the bracket that closes the one at `open`, or npos. Angle brackets too.
[[nodiscard]] std::size_t closing_bracket(std::string_view code, std::size_t open);

[[nodiscard]] std::size_t skip_spaces(std::string_view text, std::size_t position);

/// The identifier that begins at `position`; empty if none does.
[[nodiscard]] std::string_view identifier_at(std::string_view code, std::size_t position);

}  // namespace firebrand::tidy
