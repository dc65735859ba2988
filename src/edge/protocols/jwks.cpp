#include "edge/protocols/jwks.hpp"

#include <optional>

#include "edge/protocols/json_fields.hpp"

namespace firebrand {

namespace {

using Object = simdjson::dom::object;

std::optional<std::string> bytes_at(const Object& object, std::string_view name) {
  return decode_base64url(text_at(object, name));
}

/// What it says of its use leaves checking signatures open.
bool may_verify(const Object& key) {
  if (has_member(key, "use") && text_at(key, "use") != "sig") { return false; }
  simdjson::dom::array operations;
  if (!has_member(key, "key_ops")) { return true; }
  if (key["key_ops"].get_array().get(operations) != simdjson::SUCCESS) { return false; }
  for (const simdjson::dom::element operation : operations) {
    std::string_view name;
    if (operation.get_string().get(name) == simdjson::SUCCESS && name == "verify") { return true; }
  }
  return false;
}

std::optional<SignatureKey> key_of(const Object& object) {
  const std::string_view kind = text_at(object, "kty");
  const auto x = bytes_at(object, "x");
  std::optional<SignatureKey> key;
  if (kind == "RSA") {
    const auto n = bytes_at(object, "n");
    const auto e = bytes_at(object, "e");
    if (n && e) { key = SignatureKey::rsa(*n, *e); }
  } else if (kind == "EC" && text_at(object, "crv") == "P-256") {
    const auto y = bytes_at(object, "y");
    if (x && y) { key = SignatureKey::p256(*x, *y); }
  } else if (kind == "OKP" && text_at(object, "crv") == "Ed25519" && x) {
    key = SignatureKey::ed25519(*x);
  }
  // An RSA key for RS512 or PS256 checks none of our signatures.
  if (key && has_member(object, "alg") && text_at(object, "alg") != jose_name(key->algorithm())) {
    return std::nullopt;
  }
  return key;
}

}  // namespace

Expected<Jwks, std::string> read_jwks(std::string_view json) {
  if (json.size() > kJwksBytesMax) { return Unexpected(std::string("is too long for a JWKS")); }
  simdjson::dom::parser parser;
  const auto set = strict_json_object(parser, json);
  simdjson::dom::array list;
  if (!set || (*set)["keys"].get_array().get(list) != simdjson::SUCCESS) {
    return Unexpected(std::string("is no JWKS: an object with \"keys\""));
  }
  if (list.size() > kJwksKeysMax) { return Unexpected(std::string("has too many keys")); }
  Jwks keys;
  for (const simdjson::dom::element entry : list) {
    Object object;
    if (entry.get_object().get(object) != simdjson::SUCCESS) { continue; }
    const bool is_secret = has_member(object, "d") || text_at(object, "kty") == "oct";
    if (is_secret) { return Unexpected(std::string("holds a secret key: publish public ones")); }
    if (!may_verify(object)) { continue; }
    if (auto key = key_of(object)) {
      keys.push_back({std::string(text_at(object, "kid")), std::move(*key)});
    }
  }
  if (keys.empty()) {
    return Unexpected(std::string("has no key for RS256, ES256 or EdDSA signatures"));
  }
  return keys;
}

}  // namespace firebrand
