#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_name.hpp"
#include "base/text.hpp"
#include "base/types.hpp"
#include "core/access/access.hpp"
#include "core/context.hpp"
#include "core/launch/standing.hpp"
#include "core/status.hpp"
#include "edge/api/load_shedding.hpp"
#include "edge/api/problem.hpp"
#include "edge/http/http.hpp"

namespace firebrand {

class Api;

/// Who may call a route.
enum class Auth : std::uint8_t {
  everyone,
  fan,              ///< A fan's session, or a server's key acting for a named fan.
  server,           ///< A server's key.
  staff,            ///< A staff session with one of the route's roles.
  fan_or_staff,     ///< As `fan`; without a bearer token as `staff`.
  server_or_staff,  ///< As `server`; without a bearer token as `staff`.
  callback,         ///< The payment provider's signature.
};

/// What a server's key may be for; a key without any of them is for everything. The bits of
/// AddApiKey::scopes: never renumber.
enum class ApiScope : std::uint8_t {
  buying = 0,    ///< Acts for fans: orders, reservations, places, entries.
  sessions = 1,  ///< Makes sessions of fans.
  events = 2,    ///< Reads what happens.
  draws = 3,     ///< Gives tickets of draws, and excludes people.
};
inline constexpr std::size_t kApiScopes = 4;
static_assert((1U << kApiScopes) - 1 == kKeyScopesMax);

/// A bit for each StaffRole.
using Roles = std::uint32_t;
[[nodiscard]] constexpr Roles roles(std::initializer_list<StaffRole> list) {
  Roles bits = 1U << static_cast<unsigned>(StaffRole::owner);  // The owner may do everything.
  for (const StaffRole role : list) { bits |= 1U << static_cast<unsigned>(role); }
  return bits;
}
inline constexpr Roles kAllRoles = 0xFF;

enum class Repeatable : std::uint8_t {
  not_needed,  ///< Reading, or harmless when repeated.
  accepted,    ///< An Idempotency-Key is honoured.
  required,    ///< Without an Idempotency-Key the request is refused.
};

/// How far a request goes, and so how it can fail on our side.
enum class Reach : std::uint8_t {
  memory,   ///< Answered from what the API holds.
  reading,  ///< Asks the engine or the records.
  change,   ///< A command for the log.
};

/// What the status enum of a command says of a route's answers.
struct Outcomes {
  std::vector<std::string_view> refusals;  ///< Codes.
  bool can_exist = false;                  ///< It may have been done before: 200 instead of 201.
};
template <class Status>
[[nodiscard]] Outcomes outcomes_of() {
  Outcomes outcomes;
  for (const Status status : enum_values<Status>()) {
    const StatusBand band = status_band(static_cast<std::uint8_t>(status));
    if (band == StatusBand::malformed || band == StatusBand::refused) {
      outcomes.refusals.push_back(enum_name(status));
    }
    outcomes.can_exist = outcomes.can_exist || band == StatusBand::replayed;
  }
  return outcomes;
}

inline constexpr std::size_t kPathParametersMax = 2;

/// Who waits for an answer, once the request itself is gone.
struct Asker {
  ResponseToken token{};
  Language language = Language::en;
  Text<40> request_id{};
  Actor actor{};                    ///< Who asks.
  PersonId person_id{};             ///< For whom: the fan, or whom a server named.
  RequestKey key{};                 ///< Of the Idempotency-Key, zero if there was none.
  Urgency urgency = Urgency::sale;  ///< Of the route.
  bool replayed = false;  ///< What is sent is the answer to the first request with that key.
};

/// A request on its way to its route. The views end with HttpHandler::handle().
struct Call : Asker {
  explicit Call(const HttpRequest& request) : http(request) {}
  const HttpRequest& http;
  std::array<std::string_view, kPathParametersMax> path{};  ///< In the order of the pattern.
  Standing standing{};                                      ///< What the shop says of the fan.
};

/// What a request's body may hold.
struct BodySchema {
  std::string json;       ///< JSON Schema
  bool required = false;  ///< Without a body something would be missing.
};

/// A query parameter, for the OpenAPI document.
struct QueryParameter {
  std::string_view name;
  std::string (*schema)() = nullptr;  ///< JSON Schema
  std::string_view doc;
};
inline constexpr std::array kPageQuery = {
    QueryParameter{
        "limit",
        [] { return std::string(R"({"type":"integer","minimum":1,"maximum":200,"default":50})"); },
        "Most entries of the page."},
    QueryParameter{"cursor", [] { return std::string(R"({"type":"string"})"); },
                   "A next_cursor of this list with these filters."}};

/// What the OpenAPI document says of one route; the router reads method, pattern and auth.
struct Route {
  HttpMethod method = HttpMethod::get;
  std::string_view pattern{};       ///< "/v1/drops/{drop_id}/orders"
  std::string_view operation_id{};  ///< "placeOrder"
  std::string_view tag{};
  std::string_view summary{};
  Auth auth = Auth::everyone;
  Roles roles = 0;
  bool before_second_factor = false;  ///< Also for staff who must set up a second factor first.
  bool own_pages_only = false;  ///< A browser must come from our own pages; so with staff routes.
  bool rate_limited = false;    ///< Counts against the rates of whoever asks.
  bool is_joining = false;      ///< Gives way to purchases: see Urgency.
  Repeatable repeatable = Repeatable::not_needed;
  std::uint16_t operation = 0;  ///< Scope of the Idempotency-Key: the command's number.
  Reach reach = Reach::memory;
  void (*handle)(Api&, Call&) = nullptr;
  int success = 200;
  /// JSON Schemas, made on demand; null: no body.
  BodySchema (*request_schema)() = nullptr;
  std::string (*response_schema)() = nullptr;
  std::string_view request_type = "application/json";
  std::string request_example{};
  std::string response_example{};    ///< JSON, or text where the response is text.
  Outcomes (*outcomes)() = nullptr;  ///< Of its command.
  /// Codes of its own, beyond those of its command, auth, body, query and reach.
  std::vector<std::string_view> problems{};
  std::string_view response_type = "application/json";
  std::span<const QueryParameter> query{};
  bool has_etag = false;  ///< Prepared: If-None-Match may be answered 304.
  bool sets_cookie = false;
  bool resumable = false;          ///< An event stream that knows Last-Event-ID.
  std::string_view unavailable{};  ///< When it answers 503 itself, in its response type.
  std::string_view unavailable_example{};
};

[[nodiscard]] inline Urgency urgency_of(const Route& route) {
  if (route.is_joining) { return Urgency::join; }
  // Staff must see what they act on.
  const bool looks = route.method == HttpMethod::get && route.auth != Auth::staff;
  return looks ? Urgency::look : Urgency::sale;
}

/// What a server's key must be for at this route. REQUIRES: the route takes keys.
[[nodiscard]] ApiScope scope_of(const Route& route);
/// Whether servers may call it.
[[nodiscard]] constexpr bool takes_keys(Auth auth) {
  return auth == Auth::fan || auth == Auth::server || auth == Auth::fan_or_staff ||
         auth == Auth::server_or_staff;
}

/// Finds the route of a request by method and path.
class Router {
 public:
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  ///< Null: see `allowed`.
    std::array<std::string_view, kPathParametersMax> path{};
    std::string allowed;  ///< Methods of the path if only the method was wrong; else empty.
  };
  [[nodiscard]] Match match(HttpMethod method, std::string_view path) const;
  [[nodiscard]] std::span<const Route> routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace firebrand
