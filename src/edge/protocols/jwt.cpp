#include "edge/protocols/jwt.hpp"

#include <cmath>

#include "base/rfc3339.hpp"
#include "edge/protocols/json_fields.hpp"

namespace firebrand {

namespace {

using Object = simdjson::dom::object;
using enum JwtError;

constexpr double kSecondsMax = 253'402'300'799.0;  // The end of the year 9999.

struct Parts {
  std::string_view header{};
  std::string_view payload{};
  std::string_view signature{};
  std::string_view signed_text{};
};

std::optional<Parts> split(std::string_view token) {
  const std::size_t first = token.find('.');
  if (token.size() > kJwtBytesMax || first == std::string_view::npos) { return std::nullopt; }
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) { return std::nullopt; }
  const Parts parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                    token.substr(second + 1), token.substr(0, second)};
  if (parts.signature.find('.') != std::string_view::npos) { return std::nullopt; }
  return parts;
}

bool is_jwt_type(std::string_view type) {
  return type.size() == 3 && (type[0] == 'J' || type[0] == 'j') &&
         (type[1] == 'W' || type[1] == 'w') && (type[2] == 'T' || type[2] == 't');
}

/// The key that the header asks for; the key's own algorithm is used, never one of the header's.
Expected<const SignatureKey*, JwtError> choose_key(const Object& header, const Jwks& keys) {
  const auto algorithm = signature_algorithm(text_at(header, "alg"));
  if (!algorithm) { return Unexpected(algorithm_not_allowed); }
  if (has_member(header, "crit")) { return Unexpected(extension_unknown); }
  if (has_member(header, "typ") && !is_jwt_type(text_at(header, "typ"))) {
    return Unexpected(type_not_allowed);
  }
  const bool is_named = has_member(header, "kid");
  const std::string_view kid = text_at(header, "kid");
  if (is_named && kid.empty()) { return Unexpected(token_malformed); }
  const SignatureKey* found = nullptr;
  for (const Jwk& jwk : keys) {
    if (jwk.key.algorithm() != *algorithm || (is_named && jwk.kid != kid)) { continue; }
    // Without a name there must be no choice.
    if (found != nullptr) { return Unexpected(key_unknown); }
    found = &jwk.key;
  }
  if (found == nullptr) { return Unexpected(key_unknown); }
  return found;
}

/// A NumericDate (RFC 7519, section 2); a part of a second is cut off.
std::optional<Timestamp> time_at(const Object& claims, std::string_view name) {
  double seconds = 0;
  if (claims[name].get_double().get(seconds) != simdjson::SUCCESS || !(seconds >= 0) ||
      seconds > kSecondsMax) {
    return std::nullopt;
  }
  return from_unix_ms(static_cast<std::int64_t>(std::floor(seconds)) * 1'000);
}

/// One text, or a list of texts. Nothing if it is neither.
std::optional<std::vector<std::string>> texts_at(const Object& claims, std::string_view name) {
  std::string_view one;
  if (claims[name].get_string().get(one) == simdjson::SUCCESS) { return {{std::string(one)}}; }
  simdjson::dom::array list;
  if (claims[name].get_array().get(list) != simdjson::SUCCESS) { return std::nullopt; }
  std::vector<std::string> texts;
  for (const simdjson::dom::element entry : list) {
    if (entry.get_string().get(one) != simdjson::SUCCESS) { return std::nullopt; }
    texts.emplace_back(one);
  }
  return texts;
}

bool is_for(const Object& claims, const std::vector<std::string>& ours) {
  const auto is_ours = [&](std::string_view name) {
    for (const std::string& own : ours) {
      if (own == name) { return true; }
    }
    return false;
  };
  // Of an ID token for several, `azp` says who asked for it (OpenID Connect Core, 3.1.3.7).
  if (has_member(claims, "azp") && !is_ours(text_at(claims, "azp"))) { return false; }
  const auto audiences = texts_at(claims, "aud");
  if (!audiences) { return false; }
  for (const std::string& audience : *audiences) {
    if (is_ours(audience)) { return true; }
  }
  return false;
}

/// Whom it is from and for, and when it holds.
std::optional<JwtError> check(const Object& claims, const JwtRules& rules, Timestamp now) {
  if (text_at(claims, "iss") != rules.issuer) { return issuer_wrong; }
  if (!is_for(claims, rules.audiences)) { return audience_wrong; }
  const auto expires = time_at(claims, "exp");
  const auto issued = time_at(claims, "iat");
  const auto from = time_at(claims, "nbf");
  if (!expires || !issued || (has_member(claims, "nbf") && !from)) { return claim_malformed; }
  if (now >= *expires + rules.skew) { return expired; }
  if (now + rules.skew < *issued || (from && now + rules.skew < *from)) { return not_yet_valid; }
  return std::nullopt;
}

/// Whether the claim, if it is there and asked for, is a text; it goes to `out`.
bool read_text(const Object& claims, std::string_view name, std::string& out) {
  if (name.empty() || !has_member(claims, name)) { return true; }
  std::string_view text;
  if (claims[name].get_string().get(text) != simdjson::SUCCESS) { return false; }
  out = text;
  return true;
}

/// A NumericDate, or a text as in RFC 3339.
bool read_moment(const Object& claims, std::string_view name, std::optional<Timestamp>& out) {
  if (name.empty() || !has_member(claims, name)) { return true; }
  std::string text;
  if (!read_text(claims, name, text)) {
    out = time_at(claims, name);
  } else if (const auto parsed = parse_rfc3339(text)) {
    out = *parsed;
  }
  return out.has_value();
}

bool read_person(const Object& claims, const ClaimNames& names, TokenClaims& out) {
  if (!names.groups.empty() && has_member(claims, names.groups)) {
    auto groups = texts_at(claims, names.groups);
    if (!groups) { return false; }
    out.groups = std::move(*groups);
  }
  if (!names.risk.empty() && has_member(claims, names.risk)) {
    const auto risk = integer_at(claims, names.risk);
    if (!risk) { return false; }
    out.risk = *risk;
  }
  return read_text(claims, names.person, out.person) && !out.person.empty() &&
         read_text(claims, names.region, out.region) &&
         read_text(claims, names.channel, out.channel) &&
         read_text(claims, names.household, out.household) &&
         read_text(claims, names.address, out.address) &&
         read_moment(claims, names.member_since, out.member_since);
}

}  // namespace

Expected<TokenClaims, JwtError> read_jwt(std::string_view token, const Jwks& keys,
                                         const JwtRules& rules, Timestamp now) {
  const auto parts = split(token);
  if (!parts) { return Unexpected(token_malformed); }
  const auto header_json = decode_base64url(parts->header);
  const auto payload_json = decode_base64url(parts->payload);
  const auto signature = decode_base64url(parts->signature);
  if (!header_json || !payload_json || !signature) { return Unexpected(token_malformed); }
  simdjson::dom::parser header_parser;
  const auto header = strict_json_object(header_parser, *header_json);
  if (!header) { return Unexpected(token_malformed); }
  const auto key = choose_key(*header, keys);
  if (!key) { return Unexpected(key.error()); }
  if (!(*key)->verify(parts->signed_text, *signature)) { return Unexpected(signature_wrong); }

  simdjson::dom::parser payload_parser;
  const auto claims = strict_json_object(payload_parser, *payload_json);
  if (!claims) { return Unexpected(token_malformed); }
  if (const auto error = check(*claims, rules, now)) { return Unexpected(*error); }
  TokenClaims read;
  if (!read_person(*claims, rules.names, read)) { return Unexpected(claim_malformed); }
  return read;
}

std::string make_jwt(const SignatureKey& key, std::string_view header, std::string_view payload) {
  const std::string text = encode_base64url(header) + "." + encode_base64url(payload);
  return text + "." + encode_base64url(key.sign(text));
}

}  // namespace firebrand
