// The published clients of the payment providers sign notices, and the real program books them:
// FIREBRAND_PROGRAM names it. They also check what we sign: FIREBRAND_PAYMENT_REQUESTS prints it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSign, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { AlipaySdk } from 'alipay-sdk';
import Stripe from 'stripe';
import { stripeNotice, wechatNotice } from './notices.mjs';
import { pair, Program } from './program.mjs';

const { Formatter, Rsa } = createRequire(import.meta.url)('wechatpay-axios-plugin');

const wechat = { platform: pair(), serial: 'PUB_KEY_ID_0111', apiKey: randomBytes(16).toString('hex') };
const alipay = { keys: pair(), appId: '2021000000000001', sellerId: '2088000000000001' };
const stripe = { secret: 'whsec_0123456789abcdef' };

const program = new Program();
const file = (name, text) => program.file(name, text);
const post = (...request) => program.post(...request);
const order = (currency) => program.order(currency);

before(() =>
  program.start(`[payments.wechat]
merchant_id = "1900000109"
app_id = "wx8888888888888888"
api_v3_key = "${wechat.apiKey}"
platform_keys = "${wechat.serial}=${file('wechat.pem', wechat.platform.publicKey)}"
[payments.alipay]
app_id = "${alipay.appId}"
seller_id = "${alipay.sellerId}"
public_key = "${file('alipay.pem', alipay.keys.publicKey)}"
[payments.stripe]
webhook_secrets = ["whsec_of_long_ago_0", "${stripe.secret}"]
`),
);

after(() => program.stop());

async function refused(answer, code, reason) {
  const problem = await answer.json();
  assert.deepEqual([problem.code, problem.reason], [code, reason]);
}

// ---- WeChat Pay --------------------------------------------------------------------------------

const wechatPayment = (order_id, id, total = 199900) => ({
  mchid: '1900000109',
  appid: 'wx8888888888888888',
  out_trade_no: order_id.replace('ord_', 'ord_0000000'),
  transaction_id: id,
  trade_state: 'SUCCESS',
  amount: { total, payer_total: total, currency: 'CNY', payer_currency: 'CNY' },
});

test('WeChat Pay: a payment and its refund are booked', async () => {
  const { order_id, state } = await order('CNY');
  const { body, headers } = wechatNotice(wechat, 'TRANSACTION.SUCCESS', wechatPayment(order_id, '4200000001'));
  for (const attempt of ['first', 'again']) {
    const answer = await post('/v1/payments/wechat/notices', body, headers);
    assert.equal(answer.status, 200, attempt);
    assert.deepEqual(await answer.json(), { code: 'SUCCESS', message: '成功' });
  }
  assert.equal(await state(), 'paid');
  const refund = wechatNotice(wechat, 'REFUND.SUCCESS', {
    mchid: '1900000109',
    out_trade_no: order_id,
    transaction_id: '4200000001',
    out_refund_no: 'r-1',
    refund_status: 'SUCCESS',
    amount: { total: 199900, refund: 199900, payer_total: 199900, payer_refund: 199900 },
  });
  assert.equal((await post('/v1/payments/wechat/notices', refund.body, refund.headers)).status, 200);
});

test('WeChat Pay: what was touched, or is of another key, is not believed', async () => {
  const { order_id, state } = await order('CNY');
  const good = wechatNotice(wechat, 'TRANSACTION.SUCCESS', wechatPayment(order_id, '4200000002'));
  await refused(await post('/v1/payments/wechat/notices', good.body + ' ', good.headers), 'signature_wrong', 'signature_wrong');
  const other = wechatNotice({ ...wechat, serial: 'PUB_KEY_ID_0999' }, 'TRANSACTION.SUCCESS', wechatPayment(order_id, '4200000002'));
  await refused(await post('/v1/payments/wechat/notices', other.body, other.headers), 'signature_wrong', 'key_unknown');
  const foreign = wechatNotice(wechat, 'TRANSACTION.SUCCESS', { ...wechatPayment(order_id, '4200000002'), mchid: '1' });
  await refused(await post('/v1/payments/wechat/notices', foreign.body, foreign.headers), 'notice_malformed', 'other_merchant');
  assert.equal(await state(), 'pending_payment');
});

// ---- Alipay ------------------------------------------------------------------------------------

function alipayNotice(fields) {
  const text = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
  const sign = createSign('RSA-SHA256').update(text, 'utf8').sign(alipay.keys.privateKey, 'base64');
  const whole = { ...fields, sign, sign_type: 'RSA2' };
  const sdk = new AlipaySdk({
    appId: alipay.appId,
    privateKey: alipay.keys.privateKey,
    alipayPublicKey: alipay.keys.publicKey,
    keyType: 'PKCS8',
  });
  assert.ok(sdk.checkNotifySignV2(whole));
  return new URLSearchParams(whole);
}

const alipayPayment = (order_id, id) => ({
  app_id: alipay.appId,
  seller_id: alipay.sellerId,
  notify_time: '2026-11-28 12:00:00',
  out_trade_no: order_id,
  trade_no: id,
  subject: '手机 & 壳 + 1 = 好',
  total_amount: '1999.00',
  trade_status: 'TRADE_SUCCESS',
});

test('Alipay: a payment is booked once and answered with success', async () => {
  const { order_id, state } = await order('CNY');
  for (const status of ['WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_SUCCESS', 'TRADE_FINISHED']) {
    const notice = alipayNotice({ ...alipayPayment(order_id, '2026112800001'), trade_status: status });
    const answer = await post('/v1/payments/alipay/notices', notice);
    assert.equal(await answer.text(), 'success');
    assert.equal(await state(), status === 'WAIT_BUYER_PAY' ? 'pending_payment' : 'paid');
  }
});

test('Alipay: what was touched, or is for another seller, is not believed', async () => {
  const { order_id, state } = await order('CNY');
  const touched = alipayNotice(alipayPayment(order_id, '2026112800002'));
  touched.set('total_amount', '0.01');
  await refused(await post('/v1/payments/alipay/notices', touched), 'signature_wrong', 'signature_wrong');
  const other = alipayNotice({ ...alipayPayment(order_id, '2026112800002'), seller_id: '2088000000000009' });
  await refused(await post('/v1/payments/alipay/notices', other), 'notice_malformed', 'other_merchant');
  assert.equal(await state(), 'pending_payment');
});

// ---- Stripe ------------------------------------------------------------------------------------

const stripePayment = (order_id, id) => ({
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.succeeded',
  data: { object: { id, object: 'payment_intent', amount: 29900, amount_received: 29900, currency: 'usd', metadata: { order_id } } },
});

test('Stripe: a payment and its refund are booked', async () => {
  const { order_id, state } = await order('USD');
  const good = stripeNotice(stripe.secret, stripePayment(order_id, 'pi_1'));
  assert.ok(Stripe.webhooks.constructEvent(good.body, good.headers['Stripe-Signature'], stripe.secret));
  assert.equal((await post('/v1/payments/stripe/notices', good.body, good.headers)).status, 200);
  assert.equal(await state(), 'paid');
  const refund = stripeNotice(stripe.secret, {
    type: 'refund.updated',
    data: { object: { id: 're_1', object: 'refund', payment_intent: 'pi_1', amount: 29900, currency: 'usd', status: 'succeeded' } },
  });
  assert.equal((await post('/v1/payments/stripe/notices', refund.body, refund.headers)).status, 200);
});

test('Stripe: what is old, or signed with another secret, is not believed', async () => {
  const { order_id, state } = await order('USD');
  const old = stripeNotice(stripe.secret, stripePayment(order_id, 'pi_2'), { timestamp: Math.floor(Date.now() / 1000) - 400 });
  await refused(await post('/v1/payments/stripe/notices', old.body, old.headers), 'signature_wrong', 'timestamp_outside_window');
  const other = stripeNotice('whsec_of_somebody_else', stripePayment(order_id, 'pi_2'));
  await refused(await post('/v1/payments/stripe/notices', other.body, other.headers), 'signature_wrong', 'signature_wrong');
  assert.equal(await state(), 'pending_payment');
});

// ---- What we sign ------------------------------------------------------------------------------

/** Requests as they would be sent, signed with the key of the WeChat Pay tests. */
function ownRequests() {
  const key = file('merchant.pem', wechat.platform.privateKey);
  const lines = execFileSync(process.env.FIREBRAND_PAYMENT_REQUESTS, [key], { encoding: 'utf8' });
  return Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map((request) => [request.name, request]),
  );
}

test('WeChat Pay: its client verifies what we sign', () => {
  const requests = ownRequests();
  const partsOf = (text) => Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]]));
  for (const name of ['wechat_payment', 'wechat_refund']) {
    const { path, body, headers } = requests[name];
    const parts = partsOf(headers.Authorization);
    const text = Formatter.request('POST', path, parts.timestamp, parts.nonce_str, body);
    assert.ok(Rsa.verify(text, parts.signature, wechat.platform.publicKey), name);
    const written = Formatter.authorization(parts.mchid, parts.nonce_str, parts.signature, parts.timestamp, parts.serial_no);
    assert.equal(headers.Authorization.split(' ')[0], written.split(' ')[0]);
    assert.deepEqual(parts, partsOf(written));
    JSON.parse(body);
  }
});

test('Alipay: its client verifies what we sign', () => {
  const requests = ownRequests();
  const sdk = new AlipaySdk({
    appId: alipay.appId,
    privateKey: wechat.platform.privateKey,
    alipayPublicKey: wechat.platform.publicKey,
    keyType: 'PKCS8',
  });
  for (const name of ['alipay_payment', 'alipay_refund']) {
    const fields = Object.fromEntries(new URLSearchParams(requests[name].body));
    assert.ok(sdk.checkNotifySignV2(fields), name);
    assert.ok(!sdk.checkNotifySignV2({ ...fields, timestamp: '2026-11-28 20:00:01' }));
    JSON.parse(fields.biz_content);
  }
});

test('Stripe: what we send is what its client sends', async () => {
  const requests = ownRequests();
  const sent = [];
  const client = new Stripe('sk_test_1', {
    httpClient: Stripe.createFetchHttpClient(async (address, { body, headers }) => {
      sent.push({ path: new URL(address).pathname, body: String(body), authorization: new Headers(headers).get('authorization') });
      return new Response('{"id":"x"}', { status: 200, headers: { 'Content-Type': 'application/json' } });
    }),
  });
  await client.refunds.create({ payment_intent: '4200000001', amount: 100, metadata: { refund_id: 'r-1' } });
  await client.checkout.sessions.create({
    mode: 'payment',
    client_reference_id: 'ord_00000042',
    payment_intent_data: { metadata: { order_id: 'ord_00000042' } },
    line_items: [{ quantity: 1, price_data: { currency: 'cny', unit_amount: 199900, product_data: { name: '手机 & 壳 = 1 + 1' } } }],
    success_url: 'https://shop.example/done',
    cancel_url: 'https://shop.example/done',
  });
  for (const [i, name] of ['stripe_refund', 'stripe_payment'].entries()) {
    const { path, body, headers } = requests[name];
    const fields = (text) => Object.fromEntries(new URLSearchParams(text));
    assert.equal(path, sent[i].path);
    assert.deepEqual(fields(body), fields(sent[i].body));
    assert.equal(headers.Authorization, sent[i].authorization);
  }
});
