#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace firebrand::e2e {

/// A JSON document as a test reads it, by a parser that is not ours. What is not there or not of
/// the asked type throws, which fails the test with the document in its message.
class Json {
 public:
  static Json parse(std::string_view text) {
    Json json;
    json.parser_ = std::make_shared<simdjson::dom::parser>();
    json.text_ = std::make_shared<std::string>(text);
    if (json.parser_->parse(*json.text_).get(json.element_) != simdjson::SUCCESS) {
      throw std::runtime_error("not JSON: " + std::string(text));
    }
    return json;
  }

  Json operator[](std::string_view key) const {
    Json json = *this;
    if (element_[key].get(json.element_) != simdjson::SUCCESS) {
      fail("no member " + std::string(key));
    }
    return json;
  }
  Json operator[](std::size_t index) const {
    Json json = *this;
    if (element_.at(index).get(json.element_) != simdjson::SUCCESS) {
      fail("no element " + std::to_string(index));
    }
    return json;
  }
  [[nodiscard]] bool has(std::string_view key) const {
    return element_[key].error() == simdjson::SUCCESS;
  }
  [[nodiscard]] std::size_t size() const { return as<simdjson::dom::array>("array").size(); }
  [[nodiscard]] std::string text() const { return std::string(as<std::string_view>("string")); }
  [[nodiscard]] std::int64_t number() const { return as<std::int64_t>("integer"); }
  [[nodiscard]] double real() const { return as<double>("number"); }
  [[nodiscard]] bool boolean() const { return as<bool>("boolean"); }
  [[nodiscard]] bool is_null() const { return element_.is_null(); }
  /// The name that JSON Schema has for it; a number without decimals is an "integer".
  [[nodiscard]] std::string_view type() const {
    using enum simdjson::dom::element_type;
    switch (element_.type()) {
      case ARRAY:
        return "array";
      case OBJECT:
        return "object";
      case INT64:
      case UINT64:
        return "integer";
      case DOUBLE:
        return "number";
      case STRING:
        return "string";
      case BOOL:
        return "boolean";
      case NULL_VALUE:
        break;
    }
    return "null";
  }
  [[nodiscard]] std::string dump() const { return simdjson::minify(element_); }
  /// Member names of an object, in the order of the document.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : as<simdjson::dom::object>("object")) {
      names.emplace_back(name);
    }
    return names;
  }

 private:
  template <class T>
  [[nodiscard]] T as(const char* type) const {
    T value{};
    if (element_.get(value) != simdjson::SUCCESS) { fail(std::string("no ") + type); }
    return value;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + " in " + *text_);
  }

  std::shared_ptr<simdjson::dom::parser> parser_;
  std::shared_ptr<std::string> text_;
  simdjson::dom::element element_;
};

}  // namespace firebrand::e2e
