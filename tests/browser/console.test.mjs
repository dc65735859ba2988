// The console in Chromium, against a running server in demo mode.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  api,
  buyElsewhere,
  byTestId,
  closeBrowser,
  desktop,
  eventually,
  fits,
  inView,
  joinAs,
  live,
  openConsole,
  openBrowser,
  openPage,
  owner,
  phone,
  planDrop,
  shot,
  signInStaff,
  staffDoes,
  stageIs,
  unique,
  url,
} from './support.mjs';

const whole = (text) => Number(text.replace(/\D/g, ''));

/** A page of the console, and what the tests look for on it. */
async function visit(t, hash) {
  const page = await openConsole(t, hash);
  return {
    page,
    see: (id) => byTestId(page, id),
    count: async (id) => whole(await byTestId(page, id).innerText()),
    isIn: (state) => page.locator(`[data-testid="live"][data-state="${state}"]`).waitFor(),
  };
}

async function signInByForm(page, password = owner.password) {
  await byTestId(page, 'field-login').fill(owner.login);
  await byTestId(page, 'field-password').fill(password);
  await byTestId(page, 'sign-in-submit').click();
}

// The crowd takes half a minute, most of it waiting; meanwhile the other tests run beside it.
describe('console', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

  it('moves while a crowd buys, and every unit stays in exactly one state', async (t) => {
    const { dropId, total } = await planDrop({ waves: [{ units: 300 }, { units: 100, release: 'manual' }] });
    const { page, see, count, isIn } = await visit(t, `#/drops/${dropId}`);
    await isIn('open');
    assert.equal(await count('units-available'), 300);
    await see('field-fans').fill('600');
    await see('field-duration_seconds').fill('0');
    await see('crowd-send').click();
    assert.match(await see('error-duration_seconds').innerText(), /600/);
    await see('field-duration_seconds').fill('20');
    await see('crowd-send').click();
    await see('crowd-running').waitFor();
    assert.equal(await see('crowd-send').isDisabled(), true);
    await eventually('orders in the live figures', async () => (await count('units-available')) < 300);

    // Readings of the whole page at one moment each: between two, units move on.
    const states = ['sold', 'held', 'available', 'unreleased', 'withdrawn'];
    const read = () =>
      page.evaluate((ids) => {
        const number = (id) => Number(document.querySelector(`[data-testid="${id}"]`).textContent.replace(/\D/g, ''));
        return { units: ids.map((id) => number(`units-${id}`)), rate: number('chart-rate-1') };
      }, states);
    const readings = [];
    // However late the page gets to run, units go on being sold for some seconds.
    const sold = () => readings.map(({ units }) => units[0]);
    await eventually('the wave gone, units sold in steps, and so many per second', async () => {
      readings.push(await read());
      const gone = readings.at(-1).units[2] === 0;
      return gone && new Set(sold()).size >= 3 && readings.some(({ rate }) => rate > 0);
    });
    for (const { units } of readings) {
      assert.equal(units.reduce((sum, n) => sum + n, 0), total, `${states.join()} = ${units.join()}`);
    }
    assert.ok(sold().every((n, i) => i === 0 || n >= sold()[i - 1]), `sold went ${sold().join()}`);

    await eventually('an order in the table', async () => (await see('orders').locator('tbody tr').count()) > 0);
    await see('refusal-wave_sold_out').waitFor();
    await shot(page, 'console-live', { fullPage: true });

    await see('crowd-report').waitFor({ timeout: 90_000 });
    assert.equal(await see('crowd-report').getAttribute('data-passed'), 'true', await see('crowd-report').innerText());
    assert.match(await see('crowd-verdict').innerText(), /Every promise kept: [\d,]+ orders/);
    assert.equal(await count('crowd-fans'), 600);
    const { units, orders, refusals } = await live(dropId);
    await eventually('the server’s last figures', async () => (await count('units-sold')) === units.sold);
    assert.equal(await count('crowd-paid'), orders.paid);
    for (const reason of ['purchase_limit', 'wave_sold_out']) {
      assert.ok(refusals[reason] > 0);
      assert.equal(whole(await see(`refusal-${reason}`).locator('.number').innerText()), refusals[reason], reason);
    }
    // No event comes any more, and the rate falls all the same.
    await eventually('nothing sold per second', async () => (await count('chart-rate-1')) === 0);
    await shot(page, 'console-report', { fullPage: true });
    await see('language-zh').click();
    assert.match(await see('crowd-verdict').innerText(), /承诺全部兑现/);
    await page.getByRole('heading', { name: '各状态件数' }).waitFor();
  });

  it('signs in with the right password only, and out again', async (t) => {
    await signInStaff();
    const page = await openPage(t, { viewport: phone });
    const see = (id) => byTestId(page, id);
    await page.goto(`${url}/console/`);
    await see('sign-in-submit').waitFor();
    await fits(page, 'the sign-in');
    await page.setViewportSize(desktop);
    await shot(page, 'console-sign-in');
    await signInByForm(page, 'certainly not this');
    await see('error-password').waitFor();
    await signInByForm(page);
    await see('who').waitFor();
    assert.match(await see('who').innerText(), new RegExp(owner.login));
    await page.reload();
    await see('who').waitFor();
    await see('sign-out').click();
    await see('sign-in-submit').waitFor();
    await page.reload();
    await see('sign-in-submit').waitFor();
  });

  it('makes a product, stock, a launch and a drop with its forms', async (t) => {
    const { page, see, count } = await visit(t, '');
    const code = unique('handset');
    await see('nav-catalogue').click();
    const sku = page.locator('[data-testid="new-sku"]');
    await sku.locator('[data-testid="field-code"]').fill(code);
    await sku.locator('[data-testid="field-name/zh"]').fill('第二部手机');
    await sku.locator('[data-testid="field-name/en"]').fill('Second Phone');
    await sku.locator('[data-testid="field-prices/0/amount"]').fill('two thousand');
    await see('create-sku').click();
    await sku.locator('[data-testid="error-prices/0/amount"]').waitFor();
    await sku.locator('[data-testid="field-prices/0/amount"]').fill('2,499.00');
    await see('create-sku').click();
    await see(`sku-${code}`).waitFor();
    assert.match(await see(`sku-${code}`).innerText(), /¥2,499\.00/);

    const stock = page.locator('[data-testid="receive-stock"]');
    await stock.locator('[data-testid="field-sku_id"]').selectOption({ label: `Second Phone (${code})` });
    await stock.locator('[data-testid="field-quantity"]').fill('500');
    await see('receive').click();
    await stock.locator('[data-testid="form-success"]').waitFor();

    const launch = page.locator('[data-testid="new-launch"]');
    await see('create-launch').click();
    await launch.locator('[data-testid="error-name/zh"]').waitFor();
    await shot(page, 'console-catalogue');
    const launchCode = unique('second');
    await launch.locator('[data-testid="field-code"]').fill('x'.repeat(65));
    await launch.locator('[data-testid="field-name/zh"]').fill('第二次发布');
    await launch.locator('[data-testid="field-name/en"]').fill('Second Light');
    await see('create-launch').click();
    // This one the server has to say.
    assert.match(await launch.locator('[data-testid="error-code"]').innerText(), /64/);
    await launch.locator('[data-testid="field-code"]').fill(launchCode);
    await see('create-launch').click();
    await see(`launch-${launchCode}`).waitFor();

    await see('nav-drops').click();
    await page.locator('main').click({ position: { x: 4, y: 4 } });
    await page.keyboard.press('n');
    await see('new-drop-form').waitFor();
    await see('field-launch_id').selectOption({ label: `Second Light (${launchCode})` });
    await see('field-sku_id').selectOption({ label: `Second Phone (${code})` });
    await see('in-10').click();
    await see('field-waves/0/units').fill('many');
    await see('create-drop').click();
    await see('error-code').waitFor();
    await see('field-code').fill(unique('drop'));
    await see('error-waves/0/units').waitFor();
    await see('field-waves/0/units').fill('400');
    await see('add-wave').click();
    await see('field-waves/1/units').fill('100');
    await see('field-waves/1/release').selectOption('manual');
    await see('field-payment_window_seconds').fill('10081');
    await see('create-drop').click();
    assert.match(await see('error-payment_window_seconds').innerText(), /From 1 to 10,080/);
    await shot(page, 'console-new-drop');
    await see('field-payment_window_seconds').fill('10080');
    await see('create-drop').click();
    await see('live').waitFor();
    assert.equal(await count('units-total'), 500);
    assert.equal(await count('units-unreleased'), 500);
    assert.equal(await see('live').getAttribute('data-state'), 'scheduled');
  });

  it('filters orders by state and pages on by cursor', async (t) => {
    const { dropId } = await planDrop();
    for (let i = 0; i < 15; i += 1) await buyElsewhere(dropId, { pays: i < 3 });
    const listed = async (state) => (await api('GET', `/v1/orders?drop_id=${dropId}&state=${state}`)).body.data.length;
    await eventually('lists that have followed', async () => (await listed('paid')) === 3 && (await listed('pending_payment')) === 12);
    const { page, see } = await visit(t, `#/drops/${dropId}`);
    const rows = see('orders').locator('tbody tr');
    const states = () => rows.evaluateAll((all) => all.map((row) => row.dataset.state));
    await eventually('a first page', async () => (await rows.count()) === 12);
    await see('orders-more').click();
    await eventually('all orders', async () => (await rows.count()) === 15);
    const ids = await see('orders').locator('tbody tr td:first-child').allInnerTexts();
    assert.equal(new Set(ids).size, 15, 'no order is shown twice');
    await see('order-filter').selectOption('paid');
    await eventually('only paid orders', async () => (await states()).join() === 'paid,paid,paid');
    await see('order-filter').selectOption('');
    await eventually('all states again', async () => (await rows.count()) >= 12);
    await shot(page, 'console-orders', { fullPage: true });
  });

  it('releases a wave by hand, after asking', async (t) => {
    const { dropId } = await planDrop({ waves: [{ units: 300 }, { units: 100, release: 'manual' }] });
    const { page, see, count, isIn } = await visit(t, `#/drops/${dropId}`);
    await isIn('open');
    assert.equal(await count('units-unreleased'), 100);
    await see('release-2').click();
    await see('confirm-no').click();
    await see('confirm-no').waitFor({ state: 'detached' });
    assert.equal((await live(dropId)).units.unreleased, 100);
    await see('release-2').click();
    await shot(page, 'console-confirm');
    await see('confirm-yes').click();
    await page.locator('[data-testid="wave-2"][data-state="released"]').waitFor();
    await eventually('the wave on sale', async () => (await count('units-available')) === 400);
    assert.equal(await count('units-unreleased'), 0);
  });

  it('pauses and resumes, and fans see it without a reload', async (t) => {
    const { dropId } = await planDrop();
    const fan = await openPage(t);
    await joinAs(fan, dropId);
    await stageIs(fan, 'open');
    const { page, see, count, isIn } = await visit(t, `#/drops/${dropId}`);
    await isIn('open');
    await page.keyboard.press('p');
    await see('confirm-yes').click();
    await isIn('paused');
    await stageIs(fan, 'paused');
    assert.equal(await byTestId(fan, 'buy').isDisabled(), true);
    await shot(fan, 'fan-paused');
    await page.keyboard.press('p');
    await see('confirm-yes').click();
    await stageIs(fan, 'open');
    assert.equal(await byTestId(fan, 'buy').isEnabled(), true);

    await see('cancel-drop').click();
    await see('confirm-yes').click();
    await isIn('cancelled');
    await stageIs(fan, 'cancelled');
    await eventually('units withdrawn', async () => (await count('units-withdrawn')) === 100);
  });

  it('pauses and resumes a drop that has yet to open', async (t) => {
    const { dropId } = await planDrop({ opensInMs: 3_600_000 });
    const { page, see, isIn } = await visit(t, `#/drops/${dropId}`);
    await isIn('scheduled');
    assert.equal(await see('paused-warning').count(), 0);
    await see('pause').click();
    await see('confirm-yes').click();
    await see('paused-warning').waitFor();
    await isIn('scheduled');
    assert.match(await see('paused-warning').innerText(), /nobody can buy until you resume/);
    assert.equal((await live(dropId)).pausing, 'paused');
    await shot(page, 'console-paused-early');
    await see('nav-drops').click();
    await see(`drop-${dropId}`).locator('[data-state="paused"]').waitFor();
    await see(`watch-${dropId}`).click();
    await see('language-zh').click();
    assert.match(await see('paused-warning').innerText(), /恢复之前没有人能购买/);
    await page.keyboard.press('p');
    await see('confirm-yes').click();
    await see('pause').waitFor();
    assert.equal(await see('paused-warning').count(), 0);
    assert.equal((await live(dropId)).pausing, 'running');
  });

  it('shows an API key’s secret once, and revokes it', async (t) => {
    const { page, see } = await visit(t, '#/keys');
    const name = unique('shop');
    await see('field-name').fill(name);
    await see('create-key').click();
    const secret = await see('secret').innerText();
    assert.match(secret, /^fbk_/);
    await shot(page, 'console-keys');
    const session = () =>
      api('POST', '/v1/fan-sessions', { person: unique('p') }, { Authorization: `Bearer ${secret}`, Cookie: '' });
    assert.equal((await session()).status, 201);
    await see('secret-done').click();
    const row = see('keys').locator('tr', { hasText: name });
    await row.waitFor();
    await page.reload();
    await row.waitFor();
    assert.ok(!(await page.content()).includes(secret), 'the secret is not shown again');
    await row.locator('[data-testid^="rotate-"]').click();
    await see('confirm-yes').click();
    await row.locator('[data-testid="old-until"]').waitFor();
    await row.locator('[data-testid^="revoke-"]').click();
    await see('confirm-yes').click();
    await row.locator('[data-state="revoked"]').waitFor();
    assert.equal((await session()).status, 401);
  });

  it('adds an endpoint, tests it, and tries its dead letters again', async (t) => {
    const { page, see } = await visit(t, '#/webhooks');
    const note = unique('order system');
    await see('field-url').fill('ftp://shop.invalid/hooks');
    await see('add-webhook').click();
    assert.match(await see('error-url').innerText(), /https/);
    // A name that leads nowhere: every call fails.
    await see('field-url').fill('https://shop.invalid/hooks');
    await see('field-note').fill(note);
    await see('field-types').fill('org.firebrand.api_key_added');
    await see('add-webhook').click();
    const secret = await see('secret').innerText();
    assert.match(secret, /^whsec_/);
    await see('secret-done').click();
    const row = see('webhooks').locator('tr', { hasText: note });
    await row.waitFor();
    await shot(page, 'console-webhooks');
    await row.getByRole('link').click();
    await see('test-webhook').click();
    await see('test-sent').waitFor();
    await see('attempts').locator('tr', { hasText: 'org.firebrand.test' }).waitFor();
    assert.equal((await api('POST', '/v1/api-keys', { name: unique('told') })).status, 201);
    await see('dead-letters').locator('tbody tr').first().waitFor();
    await see('language-zh').click();
    await shot(page, 'console-webhook', { fullPage: true });
    await see('language-en').click();
    await see('retry-all').click();
    await eventually('the letter away, and dead again', async () => (await see('dead').innerText()) === '1');
    await see('rotate-webhook').click();
    await see('confirm-yes').click();
    assert.notEqual(await see('secret').innerText(), secret);
    await see('pause-webhook').click();
    await see('resume-webhook').waitFor();
    await see('resume-webhook').click();
    await see('pause-webhook').waitFor();
    await see('remove-webhook').click();
    await see('confirm-yes').click();
    await see('add-webhook').waitFor();
    await eventually('the endpoint gone', async () => (await page.locator('tr', { hasText: note }).count()) === 0);
  });

  it('tells the owner who paused a drop, and what else was done', async (t) => {
    const { dropId } = await planDrop();
    await staffDoes(dropId, 'pause');
    const { page, see } = await visit(t, '');
    await see('nav-trail').click();
    const about = page.getByRole('link', { name: dropId, exact: true });
    const entry = page.locator('[data-testid="trail-entry"][data-operation="pause_drop"]').filter({ has: about });
    await entry.waitFor();
    assert.match(await entry.innerText(), new RegExp(`${owner.login}\\s+Paused a drop`));
    await shot(page, 'console-trail');
    await see('trail-operation').selectOption('open_session');
    await entry.waitFor({ state: 'detached' });
    await page.locator('[data-testid="trail-entry"][data-operation="open_session"]').first().waitFor();
    await see('trail-from').fill('2099-01-01T00:00');
    await see('trail-none').waitFor();
    await see('language-zh').click();
    await page.getByRole('heading', { name: '操作记录' }).waitFor();
  });

  it('remembers language, theme and time zone, each by itself', async (t) => {
    await planDrop();
    const { page, see } = await visit(t, '#/drops');
    await see('drops').waitFor();
    await shot(page, 'console-drops');
    await see('language-zh').click();
    await see('theme').click();
    await see('theme').click();
    await see('time-zone').selectOption('Europe/Berlin');
    await page.reload();
    await see('drops').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hans');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    assert.equal(await see('time-zone').inputValue(), 'Europe/Berlin');
    await see('language-en').click();
    assert.equal(await see('time-zone').inputValue(), 'Europe/Berlin');
  });

  it('fits a phone, in both languages', async (t) => {
    const { dropId } = await planDrop({ waves: [{ units: 300 }, { units: 100, release: 'manual' }] });
    await buyElsewhere(dropId);
    const { page, see } = await visit(t, '');
    await page.setViewportSize(phone);
    for (const [hash, ready] of [
      ['#/drops', 'drops'],
      [`#/drops/${dropId}`, 'release-2'],
      ['#/drops/new', 'new-drop-form'],
      ['#/catalogue', 'new-sku'],
      ['#/keys', 'create-key'],
      ['#/webhooks', 'add-webhook'],
      ['#/trail', 'trail'],
    ]) {
      await page.goto(`${url}/console/${hash}`);
      await see(ready).waitFor();
      for (const language of ['zh', 'en']) {
        await see(`language-${language}`).click();
        await fits(page, `${hash} in ${language}`);
        if (ready === 'release-2') await inView(see(ready), `the button to release in ${language}`);
      }
    }
  });

  it('says so when the session ends elsewhere', async (t) => {
    const { dropId } = await planDrop();
    const page = await openPage(t, { viewport: desktop });
    await page.goto(`${url}/console/#/drops/${dropId}`);
    await signInByForm(page);
    await page.locator('[data-testid="live"][data-state="open"]').waitFor();
    const [session] = await page.context().cookies();
    assert.equal((await api('POST', '/v1/staff/sign-out', undefined, { Cookie: `${session.name}=${session.value}` })).status < 300, true);
    // Its stream ends with the session, and it finds out without a click.
    await byTestId(page, 'sign-in-submit').waitFor();
    assert.equal((await live(dropId)).state, 'open');
  });
});
