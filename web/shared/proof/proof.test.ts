import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verifyDrawRecord } from './draw.ts';
import { LogReader } from './log.ts';
import type { Hash } from './merkle.ts';
import { MerkleRoot, merkleLeaf, merkleNode, verifyConsistency, verifyInclusion } from './merkle.ts';
import { checkSignature, readKeys, readTreeHead } from './note.ts';
import { checkReceipt } from './receipt.ts';
import { fromHex, sha256, toHex, utf8 } from './sha256.ts';
import type { StockFault } from './stock.ts';

// Made by a program that shares no code with ours.
function published(name: string): string {
  return readFileSync(new URL(`../../../tests/published/${name}`, import.meta.url), 'utf8');
}
const keys = readKeys(published('log.keys')) ?? [];

function readLog(text: string): LogReader {
  const reader = new LogReader();
  for (const line of text.split('\n').slice(0, -1)) reader.take(line);
  return reader;
}

/** The text with another character at each place in turn. */
function* changes(text: string): Generator<string> {
  for (let i = 0; i < text.length; i += 1) {
    const changed = String.fromCharCode(text.charCodeAt(i) ^ 1);
    yield text.slice(0, i) + changed + text.slice(i + 1);
  }
}

describe('sha256', () => {
  it('is the one of the library at every length', () => {
    for (let size = 0; size < 200; size += 1) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) & 255);
      expect(toHex(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
    expect(toHex(sha256(utf8('a'), utf8('bc')))).toBe(createHash('sha256').update('abc').digest('hex'));
  });
});

describe('the tree', () => {
  it('has the published roots', () => {
    const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const tree = new MerkleRoot();
    for (const entry of entries) tree.append(merkleLeaf(fromHex(entry, entry.length / 2) as Hash));
    expect(toHex(tree.root())).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  // The definitions of RFC 6962, 2.1, 2.1.1 and 2.1.2.
  const split = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));
  function rootOf(leaves: Hash[]): Hash {
    if (leaves.length === 0) return sha256();
    if (leaves.length === 1) return leaves[0] as Hash;
    const k = split(leaves.length);
    return merkleNode(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
  }
  function pathOf(leaf: number, leaves: Hash[]): Hash[] {
    if (leaves.length === 1) return [];
    const k = split(leaves.length);
    return leaf < k
      ? [...pathOf(leaf, leaves.slice(0, k)), rootOf(leaves.slice(k))]
      : [...pathOf(leaf - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
  }
  function subproof(size: number, leaves: Hash[], known: boolean): Hash[] {
    if (size === leaves.length) return known ? [] : [rootOf(leaves)];
    const k = split(leaves.length);
    return size <= k
      ? [...subproof(size, leaves.slice(0, k), known), rootOf(leaves.slice(k))]
      : [...subproof(size - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
  }
  const leaves = Array.from({ length: 20 }, (_, i) => merkleLeaf(utf8(`entry ${i}`)));
  const head = (size: number): { size: number; root: Hash } => ({ size, root: rootOf(leaves.slice(0, size)) });
  const flip = (hash: Hash): Hash => hash.map((byte, i) => (i === 31 ? byte ^ 1 : byte));

  it('accepts every proof, and none that is changed', () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      for (let leaf = 0; leaf < size; leaf += 1) {
        const path = pathOf(leaf, leaves.slice(0, size));
        const hash = leaves[leaf] as Hash;
        expect(verifyInclusion(hash, leaf, path, head(size))).toBe(true);
        expect(verifyInclusion(flip(hash), leaf, path, head(size))).toBe(false);
        expect(verifyInclusion(hash, size, path, head(size))).toBe(false);
        path.forEach((node, i) => {
          expect(verifyInclusion(hash, leaf, path.with(i, flip(node)), head(size))).toBe(false);
        });
      }
      for (let from = 1; from <= size; from += 1) {
        const proof = subproof(from, leaves.slice(0, size), true);
        expect(verifyConsistency(head(from), head(size), proof)).toBe(true);
        expect(verifyConsistency({ ...head(from), root: flip(head(from).root) }, head(size), proof)).toBe(false);
        proof.forEach((node, i) => {
          expect(verifyConsistency(head(from), head(size), proof.with(i, flip(node)))).toBe(false);
        });
      }
    }
  });
});

describe('the published log', () => {
  const note = published('log.head');
  const head = readTreeHead(note);
  const leaves = published('log.leaves');

  it('is the one of its signed head', async () => {
    expect(keys).toHaveLength(1);
    expect(await checkSignature(note, keys)).toBe('good');
    expect(await checkSignature(note, [])).toBe('no_known_key');
    const log = readLog(leaves);
    expect(log.refused).toBeUndefined();
    expect(head !== undefined && log.isAt(head)).toBe(true);
    const drop = log.stock.drops.get('drop_1');
    expect(drop).toMatchObject({ announced: 20, offered: 11, sold: 2, held: 2, available: 7, unreleased: 9 });
  });

  it('is not when a character is changed', () => {
    for (const changed of changes(leaves)) {
      const log = readLog(changed);
      expect(head !== undefined && log.isAt(head), changed).toBe(false);
    }
  });

  it('has a head that no change survives', async () => {
    for (const changed of changes(note)) {
      const isHead = readTreeHead(changed) !== undefined;
      expect(isHead && (await checkSignature(changed, keys)) === 'good', changed).toBe(false);
    }
  });

  it('does not accept what units cannot do', () => {
    const faults: [string, StockFault][] = [
      ['order_placed order=z buyer=z drop=drop_1 wave=4 units=1', 'not_on_sale'],
      ['order_placed order=z buyer=z drop=drop_1 wave=1 units=4', 'bought_too_many'],
      ['order_placed order=z buyer=z drop=drop_1 wave=2 units=3', 'over_limit'],
      ['wave_released drop=drop_1 wave=4 units=10', 'offered_too_many'],
      ['wave_released drop=drop_1 wave=1 units=1', 'not_releasable'],
      ['drop_created drop=drop_2 sku=sku_1 units=81 per_person_limit=1', 'announced_too_many'],
      ['order_paid order=z', 'not_waiting_for_payment'],
      ['units_returned order=z units=1 to=on_sale', 'malformed'],
      ['units_withdrawn drop=drop_1 wave=1 units=1', 'withdrawn_differs'],
      ['drop_cancelled drop=drop_1 withdrawn=1', 'withdrawn_differs'],
      ['units_moved drop=drop_1 from_wave=4 to_wave=1 units=10', 'moved_too_many'],
    ];
    for (const [leaf, fault] of faults) {
      const log = readLog(`${leaves}1 900-0 2026-11-21T21:00:00.000Z ${leaf}\n`);
      expect(log.refused, leaf).toEqual({ leaf: 39, fault });
    }
  });
});

describe('a receipt', () => {
  const receipt = published('ord_7.receipt');

  it('says what the log says', async () => {
    const checked = await checkReceipt(receipt, keys);
    expect(checked).toMatchObject({ order: 'ord_7', signature: 'good' });
    expect(checked.fault === undefined && checked.steps.map((step) => step.kind)).toEqual(['order_placed', 'order_paid']);
  });

  it('is refused when a character is changed', async () => {
    for (const changed of changes(receipt)) {
      expect((await checkReceipt(changed, keys)).fault, changed).toBeDefined();
    }
  });
});

describe('the record of a draw', () => {
  const record = published('draw.record');

  it('is computed again', () => {
    expect(verifyDrawRecord(record)).toEqual({ draw: 'draw_1', entries: 6, winners: 2, reserve: 1, withheld: false });
  });

  it('is refused when what decides is changed', () => {
    const lines = ['draw ', 'units ', 'commit ', 'root ', 'reveal ', 'beacon ', 'winner ', 'reserve ', 'entries '];
    for (const line of lines) {
      const at = record.indexOf(`\n${line}`) + 1 + line.length;
      const changed = record.slice(0, at) + (record[at] === '1' ? '0' : '1') + record.slice(at + 1);
      expect(verifyDrawRecord(changed), line).toBeTypeOf('string');
    }
  });
});
