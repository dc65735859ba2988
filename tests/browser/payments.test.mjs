// Staff see what is owed back, have it given back, and compare a statement with what was booked.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { byTestId, closeBrowser, must, openBrowser, openConsole, planDrop, shot, staffDoes, unique } from './support.mjs';

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

describe('payments', { concurrency: 2 }, () => {
  before(openBrowser);
  after(closeBrowser);

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
