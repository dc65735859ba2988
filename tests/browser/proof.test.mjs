// What was really offered, in Chromium, against a running demo.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { byTestId, closeBrowser, desktop, eventually, fits, openBrowser, openConsole, openPage, phone, shot, url } from './support.mjs';

describe('proof page', () => {
  before(openBrowser);
  after(closeBrowser);

  it('reads the whole log and says that it fits together', async (t) => {
    const page = await openPage(t, { viewport: desktop });
    await page.goto(`${url}/proof`);
    await byTestId(page, 'verdict').waitFor();
    const verdict = await byTestId(page, 'verdict').innerText();
    assert.match(verdict, /All of it fits together\./);
    assert.match(verdict, /none was changed, left out or put in/);
    assert.match(await byTestId(page, 'decided').innerText(), /Every queue and every random moment that can be computed was computed again/);
    assert.match(await byTestId(page, 'drop-drop_1').innerText(), /were announced, .* were put on sale, and .* were sold\./);
    await shot(page, 'proof');
    await page.reload();
    await byTestId(page, 'verdict').waitFor();
    assert.match(await byTestId(page, 'grown').innerText(), /the past was not rewritten/);
  });

  it('shows commands that work as they stand', async (t) => {
    const page = await openPage(t, { viewport: desktop });
    await page.goto(`${url}/proof`);
    const commands = await byTestId(page, 'verify-commands').innerText();
    const folder = mkdtempSync(join(tmpdir(), 'firebrand-proof-'));
    t.after(() => rmSync(folder, { recursive: true }));
    // The verifier stands beside the program.
    const env = { ...process.env, PATH: `${dirname(process.env.FIREBRAND_PROGRAM)}:${process.env.PATH}` };
    const said = execFileSync('bash', ['-ec', commands], { cwd: folder, env, encoding: 'utf8' });
    assert.equal(said.match(/^TRUE/gm)?.length, 2, said);
  });

  it('sees that a line was changed on its way', async (t) => {
    const page = await openPage(t, { viewport: desktop });
    await page.route('**/v1/proof/entries*', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replace(/units=(\d)/, 'units=1$1');
      await route.fulfill({ response: answer, body });
    });
    await page.goto(`${url}/proof`);
    await byTestId(page, 'verdict').waitFor();
    const verdict = await byTestId(page, 'verdict').innerText();
    assert.match(verdict, /Something does not fit\./);
    assert.match(verdict, /one was changed, left out or put in/);
  });

  it('has a page in the console, with what a stranger needs', async (t) => {
    const page = await openConsole(t, '');
    const see = (id) => byTestId(page, id);
    await see('nav-public-log').click();
    await see('public-log').waitFor();
    assert.match(await see('public-log').getAttribute('data-signature'), /^(good|unchecked)$/);
    assert.match(await see('log-root').innerText(), /^[A-Za-z0-9+/]{43}=$/);
    assert.match(await see('log-keys').innerText(), /^firebrand\/[0-9a-f/]+\+[0-9a-f]{8}\+/);
    assert.match(await see('verify-commands').innerText(), new RegExp(`^SHOP=${url}\n`));
    await eventually('a head over everything', async () => /nothing/.test(await see('log-lag').innerText()));
    await see('log-first').waitFor();
    assert.equal(await see('proof-page').getAttribute('href'), '/proof');
    await shot(page, 'console-public-log', { fullPage: true });
    await page.setViewportSize(phone);
    for (const language of ['zh', 'en']) {
      await see(`language-${language}`).click();
      await fits(page, `the public log in ${language}`);
    }
  });

  it('says that the past was rewritten before it reads all of it', async (t) => {
    const page = await openPage(t, { viewport: desktop });
    await page.route('**/v1/proof/consistency*', (route) => route.fulfill({ json: { from: 1, to: 1, path: ['00'.repeat(32)] } }));
    await page.goto(`${url}/proof`);
    await byTestId(page, 'verdict').waitFor();
    await page.evaluate(() => {
      const seen = JSON.parse(localStorage.getItem('firebrand.proof_seen'));
      localStorage.setItem('firebrand.proof_seen', JSON.stringify({ ...seen, size: 1, root: '00'.repeat(32) }));
    });
    await page.reload();
    await byTestId(page, 'verdict').waitFor();
    assert.match(await byTestId(page, 'grown').innerText(), /the past was rewritten/);
    assert.match(await byTestId(page, 'verdict').innerText(), /Something does not fit\./);
  });

  it('refuses what is no receipt, and fits on a phone in Chinese', async (t) => {
    const page = await openPage(t, { viewport: phone });
    await page.goto(`${url}/proof`);
    await byTestId(page, 'verdict').waitFor();
    await byTestId(page, 'language-zh').click();
    await byTestId(page, 'receipt').setInputFiles({ name: 'a.receipt', mimeType: 'text/plain', buffer: Buffer.from('nothing') });
    assert.match(await byTestId(page, 'receipt-answer').innerText(), /这不是凭证/);
    await fits(page, 'the proof page on a phone in Chinese');
    await shot(page, 'proof-phone', { fullPage: true });
  });
});
