#include "rules.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>

namespace firebrand::tidy {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileLinesMax = 800;
constexpr std::size_t kTextFileBytesMax = 2'000'000;

/// The modules inside src/core/, in order; files beside them stand above all of them.
constexpr std::array<std::string_view, 10> kCoreModules = {
    "ledger",   "schedule",  "access", "people", "commerce",
    "channels", "community", "launch", "reach",  "engine"};

void add(std::vector<Hit>& hits, const SourceText& file, std::size_t position,
         std::string_view rule, std::string found) {
  hits.push_back({file.path, file.line_of(position), rule, std::move(found)});
}

bool is_bench(const SourceText& file) { return file.path.ends_with("_bench.cpp"); }
bool is_test(const SourceText& file) { return file.path.ends_with("_test.cpp"); }

bool in_any(const SourceText& file, std::initializer_list<std::string_view> folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](std::string_view folder) { return file.in(folder); });
}

void find_in_code(const SourceText& file, std::initializer_list<std::string_view> words,
                  std::string_view rule, std::vector<Hit>& hits) {
  for (const std::string_view word : words) {
    for (const std::size_t at : find_words(file.code, word)) {
      add(hits, file, at, rule, std::string(word));
    }
  }
}

// --- clock, random, sleep -----------------------------------------------------------------------

void check_clock(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    // A benchmark measures; the edge is where the world comes in.
    if (!file.in("src/") || file.in("src/edge/") || is_bench(file)) { continue; }
    find_in_code(file,
                 {"::now(", "clock_gettime", "gettimeofday", "time(nullptr)", "time(0)", "__rdtsc"},
                 "clock", hits);
  }
}

void check_random(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (!file.in("src/")) { continue; }
    find_in_code(file,
                 {"std::rand", "srand(", "std::mt19937", "std::mt19937_64", "std::random_device",
                  "std::default_random_engine", "std::uniform_int_distribution", "std::shuffle"},
                 "random", hits);
    for (const Include& include : includes_of(file)) {
      if (include.path == "random") { add(hits, file, include.position, "random", "<random>"); }
    }
  }
}

void check_sleep(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (!file.is_cpp()) { continue; }
    const bool stepped = file.in("src/") && !file.in("src/edge/") && !is_bench(file);
    if (!stepped && !is_test(file)) { continue; }
    find_in_code(file, {"sleep_for", "sleep_until", "usleep", "nanosleep", "sleep("}, "sleep",
                 hits);
  }
}

// --- hash_walk ----------------------------------------------------------------------------------

constexpr std::array<std::string_view, 8> kHashTypes = {
    "unordered_map", "unordered_set", "unordered_multimap", "unordered_multiset",
    "flat_hash_map", "flat_hash_set", "node_hash_map",      "node_hash_set"};

/// Names of variables, members and functions declared with a hash type, and aliases of such types.
void collect_hash_names(std::string_view code, std::set<std::string, std::less<>>& types,
                        std::set<std::string, std::less<>>& names) {
  const std::set<std::string, std::less<>> known = types;
  for (const std::string& type : known) {
    for (const std::size_t at : find_words(code, type)) {
      std::size_t end = at + type.size();
      if (end < code.size() && code[end] == '<') {
        end = closing_bracket(code, end);
        if (end == std::string_view::npos) { continue; }
        ++end;
      }
      // `using Index = absl::flat_hash_map<...>;`
      const std::size_t statement = code.find_last_of(";{}", at) + 1;
      const std::vector<std::size_t> usings =
          find_words(code.substr(statement, at - statement), "using");
      if (!usings.empty()) {
        types.emplace(identifier_at(code, skip_spaces(code, statement + usings.back() + 5)));
        continue;
      }
      end = skip_spaces(code, end);
      while (end < code.size() && (code[end] == '&' || code[end] == '*' || code[end] == ' ')) {
        ++end;
      }
      const std::string_view name = identifier_at(code, end);
      if (!name.empty() && name != "const") { names.emplace(name); }
    }
  }
}

/// The last name in an expression: `index_` in `state.index_`, `items` in `book.items()`.
std::string_view last_name(std::string_view expression) {
  while (!expression.empty() && !is_word(expression.back())) {
    const bool call = expression.back() == ')';
    const std::size_t open = call ? expression.find('(') : std::string_view::npos;
    expression =
        expression.substr(0, call && open != std::string_view::npos ? open : expression.size() - 1);
  }
  std::size_t start = expression.size();
  while (start > 0 && is_word(expression[start - 1])) { --start; }
  return expression.substr(start);
}

/// The range of a range-for whose parenthesis opens at `open`, or empty.
std::string_view range_of(std::string_view code, std::size_t open) {
  const std::size_t close = closing_bracket(code, open);
  if (close == std::string_view::npos) { return {}; }
  const std::string_view inside = code.substr(open + 1, close - open - 1);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != ':') { continue; }
    if (i + 1 < inside.size() && inside[i + 1] == ':') {
      ++i;
      continue;
    }
    return inside.substr(i + 1);
  }
  return {};
}

void check_hash_walk(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (!file.is_cpp() ||
        !in_any(file, {"src/base/", "src/log/", "src/core/", "src/runtime/", "src/sim/"})) {
      continue;
    }
    std::set<std::string, std::less<>> types(kHashTypes.begin(), kHashTypes.end());
    std::set<std::string, std::less<>> names;
    // Twice: the first round finds the aliases that the second one follows.
    for (int round = 0; round < 2; ++round) {
      for (const Include& include : includes_of(file)) {
        const SourceText* header = tree.find("src/" + include.path);
        if (include.quoted && header != nullptr) { collect_hash_names(header->code, types, names); }
      }
      collect_hash_names(file.code, types, names);
    }
    for (const std::size_t at : find_words(file.code, "for")) {
      const std::size_t open = skip_spaces(file.code, at + 3);
      if (open >= file.code.size() || file.code[open] != '(') { continue; }
      const std::string_view name = last_name(range_of(file.code, open));
      if (names.contains(name)) {
        add(hits, file, at, "hash_walk", "for over " + std::string(name));
      }
    }
    for (const std::string& name : names) {
      for (const std::string_view call : {".begin(", ".cbegin("}) {
        for (const std::size_t at : find_words(file.code, name + std::string(call))) {
          add(hits, file, at, "hash_walk", name + std::string(call) + ")");
        }
      }
    }
  }
}

// --- floating_point -----------------------------------------------------------------------------

/// 1.5, 1., 1e6, .5 is not found: nobody writes it.
bool is_floating_literal(std::string_view number) {
  if (number.starts_with("0x") || number.starts_with("0X")) { return false; }
  return number.find('.') != std::string_view::npos ||
         number.find_first_of("eE") != std::string_view::npos;
}

void check_floating_point(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (!file.is_cpp() || is_bench(file)) { continue; }
    if (!in_any(file, {"src/core/", "src/log/", "src/base/money", "src/base/types"})) { continue; }
    find_in_code(file, {"double", "float"}, "floating_point", hits);
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      if (!is_word(file.code[i])) { continue; }
      const bool number = file.code[i] >= '0' && file.code[i] <= '9';
      std::size_t end = i;
      while (end < file.code.size() &&
             (is_word(file.code[end]) || (number && file.code[end] == '\'') ||
              (number && file.code[end] == '.' && file.code.substr(end, 3) != "..."))) {
        ++end;
      }
      const std::string token = file.code.substr(i, end - i);
      if (number && is_floating_literal(token)) { add(hits, file, i, "floating_point", token); }
      i = end;
    }
  }
}

// --- includes -----------------------------------------------------------------------------------

/// The place in the list of the folder that holds `path`, counted from src/: the longest that fits.
/// -1 if none does.
std::ptrdiff_t layer_of(const Tree& tree, std::string_view path) {
  std::ptrdiff_t best = -1;
  std::size_t best_size = 0;
  for (std::size_t i = 0; i < tree.layers.size(); ++i) {
    const std::string& layer = tree.layers[i];
    const bool fits = path.starts_with(layer) && path.substr(layer.size()).starts_with('/');
    if (fits && layer.size() > best_size) {
      best = static_cast<std::ptrdiff_t>(i);
      best_size = layer.size();
    }
  }
  return best;
}

/// A folder inside src/core/ that kCoreModules does not name: it would pass for src/core/ itself.
bool is_unknown_core_module(const Tree& tree, std::string_view path) {
  const std::ptrdiff_t layer = layer_of(tree, path);
  return layer >= 0 && tree.layers[static_cast<std::size_t>(layer)] == "core" &&
         path.find('/', std::string_view("core/").size()) != std::string_view::npos;
}

bool is_relative(const Include& include) {
  return include.quoted && (include.path.find('/') == std::string::npos ||
                            include.path.find("..") != std::string::npos);
}

// Only a path from src/ says which folder is meant, to a reader and to check_layers.
void check_include_path(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (!file.is_cpp() || !file.in("src/")) { continue; }
    for (const Include& include : includes_of(file)) {
      if (is_relative(include)) {
        add(hits, file, include.position, "include_path", "\"" + include.path + "\"");
      }
    }
  }
}

void check_layers(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (!file.is_cpp() || !file.in("src/")) { continue; }
    const std::string_view path = std::string_view(file.path).substr(4);
    const std::ptrdiff_t layer = layer_of(tree, path);
    if (layer < 0 || is_unknown_core_module(tree, path)) {
      hits.push_back({file.path, 0, "layers", "its folder has no place in the list of layers"});
      continue;
    }
    for (const Include& include : includes_of(file)) {
      if (!include.quoted || is_relative(include)) { continue; }
      const std::ptrdiff_t other = layer_of(tree, include.path);
      if (other > layer) {
        add(hits, file, include.position, "layers",
            "\"" + include.path + "\": src/" + tree.layers[static_cast<std::size_t>(other)] +
                "/ comes after src/" + tree.layers[static_cast<std::size_t>(layer)] + "/");
      } else if (other < 0) {
        add(hits, file, include.position, "layers",
            "\"" + include.path + "\": not in a folder of the list of layers");
      }
    }
  }
}

void check_http_library(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (!file.is_cpp() || file.path.ends_with("_fuzz.cpp")) { continue; }
    for (const Include& include : includes_of(file)) {
      if (include.path.starts_with("boost/asio") || include.path.starts_with("boost/beast")) {
        add(hits, file, include.position, "http_library", "<" + include.path + ">");
      }
    }
  }
}

// --- files and texts ----------------------------------------------------------------------------

bool is_source(const SourceText& file) {
  const fs::path path(file.path);
  const std::string extension = path.extension().string();
  static const std::set<std::string> extensions = {".cpp", ".hpp", ".ts", ".svelte", ".css",
                                                   ".js",  ".mjs", ".sh", ".html",   ".cmake"};
  return extensions.contains(extension) || file.raw.starts_with("#!");
}

void check_file_length(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    const std::size_t lines = file.line_count();
    if (is_source(file) && lines > kFileLinesMax) {
      hits.push_back({file.path, 0, "file_length", std::to_string(lines) + " lines"});
    }
  }
}

void check_unfinished(const Tree& tree, std::vector<Hit>& hits) {
  // Put together here, so that this file does not hold them.
  for (const std::string& word : {std::string("TO") + "DO", std::string("FIX") + "ME"}) {
    for (const SourceText& file : tree.files) {
      for (const std::size_t at : find_words(file.raw, word)) {
        add(hits, file, at, "unfinished", word);
      }
    }
  }
}

void check_registry_hosts(const Tree& tree, std::vector<Hit>& hits) {
  const std::string debian = std::string("debian") + ".org";
  for (const std::string& host :
       {std::string("registry.") + "npmjs", std::string("registry.") + "yarnpkg", "deb." + debian,
        "security." + debian, "ftp." + debian, "snapshot." + debian,
        std::string("files.python") + "hosted", std::string("proxy.golang") + ".org"}) {
    for (const SourceText& file : tree.files) {
      for (const std::size_t at : find_words(file.raw, host)) {
        add(hits, file, at, "registry_host", host);
      }
    }
  }
}

void check_private_paths(const Tree& tree, std::vector<Hit>& hits) {
  std::vector<std::string> paths;
  for (const std::string name : {"home", "root", "Users"}) { paths.push_back("/" + name + "/"); }
  // Where this checkout itself stands, unless that is as short as a word of a web address.
  const std::string here = tree.root.generic_string();
  if (std::count(here.begin(), here.end(), '/') > 1) { paths.push_back(here); }
  for (const SourceText& file : tree.files) {
    for (const std::string& path : paths) {
      for (const std::size_t at : find_words(file.raw, path)) {
        const char before = at == 0 ? ' ' : file.raw[at - 1];
        // The middle of a longer path or of a web address is something else.
        if (is_word(before) || std::string_view("./-}*").find(before) != std::string_view::npos) {
          continue;
        }
        add(hits, file, at, "private_path", path);
      }
    }
  }
}

void check_lock_files(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (fs::path(file.path).filename() != "package-lock.json") { continue; }
    const std::size_t at = file.raw.find("\"resolved\"");
    if (at != std::string::npos) { add(hits, file, at, "lock_file", "\"resolved\""); }
  }
}

void check_folder_readme(const Tree& tree, std::vector<Hit>& hits) {
  std::set<std::string> folders;
  for (const SourceText& file : tree.files) {
    if (file.in("src/") && file.is_cpp()) {
      folders.insert(fs::path(file.path).parent_path().generic_string());
    }
  }
  for (const std::string& folder : folders) {
    if (tree.find(folder + "/README.md") == nullptr) {
      hits.push_back({folder, 0, "folder_readme", "no README.md"});
    }
  }
}

constexpr std::array<std::string_view, 7> kTestMacros = {"TEST(",
                                                         "TEST_F(",
                                                         "TEST_P(",
                                                         "TYPED_TEST(",
                                                         "TYPED_TEST_P(",
                                                         "RC_GTEST_PROP(",
                                                         "RC_GTEST_FIXTURE_PROP("};

void check_empty_tests(const Tree& tree, std::vector<Hit>& hits) {
  for (const SourceText& file : tree.files) {
    if (!is_test(file)) { continue; }
    bool has_test = false;
    for (const std::string_view macro : kTestMacros) {
      has_test = has_test || !find_words(file.code, macro).empty();
    }
    if (!has_test) { hits.push_back({file.path, 0, "empty_test", "no TEST, no RC_GTEST_PROP"}); }
  }
}

/// "Suite.Name" of every test, and "Suite.*".
std::set<std::string> test_names(const Tree& tree) {
  std::set<std::string> names;
  for (const SourceText& file : tree.files) {
    if (!is_test(file)) { continue; }
    for (const std::string_view macro : kTestMacros) {
      for (const std::size_t at : find_words(file.code, macro)) {
        const std::size_t suite_at = skip_spaces(file.code, at + macro.size());
        const std::string_view suite = identifier_at(file.code, suite_at);
        const std::size_t comma = skip_spaces(file.code, suite_at + suite.size());
        const std::string_view name =
            identifier_at(file.code, std::min(skip_spaces(file.code, comma + 1), file.code.size()));
        names.insert(std::string(suite) + "." + std::string(name));
        names.insert(std::string(suite) + ".*");
      }
    }
  }
  return names;
}

/// The page of threats names a test for each: `Suite.Name`, `Suite.*`, and `.Name` for one more of
/// the suite before.
void check_named_tests(const Tree& tree, std::vector<Hit>& hits) {
  const SourceText* const page = tree.find("docs/security.md");
  if (page == nullptr) { return; }
  const std::set<std::string> names = test_names(tree);
  const std::string_view text = page->raw;
  std::string suite;
  for (std::size_t begin = text.find("\n|"); begin != text.npos; begin = text.find("\n|", begin)) {
    const std::size_t line_end = std::min(text.find('\n', begin + 1), text.size());
    while ((begin = text.find('`', begin)) < line_end) {
      const std::size_t end = std::min(text.find('`', begin + 1), line_end);
      const std::string_view quoted = text.substr(begin + 1, end - begin - 1);
      const std::string_view first = identifier_at(quoted, 0);
      const std::string_view rest = quoted.substr(std::min(first.size() + 1, quoted.size()));
      const bool is_name = (first.empty() || (first[0] >= 'A' && first[0] <= 'Z')) &&
                           quoted.size() > first.size() && quoted[first.size()] == '.' &&
                           (rest == "*" || (!rest.empty() && rest[0] >= 'A' && rest[0] <= 'Z' &&
                                            identifier_at(rest, 0) == rest));
      if (is_name) {
        if (!first.empty()) { suite = first; }
        const std::string name = suite + "." + std::string(rest);
        if (!names.contains(name)) { add(hits, *page, begin, "named_test", name); }
      }
      begin = end + 1;
    }
    begin = line_end;
  }
}

// --- the tree -----------------------------------------------------------------------------------

bool is_left_out(const fs::path& relative) {
  static const std::set<std::string> names = {
      ".git", "build",     ".tools", "node_modules",
      "dist", "demo-data", ".cache", "compile_commands.json"};
  // Seeds of fuzzers are bytes, whatever they look like.
  return names.contains(relative.filename().string()) || relative.generic_string() == "tests/fuzz";
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The folders named by `set(FIREBRAND_FOLDERS ...)`, with the modules of core after core.
std::vector<std::string> read_layers(std::string_view cmake) {
  constexpr std::string_view kStart = "set(FIREBRAND_FOLDERS";
  const std::size_t start = cmake.find(kStart);
  if (start == std::string_view::npos) { return {}; }
  std::istringstream words(std::string(
      cmake.substr(start + kStart.size(), cmake.find(')', start) - start - kStart.size())));
  std::vector<std::string> layers;
  for (std::string word; words >> word;) {
    layers.push_back(word);
    if (word == "core") {
      for (const std::string_view module : kCoreModules) {
        layers.push_back("core/" + std::string(module));
      }
    }
  }
  return layers;
}

bool is_excused(const Tree& tree, const Hit& hit) {
  const SourceText* file = tree.find(hit.path);
  if (file == nullptr || hit.line == 0) { return false; }
  const std::string marker = "house: allow " + std::string(hit.rule) + ", ";
  for (const std::size_t line : {hit.line, hit.line - 1}) {
    if (line == 0) { continue; }
    const std::string_view text = file->line(line);
    const std::size_t at = text.find(marker);
    if (at != std::string_view::npos && text.size() > at + marker.size() + 3) { return true; }
  }
  return false;
}

}  // namespace

const SourceText* Tree::find(std::string_view path) const {
  const auto found = std::lower_bound(
      files.begin(), files.end(), path,
      [](const SourceText& file, std::string_view wanted) { return file.path < wanted; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

Tree load_tree(const fs::path& root) {
  Tree tree;
  tree.root = fs::canonical(root);
  for (auto entry = fs::recursive_directory_iterator(tree.root); entry != fs::end(entry); ++entry) {
    const fs::path relative = entry->path().lexically_relative(tree.root);
    if (is_left_out(relative)) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || entry->is_symlink()) { continue; }
    if (entry->file_size() > kTextFileBytesMax) { continue; }
    SourceText file;
    file.path = relative.generic_string();
    file.raw = read_text(entry->path());
    if (file.raw.find('\0') != std::string::npos) { continue; }  // Not a text.
    if (file.is_cpp()) { file.code = without_comments_and_strings(file.raw); }
    tree.files.push_back(std::move(file));
  }
  std::sort(tree.files.begin(), tree.files.end(),
            [](const SourceText& a, const SourceText& b) { return a.path < b.path; });
  const SourceText* cmake = tree.find("src/CMakeLists.txt");
  if (cmake != nullptr) { tree.layers = read_layers(cmake->raw); }
  if (tree.layers.empty()) {
    throw std::runtime_error(tree.root.string() +
                             " has no src/CMakeLists.txt with a list FIREBRAND_FOLDERS");
  }
  return tree;
}

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = {
      {"clock", "take the time from CommandContext, or a Clock that was passed in", check_clock},
      {"random", "base/prng.hpp with a seed; for secrets, libsodium's randombytes", check_random},
      {"sleep", "a virtual clock, a step function, or a condition to wait for", check_sleep},
      {"hash_walk", "walk the dense array beside it; a hash map only answers look-ups",
       check_hash_walk},
      {"floating_point", "Money, Micros, _ppm or _bps in integers; rounding by a named helper",
       check_floating_point},
      {"layers", "a folder includes only those above it: move the type up, or pass a callback in",
       check_layers},
      {"include_path", "the path from src/: \"core/ledger/ledger.hpp\"", check_include_path},
      {"http_library", "edge/http; Beast is the second opinion of its fuzzer and nothing else",
       check_http_library},
      {"file_length", "800 lines at most: split by reason to change", check_file_length},
      {"unfinished", "finish it, or write it down where work is planned", check_unfinished},
      {"registry_host", "name the package, not the server it comes from", check_registry_hosts},
      {"private_path", "a path inside the repository", check_private_paths},
      {"lock_file", "npm install with omit-lockfile-registry-resolved=true, as .npmrc says",
       check_lock_files},
      {"folder_readme", "ten lines: what the folder owns, its main types, its invariants",
       check_folder_readme},
      {"empty_test", "a test, or no file", check_empty_tests},
      {"named_test", "a test that exists, by its suite and name", check_named_tests},
  };
  return all;
}

std::vector<Hit> check_tree(const Tree& tree) {
  std::vector<Hit> hits;
  for (const Rule& rule : rules()) {
    std::vector<Hit> found;
    rule.check(tree, found);
    std::stable_sort(found.begin(), found.end(), [](const Hit& a, const Hit& b) {
      return a.path != b.path ? a.path < b.path : a.line < b.line;
    });
    std::copy_if(found.begin(), found.end(), std::back_inserter(hits),
                 [&](const Hit& hit) { return !is_excused(tree, hit); });
  }
  return hits;
}

}  // namespace firebrand::tidy
