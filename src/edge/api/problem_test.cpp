#include "edge/api/problem.hpp"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <set>
#include <string>

#include "base/enum_name.hpp"
#include "core/engine/numbers.hpp"
#include "core/engine/results.hpp"
#include "core/status.hpp"

namespace firebrand {
namespace {

template <class... Entries, class Visit>
void for_each_entry(std::tuple<Entries...>*, Visit&& visit) {
  (visit(Entries{}), ...);
}

/// The sequencer sends these itself; no request is refused by them.
bool is_our_own(std::uint16_t number) {
  return number == kNumberOf<AdoptRules> || number == kNumberOf<RunDue> ||
         number == kNumberOf<RecordRefusals> || number == kNumberOf<PublishDrawRoot> ||
         number == kNumberOf<ApplyDrawResults> || number == kNumberOf<RevealWaitingRoom> ||
         number == kNumberOf<RevealWave> || number == kNumberOf<AdmitPlaces> ||
         number == kNumberOf<LapsePlaces> || number == kNumberOf<RecordTieOrder> ||
         number == kNumberOf<RevealTieKey>;
}

// A refusal of the core is said by the enumerator's name. Whoever adds one adds its row.
TEST(ProblemKinds, KnowEveryRefusalOfEveryCommand) {
  const auto check = [&]<class Entry>(Entry) {
    for (const auto status : enum_values<StatusOf<Entry>>()) {
      const StatusBand band = status_band(static_cast<std::uint8_t>(status));
      if (band != StatusBand::malformed && band != StatusBand::refused) { continue; }
      if (is_our_own(Entry::kNumber)) { continue; }
      EXPECT_NE(find_problem_kind(enum_name(status)), nullptr)
          << Entry::Type::kName << ": " << enum_name(status);
    }
  };
  for_each_entry(static_cast<Commands*>(nullptr), check);
  for_each_entry(static_cast<Queries*>(nullptr), check);
}

TEST(ProblemKinds, MalformedIsTheCallersFault) {
  for_each_entry(static_cast<Commands*>(nullptr), [&]<class Entry>(Entry) {
    for (const auto status : enum_values<StatusOf<Entry>>()) {
      if (status_band(static_cast<std::uint8_t>(status)) != StatusBand::malformed) { continue; }
      const ProblemKind* const kind = find_problem_kind(enum_name(status));
      if (kind == nullptr) { continue; }  // Said by the test above.
      EXPECT_EQ(kind->status, 422) << kind->code;
    }
  });
}

TEST(ProblemKinds, AreWholeAndGivenOnce) {
  std::set<std::string_view> codes;
  for (const ProblemKind& kind : problem_kinds()) {
    EXPECT_TRUE(codes.insert(kind.code).second) << kind.code;
    EXPECT_EQ(find_problem_kind(kind.code), &kind);
    EXPECT_GE(kind.status, 400) << kind.code;
    EXPECT_LE(kind.status, 599) << kind.code;
    for (const std::string_view text :
         {kind.title_en, kind.title_zh, kind.advice_en, kind.advice_zh}) {
      EXPECT_FALSE(text.empty()) << kind.code;
    }
    EXPECT_NE(kind.title_en, kind.title_zh) << kind.code;
    // A title is a heading, an advice a sentence.
    EXPECT_NE(kind.title_en.back(), '.') << kind.code;
    EXPECT_EQ(kind.advice_en.back(), '.') << kind.code;
  }
  EXPECT_EQ(find_problem_kind(""), nullptr);
  EXPECT_EQ(find_problem_kind("sold"), nullptr);
  EXPECT_EQ(find_problem_kind("sold_out_"), nullptr);
}

// Who is told to come back finds a bound of the installation where it was.
TEST(ProblemKinds, SayWhenToComeBackOnlyWhereWaitingHelps) {
  for (const ProblemKind& kind : problem_kinds()) {
    const bool may_pass = kind.status == 503 || kind.status == 502 || kind.status == 429;
    if (!may_pass) { EXPECT_EQ(kind.retry_after, 0) << kind.code; }
  }
  for (const std::string_view code : {"overloaded", "log_full", "sessions_full", "rate_limited"}) {
    EXPECT_GT(find_problem_kind(code)->retry_after, 0) << code;
  }
  for (const std::string_view code : {"accounts_full", "orders_full", "payments_full"}) {
    EXPECT_EQ(find_problem_kind(code)->retry_after, 0) << code;
  }
}

// One code is the answer to several commands: its text must be true for each.
TEST(ProblemKinds, SayWhatIsTrueForAllWhoAreRefusedByThem) {
  const auto expect_parts = [](std::string_view code, std::initializer_list<std::string_view> en,
                               std::initializer_list<std::string_view> zh) {
    const ProblemKind& kind = *find_problem_kind(code);
    for (const std::string_view part : en) {
      EXPECT_NE(kind.advice_en.find(part), std::string_view::npos) << code << ": " << part;
    }
    for (const std::string_view part : zh) {
      EXPECT_NE(kind.advice_zh.find(part), std::string_view::npos) << code << ": " << part;
    }
  };
  expect_parts("exists_with_different_fields", {"code", "payment id"}, {"代码", "支付编号"});
  expect_parts("quantity_out_of_range", {"1,000 units", "1,000,000,000"},
               {"1,000 件", "1,000,000,000 件"});
  expect_parts("price_out_of_range", {"1 to 1,000,000,000,000"}, {"1 至 1,000,000,000,000"});
  expect_parts("wave_units_out_of_range", {"1 to 1,000,000,000"}, {"1 至 1,000,000,000"});
}

TEST(ProblemBody, SaysTheKindInTheLanguageOfTheReader) {
  EXPECT_EQ(problem_body("sold_out", Language::en, {}, "r-1"),
            R"({"type":"/problems/sold_out","title":"Sold out","status":409,)"
            R"("detail":"Units may come back while others do not pay; watch the page.",)"
            R"("instance":"urn:firebrand:req:r-1","code":"sold_out"})");
  const std::string chinese = problem_body("sold_out", Language::zh, {}, "r-1");
  EXPECT_NE(chinese.find(R"("title":"已售罄")"), std::string::npos) << chinese;
}

TEST(ProblemBody, CarriesItsOwnDetailAndExtensions) {
  const std::array extensions = {ProblemExtension{"limit", "2"},
                                 ProblemExtension{"owned", "[1,\"a\"]"}};
  EXPECT_EQ(problem_body("purchase_limit", Language::en, "You have \"two\".", "r", extensions),
            R"({"type":"/problems/purchase_limit",)"
            R"("title":"You have reached the limit per person","status":409,)"
            R"("detail":"You have \"two\".","instance":"urn:firebrand:req:r",)"
            R"("code":"purchase_limit","limit":2,"owned":[1,"a"]})");
}

TEST(ProblemPage, NamesTheCodeAndWhatToDo) {
  const std::string page = problem_page(*find_problem_kind("paused"), Language::en);
  EXPECT_NE(page.find("<code>paused</code>"), std::string::npos);
  EXPECT_NE(page.find("HTTP 409"), std::string::npos);
  EXPECT_NE(page.find("lang=\"en\""), std::string::npos);
}

TEST(Language, IsTheOneThatIsWantedMost) {
  struct Row {
    std::string_view header;
    Language want;
  };
  using enum Language;
  const Row rows[] = {
      {"", en},
      {"zh", zh},
      {"de", en},
      {"en-GB,zh;q=0.8", en},
      {"zh-CN,zh;q=0.9,en;q=0.8", zh},
      {"ZH-Hans-CN", zh},
      // The order counts only among equals.
      {"en;q=0.5,zh", zh},
      {"en;q=0.5, zh;q=0.6", zh},
      {"zh;q=0.5,en;q=0.501", en},
      {"zh;q=0.5,en;q=0.5", zh},
      {"en,zh", en},
      {"zh,en", zh},
      {"zh-TW;q=0.2, en;q=0.5, zh;q=0.7", zh},
      // Other languages that have the letters in them.
      {"azh,men", en},
      {"zhx", en},
      {"de-zh", en},
      {"sl-rozaj-zh,en;q=0.1", en},
      {"en-zh", en},
      // Refused ones, and the rest.
      {"zh;q=0", en},
      {"en;q=0,zh;q=0.001", zh},
      {"*", en},
      {"en;q=0, *", zh},
      {"en;q=0.2, *;q=0.5", zh},
      {"zh;q=0.2, *;q=0.5", en},
      {"de, *;q=0.1", en},
      // What is no range is passed over.
      {"zh;q=high,en;q=0.1", en},
      {"zh;q=1.5,en;q=0.1", en},
      {"zh;q=0.1234,en;q=0.1", en},
      {"zh;q=,en;q=0.1", en},
      {";;,, ,zh ; Q=0.3 ,", zh},
      {"zh;level=1,en;q=0.1", en},
  };
  for (const Row& row : rows) { EXPECT_EQ(language_of(row.header), row.want) << row.header; }
}

}  // namespace
}  // namespace firebrand
