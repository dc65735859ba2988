import { describe, expect, it } from 'vitest';
import { readLag, readPublicLog, readRestart } from './publicLog.ts';

const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const origin = 'firebrand/5f2b8d0e7c9a4163/00d1e2f3a4b5c6d7';
const files: Record<string, string> = {
  '/v1/proof/tree-head': `${origin}\n18\n${root}\n\n\u2014 ${origin} Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n`,
  '/v1/proof/keys': '',
  '/v1/proof/entries?start=17&end=18': '1 17-0 2026-11-21T20:00:00.000Z wave_released drop=drop_1 wave=1 units=50000\n',
  '/v1/proof/restart': `firebrand-proof-restart/1\nold firebrand/a/b\nold_size 7\nold_root 00\nnew ${origin}\n\n\u2014 firebrand/a/b AAAA\n`,
  '/metrics': '# TYPE firebrand_proof_lag_seconds gauge\nfirebrand_proof_lag_seconds 0.012\n',
};
const get = (without: readonly string[]) => async (path: string) => {
  const text = without.includes(path) ? undefined : files[path];
  if (text === undefined) throw new Error(path);
  return text;
};

describe('the public log in the console', () => {
  it('says how long it is, since when, and how far behind', async () => {
    const log = await readPublicLog(get([]));
    expect(log.head.size).toBe(18);
    expect(log.root).toBe(root);
    expect(log.newestAt).toBe('2026-11-21T20:00:00.000Z');
    expect(log.signature).toBe('no_known_key');
    expect(log.restart?.origin).toBe('firebrand/a/b');
    expect(log.restart?.size).toBe(7);
    expect(log.lag).toBe(0.012);
  });

  it('does without what is not told, but not without head and keys', async () => {
    const log = await readPublicLog(get(['/v1/proof/restart', '/metrics', '/v1/proof/entries?start=17&end=18']));
    expect([log.restart, log.lag, log.newestAt]).toEqual([null, null, null]);
    await expect(readPublicLog(get(['/v1/proof/keys']))).rejects.toThrow();
  });

  it('takes nothing else for a statement or a lag', () => {
    expect(readRestart('<html>old x</html>')).toBe(null);
    expect(readLag('firebrand_proof_lag_seconds_total 3')).toBe(null);
  });
});
