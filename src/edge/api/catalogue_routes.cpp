#include "core/channels/stock.hpp"
#include "core/commerce/catalogue.hpp"
#include "edge/api/api.hpp"
#include "edge/api/paging.hpp"
#include "edge/api/routes.hpp"
#include "edge/api/schemas.hpp"

namespace firebrand {

namespace {

constexpr Roles kManage = roles({StaffRole::marketer, StaffRole::store});

struct SkuReference {
  static constexpr std::string_view kName = "sku_reference";
  static constexpr std::string_view kDoc = "Names a SKU.";
  SkuId sku_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "sku_id", self.sku_id, From::body, Rule{}, "The SKU.");
  }
};

struct StockLevel {
  static constexpr std::string_view kName = "stock_level";
  static constexpr std::string_view kDoc = "Free stock of a SKU.";
  SkuId sku_id{};
  std::int64_t on_hand = 0;

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "sku_id", self.sku_id, From::body, Rule{}, "The SKU.");
    field(2, "on_hand", self.on_hand, From::body, Rule{}, "Units that are in no drop.");
  }
};

void add_sku(Api& api, Call& call) {
  const auto command = api.read_body<AddSku>(call);
  if (!command) { return; }
  api.change<AddSkuResult>(call, *command, [&api](const Asker& asker, const AddSkuResult& result) {
    api.respond_outcome(asker, result.status, 201, SkuReference{result.sku_id});
  });
}

void list_skus(Api& api, Call& call) {
  const auto page = read_page(api, call, kPageQuery);
  if (!page) { return; }
  respond_list(
      api, call, *page,
      [before = page->before, limit = page->limit](const RecordsReader& records) {
        return records.skus({before}, limit + 1);
      },
      [](const SkuRecord& sku) { return sku.sku_id.value; });
}

void receive_stock(Api& api, Call& call) {
  auto command = api.read_body<ReceiveStock>(call);
  if (!command || !api.read_path(call, *command, "sku_id", call.path[0], "sku_not_found")) {
    return;
  }
  api.change<ReceiveStockResult>(
      call, *command,
      [&api, id = command->sku_id](const Asker& asker, const ReceiveStockResult& result) {
        api.respond_outcome(asker, result.status, 200, StockLevel{id, result.on_hand});
      });
}

}  // namespace

void add_catalogue_routes(Router& router) {
  router.add(
      {.method = HttpMethod::post,
       .pattern = "/v1/skus",
       .operation_id = "addSku",
       .tag = "catalogue",
       .summary = "Add a sellable article with a price per currency",
       .auth = Auth::staff,
       .roles = kManage,
       .repeatable = Repeatable::accepted,
       .operation = kNumberOf<AddSku>,
       .reach = Reach::change,
       .handle = &add_sku,
       .success = 201,
       .request_schema = &body_schema_of<AddSku>,
       .response_schema = &answer_schema_of<SkuReference>,
       .request_example =
           R"({"code":"first-phone-256-black","name":{"zh":"第一手机 黑色","en":"First Phone, black"},"prices":[{"amount":199900,"currency":"CNY"}]})",
       .response_example = R"({"sku_id":"sku_1"})",
       .outcomes = &outcomes_of<AddSkuStatus>});
  router.add({.method = HttpMethod::get,
              .pattern = "/v1/skus",
              .operation_id = "listSkus",
              .tag = "catalogue",
              .summary = "SKUs, newest first",
              .auth = Auth::staff,
              .roles = kAllRoles,
              .reach = Reach::reading,
              .handle = &list_skus,
              .response_schema = &page_schema_of<SkuRecord>,
              .response_example = page_example(
                  R"({"sku_id":"sku_1","code":"first-phone-256-black",)"
                  R"("name":{"zh":"第一手机 黑色","en":"First Phone, black"},)"
                  R"("prices":[{"amount":199900,"currency":"CNY"}],"received":300000})"),
              .query = kPageQuery});
  router.add({.method = HttpMethod::post,
              .pattern = "/v1/skus/{sku_id}/stock",
              .operation_id = "receiveStock",
              .tag = "catalogue",
              .summary = "Add units that arrived to the free stock",
              .auth = Auth::staff,
              .roles = kManage,
              .repeatable = Repeatable::required,
              .operation = kNumberOf<ReceiveStock>,
              .reach = Reach::change,
              .handle = &receive_stock,
              .request_schema = &body_schema_of<ReceiveStock>,
              .response_schema = &answer_schema_of<StockLevel>,
              .request_example = R"({"quantity":300000})",
              .response_example = R"({"sku_id":"sku_1","on_hand":300000})",
              .outcomes = &outcomes_of<ReceiveStockStatus>});
}

}  // namespace firebrand
