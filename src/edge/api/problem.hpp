#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace firebrand {

/// Language of what people read: titles and details of problems. Codes never change with it.
enum class Language : std::uint8_t { en, zh };

/// Chinese if Accept-Language (RFC 9110 section 12.5.4) rates it higher than English, or as high
/// and names it first; else English. "zh-CN" counts as Chinese, "*" as whatever is not named; what
/// is not a language range is passed over.
[[nodiscard]] Language language_of(std::string_view accept_language);

/// One kind of refusal: its code stands in the API for good, its type is "/problems/" + code.
struct ProblemKind {
  std::string_view code;  ///< snake_case; for refusals of the core the enumerator's name.
  int status = 0;         ///< HTTP
  std::string_view title_en;
  std::string_view title_zh;
  std::string_view advice_en;  ///< What to do about it.
  std::string_view advice_zh;
  int retry_after = 0;  ///< Seconds until it may have passed by itself; 0: waiting does not help.
};

/// All kinds, sorted by code: what /problems/{code} and the OpenAPI document show.
[[nodiscard]] std::span<const ProblemKind> problem_kinds();
/// Null if there is none.
[[nodiscard]] const ProblemKind* find_problem_kind(std::string_view code);

/// One extension member of a problem: `json` is a complete JSON value.
struct ProblemExtension {
  std::string_view name;
  std::string_view json;
};

/// The RFC 9457 body. An unknown code is a bug and aborts.
/// @param detail  This occurrence, for people; empty: the kind's advice.
[[nodiscard]] std::string problem_body(std::string_view code, Language language,
                                       std::string_view detail, std::string_view request_id,
                                       std::span<const ProblemExtension> extensions = {});

/// The page behind a problem's type.
[[nodiscard]] std::string problem_page(const ProblemKind& kind, Language language);

}  // namespace firebrand
