#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/little_endian.hpp"

namespace firebrand {

/// Where a snapshot goes. A sink that fails remembers it and tells whoever owns it; those who write
/// do not ask after each field.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(std::span<const std::byte> bytes) = 0;

 protected:
  ByteSink() = default;
  ByteSink(const ByteSink&) = default;
  ByteSink& operator=(const ByteSink&) = default;
};

/// Where a snapshot comes from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills all of `bytes`, or returns false: the end was reached before, or reading failed.
  [[nodiscard]] virtual bool read(std::span<std::byte> bytes) = 0;

 protected:
  ByteSource() = default;
  ByteSource(const ByteSource&) = default;
  ByteSource& operator=(const ByteSource&) = default;
};

class MemorySink final : public ByteSink {
 public:
  void write(std::span<const std::byte> bytes) override {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads what it was given; the bytes must outlive it.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : rest_(bytes) {}

  [[nodiscard]] bool read(std::span<std::byte> bytes) override {
    if (bytes.size() > rest_.size()) { return false; }
    if (!bytes.empty()) { std::memcpy(bytes.data(), rest_.data(), bytes.size()); }
    rest_ = rest_.subspan(bytes.size());
    return true;
  }
  [[nodiscard]] std::size_t bytes_left() const { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
};

// Little-endian at fixed width, whatever the machine.

inline void put_u8(ByteSink& sink, std::uint8_t value) {
  const auto byte = static_cast<std::byte>(value);
  sink.write({&byte, 1});
}
inline void put_u32(ByteSink& sink, std::uint32_t value) {
  std::array<std::byte, 4> bytes;
  store_le(bytes.data(), value);
  sink.write(bytes);
}
inline void put_u64(ByteSink& sink, std::uint64_t value) {
  std::array<std::byte, 8> bytes;
  store_le(bytes.data(), value);
  sink.write(bytes);
}
inline void put_i64(ByteSink& sink, std::int64_t value) {
  put_u64(sink, static_cast<std::uint64_t>(value));
}

/// The value is untouched when there is nothing left to read.
[[nodiscard]] inline bool get_u8(ByteSource& source, std::uint8_t& value) {
  std::byte byte{};
  if (!source.read({&byte, 1})) { return false; }
  value = std::to_integer<std::uint8_t>(byte);
  return true;
}
[[nodiscard]] inline bool get_u32(ByteSource& source, std::uint32_t& value) {
  std::array<std::byte, 4> bytes;
  if (!source.read(bytes)) { return false; }
  value = load_le<std::uint32_t>(bytes.data());
  return true;
}
[[nodiscard]] inline bool get_u64(ByteSource& source, std::uint64_t& value) {
  std::array<std::byte, 8> bytes;
  if (!source.read(bytes)) { return false; }
  value = load_le<std::uint64_t>(bytes.data());
  return true;
}
[[nodiscard]] inline bool get_i64(ByteSource& source, std::int64_t& value) {
  std::uint64_t raw = 0;
  if (!get_u64(source, raw)) { return false; }
  value = static_cast<std::int64_t>(raw);
  return true;
}

}  // namespace firebrand
