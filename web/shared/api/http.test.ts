import { describe, expect, it, vi } from 'vitest';
import { createHttp } from './http.ts';
import { ApiProblem, fieldErrors, NoAnswer, readProblem, retryAfterMs } from './problem.ts';
import { isPassing, pauseMs, sleep } from './retry.ts';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

async function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('http', () => {
  it('sends token, language, key and body, and drops empty query values', async () => {
    const fetch = vi.fn(async (_url: string, _init?: RequestInit) => answer(200, { ok: 1 }));
    const http = createHttp({ server: 'https://shop', fetch, token: () => 'fbs_x', language: () => 'zh' });
    await http.post('/v1/x', { body: { a: 1 }, idempotencyKey: 'k1', query: { state: '', limit: 5, cursor: null } });
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe('https://shop/v1/x?limit=5');
    expect(init?.headers).toEqual({
      Authorization: 'Bearer fbs_x',
      'Accept-Language': 'zh',
      'Idempotency-Key': 'k1',
      'Content-Type': 'application/json',
    });
    expect(init?.body).toBe('{"a":1}');
  });

  it('keeps the token to itself where nobody needs to be signed in', async () => {
    const fetch = vi.fn(async (_url: string, _init?: RequestInit) => answer(200, {}));
    await createHttp({ fetch, token: () => 'fbs_x' }).get('/v1/time', { anonymous: true });
    expect(fetch.mock.calls[0]?.[1]?.headers).not.toHaveProperty('Authorization');
  });

  it('turns a refusal into a typed problem', async () => {
    const fetch = async () =>
      answer(409, { code: 'purchase_limit', title: 'Limit', limit: 2, status: 409 }, { 'Retry-After': '3' });
    const error = await caught(createHttp({ fetch }).post('/v1/x'));
    expect(error).toBeInstanceOf(ApiProblem);
    const { problem, retryAfterMs: askedMs } = error as ApiProblem;
    expect(problem).toMatchObject({ status: 409, code: 'purchase_limit', limit: 2 });
    expect(askedMs).toBe(3_000);
  });

  it('says who is no longer signed in', async () => {
    const onUnauthenticated = vi.fn();
    await caught(createHttp({ fetch: async () => answer(401, {}), onUnauthenticated }).get('/v1/x'));
    expect(onUnauthenticated).toHaveBeenCalledOnce();
  });

  it('calls a broken line, a timeout and a page of HTML "no answer"', async () => {
    const broken = createHttp({ fetch: () => Promise.reject(new TypeError('Failed to fetch')) });
    expect(await caught(broken.get('/v1/x'))).toBeInstanceOf(NoAnswer);
    const html = createHttp({ fetch: async () => answer(200, '<html>') });
    expect(await caught(html.get('/v1/x'))).toBeInstanceOf(NoAnswer);
    const silent = createHttp({
      timeoutMs: 20,
      fetch: (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
        }),
    });
    expect(await caught(silent.get('/v1/x'))).toBeInstanceOf(NoAnswer);
  });
});

describe('problems', () => {
  it('ignores members of the wrong type and falls back to the type, then the status', () => {
    expect(readProblem(409, { type: '/problems/sold-out', title: 7 })).toMatchObject({
      code: 'sold_out',
      title: 'HTTP 409',
      errors: [],
    });
    expect(readProblem(502, undefined).code).toBe('http_502');
  });

  it('finds the field of each error', () => {
    const problem = readProblem(422, {
      code: 'validation',
      errors: [
        { pointer: '#/name/zh', detail: 'must not be empty' },
        { pointer: '#/waves/0/units', code: 'min' },
        { pointer: '#/a~1b', detail: 'odd' },
        { parameter: 'limit', detail: 'too many' },
      ],
    });
    expect(fieldErrors(problem)).toEqual({
      'name/zh': 'must not be empty',
      'waves/0/units': 'min',
      'a/b': 'odd',
      limit: 'too many',
    });
  });
});

describe('retry', () => {
  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.parse('2026-11-21T20:00:00Z');
    expect(retryAfterMs('2', now)).toBe(2_000);
    expect(retryAfterMs('Sat, 21 Nov 2026 20:00:05 GMT', now)).toBe(5_000);
    expect(retryAfterMs('Sat, 21 Nov 2026 19:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs(null, now)).toBeNull();
    expect(retryAfterMs('soon', now)).toBeNull();
  });

  it('grows, is capped, is scattered, and never undercuts what the server asked for', () => {
    expect(pauseMs(1, null, () => 0)).toBe(200);
    expect(pauseMs(1, null, () => 1)).toBe(400);
    expect(pauseMs(3, null, () => 1)).toBe(1_600);
    expect(pauseMs(40, null, () => 1)).toBe(8_000);
    for (const random of [0, 0.5, 1]) expect(pauseMs(1, 3_000, () => random)).toBeGreaterThanOrEqual(3_000);
  });

  it('repeats only what may pass by itself', () => {
    const problem = (status: number, code: string) => new ApiProblem(readProblem(status, { code }), null);
    expect(isPassing(new NoAnswer('x'))).toBe(true);
    expect(isPassing(problem(503, 'overloaded'))).toBe(true);
    expect(isPassing(problem(503, 'log_full'))).toBe(true);
    expect(isPassing(problem(503, 'orders_full'))).toBe(false);
    expect(isPassing(problem(429, 'rate_limited'))).toBe(true);
    expect(isPassing(problem(409, 'sold_out'))).toBe(false);
    expect(isPassing(problem(401, 'unauthenticated'))).toBe(false);
    expect(isPassing(new TypeError('our bug'))).toBe(false);
  });

  it('stops sleeping when told to', async () => {
    const abort = new AbortController();
    const slept = sleep(60_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
  });
});
