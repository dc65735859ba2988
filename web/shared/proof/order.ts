// A random order that is computed place by place (docs/formats/waiting-room-order.md). The same as
// src/base/shuffled_order.cpp.

import type { Hash } from './merkle.ts';
import { sha256 } from './sha256.ts';

const rounds = 90;

/**
 * The lowest bit of SipHash-2-4 over two numbers below 2^32, each as 8 bytes, little-endian. Words of
 * 64 bits are two of 32, so that a place costs some 15 µs; BigInt would be many times as slow.
 */
function sipBit(key: Int32Array, first: number, second: number): boolean {
  const k0l = key[0] as number;
  const k0h = key[1] as number;
  const k1l = key[2] as number;
  const k1h = key[3] as number;
  let v0h = k0h ^ 0x736f6d65;
  let v0l = k0l ^ 0x70736575;
  let v1h = k1h ^ 0x646f7261;
  let v1l = k1l ^ 0x6e646f6d;
  let v2h = k0h ^ 0x6c796765;
  let v2l = k0l ^ 0x6e657261;
  let v3h = k1h ^ 0x74656462;
  let v3l = k1l ^ 0x79746573;
  // Two turns for each of the three words of the message, the last of which is its length, and four to end.
  for (let turn = 0; turn < 10; turn += 1) {
    if (turn === 0) v3l ^= first;
    else if (turn === 2) v3l ^= second;
    else if (turn === 4) v3h ^= 0x10000000;
    let low = (v0l + v1l) | 0;
    v0h = (v0h + v1h + (low >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
    v0l = low;
    low = (v1l << 13) | (v1h >>> 19);
    v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
    v1l = low ^ v0l;
    low = v0h;
    v0h = v0l;
    v0l = low;
    low = (v2l + v3l) | 0;
    v2h = (v2h + v3h + (low >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
    v2l = low;
    low = (v3l << 16) | (v3h >>> 16);
    v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
    v3l = low ^ v2l;
    low = (v0l + v3l) | 0;
    v0h = (v0h + v3h + (low >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
    v0l = low;
    low = (v3l << 21) | (v3h >>> 11);
    v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
    v3l = low ^ v0l;
    low = (v2l + v1l) | 0;
    v2h = (v2h + v1h + (low >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
    v2l = low;
    low = (v1l << 17) | (v1h >>> 15);
    v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
    v1l = low ^ v2l;
    low = v2h;
    v2h = v2l;
    v2l = low;
    if (turn === 1) v0l ^= first;
    else if (turn === 3) v0l ^= second;
    else if (turn === 5) {
      v0h ^= 0x10000000;
      v2l ^= 0xff;
    }
  }
  return ((v0l ^ v1l ^ v2l ^ v3l) & 1) === 1;
}

export class ShuffledOrder {
  readonly #key: Int32Array;
  readonly #pivots: number[];

  constructor(
    seed: Hash,
    readonly size: number,
  ) {
    const words = (round: number): DataView => new DataView(sha256(seed, Uint8Array.of(round)).buffer);
    const pivot = (round: number): number => Number(words(round).getBigUint64(0, true) % BigInt(size));
    this.#pivots = size === 0 ? [] : Array.from({ length: rounds }, (_, round) => pivot(round));
    const key = words(0xff);
    this.#key = Int32Array.from([0, 4, 8, 12], (at) => key.getInt32(at, true));
  }

  #swapped(round: number, index: number): number {
    const pivot = this.#pivots[round] as number;
    const partner = pivot >= index ? pivot - index : pivot + this.size - index;
    return sipBit(this.#key, round, Math.max(index, partner)) ? partner : index;
  }
  /** Where an entry, below the size, stands. */
  positionOf(entry: number): number {
    for (let round = 0; round < rounds; round += 1) entry = this.#swapped(round, entry);
    return entry;
  }
  /** Who stands there: a round swaps the same two again, so the rounds backwards undo it. */
  entryAt(position: number): number {
    for (let round = rounds; round > 0; round -= 1) position = this.#swapped(round - 1, position);
    return position;
  }
}
