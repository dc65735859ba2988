import { describe, expect, it } from 'vitest';
import { changes, linesOf, published, readLines } from './testing.ts';

const record = published('draw.record');
const lines = linesOf(published('log.leaves'));

describe('the record of a draw', () => {
  const { draws } = readLines(lines);

  it('is computed again, and is as the log tells', () => {
    expect(draws.check('draw_1', record)).toEqual({
      draw: 'draw_1', entries: 6, winners: 3, reserve: 1, passed: 1, withheld: false, rootLate: false,
    });
    expect(draws.check('draw_2', record)).toEqual({ fault: 'other_draw' });
  });

  it('is refused when any character is changed', () => {
    for (const changed of changes(record)) expect(draws.check('draw_1', changed).fault, changed).toBeDefined();
    expect(draws.check('draw_1', record.replace('tickets_max 2', 'tickets_max 3'))).toEqual({
      fault: 'line_not_in_log', line: 'tickets_max',
    });
  });

  it('is refused when the log tells otherwise', () => {
    const told = (change: (line: string) => string[]) => readLines(lines.flatMap(change)).draws.check('draw_1', record);
    const without = (kind: string) => told((line) => (line.includes(` ${kind} `) ? [] : [line]));
    expect(without('draw_completed')).toEqual({ fault: 'not_completed' });
    expect(without('draw_left')).toEqual({ fault: 'entries_not_in_log' });
    expect(without('draw_excluded')).toEqual({ fault: 'entries_not_in_log' });
    expect(without('draw_passed_over')).toEqual({ fault: 'passed_not_in_log' });
    expect(without('draw_reserved')).toEqual({ fault: 'reserve_not_in_log' });
    expect(without('draw_root_published')).toEqual({ fault: 'step_out_of_turn' });
    const larger = told((line) => [line.replace('wave=3 units=2', 'wave=3 units=3')]);
    expect(larger).toEqual({ fault: 'line_not_in_log', line: 'units' });
    expect(told((line) => [line.replace('reason=reseller', 'reason=other')])).toEqual({ fault: 'excluded_not_in_log' });
    // A commitment that comes late commits to nothing.
    const opened = lines.find((line) => line.includes(' draw_opened ')) ?? '';
    const again = opened.slice(opened.indexOf('draw_opened'));
    const next = (line: string): string => {
      const [version, place = '', time] = line.split(' ');
      return `${version} ${Number(place.split('-')[0]) + 1}-0 ${time} ${again}`;
    };
    const late = told((line) => (line.includes(' draw_closed ') ? [line, next(line)] : [line]));
    expect(late).toEqual({ fault: 'step_out_of_turn' });
  });
});
