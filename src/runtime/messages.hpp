#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/types.hpp"
#include "core/context.hpp"
#include "core/engine/engine.hpp"
#include "runtime/byte_ring.hpp"

/// What goes in and out of the engine thread: entries of two rings, a fixed head and then bytes.
namespace firebrand {

/// Queries are numbered from here on, commands below.
inline constexpr std::uint16_t kFirstQueryNumber = 0x8000;

/// Head of one request in the ingress ring; `payload_size` record bytes follow.
struct RequestHead {
  std::uint32_t size = 0;  ///< Head, payload and padding to a multiple of 8.
  std::uint16_t number = 0;
  std::uint16_t payload_size = 0;
  std::uint64_t token = 0;  ///< The asker's own; comes back in the answer.
  Actor actor{};
  RequestKey key{};
  /// Of a purchase: when it was received, by a clock of its process that never goes back; 0: not
  /// known. It decides nothing: only how far decisions depart from it is counted.
  std::uint64_t received_ns = 0;

  /// REQUIRES: stands in a ring.
  [[nodiscard]] std::span<const std::byte> payload() const {
    return {reinterpret_cast<const std::byte*>(this + 1), payload_size};
  }
};

/// What the answer's bytes are.
enum class AnswerKind : std::uint8_t {
  result,              ///< A command's or query's Result.
  replayed,            ///< The Result of the first request with this key.
  request_key_reused,  ///< The key came with another command before. No bytes.
  undecodable,         ///< No bytes.
  log_full,            ///< There is no space to log anything: nothing was applied. No bytes.
};

/// Head of one answer in the answer ring; `result_size` record bytes of the Result follow.
struct AnswerHead {
  std::uint32_t size = 0;  ///< Head, result and padding to a multiple of 8.
  std::uint16_t number = 0;
  std::uint16_t result_size = 0;
  std::uint64_t token = 0;
  LogOffset wait_offset{};  ///< The newest change that the answer may rest on.
  Timestamp timestamp{};    ///< The stamp under which it was decided.
  AnswerKind kind = AnswerKind::result;
  std::uint8_t status = 0;

  /// Record bytes: decode them as the Result of the command or query. REQUIRES: stands in a ring.
  [[nodiscard]] std::span<const std::byte> result() const {
    return {reinterpret_cast<const std::byte*>(this + 1), result_size};
  }
};

namespace message_detail {

[[nodiscard]] constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + 7) & ~std::size_t{7};
}

}  // namespace message_detail

inline constexpr std::size_t kAnswerEntryBytesMax =
    message_detail::padded(sizeof(AnswerHead) + kAnswerBytesMax);

/// Puts one request into the ring without publishing it. @return false if the ring is full.
[[nodiscard]] inline bool push_request(ByteRing& ring, RequestHead head,
                                       std::span<const std::byte> payload) {
  FB_ASSERT(payload.size() <= kCommandBytesMax);
  const std::size_t size = message_detail::padded(sizeof(RequestHead) + payload.size());
  if (!ring.has_room(size)) { return false; }
  head.size = static_cast<std::uint32_t>(size);
  head.payload_size = static_cast<std::uint16_t>(payload.size());
  std::byte* const out = ring.end();
  std::memcpy(out, &head, sizeof head);
  if (!payload.empty()) { std::memcpy(out + sizeof head, payload.data(), payload.size()); }
  ring.push(size);
  return true;
}

/// The entry at the beginning of `bytes`, or null if there is none.
[[nodiscard]] inline const RequestHead* first_request(std::span<const std::byte> bytes) {
  return bytes.empty() ? nullptr : reinterpret_cast<const RequestHead*>(bytes.data());
}

/// Puts one answer into the ring; the caller fills the rest of the head that it gets, in place: a
/// head put together elsewhere and copied here would stall the processor at each answer.
/// REQUIRES: kAnswerEntryBytesMax of room.
[[nodiscard]] inline AnswerHead& push_answer(ByteRing& ring, std::span<const std::byte> result) {
  const std::size_t size = message_detail::padded(sizeof(AnswerHead) + result.size());
  FB_ASSERT(size <= kAnswerEntryBytesMax);
  std::byte* const out = ring.end();
  auto* const head = reinterpret_cast<AnswerHead*>(out);
  head->size = static_cast<std::uint32_t>(size);
  head->result_size = static_cast<std::uint16_t>(result.size());
  if (!result.empty()) { std::memcpy(out + sizeof(AnswerHead), result.data(), result.size()); }
  ring.push(size);
  return *head;
}

/// The entry at the beginning of `bytes`, or null if there is none.
[[nodiscard]] inline const AnswerHead* first_answer(std::span<const std::byte> bytes) {
  return bytes.empty() ? nullptr : reinterpret_cast<const AnswerHead*>(bytes.data());
}

}  // namespace firebrand
