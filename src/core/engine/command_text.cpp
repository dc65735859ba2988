#include "core/engine/command_text.hpp"

#include <array>
#include <tuple>
#include <utility>

#include "base/codec_binary.hpp"
#include "base/enum_name.hpp"
#include "core/engine/registry.hpp"
#include "core/engine/results.hpp"

namespace firebrand {

namespace {

using ParseFunction = Expected<std::vector<std::byte>, TextError> (*)(std::string_view);
using PrintFunction = std::string (*)(std::span<const std::byte>, TextStyle);

/// A command or query: how its line is read and how its answer is printed.
struct CallEntry {
  std::uint16_t number = 0;
  std::string_view name;
  ParseFunction parse = nullptr;
  PrintFunction print_result = nullptr;
};

struct FactEntry {
  std::uint16_t number = 0;
  PrintFunction print = nullptr;
};

template <class T>
Expected<std::vector<std::byte>, TextError> parse_as(std::string_view line) {
  const auto value = read_text<T>(line);
  if (!value) { return Unexpected(value.error()); }
  std::vector<std::byte> bytes(encoded_size_max<T>());
  bytes.resize(encode(*value, bytes.data()));
  return bytes;
}

template <class Result>
std::string print_result_as(std::span<const std::byte> bytes, TextStyle style) {
  auto result = decode<Result>(bytes);
  if (!result) { return {}; }
  std::string text(enum_name(result->status));
  result->status = {};  // At its default, so that it is not said twice.
  std::string fields;
  CharSink sink(fields);
  write_text_fields(struct_table<Result>(), &*result, style, sink);
  if (!fields.empty()) { text.append(" ").append(fields); }
  return text;
}

template <class F>
std::string print_fact_as(std::span<const std::byte> bytes, TextStyle style) {
  const auto fact = decode<F>(bytes);
  return fact ? to_text(*fact, style) : std::string();
}

template <class... Entries>
constexpr auto call_entries(std::tuple<Entries...>*) {
  return std::array{CallEntry{Entries::kNumber, Entries::Type::kName,
                              &parse_as<typename Entries::Type>,
                              &print_result_as<ResultOf<Entries>>}...};
}

template <class... Entries>
constexpr auto fact_entries(std::tuple<Entries...>*) {
  return std::array{FactEntry{Entries::kNumber, &print_fact_as<typename Entries::Type>}...};
}

using Calls = decltype(std::tuple_cat(std::declval<Commands>(), std::declval<Queries>()));
constexpr auto kCalls = call_entries(static_cast<Calls*>(nullptr));
constexpr auto kFacts = fact_entries(static_cast<Facts*>(nullptr));

TextError unknown_name(std::string_view line, std::string_view name) {
  std::string known;
  for (const CallEntry& entry : kCalls) {
    known += known.empty() ? "one of " : ", ";
    known += entry.name;
  }
  return {.code = TextErrorCode::wrong_name,
          .position = static_cast<std::size_t>(name.data() - line.data()),
          .expected = std::move(known),
          .came = name.empty() ? "the end of the line" : std::string(name)};
}

}  // namespace

Expected<CommandText, TextError> parse_command_text(std::string_view line) {
  const std::string_view name = text_line_name(line);
  for (const CallEntry& entry : kCalls) {
    if (entry.name != name) { continue; }
    auto bytes = entry.parse(line);
    if (!bytes) { return Unexpected(bytes.error()); }
    return CommandText{entry.number, std::move(*bytes)};
  }
  return Unexpected(unknown_name(line, name));
}

std::string print_result(std::uint16_t number, std::span<const std::byte> bytes, TextTimes times) {
  for (const CallEntry& entry : kCalls) {
    if (entry.number == number) { return entry.print_result(bytes, {.times = times}); }
  }
  return {};
}

std::string print_fact(std::uint16_t number, std::span<const std::byte> bytes, TextTimes times) {
  for (const FactEntry& entry : kFacts) {
    if (entry.number == number) { return entry.print(bytes, {.times = times}); }
  }
  return {};
}

}  // namespace firebrand
