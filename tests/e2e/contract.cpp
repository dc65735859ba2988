#include "contract.hpp"

#include <algorithm>

#include "schema.hpp"

namespace firebrand::e2e {

namespace {

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> segments;
  for (const char c : path.substr(0, path.find('?'))) {
    if (c == '/') {
      segments.emplace_back();
    } else if (!segments.empty()) {
      segments.back() += c;
    }
  }
  return segments;
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return std::ranges::equal(pattern, path, [](const std::string& want, const std::string& came) {
    return want.starts_with('{') ? !came.empty() : want == came;
  });
}

/// What the server says of any request, before it looks for a route.
bool is_of_the_server(int status) {
  return status == 408 || status == 413 || status == 414 || status == 431;
}

constexpr const char* kJson = "application/json";

}  // namespace

Contract::Contract(const Json& document) : document_(document) {
  const Json paths = document["paths"];
  for (const std::string& path : paths.names()) {
    for (const std::string& method : paths[path].names()) {
      Operation operation{method, segments(path), {}, {}};
      const Json responses = paths[path][method]["responses"];
      for (const std::string& status : responses.names()) {
        const Json response = responses[status];
        if (!response.has("content")) {
          operation.answers.insert(status);
          continue;
        }
        for (const std::string& type : response["content"].names()) {
          const Json schema = response["content"][type]["schema"];
          if (type != "application/problem+json") {
            operation.answers.insert(status);
            if (type == kJson) { operation.schemas.emplace(status, schema); }
            continue;
          }
          operation.schemas.emplace("problem", schema);
          // The codes stand between backticks.
          const std::string text = response["description"].text();
          std::string_view rest = text;
          for (std::size_t open = rest.find('`'); open != std::string_view::npos;
               open = rest.find('`')) {
            rest.remove_prefix(open + 1);
            operation.answers.insert(status + " " + std::string(rest.substr(0, rest.find('`'))));
            rest.remove_prefix(rest.find('`') + 1);
          }
        }
      }
      operations_.push_back(std::move(operation));
    }
  }
}

std::string Contract::objection(const Request& request, const Answer& answer) const {
  if (is_of_the_server(answer.status)) { return {}; }
  const bool problem = answer.header("Content-Type") == "application/problem+json";
  const std::string said =
      std::to_string(answer.status) + (problem ? " " + answer.json()["code"].text() : "");
  std::string method(http_method_name(request.method));
  std::ranges::transform(method, method.begin(),
                         [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  if (method == "head") { method = "get"; }
  const std::vector<std::string> path = segments(request.target);
  for (const Operation& operation : operations_) {
    if (operation.method != method || !fits(operation.path, path)) { continue; }
    if (operation.answers.contains(said)) {
      const std::string wrong =
          request.method == HttpMethod::head ? "" : body_objection(operation, answer, problem);
      return wrong.empty() ? wrong
                           : method + " " + request.target + " answered " + said + " with " + wrong;
    }
    return "/openapi.json does not say that " + method + " " + request.target +
           " may be answered " + said;
  }
  return {};  // A page, or nothing that we offer.
}

std::string Contract::body_objection(const Operation& operation, const Answer& answer,
                                     bool is_problem) const {
  const auto schema =
      operation.schemas.find(is_problem ? "problem" : std::to_string(answer.status));
  const bool is_json = is_problem || answer.header("Content-Type") == kJson;
  if (schema == operation.schemas.end()) { return is_json ? "JSON that has no schema" : ""; }
  if (!is_json) { return ""; }
  return schema_objection(document_, schema->second, answer.json());
}

std::vector<std::string> example_objections(const Json& document) {
  std::vector<std::string> objections;
  const auto check = [&](const std::string& place, const Json& content) {
    for (const std::string& type : content.names()) {
      const Json media = content[type];
      if (!media.has("example")) {
        objections.push_back(place + " " + type + ": no example");
        continue;
      }
      const std::string wrong = schema_objection(document, media["schema"], media["example"]);
      if (!wrong.empty()) { objections.push_back(place + " " + type + ": " + wrong); }
    }
  };
  const Json paths = document["paths"];
  for (const std::string& path : paths.names()) {
    for (const std::string& method : paths[path].names()) {
      const Json operation = paths[path][method];
      const std::string id = operation["operationId"].text();
      if (operation.has("requestBody")) { check(id, operation["requestBody"]["content"]); }
      for (const std::string& status : operation["responses"].names()) {
        const Json response = operation["responses"][status];
        if (response.has("content")) { check(id + " " + status, response["content"]); }
      }
    }
  }
  return objections;
}

}  // namespace firebrand::e2e
