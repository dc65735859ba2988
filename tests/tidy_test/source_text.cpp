#include "source_text.hpp"

#include <algorithm>

namespace firebrand::tidy {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// 1'000'000 is a number with separators; u8'a' and 'a' are characters.
bool is_digit_separator(std::string_view raw, std::size_t quote) {
  std::size_t start = quote;
  while (start > 0 && (is_word(raw[start - 1]) || raw[start - 1] == '\'')) { --start; }
  return start < quote && is_digit(raw[start]);
}

/// Where a literal that starts with the quote at `position` ends, past its closing quote.
std::size_t end_of_literal(std::string_view raw, std::size_t position) {
  const char quote = raw[position];
  std::size_t end = position + 1;
  while (end < raw.size() && raw[end] != quote && raw[end] != '\n') {
    end += raw[end] == '\\' ? 2u : 1u;
  }
  return std::min(end + 1, raw.size());
}

/// R"name( ... )name"; `position` is that of its quote.
std::size_t end_of_raw_string(std::string_view raw, std::size_t position) {
  const std::size_t open = raw.find('(', position);
  if (open == std::string_view::npos) { return raw.size(); }
  std::string close = ")";
  close += raw.substr(position + 1, open - position - 1);
  close += '"';
  const std::size_t end = raw.find(close, open);
  return end == std::string_view::npos ? raw.size() : end + close.size();
}

}  // namespace

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool SourceText::is_cpp() const { return path.ends_with(".cpp") || path.ends_with(".hpp"); }

std::size_t SourceText::line_of(std::size_t position) const {
  const auto end = raw.begin() + static_cast<std::ptrdiff_t>(std::min(position, raw.size()));
  return 1 + static_cast<std::size_t>(std::count(raw.begin(), end, '\n'));
}

std::size_t SourceText::line_count() const {
  const auto breaks = static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '\n'));
  return raw.empty() || raw.back() == '\n' ? breaks : breaks + 1;
}

std::string_view SourceText::line(std::size_t number) const {
  std::string_view rest = raw;
  for (std::size_t skipped = 1; skipped < number; ++skipped) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) { return {}; }
    rest.remove_prefix(end + 1);
  }
  return rest.substr(0, rest.find('\n'));
}

std::string without_comments_and_strings(std::string_view raw) {
  std::string code(raw);
  const auto blank = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < std::min(to, code.size()); ++i) {
      if (code[i] != '\n') { code[i] = ' '; }
    }
  };
  std::size_t position = 0;
  while (position < raw.size()) {
    const std::string_view rest = raw.substr(position);
    std::size_t end = position + 1;
    if (rest.starts_with("//")) {
      end = std::min(raw.find('\n', position), raw.size());
      blank(position, end);
    } else if (rest.starts_with("/*")) {
      const std::size_t close = raw.find("*/", position + 2);
      end = close == std::string_view::npos ? raw.size() : close + 2;
      blank(position, end);
    } else if (raw[position] == '"' && position > 0 && raw[position - 1] == 'R') {
      end = end_of_raw_string(raw, position);
      blank(position + 1, end - 1);
    } else if (raw[position] == '"' ||
               (raw[position] == '\'' && !is_digit_separator(raw, position))) {
      end = end_of_literal(raw, position);
      blank(position + 1, end - 1);
    }
    position = end;
  }
  return code;
}

std::vector<std::size_t> find_words(std::string_view text, std::string_view word) {
  std::vector<std::size_t> places;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (is_word(word.front()) && at > 0 && is_word(text[at - 1])) { continue; }
    if (is_word(word.back()) && end < text.size() && is_word(text[end])) { continue; }
    places.push_back(at);
  }
  return places;
}

std::vector<Include> includes_of(const SourceText& source) {
  std::vector<Include> includes;
  for (const std::size_t hash : find_words(source.code, "#")) {
    const std::size_t word = skip_spaces(source.code, hash + 1);
    if (identifier_at(source.code, word) != "include") { continue; }
    const std::size_t open = skip_spaces(source.code, word + 7);
    if (open >= source.raw.size()) { continue; }
    const bool quoted = source.raw[open] == '"';
    const std::size_t close = source.raw.find(quoted ? '"' : '>', open + 1);
    if (close == std::string::npos) { continue; }
    includes.push_back({source.raw.substr(open + 1, close - open - 1), hash, quoted});
  }
  return includes;
}

std::size_t closing_bracket(std::string_view code, std::size_t open) {
  const char opening = code[open];
  const char closing = opening == '(' ? ')' : opening == '<' ? '>' : opening == '[' ? ']' : '}';
  int depth = 0;
  for (std::size_t i = open; i < code.size(); ++i) {
    if (code[i] == opening) { ++depth; }
    if (code[i] == closing && --depth == 0) { return i; }
    // A comparison was taken for a template: nothing closes it before the statement ends.
    if (opening == '<' && code[i] == ';') { break; }
  }
  return std::string_view::npos;
}

std::size_t skip_spaces(std::string_view text, std::size_t position) {
  while (position < text.size() && (text[position] == ' ' || text[position] == '\n')) {
    ++position;
  }
  return position;
}

std::string_view identifier_at(std::string_view code, std::size_t position) {
  std::size_t end = position;
  while (end < code.size() && is_word(code[end])) { ++end; }
  return code.substr(position, end - position);
}

}  // namespace firebrand::tidy
