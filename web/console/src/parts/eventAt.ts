import type { StaffApi } from '../../../shared/api/client.ts';
import { ApiProblem } from '../../../shared/api/problem.ts';

/** Behind everything that the record at `offset` caused (65,535 is the last place there can be). */
const behind = (offset: number) => `evt_${offset}-65535`;

/** An event's id as its log offset; null if it is none. */
export function offsetOf(eventId: string): number | null {
  const match = /^evt_(\d+)-\d+$/.exec(eventId);
  return match === null ? null : Number(match[1]);
}

/**
 * The place behind which all events of `fromMs` and later stand, by halving: some thirty requests in the
 * longest log. What is not kept any more counts as earlier.
 */
export async function placeBefore(api: Pick<StaffApi, 'events'>, fromMs: number): Promise<string> {
  const latest = await api.events({ after: 'latest', limit: 1 });
  /** Whether what follows the offset is of the time or later; nothing following is later still. */
  const isReached = async (offset: number): Promise<boolean> => {
    try {
      const [next] = (await api.events({ after: behind(offset), limit: 1 })).data;
      return next === undefined || Date.parse(next.time) >= fromMs;
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.code === 'events_trimmed') return false;
      throw error;
    }
  };
  let low = 0;
  let high = offsetOf(latest.next_after) ?? 0;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isReached(middle)) high = middle;
    else low = middle + 1;
  }
  // Behind the very last offset nothing has happened, and the feed knows no place there.
  return low === offsetOf(latest.next_after) ? latest.next_after : behind(low);
}
