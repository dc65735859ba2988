// Checks the house rules over a checkout: tidy_test [ROOT]. Exit code 1 if one is broken.
#include <algorithm>
#include <exception>
#include <iostream>

#include "rules.hpp"

namespace {

int run(int argc, char** argv) {
  using namespace firebrand::tidy;
  if (argc > 2) {
    std::cerr << "usage: tidy_test [ROOT]\n";
    return 2;
  }
  const Tree tree = load_tree(argc == 2 ? argv[1] : ".");
  const std::vector<Hit> hits = check_tree(tree);
  for (const Hit& hit : hits) {
    const auto rule = std::find_if(rules().begin(), rules().end(),
                                   [&](const Rule& one) { return one.name == hit.rule; });
    std::cout << hit.path << ':';
    if (hit.line > 0) { std::cout << hit.line << ':'; }
    std::cout << " [" << hit.rule << "] " << hit.found << "\n    instead: " << rule->instead
              << '\n';
  }
  std::cout << tree.files.size() << " files, " << rules().size() << " rules, " << hits.size()
            << " hits\n";
  return hits.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "tidy_test: " << error.what() << '\n';
    return 2;
  }
}
