#pragma once

#include <set>
#include <string>
#include <vector>

#include "json.hpp"
#include "shop.hpp"

namespace firebrand::e2e {

/// What /openapi.json promises of answers: every status and every problem code of every operation.
class Contract {
 public:
  explicit Contract(const Json& document);

  /// Empty if the answer is one that the document names for the request; else what is wrong.
  [[nodiscard]] std::string objection(const Request& request, const Answer& answer) const;

 private:
  struct Operation {
    std::string method;  ///< "post"
    std::vector<std::string> path;
    std::set<std::string> answers;  ///< "201", "409 sold_out".
  };
  std::vector<Operation> operations_;
};

}  // namespace firebrand::e2e
