#include <algorithm>
#include <array>

#include "core/access/access.hpp"
#include "core/access/webhooks.hpp"
#include "core/channels/stock.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/launch/drops.hpp"
#include "core/launch/sale.hpp"
#include "edge/api/problem.hpp"
#include "edge/http/http_refusal.hpp"

/// The catalogue of refusals. One row per code; a test compares it with the status enums of all
/// registered commands.
namespace firebrand {

namespace {

constexpr std::array kKinds = {
    ProblemKind{"accounts_full", 503, "The ledger is full", "账本已满",
                "The installation has reached its bound of accounts. Tell whoever runs it.",
                "系统账户数已达上限，请联系运营人员。"},
    ProblemKind{"amount_mismatch", 409, "The amount is not the order's", "金额与订单不符",
                "Pay exactly the order's total.", "请按订单总额支付。"},
    ProblemKind{"amount_must_be_positive", 422, "The amount must be positive", "金额必须为正",
                "Send the paid amount in minor units.", "请以最小货币单位提供实付金额。"},
    ProblemKind{"api_key_not_found", 404, "There is no such key", "密钥不存在",
                "Check the key's id in the list of keys.", "请在密钥列表中核对编号。"},
    ProblemKind{"api_keys_full", 409, "There are too many keys", "密钥数量已达上限",
                "Keys are kept for good, revoked ones too; use an existing one.",
                "密钥（含已吊销的）永久保留，请使用现有密钥。"},
    ProblemKind{"code_must_not_be_empty", 422, "A code is needed", "缺少代码",
                "Give it a code of your own, used once.", "请提供唯一的代码。"},
    ProblemKind{"concurrency_out_of_range", 422, "Too many calls at a time", "并发数超出范围",
                "Allow 1 to 10 calls at a time.", "并发调用数为 1 至 10。"},
    ProblemKind{"crowd_running", 409, "A crowd is under way", "人群模拟进行中",
                "Wait for its report.", "请等待本次报告。"},
    ProblemKind{"currency_mismatch", 409, "The currency is not the order's", "币种与订单不符",
                "Pay in the order's currency.", "请使用订单的币种支付。"},
    ProblemKind{"currency_not_offered", 422, "Not sold in this currency", "不支持该币种",
                "Choose one of the currencies in the SKU's prices.", "请选择商品标价中的币种。"},
    ProblemKind{"currency_repeated", 422, "A currency comes twice", "币种重复",
                "Give one price per currency.", "每种币种只能有一个价格。"},
    ProblemKind{"drop_cancelled", 409, "The drop was cancelled", "本次发售已取消",
                "Nothing more is sold here.", "本次发售不再出售。"},
    ProblemKind{"drop_not_found", 404, "There is no such drop", "发售不存在",
                "Check the drop's id.", "请核对发售编号。"},
    ProblemKind{"drops_full", 409, "There are too many drops", "发售数量已达上限",
                "The installation has reached its bound of drops.", "系统发售数已达上限。"},
    ProblemKind{
        "event_not_found", 404, "There is no such event", "事件不存在",
        "This installation has not come so far: the id is of another one, or of newer data.",
        "本系统尚无此事件：编号可能来自其他系统或更新的数据。"},
    ProblemKind{"event_type_must_not_be_empty", 422, "A type of events is empty", "事件类型为空",
                "Name types of GET /v1/event-types, or none for all.",
                "请填写 GET /v1/event-types 中的类型；不填则为全部。"},
    ProblemKind{"event_type_unknown", 422, "There is no such type of events", "事件类型不存在",
                "Name types of GET /v1/event-types, or none for all.",
                "请填写 GET /v1/event-types 中的类型；不填则为全部。"},
    ProblemKind{"events_trimmed", 410, "What follows is not kept any more", "后续事件已不再保留",
                "Begin again without `after`, and read what you miss from the lists.",
                "请去掉 after 重新开始，并从列表补齐缺失的内容。"},
    ProblemKind{
        "exists_with_different_fields", 409, "It exists with other fields", "已存在且内容不同",
        "The same code or payment id came with other fields before; what is new needs a new "
        "one.",
        "相同的代码或支付编号此前已用于其他内容；新的内容请使用新的编号。"},
    ProblemKind{"first_must_be_owner", 409, "The first member of staff is the owner",
                "首位员工必须是所有者", "Create the owner first.", "请先创建所有者。"},
    ProblemKind{"forbidden", 403, "Not allowed", "没有权限",
                "Your role does not allow this, or the request came from a page of another site.",
                "您的角色没有此权限，或请求来自其他网站的页面。"},
    ProblemKind{"headers_too_large", 431, "The headers are too large", "请求头过大",
                "Send fewer or shorter headers.", "请减少请求头。"},
    ProblemKind{"idempotency_key_malformed", 400, "The Idempotency-Key is malformed",
                "Idempotency-Key 格式错误", "Send 1 to 255 printable ASCII characters.",
                "请提供 1 至 255 个可打印 ASCII 字符。"},
    ProblemKind{
        "idempotency_key_missing", 400, "An Idempotency-Key is needed", "缺少 Idempotency-Key",
        "Send a new random Idempotency-Key for each intent, and the same one when you retry.",
        "每次操作请携带新的随机 Idempotency-Key，重试时使用同一个。"},
    ProblemKind{"idempotency_key_reused", 422, "The Idempotency-Key was used for something else",
                "Idempotency-Key 已用于其他请求", "Use a new key for a new intent.",
                "新的操作请使用新的 Idempotency-Key。"},
    ProblemKind{"insufficient_stock", 409, "There is not enough free stock", "可用库存不足",
                "Receive stock first, or plan fewer units.", "请先入库，或减少计划数量。"},
    ProblemKind{"internal", 500, "Something went wrong on our side", "服务内部错误",
                "Try again; the request id helps to find the cause.",
                "请重试；请求编号可用于排查。"},
    ProblemKind{"launch_not_found", 404, "There is no such launch", "发布项目不存在",
                "Check the launch's id.", "请核对发布项目编号。"},
    ProblemKind{"launches_full", 409, "There are too many launches", "发布项目数量已达上限",
                "The installation has reached its bound of launches.", "系统发布项目数已达上限。"},
    ProblemKind{"log_full", 503, "No space to record anything", "暂时无法记录",
                "Nothing was done. Try again a little later with the same Idempotency-Key.",
                "本次操作未执行，请稍后使用同一 Idempotency-Key 重试。", 1},
    ProblemKind{"login_must_not_be_empty", 422, "A login is needed", "缺少登录名",
                "Choose a name to sign in with.", "请填写登录名。"},
    ProblemKind{"login_taken", 409, "The login is taken", "登录名已被占用", "Choose another one.",
                "请更换登录名。"},
    ProblemKind{"malformed", 400, "The request is malformed", "请求格式错误",
                "Send the request as the API document says.", "请按接口文档发送请求。"},
    ProblemKind{"method_not_allowed", 405, "This method is not offered here", "不支持该方法",
                "See the Allow header.", "请参考 Allow 响应头。"},
    ProblemKind{"money_overflow", 409, "The amount does not fit", "金额超出范围",
                "The books cannot hold so much; tell whoever runs the installation.",
                "账目超出上限，请联系运营人员。"},
    ProblemKind{"name_must_not_be_empty", 422, "A name is needed", "缺少名称",
                "Say what the key is for.", "请说明密钥用途。"},
    ProblemKind{"not_found", 404, "There is nothing here", "内容不存在", "Check the address.",
                "请核对链接。"},
    ProblemKind{"not_open", 409, "The sale has not opened yet", "发售尚未开始",
                "Come back at opens_at; server_time is the time that counts.",
                "请在 opens_at 再来，以 server_time 为准。"},
    ProblemKind{"order_archived", 409, "The order is closed for good", "订单已归档",
                "Nothing more can be done with it.", "该订单不能再变更。"},
    ProblemKind{"order_expired", 409, "The order has expired", "订单已超时",
                "It was not paid in time; buy again while there are units.",
                "未在规定时间内支付；如仍有库存可重新购买。"},
    ProblemKind{"order_not_found", 404, "There is no such order", "订单不存在",
                "Check the order's id; who did not place it does not see it.",
                "请核对订单编号；订单仅下单人可见。"},
    ProblemKind{"order_paid", 409, "The order is paid", "订单已支付",
                "A paid order is not cancelled here.", "已支付订单不能在此取消。"},
    ProblemKind{"orders_full", 503, "No more orders fit", "订单数量已达上限",
                "The installation has reached its bound of orders. Tell whoever runs it.",
                "系统订单数已达上限，请联系运营人员。"},
    ProblemKind{"overlap_out_of_range", 422, "The overlap is out of range", "重叠时长超出范围",
                "Give 0 seconds to 30 days.", "请设置 0 秒至 30 天。"},
    ProblemKind{"overloaded", 503, "Too busy right now", "服务繁忙",
                "Nothing was done. Try again after Retry-After with the same Idempotency-Key.",
                "本次操作未执行，请按 Retry-After 使用同一 Idempotency-Key 重试。", 1},
    ProblemKind{"password_hash_must_not_be_empty", 422, "A password is needed", "缺少密码",
                "Choose a password.", "请设置密码。"},
    ProblemKind{"password_too_short", 422, "The password is too short", "密码太短",
                "Use at least 10 characters.", "请至少使用 10 个字符。"},
    ProblemKind{"paused", 409, "The sale is paused", "发售暂停中",
                "Stay on the page; it goes on soon.", "请停留在页面，稍后继续。"},
    ProblemKind{"payload_too_large", 413, "The body is too large", "请求体过大",
                "Send less at once.", "请减少单次发送的内容。"},
    ProblemKind{"payment_id_must_not_be_empty", 422, "A payment id is needed", "缺少支付编号",
                "Send the provider's own id of the payment.", "请提供支付平台的支付编号。"},
    ProblemKind{"payment_window_out_of_range", 422, "The time to pay is out of range",
                "支付时限超出范围", "Give 1 second to 7 days.", "请设置 1 秒至 7 天。"},
    ProblemKind{"payments_full", 503, "No more payments fit", "支付记录已达上限",
                "The installation has reached its bound of payments. Tell whoever runs it.",
                "系统支付记录已达上限，请联系运营人员。"},
    ProblemKind{"per_person_limit_out_of_range", 422, "The limit per person is out of range",
                "每人限购数超出范围", "Give 1 to 1,000 units.", "请设置 1 至 1,000 件。"},
    ProblemKind{"per_second_out_of_range", 422, "The rate is out of range", "速率超出范围",
                "Allow 1 to 1,000 calls in a second.", "每秒调用数为 1 至 1,000。"},
    ProblemKind{"person_out_of_range", 422, "The person is not valid", "用户标识无效",
                "Sign in again.", "请重新登录。"},
    ProblemKind{"price_out_of_range", 422, "A price is out of range", "价格超出范围",
                "Give a price in minor units, 1 to 1,000,000,000,000.",
                "请以最小货币单位提供 1 至 1,000,000,000,000 的价格。"},
    ProblemKind{"prices_must_not_be_empty", 422, "A price is needed", "缺少价格",
                "Give at least one price.", "请至少提供一个价格。"},
    ProblemKind{"purchase_limit", 409, "You have reached the limit per person", "已达每人限购数",
                "Everybody may buy only so many; see your orders.", "每人限购，请查看您的订单。"},
    ProblemKind{"quantity_not_available", 409, "Not so many are left", "剩余数量不足",
                "Some units are left: order fewer.", "仍有少量余货，请减少数量。"},
    ProblemKind{"quantity_out_of_range", 422, "The quantity is out of range", "数量超出范围",
                "Order 1 to 1,000 units, or receive 1 to 1,000,000,000.",
                "购买数量为 1 至 1,000 件，入库数量为 1 至 1,000,000,000 件。"},
    ProblemKind{"rate_limited", 429, "Too many requests", "请求过于频繁", "Wait for Retry-After.",
                "请按 Retry-After 等待。", 1},
    ProblemKind{"request_timeout", 408, "The request took too long", "请求超时",
                "Send the whole request without a break.", "请一次性发送完整请求。"},
    ProblemKind{"seconds_out_of_range", 422, "The duration is out of range", "时长超出范围",
                "Give 1 second to 30 days.", "请设置 1 秒至 30 天。"},
    ProblemKind{"secret_must_not_be_zero", 422, "A secret is needed", "缺少密钥内容",
                "Send a random secret.", "请提供随机密钥。"},
    ProblemKind{"secret_taken", 409, "The secret is taken", "密钥内容重复", "Try again.",
                "请重试。"},
    ProblemKind{"session_not_found", 401, "You are not signed in", "尚未登录", "Sign in first.",
                "请先登录。"},
    ProblemKind{"sessions_full", 503, "Too many people are signed in", "登录会话数已达上限",
                "Sessions end by themselves: try again later.", "会话会自动到期，请稍后再试。", 60},
    ProblemKind{"setup_done", 409, "The installation has its owner", "系统已完成初始化",
                "Sign in with login and password.", "请使用登录名和密码登录。"},
    ProblemKind{"setup_token_wrong", 403, "The sign-in link is not valid", "登录链接无效",
                "Use the newest link that the program has printed; it works once.",
                "请使用程序最新打印的一次性链接。"},
    ProblemKind{"signature_wrong", 401, "The signature does not fit", "签名不正确",
                "Sign timestamp, a dot and the body with the shared secret, within five minutes.",
                "请用共享密钥对“时间戳.请求体”签名，并在五分钟内发送。"},
    ProblemKind{"sku_not_found", 404, "There is no such SKU", "商品不存在", "Check the SKU's id.",
                "请核对商品编号。"},
    ProblemKind{"skus_full", 409, "There are too many SKUs", "商品数量已达上限",
                "The installation has reached its bound of SKUs.", "系统商品数已达上限。"},
    ProblemKind{"sold_out", 409, "Sold out", "已售罄",
                "Units may come back while others do not pay; watch the page.",
                "若他人未付款，库存可能恢复，请留意页面。"},
    ProblemKind{"staff_full", 409, "There are too many members of staff", "员工数量已达上限",
                "The installation has reached its bound of staff.", "系统员工数已达上限。"},
    ProblemKind{"staff_not_found", 404, "There is no such member of staff", "员工不存在",
                "Check the id.", "请核对编号。"},
    ProblemKind{"stock_overflow", 409, "So much stock does not fit", "库存超出范围",
                "Receive less.", "请减少入库数量。"},
    ProblemKind{"too_many_sign_ins", 429, "Too many failed sign-ins", "登录失败次数过多",
                "Wait for Retry-After; each further failure doubles the wait, up to 5 minutes.",
                "请按 Retry-After 等待；再次失败等待时间加倍，最长 5 分钟。"},
    ProblemKind{"unauthenticated", 401, "Sign in first", "请先登录",
                "Send a valid session token, key or cookie.", "请提供有效的会话、密钥或 Cookie。"},
    ProblemKind{"unsupported_media_type", 415, "Send JSON", "请发送 JSON",
                "Use Content-Type: application/json.", "请使用 Content-Type: application/json。"},
    ProblemKind{"uri_too_long", 414, "The address is too long", "请求地址过长",
                "Send what is long in the body.", "请将较长的内容放入请求体。"},
    ProblemKind{"url_must_not_be_empty", 422, "An address is needed", "缺少地址",
                "Say where to post.", "请填写接收地址。"},
    ProblemKind{"url_not_allowed", 422, "This address is not called", "不支持该地址",
                "Give an https address of a public host, without user or password.",
                "请提供公网 https 地址，且不含用户名和密码。"},
    ProblemKind{"validation", 422, "The request is not valid", "请求内容无效",
                "See errors: each names a field or parameter and what was expected.",
                "请查看 errors：逐项说明字段或参数及其要求。"},
    ProblemKind{"wave_before_opening", 422, "A wave opens before the drop", "批次早于发售开始",
                "Let every wave open at or after opens_at.", "各批次时间不得早于 opens_at。"},
    ProblemKind{"wave_not_found", 404, "There is no such wave", "批次不存在", "Waves count from 1.",
                "批次从 1 开始编号。"},
    ProblemKind{"wave_sold_out", 409, "This wave is sold out", "本批次已售罄",
                "Another wave is still to come; watch the page.", "后续仍有批次，请留意页面。"},
    ProblemKind{"wave_units_out_of_range", 422, "The units of a wave are out of range",
                "批次数量超出范围", "Give every wave 1 to 1,000,000,000 units.",
                "每个批次为 1 至 1,000,000,000 件。"},
    ProblemKind{"waves_must_not_be_empty", 422, "A wave is needed", "缺少批次",
                "Plan at least one wave.", "请至少规划一个批次。"},
    ProblemKind{"webhook_not_found", 404, "There is no such endpoint", "Webhook 不存在",
                "Check its id in the list of endpoints.", "请在 Webhook 列表中核对编号。"},
    ProblemKind{"webhooks_full", 409, "There are too many endpoints", "Webhook 数量已达上限",
                "Remove one that is not needed any more: 32 may be there.",
                "最多 32 个，请先移除不再需要的。"},
    ProblemKind{"wrong_login_or_password", 401, "Wrong login or password", "登录名或密码错误",
                "Check both and try again.", "请核对后重试。"},
};
static_assert(std::ranges::is_sorted(kKinds, {}, &ProblemKind::code));

/// Bounds that the texts name.
static_assert(kPriceMinorMax == 1'000'000'000'000 && kOrderQuantityMax == 1'000 &&
              kReceiveQuantityMax == 1'000'000'000 && kWaveUnitsMax == 1'000'000'000 &&
              kPerPersonLimitMax == 1'000 && kPaymentWindowSecondsMax == 7 * 24 * 3600 &&
              kSessionSecondsMax == 30 * 24 * 3600 && kWebhooksMax == 32 &&
              kWebhookConcurrencyMax == 10 && kWebhookPerSecondMax == 1'000 &&
              kSecretOverlapSecondsMax == 30 * 24 * 3600);

/// One code means one thing, whichever layer says it.
static_assert(std::ranges::all_of(kHttpRefusals, [](const HttpRefusal& refusal) {
  return std::ranges::any_of(kKinds, [&](const ProblemKind& kind) {
    return kind.code == refusal.code && kind.status == refusal.status &&
           kind.title_en == refusal.title;
  });
}));

}  // namespace

std::span<const ProblemKind> problem_kinds() { return kKinds; }

const ProblemKind* find_problem_kind(std::string_view code) {
  const auto found = std::ranges::lower_bound(kKinds, code, {}, &ProblemKind::code);
  return found != kKinds.end() && found->code == code ? &*found : nullptr;
}

}  // namespace firebrand
