// The real program asks the payment providers: a local counterpart checks each request with their
// published clients, and answers as they do.
import assert from 'node:assert/strict';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Counterpart } from './counterpart.mjs';
import { Program } from './program.mjs';

const callbackSecret = 'a secret of the shop and us';
const counterpart = new Counterpart();
const program = new Program();
let config;
let staff;

before(async () => {
  await counterpart.listen();
  const settings = counterpart.settings('https://shop.example', (name, text) => program.file(name, text));
  config = settings.replace('[payments]\n', `[payments]\ncallback_secret = "${callbackSecret}"\n`);
  await program.start(config);
  const owner = { login: 'owner', password: 'a sentence to remember', token: program.setupToken };
  const made = await program.post('/v1/staff/setup', JSON.stringify(owner), { 'Content-Type': 'application/json' });
  assert.equal(made.status, 200, await made.text());
  staff = { 'Content-Type': 'application/json', Cookie: made.headers.getSetCookie()[0].split(';')[0] };
});

after(async () => {
  await program.stop();
  counterpart.close();
});

afterEach(() => {
  counterpart.onRefund = () => undefined;
  assert.deepEqual(counterpart.wrong.splice(0), []);
});

async function must(answer, status = 200) {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  return JSON.parse(text);
}

/** In our own protocol: any provider's payment, as if its notice had come. */
async function notice(body) {
  const text = JSON.stringify(body);
  const time = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', callbackSecret).update(`${time}.${text}`).digest('hex');
  const headers = {
    'Content-Type': 'application/json',
    'Firebrand-Timestamp': time,
    'Firebrand-Signature': `v1=${signature}`,
  };
  await must(await program.post('/v1/payments/generic/notices', text, headers));
}

const askToPay = (path, headers, body = {}) => program.post(path, JSON.stringify(body), headers);
const staffPost = (path, body) =>
  program.post(path, JSON.stringify(body), { ...staff, 'Idempotency-Key': randomUUID() });

async function eventually(look, what) {
  for (const until = Date.now() + 60_000; Date.now() < until; await pause(100)) {
    const found = await look();
    if (found) return found;
  }
  return assert.fail(`never: ${what}`);
}

async function refundIn(state, refundId) {
  return eventually(async () => {
    const list = await must(await fetch(`${program.url}/v1/refunds?limit=200`, { headers: staff }));
    return list.data.find((one) => one.refund_id === refundId && one.state === state);
  }, `${refundId} is ${state}`);
}

/** A paid order whose unit came back, so that its money is owed. */
async function owed(provider, currency, amount) {
  const { order_id } = await program.order(currency);
  const payment_id = `${provider}:${randomBytes(8).toString('hex')}`;
  await notice({ kind: 'payment', payment_id, order_id, amount: { amount, currency } });
  await must(await staffPost(`/v1/orders/${order_id}/returns`, { quantity: 1 }));
  return { payment_id, amount: { amount, currency } };
}

async function ask(of, refund_id = `r-${randomBytes(6).toString('hex')}`) {
  await must(await staffPost('/v1/refunds', { refund_id, ...of }), 201);
  return refund_id;
}

// ---- Payments ----------------------------------------------------------------------------------

test('every provider that is configured is offered', async () => {
  const offered = await must(await fetch(`${program.url}/v1/payment-providers`));
  assert.deepEqual(offered, { providers: ['wechat', 'alipay', 'stripe'] });
});

test('WeChat Pay and Alipay make a payment by a code, Stripe by a page', async () => {
  const rows = [
    ['wechat', 'CNY', 'code', (n) => `weixin://wxpay/bizpayurl?pr=${n}`, (p) => [p.amount.total, p.notify_url]],
    ['alipay', 'CNY', 'code', (n) => `https://qr.alipay.com/${n}`, (p) => [Number(p.total_amount) * 100]],
    [
      'stripe',
      'USD',
      'page',
      (n) => `${counterpart.url}/c/pay/${n}`,
      (p) => [Number(p['line_items[0][price_data][unit_amount]']), p.success_url],
    ],
  ];
  for (const [provider, currency, pay_by, url, facts] of rows) {
    const { order_id, headers } = await program.order(currency);
    const number = order_id.replace('ord_', 'ord_' + '0'.repeat(8 - order_id.length + 4));
    const amount = { amount: currency === 'CNY' ? 199900 : 29900, currency };
    const offer = { number, provider, amount, pay_by, url: url(number) };
    const before = counterpart.calls;
    const path = `/v1/orders/${order_id}/payment`;
    for (let i = 0; i < 2; i += 1) assert.deepEqual(await must(await askToPay(path, headers, { provider })), offer);
    assert.equal(counterpart.calls, before + 1, 'asked once');
    const [total, address] = facts(counterpart.payments.get(number));
    assert.equal(total, amount.amount);
    if (address) assert.ok(address.startsWith('https://shop.example/'));
    const { time_expire, expires_at, success_url, cancel_url } = counterpart.payments.get(number);
    if (provider === 'stripe') {
      assert.deepEqual([success_url, cancel_url], Array(2).fill('https://shop.example/d/drop_1'));
      const left = Number(expires_at) - Date.now() / 1000;
      assert.ok(left > 30 * 60 && left <= 46 * 60, `Stripe: ${left} s`);
    } else {
      assert.match(time_expire, /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\+08:00)?$/);
    }
  }
});

test('what cannot be paid is refused', async () => {
  const { order_id, headers, state } = await program.order('USD');
  const path = `/v1/orders/${order_id}/payment`;
  const code = async (answer) => (await answer.json()).code;
  assert.equal(await code(await askToPay(path, headers, { provider: 'wechat' })), 'payment_not_offered');
  assert.equal(await code(await askToPay(path, await program.fan())), 'order_not_found');
  assert.equal((await must(await askToPay(path, headers))).provider, 'stripe');
  const amount = { amount: 29900, currency: 'USD' };
  await notice({ kind: 'payment', payment_id: `stripe:${order_id}`, order_id, amount });
  assert.equal(await state(), 'paid');
  assert.equal(await code(await askToPay(path, headers)), 'payment_not_due');
});

test('a deposit is paid at a provider, and its notice names the reservation', async () => {
  const at = (ms) => new Date(Date.now() + ms).toISOString();
  const terms = { opens_at: at(-1000), closes_at: at(3600_000), cap: 5, deposit_kind: 'refundable', deposit_minor: 30000 };
  await must(await staffPost('/v1/drops/drop_1/reservations/open', { ...terms, balance_due_at: at(7200_000) }), 201);
  const headers = await program.fan();
  await must(await program.post('/v1/drops/drop_1/reservations', undefined, headers), 201);
  const offer = await must(await askToPay('/v1/drops/drop_1/reservation/payment', headers));
  assert.match(offer.number, /^rsv_0*\d+-\d+$/);
  assert.equal(counterpart.payments.get(offer.number).amount.total, 30000);
  const reservation_id = offer.number.replace(/_0+/, '_').replace(/-\d+$/, '');
  await notice({ kind: 'payment', payment_id: 'wechat:deposit', reservation_id, amount: { amount: 30000, currency: 'CNY' } });
  const own = await must(await fetch(`${program.url}/v1/drops/drop_1/reservation`, { headers }));
  assert.equal(own.state, 'reserved');

  // Given up: it is owed back, and its provider gives it back.
  const of = { payment_id: 'wechat:deposit', amount: { amount: 30000, currency: 'CNY' } };
  const early = await staffPost('/v1/refunds', { refund_id: 'too-early', ...of });
  assert.equal((await early.json()).code, 'payment_not_found');
  await must(await program.post('/v1/drops/drop_1/reservation/withdraw', undefined, headers));
  const id = await ask(of);
  await refundIn('done', id);
  assert.deepEqual(counterpart.refunds.get(id), { payment: 'deposit', amount: 30000 });
  const payments = await must(await fetch(`${program.url}/v1/payments?limit=200`, { headers: staff }));
  const { outcome, owed_back, refunded } = payments.data.find((one) => one.payment_id === of.payment_id);
  assert.deepEqual({ outcome, owed_back, refunded }, { outcome: 'deposit', owed_back: 30000, refunded: 30000 });
  const byHand = await staffPost('/v1/refunds/outcomes', { refund_id: id, ...of, outcome: 'done' });
  assert.equal((await byHand.json()).code, 'refund_by_provider');
});

// ---- Refunds -----------------------------------------------------------------------------------

test('each provider gives money back that is asked for', async () => {
  for (const [provider, currency, minor] of [['wechat', 'CNY', 199900], ['alipay', 'CNY', 199900], ['stripe', 'USD', 29900]]) {
    const of = await owed(provider, currency, minor);
    const id = await ask(of);
    await refundIn('done', id);
    const { payment, amount } = counterpart.refunds.get(id);
    assert.equal(`${provider}:${payment}`, of.payment_id);
    assert.equal(Number(amount), provider === 'alipay' ? minor / 100 : minor);
    assert.equal(counterpart.asked.get(id), 1);
  }
});

test('a refund that is refused is owed again, one that may pass is asked for again', async () => {
  const of = await owed('wechat', 'CNY', 199900);
  counterpart.onRefund = () => ({ httpStatus: 400, code: 'PARAM_ERROR', message: 'no' });
  await refundIn('failed', await ask(of));
  let times = 0;
  counterpart.onRefund = ({ give }) => {
    times += 1;
    if (times === 1) return { httpStatus: 403, code: 'NOT_ENOUGH', message: 'later' };
    give();
    return undefined;
  };
  const id = await ask(of);
  await refundIn('done', id);
  assert.equal(counterpart.asked.get(id), 2);
});

test('Alipay: an answer that was lost is looked up', async () => {
  const of = await owed('alipay', 'CNY', 199900);
  counterpart.onRefund = ({ known, give }) => {
    if (known) return undefined;
    give();
    return { code: '20000', msg: 'Service Currently Unavailable', sub_code: 'aop.unknow-error' };
  };
  const id = await ask(of);
  await refundIn('done', id);
  assert.equal(counterpart.asked.get(id), 2, 'once more, which says N; then the query');
});

test('a program that is killed between request and answer asks again, and money goes back once', async () => {
  for (const [provider, currency, minor] of [['wechat', 'CNY', 199900], ['alipay', 'CNY', 199900], ['stripe', 'USD', 29900]]) {
    const of = await owed(provider, currency, minor);
    let reached;
    const isReached = new Promise((resolve) => (reached = resolve));
    counterpart.onRefund = ({ give }) => {
      give();
      reached();
      return new Promise(() => {}); // It has given the money back, and its answer never comes.
    };
    const id = await ask(of);
    await isReached;
    await program.kill();
    counterpart.onRefund = () => undefined;
    await program.start(config);
    await refundIn('done', id);
    assert.equal(counterpart.asked.get(id), 2);
    assert.equal([...counterpart.refunds].filter(([, one]) => `${provider}:${one.payment}` === of.payment_id).length, 1);
  }
});
