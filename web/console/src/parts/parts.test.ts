import { describe, expect, it } from 'vitest';
import { FieldErrors, Form, Reader } from '../form.svelte.ts';
import { parseRoute } from '../router.svelte.ts';
import { words } from '../words.ts';
import { ApiProblem, readProblem } from '../../../shared/api/problem.ts';
import { summarise } from './report.ts';
import { Ring } from './ring.ts';

describe('Ring', () => {
  it('keeps the newest points in order', () => {
    const ring = new Ring(2, 3);
    expect(ring.at(1, 0)).toBeUndefined();
    for (let i = 1; i <= 5; i += 1) ring.push(i, i * 10);
    expect([...ring.values(0)]).toEqual([3, 4, 5]);
    expect([...ring.values(1)]).toEqual([30, 40, 50]);
    expect(ring.at(1, 0)).toBe(50);
    expect(ring.at(1, 2)).toBe(30);
    expect(ring.at(1, 3)).toBeUndefined();
    expect(ring.size).toBe(3);
  });
});

describe('parseRoute', () => {
  it.each([
    ['', { page: 'drops' }],
    ['#/setup?token=a%2Bb', { page: 'setup', token: 'a+b' }],
    ['#/drops/new', { page: 'new_drop' }],
    ['#/drops/drop_7', { page: 'drop', dropId: 'drop_7' }],
    ['#/keys', { page: 'keys' }],
    ['#/team', { page: 'team' }],
    ['#/nowhere', { page: 'drops' }],
  ])('%s', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });
});

describe('summarise', () => {
  it('takes figures in their order, refusals by number, and only what was broken', () => {
    const summary = summarise({
      passed: false,
      seed: 7,
      sold: 4,
      fans: 3,
      refused: { sold_out: 2, purchase_limit: 5, paused: 0 },
      latency_ms: { order: { count: 9, p50: 1.5, p90: 2, p99: 3, max: 4 }, pay: { count: 0 } },
      check: { orders_checked: 4, violations: { oversold: 1, order_lost: 0 } },
    });
    expect(summary.passed).toBe(false);
    expect(summary.figures).toEqual([
      { name: 'fans', value: 3 },
      { name: 'sold', value: 4 },
    ]);
    expect(summary.refused).toEqual([
      { code: 'purchase_limit', count: 5 },
      { code: 'sold_out', count: 2 },
    ]);
    expect(summary.latencies).toEqual([{ request: 'order', count: 9, p50: 1.5, p99: 3, max: 4 }]);
    expect(summary.ordersChecked).toBe(4);
    expect(summary.violations).toEqual([{ name: 'oversold', count: 1 }]);
  });

  it('says why there is no report', () => {
    const summary = summarise({ error: 'the crowd cannot be started' });
    expect(summary.passed).toBeNull();
    expect(summary.error).toBe('the crowd cannot be started');
    expect(summary.figures).toEqual([]);
  });
});

describe('Form', () => {
  it('shows each error at its field, and the rest at the end', async () => {
    const form = new Form();
    form.show('code');
    const problem = readProblem(422, {
      code: 'validation',
      errors: [
        { pointer: '#/code', detail: 'is taken' },
        { pointer: '#/hidden', detail: 'is odd' },
      ],
    });
    const before = form.key;
    const ok = await form.submit(words.en, () => Promise.reject(new ApiProblem(problem, null)));
    expect(ok).toBe(false);
    expect(form.errors.code).toBe('is taken');
    expect(form.rest()).toEqual(['hidden: is odd']);
    expect(form.key).not.toBe(before);
  });

  it('keeps its key when nobody knows what happened', async () => {
    const form = new Form();
    const before = form.key;
    await form.submit(words.en, () => Promise.reject(new Error('line cut')));
    expect(form.key).toBe(before);
    expect(form.message).toBe(words.en.error.no_answer);
    await form.submit(words.en, () => Promise.resolve());
    expect(form.key).not.toBe(before);
  });
});

describe('Reader', () => {
  it('names the bounds in the units of the form', () => {
    const reader = new Reader(words.en);
    expect(reader.wholeWithin('low', '1', 1, 10_080)).toBe(1);
    expect(reader.wholeWithin('high', '10080', 1, 10_080)).toBe(10_080);
    expect(reader.errors).toEqual({});
    reader.wholeWithin('under', '0', 1, 10_080);
    reader.wholeWithin('over', '10081', 1, 10_080);
    reader.wholeWithin('text', 'soon', 1, 10_080);
    const range = words.en.error.range('1', '10,080');
    expect(reader.errors).toEqual({ under: range, over: range, text: words.en.error.number });
  });

  it('collects every complaint before it throws', () => {
    const reader = new Reader(words.en);
    expect(reader.whole('units', '1,000')).toBe(1_000);
    reader.whole('limit', '1.5');
    reader.given('sku', null, 'needed');
    try {
      reader.done();
      expect.unreachable();
    } catch (error) {
      expect((error as FieldErrors).fields).toEqual({ limit: words.en.error.number, sku: 'needed' });
    }
  });
});
