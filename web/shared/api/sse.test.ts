import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttp } from './http.ts';
import { openStream, type StreamEvent, StreamParser, type StreamState } from './sse.ts';

function parse(...chunks: string[]): { events: StreamEvent[]; parser: StreamParser } {
  const events: StreamEvent[] = [];
  const parser = new StreamParser((event) => events.push(event));
  for (const chunk of chunks) parser.push(chunk);
  return { events, parser };
}

describe('StreamParser', () => {
  it('reads name, id and data of several lines, and skips comments', () => {
    const { events } = parse(': hello\n\nevent: wave_released\nid: 12-0\ndata: {"a":\ndata: 1}\n\n');
    expect(events).toEqual([{ event: 'wave_released', id: '12-0', data: '{"a":\n1}' }]);
  });

  it('gives the same events however the bytes are cut', () => {
    const whole = 'event: status\r\ndata: 1\r\n\r\nid: 7\ndata: 2\n\nretry: 900\r\rdata:3\r\r\n';
    const expected = parse(whole).events;
    expect(expected.map((e) => e.data)).toEqual(['1', '2', '3']);
    for (let cut = 1; cut < whole.length; cut += 1) {
      expect(parse(whole.slice(0, cut), whole.slice(cut)).events, `cut at ${cut}`).toEqual(expected);
    }
    expect(parse(...whole).events).toEqual(expected);
  });

  it('keeps the last id over events that have none, and over a broken connection', () => {
    const { events, parser } = parse('id: 5-1\ndata: a\n\ndata: b\n\nid: 9\ndata: gone\nevent: lost\ndata: half');
    parser.reset();
    parser.push('data: c\n\n');
    expect(events.map((e) => [e.event, e.data])).toEqual([
      ['message', 'a'],
      ['message', 'b'],
      ['message', 'c'],
    ]);
    expect(parser.lastId).toBe('5-1');
    expect(parse('retry: 1500\n\n').parser.retryMs).toBe(1_500);
  });
});

describe('openStream', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const stream = (text: string, open = false) =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text));
          if (!open) controller.close();
        },
      }),
    );

  it('comes back after a break and resumes behind the last id', async () => {
    const answers = [
      () => stream('id: 3-0\nevent: drop_opened\ndata: {}\n\n'),
      () => Promise.reject(new TypeError('line cut')),
      () => stream('event: status\ndata: {}\n\n', true),
    ];
    const fetch = vi.fn(async (_url: string, _init?: RequestInit) => (await answers.shift()?.()) ?? stream(''));
    const states: StreamState[] = [];
    const events: string[] = [];
    const close = openStream(createHttp({ fetch }), '/events', {
      onEvent: (event) => events.push(event.event),
      onState: (state) => states.push(state),
      random: () => 0,
    });
    await vi.advanceTimersByTimeAsync(5_000);
    close();
    expect(events).toEqual(['drop_opened', 'status']);
    expect(states).toEqual(['connecting', 'live', 'down', 'connecting', 'down', 'connecting', 'live']);
    const headers = fetch.mock.calls.map(([, init]) => (init?.headers as Record<string, string>)['Last-Event-ID']);
    expect(headers).toEqual([undefined, '3-0', '3-0']);
  });

  it('drops a connection that has fallen silent', async () => {
    const fetch = vi.fn(
      async (_url: string, init?: RequestInit) =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new TextEncoder().encode(': hi\n\n'));
              init?.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
            },
          }),
        ),
    );
    const close = openStream(createHttp({ fetch }), '/events', { onEvent: () => {}, random: () => 0 });
    await vi.advanceTimersByTimeAsync(39_000);
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(fetch).toHaveBeenCalledTimes(2);
    close();
  });

  it('gives up on a refusal that will not pass, and waits out one that will', async () => {
    const refused = vi.fn(async (_url: string) => new Response('{"code":"drop_not_found"}', { status: 404 }));
    const states: StreamState[] = [];
    openStream(createHttp({ fetch: refused }), '/events', { onEvent: () => {}, onState: (s) => states.push(s) });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused).toHaveBeenCalledTimes(1);
    expect(states.at(-1)).toBe('refused');

    const busy = vi.fn(
      async (_url: string) => new Response('{"code":"overloaded"}', { status: 503, headers: { 'Retry-After': '30' } }),
    );
    const close = openStream(createHttp({ fetch: busy }), '/events', { onEvent: () => {}, random: () => 0 });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(busy).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(busy).toHaveBeenCalledTimes(2);
    close();
  });
});
