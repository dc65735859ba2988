// Staff at the door: a second factor from the first code to the sign-in with it, and the team's page.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { byTestId, closeBrowser, desktop, eventually, fits, must, openBrowser, openConsole, openPage, phone, shot, signInStaff, unique, url } from './support.mjs';

const stepMs = 30_000;
const password = 'a sentence of their own';

/** What an authenticator app with this key shows in that step (RFC 6238). */
function codeOf(key, step) {
  const bits = [...key].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function signIn(see, login) {
  await see('field-login').fill(login);
  await see('field-password').fill(password);
  await see('sign-in-submit').click();
}

describe('staff', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

  it('set up a second factor, and sign in with it', async (t) => {
    await signInStaff();
    const login = unique('wang');
    await must('POST', '/v1/staff', { login, role: 'marketer', password });
    const page = await openPage(t, { viewport: desktop });
    const see = (id) => byTestId(page, id);
    await page.goto(`${url}/console/`);
    await signIn(see, login);
    await see('who').click();
    await see('factor-begin').click();
    const key = await see('factor-key').innerText();
    const step = Math.floor(Date.now() / stepMs);
    await shot(page, 'console-second-factor', { fullPage: true });
    await see('field-code').fill('12345');
    await see('factor-on').click();
    await see('error-code').waitFor();
    await see('field-code').fill(codeOf(key, step));
    await see('factor-on').click();
    const codes = (await see('secret').innerText()).trim().split('\n');
    assert.equal(codes.length, 10);
    await see('secret-done').click();
    await page.locator('[data-testid="second-factor"][data-state="on"]').waitFor();
    await see('session-here').waitFor();
    for (const language of ['zh', 'en']) {
      await see(`language-${language}`).click();
      await page.setViewportSize(phone);
      await fits(page, `the account in ${language}`);
      await page.setViewportSize(desktop);
    }

    await see('sign-out').click();
    await signIn(see, login);
    await see('field-code').waitFor();
    await see('field-code').fill(codeOf(key, step));
    await see('sign-in-submit').click();
    await see('error-code').waitFor();
    // The next one, which is good a step early.
    await see('field-code').fill(codeOf(key, step + 1));
    await see('sign-in-submit').click();
    await see('who').waitFor();

    await see('who').click();
    await see('factor-leave').click();
    await see('second-factor').locator('[data-testid="field-password"]').fill(password);
    await see('field-code').fill(codes[0].toLowerCase());
    await see('factor-off').click();
    await page.locator('[data-testid="second-factor"][data-state="off"]').waitFor();
  });

  it('come, change and leave on the page of the team', async (t) => {
    const page = await openConsole(t, '#/team');
    const see = (id) => byTestId(page, id);
    const login = unique('li');
    await see('field-login').fill(login);
    await see('field-role').selectOption('store');
    await see('field-password').fill('short');
    await see('add-staff').click();
    await see('error-password').waitFor();
    await see('field-password').fill(password);
    await see('add-staff').click();
    await see(`member-${login}-active`).waitFor();
    await shot(page, 'console-team', { fullPage: true });
    await see(`role-${login}`).selectOption('analyst');
    await eventually('the new role', async () => (await see(`role-${login}`).inputValue()) === 'analyst');
    await page.reload();
    await see(`role-${login}`).waitFor();
    assert.equal(await see(`role-${login}`).inputValue(), 'analyst');
    await see(`remove-${login}`).click();
    await see('confirm-yes').click();
    await see(`member-${login}-gone`).waitFor();
    assert.equal(await see(`remove-${login}`).count(), 0);
  });
});
