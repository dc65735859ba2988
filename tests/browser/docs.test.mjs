// The API reference in Chromium, against a running server.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { byTestId, closeBrowser, desktop, fits, openBrowser, openPage, phone, shot, url } from './support.mjs';

describe('API reference', () => {
  before(openBrowser);
  after(closeBrowser);

  it('shows every operation of the document', async (t) => {
    const page = await openPage(t, { viewport: desktop });
    const document = await (await fetch(`${url}/openapi.json`)).json();
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId));
    assert.ok(ids.length > 20 && ids.every(Boolean), ids.join());
    await page.goto(`${url}/docs`);
    await byTestId(page, `operation-${ids[0]}`).waitFor();
    for (const id of ids) assert.equal(await byTestId(page, `operation-${id}`).count(), 1, id);
    await shot(page, 'docs');
  });

  it('finds the purchase and says what it can answer, in both languages', async (t) => {
    const page = await openPage(t, { viewport: desktop });
    await page.goto(`${url}/docs`);
    await byTestId(page, 'find').fill('/v1/drops orders');
    const purchase = page.locator('details', { hasText: '/v1/drops/{drop_id}/orders' });
    await purchase.locator('summary').click();
    assert.equal(await purchase.count(), 1);
    const text = await purchase.innerText();
    for (const part of ['Idempotency-Key', 'sold_out', 'purchase_limit', 'curl', 'In a terminal']) assert.ok(text.includes(part), part);
    assert.match(await byTestId(purchase, 'answers').innerText(), /^201\s+Created\.$/);
    await shot(page, 'docs-purchase', { fullPage: true });
    await page.setViewportSize(phone);
    await fits(page, 'the purchase on a phone');
    await byTestId(page, 'language-zh').click();
    await purchase.getByText('在终端里').waitFor();
    await fits(page, 'the purchase on a phone in Chinese');
    // What the document says in English is read out in English.
    assert.equal(await purchase.getByText('Created.').evaluate((text) => text.closest('[lang]').lang), 'en');
    assert.equal(await purchase.getByText('在终端里').evaluate((text) => text.closest('[lang]').lang), 'zh-Hans');
  });

  it('says of a thing to create that it may be new or there already', async (t) => {
    const page = await openPage(t, { viewport: desktop });
    await page.goto(`${url}/docs#createDrop`);
    const answers = byTestId(byTestId(page, 'operation-createDrop'), 'answers');
    assert.match(await answers.innerText(), /^201\s+Created\.\s+200\s+It is there already/);
    assert.equal(await page.locator('main').getByText('`').count(), 0, 'no back tick is left of code');
  });

  it('lets a keyboard skip to the operations', async (t) => {
    const page = await openPage(t, { viewport: desktop });
    // Without a fragment: behind one, a browser goes on from what it names.
    await page.goto(`${url}/docs`);
    await byTestId(page, 'operation-createDrop').waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the operations');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'operations');
    assert.equal(new URL(page.url()).hash, '', 'the address names no operation');
  });
});
