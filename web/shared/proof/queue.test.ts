import { describe, expect, it } from 'vitest';
import type { LogFault } from './log.ts';
import { ShuffledOrder } from './order.ts';
import { bigEndian, fromHex, sha256, toHex, utf8 } from './sha256.ts';
import { linesOf, published, readLines } from './testing.ts';

const lines = linesOf(published('log.leaves'));

describe('the order of a waiting room', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
  const seedOf = (early: number) =>
    sha256(utf8('firebrand-room/1\0'), bigEndian(1, 8), bigEndian(1, 2), bigEndian(early, 8), secret);

  // The vectors of docs/formats/waiting-room-order.md.
  it('is the published one, there and back', () => {
    expect(toHex(seedOf(10))).toBe('8749f5281c44e927af49492091ecb91240c156334618075ef25f39b1513ef565');
    const few = new ShuffledOrder(seedOf(10), 10);
    const positions = Array.from({ length: 10 }, (_, place) => few.positionOf(place));
    expect(positions).toEqual([6, 2, 8, 7, 9, 5, 4, 3, 0, 1]);
    expect(positions.map((position) => few.entryAt(position))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const many = new ShuffledOrder(seedOf(1_000_000), 1_000_000);
    expect([0, 1, 2, 999_999].map((place) => many.positionOf(place))).toEqual([218132, 554353, 514817, 341172]);
    expect(many.entryAt(341172)).toBe(999_999);
    expect(new ShuffledOrder(seedOf(0), 0).size).toBe(0);
  });
});

describe('the queues of the published log', () => {
  it('let people in each in turn', () => {
    const { queues } = readLines(lines);
    const room = queues.rooms.get('drop_1')?.get(2);
    expect(room).toMatchObject({ admitted: 5, revealed: true, withheld: false });
    expect(room?.waits).toHaveLength(7);
    expect(queues.waitlists.get('drop_1')).toMatchObject({ served: 1 });
    expect(queues.ties.get('drop_1')).toMatchObject({ windows: 3, decided: 7, inversions: 3, revealed: true });
    expect(queues.ties.get('drop_2')).toBeUndefined();
  });

  const find = (part: string): string => lines.find((line) => line.includes(part)) ?? '';
  /** What a line is about, behind its place and time. */
  const about = (part: string): string => find(part).replace(/^1 \S+ \S+ /, '');
  /** The log with one line about something else. */
  const told = (part: string, instead: string) =>
    readLines(lines.map((line) => (line === find(part) ? line.replace(/^(1 \S+ \S+) .*/, `$1 ${instead}`) : line)));
  const room = (kind: string, fields: string): string => `${kind} drop=drop_1 wave=2 ${fields}`;
  const zeros = '0'.repeat(64);

  const rows: [string, string, LogFault][] = [
    ['place_admitted drop=drop_1 wave=2 place=1', room('place_admitted', 'place=5'), 'let_in_before_others'],
    ['place_admitted drop=drop_1 wave=2 place=1', room('place_admitted', 'place=2'), 'let_in_without_waiting'],
    ['place_admitted drop=drop_1 wave=2 place=5', room('place_admitted', 'place=1'), 'let_in_without_waiting'],
    ['drop_opened', room('place_admitted', 'place=1'), 'let_in_too_soon'],
    ['drop_opened', about('waiting_room_opened'), 'queue_fixed_again'],
    ['wave_sold_out', about('waiting_room_revealed'), 'queue_step_out_of_turn'],
    ['drop_opened', 'place_joined drop=drop_1 wave=3 place=1', 'queue_step_out_of_turn'],
    ['waiting_room_revealed', room('waiting_room_revealed', `secret=${'1'.repeat(64)} early=6`), 'queue_secret_differs'],
    ['waiting_room_revealed', about('waiting_room_revealed').replace('early=6', 'early=9'), 'more_early_than_joined'],
    ['waiting_room_revealed', about('waiting_room_revealed').replace('early=6', 'early=x'), 'malformed'],
    ['drop_opened', room('place_joined', 'place=9'), 'place_left_out'],
    ['drop_opened', room('place_joined', 'place=0'), 'malformed'],
    ['waitlist_left', 'waitlist_served drop=drop_1 place=2', 'turn_before_others'],
    ['waitlist_served', 'waitlist_served drop=drop_1 place=1', 'turn_without_waiting'],
    ['waitlist_left', 'waitlist_joined drop=drop_1 place=5', 'place_left_out'],
    ['tie_key_revealed', `tie_key_revealed drop=drop_1 key=${zeros}`, 'tie_key_differs'],
    ['tie_key_revealed', 'tie_order_recorded drop=drop_1 windows=1 decided=2', 'malformed'],
  ];
  it.each(rows)('does not accept for %s: %s', (part, instead, fault) => {
    expect(told(part, instead).refused).toEqual({ leaf: lines.indexOf(find(part)), fault });
  });

  it('does not accept somebody whose turn was over', () => {
    // Place 6 stood second and stayed away; it comes back when the fifth was let in.
    const at = lines.indexOf(find('place_ended drop=drop_1 wave=2 place=5'));
    const back = [lines[at] ?? '', find('wave_sold_out')].map((line) => line.replace(/^(1 \S+ \S+) .*/, '$1'));
    const log = readLines([
      ...lines.slice(0, at),
      `${back[0]} ${room('place_joined', 'place=6')}`,
      `${back[1]} ${room('place_admitted', 'place=6')}`,
    ]);
    expect(log.refused).toEqual({ leaf: at + 1, fault: 'let_in_after_turn' });
  });

  it('takes zeros for a secret that was withheld', () => {
    const log = told('waiting_room_revealed', room('waiting_room_revealed', `secret=${zeros} early=0`));
    expect(log.queues.rooms.get('drop_1')?.get(2)?.withheld).toBe(true);
    expect(fromHex(zeros, 32)).toHaveLength(32);
  });
});
