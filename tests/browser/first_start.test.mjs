// What a stranger does first: a fresh server whose drop opens in a moment, each test with one of its own.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { byTestId, closeBrowser, desktop, eventually, noteStages, openBrowser, openPage, owner, shot, stageIs, startServer, stagesOf, unique } from './support.mjs';

const order = (page, state) => page.locator(`[data-testid="order"][data-state="${state}"]`);

async function join(page, server) {
  await page.goto(`${server.url}/`);
  await byTestId(page, 'fan-name').fill(unique('Mei'));
  await byTestId(page, 'join').click();
  await byTestId(page, 'buy').waitFor();
}

describe('first start', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

  it('takes a fan from the countdown to the paid order, and tells the next one that all is gone', async (t) => {
    const server = await startServer(t, { opens: '+25s', units: 1 });
    const page = await openPage(t, { server: server.url });
    const late = await openPage(t, { server: server.url, viewport: desktop, locale: 'zh-CN' });
    await Promise.all([noteStages(page), noteStages(late)]);
    await Promise.all([join(page, server), join(late, server)]);
    assert.equal(await byTestId(page, 'product').innerText(), 'First Phone');
    assert.equal(await byTestId(late, 'product').innerText(), '第一部手机');

    await Promise.all([page, late].map((fan) => stageIs(fan, 'open')));
    for (const fan of [page, late]) {
      const seen = (await stagesOf(fan)).map(({ stage }) => stage);
      assert.match(seen.join(), /^(loading,)?countdown,(opening,)?open$/);
    }
    assert.equal(await byTestId(late, 'units-left').innerText(), '1');

    await byTestId(page, 'buy').click();
    await order(page, 'pending_payment').waitFor();
    const clock = async () => {
      const [minutes, seconds] = (await byTestId(page, 'pay-clock').innerText()).split(':').map(Number);
      return minutes * 60 + seconds;
    };
    const first = await clock();
    assert.ok(first > 890 && first <= 900, `${first} s to pay`);
    await eventually('a clock that runs', async () => (await clock()) < first);
    await stageIs(late, 'taken');
    assert.equal(await byTestId(late, 'buy').isDisabled(), true);

    await byTestId(page, 'pay').click();
    await order(page, 'paid').waitFor();
    await stageIs(page, 'sold_out');
    await stageIs(late, 'sold_out');
    assert.match(await byTestId(late, 'state').innerText(), /已售罄/);
    assert.match(await byTestId(late, 'explanation').innerText(), /每一件都有了主人/);
    assert.equal(await byTestId(late, 'buy').isDisabled(), true);
    await shot(page, 'fan-paid', { fullPage: true });
    await shot(late, 'fan-sold-out');
  });

  it('carries a fan over a crash of the server: stream, sign-in, order in flight', async (t) => {
    const server = await startServer(t, { opens: '+1s' });
    const page = await openPage(t, { server: server.url });
    await join(page, server);
    const live = page.locator('[data-testid="drop"][data-source="stream"][data-stage="open"]');
    await live.waitFor();

    await server.kill();
    await page.locator('[data-testid="drop"][data-source="none"]').waitFor();
    await byTestId(page, 'buy').click();
    await byTestId(page, 'waiting').waitFor();
    assert.match(await byTestId(page, 'waiting').innerText(), /No answer/);
    await shot(page, 'fan-no-answer');
    await server.start();
    await order(page, 'pending_payment').waitFor();
    await live.waitFor();
    assert.equal(await order(page, 'pending_payment').count(), 1);
    assert.equal(await byTestId(page, 'units-left').innerText(), '99');

    await server.kill();
    await server.start();
    await live.waitFor();
    await byTestId(page, 'pay').click();
    await order(page, 'paid').waitFor();
    await eventually('the sale in the stream', async () => (await byTestId(page, 'units-sold').innerText()) === '1 sold');
  });

  it('makes the holder of the one-time link the owner, once', async (t) => {
    const server = await startServer(t, { opens: '+1h' });
    const page = await openPage(t, { server: server.url, viewport: desktop });
    const see = (id) => byTestId(page, id);
    await page.goto(server.setupUrl);
    await see('field-login').fill(owner.login);
    await see('field-password').fill('short');
    await see('field-repeat').fill('shorter');
    await see('setup-submit').click();
    await see('error-repeat').waitFor();
    await see('field-repeat').fill('short');
    await see('setup-submit').click();
    await see('error-password').waitFor();
    await shot(page, 'console-setup');
    assert.ok(!page.url().includes('token='), 'the token has left the address');
    await see('field-password').fill(owner.password);
    await see('field-repeat').fill(owner.password);
    await see('setup-submit').click();
    // Signed in at once, or asked to sign in with what was just chosen.
    await page.locator('[data-testid="who"], [data-testid="sign-in-submit"]').first().waitFor();
    if (await see('sign-in-submit').isVisible()) {
      await see('field-login').fill(owner.login);
      await see('field-password').fill(owner.password);
      await see('sign-in-submit').click();
    }
    await see('who').waitFor();
    await page.locator('[data-testid="drops"] tbody tr').waitFor();

    const second = await openPage(t, { server: server.url, viewport: desktop });
    await second.goto(server.setupUrl);
    await byTestId(second, 'field-login').fill('another');
    await byTestId(second, 'field-password').fill(owner.password);
    await byTestId(second, 'field-repeat').fill(owner.password);
    await byTestId(second, 'setup-submit').click();
    await byTestId(second, 'form-error').waitFor();
    assert.equal(await byTestId(second, 'who').count(), 0, 'the link works once');
  });
});
