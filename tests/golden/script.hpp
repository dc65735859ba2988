#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Golden scripts: commands as text lines and the answers they must get. README.md describes the
/// language.
namespace firebrand::golden {

struct ScriptError {
  std::size_t line = 0;  ///< Counted from 1; zero: about the whole script.
  std::string message{};

  friend bool operator==(const ScriptError&, const ScriptError&) = default;
};

struct ScriptReport {
  /// Answers that differ, lines that cannot be read, and a state that does not keep its promises,
  /// in the order of the lines.
  std::vector<ScriptError> errors{};
  /// The script with the answers as they came, all else untouched.
  std::string updated{};
};

enum class Answers : bool { must_agree, are_new };

/// Runs a script on an engine of its own, from its first record on.
///
/// Beyond the answers that the script names, at every command: what is not applied changes no
/// digest. At the end: the invariants hold; the applied records replay, and every piece of a
/// snapshot loads, into the same digest.
[[nodiscard]] ScriptReport run_script(std::string_view text, Answers answers);

}  // namespace firebrand::golden
