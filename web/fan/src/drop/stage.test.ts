import { describe, expect, it } from 'vitest';
import type { DropStatus, Wave } from '../../../shared/api/types.ts';
import { newestDrop } from '../newest.ts';
import { canBuy, stageOf } from './stage.ts';

const opensMs = Date.parse('2026-11-21T20:00:00.000Z');
const at = (ms: number) => new Date(opensMs + ms).toISOString();

const wave = (number: number, opensAfterMs: number, more: Partial<Wave> = {}): Wave => ({
  wave: number,
  opens_at: at(opensAfterMs),
  units: 10,
  release: 'automatic',
  audience: 'everyone',
  state: 'scheduled',
  available: 0,
  ...more,
});

function status(more: Partial<DropStatus>, units: Partial<DropStatus['units']> = {}): DropStatus {
  return {
    drop_id: 'drop_1',
    launch_id: 'launch_1',
    launch_name: { zh: '', en: '' },
    sku_id: 'sku_1',
    sku_name: { zh: '', en: '' },
    prices: [],
    currency: 'CNY',
    state: 'open',
    pausing: 'running',
    opens_at: at(0),
    per_person_limit: 1,
    payment_window_seconds: 900,
    units: { total: 20, unreleased: 0, available: 0, held: 0, sold: 0, withdrawn: 0, returned: 0, ...units },
    waves: [],
    log_position: '1',
    ...more,
  };
}

describe('stageOf', () => {
  it('opens by the clock, before the server has said so', () => {
    const scheduled = status({ state: 'scheduled' });
    expect(stageOf(scheduled, opensMs - 1)).toMatchObject({ kind: 'countdown', targetMs: opensMs });
    expect(stageOf(scheduled, opensMs)).toEqual({ kind: 'opening' });
    expect(canBuy(stageOf(scheduled, opensMs - 1))).toBe(false);
    expect(canBuy(stageOf(scheduled, opensMs))).toBe(true);
  });

  it('counts down to the next wave when the last one is gone', () => {
    const gone = status({ waves: [wave(1, 0, { state: 'released' }), wave(3, 9_000), wave(2, 5_000)] });
    expect(stageOf(gone, opensMs + 1_000)).toMatchObject({ kind: 'countdown', targetMs: opensMs + 5_000, wave: { wave: 2 } });
    expect(stageOf(gone, opensMs + 5_000)).toEqual({ kind: 'opening' });
  });

  it('knows no time for a wave that is released by hand', () => {
    const waves = [wave(1, 0, { state: 'released' }), wave(2, 5_000, { release: 'manual' })];
    const byHand = status({ state: 'between_waves', waves });
    expect(stageOf(byHand, opensMs + 6_000)).toEqual({ kind: 'between' });
  });

  it('does not call a batch gone that was never on sale', () => {
    const waves = [wave(1, 0, { release: 'manual' }), wave(2, 5_000, { release: 'manual' })];
    const waiting = stageOf(status({ state: 'between_waves', waves }), opensMs + 6_000);
    expect(waiting).toEqual({ kind: 'unreleased' });
    expect(canBuy(waiting)).toBe(false);
  });

  it('tells "all taken" from "sold out" by what is still being paid for', () => {
    expect(stageOf(status({}, { held: 1 }), opensMs)).toEqual({ kind: 'taken' });
    expect(stageOf(status({ state: 'sold_out' }, { sold: 20 }), opensMs)).toEqual({ kind: 'sold_out' });
    expect(stageOf(status({}, { available: 1 }), opensMs)).toEqual({ kind: 'open' });
  });

  it('counts down to an opening that is paused, and does not open', () => {
    const early = status({ state: 'scheduled', pausing: 'paused' });
    expect(stageOf(early, opensMs - 1)).toMatchObject({ kind: 'countdown', paused: true });
    expect(stageOf(early, opensMs)).toEqual({ kind: 'paused' });
    expect(stageOf({ ...early, pausing: 'running' }, opensMs - 1)).toMatchObject({ paused: false });
  });

  it('lets pause and cancellation win over everything', () => {
    expect(stageOf(status({ state: 'paused' }, { available: 5 }), opensMs)).toEqual({ kind: 'paused' });
    expect(stageOf(status({ state: 'cancelled' }, { available: 5 }), opensMs)).toEqual({ kind: 'cancelled' });
  });
});

describe('newestDrop', () => {
  it('is the latest to open; a cancelled one only when there is no other', () => {
    const drops = [
      status({ drop_id: 'drop_9', opens_at: at(-1) }),
      status({ drop_id: 'drop_10', opens_at: at(0) }),
      status({ drop_id: 'drop_2', opens_at: at(0) }),
      status({ drop_id: 'drop_11', opens_at: at(9), state: 'cancelled' }),
    ];
    expect(newestDrop(drops)).toBe('drop_10');
    expect(newestDrop(drops.slice(3))).toBe('drop_11');
    expect(newestDrop([])).toBeNull();
  });
});
