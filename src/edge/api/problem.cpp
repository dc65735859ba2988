#include "edge/api/problem.hpp"

#include "base/assert.hpp"
#include "base/json_writer.hpp"

namespace firebrand {

Language language_of(std::string_view accept_language) {
  const std::size_t zh = accept_language.find("zh");
  const std::size_t en = accept_language.find("en");
  return zh != std::string_view::npos && zh < en ? Language::zh : Language::en;
}

std::string problem_body(std::string_view code, Language language, std::string_view detail,
                         std::string_view request_id,
                         std::span<const ProblemExtension> extensions) {
  const ProblemKind* const kind = find_problem_kind(code);
  FB_ASSERT(kind != nullptr);
  const bool zh = language == Language::zh;
  std::string body;
  CharSink sink(body);
  JsonWriter json(sink);
  json.begin_object();
  json.key("type");
  json.string(std::string("/problems/").append(kind->code));
  json.key("title");
  json.string(zh ? kind->title_zh : kind->title_en);
  json.key("status");
  json.number(kind->status);
  json.key("detail");
  json.string(!detail.empty() ? detail : zh ? kind->advice_zh : kind->advice_en);
  json.key("instance");
  json.string(std::string("urn:firebrand:req:").append(request_id));
  json.key("code");
  json.string(kind->code);
  for (const ProblemExtension& extension : extensions) {
    json.key(extension.name);
    json.raw(extension.json);
  }
  json.end_object();
  return body;
}

std::string problem_page(const ProblemKind& kind, Language language) {
  const bool zh = language == Language::zh;
  std::string page = "<!doctype html><html lang=\"";
  page += zh ? "zh" : "en";
  page +=
      "\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>";
  page += kind.code;
  page += "</title><h1>";
  page += zh ? kind.title_zh : kind.title_en;
  page += "</h1><p><code>";
  page += kind.code;
  page += "</code> · HTTP ";
  page += std::to_string(kind.status);
  page += "</p><p>";
  page += zh ? kind.advice_zh : kind.advice_en;
  page += "</p>";
  return page;
}

}  // namespace firebrand
