import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Hash } from './merkle.ts';
import { MerkleRoot, merkleLeaf, verifyConsistency, verifyInclusion } from './merkle.ts';
import { checkSignature, readKeys, readTreeHead } from './note.ts';
import { checkReceipt } from './receipt.ts';
import { fromHex, sha256, toHex, utf8 } from './sha256.ts';
import type { StockFault } from './stock.ts';
import { changes, consistencyOf, linesOf, pathOf, published, readLines, rootOf } from './testing.ts';

const keys = readKeys(published('log.keys')) ?? [];

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
        const proof = consistencyOf(from, leaves.slice(0, size));
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
  const lines = linesOf(published('log.leaves'));

  it('is the one of its signed head', async () => {
    expect(keys).toHaveLength(1);
    expect(await checkSignature(note, keys)).toBe('good');
    expect(await checkSignature(note, [])).toBe('no_known_key');
    const log = readLines(lines);
    expect(log.refused).toBeUndefined();
    expect(head !== undefined && log.isAt(head)).toBe(true);
    const drop = log.stock.drops.get('drop_1');
    expect(drop).toMatchObject({ announced: 20, offered: 14, sold: 6, held: 1, available: 5, unreleased: 6 });
    expect(drop).toMatchObject({ returned: 1, withdrawn: 1 });
    expect(log.stock.drops.get('drop_2')).toMatchObject({ announced: 10, offered: 6, sold: 0, withdrawn: 10 });
  });

  it('is not when a character is changed', () => {
    const older = readTreeHead(published('older.head'));
    const first = lines.slice(0, older?.size).map((line) => `${line}\n`).join('');
    expect(older !== undefined && readLines(linesOf(first)).isAt(older)).toBe(true);
    for (const changed of changes(first)) {
      expect(older !== undefined && readLines(linesOf(changed)).isAt(older), changed).toBe(false);
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
      ['order_placed order=z buyer=z drop=drop_1 wave=5 units=1', 'not_on_sale'],
      ['order_placed order=z buyer=z drop=drop_1 wave=1 units=3', 'bought_too_many'],
      ['order_placed order=z buyer=z drop=drop_1 wave=4 units=3', 'over_limit'],
      ['wave_released drop=drop_1 wave=5 units=7', 'offered_too_many'],
      ['wave_released drop=drop_1 wave=1 units=1', 'not_releasable'],
      ['drop_created drop=drop_3 sku=sku_1 units=92 per_person_limit=1', 'announced_too_many'],
      ['order_paid order=z', 'not_waiting_for_payment'],
      ['units_returned order=z units=1 to=on_sale', 'malformed'],
      ['units_withdrawn drop=drop_1 wave=1 units=3', 'withdrawn_differs'],
      ['drop_cancelled drop=drop_1 withdrawn=1', 'withdrawn_differs'],
      ['units_moved drop=drop_1 from_wave=5 to_wave=1 units=7', 'moved_too_many'],
    ];
    for (const [leaf, fault] of faults) {
      const log = readLines([...lines, `1 900-0 2026-11-21T21:00:00.000Z ${leaf}`]);
      expect(log.refused, leaf).toEqual({ leaf: lines.length, fault });
    }
  });
});

describe('a receipt', () => {
  const receipt = published('ord_7.receipt');

  it('says what the log says', async () => {
    const checked = await checkReceipt(receipt, keys);
    expect(checked).toMatchObject({ order: 'ord_7', signature: 'good', kept: 1 });
    const steps = ['order_placed', 'order_paid', 'units_returned'];
    expect(checked.fault === undefined && checked.steps.map((step) => step.kind)).toEqual(steps);
  });

  it('is refused when a character is changed', async () => {
    for (const changed of changes(receipt)) {
      expect((await checkReceipt(changed, keys)).fault, changed).toBeDefined();
    }
  });
});
