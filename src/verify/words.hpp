#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firebrand {

/// A sentence for people, in both languages.
struct Words {
  std::string en;
  std::string zh;

  [[nodiscard]] const std::string& in(bool chinese) const { return chinese ? zh : en; }
};

/// What is true, sentence by sentence.
using Report = std::vector<Words>;

/// The same with a place in front: "leaf 17: ...".
[[nodiscard]] inline Words at_leaf(std::size_t number, const Words& words) {
  const std::string place = std::to_string(number);
  return {"leaf " + place + ": " + words.en, "第 " + place + " 条记录：" + words.zh};
}

}  // namespace firebrand
