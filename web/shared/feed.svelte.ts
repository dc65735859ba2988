import type { Http } from './api/http.ts';
import { ApiProblem, type Problem } from './api/problem.ts';
import { isPassing, pauseMs, sleep } from './api/retry.ts';
import { openStream } from './api/sse.ts';

export interface FeedOptions<T> {
  http: Http;
  /** The event stream, and the name of the event that carries a whole `T`. */
  path: string;
  event: string;
  /** The same `T` by a plain request, for when the stream does not get through. */
  load: (signal: AbortSignal) => Promise<T>;
  onValue?: (value: T) => void;
}

const pollMs = 2_500;

/**
 * One thing that changes on the server, kept up to date: by its event stream, and by polling for as
 * long as the stream is down. The two may overtake each other; the log position decides what is newer.
 */
export class Feed<T extends { log_position: string }> {
  value: T | null = $state.raw(null);
  source: 'none' | 'stream' | 'poll' = $state('none');
  /** Set when the server says that there is nothing to follow, such as `drop_not_found`. */
  problem: Problem | null = $state.raw(null);
  #closed = new AbortController();

  constructor(private readonly options: FeedOptions<T>) {}

  /** @return closes the feed. */
  open(): () => void {
    const closeStream = openStream(this.options.http, this.options.path, {
      onEvent: ({ event, data }) => {
        if (event !== this.options.event) return;
        this.source = 'stream';
        this.take(JSON.parse(data) as T);
      },
      onState: (state) => {
        if (state !== 'live' && this.source === 'stream') this.source = 'none';
      },
    });
    void this.#poll().catch(() => {});
    return () => {
      closeStream();
      this.#closed.abort(new Error('closed'));
    };
  }

  /** Asks once, now: for the moment after an action of the visitor's own. */
  async refresh(): Promise<void> {
    this.take(await this.options.load(this.#closed.signal));
  }

  take(value: T): void {
    const known = this.value;
    if (known !== null && BigInt(value.log_position) < BigInt(known.log_position)) return;
    this.value = value;
    this.problem = null;
    this.options.onValue?.(value);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#closed;
    for (let failures = 0; !signal.aborted; ) {
      let askedMs: number | null = null;
      if (this.source !== 'stream') {
        try {
          await this.refresh();
          failures = 0;
          if ((this.source as string) !== 'stream') this.source = 'poll';
        } catch (error) {
          failures += 1;
          if (error instanceof ApiProblem) {
            askedMs = error.retryAfterMs;
            if (!isPassing(error)) this.problem = error.problem;
          }
          if (this.source === 'poll') this.source = 'none';
        }
      }
      const pause = failures > 0 ? pauseMs(failures, askedMs, Math.random) : 0;
      await sleep(Math.max(pause, pollMs * (0.8 + 0.4 * Math.random())), signal);
    }
  }
}
