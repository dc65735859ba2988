import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from './settle.ts';

describe('settle', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('reads until the list shows it, and no more', async () => {
    let reads = 0;
    const done = settle(
      async () => void (reads += 1),
      () => reads === 3,
    );
    await vi.advanceTimersByTimeAsync(60_000);
    await done;
    expect(reads).toBe(3);
  });

  it('leaves a list that never shows it', async () => {
    let reads = 0;
    const done = settle(
      async () => void (reads += 1),
      () => false,
    );
    await vi.advanceTimersByTimeAsync(60_000);
    await done;
    expect(reads).toBe(8);
  });
});
