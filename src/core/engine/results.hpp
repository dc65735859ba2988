#pragma once

#include <type_traits>
#include <utility>

#include "core/engine/answers.hpp"
#include "core/engine/registry.hpp"

namespace firebrand {

namespace results_detail {

template <class Entry>
auto result_of(State& state, const typename Entry::Type& asked, const CommandContext& context) {
  if constexpr (requires { Entry::module(state); }) {
    return Entry::module(state).apply(asked, context);
  } else {
    return answer_query(state, asked, context.timestamp);
  }
}

}  // namespace results_detail

/// What a registered command or query is answered with: `ResultOf<Entry>` of a line of `Commands`
/// or `Queries`. Its first field is always `status`.
template <class Entry>
using ResultOf = decltype(results_detail::result_of<Entry>(
    std::declval<State&>(), std::declval<const typename Entry::Type&>(),
    std::declval<const CommandContext&>()));

/// The status enumeration of that answer.
template <class Entry>
using StatusOf = std::remove_cvref_t<decltype(std::declval<ResultOf<Entry>&>().status)>;

}  // namespace firebrand
