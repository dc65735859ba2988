// Computes a draw again from its record (docs/formats/draw-record.md). The same as
// src/verify/draw_check.cpp.

import type { Hash } from './merkle.ts';
import { isSame, MerkleRoot, merkleLeaf } from './merkle.ts';
import { bigEndian, fromHex, sha256, utf8 } from './sha256.ts';

/** Why a record is not accepted; the words are the page's. */
export type DrawFault =
  | 'no_record'
  | 'malformed'
  | 'reveal_differs'
  | 'entries_differ'
  | 'not_sorted'
  | 'root_differs'
  | 'winners_differ'
  | 'reserve_differs'
  | 'passed_differ';

/** Lines by name, and the entries behind the last of them. */
export interface DrawRecord {
  readonly single: ReadonlyMap<string, string>;
  readonly winner: readonly string[];
  readonly reserve: readonly string[];
  /** "entrant reason" */
  readonly passed: readonly string[];
  /** "hash reason" */
  readonly excluded: readonly string[];
  readonly entries: readonly string[];
}

export interface VerifiedDraw {
  readonly draw: string;
  readonly entries: number;
  readonly winners: number;
  readonly reserve: number;
  readonly passed: number;
  readonly withheld: boolean;
  /** The entries were frozen when the beacon's value could be known. */
  readonly rootLate: boolean;
}

/** What is published before a secret is. */
export function commitmentOf(secret: Hash): Hash {
  return sha256(utf8('firebrand-commit/1\0'), secret);
}

/** Numbers below a bound from a seed, each as likely as the others. */
class DrawStream {
  #counter = 0;
  #words: bigint[] = [];

  constructor(readonly seed: Hash) {}

  #next(): bigint {
    if (this.#words.length === 0) {
      const view = new DataView(sha256(this.seed, bigEndian(this.#counter, 8)).buffer);
      this.#counter += 1;
      this.#words = [0, 8, 16, 24].map((at) => view.getBigUint64(at));
    }
    return this.#words.shift() as bigint;
  }
  below(bound: number): number {
    const many = BigInt(bound);
    const all = 1n << 64n;
    for (;;) {
      const word = this.#next();
      if (word < all - (all % many)) return Number(word % many);
    }
  }
}

/** The entries in their drawn order, one after another. */
function* drawnOrder(seed: Hash, entries: readonly string[]): Generator<string> {
  const order = [...entries];
  const stream = new DrawStream(seed);
  for (let i = 0; i < order.length; i += 1) {
    const j = i + stream.below(order.length - i);
    [order[i], order[j]] = [order[j] as string, order[i] as string];
    yield order[i] as string;
  }
}

export function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry, i) => entry === other[i]);
}

export function readDrawRecord(text: string): DrawRecord | DrawFault {
  const lines = text.split('\n');
  if (lines[0] !== 'firebrand-draw/1') return 'no_record';
  if (lines.pop() !== '') return 'malformed';
  const single = new Map<string, string>();
  const many = { winner: [] as string[], reserve: [] as string[], passed: [] as string[], excluded: [] as string[] };
  let at = 1;
  for (; at < lines.length && !single.has('entries'); at += 1) {
    const line = lines[at] as string;
    const blank = line.indexOf(' ');
    const name = blank < 0 ? line : line.slice(0, blank);
    const value = blank < 0 ? '' : line.slice(blank + 1);
    if (Object.hasOwn(many, name)) many[name as keyof typeof many].push(value);
    else if (single.has(name)) return 'malformed';
    else single.set(name, value);
  }
  return { single, ...many, entries: lines.slice(at) };
}

/** Computes everything in the record again. */
export function verifyDrawRecord(record: DrawRecord): VerifiedDraw | DrawFault {
  const { single, entries } = record;
  const hash = (name: string): Hash | undefined => fromHex(single.get(name) ?? '', 32);
  const number = (name: string): number => {
    const digits = single.get(name) ?? '';
    return /^[0-9]{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
  };
  const draw = single.get('draw') ?? '';
  const [commit, reveal, beacon, root] = ['commit', 'reveal', 'beacon', 'root'].map(hash);
  const [units, reserveMax, count] = ['units', 'reserve_max', 'entries'].map(number) as [number, number, number];
  if (!commit || !reveal || !beacon || !root || draw === '') return 'malformed';
  if ([units, reserveMax, count].some(Number.isNaN)) return 'malformed';
  const withheld = single.get('revealing') === 'withheld';
  if (!withheld && single.get('revealing') !== 'revealed') return 'malformed';
  const fits = withheld
    ? reveal.every((byte) => byte === 0)
    : isSame(commitmentOf(reveal), commit);
  if (!fits) return 'reveal_differs';
  if (entries.length !== count) return 'entries_differ';
  const tree = new MerkleRoot();
  for (let i = 0; i < entries.length; i += 1) {
    // Plain letters and digits: their order as texts is that of their bytes.
    if (i > 0 && !((entries[i - 1] as string) < (entries[i] as string))) return 'not_sorted';
    tree.append(merkleLeaf(utf8(entries[i] as string)));
  }
  if (!isSame(tree.root(), root)) return 'root_differs';

  const seed = sha256(utf8(`firebrand-draw/1\0${draw}\0`), root, reveal, beacon);
  const mayNot = new Set(record.passed.map((line) => line.split(' ')[0] as string));
  const winners: string[] = [];
  const reserve: string[] = [];
  const drawn = new Set<string>();
  let passed = 0;
  for (const entry of drawnOrder(seed, entries)) {
    if (winners.length === units && reserve.length === reserveMax) break;
    const entrant = entry.split('#')[0] as string;
    if (drawn.has(entrant)) continue;
    drawn.add(entrant);
    if (mayNot.has(entrant)) passed += 1;
    else (winners.length < units ? winners : reserve).push(entrant);
  }
  if (!isEqual(winners, record.winner)) return 'winners_differ';
  if (!isEqual(reserve, record.reserve)) return 'reserve_differs';
  if (passed !== record.passed.length) return 'passed_differ';
  // All times have one form, whose order is that of its text.
  const rootLate = (single.get('root_published_at') ?? '') >= (single.get('beacon_at') ?? '');
  return { draw, entries: count, winners: winners.length, reserve: reserve.length, passed, withheld, rootLate };
}
