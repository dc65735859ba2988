import { describe, expect, it } from 'vitest';
import type { Order, OrderState } from '../../../shared/api/types.ts';
import { isHeld, merge } from './orders.svelte.ts';

const order = (number: number, state: OrderState): Order => ({
  order_id: `ord_${number}`,
  drop_id: 'drop_1',
  wave: 1,
  person_id: 'per_1',
  quantity: 1,
  total: { amount: 1, currency: 'CNY' },
  state,
  created_at: new Date(number * 1000).toISOString(),
  expires_at: new Date(number * 1000 + 900_000).toISOString(),
});

describe('merge', () => {
  it('keeps what a lagging list does not know yet, and brings back nothing that has ended', () => {
    const known = [order(2, 'pending_payment'), order(1, 'paid')];
    const list = [order(1, 'pending_payment')];
    expect(merge(known, list).map((o) => [o.order_id, o.state])).toEqual([
      ['ord_2', 'pending_payment'],
      ['ord_1', 'paid'],
    ]);
  });

  it('takes what is new, newest first', () => {
    const merged = merge([order(2, 'pending_payment')], [order(2, 'expired'), order(3, 'pending_payment')]);
    expect(merged.map((o) => [o.order_id, o.state])).toEqual([
      ['ord_3', 'pending_payment'],
      ['ord_2', 'expired'],
    ]);
  });
});

describe('isHeld', () => {
  it('ends at the deadline, whatever the state still says', () => {
    const held = order(0, 'pending_payment');
    expect(isHeld(held, 899_999)).toBe(true);
    expect(isHeld(held, 900_000)).toBe(false);
    expect(isHeld(order(0, 'paid'), 0)).toBe(false);
  });
});
