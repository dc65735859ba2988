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

  // The figures of docs/formats/wave-moment.md.
  it('is computed as documented', () => {
    const log = (moment: string) => [
      '1 1-0 2026-11-21T19:00:00.000Z stock_received sku=sku_1 units=9',
      '1 2-0 2026-11-21T19:00:00.000Z drop_created drop=drop_1 sku=sku_1 opens_at=2026-11-21T20:00:00.000Z units=9 per_person_limit=1',
      '1 3-0 2026-11-21T19:00:00.000Z drop_committed drop=drop_1 commitment=759e39629a1b3af8eded1db63badf8cd88203855cff7e21e972edc2e183d34b4 windows=2@2026-11-21T20:00:00.000Z+60',
      `1 4-0 2026-11-21T20:01:00.000Z wave_revealed drop=drop_1 wave=2 moment=${moment} secret=6371cb80c8020abf2b3d6c66dd8976f1b5ecfcbdcc4ac50d6032972b95c114c2`,
    ];
    expect(readLines(log('2026-11-21T20:00:59.521Z')).refused).toBeUndefined();
    expect(readLines(log('2026-11-21T20:00:59.520Z')).refused?.fault).toBe('moment_differs');
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
