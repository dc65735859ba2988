// What tests of the public log share: the published files (tests/published/), and proofs by their definitions.

import { readFileSync } from 'node:fs';
import { LogReader } from './log.ts';
import type { Hash } from './merkle.ts';
import { merkleNode } from './merkle.ts';
import { sha256 } from './sha256.ts';

export function published(name: string): string {
  return readFileSync(new URL(`../../../tests/published/${name}`, import.meta.url), 'utf8');
}

export function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

export function readLines(lines: readonly string[]): LogReader {
  const reader = new LogReader();
  for (const line of lines) reader.take(line);
  return reader;
}

/** The text with another character at each place in turn. */
export function* changes(text: string): Generator<string> {
  for (let i = 0; i < text.length; i += 1) {
    const changed = String.fromCharCode(text.charCodeAt(i) ^ 1);
    yield text.slice(0, i) + changed + text.slice(i + 1);
  }
}

// The definitions of RFC 6962, 2.1, 2.1.1 and 2.1.2.
const split = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));
export function rootOf(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] as Hash;
  const k = split(leaves.length);
  return merkleNode(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}
export function pathOf(leaf: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return leaf < k
    ? [...pathOf(leaf, leaves.slice(0, k)), rootOf(leaves.slice(k))]
    : [...pathOf(leaf - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}
export function consistencyOf(from: number, leaves: readonly Hash[], known = true): Hash[] {
  if (from === leaves.length) return known ? [] : [rootOf(leaves)];
  const k = split(leaves.length);
  return from <= k
    ? [...consistencyOf(from, leaves.slice(0, k), known), rootOf(leaves.slice(k))]
    : [...consistencyOf(from - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}
