import { ApiProblem, NoAnswer, readProblem, retryAfterMs } from './problem.ts';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export interface HttpOptions {
  /** Where the server is; empty for the page's own origin. */
  server?: string;
  fetch?: Fetch;
  /** Asked at every request, so that a sign-in or a language switch needs no new client. */
  token?: () => string | null;
  language?: () => string;
  timeoutMs?: number;
  /** Any answer of 401: whoever was signed in no longer is. */
  onUnauthenticated?: () => void;
}

export interface RequestOptions {
  body?: unknown;
  query?: Record<string, string | number | null | undefined>;
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** For requests that are made before anybody is signed in. */
  anonymous?: boolean;
}

export interface Http {
  get<T>(path: string, options?: RequestOptions): Promise<T>;
  post<T>(path: string, options?: RequestOptions): Promise<T>;
  headers(options?: RequestOptions): Record<string, string>;
  readonly server: string;
  readonly fetch: Fetch;
}

/** @throws ApiProblem when the server says no; NoAnswer when it says nothing we can read. */
export function createHttp(settings: HttpOptions = {}): Http {
  const server = settings.server ?? '';
  const fetch: Fetch = settings.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const timeoutMs = settings.timeoutMs ?? 10_000;

  function headers(options: RequestOptions = {}): Record<string, string> {
    const token = options.anonymous ? null : settings.token?.();
    const language = settings.language?.();
    return {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(language ? { 'Accept-Language': language } : {}),
      ...(options.idempotencyKey ? { 'Idempotency-Key': options.idempotencyKey } : {}),
      ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
  }

  async function send<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
    }
    const url = server + path + (query.size > 0 ? `?${query}` : '');

    // One signal for "the caller gave up" and "the server takes too long".
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new NoAnswer('timeout')), timeoutMs);
    const giveUp = () => abort.abort(options.signal?.reason);
    if (options.signal?.aborted) giveUp();
    options.signal?.addEventListener('abort', giveUp, { once: true });
    try {
      const response = await fetch(url, {
        method,
        headers: headers(options),
        signal: abort.signal,
        credentials: 'same-origin',
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
      const text = await response.text();
      const body = parse(text);
      if (!response.ok) {
        if (response.status === 401) settings.onUnauthenticated?.();
        throw new ApiProblem(
          readProblem(response.status, body),
          retryAfterMs(response.headers.get('Retry-After'), Date.now()),
        );
      }
      if (text !== '' && body === undefined) throw new NoAnswer('not JSON');
      return body as T;
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (error instanceof ApiProblem || error instanceof NoAnswer) throw error;
      throw new NoAnswer(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', giveUp);
    }
  }

  return {
    get: (path, options) => send('GET', path, options),
    post: (path, options) => send('POST', path, options),
    headers,
    server,
    fetch,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
