#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "sim/poison.hpp"
#include "sim/trace.hpp"

/// A command that aborts the core would abort it again on every replay. So whatever decodes is fed
/// to an engine, and the model must agree with each answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    firebrand::swallow_poison(firebrand::read_poison(std::as_bytes(std::span(data, size))));
  } catch (const firebrand::AuditFailure& failure) {
    std::fprintf(stderr, "poison: %s\n", failure.what());
    std::abort();
  }
  return 0;
}
