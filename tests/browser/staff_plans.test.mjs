// Staff decide in the console who buys and how: reservations, waiting rooms, codes, random waves; and they
// watch what happens and have it told again.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  api,
  byTestId,
  closeBrowser,
  desktop,
  eventually,
  fits,
  must,
  openBrowser,
  openConsole,
  openPage,
  owner,
  phone,
  planDrop,
  shot,
  startServer,
  unique,
  url,
} from './support.mjs';

const hourMs = 3_600_000;
/** What a field for a time shows in the tests' time zone. */
const local = (ms) => new Date(ms + 8 * hourMs).toISOString().slice(0, 19);

/** A page of the console, and what the tests look for on it. */
async function visit(t, hash) {
  const page = await openConsole(t, hash);
  return { page, see: (id) => byTestId(page, id) };
}

describe('staff plan', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

  it('a drop of four kinds of waves, and says what each is', async (t) => {
    const { body: skus } = await (await planDrop(), api('GET', '/v1/skus?limit=1'));
    await must('POST', `/v1/skus/${skus.data[0].sku_id}/stock`, { quantity: 400 });
    const { page, see } = await visit(t, '#/drops/new');
    await see('field-sku_id').selectOption(skus.data[0].sku_id);
    await see('field-code').fill(unique('drop'));
    await see('in-60').click();
    for (let i = 0; i < 3; i += 1) await see('add-wave').click();
    for (let i = 0; i < 4; i += 1) await see(`field-waves/${i}/units`).fill('100');
    await see('field-waves/0/audience').selectOption('reservation_holders');
    await see('field-waves/1/decision').selectOption('waiting_room');
    await see('field-waves/1/audience').selectOption('code_holders');
    await see('field-waves/2/release').selectOption('random');
    await see('field-waves/3/decision').selectOption('draw');
    await see('field-waves/2/window_seconds').fill('0');
    await see('create-drop').click();
    assert.match(await see('error-waves/2/window_seconds').innerText(), /From 1 to 10,080/);
    await shot(page, 'console-new-drop-waves', { fullPage: true });
    await see('field-waves/2/window_seconds').fill('5');
    await see('create-drop').click();
    await see('live').waitFor();
    assert.match(await see('wave-3').innerText(), /at random/);
    const dropId = page.url().split('/').pop();
    const { waves } = await must('GET', `/v1/drops/${dropId}`);
    assert.deepEqual(
      waves.map((wave) => [wave.audience, wave.decision, wave.release]),
      [
        ['reservation_holders', 'first_come', 'automatic'],
        ['code_holders', 'waiting_room', 'automatic'],
        ['everyone', 'first_come', 'random'],
        ['everyone', 'draw', 'automatic'],
      ],
    );
    assert.equal(waves[2].window_seconds, 300);
    await see('open-room-2').waitFor();
    await see('open-draw-4').waitFor();
    await shot(page, 'console-planned', { fullPage: true });
  });

  it('reservations, and sees at its field what the law forbids', async (t) => {
    const { dropId } = await planDrop({ opensInMs: hourMs, waves: [{ units: 5, audience: 'reservation_holders' }] });
    const { page, see } = await visit(t, `#/drops/${dropId}`);
    await see('open-reservations').locator('summary').click();
    await see('field-deposit_kind').selectOption('binding');
    await see('submit-reservations').click();
    assert.match(await see('error-deposit_minor').innerText(), /1999\.00/);
    await see('field-deposit_minor').fill('399.81');
    await see('submit-reservations').click();
    await eventually('the limit by law', async () => /20 %/.test(await see('error-deposit_minor').innerText()));
    await see('field-deposit_minor').fill('399.80');
    await see('field-closes_at').fill(local(Date.now() - 2 * hourMs));
    await see('submit-reservations').click();
    await see('error-closes_at').waitFor();
    await shot(page, 'console-open-reservations', { fullPage: true });
    await see('field-closes_at').fill(local(Date.now() + hourMs));
    await see('field-cap').fill('3');
    await see('submit-reservations').click();
    await see('reservations').waitFor();
    assert.match(await see('reservations-taken').innerText(), /0 of 3/);
    const { reservations } = await must('GET', `/v1/drops/${dropId}`);
    assert.deepEqual(reservations.deposit, { amount: 39_980, currency: 'CNY' });
    assert.equal(await see('open-reservations').count(), 0);
  });

  it('a waiting room, holds it, changes its pace, and closes it', async (t) => {
    const { dropId, opensAt } = await planDrop({ opensInMs: hourMs, waves: [{ units: 5, decision: 'waiting_room' }] });
    const { page, see } = await visit(t, `#/drops/${dropId}`);
    const room = (state) => page.locator(`[data-testid="room-1"][data-state="${state}"]`);
    const live = () => must('GET', `/v1/drops/${dropId}/waves/1/waiting-room/live`);
    await see('field-joins_from').fill(local(Date.parse(opensAt) + 1_000));
    await see('submit-room-1').click();
    await see('error-joins_from').waitFor();
    await see('field-joins_from').fill(local(Date.now() - hourMs));
    await see('field-admission/places_per_minute').fill('0');
    await see('submit-room-1').click();
    assert.match(await see('error-admission/places_per_minute').innerText(), /600,000/);
    await see('field-admission/places_per_minute').fill('90');
    await shot(page, 'console-open-room', { fullPage: true });
    await see('submit-room-1').click();
    await room('open').waitFor();
    assert.equal((await live()).admission.places_per_minute, 90);

    const fan = await must('POST', '/demo/sign-in', { name: unique('Li') });
    await must('POST', `/v1/drops/${dropId}/waves/1/waiting-room/places`, undefined, { Authorization: `Bearer ${fan.token}`, Cookie: '' });
    await eventually('the place', async () => (await see('room-1-waiting').innerText()) === '1');
    await see('room-hold-1').click();
    await see('room-go-on-1').waitFor();
    await see('field-admission/lease_seconds').fill('60');
    await see('change-room-1').click();
    await see('room-1').locator('[data-testid="form-success"]').waitFor();
    // Changing the pace does not let anybody in by the way.
    const { admission } = await live();
    assert.deepEqual([admission.pacing, admission.lease_seconds], ['held', 60]);
    await shot(page, 'console-room', { fullPage: true });
    await see('room-go-on-1').click();
    await see('room-hold-1').waitFor();
    await see('room-close-1').click();
    await see('confirm-yes').click();
    await room('closed').waitFor();
    await eventually('the place ended', async () => (await see('room-1-left').innerText()) === '1');
  });

  it('codes, takes them as a file, and makes them useless', async (t) => {
    const { dropId } = await planDrop({ waves: [{ units: 5, audience: 'code_holders' }] });
    const { page, see } = await visit(t, `#/drops/${dropId}`);
    await see('field-count').fill('0');
    await see('submit-codes').click();
    await see('error-count').waitFor();
    await see('field-count').fill('3');
    await see('field-valid_until').fill(local(Date.now() - 48 * hourMs));
    await see('submit-codes').click();
    await see('error-valid_until').waitFor();
    await see('field-valid_until').fill(local(Date.now() + 24 * hourMs));
    await see('submit-codes').click();
    const row = see('code-batches').locator('li');
    await row.waitFor();
    const batch = (await row.getAttribute('data-testid')).replace('codes-', '');
    const [file] = await Promise.all([page.waitForEvent('download'), see(`file-${batch}-1`).click()]);
    assert.equal(file.suggestedFilename(), `${batch}-1.csv`);
    const csv = await must('GET', `/v1/code-batches/${batch}/codes`);
    const codes = csv.trim().split('\n').slice(1).map((line) => line.split(',')[1]);
    assert.equal(codes.length, 3);

    const one = see('revoke-code');
    await one.locator('[data-testid="field-code"]').fill('000000-000000-000000-000000');
    await see('submit-revoke-code').click();
    await one.locator('[data-testid="error-code"]').waitFor();
    await one.locator('[data-testid="field-code"]').fill(codes[0]);
    await see('submit-revoke-code').click();
    await one.locator('[data-testid="form-success"]').waitFor();
    assert.equal((await must('GET', `/v1/code-batches/${batch}`)).revoked, 1);
    await shot(page, 'console-codes', { fullPage: true });
    await see(`revoke-${batch}`).click();
    await see('confirm-yes').click();
    await page.locator(`[data-testid="codes-${batch}"][data-state="revoked"]`).waitFor();
  });

  it('which wave units go to', async (t) => {
    const { dropId } = await planDrop({ opensInMs: hourMs, waves: [{ units: 5 }, { units: 5, release: 'manual' }] });
    const { see } = await visit(t, `#/drops/${dropId}`);
    await see('field-units').fill('6');
    await see('move').click();
    await see('error-units').waitFor();
    await see('field-units').fill('2');
    await see('move').click();
    await see('move-units').locator('[data-testid="form-success"]').waitFor();
    const units = (await must('GET', `/v1/drops/${dropId}`)).waves.map((wave) => wave.units);
    assert.deepEqual(units, [3, 7]);
  });
});

describe('events', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

  it('come by themselves, by type, and once each over a crash of the server', async (t) => {
    const server = await startServer(t, { opens: '+1h' });
    const post = async (path, body, cookie = '') => {
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Cookie: cookie },
        body: JSON.stringify(body),
      });
      assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
      return response;
    };
    await post('/v1/staff/setup', { token: server.setupUrl.split('token=')[1], ...owner });
    const cookie = (await post('/v1/staff/sign-in', owner)).headers.getSetCookie()[0].split(';')[0];
    const [name, value] = cookie.split('=');
    const addKey = async (key) => void (await post('/v1/api-keys', { name: key }, cookie));
    const page = await openPage(t, {
      server: server.url,
      viewport: desktop,
      cookies: [{ name, value, url: server.url, sameSite: 'Strict' }],
    });
    const see = (id) => byTestId(page, id);
    const streams = [];
    page.on('request', (request) => {
      if (request.url().includes('/v1/events/stream')) streams.push(request);
    });
    await page.goto(`${server.url}/console/#/events`);
    const ids = () => see('event').evaluateAll((rows) => rows.map((row) => row.dataset.id));
    const types = () => see('event').evaluateAll((rows) => [...new Set(rows.map((row) => row.dataset.type))].join());
    const stands = (source) => page.locator(`[data-testid="source"][data-source="${source}"]`).waitFor();
    const about = (key) => see('event').filter({ hasText: key });
    await stands('stream');
    await addKey('first-key');
    await about('first-key').waitFor();
    await about('first-key').locator('summary').click();
    await shot(page, 'console-events');

    await see('event-filter').selectOption('org.firebrand.api_key_added');
    await see('only-api_key_added').waitFor();
    await about('first-key').waitFor();
    await eventually('one type', async () => (await types()) === 'api_key_added');

    await server.kill();
    await stands('none');
    await server.start();
    await addKey('second-key');
    await about('second-key').waitFor();
    await stands('stream');
    assert.ok((await streams.at(-1).allHeaders())['last-event-id'], 'it went on from where it was');
    assert.equal(new Set(await ids()).size, (await ids()).length, 'no event is shown twice');
    assert.equal(await types(), 'api_key_added');

    await see('events-hold').click();
    await addKey('third-key');
    await eventually('a count of what is kept back', async () => /1 more/.test(await see('events-go-on').innerText()));
    assert.equal(await about('third-key').count(), 0);
    await see('events-go-on').click();
    await about('third-key').waitFor();
    await see('only-api_key_added').click();
    await eventually('all types', async () => (await types()).includes(','));
  });

  it('are told to an endpoint again, from a time or behind an event', async (t) => {
    const note = unique('warehouse');
    const { page, see } = await visit(t, '#/webhooks');
    // A name that leads nowhere: every call fails, and every call is noted.
    await must('POST', '/v1/webhooks', {
      url: 'https://shop.invalid/hooks',
      note,
      types: ['org.firebrand.api_key_added'],
      concurrency: 1,
      per_second: 1_000,
    });
    const row = see('webhooks').locator('tr', { hasText: note });
    await row.getByRole('link').click();
    const { next_after: place } = await must('GET', '/v1/events?after=latest');
    await must('POST', '/v1/api-keys', { name: unique('told') });
    await see('dead-letters').locator('tbody tr').first().waitFor();
    const dead = async () => Number(await see('dead').innerText());
    assert.equal(await dead(), 1);
    const calls = see('attempts').locator('tbody tr');
    const before = await calls.count();

    await see('replay').locator('summary').click();
    await see('field-by').selectOption('event');
    await see('field-after').fill('evt_99999999-0');
    await see('replay-find').click();
    await see('error-after').waitFor();
    await see('field-after').fill(place);
    await see('replay-find').click();
    await shot(page, 'console-replay');
    await see('confirm-yes').click();
    await see('replay').locator('[data-testid="form-success"]').waitFor();
    await eventually('the calls of the replay', async () => (await calls.count()) > before);

    await see('field-by').selectOption('time');
    await see('field-since').fill(local(Date.now() - hourMs));
    await see('replay-find').click();
    assert.match(await page.getByRole('dialog').innerText(), /evt_\d+-\d+/);
    await see('confirm-no').click();
    await see('remove-webhook').click();
    await see('confirm-yes').click();
    await see('add-webhook').waitFor();
  });

  it('and forms fit a phone, in both languages', async (t) => {
    const { dropId } = await planDrop({
      opensInMs: hourMs,
      waves: [{ units: 5, audience: 'code_holders' }, { units: 5, decision: 'waiting_room' }, { units: 5, release: 'random', window_seconds: 60 }],
    });
    await must('POST', `/v1/drops/${dropId}/code-batches`, {
      count: 1_000_000,
      valid_from: new Date().toISOString(),
      valid_until: new Date(Date.now() + hourMs).toISOString(),
    });
    const { page, see } = await visit(t, '');
    await page.setViewportSize(phone);
    for (const [hash, ready] of [
      [`#/drops/${dropId}`, 'code-batches'],
      ['#/events', 'events'],
    ]) {
      await page.goto(`${url}/console/${hash}`);
      await see(ready).waitFor();
      if (ready === 'code-batches') await see('open-reservations').locator('summary').click();
      for (const language of ['zh', 'en']) {
        await see(`language-${language}`).click();
        await fits(page, `${hash} in ${language}`);
      }
      await shot(page, `console-${ready}-phone`, { fullPage: true });
    }
  });
});
