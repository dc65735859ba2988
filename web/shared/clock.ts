import { sleep } from './api/retry.ts';

/** Where time comes from. `steadyMs` never jumps; `wallMs` is the device's clock, right or wrong. */
export interface DeviceTime {
  steadyMs: () => number;
  wallMs: () => number;
}

const device: DeviceTime = { steadyMs: () => performance.now(), wallMs: () => Date.now() };

export type ClockState = 'unknown' | 'synced' | 'stale';

/**
 * The server's clock, as seen from a device whose own clock may be hours off.
 *
 * An answer that left the server at S and took R there and back belongs to the middle of the way, so
 * "server minus steady" is S - (sent + received) / 2, wrong by at most R / 2. The sample with the
 * smallest R wins (the clock filter of NTP, RFC 5905, section 10).
 */
export class ServerClock {
  #offsetMs: number | null = null;
  #roundTripMs = Infinity;
  #sampledAtMs = 0;
  #wallMinusSteadyMs: number;
  #listeners = new Set<() => void>();

  constructor(
    private readonly ask: () => Promise<{ server_time: string }>,
    private readonly time: DeviceTime = device,
  ) {
    this.#wallMinusSteadyMs = time.wallMs() - time.steadyMs();
  }

  /** Milliseconds since 1970 by the server; the device's clock until the first sample. */
  now(): number {
    return this.#offsetMs === null ? this.time.wallMs() : this.time.steadyMs() + this.#offsetMs;
  }

  get state(): ClockState {
    if (this.#offsetMs === null) return 'unknown';
    return this.time.steadyMs() - this.#sampledAtMs > staleAfterMs ? 'stale' : 'synced';
  }

  /** Half the round trip of the best sample: how far `now()` may be off. Infinity before the first. */
  get errorMsMax(): number {
    return this.#roundTripMs / 2;
  }

  /** How far the device's own clock is from the server's; null before the first sample. */
  get deviceAheadMs(): number | null {
    return this.#offsetMs === null ? null : this.time.wallMs() - this.now();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes one sample; keeps it if it is better than what is known, or if that has aged. */
  async sample(): Promise<void> {
    this.#noticeSleep();
    const sentMs = this.time.steadyMs();
    const { server_time } = await this.ask();
    const receivedMs = this.time.steadyMs();
    const serverMs = Date.parse(server_time);
    if (Number.isNaN(serverMs)) return;
    const roundTripMs = receivedMs - sentMs;
    const aged = receivedMs - this.#sampledAtMs > staleAfterMs;
    if (this.#offsetMs !== null && !aged && roundTripMs > this.#roundTripMs) return;
    this.#offsetMs = serverMs - (sentMs + receivedMs) / 2;
    this.#roundTripMs = roundTripMs;
    this.#sampledAtMs = receivedMs;
    for (const listener of this.#listeners) listener();
  }

  /** Several samples in a row; failures are left to the next round. */
  async sync(samples = 4, apartMs = 150, signal?: AbortSignal): Promise<void> {
    for (let i = 0; i < samples; i += 1) {
      await this.sample().catch(() => {});
      if (i + 1 < samples) await sleep(apartMs, signal);
    }
  }

  // While a device sleeps its steady clock may stand still. A person who sets the wall clock looks the
  // same from here; asking the server once more is cheap, so both count as "know nothing".
  #noticeSleep(): void {
    const wallMinusSteadyMs = this.time.wallMs() - this.time.steadyMs();
    if (Math.abs(wallMinusSteadyMs - this.#wallMinusSteadyMs) > 1_000) this.#roundTripMs = Infinity;
    this.#wallMinusSteadyMs = wallMinusSteadyMs;
  }
}

const staleAfterMs = 10 * 60_000;

/** Keeps a clock true: at once, every few minutes, and whenever the page comes back to the front. */
export function keepInSync(clock: ServerClock): () => void {
  const stopped = new AbortController();
  const { signal } = stopped;
  const round = async () => {
    while (!signal.aborted) {
      await clock.sync(4, 150, signal);
      // Scattered, so that a million pages opened by one link do not ask in step.
      const pause = clock.state === 'unknown' ? 2_000 : 4 * 60_000;
      await sleep(pause * (0.75 + Math.random() / 2), signal);
    }
  };
  const back = () => {
    if (document.visibilityState === 'visible') void clock.sync(2, 150, signal).catch(() => {});
  };
  document.addEventListener('visibilitychange', back);
  void round().catch(() => {});
  return () => {
    stopped.abort(new Error('stopped'));
    document.removeEventListener('visibilitychange', back);
  };
}
