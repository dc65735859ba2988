import { sleep } from './retry.ts';

const pausesMs = [100, 200, 400, 800, 1_500, 3_000, 5_000];

/**
 * Reads a list until it shows what the caller has just done. Lists come from a view that follows the log
 * and may lag behind an answer; after some seconds the list is left as it is.
 */
export async function settle(read: () => Promise<void>, shows: () => boolean): Promise<void> {
  await read();
  for (const pause of pausesMs) {
    if (shows()) return;
    await sleep(pause);
    await read();
  }
}
