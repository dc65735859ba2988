#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "json.hpp"
#include "shop.hpp"

namespace firebrand::e2e {

/// What /openapi.json promises of answers: every status and every problem code of every operation,
/// and the schema of each body.
class Contract {
 public:
  explicit Contract(const Json& document);

  /// Empty if the answer is one that the document names for the request; else what is wrong.
  [[nodiscard]] std::string objection(const Request& request, const Answer& answer) const;

 private:
  struct Operation {
    std::string method;  ///< "post"
    std::vector<std::string> path;
    std::set<std::string> answers;        ///< "201", "409 sold_out".
    std::map<std::string, Json> schemas;  ///< Of JSON, by "201"; of problems by "problem".
  };
  [[nodiscard]] std::string body_objection(const Operation& operation, const Answer& answer,
                                           bool is_problem) const;

  Json document_;
  std::vector<Operation> operations_;
};

/// What is wrong with the examples of the document: none for a body, or one that its schema does
/// not allow.
[[nodiscard]] std::vector<std::string> example_objections(const Json& document);

}  // namespace firebrand::e2e
