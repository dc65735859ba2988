#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/codec_binary.hpp"
#include "base/types.hpp"
#include "core/context.hpp"
#include "core/engine/numbers.hpp"
#include "runtime/messages.hpp"

namespace firebrand {

using ByteVector = std::vector<std::byte>;

template <Described T>
[[nodiscard]] ByteVector encoded(const T& value) {
  ByteVector bytes(encoded_size_max<T>());
  bytes.resize(encode(value, bytes.data()));
  return bytes;
}

/// One request as a simulated caller sends it.
struct SimRequest {
  std::uint16_t number = 0;
  ByteVector payload{};
  RequestKey key{};
  Actor actor{};
  std::uint64_t token = 0;
  std::uint64_t received_ns = 0;  ///< When it came in; 0: nobody looked.

  [[nodiscard]] bool is_query() const { return number >= kFirstQueryNumber; }
};

template <Described C>
[[nodiscard]] SimRequest request_of(const C& command, Actor actor = {}) {
  return {.number = kNumberOf<C>, .payload = encoded(command), .actor = actor};
}

/// One answer as it left.
struct SimAnswer {
  std::uint64_t token = 0;
  std::uint16_t number = 0;
  AnswerKind kind = AnswerKind::result;
  std::uint8_t status = 0;
  Timestamp timestamp{};
  LogOffset wait_offset{};
  std::span<const std::byte> result{};

  /// Nothing unless there are bytes and they are this Result.
  template <Described R>
  [[nodiscard]] std::optional<R> as() const {
    if (result.empty()) { return std::nullopt; }
    const auto decoded = decode<R>(result);
    if (!decoded) { return std::nullopt; }
    return *decoded;
  }
};

}  // namespace firebrand
