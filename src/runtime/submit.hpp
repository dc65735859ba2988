#pragma once

#include <array>
#include <cstdint>

#include "base/codec_binary.hpp"
#include "core/engine/numbers.hpp"
#include "runtime/messages.hpp"

namespace firebrand {

/// Puts a command or query into the ingress ring, unpublished. @return false if it is full.
template <class C>
[[nodiscard]] bool submit(ByteRing& requests, const C& command, std::uint64_t token, Actor actor,
                          const RequestKey& key = {}, std::uint64_t received_ns = 0) {
  std::array<std::byte, encoded_size_max<C>()> bytes;
  const std::size_t size = encode(command, bytes.data());
  return push_request(requests,
                      {.number = kNumberOf<C>,
                       .token = token,
                       .actor = actor,
                       .key = key,
                       .received_ns = received_ns},
                      std::span(bytes).first(size));
}

}  // namespace firebrand
