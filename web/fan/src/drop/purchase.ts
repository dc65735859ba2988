import { ApiProblem, type Problem } from '../../../shared/api/problem.ts';
import { isPassing, pauseMs, sleep } from '../../../shared/api/retry.ts';
import type { Order } from '../../../shared/api/types.ts';

/**
 * One decision to buy. Its key is made once and sent with every attempt, so the server makes at most one
 * order of it however often the request is repeated.
 */
export interface Intent {
  key: string;
  dropId: string;
  quantity: number;
  currency: string;
  /** A priority code, where a wave asks for one. */
  code?: string;
  /** What the device found for the head start. */
  proof?: string;
  /** Whose decision it is; another person signed in on this device must not carry it out. */
  person: string;
  /** Server time. */
  madeAtMs: number;
}

/** Enough of `Storage` to keep an intent over a reload. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const shelfName = (dropId: string) => `firebrand.intent.${dropId}`;

export function keepIntent(shelf: Shelf, intent: Intent): void {
  try {
    shelf.setItem(shelfName(intent.dropId), JSON.stringify(intent));
  } catch {
    // No storage: the intent lives as long as the page.
  }
}

export function forgetIntent(shelf: Shelf, dropId: string): void {
  try {
    shelf.removeItem(shelfName(dropId));
  } catch {
    // Nothing was kept.
  }
}

export function keptIntent(shelf: Shelf, dropId: string): Intent | null {
  try {
    const intent = JSON.parse(shelf.getItem(shelfName(dropId)) ?? 'null') as Intent | null;
    return intent !== null && typeof intent.key === 'string' && intent.dropId === dropId ? intent : null;
  } catch {
    return null;
  }
}

/** `inDoubt`: some attempt ended without a word, so an order may exist all the same. */
export type Outcome =
  | { kind: 'bought'; order: Order }
  | { kind: 'refused'; problem: Problem; inDoubt: boolean }
  /** No answer within the attempts that we make by ourselves. */
  | { kind: 'unanswered' }
  /** The buyer would not wait. */
  | { kind: 'stopped'; inDoubt: boolean };

/** What the buyer is told between two attempts. */
export interface Pause {
  attempt: number;
  waitMs: number;
  /** `busy`: the server said that nothing was done. `no_answer`: nobody knows. `early`: not yet open.
   * `proof`: the first moments are for those with a proof of work. */
  reason: 'busy' | 'no_answer' | 'early' | 'proof';
}

export interface CarryOutOptions {
  buy: (intent: Intent, signal: AbortSignal) => Promise<Order>;
  onPause: (pause: Pause) => void;
  onAttempt: (attempt: number) => void;
  signal: AbortSignal;
  random?: () => number;
}

const attemptsMax = 14;
/** A press this close before the opening waits for it; the clocks of both sides may differ a little. */
const earlyMsMax = 5_000;
/** The longest head start of others, and the same difference. */
const headStartMsMax = 31_000;

/**
 * Sends the intent until it is answered. Repeats are safe because the key never changes; only answers
 * that will pass by themselves are repeated.
 */
export async function carryOut(intent: Intent, options: CarryOutOptions): Promise<Outcome> {
  const random = options.random ?? Math.random;
  let inDoubt = false;
  for (let attempt = 1; ; attempt += 1) {
    options.onAttempt(attempt);
    let pause: Pause;
    try {
      return { kind: 'bought', order: await options.buy(intent, options.signal) };
    } catch (error) {
      if (options.signal.aborted) return { kind: 'stopped', inDoubt: true };
      const problem = error instanceof ApiProblem ? error.problem : null;
      const earlyMs = problem === null ? null : openingInMs(problem);
      const proofMs = problem === null || problem.code !== 'proof_wanted' ? null : leftMs(problem, problem.retry_at);
      if (earlyMs !== null && earlyMs <= earlyMsMax) {
        pause = { attempt, waitMs: earlyMs, reason: 'early' };
      } else if (proofMs !== null && proofMs <= headStartMsMax) {
        pause = { attempt, waitMs: proofMs, reason: 'proof' };
      } else if (isPassing(error)) {
        const refused = problem !== null && nothingDone(problem);
        if (!refused) inDoubt = true;
        if (attempt >= attemptsMax) {
          return problem !== null && !inDoubt
            ? { kind: 'refused', problem, inDoubt }
            : { kind: 'unanswered' };
        }
        const askedMs = error instanceof ApiProblem ? error.retryAfterMs : null;
        pause = {
          attempt,
          waitMs: pauseMs(attempt, askedMs, random),
          reason: refused ? 'busy' : 'no_answer',
        };
      } else if (problem !== null) {
        return { kind: 'refused', problem, inDoubt };
      } else {
        throw error;
      }
    }
    options.onPause(pause);
    try {
      await sleep(pause.waitMs, options.signal);
    } catch {
      return { kind: 'stopped', inDoubt };
    }
  }
}

// A 503 with a code of our own is a refusal, and refusals change nothing; a gateway's says nothing about
// that, and neither does a 500.
function nothingDone(problem: Problem): boolean {
  return problem.status === 429 || (problem.status === 503 && !problem.code.startsWith('http_'));
}

function openingInMs(problem: Problem): number | null {
  return problem.code === 'not_open' ? leftMs(problem, problem.opens_at) : null;
}

/** Until a moment that the problem names, by the server's own time. */
function leftMs(problem: Problem, instant: string | undefined): number | null {
  if (!instant || !problem.server_time) return null;
  const left = Date.parse(instant) - Date.parse(problem.server_time);
  return Number.isNaN(left) ? null : Math.max(0, left) + 5;
}
