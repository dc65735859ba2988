// What the browser tests share: a Chromium, servers, staff who can plan drops, and a watch on the pages.
// Every test has its own pages with nothing remembered, and its own drops, so that any of them runs alone.
//
//   FIREBRAND_URL        the server under test, in demo mode, such as http://127.0.0.1:8080
//   FIREBRAND_SETUP_URL  the one-time owner address that its first start printed; without it the owner
//                        must exist already, as FIREBRAND_LOGIN and FIREBRAND_PASSWORD
//   FIREBRAND_PROGRAM    for tests that start and kill servers of their own; build/release/firebrand by default
//   CHROMIUM             the browser; Debian's by default
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('playwright-core');
const checkout = fileURLToPath(new URL('../../', import.meta.url));

export const url = process.env.FIREBRAND_URL?.replace(/\/$/, '');
assert.ok(url, 'FIREBRAND_URL names the server to test, in demo mode');
const setupUrl = process.env.FIREBRAND_SETUP_URL ?? '';
export const owner = {
  login: process.env.FIREBRAND_LOGIN ?? 'owner',
  password: process.env.FIREBRAND_PASSWORD ?? 'a sentence for browser tests',
};

const shots = join(checkout, 'build/screenshots');
mkdirSync(shots, { recursive: true });

// Only a failure takes so long. A machine with other work may keep these processes waiting for half of it.
const patienceMs = 60_000;

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 900 };

let browser = null;

/** Belongs into a `before` of each suite: no test's time counts a browser's start. */
export async function openBrowser() {
  browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox', // Where the tests run as root, as in a container.
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
  await browser;
}

/** Belongs into an `after` of each suite: a process does not end before its browser. */
export async function closeBrowser() {
  await (await browser)?.close();
  browser = null;
}

/**
 * A page in a context of its own, as on a device that has never been here. At the end of the test it is
 * closed, and the test fails if the page threw, complained, asked another host than these `hosts` for
 * anything, or named the software to a fan.
 */
export async function openPage(t, { server = url, hosts = [], cookies = [], ...options } = {}) {
  const context = await (await browser).newContext({
    viewport: phone,
    locale: 'en-GB',
    timezoneId: 'Asia/Shanghai',
    colorScheme: 'light',
    ...options,
  });
  context.setDefaultTimeout(patienceMs);
  await context.addCookies(cookies);
  const errors = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => errors.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      // Refused requests and a server that is away belong to many tests.
      const expected = message.text().startsWith('Failed to load resource') || message.text().includes('net::ERR_');
      // The policy of the page forbids what it did: never expected, whatever the browser calls it.
      const forbidden = /content security policy|blocked_by_csp/i.test(message.text());
      if (forbidden || (message.type() === 'error' && !expected)) errors.push(message.text());
    });
  });
  context.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && ![server, ...hosts].includes(asked.origin)) errors.push(`another host was asked: ${asked}`);
  });
  t.after(async () => {
    for (const page of context.pages()) {
      if (!/^\/(d\/.*)?$/.test(new URL(page.url()).pathname)) continue;
      const shown = await page.evaluate(() => document.title + document.documentElement.outerHTML);
      if (/firebrand/i.test(shown)) errors.push(`a fan saw the software's name: ${/.{40}firebrand.{40}/is.exec(shown)}`);
    }
    await context.close();
    assert.deepEqual(errors, [], 'the pages kept quiet and to themselves');
  });
  return context.newPage();
}

/** A page of the console, signed in. */
export async function openConsole(t, hash = '', options = {}) {
  await signInStaff();
  const [name, value] = cookie.split('=');
  const page = await openPage(t, { viewport: desktop, cookies: [{ name, value, url, sameSite: 'Strict' }], ...options });
  await page.goto(`${url}/console/${hash}`);
  await byTestId(page, 'who').waitFor();
  return page;
}

export const byTestId = (page, id) => page.locator(`[data-testid="${id}"]`);

/** Nothing stands out at the side, where a reader would have to scroll. */
export async function fits(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${what} is ${wide} px too wide`);
}

/** All of its width can be seen, without scrolling what it stands in to the side. */
export async function inView(locator, what) {
  const hidden = await locator.evaluate((element) => {
    const { right } = element.getBoundingClientRect();
    let edge = document.documentElement.clientWidth;
    for (let box = element.parentElement; box !== null; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== 'visible') edge = Math.min(edge, box.getBoundingClientRect().right);
    }
    return Math.round(right - edge);
  });
  assert.ok(hidden <= 0, `${what} stands out by ${hidden} px`);
}

/**
 * A screenshot as the page stands, in build/screenshots/. With FIREBRAND_GALLERY=1 also on a phone and a
 * desktop in both languages, English in light and Chinese in dark, for people to look at.
 */
export async function shot(page, name, options = {}) {
  const save = async (as) => {
    await fits(page, as);
    if (options.fullPage) await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: join(shots, `${as}.png`), animations: 'disabled', ...options });
  };
  if (!process.env.FIREBRAND_GALLERY) return save(name);
  const before = page.viewportSize();
  const language = (await page.evaluate(() => document.documentElement.lang)) === 'en' ? 'en' : 'zh';
  for (const [wanted, colorScheme] of [
    ['en', 'light'],
    ['zh', 'dark'],
  ]) {
    await page.emulateMedia({ colorScheme });
    // An open dialog keeps clicks from what is behind it.
    await byTestId(page, `language-${wanted}`).evaluate((button) => button.click());
    for (const [size, viewport] of Object.entries({ phone, desktop })) {
      await page.setViewportSize(viewport);
      await new Promise((resolve) => setTimeout(resolve, 150));
      await save(`${name}-${size}-${wanted}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await byTestId(page, `language-${language}`).evaluate((button) => button.click());
  await page.setViewportSize(before);
}

/** Waits until `probe` gives something true; says what it waited for when it does not. */
export async function eventually(what, probe, timeoutMs = patienceMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) assert.fail(`not seen within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// --- servers of a test's own ---------------------------------------------------------------------------

const isTaken = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true) || socket.destroy());
    socket.on('error', () => resolve(false));
  });

/** Below the ports that a system gives to clients: a restarted server must find its own free again. */
async function freePort() {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 8_000);
    if (!(await isTaken(port))) return port;
  }
}

const launchFile = (opens, units) => `
[installation]
currency = "CNY"
[[sku]]
code = "first-phone"
name.zh = "第一部手机"
name.en = "First Phone"
prices = ["CNY 1999.00"]
stock = ${units}
[launch]
code = "first-phone"
name.zh = "首发日"
name.en = "First Light"
[[drop]]
code = "day-one"
sku = "first-phone"
currency = "CNY"
opens = "${opens}"
per_person_limit = 1
payment_window = "15m"
[[drop.wave]]
opens = "${opens}"
units = ${units}
release = "automatic"
`;

/**
 * A server that this test alone may start, kill and start again on the same data: a demo whose drop
 * opens so long after every start, or a shop with `settings(url, file)`, the text of a firebrand.toml,
 * where `file` saves a text under a name and gives its path.
 */
export async function startServer(t, { opens, units = 100, settings }) {
  const work = mkdtempSync(join(tmpdir(), 'firebrand-browser-'));
  const port = await freePort();
  const file = (name, text) => {
    writeFileSync(join(work, name), text);
    return join(work, name);
  };
  const server = { url: `http://127.0.0.1:${port}`, setupUrl: '', start, kill: () => stop('SIGKILL') };
  const what = settings
    ? ['--config', file('firebrand.toml', settings(server.url, file))]
    : ['--demo', file('launch.toml', launchFile(opens, units))];
  let running = null;

  async function start() {
    const program = process.env.FIREBRAND_PROGRAM ?? join(checkout, 'build/release/firebrand');
    const child = spawn(program, ['serve', ...what, '--data', join(work, 'data'), '--port', `${port}`], {
      cwd: checkout,
    });
    let said = '';
    child.stdout.on('data', (bytes) => (said += bytes));
    child.stderr.on('data', (bytes) => (said += bytes));
    running = { child, ended: new Promise((resolve) => child.on('close', resolve)) };
    await eventually('a ready server', async () => {
      assert.equal(child.exitCode, null, `the server did not start: ${said}`);
      return said.includes('/docs') && (await fetch(`${server.url}/readyz`).catch(() => null))?.ok;
    });
    server.setupUrl = /http:\S+\/console\/#\/setup\S+/.exec(said)?.[0] ?? '';
  }

  async function stop(signal) {
    running.child.kill(signal);
    const code = await running.ended;
    running = null;
    return code;
  }

  t.after(async () => {
    const code = running === null ? 0 : await stop('SIGTERM');
    rmSync(work, { recursive: true, force: true });
    assert.equal(code, 0, 'the server stopped cleanly');
  });
  await start();
  return server;
}

// --- staff of the common server ------------------------------------------------------------------------

let cookie = '';

export async function api(method, path, body, headers = {}) {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(cookie ? { Cookie: cookie } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('Content-Type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text || null };
}

export async function must(method, path, body, headers = method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}) {
  const answer = await api(method, path, body, headers);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

let signingIn = null;

/** Signs in as the owner for `api`; becomes the owner first where the set-up link is still good. */
export function signInStaff() {
  return (signingIn ??= (async () => {
    const token = new URLSearchParams(setupUrl.split('?')[1] ?? '').get('token');
    let answer = await api('POST', '/v1/staff/sign-in', owner);
    if (answer.status === 401 && token) {
      await api('POST', '/v1/staff/setup', { token, ...owner });
      answer = await api('POST', '/v1/staff/sign-in', owner);
    }
    assert.ok(answer.status < 300, `sign-in as ${owner.login}: ${answer.status} ${JSON.stringify(answer.body)}`);
    cookie = answer.headers.getSetCookie()[0].split(';')[0];
  })());
}

export const unique = (word) => `${word}-${Date.now().toString(36)}-${Math.floor(Math.random() * 1e6)}`;

async function mustAsStaff(...request) {
  await signInStaff();
  return must(...request);
}

/** A drop with a product, stock and a launch of its own; `ask` is `must` of another server's staff. */
export async function planDrop({
  opensInMs = 0,
  waves = [{ units: 100 }],
  limit = 1,
  windowSeconds = 900,
  prices = [{ amount: 199_900, currency: 'CNY' }],
  more = {},
  ask = mustAsStaff,
} = {}) {
  const total = waves.reduce((sum, wave) => sum + wave.units, 0);
  const name = { zh: '第一部手机', en: 'First Phone' };
  const sku = await ask('POST', '/v1/skus', { code: unique('phone'), name, prices });
  await ask('POST', `/v1/skus/${sku.sku_id}/stock`, { quantity: total });
  const launch = await ask('POST', '/v1/launches', { code: unique('launch'), name: { zh: '首发日', en: 'First Light' } });
  const { server_time } = await ask('GET', '/v1/time');
  const opensAt = new Date(Date.parse(server_time) + opensInMs).toISOString();
  const drop = await ask('POST', `/v1/launches/${launch.launch_id}/drops`, {
    code: unique('drop'),
    sku_id: sku.sku_id,
    currency: 'CNY',
    opens_at: opensAt,
    per_person_limit: limit,
    payment_window_seconds: windowSeconds,
    ...more,
    waves: waves.map((wave) => ({ opens_at: opensAt, release: 'automatic', ...wave })),
  });
  return { dropId: drop.drop_id, opensAt, total };
}

export const staffDoes = (dropId, action) => must('POST', `/v1/drops/${dropId}/${action}`);
export const status = (dropId) => must('GET', `/v1/drops/${dropId}`);
export const live = (dropId) => must('GET', `/v1/drops/${dropId}/live`);

/** Another fan, who needs no browser, takes units of a drop. */
export async function buyElsewhere(dropId, { quantity = 1, pays = false } = {}) {
  const fan = await must('POST', '/demo/sign-in', { name: unique('Li') });
  const headers = () => ({ Authorization: `Bearer ${fan.token}`, 'Idempotency-Key': crypto.randomUUID(), Cookie: '' });
  const order = await must('POST', `/v1/drops/${dropId}/orders`, { quantity, currency: 'CNY' }, headers());
  if (pays) await must('POST', '/demo/pay', { order_id: order.order_id }, headers());
}

/** Opens a drop's fan page and signs in by name; names are unique, so that no test meets another's orders. */
export async function joinAs(page, dropId, name = unique('Mei')) {
  await page.goto(`${url}/d/${dropId}`);
  await byTestId(page, 'fan-name').fill(name);
  await byTestId(page, 'join').click();
  await byTestId(page, 'buy').waitFor();
  return name;
}

/**
 * Has the page note each stage it shows, with the device's true time, and for how long at most it was kept
 * from running at all (`stalledMs`); `stagesOf` reads the notes.
 */
export const noteStages = (page) =>
  page.addInitScript(() => {
    const now = Date.now.bind(Date);
    globalThis.stages = [];
    globalThis.stalledMs = 0;
    let ranAt = now();
    setInterval(() => {
      globalThis.stalledMs = Math.max(globalThis.stalledMs, now() - ranAt - 50);
      ranAt = now();
    }, 50);
    const note = () => {
      const stage = document.querySelector('[data-testid="drop"]')?.dataset.stage;
      if (stage && globalThis.stages.at(-1)?.stage !== stage) globalThis.stages.push({ stage, at: now() });
    };
    new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true });
  });
export const stagesOf = (page) => page.evaluate(() => globalThis.stages);

export const stageIs = (page, ...stages) =>
  page.locator(stages.map((stage) => `[data-testid="drop"][data-stage="${stage}"]`).join(', ')).waitFor();
