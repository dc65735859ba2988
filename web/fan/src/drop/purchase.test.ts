import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newKey } from '../../../shared/api/key.ts';
import { ApiProblem, NoAnswer, readProblem } from '../../../shared/api/problem.ts';
import type { Order } from '../../../shared/api/types.ts';
import { carryOut, forgetIntent, type Intent, keepIntent, keptIntent, type Pause, type Shelf } from './purchase.ts';

const intent: Intent = {
  key: 'key-1',
  dropId: 'drop_1',
  quantity: 1,
  currency: 'CNY',
  person: 'per_1',
  madeAtMs: 0,
};

const no = (status: number, code: string, more: object = {}, askedMs: number | null = null) =>
  new ApiProblem(readProblem(status, { code, ...more }), askedMs);

/** A shop as the API promises it: one order per key, however often the line breaks. */
class Shop {
  orders = new Map<string, Order>();
  calls: { key: string; atMs: number }[] = [];
  /** What goes wrong at each call: before the order is made, or after, on the way back. */
  faults: ({ before: Error } | { after: Error } | null)[] = [];

  buy = async (wanted: Intent): Promise<Order> => {
    this.calls.push({ key: wanted.key, atMs: Date.now() });
    const fault = this.faults.shift() ?? null;
    if (fault !== null && 'before' in fault) throw fault.before;
    const order = this.orders.get(wanted.key) ?? ({ order_id: `ord_${this.orders.size + 1}` } as Order);
    this.orders.set(wanted.key, order);
    if (fault !== null && 'after' in fault) throw fault.after;
    return order;
  };
}

describe('carryOut', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function run(shop: Shop, abort = new AbortController()) {
    const pauses: Pause[] = [];
    const done = carryOut(intent, {
      buy: shop.buy,
      onPause: (pause) => pauses.push(pause),
      onAttempt: () => {},
      signal: abort.signal,
      random: () => 0.5,
    });
    await vi.advanceTimersByTimeAsync(200_000);
    return { outcome: await done, pauses };
  }

  it('makes one order although the answers to the first two attempts are lost', async () => {
    const shop = new Shop();
    shop.faults = [{ after: new NoAnswer('line cut') }, { after: no(502, 'http_502') }];
    const { outcome, pauses } = await run(shop);
    expect(outcome).toMatchObject({ kind: 'bought', order: { order_id: 'ord_1' } });
    expect(shop.orders.size).toBe(1);
    expect(new Set(shop.calls.map((call) => call.key))).toEqual(new Set(['key-1']));
    expect(pauses.map((pause) => pause.reason)).toEqual(['no_answer', 'no_answer']);
  });

  it('waits at least as long as the server asks', async () => {
    const shop = new Shop();
    shop.faults = [{ before: no(503, 'overloaded', {}, 4_000) }];
    const { outcome, pauses } = await run(shop);
    expect(outcome.kind).toBe('bought');
    expect(pauses[0]?.reason).toBe('busy');
    const [first, second] = shop.calls;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(4_000);
  });

  it.each(['sold_out', 'purchase_limit', 'paused', 'drop_cancelled'])('takes %s for an answer', async (code) => {
    const shop = new Shop();
    shop.faults = [{ before: no(409, code) }];
    const { outcome } = await run(shop);
    expect(outcome).toMatchObject({ kind: 'refused', problem: { code }, inDoubt: false });
    expect(shop.calls).toHaveLength(1);
  });

  it('remembers that an attempt before a refused token is still in doubt', async () => {
    const shop = new Shop();
    shop.faults = [{ after: new NoAnswer('line cut') }, { before: no(401, 'unauthenticated') }];
    expect((await run(shop)).outcome).toMatchObject({ kind: 'refused', inDoubt: true });
  });

  it('sends itself again when the head start of others is over', async () => {
    const shop = new Shop();
    const times = { retry_at: '2026-11-21T20:00:03.000Z', server_time: '2026-11-21T20:00:00.400Z' };
    shop.faults = [{ before: no(409, 'proof_wanted', times, 3_000) }];
    const { outcome, pauses } = await run(shop);
    expect(outcome.kind).toBe('bought');
    expect(pauses).toEqual([{ attempt: 1, waitMs: 2_605, reason: 'proof' }]);
  });

  it('goes in at the opening when the press was a blink too early', async () => {
    const shop = new Shop();
    const times = { opens_at: '2026-11-21T20:00:00.000Z', server_time: '2026-11-21T19:59:59.200Z' };
    shop.faults = [{ before: no(409, 'not_open', times) }];
    const { outcome, pauses } = await run(shop);
    expect(outcome.kind).toBe('bought');
    expect(pauses).toEqual([{ attempt: 1, waitMs: 805, reason: 'early' }]);
  });

  it('does not wait for an opening that is far away', async () => {
    const shop = new Shop();
    const times = { opens_at: '2026-11-21T20:00:00.000Z', server_time: '2026-11-21T19:00:00.000Z' };
    shop.faults = [{ before: no(409, 'not_open', times) }];
    expect((await run(shop)).outcome).toMatchObject({ kind: 'refused', problem: { code: 'not_open' } });
  });

  it('ends, and says honestly whether an order may exist', async () => {
    const deaf = new Shop();
    deaf.faults = Array.from({ length: 50 }, () => ({ before: new NoAnswer('nothing') }));
    expect((await run(deaf)).outcome).toEqual({ kind: 'unanswered' });
    expect(deaf.calls.length).toBeLessThanOrEqual(14);

    const full = new Shop();
    full.faults = Array.from({ length: 50 }, () => ({ before: no(503, 'overloaded') }));
    expect((await run(full)).outcome).toMatchObject({ kind: 'refused', problem: { code: 'overloaded' } });

    // A gateway's 503 does not say whether the server behind it has acted.
    const gateway = new Shop();
    gateway.faults = Array.from({ length: 50 }, () => ({ before: no(503, '') }));
    expect((await run(gateway)).outcome).toEqual({ kind: 'unanswered' });
  });

  it('stops when the buyer would not wait', async () => {
    const shop = new Shop();
    shop.faults = [{ before: no(503, 'overloaded', {}, 60_000) }];
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('stopped')), 1_000);
    expect((await run(shop, abort)).outcome).toEqual({ kind: 'stopped', inDoubt: false });
    expect(shop.calls).toHaveLength(1);
  });
});

describe('the kept intent', () => {
  function shelf(): Shelf {
    const items = new Map<string, string>();
    return {
      getItem: (name) => items.get(name) ?? null,
      setItem: (name, value) => void items.set(name, value),
      removeItem: (name) => void items.delete(name),
    };
  }

  it('survives a reload, by drop, until it is answered', () => {
    const s = shelf();
    keepIntent(s, intent);
    expect(keptIntent(s, 'drop_1')).toEqual(intent);
    expect(keptIntent(s, 'drop_2')).toBeNull();
    forgetIntent(s, 'drop_1');
    expect(keptIntent(s, 'drop_1')).toBeNull();
  });

  it('is nothing where storage is switched off or holds rubbish', () => {
    const off = () => {
      throw new Error('denied');
    };
    const denied: Shelf = { getItem: off, setItem: off, removeItem: off };
    keepIntent(denied, intent);
    forgetIntent(denied, 'drop_1');
    expect(keptIntent(denied, 'drop_1')).toBeNull();
    const s = shelf();
    s.setItem('firebrand.intent.drop_1', '{');
    expect(keptIntent(s, 'drop_1')).toBeNull();
  });
});

describe('newKey', () => {
  it('makes version 4 UUIDs that differ', () => {
    const keys = new Set(Array.from({ length: 100 }, newKey));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
