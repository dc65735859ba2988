#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_text.hpp"
#include "verify/draw_check.hpp"
#include "verify/plan_book.hpp"
#include "verify/public_log.hpp"
#include "verify/queue_check.hpp"
#include "verify/receipt_check.hpp"
#include "verify/stock_book.hpp"

/// Says in words whether published files tell the truth. Needs nothing but the files.
namespace firebrand {

namespace {

constexpr int kTrue = 0;
constexpr int kNotTrue = 1;
constexpr int kCannotSay = 2;

constexpr std::string_view kUsage =
    "firebrand-verify [--en|--zh] stock KEYS HEAD LEAVES [OLDER-HEAD...]\n"
    "firebrand-verify [--en|--zh] queue KEYS HEAD LEAVES\n"
    "firebrand-verify [--en|--zh] draw RECORD [KEYS HEAD LEAVES]\n"
    "firebrand-verify [--en|--zh] receipt KEYS RECEIPT\n"
    "\n"
    "stock    what was announced, offered and sold, and that random moments were kept\n"
    "queue    whether people were let in in the order of the draw of lots, and tie keys kept\n"
    "draw     whether the winners are those that reveal and beacon come to\n"
    "receipt  whether the public log tells the same of an order\n"
    "\n"
    "KEYS is a file of keys that you trust, HEAD a signed tree head, LEAVES all leaves of the "
    "log.\n"
    "The status is 0 if all is true, 1 if something is not, 2 if a file cannot be read.\n";

using Checked = Expected<Report, Words>;

Checked check_stock(const PublicLog& log, std::span<const std::string> older,
                    std::span<const NoteKey> keys) {
  Report report;
  for (const std::string& head : older) {
    const auto grown = check_older_head(log, head, keys);
    if (!grown) { return Unexpected(grown.error()); }
    report.insert(report.end(), grown->begin(), grown->end());
  }
  StockBook book;
  PlanBook plans;
  const auto read = for_each_leaf(log, [&](const ProofLeaf& leaf) {
    if (auto taken = book.take(leaf); !taken) { return taken; }
    return plans.take(leaf);
  });
  if (!read) { return Unexpected(read.error()); }
  for (const Report& told : {book.report(), plans.report()}) {
    report.insert(report.end(), told.begin(), told.end());
  }
  return report;
}

Checked check_draw(std::string_view record, const PublicLog* log) {
  const auto verified = verify_draw_record(record);
  if (!verified) { return Unexpected(verified.error()); }
  Report report = report_of(*verified);
  if (log == nullptr) {
    report.push_back({"  Times and exclusions are as the file says: only the log can show them.",
                      "  时间与排除名单以文件为准：只有公开日志能够证明。"});
    return report;
  }
  const auto logged = check_draw_in_log(record, *log);
  if (!logged) { return Unexpected(logged.error()); }
  report.push_back(
      {"  The public log tells the same, step by step.", "  公开日志的每一步都与此一致。"});
  return report;
}

/// @param files  Contents, in the order of the usage.
Checked check(std::string_view what, std::span<const std::string> files) {
  const bool is_draw = what == "draw";
  const auto of_log = is_draw ? files.subspan(1) : files;
  if (is_draw && of_log.empty()) { return check_draw(files[0], nullptr); }
  const auto keys = read_keys(of_log[0]);
  if (!keys) { return Unexpected(keys.error()); }
  if (what == "receipt") { return check_receipt(files[1], *keys); }
  const auto log = open_log(of_log[2], of_log[1], *keys);
  if (!log) { return Unexpected(log.error()); }
  if (is_draw) { return check_draw(files[0], &*log); }
  return what == "queue" ? check_queues(*log) : check_stock(*log, files.subspan(3), *keys);
}

bool is_usage(std::string_view what, std::size_t files) {
  return (what == "stock" && files >= 3) || (what == "queue" && files == 3) ||
         (what == "draw" && (files == 1 || files == 4)) || (what == "receipt" && files == 2);
}

int run(std::vector<std::string> arguments) {
  const char* const language = std::getenv("LANG");
  bool chinese = language != nullptr && std::string_view(language).starts_with("zh");
  if (!arguments.empty() && (arguments[0] == "--zh" || arguments[0] == "--en")) {
    chinese = arguments[0] == "--zh";
    arguments.erase(arguments.begin());
  }
  if (arguments.empty() || !is_usage(arguments[0], arguments.size() - 1)) {
    std::fputs(kUsage.data(), stderr);
    return kCannotSay;
  }
  std::vector<std::string> files;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    auto text = file_text(arguments[i]);
    if (!text) {
      std::fprintf(stderr, "firebrand-verify: %s: cannot be read\n", arguments[i].c_str());
      return kCannotSay;
    }
    files.push_back(std::move(*text));
  }
  const Checked checked = check(arguments[0], files);
  if (!checked) {
    std::printf("%s%s\n", chinese ? "不属实：" : "NOT TRUE: ", checked.error().in(chinese).c_str());
    return kNotTrue;
  }
  for (const Words& words : *checked) { std::printf("%s\n", words.in(chinese).c_str()); }
  std::printf("%s\n", chinese ? "属实。" : "TRUE.");
  return kTrue;
}

}  // namespace

}  // namespace firebrand

int main(int count, char** arguments) {
  if (sodium_init() < 0) { return 2; }
  return firebrand::run({arguments + 1, arguments + count});
}
