// Gets the whole public log from the shop and checks it on the way.

import type { DrawCheck } from '../../shared/proof/drawlog.ts';
import { LogReader } from '../../shared/proof/log.ts';
import type { Hash } from '../../shared/proof/merkle.ts';
import { verifyConsistency } from '../../shared/proof/merkle.ts';
import type { NoteKey, Signature, TreeHead } from '../../shared/proof/note.ts';
import { checkSignature, readKeys, readTreeHead } from '../../shared/proof/note.ts';
import { fromHex, toHex } from '../../shared/proof/sha256.ts';

/** @throws NotThere where the shop has nothing to show, any other error where it did not answer. */
export type GetText = (path: string) => Promise<string>;
export class NotThere extends Error {}

/** What this device saw the last time. */
export interface Seen {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly at: number;
}
export type Grown = 'first' | 'good' | 'bad' | 'other';

/** What is known before the log is read. */
export interface Opened {
  readonly head: TreeHead;
  readonly keys: readonly NoteKey[];
  readonly signature: Signature;
  readonly grown: Grown;
}
export interface Reading extends Opened {
  readonly whole: boolean;
  readonly log: LogReader;
}
/** `no_answer`: the shop does not show it. */
export type DrawAnswer = DrawCheck | { readonly fault: 'no_answer'; readonly line?: undefined };

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

/** Asks the shop to prove that its log begins with all that this device has seen. */
async function compare(get: GetText, seen: Seen | undefined, head: TreeHead): Promise<Grown> {
  if (seen === undefined) return 'first';
  if (seen.origin !== head.origin) return 'other';
  if (seen.size > head.size) return 'bad';
  const answer = await get(`/v1/proof/consistency?from=${seen.size}&to=${head.size}`);
  const path = (JSON.parse(answer) as { path: string[] }).path.map((digits) => fromHex(digits, 32));
  const older = { size: seen.size, root: fromHex(seen.root, 32) as Hash };
  return !path.includes(undefined) && verifyConsistency(older, head, path as Hash[]) ? 'good' : 'bad';
}

/** @throws what `get` throws, and an Error if the answers are none of a public log. */
export async function openLog(get: GetText, seen: Seen | undefined): Promise<Opened> {
  const keys = readKeys(await get('/v1/proof/keys'));
  const note = await get('/v1/proof/tree-head');
  const head = readTreeHead(note);
  if (keys === undefined || head === undefined) throw new Error('this is no public log');
  return { head, keys, signature: await checkSignature(note, keys), grown: await compare(get, seen, head) };
}

/** @throws what `get` throws. */
export async function readLog(get: GetText, opened: Opened, progress: (done: number) => void): Promise<Reading> {
  const log = new LogReader();
  const { size } = opened.head;
  while (log.size < size) {
    const page = await get(`/v1/proof/entries?start=${log.size}&end=${size}`);
    const lines = page.split('\n').slice(0, -1);
    if (lines.length === 0) break;
    for (const line of lines) log.take(line);
    progress(log.size);
  }
  return { ...opened, whole: log.isAt(opened.head), log };
}

/**
 * Each completed draw of the log, computed again, by its id.
 * @throws what `get` throws, but for NotThere.
 */
export async function checkDraws(get: GetText, { draws }: LogReader): Promise<Map<string, DrawAnswer>> {
  const answers = new Map<string, DrawAnswer>();
  for (const [name, draw] of draws.draws) {
    if (!draw.completed) continue;
    try {
      answers.set(name, draws.check(name, await get(`/v1/draws/${encodeURIComponent(name)}/record`)));
    } catch (error) {
      // A shop that is busy has hidden nothing.
      if (!(error instanceof NotThere)) throw error;
      answers.set(name, { fault: 'no_answer' });
    }
  }
  return answers;
}

/** Whether nothing speaks against it. */
export function isGood(reading: Reading): boolean {
  const signed = reading.signature === 'good' || reading.signature === 'unchecked';
  return signed && reading.whole && reading.grown !== 'bad' && reading.log.refused === undefined;
}
