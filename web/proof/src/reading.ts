// Gets the whole public log from the shop and checks it on the way.

import { LogReader } from '../../shared/proof/log.ts';
import type { NoteKey, Signature, TreeHead } from '../../shared/proof/note.ts';
import { checkSignature, readKeys, readTreeHead } from '../../shared/proof/note.ts';
import { fromHex, toHex } from '../../shared/proof/sha256.ts';

export type GetText = (path: string) => Promise<string>;

/** What this device saw the last time. */
export interface Seen {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly at: number;
}
export type Grown = 'first' | 'good' | 'bad' | 'other';

export interface Reading {
  readonly head: TreeHead;
  readonly keys: readonly NoteKey[];
  readonly signature: Signature;
  readonly whole: boolean;
  readonly grown: Grown;
  readonly log: LogReader;
}

const storeKey = 'firebrand.proof_seen';

export function readSeen(store: Pick<Storage, 'getItem'>): Seen | undefined {
  try {
    const seen = JSON.parse(store.getItem(storeKey) ?? 'null') as Seen | null;
    const isWhole = seen !== null && typeof seen.origin === 'string' && fromHex(seen.root, 32) !== undefined;
    return isWhole && Number.isInteger(seen.size) ? seen : undefined;
  } catch {
    return undefined;
  }
}

export function keepSeen(store: Pick<Storage, 'setItem'>, head: TreeHead, at: number): void {
  try {
    store.setItem(storeKey, JSON.stringify({ origin: head.origin, size: head.size, root: toHex(head.root), at }));
  } catch {
    // A private window keeps nothing: the next visit is a first one.
  }
}

/** @throws what `get` throws, and an Error if the answers are none of a public log. */
export async function readLog(
  get: GetText,
  seen: Seen | undefined,
  progress: (done: number, all: number) => void,
): Promise<Reading> {
  const keys = readKeys(await get('/v1/proof/keys'));
  const note = await get('/v1/proof/tree-head');
  const head = readTreeHead(note);
  if (keys === undefined || head === undefined) throw new Error('this is no public log');
  const log = new LogReader();
  let grown: Grown = seen === undefined ? 'first' : seen.origin === head.origin ? 'bad' : 'other';
  const compare = (): void => {
    if (grown === 'bad' && log.size === seen?.size && toHex(log.root()) === seen.root) grown = 'good';
  };
  compare();
  while (log.size < head.size) {
    const page = await get(`/v1/proof/entries?start=${log.size}&end=${head.size}`);
    const lines = page.split('\n').slice(0, -1);
    if (lines.length === 0) break;
    for (const line of lines) {
      log.take(line);
      compare();
    }
    progress(log.size, head.size);
  }
  return { head, keys, signature: await checkSignature(note, keys), whole: log.isAt(head), grown, log };
}

/** Whether nothing speaks against it. */
export function isGood(reading: Reading): boolean {
  const signed = reading.signature === 'good' || reading.signature === 'unchecked';
  return signed && reading.whole && reading.grown !== 'bad' && reading.log.refused === undefined;
}
