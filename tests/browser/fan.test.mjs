// The fan page in Chromium, against a running server in demo mode.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  api,
  buyElsewhere,
  byTestId,
  closeBrowser,
  desktop,
  eventually,
  joinAs,
  noteStages,
  openBrowser,
  openPage,
  planDrop,
  shot,
  stageIs,
  stagesOf,
  staffDoes,
  status,
  unique,
  url,
} from './support.mjs';

const ordersUrl = /\/v1\/drops\/[^/]+\/orders$/;

/** Keeps the page from hearing of anything that happens to the drop from now on. */
async function freeze(page, dropId, change = () => {}) {
  const known = await status(dropId);
  change(known);
  await page.route(`**/v1/drops/${dropId}/events`, (route) => route.abort());
  await page.route(`**/v1/drops/${dropId}`, (route) => route.fulfill({ json: known }));
}

/** Makes the page believe that the server's clock is ahead of what it is. */
const hurry = (page, byMs) =>
  page.route('**/v1/time', async (route) => {
    const { server_time } = await (await route.fetch()).json();
    await route.fulfill({ json: { server_time: new Date(Date.parse(server_time) + byMs).toISOString() } });
  });

/** A fan's device, and what the tests look for on it. */
async function visit(t, options) {
  const page = await openPage(t, options);
  return {
    page,
    see: (id) => byTestId(page, id),
    order: (state) => page.locator(`[data-testid="order"][data-state="${state}"]`),
  };
}

// Each test waits most of its time.
describe('fan page', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

  it('counts down by the server’s clock on a device three hours ahead, and opens at the moment', async (t) => {
    const { page, see } = await visit(t);
    await noteStages(page);
    await page.addInitScript(() => {
      const Real = Date;
      const shift = 3 * 3_600_000;
      globalThis.Date = class extends Real {
        constructor(...args) {
          if (args.length === 0) super(Real.now() + shift);
          else super(...args);
        }
        static now() {
          return Real.now() + shift;
        }
      };
    });
    const { dropId, opensAt } = await planDrop({ opensInMs: 6_000 });
    await joinAs(page, dropId);
    await stageIs(page, 'countdown');
    const shown = /^00:0(\d)$/.exec((await see('countdown').textContent()).trim());
    const { body: time } = await api('GET', '/v1/time');
    const left = (Date.parse(opensAt) - Date.parse(time.server_time)) / 1000;
    assert.ok(shown !== null && Math.abs(Number(shown[1]) - left) <= 1.5, `${shown?.[0]} with ${left} s left`);
    await see('device-clock').waitFor();
    assert.equal(await see('buy').isDisabled(), true);
    await see('language-zh').click();
    await stageIs(page, 'open');
    const stages = await stagesOf(page);
    const opened = stages.find(({ stage }) => stage === 'opening' || stage === 'open');
    const late = opened.at - Date.parse(opensAt);
    const stalledMs = await page.evaluate(() => globalThis.stalledMs);
    assert.ok(late > -200 && late < 200 + stalledMs, `opened ${late} ms after the moment, stalled for ${stalledMs} ms`);
    assert.equal(await see('buy').isEnabled(), true);
    assert.match(await see('spoken').innerText(), /已经开售/);
    await shot(page, 'fan-open');
  });

  it('shows what is to come before the opening', async (t) => {
    const { page, see } = await visit(t);
    const { dropId } = await planDrop({ opensInMs: 3 * 3_600_000, waves: [{ units: 300 }, { units: 100, release: 'manual' }] });
    await page.goto(`${url}/d/${dropId}`);
    await stageIs(page, 'countdown');
    assert.match((await see('countdown').textContent()).trim(), /^(03:00:00|02:59:\d\d)$/);
    assert.equal(await see('device-clock').count(), 0, 'this clock is right');
    await shot(page, 'fan-sign-in', { fullPage: true });
    await see('fan-name').fill(unique('Mei'));
    await see('join').click();
    assert.match(await see('buy').innerText(), /Not open yet/);
    await shot(page, 'fan-countdown');
  });

  it('sells one, takes payment, and refuses what is over the limit', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ limit: 1 });
    const name = await joinAs(page, dropId);
    // Another device of the same fan, which does not know yet what the first one buys.
    const other = await visit(t);
    await joinAs(other.page, dropId, name);
    await stageIs(other.page, 'open');
    await other.see('no-orders').waitFor();

    await stageIs(page, 'open');
    await see('buy').click();
    await order('pending_payment').waitFor();
    assert.match(await see('pay-clock').innerText(), /^(15:00|14:5\d)$/);
    await shot(page, 'fan-order', { fullPage: true });

    await other.see('buy').click();
    await other.see('refusal-purchase_limit').waitFor();
    assert.match(await other.see('refusal-purchase_limit').innerText(), /limit is 1 per person/);
    await other.order('pending_payment').waitFor();
    await shot(other.page, 'fan-refused');
    await other.see('language-zh').click();
    assert.match(await other.see('refusal-purchase_limit').innerText(), /每人限购 1 件/);
    await other.see('dismiss').click();
    await other.see('refusal-purchase_limit').waitFor({ state: 'detached' });

    await see('pay').click();
    await order('paid').waitFor();
    assert.equal(await see('buy').isDisabled(), true);
    assert.match(await see('buy').innerText(), /You have your share/);
    const { units } = await status(dropId);
    assert.deepEqual([units.available, units.held, units.sold], [99, 0, 1]);
  });

  // The page hears of nothing, so the button still works and the server has to refuse.
  const refusals = [
    {
      code: 'not_open',
      plan: { opensInMs: 600_000 },
      before: ({ page }) => hurry(page, 601_000),
      en: /Not open yet\s+The sale opens .*\d\d:\d\d/,
      zh: /尚未开售\s+.*\d\d:\d\d.* 开售/,
    },
    {
      code: 'sold_out',
      plan: { waves: [{ units: 1 }] },
      then: (dropId) => buyElsewhere(dropId, { pays: true }),
      en: /Sold out before your turn\s+Nothing was bought/,
      zh: /差一点，已被抢光\s+没有产生订单/,
    },
    {
      code: 'wave_sold_out',
      plan: { waves: [{ units: 1 }, { units: 1, release: 'manual' }] },
      then: (dropId) => buyElsewhere(dropId),
      en: /This batch went before your turn\s+Nothing was bought/,
      zh: /这一批已抢光\s+没有产生订单/,
    },
    {
      code: 'quantity_not_available',
      plan: { waves: [{ units: 2 }], limit: 2 },
      then: async (dropId, { see }) => {
        await buyElsewhere(dropId);
        await see('more').click();
      },
      en: /Not so many are left\s+Nothing was bought/,
      zh: /剩余数量不足\s+没有产生订单/,
    },
    {
      code: 'paused',
      then: (dropId) => staffDoes(dropId, 'pause'),
      en: /The sale is paused\s+Nothing was bought/,
      zh: /发售已暂停\s+没有产生订单/,
    },
    {
      code: 'drop_cancelled',
      then: (dropId) => staffDoes(dropId, 'cancel'),
      en: /This sale was cancelled\s+Nothing was bought/,
      zh: /这场发售已取消\s+没有产生订单/,
    },
    {
      code: 'currency_not_offered',
      change: (known) => known.prices.push({ amount: 25_000, currency: 'EUR' }),
      then: (_, { see }) => see('currency-EUR').click(),
      en: /Not sold in this currency\s+Nothing was bought/,
      zh: /不支持该币种\s+没有产生订单/,
    },
  ];
  for (const { code, plan, change, before, then, en, zh } of refusals) {
    it(`says ${code} in words, in both languages`, async (t) => {
      const device = await visit(t);
      const { page, see, order } = device;
      const { dropId } = await planDrop(plan);
      await freeze(page, dropId, change);
      await before?.(device);
      await joinAs(page, dropId);
      await stageIs(page, 'open', 'opening');
      await then?.(dropId, device);
      await see('buy').click();
      await see(`refusal-${code}`).waitFor();
      assert.match(await see(`refusal-${code}`).innerText(), en);
      await see('language-zh').click();
      assert.match(await see(`refusal-${code}`).innerText(), zh);
      assert.equal(await order('pending_payment').count(), 0);
      await see('dismiss').click();
      await see(`refusal-${code}`).waitFor({ state: 'detached' });
    });
  }

  it('holds a press that came a blink too early, and sends it at the opening', async (t) => {
    const { page, see, order } = await visit(t);
    // Long enough that the shop still waits when a slow browser has come to the press.
    const { dropId, opensAt } = await planDrop({ opensInMs: 20_000 });
    await hurry(page, 20_000);
    await joinAs(page, dropId);
    await stageIs(page, 'opening');
    // A press is held for the last five seconds only.
    await eventually('the last seconds before the opening', () => Date.parse(opensAt) - Date.now() < 4_500);
    await see('buy').click();
    await see('waiting').waitFor();
    assert.match(await see('waiting').innerText(), /A blink too early/);
    await order('pending_payment').waitFor();
  });

  it('does its work before the opening, and buys in the head start', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({
      opensInMs: 12_000,
      more: { proof_bits: 12, proof_head_start_ms: 30_000, pickup: 'by_name' },
    });
    await joinAs(page, dropId);
    await see('proof-ready').waitFor();
    assert.match(await see('proof-ready').innerText(), /Who has not done it comes 30 s later/);
    assert.match(await see('by-name-drop').innerText(), /Only the buyer can pick it up/);
    await shot(page, 'fan-proof', { fullPage: true });
    await see('language-zh').click();
    assert.match(await see('proof-ready').innerText(), /开售即可购买/);
    await stageIs(page, 'open');
    await see('buy').click();
    await order('pending_payment').waitFor();
    assert.match(await order('pending_payment').innerText(), /仅限购买人本人/);
    // It went with the first request: nobody waited for the end of the head start.
    assert.equal(await see('waiting').count(), 0);
  });

  it('works never after the opening, and says what it means that nothing was found', async (t) => {
    const { page, see, order } = await visit(t);
    const headStartMs = 20_000;
    const { dropId, opensAt } = await planDrop({
      opensInMs: 10_000,
      more: { proof_bits: 22, proof_head_start_ms: headStartMs },
    });
    // More work than any device does in time.
    await page.route(`**/v1/drops/${dropId}/proof`, async (route) => {
      const task = await (await route.fetch()).json();
      await route.fulfill({ json: { ...task, bits: 32 } });
    });
    await joinAs(page, dropId);
    await see('proof-working').waitFor();
    await eventually('the work', () => page.workers().length === 1);
    await see('proof-missing').waitFor();
    await eventually('no work any more', () => page.workers().length === 0);
    assert.match(await see('proof-missing').innerText(), /You can buy 20 s after it/);
    await shot(page, 'fan-proof-missing', { fullPage: true });
    await see('language-zh').click();
    assert.match(await see('proof-missing').innerText(), /没有完成计算/);
    await stageIs(page, 'open');
    await see('buy').click();
    await see('waiting').waitFor();
    assert.match(await see('waiting').innerText(), /完成计算的设备优先/);
    await order('pending_payment').waitFor();
    assert.ok(Date.now() >= Date.parse(opensAt) + headStartMs, 'after the head start of others');
  });

  it('keeps counting down while sales are paused, and warns in both languages', async (t) => {
    const { page, see } = await visit(t);
    const { dropId } = await planDrop({ opensInMs: 25_000 });
    await joinAs(page, dropId);
    await stageIs(page, 'countdown');
    assert.equal(await see('explanation').count(), 0);
    await staffDoes(dropId, 'pause');
    await see('explanation').waitFor();
    assert.match(await see('explanation').innerText(), /paused this sale/);
    assert.equal(await see('state').innerText(), 'Paused');
    assert.match(await see('spoken').innerText(), /paused this sale/);
    await see('language-zh').click();
    assert.match(await see('explanation').innerText(), /暂停了这场发售/);
    await shot(page, 'fan-paused-early');
    await stageIs(page, 'paused');
    assert.equal(await see('buy').isDisabled(), true);
    await staffDoes(dropId, 'resume');
    await stageIs(page, 'open');
    assert.equal(await see('buy').isEnabled(), true);
  });

  it('does not call a first batch gone that was never on sale', async (t) => {
    const { page, see } = await visit(t);
    const { dropId } = await planDrop({ waves: [{ units: 1, release: 'manual' }, { units: 1, release: 'manual' }] });
    await joinAs(page, dropId);
    await stageIs(page, 'unreleased');
    assert.match(await see('explanation').innerText(), /first batch is still to come/);
    assert.equal(await see('buy').isDisabled(), true);
    await shot(page, 'fan-unreleased');
    await see('language-zh').click();
    assert.match(await see('explanation').innerText(), /第一批还没有放出/);
    await staffDoes(dropId, 'waves/1/release');
    await stageIs(page, 'open');
    await see('buy').click();
    await stageIs(page, 'between');
    assert.match(await see('explanation').innerText(), /这一批已抢光/);
  });

  it('lets a held order of a cancelled sale be paid, and says so', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ limit: 2 });
    await joinAs(page, dropId);
    await stageIs(page, 'open');
    await see('buy').click();
    await order('pending_payment').waitFor();
    await staffDoes(dropId, 'cancel');
    await stageIs(page, 'cancelled');
    assert.match(await see('explanation').innerText(), /still reserved can be paid until its time is over/);
    await see('cancel-order').click();
    await page.getByText('You cannot get it again').waitFor();
    await see('confirm-no').click();
    await see('language-zh').click();
    assert.match(await see('explanation').innerText(), /在付款时限内还可以付款/);
    await shot(page, 'fan-cancelled', { fullPage: true });
    await see('pay').click();
    await order('paid').waitFor();
  });

  it('buys several up to the limit', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ limit: 3 });
    await joinAs(page, dropId);
    await stageIs(page, 'open');
    await see('more').click();
    await see('more').click();
    assert.equal(await see('quantity').innerText(), '3');
    assert.equal(await see('more').isDisabled(), true);
    await see('fewer').click();
    assert.match(await see('buy').innerText(), /¥3,998\.00/);
    await see('buy').click();
    await order('pending_payment').waitFor();
    assert.match(await order('pending_payment').innerText(), /2 ×/);
    assert.equal(await see('more').count(), 1, 'one more is allowed');
  });

  it('cancels after asking, and the unit is back on sale', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ waves: [{ units: 1 }] });
    await joinAs(page, dropId);
    await stageIs(page, 'open');
    await see('buy').click();
    await order('pending_payment').waitFor();
    await stageIs(page, 'taken');
    await see('cancel-order').click();
    await see('confirm-no').click();
    await order('pending_payment').waitFor();
    await see('cancel-order').click();
    await see('confirm-yes').click();
    await order('cancelled').waitFor();
    await stageIs(page, 'open');
    assert.equal(await see('buy').isEnabled(), true);
  });

  it('shows an order that was not paid in time as expired, and sells the unit again', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ waves: [{ units: 1 }], windowSeconds: 4 });
    await joinAs(page, dropId);
    await stageIs(page, 'open');
    await see('buy').click();
    await stageIs(page, 'taken');
    await order('expired').waitFor();
    await stageIs(page, 'open');
    await see('buy').click();
    await eventually('a second order', async () => (await see('order').count()) === 2);
  });

  it('makes one order when the first answer is lost on the way', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ limit: 5 });
    await joinAs(page, dropId);
    await stageIs(page, 'open');
    const keys = [];
    await page.route(ordersUrl, async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      await route.fetch();
      await route.abort('connectionreset');
    });
    await see('buy').click();
    await order('pending_payment').waitFor();
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    assert.equal((await status(dropId)).units.held, 1);
  });

  it('carries an unanswered order over a reload, under its own key', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ limit: 5 });
    await joinAs(page, dropId);
    await stageIs(page, 'open');
    const keys = [];
    await page.route(ordersUrl, async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      // The server acts; its answer never arrives, and the buyer reloads.
      await route.fetch();
    });
    await see('buy').click();
    await eventually('the order at the server', async () => (await status(dropId)).units.held === 1);
    await page.reload();
    await order('pending_payment').waitFor();
    await eventually('the second attempt', () => keys.length === 2);
    assert.equal(keys[0], keys[1]);
    assert.equal((await status(dropId)).units.held, 1);
    assert.equal(await page.evaluate((id) => sessionStorage.getItem(`firebrand.intent.${id}`), dropId), null);
  });

  it('says that the shop is busy, waits as asked, and buys', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop();
    await joinAs(page, dropId);
    await stageIs(page, 'open');
    const times = [];
    await page.route(ordersUrl, async (route) => {
      times.push(Date.now());
      if (times.length > 1) return route.continue();
      await route.fulfill({
        status: 503,
        headers: { 'Retry-After': '2' },
        contentType: 'application/problem+json',
        body: JSON.stringify({ type: '/problems/overloaded', code: 'overloaded', status: 503, title: 'Too busy' }),
      });
    });
    await see('buy').click();
    await see('waiting').waitFor();
    assert.match(await see('waiting').innerText(), /very busy/);
    await shot(page, 'fan-busy');
    await order('pending_payment').waitFor();
    assert.ok(times[1] - times[0] >= 2_000, `came back after ${times[1] - times[0]} ms`);
  });

  it('falls back to asking when the event stream does not get through', async (t) => {
    const { page } = await visit(t);
    const { dropId } = await planDrop();
    await page.route(/\/events$/, (route) => route.abort());
    await page.goto(`${url}/d/${dropId}`);
    await stageIs(page, 'open');
    await page.locator('[data-testid="drop"][data-source="poll"]').waitFor();
    await staffDoes(dropId, 'pause');
    await stageIs(page, 'paused');
    await page.unroute(/\/events$/);
    await page.locator('[data-testid="drop"][data-source="stream"]').waitFor({ timeout: 30_000 });
  });

  it('follows units that others take, live', async (t) => {
    const { page, see } = await visit(t);
    const { dropId } = await planDrop();
    await page.goto(`${url}/d/${dropId}`);
    await page.locator('[data-testid="drop"][data-source="stream"][data-stage="open"]').waitFor();
    await buyElsewhere(dropId);
    await eventually('99 left', async () => (await see('units-left').innerText()) === '99');
    assert.equal(await see('drop').getAttribute('data-source'), 'stream');
  });

  it('takes the shop’s token from the address and hides it at once', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop();
    const { body: fan } = await api('POST', '/demo/sign-in', { name: unique('Zhao') });
    await page.goto(`${url}/d/${dropId}#token=${fan.token}`);
    await see('buy').waitFor();
    assert.equal(new URL(page.url()).hash, '');
    await page.reload();
    await see('buy').waitFor();
    await stageIs(page, 'open');
    await see('buy').click();
    await order('pending_payment').waitFor();
    await see('sign-out').click();
    await see('fan-name').waitFor();
    assert.equal(await order('pending_payment').count(), 0, 'orders leave with their owner');
  });

  it('signs out when the server no longer knows the token', async (t) => {
    const { page, see } = await visit(t);
    const { dropId } = await planDrop();
    await page.goto(`${url}/d/${dropId}#token=fbs_not_a_token`);
    await see('session-ended').waitFor();
  });

  it('is usable without a mouse', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop();
    await page.goto(`${url}/d/${dropId}`);
    await see('fan-name').focus();
    await page.keyboard.type(unique('Sun'));
    await page.keyboard.press('Enter');
    await see('buy').waitFor();
    await stageIs(page, 'open');
    await eventually('focus on the button', async () => {
      await page.keyboard.press('Tab');
      return page.evaluate(() => document.activeElement?.dataset.testid === 'buy');
    });
    await page.keyboard.press('Enter');
    await order('pending_payment').waitFor();
    await see('cancel-order').focus();
    await page.keyboard.press('Enter');
    await see('confirm-no').waitFor();
    await page.keyboard.press('Escape');
    await order('pending_payment').waitFor();
  });

  it('costs a phone less than 46 KiB', async () => {
    const html = await (await fetch(`${url}/`)).text();
    const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]);
    assert.ok(assets.length >= 2, 'script and style are files of their own');
    assert.doesNotMatch(html, /<style|style=|<script(?![^>]*\bsrc=)/, 'nothing is inline');
    const bodies = await Promise.all(assets.map(async (path) => (await fetch(url + path)).text()));
    const bytes = [html, ...bodies].reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0);
    assert.ok(bytes < 46 * 1024, `${bytes} bytes gzipped`);
  });

  it('says what a wrong address means', async (t) => {
    const { page, see } = await visit(t);
    await page.goto(`${url}/d/drop_999999`);
    await see('missing').waitFor();
    await see('newest').click();
    await see('product').waitFor();
  });

  it('speaks the browser’s language first', async (t) => {
    const { page, see } = await visit(t, { locale: 'zh-CN', viewport: desktop });
    await page.goto(`${url}/`);
    await see('product').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hans');
    assert.match(await see('join').innerText(), /参加发售/);
  });
});
