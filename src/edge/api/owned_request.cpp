#include "edge/api/owned_request.hpp"

namespace firebrand {

OwnedRequest::OwnedRequest(const HttpRequest& request) : request_(request) {
  std::size_t size = request.path.size() + request.query.size() + request.header_lines.size() +
                     request.body.size() + kHttpBodyPadding;
  for (std::size_t i = 0; i < kHttpHeaderCount; ++i) {
    size += request.header(static_cast<HttpHeader>(i)).size();
  }
  bytes_.reserve(size);  // Views must stay: no growth below.
  const auto keep = [this](std::string_view text) {
    const std::size_t begin = bytes_.size();
    bytes_.append(text);
    return std::string_view(bytes_).substr(begin, text.size());
  };
  request_.path = keep(request.path);
  request_.query = keep(request.query);
  request_.header_lines = keep(request.header_lines);
  for (std::size_t i = 0; i < kHttpHeaderCount; ++i) {
    const auto header = static_cast<HttpHeader>(i);
    if (request.has(header)) { request_.set_header(header, keep(request.header(header))); }
  }
  request_.body = keep(request.body);
  bytes_.append(kHttpBodyPadding, '\0');
}

}  // namespace firebrand
