// Leaves of the public log (docs/formats/proof-leaf.md).

import { sha256, utf8 } from './sha256.ts';

export interface Leaf {
  readonly offset: number;
  readonly index: number;
  readonly time: string;
  readonly kind: string;
  readonly fields: ReadonlyMap<string, string>;
}

const form = /^1 ([0-9]{1,15})-([0-9]{1,5}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([a-z_]+)((?: [a-z_]+=[!-~]*)*)$/;

/** Undefined if the line is no leaf that this page knows. */
export function readLeaf(line: string): Leaf | undefined {
  const match = form.exec(line);
  if (match === null) return undefined;
  const pairs = (match[5] as string).split(' ').slice(1);
  return {
    offset: Number(match[1]),
    index: Number(match[2]),
    time: match[3] as string,
    kind: match[4] as string,
    fields: new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])),
  };
}

/** A whole number from 0 on; undefined if the field is missing or something else. Sums of them are exact. */
export function count(leaf: Leaf, name: string): number | undefined {
  const text = leaf.fields.get(name) ?? '';
  return /^[0-9]{1,14}$/.test(text) ? Number(text) : undefined;
}

/** 7 of `drop_7`. */
export function idNumber(leaf: Leaf, name: string): number | undefined {
  const match = /^[a-z]+_([0-9]{1,15})$/.exec(leaf.fields.get(name) ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** A value as it was before its odd bytes were written as `%20` and the like. */
export function plainText(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** What stands for an order or a buyer in leaves. */
export function proofName(what: 'order' | 'buyer', about: string, opening: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(utf8(`firebrand-${what}/1\0${about}\0`), opening);
}
