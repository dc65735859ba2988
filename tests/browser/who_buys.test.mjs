// A fan's ways to a unit other than being fast: reserving, a code, a waiting room, a draw.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  api,
  byTestId,
  closeBrowser,
  eventually,
  joinAs,
  must,
  openBrowser,
  openPage,
  planDrop,
  shot,
  staffDoes,
  stageIs,
  status,
} from './support.mjs';

const hourMs = 3_600_000;
/** The server's time, so much later. */
async function later(ms) {
  const { server_time } = await must('GET', '/v1/time');
  return new Date(Date.parse(server_time) + ms).toISOString();
}

/** A fan's page, and what the tests look for on it. */
async function visit(t, options = {}) {
  const page = await openPage(t, options);
  return {
    page,
    see: (id) => byTestId(page, id),
    order: (state) => page.locator(`[data-testid="order"][data-state="${state}"]`),
  };
}

/** Opens a draw that the test itself decides: a beacon of its own, and a reveal that it knows. */
async function openDraw(dropId, { closesInMs, dueInMs }) {
  const reveal = randomBytes(32);
  const commit = createHash('sha256').update('firebrand-commit/1\0').update(reveal).digest('hex');
  const { draw_id: drawId } = await must('POST', `/v1/drops/${dropId}/waves/1/draw`, {
    closes_at: await later(closesInMs),
    reveal_due_at: await later(dueInMs),
    beacon_at: await later(dueInMs + 100),
    beacon_source: 'browser-test',
    beacon_round: 1,
    commit,
  });
  return { drawId, reveal: reveal.toString('hex') };
}

describe('who buys', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

  it('reserves with a deposit, and buys for the rest of the price', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ waves: [{ units: 5, audience: 'reservation_holders' }] });
    await must('POST', `/v1/drops/${dropId}/reservations/open`, {
      opens_at: await later(-hourMs),
      closes_at: await later(hourMs),
      cap: 3,
      deposit_kind: 'binding',
      deposit_minor: 10_000,
      balance_due_at: await later(2 * hourMs),
    });
    await joinAs(page, dropId);
    const reservation = (state) => page.locator(`[data-testid="reserve"][data-state="${state}"]`);
    await reservation('none').waitFor();
    await stageIs(page, 'open');
    await see('buy').click();
    await see('refusal-reservation_required').waitFor();
    await see('dismiss').click();

    assert.match(await see('reserve').innerText(), /You lose it if you do not buy/);
    await see('reserve-now').click();
    await reservation('pending_deposit').waitFor();
    await shot(page, 'fan-reserve-deposit', { fullPage: true });
    await see('pay-deposit').click();
    await reservation('reserved').waitFor();
    await eventually('the place counted', async () => /^1 of 3/.test(await see('reserve-count').innerText()));
    await shot(page, 'fan-reserved', { fullPage: true });
    await eventually('the rest of the price', async () => /1,899\.00/.test(await see('buy').innerText()));
    await see('buy').click();
    await order('pending_payment').waitFor();
    await reservation('ordered').waitFor();
    await see('pay').click();
    await order('paid').waitFor();
    await reservation('used').waitFor();
    assert.equal((await status(dropId)).units.sold, 1);
  });

  it('gives a reservation up after being told what is lost', async (t) => {
    const { page, see } = await visit(t);
    const { dropId } = await planDrop({ opensInMs: hourMs });
    await must('POST', `/v1/drops/${dropId}/reservations/open`, {
      opens_at: await later(-hourMs),
      closes_at: await later(hourMs),
      cap: 3,
      deposit_kind: 'binding',
      deposit_minor: 10_000,
      balance_due_at: await later(2 * hourMs),
    });
    await joinAs(page, dropId);
    await see('reserve-now').click();
    await see('pay-deposit').click();
    await page.locator('[data-testid="reserve"][data-state="reserved"]').waitFor();
    await see('withdraw').click();
    assert.match(await page.getByRole('dialog').innerText(), /deposit of .100\.00 is lost/);
    await shot(page, 'fan-withdraw');
    await see('confirm-yes').click();
    await page.locator('[data-testid="reserve"][data-state="withdrawn"]').waitFor();
    await see('reserve-now').waitFor();
  });

  it('brings a code, once', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ waves: [{ units: 5, audience: 'code_holders' }], limit: 2 });
    const { code_batch_id: batch } = await must('POST', `/v1/drops/${dropId}/code-batches`, {
      count: 1,
      valid_from: await later(-hourMs),
      valid_until: await later(hourMs),
    });
    const csv = await must('GET', `/v1/code-batches/${batch}/codes`);
    const [, code] = csv.trim().split('\n')[1].split(',');
    await joinAs(page, dropId);
    await stageIs(page, 'open');
    await see('buy').click();
    await see('refusal-code_required').waitFor();
    await see('dismiss').click();
    await see('code').fill('000000-000000-000000-000000');
    await see('buy').click();
    await see('refusal-code_not_usable').waitFor();
    await shot(page, 'fan-code-refused', { fullPage: true });
    await see('dismiss').click();
    // As people type them.
    await see('code').fill(code.toLowerCase().replaceAll('-', ' '));
    await see('buy').click();
    await order('pending_payment').waitFor();
    await see('pay').click();
    await order('paid').waitFor();
    assert.equal((await must('GET', `/v1/code-batches/${batch}`)).sold, 1);
    await see('code').fill(code);
    await see('buy').click();
    await see('refusal-code_not_usable').waitFor();
  });

  it('waits in a room from before the opening, is let in, and buys', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ opensInMs: 12_000, waves: [{ units: 5, decision: 'waiting_room' }] });
    await must('POST', `/v1/drops/${dropId}/waves/1/waiting-room`, {
      joins_from: await later(-hourMs),
      ends_at: await later(hourMs),
    });
    await joinAs(page, dropId);
    await see('queue-join').click();
    await see('queue-waiting').waitFor();
    await shot(page, 'fan-queue-early', { fullPage: true });
    // The place is the tab's, over a reload too.
    await page.reload();
    await see('queue-waiting').or(see('queue-turn')).waitFor();
    assert.equal(await see('queue-join').count(), 0);
    await see('queue-turn').waitFor();
    await shot(page, 'fan-queue-turn', { fullPage: true });
    await stageIs(page, 'open');
    await see('buy').click();
    await order('pending_payment').waitFor();
    await see('pay').click();
    await order('paid').waitFor();
  });

  it('is told in the shop’s words why a room takes nobody', async (t) => {
    const { page, see } = await visit(t);
    const { dropId } = await planDrop({ opensInMs: hourMs, waves: [{ units: 5, decision: 'waiting_room' }] });
    await joinAs(page, dropId);
    await see('queue-join').click();
    await eventually('the reason', async () => /has not been opened yet/.test(await see('queue-outside').innerText()));
    // A reason that this page has no words for.
    await page.route(/waiting-room\/places$/, (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'unheard_of', status: 409, title: 'The room is resting', detail: 'Come back at noon.' }),
      }),
    );
    await see('queue-join').click();
    await eventually('the server’s own words', async () =>
      /The room is resting\. Come back at noon\./.test(await see('queue-outside').innerText()),
    );
  });

  it('enters a draw, sees the result and the receipt that the record shows', async (t) => {
    const { page, see, order } = await visit(t);
    const { dropId } = await planDrop({ waves: [{ units: 2, decision: 'draw' }] });
    const { drawId, reveal } = await openDraw(dropId, { closesInMs: 15_000, dueInMs: 23_000 });
    const asked = [];
    page.on('request', (request) => {
      if (request.method() === 'GET' && request.url().endsWith('/entry')) asked.push(request.url());
    });
    await joinAs(page, dropId);
    const mine = (state) => page.locator(`[data-testid="draw-mine"][data-mine="${state}"]`);
    await see('draw-enter').click();
    await mine('entered').waitFor();
    await see('draw-leave').click();
    await mine('left').waitFor();
    await see('draw-enter').click();
    await mine('entered').waitFor();
    await shot(page, 'fan-draw-entered', { fullPage: true });
    const receipt = (await see('draw-receipt').innerText()).split(': ')[1];

    const draw = () => must('GET', `/v1/draws/${drawId}`);
    await eventually('the close, with its root', async () => (await draw()).root_published);
    await must('POST', `/v1/draws/${drawId}/reveal`, { reveal });
    await eventually('the beacon’s time', async () => {
      const { status: code } = await api('POST', `/v1/draws/${drawId}/beacon`, { value: randomBytes(32).toString('hex') });
      return code < 300 || (await draw()).state !== 'closed';
    });
    await mine('won').waitFor();
    await order('pending_payment').waitFor();
    await shot(page, 'fan-draw-won', { fullPage: true });
    await see('pay').click();
    await order('paid').waitFor();
    const record = await must('GET', `/v1/draws/${drawId}/record`);
    assert.ok(record.includes(receipt), 'the receipt stands in the public record');
    // The first look, the close, the decision and the end: not every few seconds.
    assert.ok(asked.length <= 5, `the receipt was asked for ${asked.length} times`);
  });

  it('says why a draw took somebody not, at that draw, and lets nobody enter a cancelled one', async (t) => {
    const { page, see } = await visit(t);
    const { dropId } = await planDrop({ waves: [{ units: 2, decision: 'draw' }] });
    await openDraw(dropId, { closesInMs: hourMs, dueInMs: 2 * hourMs });
    await joinAs(page, dropId);
    await page.route(/\/entry$/, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            body: JSON.stringify({ code: 'draw_entries_full', status: 503, title: 'No more entries fit', detail: '' }),
          })
        : route.continue(),
    );
    await see('draw-enter').click();
    await eventually('the reason', async () => (await see('draw-failed').innerText()) === 'No more entries fit');
    await page.unroute(/\/entry$/);
    await see('draw-enter').click();
    await see('draw-leave').waitFor();
    assert.equal(await see('draw-failed').count(), 0);
    await staffDoes(dropId, 'cancel');
    await stageIs(page, 'cancelled');
    await page.locator('[data-testid="draw"][data-state="cancelled"]').waitFor();
    assert.equal((await see('draw-leave').count()) + (await see('draw-enter').count()), 0);
    await shot(page, 'fan-draw-cancelled', { fullPage: true });
  });
});
