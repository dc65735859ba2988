import type { DrawReceipt, DrawStatus } from '../../../shared/api/types.ts';

const shortestMs = 5_000;
const longestMs = 60_000;
/** Everybody knows the moments of a draw: nobody has to come at the same one. */
const spreadMs = 4_000;

/**
 * How long to wait before looking at the draws of a drop again; null: all the `expected` ones are over, and
 * nothing can change any more. `quiet` counts the looks that have found nothing new: the pauses grow with it, but the moments at which
 * something must happen are not slept through.
 */
export function lookAgainMs(
  draws: readonly DrawStatus[],
  receipts: Readonly<Record<string, DrawReceipt | null>>,
  expected: number,
  quiet: number,
  nowMs: number,
  random: () => number,
): number | null {
  const moves = (draw: DrawStatus) => draw.state !== 'completed' || receipts[draw.draw_id]?.state === 'reserve';
  if (draws.length >= expected && !draws.some(moves)) return null;
  const pause = Math.min(longestMs, shortestMs * 2 ** Math.min(quiet, 8));
  const moments = draws
    .filter((draw) => draw.state !== 'completed')
    .flatMap((draw) => [draw.closes_at, draw.beacon_at])
    .map((at) => Date.parse(at) - nowMs)
    .filter((ms) => ms > 0);
  return Math.min(pause, ...moments) + spreadMs * random();
}

/** Whether a fan's part in a draw may be another than when it was last asked for. */
export function mayHaveChanged(
  draw: DrawStatus,
  before: DrawStatus | undefined,
  receipt: DrawReceipt | null | undefined,
): boolean {
  return (
    before === undefined ||
    draw.state !== before.state ||
    draw.winners !== before.winners ||
    (receipt?.state === 'reserve' && draw.promoted !== before.promoted)
  );
}
