#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "core/context.hpp"
#include "core/facts.hpp"

/// What tests of modules share. For tests only.
namespace firebrand {

/// Contexts at any time, with the facts of the last command.
class TestContext {
 public:
  [[nodiscard]] CommandContext at(std::int64_t ms) {
    facts_.clear();
    return {.timestamp = from_unix_ms(ms), .rules_version = kRulesStaffDated, .facts = &facts_};
  }
  [[nodiscard]] std::size_t facts() const { return facts_.entries().size(); }

 private:
  FactBuffer facts_;
};

template <class Module>
[[nodiscard]] std::vector<std::byte> saved(const Module& module) {
  MemorySink sink;
  module.save(sink);
  return sink.bytes();
}

/// As a snapshot of this program's loads: some modules ask which version wrote the bytes.
template <class Module>
bool load_newest(Module& module, ByteSource& source) {
  if constexpr (requires { module.load(source, kNewestVersion); }) {
    return module.load(source, kNewestVersion);
  } else {
    return static_cast<bool>(module.load(source));
  }
}

/// Saves one module and loads another from it, as a snapshot does.
template <class Module>
void reload(const Module& from, Module& to) {
  const std::vector<std::byte> bytes = saved(from);
  MemorySource source(bytes);
  ASSERT_TRUE(load_newest(to, source));
  EXPECT_EQ(source.bytes_left(), 0U);
  EXPECT_EQ(to.digest(), from.digest());
  to.check_invariants();
}

/// No part of what was saved passes for the whole.
template <class Module>
void expect_no_prefix_loads(const Module& from, Module& to) {
  const std::vector<std::byte> bytes = saved(from);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    MemorySource source{std::span(bytes).first(size)};
    EXPECT_FALSE(load_newest(to, source)) << size << " of " << bytes.size() << " bytes";
  }
}

}  // namespace firebrand
