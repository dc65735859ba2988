#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/expected.hpp"

namespace firebrand {

/// A sentence for people, in both languages.
struct Words {
  std::string en;
  std::string zh;

  [[nodiscard]] const std::string& in(bool chinese) const { return chinese ? zh : en; }
};

/// What is not true.
[[nodiscard]] inline Unexpected<Words> no(std::string en, std::string zh) {
  return Unexpected(Words{std::move(en), std::move(zh)});
}

[[nodiscard]] inline Unexpected<Words> malformed_field() {
  return no("a field is missing or malformed", "缺少字段或字段有误");
}

/// What is true, sentence by sentence.
using Report = std::vector<Words>;

/// The same with a place in front: "leaf 17: ...".
[[nodiscard]] inline Words at_leaf(std::size_t number, const Words& words) {
  const std::string place = std::to_string(number);
  return {"leaf " + place + ": " + words.en, "第 " + place + " 条记录：" + words.zh};
}

}  // namespace firebrand
