#include "contract.hpp"

#include <algorithm>

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
  return status == 304 || status == 408 || status == 413 || status == 414 || status == 431;
}

}  // namespace

Contract::Contract(const Json& document) {
  const Json paths = document["paths"];
  for (const std::string& path : paths.names()) {
    for (const std::string& method : paths[path].names()) {
      Operation operation{method, segments(path), {}};
      const Json responses = paths[path][method]["responses"];
      for (const std::string& status : responses.names()) {
        const Json response = responses[status];
        for (const std::string& type : response["content"].names()) {
          if (type != "application/problem+json") {
            operation.answers.insert(status);
            continue;
          }
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
    if (operation.answers.contains(said)) { return {}; }
    return "/openapi.json does not say that " + method + " " + request.target +
           " may be answered " + said;
  }
  return {};  // A page, or nothing that we offer.
}

}  // namespace firebrand::e2e
