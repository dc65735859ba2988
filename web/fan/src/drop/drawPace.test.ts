import { describe, expect, it } from 'vitest';
import type { DrawReceipt, DrawStatus } from '../../../shared/api/types.ts';
import { lookAgainMs, mayHaveChanged } from './drawPace.ts';

const nowMs = Date.parse('2026-11-21T20:00:00.000Z');
const at = (ms: number) => new Date(nowMs + ms).toISOString();
const draw = (more: Partial<DrawStatus> = {}): DrawStatus => ({
  draw_id: 'draw_1',
  wave: 1,
  state: 'open',
  units: 1,
  entrants: 0,
  entries: 0,
  closes_at: at(3_600_000),
  reveal_due_at: at(5_400_000),
  beacon_at: at(7_200_000),
  beacon_source: 'demo',
  beacon_round: 1,
  root_published: false,
  root: '',
  revealing: 'awaited',
  winners: 0,
  reserve: 0,
  promoted: 0,
  ...more,
});
const receipt = (state: DrawReceipt['state']): DrawReceipt => ({
  draw_id: 'draw_1',
  entrant: 'aa',
  state,
  tickets: 1,
  place: 0,
  order_id: null,
  reason: '',
});
const none = () => 0;

describe('looking at draws', () => {
  it('comes back ever more rarely while nothing moves', () => {
    const pauses = [0, 1, 2, 3, 4, 20].map((quiet) => lookAgainMs([draw()], {}, 1, quiet, nowMs, none));
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('does not sleep through a close or a beacon, and scatters', () => {
    expect(lookAgainMs([draw({ closes_at: at(1_000) })], {}, 1, 9, nowMs, none)).toBe(1_000);
    const closed = draw({ state: 'closed', closes_at: at(-1_000), beacon_at: at(30_000) });
    expect(lookAgainMs([closed], {}, 1, 9, nowMs, () => 0.5)).toBe(32_000);
  });

  it('goes on for a draw that is still to be opened, and for a place in the reserve', () => {
    const done = draw({ state: 'completed' });
    expect(lookAgainMs([], {}, 1, 0, nowMs, none)).toBe(5_000);
    expect(lookAgainMs([done], {}, 2, 0, nowMs, none)).toBe(5_000);
    expect(lookAgainMs([done], { draw_1: receipt('reserve') }, 1, 0, nowMs, none)).toBe(5_000);
  });

  it('ends when all is drawn', () => {
    expect(lookAgainMs([draw({ state: 'completed' })], { draw_1: receipt('won') }, 1, 0, nowMs, none)).toBeNull();
  });
});

describe('mayHaveChanged', () => {
  it.each([
    [draw(), undefined, undefined, true],
    [draw({ entrants: 9 }), draw(), receipt('entered'), false],
    [draw({ state: 'closed' }), draw(), receipt('entered'), true],
    [draw({ state: 'decided', winners: 2 }), draw({ state: 'decided', winners: 1 }), receipt('entered'), true],
    [draw({ state: 'completed', promoted: 1 }), draw({ state: 'completed' }), receipt('won'), false],
    [draw({ state: 'completed', promoted: 1 }), draw({ state: 'completed' }), receipt('reserve'), true],
  ])('case %#', (now, before, mine, changed) => {
    expect(mayHaveChanged(now, before, mine)).toBe(changed);
  });
});
