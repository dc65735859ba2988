// payment_requests KEY.pem: one of each request as it would be sent, as a line of JSON, signed with
// the private key in the file. clients.test.mjs lets the published clients check them.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json_writer.hpp"
#include "edge/protocols/requests.hpp"

namespace firebrand {
namespace {

void print(std::string_view name, const ProviderRequest& request) {
  std::string line;
  CharSink sink(line);
  JsonWriter json(sink);
  json.begin_object();
  json.key("name");
  json.string(name);
  json.key("path");
  json.string(request.path);
  json.key("body");
  json.string(request.body);
  json.key("headers");
  json.begin_object();
  for (const auto& [header, value] : request.headers) {
    json.key(header);
    json.string(value);
  }
  json.end_object();
  json.end_object();
  std::printf("%s\n", line.c_str());
}

int run(const char* path) {
  std::ifstream file(path);
  const auto key = RsaKey::read_private(std::string{std::istreambuf_iterator<char>(file), {}});
  if (!key) {
    std::fprintf(stderr, "%s %s\n", path, key.error().c_str());
    return 1;
  }
  const PaymentWanted payment{.number = merchant_number_of(OrderId{42}),
                              .amount = {199'900, Currency::of("CNY")},
                              .description = "手机 & 壳 = 1 + 1",
                              .notify_url = "https://shop.example/v1/payments/notices?a=b",
                              .return_url = "https://shop.example/done"};
  const RefundWanted refund{.refund_id = "r-1",
                            .payment_id = "any:4200000001",
                            .amount = {100, Currency::of("CNY")},
                            .paid = {199'900, Currency::of("CNY")}};
  const Timestamp now = from_unix_ms(1'795'824'000'000);
  const WeChatPaySigner wechat{"1900000109", "wx1", "SERIAL", *key};
  const AlipaySigner alipay{"2021000000000001", *key};
  print("wechat_payment", wechat_pay_payment(wechat, payment, now, "a-nonce"));
  print("wechat_refund", wechat_pay_refund(wechat, refund, now, "a-nonce"));
  print("alipay_payment", alipay_payment(alipay, payment, now));
  print("alipay_refund", alipay_refund(alipay, refund, now));
  print("stripe_payment", *stripe_payment("sk_test_1", payment));
  print("stripe_refund", *stripe_refund("sk_test_1", refund));
  return 0;
}

}  // namespace
}  // namespace firebrand

int main(int argc, char** argv) { return argc == 2 ? firebrand::run(argv[1]) : 2; }
