#include "core/commerce/catalogue.hpp"

#include <gtest/gtest.h>

#include "core/core_testing.hpp"

namespace firebrand {
namespace {

const Currency kCny = Currency::of("CNY");
const Currency kUsd = Currency::of("USD");

AddSku sku(std::string_view code, List<Money, kPricesMax> prices) {
  return {.code = code, .name = {"手机", "Phone"}, .prices = prices};
}

// Each refused row also breaks the checks that come later, so the table proves their order. Prices
// are looked at one after the other.
TEST(CatalogueAddSku, FirstFailedCheckWins) {
  using enum AddSkuStatus;
  const Money fair{100, kCny};
  const struct {
    AddSku command;
    AddSkuStatus want;
    std::uint64_t sku_id = 0;
  } rows[] = {
      {sku("", {}), code_must_not_be_empty},
      {sku("phone", {}), prices_must_not_be_empty},
      {sku("phone", {Money{0, kCny}, fair, fair}), price_out_of_range},
      {sku("phone", {Money{1, Currency{}}}), price_out_of_range},
      {sku("phone", {Money{kPriceMinorMax + 1, kCny}}), price_out_of_range},
      {sku("phone", {fair, Money{5, kUsd}, fair}), currency_repeated},
      {sku("phone", {fair, Money{kPriceMinorMax, kUsd}}), created, 1},
      {sku("phone", {fair, Money{kPriceMinorMax, kUsd}}), exists, 1},
      {sku("phone", {fair, Money{-1, kUsd}}), price_out_of_range},
      {sku("phone", {Money{kPriceMinorMax, kUsd}, fair}), exists_with_different_fields},
      {sku("phone", {fair}), exists_with_different_fields},
      {sku("watch", {fair}), created, 2},
  };
  Catalogue catalogue;
  TestContext context;
  for (const auto& row : rows) {
    const std::uint64_t before = catalogue.digest();
    const AddSkuResult result = catalogue.apply(row.command, context.at(10));
    EXPECT_EQ(result.status, row.want);
    EXPECT_EQ(result.sku_id, SkuId{row.sku_id});
    EXPECT_EQ(catalogue.digest() != before, row.want == created);
    EXPECT_EQ(context.facts(), row.want == created ? 1U : 0U);
  }
  catalogue.check_invariants();
}

TEST(Catalogue, SaysThePriceInEachCurrencyAndNoOther) {
  Catalogue catalogue;
  TestContext context;
  (void)catalogue.apply(sku("phone", {Money{100, kCny}, Money{15, kUsd}}), context.at(0));
  EXPECT_EQ(catalogue.price({1}, kUsd), (Money{15, kUsd}));
  EXPECT_EQ(catalogue.price({1}, Currency::of("EUR")), std::nullopt);
  EXPECT_EQ(catalogue.price({1}, Currency{}), std::nullopt);
  EXPECT_EQ(catalogue.price({0}, kUsd), std::nullopt);
  EXPECT_EQ(catalogue.price({2}, kUsd), std::nullopt);
  EXPECT_TRUE(catalogue.has({1}));
  EXPECT_FALSE(catalogue.has({0}));
  EXPECT_FALSE(catalogue.has({2}));
}

TEST(Catalogue, LoadedKnowsItsCodes) {
  Catalogue catalogue;
  TestContext context;
  const AddSku phone = sku("phone", {Money{100, kCny}});
  (void)catalogue.apply(phone, context.at(0));
  (void)catalogue.apply(sku("watch", {Money{1, kUsd}}), context.at(0));
  Catalogue loaded;
  (void)loaded.apply(sku("old", {Money{1, kUsd}}), context.at(0));
  reload(catalogue, loaded);
  EXPECT_EQ(loaded.apply(phone, context.at(0)).status, AddSkuStatus::exists);
  EXPECT_EQ(loaded.apply(sku("old", {Money{1, kUsd}}), context.at(0)).sku_id, SkuId{3});
  expect_no_prefix_loads(catalogue, loaded);
}

TEST(CatalogueDigest, TellsNumbersAndFieldsApart) {
  TestContext context;
  const AddSku a = sku("a", {Money{100, kCny}});
  const AddSku b = sku("b", {Money{100, kCny}});
  Catalogue ab;
  (void)ab.apply(a, context.at(0));
  (void)ab.apply(b, context.at(0));
  Catalogue ba;
  (void)ba.apply(b, context.at(0));
  (void)ba.apply(a, context.at(0));
  EXPECT_NE(ab.digest(), ba.digest());
}

}  // namespace
}  // namespace firebrand
