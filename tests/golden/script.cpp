#include "script.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iomanip>
#include <optional>
#include <span>
#include <sstream>
#include <utility>

#include "base/byte_stream.hpp"
#include "base/digest.hpp"
#include "base/enum_name.hpp"
#include "base/little_endian.hpp"
#include "core/engine/command_text.hpp"
#include "core/engine/engine.hpp"
#include "core/engine/system.hpp"

namespace firebrand::golden {

namespace {

constexpr std::string_view kArrow = "->";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) { text.remove_prefix(1); }
  while (!text.empty() && is_space(text.back())) { text.remove_suffix(1); }
  return text;
}

/// Takes the first word off.
std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = text_line_name(text);
  text.remove_prefix(word.size());
  return word;
}

std::string hex(std::uint64_t number) {
  std::ostringstream out;
  out << std::hex << std::setw(16) << std::setfill('0') << number;
  return out.str();
}

template <class Integer>
std::optional<Integer> parse_number(std::string_view text) {
  Integer number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) { return std::nullopt; }
  return number;
}

/// `fan:3`
std::optional<Actor> parse_actor(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) { return std::nullopt; }
  const auto kind = enum_from_name<ActorKind>(text.substr(0, colon));
  const auto id = parse_number<std::uint64_t>(text.substr(colon + 1));
  if (!kind || !id) { return std::nullopt; }
  return Actor{*kind, *id};
}

/// As the edge makes one, but without a secret: from the caller and the Idempotency-Key.
RequestKey request_key(const Actor& actor, std::string_view text) {
  const std::uint64_t low = hash_bytes(std::as_bytes(std::span(text)));
  RequestKey key;
  auto* const bytes = reinterpret_cast<std::byte*>(key.data.data());
  store_le(bytes, hash_words(actor.kind, actor.id, low, 1));
  store_le(bytes + 8, hash_words(actor.kind, actor.id, low, 2));
  return key;
}

/// One record as the log would keep it.
struct Record {
  CommandText command{};
  RequestKey key{};
  CommandContext context{};
};

/// A line of the script; it may go on over several lines of the file, each but the last ending in
/// a backslash.
struct Line {
  std::size_t number = 0;     ///< Of its first line in the file, counted from 1.
  std::string_view before{};  ///< As it stands in the file, up to the arrow, if there is one.
  std::string code{};         ///< The same on one line.
  std::string_view want{};    ///< Behind the arrow.
  bool has_arrow = false;
};

std::vector<Line> split(std::string_view text) {
  std::vector<Line> lines;
  std::size_t number = 0;
  for (std::size_t start = 0; start < text.size();) {
    Line line{.number = ++number};
    std::size_t end = std::min(text.find('\n', start), text.size());
    while (text.substr(start, end - start).ends_with(" \\") && end < text.size()) {
      end = std::min(text.find('\n', end + 1), text.size());
      ++number;
    }
    const std::string_view whole = text.substr(start, end - start);
    start = end + 1;
    const std::size_t arrow = whole.starts_with('#') ? whole.npos : whole.find(kArrow);
    line.has_arrow = arrow != whole.npos;
    line.before = whole.substr(0, arrow);
    if (line.has_arrow) { line.want = trimmed(whole.substr(arrow + kArrow.size())); }
    line.code = trimmed(line.before);
    for (std::size_t at = line.code.find("\\\n"); at != line.code.npos;
         at = line.code.find("\\\n", at)) {
      line.code.replace(at, 2, " ");
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

class Runner {
 public:
  explicit Runner(Answers answers) : answers_(answers) {}

  ScriptReport run(std::string_view text) {
    // Every log begins with it.
    (void)apply(*parse_command_text("adopt_rules rules_version=" + std::to_string(kRulesVersion)),
                {}, {});
    for (const Line& line : split(text)) { take(line); }
    check_end();
    return std::move(report_);
  }

 private:
  void fail(const std::string& message) { report_.errors.push_back({line_, message}); }

  void take(const Line& line) {
    line_ = line.number;
    const std::optional<std::string> came = answer(line.code);
    report_.updated += line.before;
    if (came) {
      if (!line.has_arrow) { report_.updated += "  "; }
      (report_.updated += kArrow).append(" ").append(*came);
      if (*came != line.want && answers_ == Answers::must_agree) {
        fail("expected: " + std::string(line.want) + "\n      came: " + *came);
      }
    } else if (line.has_arrow) {
      fail("nothing answers this line");
    }
    report_.updated += '\n';
  }

  /// What the line is answered with; nothing for lines that ask for nothing.
  std::optional<std::string> answer(std::string_view code) {
    if (code.empty() || code.front() == '#') { return std::nullopt; }
    std::string_view rest = code;
    const std::string_view word = take_word(rest);
    if (word == "at") { return at(rest); }
    rest = trimmed(rest);
    if (rest.empty() && word == "digest") { return hex(engine_.digest()); }
    if (rest.empty() && word == "facts") { return facts_text(); }
    if (rest.empty() && word == "invariants") {
      engine_.check_invariants();
    } else {
      fail("expected one of: at, facts, digest, invariants; came: " + std::string(code));
    }
    return std::nullopt;
  }

  std::optional<std::string> at(std::string_view rest) {
    const std::string_view time = take_word(rest);
    const auto ms = parse_number<std::int64_t>(time);
    if (!ms || from_unix_ms(*ms) < now_) {
      fail("expected milliseconds that do not go back; came: " + std::string(time));
      return std::nullopt;
    }
    now_ = from_unix_ms(*ms);
    Actor actor;
    std::string_view before = rest;
    if (const auto found = parse_actor(take_word(rest))) {
      actor = *found;
      before = rest;
    }
    rest = before;
    RequestKey key;
    constexpr std::string_view kKey = "key=";
    if (const std::string_view word = take_word(rest); word.starts_with(kKey)) {
      key = request_key(actor, word.substr(kKey.size()));
      before = rest;
    }
    return call(trimmed(before), actor, key);
  }

  std::string call(std::string_view line, const Actor& actor, const RequestKey& key) {
    const auto command = parse_command_text(line);
    if (!command) { return "unreadable: " + command.error().message(); }
    if (find_command(command->number) == nullptr) {
      std::array<std::byte, kAnswerBytesMax> answer;
      const std::size_t size =
          engine_.answer({command->number, command->bytes}, now_, std::span(answer));
      return print_result(command->number, std::span(answer).first(size));
    }
    const std::uint64_t before = engine_.digest();
    const Outcome outcome = apply(*command, actor, key);
    if (outcome.kind != Outcome::Kind::applied && engine_.digest() != before) {
      fail("it was not applied, and yet the digest changed");
    }
    const auto result = [&] {
      return print_result(command->number, std::span(outcome.result).first(outcome.result_size));
    };
    switch (outcome.kind) {
      case Outcome::Kind::applied:
      case Outcome::Kind::not_applied:
        return result();
      case Outcome::Kind::replayed:
        return "replayed: " + result();
      case Outcome::Kind::request_key_reused:
      case Outcome::Kind::undecodable:
        break;
    }
    return std::string(enum_name(outcome.kind));
  }

  Outcome apply(const CommandText& command, const Actor& actor, const RequestKey& key) {
    CommandContext context{
        .offset = {records_.size() + 1}, .timestamp = now_, .actor = actor, .facts = &facts_};
    const Outcome outcome = engine_.apply({command.number, command.bytes}, key, context);
    if (outcome.kind == Outcome::Kind::applied) { records_.push_back({command, key, context}); }
    return outcome;
  }

  /// Of the last command.
  std::string facts_text() const {
    std::string text;
    for (const FactBuffer::Entry& entry : facts_.entries()) {
      if (!text.empty()) { text += " | "; }
      text += print_fact(entry.type, facts_.payload(entry));
    }
    return text.empty() ? "none" : text;
  }

  void check_end() {
    line_ = 0;
    engine_.check_invariants();
    Engine replayed;
    FactBuffer facts;
    for (const Record& record : records_) {
      CommandContext context = record.context;
      context.facts = &facts;
      (void)replayed.apply({record.command.number, record.command.bytes}, record.key, context);
    }
    if (replayed.digest() != engine_.digest()) { fail("the records replay to another digest"); }

    Engine loaded;
    for (const PieceInfo& piece : Engine::pieces()) {
      MemorySink sink;
      engine_.save_piece(piece.number, sink);
      MemorySource source(sink.bytes());
      if (!loaded.load_piece(piece.number, piece.version, source)) {
        fail("the snapshot piece of " + std::string(piece.module) + " does not load");
      }
    }
    if (loaded.digest() != engine_.digest()) { fail("the snapshot loads into another digest"); }
    loaded.check_invariants();
  }

  Answers answers_;
  Engine engine_;
  FactBuffer facts_;
  std::vector<Record> records_;
  Timestamp now_{};
  std::size_t line_ = 0;
  ScriptReport report_;
};

}  // namespace

ScriptReport run_script(std::string_view text, Answers answers) {
  return Runner(answers).run(text);
}

}  // namespace firebrand::golden
