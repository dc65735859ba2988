// What the public log says of draws, and whether the record of one says the same. As in
// src/verify/draw_check.cpp.

import type { DrawFault, DrawRecord, VerifiedDraw } from './draw.ts';
import { isEqual, readDrawRecord, verifyDrawRecord } from './draw.ts';
import type { Leaf } from './leaf.ts';
import { count, plainText } from './leaf.ts';
import type { Hash } from './merkle.ts';
import { fromHex, sha256, toHex, utf8 } from './sha256.ts';

/** Why a record is not the one of the log; the words are the page's. */
export type DrawLogFault =
  | DrawFault
  | 'other_draw'
  | 'not_completed'
  | 'step_out_of_turn'
  | 'line_not_in_log'
  | 'entries_not_in_log'
  | 'excluded_not_in_log'
  | 'winners_not_in_log'
  | 'reserve_not_in_log'
  | 'passed_not_in_log';

export type DrawCheck =
  /** `line` is the one of the record that the log does not have. */
  { readonly fault: DrawLogFault; readonly line?: string } | (VerifiedDraw & { readonly fault?: undefined });

class LoggedDraw {
  completed = false;
  /** A step that came when it could not. */
  outOfTurn = false;
  drop = '';
  wave = '';
  readonly single = new Map<string, string>();
  /** Of those who take part. */
  readonly tickets = new Map<string, number>();
  /** Reason by entrant. */
  readonly excluded = new Map<string, string>();
  readonly passed = new Set<string>();
  readonly winner: string[] = [];
  readonly reserve: string[] = [];
  readonly #seen = new Set<string>();

  /** Whether the leaf may stand where it stands: a commitment that comes late commits to nothing. */
  #isInTurn(kind: string): boolean {
    const was = (other: string): boolean => this.#seen.has(other);
    const isRevealed = was('draw_revealed') || was('draw_reveal_withheld');
    switch (kind) {
      case 'draw_opened':
        return !was(kind);
      case 'draw_entered':
      case 'draw_left':
      case 'draw_excluded':
      case 'draw_tickets_granted':
        return was('draw_opened') && !was('draw_closed');
      case 'draw_closed':
        return was('draw_opened') && !was(kind);
      case 'draw_root_published':
        return was('draw_closed') && !was(kind);
      case 'draw_revealed':
      case 'draw_reveal_withheld':
        return was('draw_closed') && !isRevealed;
      case 'draw_beacon_posted':
        return was('draw_root_published') && !was(kind);
      default:
        return was('draw_beacon_posted') && isRevealed;
    }
  }

  take(leaf: Leaf): void {
    this.outOfTurn ||= !this.#isInTurn(leaf.kind);
    this.#seen.add(leaf.kind);
    const of = (name: string): string => leaf.fields.get(name) ?? '';
    const entrant = of('entrant');
    switch (leaf.kind) {
      case 'draw_opened':
        for (const [name, value] of leaf.fields) this.single.set(name, plainText(value));
        this.drop = of('drop');
        this.wave = of('wave');
        this.single.set('drop', this.drop.slice(this.drop.indexOf('_') + 1));
        break;
      case 'draw_entered':
      case 'draw_tickets_granted':
        this.tickets.set(entrant, count(leaf, 'tickets') ?? 0);
        break;
      case 'draw_left':
        this.tickets.delete(entrant);
        break;
      case 'draw_excluded':
        this.tickets.delete(entrant);
        this.excluded.set(entrant, of('reason'));
        break;
      case 'draw_root_published':
        this.single.set('root', of('root')).set('root_published_at', leaf.time);
        break;
      case 'draw_revealed':
        this.single.set('reveal', of('reveal')).set('revealing', 'revealed');
        break;
      case 'draw_reveal_withheld':
        this.single.set('reveal', '0'.repeat(64)).set('revealing', 'withheld');
        break;
      case 'draw_beacon_posted':
        this.single.set('beacon', of('beacon'));
        break;
      case 'draw_won':
        this.winner.push(entrant);
        break;
      case 'draw_reserved':
        this.reserve.push(entrant);
        break;
      case 'draw_passed_over':
        if (!this.completed) this.passed.add(`${entrant} ${of('reason')}`);
        break;
      case 'draw_completed':
        this.completed = true;
        break;
    }
  }

  /** As the record lists them; undefined if there are not so many. */
  entries(size: number): string[] | undefined {
    const all = [...this.tickets.values()].reduce((sum, tickets) => sum + tickets, 0);
    if (all !== size) return undefined;
    const each = ([entrant, tickets]: [string, number]): string[] =>
      Array.from({ length: tickets }, (_, i) => `${entrant}#${i + 1}`);
    return [...this.tickets].flatMap(each).sort();
  }
  exclusions(commit: Hash): string[] {
    const hash = (entrant: string): string => toHex(sha256(utf8('firebrand-excluded/1\0'), commit, utf8(entrant)));
    return [...this.excluded].map(([entrant, reason]) => `${hash(entrant)} ${reason}`).sort();
  }
}

export class DrawBook {
  readonly draws = new Map<string, LoggedDraw>();
  /** What each wave has to hand out, by drop and wave: what was released, and moved there or away since. */
  readonly #units = new Map<string, number>();

  take(leaf: Leaf): void {
    const drop = leaf.fields.get('drop') ?? '';
    if (leaf.kind.startsWith('draw_')) {
      const name = leaf.fields.get('draw') ?? '';
      const draw = this.draws.get(name) ?? new LoggedDraw();
      this.draws.set(name, draw);
      draw.take(leaf);
      if (leaf.kind !== 'draw_completed') return;
      draw.single.set('units', String(this.#units.get(`${draw.drop} ${draw.wave}`) ?? 0));
    } else if (leaf.kind === 'wave_released') {
      this.#units.set(`${drop} ${leaf.fields.get('wave')}`, count(leaf, 'units') ?? 0);
    } else if (leaf.kind === 'units_moved') {
      for (const [field, sign] of [['to_wave', 1], ['from_wave', -1]] as const) {
        const name = `${drop} ${leaf.fields.get(field)}`;
        const units = this.#units.get(name) ?? 0;
        if (units > 0) this.#units.set(name, units + sign * (count(leaf, 'units') ?? 0));
      }
    }
  }

  /** Computes the record of a draw again, and compares it with what the log has said so far. */
  check(name: string, text: string): DrawCheck {
    const record = readDrawRecord(text);
    if (typeof record === 'string') return { fault: record };
    const verified = verifyDrawRecord(record);
    if (typeof verified === 'string') return { fault: verified };
    return this.#compare(name, record) ?? verified;
  }

  #compare(name: string, record: DrawRecord): DrawCheck | undefined {
    if (record.single.get('draw') !== name) return { fault: 'other_draw' };
    const logged = this.draws.get(name);
    const commit = fromHex(logged?.single.get('commit') ?? '', 32);
    if (logged === undefined || !logged.completed || commit === undefined) return { fault: 'not_completed' };
    if (logged.outOfTurn) return { fault: 'step_out_of_turn' };
    const entries = logged.entries(record.entries.length);
    if (entries === undefined || !isEqual(record.entries, entries)) return { fault: 'entries_not_in_log' };
    const said = new Map(logged.single).set('entries', String(entries.length));
    for (const line of new Set([...record.single.keys(), ...said.keys()])) {
      if (record.single.get(line) !== said.get(line)) return { fault: 'line_not_in_log', line };
    }
    if (!isEqual(record.excluded, logged.exclusions(commit))) return { fault: 'excluded_not_in_log' };
    if (!isEqual(record.winner, logged.winner)) return { fault: 'winners_not_in_log' };
    if (!isEqual(record.reserve, logged.reserve)) return { fault: 'reserve_not_in_log' };
    if (!isEqual([...record.passed].sort(), [...logged.passed].sort())) return { fault: 'passed_not_in_log' };
    return undefined;
  }
}
