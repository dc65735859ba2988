import { describe, expect, it } from 'vitest';
import type { Http } from '../../../shared/api/http.ts';
import type { DropProof, DropStatus, Wave } from '../../../shared/api/types.ts';
import { headStartEnds, MyProof } from './proofOfWork.svelte.ts';
import type { Stage } from './stage.ts';

const opensMs = Date.parse('2026-11-21T20:00:00.000Z');
const proof: DropProof = { bits: 16, head_start_ms: 3_000, from: '2026-11-21T19:50:00.000Z' };
const wave = (more: Partial<Wave>): Wave => ({
  wave: 1,
  opens_at: '2026-11-21T20:00:00.000Z',
  units: 5,
  release: 'automatic',
  audience: 'everyone',
  state: 'released',
  available: 5,
  ...more,
});
const status = (...waves: Wave[]) => ({ opens_at: '2026-11-21T20:00:00.000Z', proof, waves }) as DropStatus;
const countdown: Stage = { kind: 'countdown', targetMs: opensMs, wave: null, paused: false };

function device(kept: string | null = null) {
  const workers: { sent: unknown; ended: boolean; onmessage?: (event: { data: string }) => void }[] = [];
  const shelf = new Map<string, string>();
  if (kept !== null) shelf.set('firebrand-proof-drop_1-per_1', kept);
  const asked: string[] = [];
  const http = {
    get: async (path: string) => {
      asked.push(path);
      return { challenge: '00', bits: 16 };
    },
  } as unknown as Http;
  const mine = new MyProof(
    http,
    'drop_1',
    'per_1',
    {
      getItem: (name) => shelf.get(name) ?? null,
      setItem: (name, value) => void shelf.set(name, value),
      removeItem: (name) => void shelf.delete(name),
    },
    () => {
      const worker = {
        sent: null as unknown,
        ended: false,
        postMessage: (sent: unknown) => (worker.sent = sent),
        terminate: () => (worker.ended = true),
      };
      workers.push(worker);
      return worker as unknown as Worker;
    },
    () => 0.5,
  );
  const look = async (nowMs: number, stage: Stage = countdown) => {
    mine.look(status(wave({})), proof, stage, nowMs);
    await Promise.resolve();
    await Promise.resolve();
    return mine.state;
  };
  return { mine, workers, shelf, asked, look };
}

describe('MyProof', () => {
  it('begins within the first minute, once, and keeps what it finds', async () => {
    const { mine, workers, shelf, asked, look } = device();
    const fromMs = Date.parse(proof.from);
    expect(await look(fromMs - 60_000)).toBe('resting');
    expect(await look(fromMs + 29_000)).toBe('resting');
    expect(asked).toEqual([]);
    await look(fromMs + 30_000);
    expect(await look(fromMs + 31_000)).toBe('working');
    expect(asked).toEqual(['/v1/drops/drop_1/proof']);
    expect(workers.length).toBe(1);
    workers[0]?.onmessage?.({ data: '0000000000000001' });
    expect(mine.state).toBe('ready');
    expect(workers[0]?.ended).toBe(true);
    expect([...shelf.values()]).toEqual(['0000000000000001']);
    expect(await look(opensMs, { kind: 'open' })).toBe('ready');
  });

  it('begins at once in the last seconds, and ends at the opening', async () => {
    const { mine, workers, look } = device();
    await look(opensMs - 5_000);
    expect(await look(opensMs - 4_000)).toBe('working');
    expect(await look(opensMs, { kind: 'opening' })).toBe('missing');
    expect(workers[0]?.ended).toBe(true);
    expect(mine.nonce).toBeNull();
    expect(await look(opensMs + 2_999, { kind: 'open' })).toBe('missing');
    expect(await look(opensMs + 3_000, { kind: 'open' })).toBe('resting');
    expect(workers.length).toBe(1);
  });

  it('does nothing twice after a reload', async () => {
    const { workers, look } = device('0000000000000007');
    expect(await look(opensMs - 5_000)).toBe('ready');
    expect(workers.length).toBe(0);
  });
});

describe('headStartEnds', () => {
  it('knows a wave by its own time, or by that of the drop', () => {
    const later = wave({ opens_at: '2026-11-21T21:00:00.000Z' });
    expect(headStartEnds(status(wave({ available: 0 }), later), opensMs + 3_600_000)).toBe(opensMs + 3_603_000);
    expect(headStartEnds(status(wave({ release: 'manual', opens_at: later.opens_at })), opensMs)).toBe(opensMs + 3_000);
    expect(headStartEnds(status(wave({ decision: 'waiting_room' })), opensMs)).toBeNull();
    expect(headStartEnds(status(wave({ available: 0 })), opensMs)).toBeNull();
  });
});
