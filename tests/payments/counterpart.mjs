// The three providers as one local server: it checks each request with their published clients, and
// answers as they do, signed. What it was asked for under one id it does once. Buyers pay here too, and
// it tells of that by notices.
import assert from 'node:assert/strict';
import { createSign, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { AlipaySdk } from 'alipay-sdk';
import { stripeNotice, wechatNotice } from './notices.mjs';
import { pair } from './program.mjs';

const { Formatter, Rsa } = createRequire(import.meta.url)('wechatpay-axios-plugin');

/** Keys of all three providers, and of the merchant at each. */
const newKeys = () => ({
  wechat: { merchant: pair(), platform: pair(), serial: 'PUB_KEY_ID_0111', apiKey: randomBytes(16).toString('hex') },
  alipay: { merchant: pair(), provider: pair(), appId: '2021000000000001' },
  stripe: { secretKey: 'sk_test_0123456789', webhookSecret: 'whsec_0123456789abcdef' },
});

export class Counterpart {
  keys = newKeys();
  /** By number: what it was asked to make. */
  payments = new Map();
  /** By refund id: money that went back. */
  refunds = new Map();
  /** By refund id: how often it was asked for. */
  asked = new Map();
  /** What is wrong with requests that came. */
  wrong = [];
  calls = 0;
  /** Before a refund is answered: `({id, amount}) => answer or nothing`. */
  onRefund = () => undefined;

  constructor() {
    const { appId, merchant } = this.keys.alipay;
    this.sdk = new AlipaySdk({
      appId,
      privateKey: merchant.privateKey,
      alipayPublicKey: merchant.publicKey,
      keyType: 'PKCS8',
    });
    this.server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (text) => (body += text));
      request.on('end', () =>
        this.#take(request, body, response).catch((error) => {
          this.wrong.push(String(error));
          response.writeHead(500).end('{}');
        }),
      );
    });
  }

  listen() {
    return new Promise((resolve) =>
      this.server.listen(0, '127.0.0.1', () => {
        this.url = `http://127.0.0.1:${this.server.address().port}`;
        resolve();
      }),
    );
  }
  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /**
   * Text of a firebrand.toml by which the program asks here.
   * @param publicUrl  where the program is told of payments, and buyers go back to
   * @param file  saves a text under a name and gives its path
   */
  settings(publicUrl, file) {
    const { wechat, alipay, stripe } = this.keys;
    const key = (name, text) => file(`${name}.pem`, text);
    return `[payments]
public_url = "${publicUrl}"
private_addresses = true
[payments.wechat]
merchant_id = "1900000109"
app_id = "wx8888888888888888"
api_v3_key = "${wechat.apiKey}"
platform_keys = "${wechat.serial}=${key('wechat-platform', wechat.platform.publicKey)}"
merchant_serial = "MERCHANT1"
private_key = "${key('wechat-merchant', wechat.merchant.privateKey)}"
url = "${this.url}"
[payments.alipay]
app_id = "${alipay.appId}"
public_key = "${key('alipay', alipay.provider.publicKey)}"
private_key = "${key('alipay-app', alipay.merchant.privateKey)}"
url = "${this.url}"
[payments.stripe]
webhook_secrets = ["${stripe.webhookSecret}"]
secret_key = "${stripe.secretKey}"
url = "${this.url}"
`;
  }

  async #take(request, body, response) {
    this.calls += 1;
    const { pathname, searchParams } = new URL(request.url, this.url);
    if (pathname.startsWith('/v3/')) return this.#wechat(request, pathname, body, response);
    if (pathname === '/gateway.do') return this.#alipay(body, response);
    if (pathname.startsWith('/c/pay/')) return this.#checkout(request, pathname.slice('/c/pay/'.length), response);
    return this.#stripe(request, pathname, searchParams, body, response);
  }

  /** Once for an id. @return an answer to give instead, if any. */
  async #refund(id, refund) {
    this.asked.set(id, (this.asked.get(id) ?? 0) + 1);
    const known = this.refunds.get(id);
    if (known) assert.deepEqual(known, refund);
    const instead = await this.onRefund({ id, known: known !== undefined, give: () => this.refunds.set(id, refund) });
    if (instead === undefined && !known) this.refunds.set(id, refund);
    return { instead, known: known !== undefined };
  }

  // ---- WeChat Pay

  async #wechat(request, path, body, response) {
    const parts = Object.fromEntries(
      [...request.headers.authorization.matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]]),
    );
    const { merchant, platform, serial } = this.keys.wechat;
    const signed = Formatter.request('POST', path, parts.timestamp, parts.nonce_str, body);
    assert.ok(Rsa.verify(signed, parts.signature, merchant.publicKey), 'WeChat Pay: signature');
    assert.ok(request.headers['user-agent'] && request.headers.accept, 'WeChat Pay: headers');
    const wanted = JSON.parse(body);
    let answer;
    if (path === '/v3/pay/transactions/native') {
      this.payments.set(wanted.out_trade_no, wanted);
      answer = { code_url: `weixin://wxpay/bizpayurl?pr=${wanted.out_trade_no}` };
    } else {
      assert.equal(path, '/v3/refund/domestic/refunds');
      const { instead } = await this.#refund(wanted.out_refund_no, {
        payment: wanted.transaction_id,
        amount: wanted.amount.refund,
      });
      answer = instead ?? { out_refund_no: wanted.out_refund_no, status: 'SUCCESS' };
    }
    const { httpStatus = 200, ...content } = answer;
    const text = JSON.stringify(content);
    const timestamp = String(Formatter.timestamp());
    const nonce = randomBytes(8).toString('hex');
    response
      .writeHead(httpStatus, {
        'Content-Type': 'application/json',
        'Wechatpay-Timestamp': timestamp,
        'Wechatpay-Nonce': nonce,
        'Wechatpay-Serial': serial,
        'Wechatpay-Signature': Rsa.sign(Formatter.response(timestamp, nonce, text), platform.privateKey),
      })
      .end(text);
  }

  /** The buyer pays in the app, by the code of this number. @return the payment's id at WeChat Pay */
  async payByWechat(number) {
    const { mchid, appid, out_trade_no, notify_url, amount } = this.payments.get(number);
    const transaction_id = `42000${randomBytes(6).readUIntBE(0, 6)}`;
    const { total, currency } = amount;
    const notice = wechatNotice(this.keys.wechat, 'TRANSACTION.SUCCESS', {
      ...{ mchid, appid, out_trade_no, transaction_id, trade_state: 'SUCCESS' },
      amount: { total, currency, payer_total: total, payer_currency: currency },
    });
    await tell(notify_url, notice);
    return transaction_id;
  }

  // ---- Alipay

  async #alipay(body, response) {
    const fields = Object.fromEntries(new URLSearchParams(body));
    assert.ok(this.sdk.checkNotifySignV2(fields), 'Alipay: signature');
    const wanted = JSON.parse(fields.biz_content);
    let content;
    if (fields.method === 'alipay.trade.precreate') {
      this.payments.set(wanted.out_trade_no, wanted);
      content = { code: '10000', msg: 'Success', out_trade_no: wanted.out_trade_no, qr_code: `https://qr.alipay.com/${wanted.out_trade_no}` };
    } else if (fields.method === 'alipay.trade.refund') {
      const { instead, known } = await this.#refund(wanted.out_request_no, {
        payment: wanted.trade_no,
        amount: wanted.refund_amount,
      });
      content = instead ?? { code: '10000', msg: 'Success', trade_no: wanted.trade_no, fund_change: known ? 'N' : 'Y' };
    } else {
      assert.equal(fields.method, 'alipay.trade.fastpay.refund.query');
      const known = this.refunds.has(wanted.out_request_no);
      content = { code: '10000', msg: 'Success', ...(known ? { refund_status: 'REFUND_SUCCESS' } : {}) };
    }
    const text = JSON.stringify(content);
    const key = this.keys.alipay.provider.privateKey;
    const sign = createSign('RSA-SHA256').update(text, 'utf8').sign(key, 'base64');
    response
      .writeHead(200, { 'Content-Type': 'text/html;charset=utf-8' })
      .end(`{"${fields.method.replaceAll('.', '_')}_response":${text},"sign":"${sign}"}`);
  }

  // ---- Stripe

  async #stripe(request, path, query, body, response) {
    assert.equal(request.headers.authorization, `Bearer ${this.keys.stripe.secretKey}`);
    const fields = Object.fromEntries(new URLSearchParams(body));
    let answer;
    if (path === '/v1/checkout/sessions') {
      assert.equal(request.headers['idempotency-key'], fields.client_reference_id);
      this.payments.set(fields.client_reference_id, fields);
      answer = { url: `${this.url}/c/pay/${fields.client_reference_id}` };
    } else if (request.method === 'GET') {
      assert.equal(path, '/v1/refunds');
      const of = query.get('payment_intent');
      const data = [...this.refunds].filter(([, refund]) => refund.payment === of);
      answer = { data: data.map(([id]) => ({ status: 'succeeded', metadata: { refund_id: id } })) };
    } else {
      const id = fields['metadata[refund_id]'];
      assert.equal(request.headers['idempotency-key'], id);
      const { instead } = await this.#refund(id, { payment: fields.payment_intent, amount: fields.amount });
      answer = instead ?? { id: 're_1', status: 'succeeded', metadata: { refund_id: id } };
    }
    const { httpStatus = 200, ...content } = answer;
    response.writeHead(httpStatus, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
  }

  /** Stripe's page, where the buyer pays and is sent back. */
  async #checkout(request, number, response) {
    const fields = this.payments.get(number);
    if (request.method === 'GET') {
      const page = '<!doctype html><link rel="icon" href="data:,"><form method="post"><button>Pay</button></form>';
      return response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
    }
    const amount = Number(fields['line_items[0][price_data][unit_amount]']);
    const currency = fields['line_items[0][price_data][currency]'];
    const metadata = { order_id: fields['payment_intent_data[metadata][order_id]'] };
    const intent = { id: `pi_${number}`, object: 'payment_intent', amount, amount_received: amount, currency, metadata };
    const event = { id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', data: { object: intent } };
    const notices = new URL('/v1/payments/stripe/notices', fields.success_url);
    await tell(notices, stripeNotice(this.keys.stripe.webhookSecret, event));
    response.writeHead(303, { Location: fields.success_url }).end();
  }
}

async function tell(url, { body, headers }) {
  const answer = await fetch(url, { method: 'POST', body, headers });
  assert.equal(answer.status, 200, await answer.text());
}
