import { describe, expect, it } from 'vitest';
import { ApiProblem, readProblem } from '../../../shared/api/problem.ts';
import type { EventPage, FeedEvent } from '../../../shared/api/types.ts';
import { offsetOf, placeBefore } from './eventAt.ts';
import { EventList, inOneLine } from './eventList.ts';

const event = (id: string, ms = 0): FeedEvent => ({
  id,
  type: 'org.firebrand.order_placed',
  subject: 'ord_1',
  time: new Date(ms).toISOString(),
  data: {},
});

/** A feed of events at these offsets, offset n made at n seconds; what is before `kept` was trimmed. */
function feedOf(offsets: number[], kept = 0) {
  const last = offsets.at(-1) ?? 0;
  const api = {
    asked: 0,
    events: async ({ after = '' }: { after?: string }): Promise<EventPage> => {
      api.asked += 1;
      if (after === 'latest') return { data: [], next_after: `evt_${last}-0`, has_more: false };
      const from = offsetOf(after) ?? 0;
      if (from < kept) throw new ApiProblem(readProblem(410, { code: 'events_trimmed' }), null);
      const next = offsets.find((offset) => offset > from);
      const data = next === undefined ? [] : [event(`evt_${next}-0`, next * 1_000)];
      return { data, next_after: after, has_more: false };
    },
  };
  return api;
}

describe('placeBefore', () => {
  it.each([
    ['in the middle', [3, 7, 9, 12], 0, 8_000, 'evt_7-65535'],
    ['at an event of that very time', [3, 7, 9, 12], 0, 9_000, 'evt_7-65535'],
    ['before all of it', [3, 7, 9, 12], 0, 0, 'evt_0-65535'],
    ['after all of it', [3, 7, 9, 12], 0, 60_000, 'evt_12-0'],
    ['where nothing has happened', [], 0, 5_000, 'evt_0-0'],
    ['in what is kept no more', [3, 7, 9, 12], 8, 1_000, 'evt_8-65535'],
  ])('finds the place %s', async (_, offsets, kept, fromMs, place) => {
    expect(await placeBefore(feedOf(offsets, kept), fromMs)).toBe(place);
  });

  it('asks little of a long log', async () => {
    const api = feedOf([1, 5_000_000, 1_000_000_000]);
    expect(await placeBefore(api, 4_000_000_000)).toBe('evt_1-65535');
    expect(api.asked).toBeLessThan(35);
  });
});

describe('EventList', () => {
  it('keeps the newest, newest first, each once', () => {
    const list = new EventList(2);
    for (const id of ['evt_1-0', 'evt_2-0', 'evt_2-0', 'evt_3-0']) list.push(event(id));
    expect(list.rows().map(({ id }) => id)).toEqual(['evt_3-0', 'evt_2-0']);
  });

  it('holds still, counts what comes, and goes on', () => {
    const list = new EventList(2);
    list.push(event('evt_1-0'));
    expect(list.rows()).toHaveLength(1);
    list.held = true;
    for (const id of ['evt_2-0', 'evt_3-0', 'evt_4-0']) list.push(event(id));
    expect(list.rows().map(({ id }) => id)).toEqual(['evt_1-0']);
    expect(list.heldBack).toBe(3);
    list.held = false;
    expect(list.rows().map(({ id }) => id)).toEqual(['evt_4-0', 'evt_3-0']);
    expect(list.heldBack).toBe(0);
  });

  it('writes data in one line', () => {
    expect(inOneLine({ order_id: 'ord_7', total: { amount: 5 } })).toBe('order_id ord_7 · total {"amount":5}');
  });
});
