import type { Http } from './http.ts';
import { ApiProblem, readProblem, retryAfterMs } from './problem.ts';
import { isPassing, pauseMs, sleep } from './retry.ts';

export interface StreamEvent {
  event: string;
  data: string;
  id: string | null;
}

/**
 * Splits a byte stream into server-sent events (WHATWG HTML, section 9.2.6). Written by hand because
 * EventSource can neither carry a token nor tell a refused connection from a broken one.
 */
export class StreamParser {
  lastId = '';
  retryMs: number | null = null;
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id: string | null = null;

  constructor(private readonly emit: (event: StreamEvent) => void) {}

  /** Forgets a half-received event of a broken connection; the last id stays. */
  reset(): void {
    this.#rest = '';
    this.#event = '';
    this.#data = [];
    this.#id = null;
  }

  push(chunk: string): void {
    const text = this.#rest + chunk;
    // A lone "\r" at the end may be the first half of "\r\n": leave it for the next chunk.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + text.slice(end);
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }

  #dispatch(): void {
    if (this.#id !== null) this.lastId = this.#id;
    if (this.#data.length > 0) {
      this.emit({ event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id });
    }
    this.#event = '';
    this.#data = [];
    this.#id = null;
  }
}

export type StreamState = 'connecting' | 'live' | 'down' | 'refused';

export interface StreamOptions {
  onEvent: (event: StreamEvent) => void;
  onState?: (state: StreamState) => void;
  random?: () => number;
  /** The server sends a comment every 15 s; longer silence than this means a dead connection. */
  silenceMsMax?: number;
}

/**
 * Follows an event stream until closed: reconnects with growing, scattered pauses and resumes by
 * `Last-Event-ID`. Gives up only when the server refuses for good (a 4xx that will not pass by itself).
 *
 * @return closes the stream.
 */
export function openStream(http: Http, path: string, options: StreamOptions): () => void {
  const closed = new AbortController();
  const random = options.random ?? Math.random;
  const silenceMsMax = options.silenceMsMax ?? 40_000;
  const parser = new StreamParser((event) => options.onEvent(event));
  const report = (state: StreamState) => {
    if (!closed.signal.aborted) options.onState?.(state);
  };

  let attempt = 1;

  /** One connection, until it ends or breaks. */
  async function connect(): Promise<void> {
    const abort = new AbortController();
    const stop = () => abort.abort();
    closed.signal.addEventListener('abort', stop, { once: true });
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(stop, silenceMsMax);
    };
    let live = false;
    parser.reset();
    try {
      heard();
      const response = await http.fetch(http.server + path, {
        headers: {
          ...http.headers(),
          Accept: 'text/event-stream',
          ...(parser.lastId === '' ? {} : { 'Last-Event-ID': parser.lastId }),
        },
        cache: 'no-store',
        credentials: 'same-origin',
        signal: abort.signal,
      });
      if (!response.ok || response.body === null) {
        const body: unknown = await response.json().catch(() => undefined);
        throw new ApiProblem(
          readProblem(response.status, body),
          retryAfterMs(response.headers.get('Retry-After'), Date.now()),
        );
      }
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        if (!live) {
          live = true;
          attempt = 1;
          report('live');
        }
        parser.push(decoder.decode(value, { stream: true }));
      }
    } finally {
      clearTimeout(silence);
      closed.signal.removeEventListener('abort', stop);
      abort.abort();
    }
  }

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      report('connecting');
      let askedMs: number | null = null;
      try {
        await connect();
      } catch (error) {
        // Anything but a problem is a connection that broke or fell silent: try again.
        if (error instanceof ApiProblem) {
          if (!isPassing(error) && error.problem.status < 500) return report('refused');
          askedMs = error.retryAfterMs;
        }
      }
      report('down');
      await sleep(pauseMs(attempt, askedMs ?? parser.retryMs, random), closed.signal).catch(() => {});
      attempt += 1;
    }
  }

  void run();
  return () => closed.abort(new Error('closed'));
}
