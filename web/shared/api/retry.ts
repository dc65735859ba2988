import { ApiProblem, NoAnswer } from './problem.ts';

const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Whether the same request may well succeed later: the server said "not now", or nobody knows what became
 * of it. Asking again is harmless with the same idempotency key.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  if (!(error instanceof ApiProblem)) return false;
  const { status, code } = error.problem;
  // `orders_full` and its like are bounds of the installation, not of the moment; only the log gets
  // space back by itself.
  return passing.has(status) && (!code.endsWith('_full') || code === 'log_full');
}

const firstMs = 400;
const capMs = 8_000;

/**
 * How long to wait before attempt `attempt + 1` (attempt counts from 1). Half of the pause is chance, so
 * that a crowd refused together does not come back together. A server's `Retry-After` is a lower bound,
 * and gets the same spread on top.
 */
export function pauseMs(attempt: number, askedMs: number | null, random: () => number): number {
  const step = Math.min(capMs, firstMs * 2 ** Math.min(attempt - 1, 16));
  const own = step / 2 + (step / 2) * random();
  return Math.round(askedMs === null ? own : Math.max(own, askedMs + (step / 2) * random()));
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
