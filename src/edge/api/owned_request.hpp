#pragma once

#include <string>

#include "edge/http/http.hpp"

namespace firebrand {

/// A copy of a request that outlives HttpHandler::handle(): for routes that must ask something
/// before they run. Move-free: views point into it.
class OwnedRequest {
 public:
  explicit OwnedRequest(const HttpRequest& request);
  OwnedRequest(const OwnedRequest&) = delete;
  OwnedRequest& operator=(const OwnedRequest&) = delete;

  [[nodiscard]] const HttpRequest& request() const { return request_; }

 private:
  std::string bytes_;
  HttpRequest request_;
};

}  // namespace firebrand
