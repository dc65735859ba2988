// Any text as a provider's statement: every line that is read names its place and an amount, and
// what is not read says why.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "edge/payments/statement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebrand;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view provider : {"", "wechat"}) {
    const auto lines = read_statement(text, provider);
    if (!lines) {
      FB_ASSERT(!lines.error().empty());
      continue;
    }
    std::size_t before = 0;
    for (const StatementLine& line : *lines) {
      FB_ASSERT(line.line > before && !line.payment_id.empty());
      FB_ASSERT(line.amount.currency.is_known());
      FB_ASSERT(line.kind == StatementKind::payment || !line.refund_id.empty());
      before = line.line;
    }
    (void)reconcile(*lines, {});
  }
  return 0;
}
