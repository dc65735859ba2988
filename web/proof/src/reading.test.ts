import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../shared/proof/sha256.ts';
import { isGood, keepSeen, readLog, readSeen } from './reading.ts';

function published(name: string): string {
  return readFileSync(new URL(`../../../tests/published/${name}`, import.meta.url), 'utf8');
}

/** A shop that gives seven lines at a time. */
function shop(leaves = published('log.leaves')) {
  return async (path: string): Promise<string> => {
    if (path === '/v1/proof/keys') return published('log.keys');
    if (path === '/v1/proof/tree-head') return published('log.head');
    const start = Number(/start=(\d+)/.exec(path)?.[1]);
    return leaves.split('\n').slice(start, start + 7).filter((line) => line !== '').map((line) => `${line}\n`).join('');
  };
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
    const first = await readLog(shop(), undefined, (done) => told.push(done));
    expect(first).toMatchObject({ signature: 'good', whole: true, grown: 'first' });
    expect(isGood(first)).toBe(true);
    expect(told.at(-1)).toBe(39);
    keepSeen(storage, first.head, 5);
    const again = await readLog(shop(), readSeen(storage), quiet);
    expect(again.grown).toBe('good');
    expect(isGood(again)).toBe(true);
  });

  it('sees that the past was rewritten, or that it is another log', async () => {
    const { head } = await readLog(shop(), undefined, quiet);
    const seen = { origin: head.origin, size: 11, root: '00'.repeat(32), at: 5 };
    const rewritten = await readLog(shop(), seen, quiet);
    expect(rewritten.grown).toBe('bad');
    expect(isGood(rewritten)).toBe(false);
    const root = published('older.head').split('\n')[2] as string;
    const older = { ...seen, root: toHex(Uint8Array.from(atob(root), (c) => c.charCodeAt(0))) };
    expect(fromHex(older.root, 32)).toBeDefined();
    expect((await readLog(shop(), older, quiet)).grown).toBe('good');
    expect((await readLog(shop(), { ...seen, origin: 'another' }, quiet)).grown).toBe('other');
  });

  it('sees a changed line, and one that is missing', async () => {
    const leaves = published('log.leaves');
    const changed = await readLog(shop(leaves.replace('units=20', 'units=21')), undefined, quiet);
    expect(isGood(changed)).toBe(false);
    const shorter = await readLog(shop(leaves.split('\n').slice(0, 30).join('\n')), undefined, quiet);
    expect(shorter.whole).toBe(false);
  });

  it('is no reading of something else', async () => {
    await expect(readLog(async () => 'nonsense', undefined, quiet)).rejects.toThrow();
  });
});
