// Merkle trees of RFC 6962 and their proofs; checked as in RFC 9162, section 2.1.3.2 and 2.1.4.2.
// Sizes are numbers: a log has fewer than 2^53 leaves.

import { sha256 } from './sha256.ts';

export type Hash = Uint8Array<ArrayBuffer>;

/** A list at a size, as somebody published it. */
export interface MerkleHead {
  readonly size: number;
  readonly root: Hash;
}

const leafMark = Uint8Array.of(0);
const nodeMark = Uint8Array.of(1);

export function merkleLeaf(entry: Uint8Array): Hash {
  return sha256(leafMark, entry);
}
export function merkleNode(left: Hash, right: Hash): Hash {
  return sha256(nodeMark, left, right);
}

export function isSame(one: Hash, other: Hash): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** Takes leaves in order and knows the root at any size. */
export class MerkleRoot {
  size = 0;
  readonly #subtrees: Hash[] = [];

  append(leaf: Hash): void {
    let subtree = leaf;
    for (let joined = this.size; joined % 2 === 1; joined = Math.floor(joined / 2)) {
      subtree = merkleNode(this.#subtrees.pop() as Hash, subtree);
    }
    this.#subtrees.push(subtree);
    this.size += 1;
  }

  root(): Hash {
    const last = this.#subtrees.at(-1);
    if (last === undefined) return sha256();
    return this.#subtrees.slice(0, -1).reduceRight((root, left) => merkleNode(left, root), last);
  }
}

const half = (value: number): number => Math.floor(value / 2);
const isOdd = (value: number): boolean => value % 2 === 1;

export function verifyInclusion(leaf: Hash, place: number, proof: readonly Hash[], head: MerkleHead): boolean {
  if (!(place >= 0 && place < head.size)) return false;
  let last = head.size - 1;
  let root = leaf;
  for (const node of proof) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      root = merkleNode(node, root);
      while (!isOdd(place) && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else {
      root = merkleNode(root, node);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 && isSame(root, head.root);
}

/** Whether `newer` begins with all of `older`. */
export function verifyConsistency(older: MerkleHead, newer: MerkleHead, proof: readonly Hash[]): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && isSame(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && isSame(older.root, sha256());
  let place = older.size - 1;
  let last = newer.size - 1;
  while (isOdd(place)) {
    place = half(place);
    last = half(last);
  }
  // The older list is one whole subtree: its root is where both begin.
  const path = place === 0 ? [older.root, ...proof] : proof;
  const first = path[0];
  if (first === undefined) return false;
  let olderRoot = first;
  let newerRoot = first;
  for (const node of path.slice(1)) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      olderRoot = merkleNode(node, olderRoot);
      newerRoot = merkleNode(node, newerRoot);
      while (!isOdd(place) && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else {
      newerRoot = merkleNode(newerRoot, node);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 && isSame(olderRoot, older.root) && isSame(newerRoot, newer.root);
}
