// Fans pay at providers, which a local counterpart plays; staff see what is owed back, have it given back,
// and compare a statement with what was booked.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Counterpart } from '../payments/counterpart.mjs';
import { byTestId, closeBrowser, desktop, must, openBrowser, openConsole, openPage, owner, planDrop, shot, staffDoes, startServer, unique } from './support.mjs';

const hourMs = 3_600_000;
const later = (ms) => new Date(Date.now() + ms).toISOString();

/** Somebody whose binding deposit is paid in a drop that is then cancelled: it is owed twice. */
async function sellerDefaults() {
  const { dropId } = await planDrop({ opensInMs: hourMs });
  await must('POST', `/v1/drops/${dropId}/reservations/open`, {
    opens_at: later(-hourMs),
    closes_at: later(hourMs),
    cap: 3,
    deposit_kind: 'binding',
    deposit_minor: 10_000,
    balance_due_at: later(2 * hourMs),
  });
  const fan = await must('POST', '/demo/sign-in', { name: unique('Li') });
  const headers = () => ({ Authorization: `Bearer ${fan.token}`, 'Idempotency-Key': crypto.randomUUID(), Cookie: '' });
  const { reservation_id } = await must('POST', `/v1/drops/${dropId}/reservations`, undefined, headers());
  await must('POST', '/demo/pay-deposit', { drop_id: dropId }, headers());
  await staffDoes(dropId, 'cancel');
  return reservation_id;
}

/** A shop without a demo, whose providers are the counterpart, with a drop and the address of a fan who is signed in. */
async function openShop(t) {
  const counterpart = new Counterpart();
  await counterpart.listen();
  t.after(() => {
    counterpart.close();
    assert.deepEqual(counterpart.wrong, [], 'every request was right');
  });
  const server = await startServer(t, { settings: (url, file) => counterpart.settings(url, file) });
  let session = {};
  async function send(method, path, body, headers = session) {
    const json = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
    const answer = await fetch(server.url + path, {
      method,
      headers: method === 'POST' ? { ...headers, ...json } : headers,
      body: body && JSON.stringify(body),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer;
  }
  const ask = async (...request) => (await send(...request)).json();
  const token = new URLSearchParams(server.setupUrl.split('?')[1]).get('token');
  const signedIn = await send('POST', '/v1/staff/setup', { token, ...owner });
  const [cookie] = signedIn.headers.getSetCookie()[0].split(';');
  session = { Cookie: cookie };
  const { dropId } = await planDrop({ ask });
  const { key } = await ask('POST', '/v1/api-keys', { name: 'shop' });
  const fan = await ask('POST', '/v1/fan-sessions', { person: 'mei' }, { Authorization: `Bearer ${key}` });
  const [name, value] = cookie.split('=');
  const cookies = [{ name, value, url: server.url, sameSite: 'Strict' }];
  return { counterpart, server: server.url, ask, cookies, fanUrl: `${server.url}/d/${dropId}#token=${fan.token}` };
}

const orderIn = (page, state) => page.locator(`[data-testid="order"][data-state="${state}"]`);

describe('payments', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

  it('of a fan by a code arrive, and go back by the same provider', async (t) => {
    const { counterpart, server, ask, cookies, fanUrl } = await openShop(t);
    const page = await openPage(t, { server });
    await page.goto(fanUrl);
    await byTestId(page, 'buy').click();
    await byTestId(page, 'pay-wechat').click();
    await byTestId(page, 'pay-code').waitFor();
    const [[number]] = counterpart.payments;
    const link = byTestId(page, 'pay-panel').getByRole('link');
    assert.equal(await link.getAttribute('href'), `weixin://wxpay/bizpayurl?pr=${number}`);
    await shot(page, 'fan-pay-code', { fullPage: true });
    const payment = `wechat:${await counterpart.payByWechat(number)}`;
    await orderIn(page, 'paid').waitFor();
    const order = await orderIn(page, 'paid').getAttribute('data-order');

    await ask('POST', `/v1/orders/${order}/returns`, { quantity: 1 });
    const staff = await openPage(t, { server, cookies, viewport: desktop });
    await staff.goto(`${server}/console/#/payments`);
    const owed = byTestId(staff, `owed-${payment}`);
    await owed.filter({ hasText: order }).waitFor();
    await byTestId(staff, `refund-${payment}`).click();
    await staff.getByRole('dialog').getByRole('button', { name: 'Refund' }).click();
    await staff.locator('[data-testid="refunds"] tbody tr').filter({ hasText: payment }).filter({ hasText: 'done' }).waitFor();
    assert.deepEqual([...counterpart.refunds.values()], [{ payment: payment.slice('wechat:'.length), amount: 199_900 }]);
  });

  it('of a fan on the provider’s page arrive, and the fan comes back to the order', async (t) => {
    const { counterpart, server, fanUrl } = await openShop(t);
    const page = await openPage(t, { server, hosts: [counterpart.url] });
    await page.goto(fanUrl);
    await byTestId(page, 'buy').click();
    await byTestId(page, 'pay-stripe').click();
    await page.waitForURL(`${counterpart.url}/c/pay/*`);
    await page.getByRole('button', { name: 'Pay' }).click();
    await page.waitForURL(`${server}/d/*`);
    await orderIn(page, 'paid').waitFor();
  });

  it('give a deposit back twice after the default of the seller', async (t) => {
    const reservation = await sellerDefaults();
    const page = await openConsole(t, '#/payments');
    const owed = page.locator('[data-testid="owed"] tbody tr').filter({ hasText: new RegExp(`${reservation}(?!\\d)`) });
    const refund = page.locator('[data-testid="refunds"] tbody tr').filter({ hasText: new RegExp(`penalty:${reservation}(?!\\d)`) });
    await owed.nth(1).waitFor();
    assert.equal(await owed.count(), 2);
    await shot(page, 'console-payments-owed', { fullPage: true });
    await byTestId(page, `refund-penalty:${reservation}`).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Refund' }).click();
    await refund.getByRole('button', { name: 'Paid out' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Paid out' }).click();
    await refund.filter({ hasText: 'done' }).waitFor();
    assert.equal(await owed.count(), 1, 'the deposit itself is still owed');
  });

  it('compare a statement with what was booked', async (t) => {
    const page = await openConsole(t, '#/payments');
    const id = unique('nobody-knows');
    const csv = `kind,payment_id,refund_id,amount,currency\npayment,${id},,1.00,CNY\n`;
    await byTestId(page, 'statement').setInputFiles({ name: 'day.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await byTestId(page, 'reconcile').click();
    await byTestId(page, 'compared').waitFor();
    const row = page.locator('[data-testid="difference"][data-kind="payment_not_booked"]').filter({ hasText: id });
    await row.waitFor();
    await shot(page, 'console-reconciliation', { fullPage: true });
  });
});
