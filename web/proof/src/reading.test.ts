import { describe, expect, it } from 'vitest';
import { merkleLeaf } from '../../shared/proof/merkle.ts';
import { toHex, utf8 } from '../../shared/proof/sha256.ts';
import { consistencyOf, linesOf, published } from '../../shared/proof/testing.ts';
import type { Reading, Seen } from './reading.ts';
import { checkDraws, isGood, keepSeen, NotThere, openLog, readLog, readSeen } from './reading.ts';

/** A shop that gives seven lines at a time. */
function shop(leaves = published('log.leaves')) {
  const lines = linesOf(leaves);
  return async (path: string): Promise<string> => {
    if (path === '/v1/proof/keys') return published('log.keys');
    if (path === '/v1/proof/tree-head') return published('log.head');
    if (path === '/v1/draws/draw_1/record') return published('draw.record');
    const from = Number(/from=(\d+)/.exec(path)?.[1]);
    if (from > 0) return JSON.stringify({ path: consistencyOf(from, lines.map((line) => merkleLeaf(utf8(line)))).map(toHex) });
    const start = Number(/start=(\d+)/.exec(path)?.[1]);
    return lines.slice(start, start + 7).map((line) => `${line}\n`).join('');
  };
}
async function read(get = shop(), seen?: Seen): Promise<Reading> {
  return readLog(get, await openLog(get, seen), quiet);
}
const quiet = (): void => undefined;

describe('reading the public log', () => {
  it('finds it true, and remembers it', async () => {
    const store = new Map<string, string>();
    const storage = {
      getItem: (key: string) => store.get(key) ?? null,
      setItem: (key: string, value: string) => void store.set(key, value),
    };
    expect(readSeen(storage)).toBeUndefined();
    const told: number[] = [];
    const first = await readLog(shop(), await openLog(shop(), undefined), (done) => told.push(done));
    expect(first).toMatchObject({ signature: 'good', whole: true, grown: 'first' });
    expect(isGood(first)).toBe(true);
    expect(told.at(-1)).toBe(first.head.size);
    keepSeen(storage, first.head, 5);
    const again = await read(shop(), readSeen(storage));
    expect(again.grown).toBe('good');
    expect(isGood(again)).toBe(true);
  });

  it('sees that the past was rewritten, or that it is another log', async () => {
    const [origin, size, base64] = published('older.head').split('\n') as [string, string, string];
    const root = toHex(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
    const seen = { origin, size: Number(size), root, at: 5 };
    expect((await read(shop(), seen)).grown).toBe('good');
    const rewritten = await read(shop(), { ...seen, root: '00'.repeat(32) });
    expect(rewritten.grown).toBe('bad');
    expect(isGood(rewritten)).toBe(false);
    expect((await openLog(shop(), { ...seen, size: 900 })).grown).toBe('bad');
    expect((await openLog(shop(), { ...seen, origin: 'another' })).grown).toBe('other');
  });

  it('sees a changed line, and one that is missing', async () => {
    const leaves = published('log.leaves');
    expect(isGood(await read(shop(leaves.replace('units=20', 'units=21'))))).toBe(false);
    const shorter = await read(shop(leaves.split('\n').slice(0, 31).join('\n')));
    expect(shorter.whole).toBe(false);
  });

  it('computes the draws of the log again, and says of which there is no record', async () => {
    const { log } = await read();
    expect((await checkDraws(shop(), log)).get('draw_1')).toMatchObject({ winners: 3 });
    const silent = async (): Promise<string> => Promise.reject(new NotThere());
    expect((await checkDraws(silent, log)).get('draw_1')).toEqual({ fault: 'no_answer' });
    const busy = async (): Promise<string> => Promise.reject(new Error('503'));
    await expect(checkDraws(busy, log)).rejects.toThrow();
  });

  it('is no reading of something else', async () => {
    await expect(openLog(async () => 'nonsense', undefined)).rejects.toThrow();
  });
});
