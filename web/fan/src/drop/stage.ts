import type { DropStatus, Wave } from '../../../shared/api/types.ts';

/**
 * What a fan sees, from the drop's status and the server's time. `opening` is the blink between the
 * moment of opening and the first status that says so: the button already works.
 */
export type Stage =
  /** `paused`: the shop has stopped sales that have yet to begin. */
  | { kind: 'countdown'; targetMs: number; wave: Wave | null; paused: boolean }
  | { kind: 'opening' }
  | { kind: 'open' }
  /** Everything released so far is taken, but some of it is only held. */
  | { kind: 'taken' }
  /** Taken, and the rest is released by hand: nobody knows when. */
  | { kind: 'between' }
  /** The same before the first batch: nothing was on sale yet. */
  | { kind: 'unreleased' }
  | { kind: 'paused' }
  | { kind: 'sold_out' }
  | { kind: 'cancelled' };

export function stageOf(status: DropStatus, nowMs: number): Stage {
  const opensMs = Date.parse(status.opens_at);
  switch (status.state) {
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'paused':
      return { kind: 'paused' };
    case 'scheduled':
      if (nowMs < opensMs) {
        return { kind: 'countdown', targetMs: opensMs, wave: null, paused: status.pausing === 'paused' };
      }
      return { kind: status.pausing === 'paused' ? 'paused' : 'opening' };
    case 'open':
    case 'between_waves':
    case 'sold_out':
      if (status.units.available > 0) return { kind: 'open' };
      return afterAvailable(status, nowMs);
  }
}

function afterAvailable(status: DropStatus, nowMs: number): Stage {
  const coming = status.waves.filter((wave) => wave.state === 'scheduled');
  const timed = coming
    .filter((wave) => wave.release === 'automatic')
    .sort((a, b) => Date.parse(a.opens_at) - Date.parse(b.opens_at));
  const next = timed[0];
  if (next) {
    const targetMs = Date.parse(next.opens_at);
    return nowMs < targetMs ? { kind: 'countdown', targetMs, wave: next, paused: false } : { kind: 'opening' };
  }
  if (coming.length > 0) return { kind: coming.length < status.waves.length ? 'between' : 'unreleased' };
  return status.units.held > 0 ? { kind: 'taken' } : { kind: 'sold_out' };
}

/** Whether pressing the button can end in an order, as far as this page knows. */
export function canBuy(stage: Stage): boolean {
  return stage.kind === 'open' || stage.kind === 'opening';
}
