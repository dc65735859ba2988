import { checkSignature, readKeys, readTreeHead, type Signature, type TreeHead } from '../../../shared/proof/note.ts';
import { readLeaf } from '../../../shared/proof/leaf.ts';

export type GetText = (path: string) => Promise<string>;

/** What the log that was given up came to, and the whole signed statement. */
export interface Restart {
  readonly origin: string;
  readonly size: number;
  readonly statement: string;
}

export interface PublicLog {
  readonly head: TreeHead;
  /** Base64, as the head says it. */
  readonly root: string;
  readonly signature: Signature;
  /** One a line, the newest first. */
  readonly keys: readonly string[];
  /** Of the newest line; null in an empty log. */
  readonly newestAt: string | null;
  /** Null: this is the first log. */
  readonly restart: Restart | null;
  /** Seconds; null where it is not told. */
  readonly lag: number | null;
}

export function readRestart(statement: string): Restart | null {
  const lines = new Map(statement.split('\n').map((line) => [line.split(' ')[0], line.split(' ')[1] ?? '']));
  const origin = lines.get('old');
  if (!statement.startsWith('firebrand-proof-restart/1\n') || origin === undefined) return null;
  return { origin, size: Number(lines.get('old_size')), statement };
}

export function readLag(metrics: string): number | null {
  const match = /^firebrand_proof_lag_seconds ([0-9.e+-]+)$/m.exec(metrics);
  return match === null ? null : Number(match[1]);
}

/**
 * What everybody may read, and how far behind it is.
 * @throws what `get` throws for head and keys, and an Error if they are none of a public log.
 */
export async function readPublicLog(get: GetText): Promise<PublicLog> {
  const orNothing = (path: string) => get(path).catch(() => '');
  const [note, keys, statement, metrics] = await Promise.all([
    get('/v1/proof/tree-head'),
    get('/v1/proof/keys'),
    orNothing('/v1/proof/restart'),
    orNothing('/metrics'),
  ]);
  const head = readTreeHead(note);
  const known = readKeys(keys);
  if (head === undefined || known === undefined) throw new Error('this is no public log');
  const last = head.size === 0 ? '' : await orNothing(`/v1/proof/entries?start=${head.size - 1}&end=${head.size}`);
  return {
    head,
    root: note.split('\n')[2] as string,
    signature: await checkSignature(note, known),
    keys: keys.split('\n').filter((line) => line !== ''),
    newestAt: readLeaf(last.replace(/\n$/, ''))?.time ?? null,
    restart: readRestart(statement),
    lag: readLag(metrics),
  };
}

export const paths = ['/v1/proof/tree-head', '/v1/proof/keys', '/v1/proof/entries?start=0', '/v1/proof/restart'] as const;
