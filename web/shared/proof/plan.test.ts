import { describe, expect, it } from 'vitest';
import type { LogFault } from './log.ts';
import { linesOf, published, readLines } from './testing.ts';

const lines = linesOf(published('log.leaves'));
const find = (part: string): string => lines.find((line) => line.includes(part)) ?? '';

describe('what was fixed before the published sale', () => {
  it('was kept', () => {
    const drop = readLines(lines).plans.drops.get('drop_1');
    expect(drop?.waves.get(4)).toMatchObject({
      moment: Date.parse('2026-11-21T20:00:22.810Z'), released: Date.parse('2026-11-21T20:00:23.060Z'),
    });
    expect(drop?.waves.get(1)?.window).toBeUndefined();
    expect([...(drop?.excluded ?? [])]).toEqual([['reseller', 1], ['automated', 1]]);
  });

  const rows: [string, (line: string) => string, LogFault][] = [
    [' wave_revealed ', (line) => line.replace('.810Z secret', '.811Z secret'), 'moment_differs'],
    [' wave_revealed ', (line) => line.replace(/secret=../, 'secret=00'), 'wave_secret_differs'],
    [' wave_revealed ', (line) => line.replace('wave=4', 'wave=3'), 'moment_not_fixed'],
    [' wave_revealed ', (line) => line.replace(/ secret=.*/, ''), 'malformed'],
    [' drop_opened ', (line) => line.replace('drop_opened', 'drop_excluded'), 'kept_out_too_late'],
    [' drop_opened ', (line) => line.replace(/drop_opened.*/, 'drop_committed drop=drop_1'), 'moments_fixed_again'],
    [' drop_opened ', (line) => line.replace(/drop_opened.*/, 'drop_committed drop=drop_9'), 'not_planned'],
    [' drop_committed ', (line) => line.replace('windows=4@', 'windows=44@'), 'malformed'],
    [' drop_committed ', (line) => line.replace('+10', '+0'), 'malformed'],
    [' drop_committed ', (line) => line.replace(' commitment=', ' other='), 'malformed'],
  ];
  it.each(rows)('does not accept another%sline (%#)', (part, change, fault) => {
    const log = readLines(lines.map((line) => (line === find(part) ? change(line) : line)));
    expect(log.refused).toEqual({ leaf: lines.indexOf(find(part)), fault });
  });
});
