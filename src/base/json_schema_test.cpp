#include "base/json_schema.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/codec_test_types.hpp"

namespace firebrand {
namespace {

using namespace codec_test;

TEST(JsonSchema, InputHoldsBodyFieldsOnlyAndClosesTheObject) {
  EXPECT_EQ(
      json_schema<PlaceOrder>(SchemaFor::input),
      R"({"type":"object","description":"Takes units of a drop for one person.","properties":{)"
      R"("quantity":{"type":"integer","format":"int64","minimum":1,"maximum":100,)"
      R"("description":"Units.","default":1},)"
      R"("currency":{"type":["string","null"],"pattern":"^[A-Z]{3}$",)"
      R"("description":"What to pay in; by default the drop's own."}},)"
      R"("additionalProperties":false})");
}

TEST(JsonSchema, OutputHoldsAllFieldsAndLeavesRoomToGrow) {
  EXPECT_EQ(
      json_schema<PlaceOrder>(SchemaFor::output),
      R"({"type":"object","description":"Takes units of a drop for one person.","properties":{)"
      R"("drop_id":{"type":"string","pattern":"^drop_[1-9][0-9]*$","description":"The drop."},)"
      R"("person_id":{"type":"string","pattern":"^per_[1-9][0-9]*$","description":"Who buys."},)"
      R"("quantity":{"type":"integer","format":"int64","minimum":1,"maximum":100,)"
      R"("description":"Units."},)"
      R"("currency":{"type":["string","null"],"pattern":"^[A-Z]{3}$",)"
      R"("description":"What to pay in; by default the drop's own."},)"
      R"("key_hash":{"type":"integer","minimum":0,"description":"Of the idempotency key."}},)"
      R"("required":["drop_id","person_id","quantity","currency","key_hash"]})");
}

TEST(JsonSchema, SaysEachTypeInItsForm) {
  const std::string schema = json_schema<Everything>(SchemaFor::input);
  for (const char* part : {
           R"("flag":{"type":"boolean","description":"Yes or no."})",
           R"("tiny":{"type":"integer","format":"int64","minimum":-5,"maximum":5,)",
           R"("port":{"type":"integer","minimum":0,"maximum":65535,"description":"Unsigned.",)"
           R"("default":80})",
           R"("change":{"type":"integer","format":"int32","minimum":-2147483648,)"
           R"("maximum":2147483647,)",
           R"("large":{"type":"integer","format":"int64","description":"Wide."})",
           R"("hash":{"type":"integer","minimum":0,)",
           R"("release":{"type":"string","enum":["automatic","manual","after_draw"],)",
           R"("offset":{"type":"string","pattern":"^(0|[1-9][0-9]*)$",)",
           R"("budget":{"type":"integer","format":"int64","minimum":0,)",
           R"("opens_at":{"type":"string","format":"date-time",)",
           R"("ttl_ms":{"type":"integer","format":"int64","minimum":1,"maximum":86400000,)",
           R"("description":"Of nothing \"special\"."})",
           R"("price":{"type":"object","properties":{"amount":{"type":"integer","format":"int64",)"
           R"("minimum":0,"description":"Minor units of the currency, such as fen or cents."},)"
           R"("currency":{"type":"string","pattern":"^[A-Z]{3}$","description":"ISO 4217 code."}},)"
           R"("required":["amount","currency"],"additionalProperties":false,)"
           R"("description":"Money."})",
           R"("note":{"type":"string","minLength":1,"maxLength":30,)"
           R"("description":"A text. Bytes of UTF-8: 2 to 30."})",
           R"("key":{"type":"string","pattern":"^[0-9a-fA-F]{8}$",)",
           R"("numbers":{"type":"array","items":{"type":"integer","format":"int32",)",
           R"("minItems":1,"maxItems":4,)",
           R"("tags":{"type":"array","items":{"type":"string","maxLength":8,)",
           R"("description":"Texts.","default":[]})",
           R"("name":{"type":"object","description":"A struct.","properties":{"zh":)",
           R"("required":["zh","en"],"additionalProperties":false})",
           R"("alias":{"type":["object","null"],"description":"Perhaps.",)",
           R"("gift_sku_id":{"type":["string","null"],"pattern":"^sku_[1-9][0-9]*$",)",
       }) {
    EXPECT_NE(schema.find(part), std::string::npos) << part << "\nin " << schema;
  }
}

TEST(JsonSchema, OfASingleValue) {
  std::string text;
  CharSink sink(text);
  JsonWriter json(sink);
  write_json_schema_of_value<DropId>({}, SchemaFor::input, json);
  EXPECT_EQ(text, R"({"type":"string","pattern":"^drop_[1-9][0-9]*$"})");
}

}  // namespace
}  // namespace firebrand
