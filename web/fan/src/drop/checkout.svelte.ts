import type { FanApi } from '../../../shared/api/client.ts';
import { newKey } from '../../../shared/api/key.ts';
import type { Problem } from '../../../shared/api/problem.ts';
import type { Order } from '../../../shared/api/types.ts';
import {
  carryOut,
  forgetIntent,
  type Intent,
  keepIntent,
  keptIntent,
  type Pause,
  type Shelf,
} from './purchase.ts';

export type CheckoutState =
  | { kind: 'idle' }
  | { kind: 'sending'; attempt: number }
  | { kind: 'waiting'; pause: Pause }
  | { kind: 'unanswered' }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'bought'; order: Order };

/** An older intent is not carried out by itself: its buyer has moved on, and the orders list tells the truth. */
const resumeMsMax = 10 * 60_000;

/** The buy button's memory: at most one intent at a time, kept until the server has answered it. */
export class Checkout {
  state: CheckoutState = $state.raw({ kind: 'idle' });
  #intent: Intent | null = null;
  #abort: AbortController | null = null;

  constructor(
    private readonly api: FanApi,
    private readonly dropId: string,
    private readonly shelf: Shelf,
    /** Whoever shows orders should look again: there is a new one, or there may be. */
    private readonly onChanged: (order: Order | null) => void,
    private readonly onSignedOut: () => void,
  ) {}

  get busy(): boolean {
    return this.state.kind === 'sending' || this.state.kind === 'waiting';
  }

  /** A new decision. Refused while an earlier one may still turn out to be an order. */
  buy(person: string, quantity: number, currency: string, nowMs: number, code = '', proof: string | null = null): void {
    if (this.busy || this.state.kind === 'unanswered') return;
    this.#intent = { key: newKey(), dropId: this.dropId, quantity, currency, person, madeAtMs: nowMs };
    if (code !== '') this.#intent.code = code;
    if (proof !== null) this.#intent.proof = proof;
    keepIntent(this.shelf, this.#intent);
    void this.#run(this.#intent);
  }

  /** After a reload or a new sign-in: an intent that was never answered goes on under its own key. */
  resume(person: string, nowMs: number): void {
    if (this.busy) return;
    const intent = keptIntent(this.shelf, this.dropId);
    if (intent === null) return;
    if (intent.person !== person || nowMs - intent.madeAtMs > resumeMsMax) return this.dismiss();
    this.#intent = intent;
    void this.#run(intent);
  }

  askAgain(): void {
    if (this.state.kind === 'unanswered' && this.#intent !== null) void this.#run(this.#intent);
  }

  stop(): void {
    this.#abort?.abort(new Error('stopped'));
  }

  dismiss(): void {
    if (this.busy) return;
    forgetIntent(this.shelf, this.dropId);
    this.#intent = null;
    this.state = { kind: 'idle' };
  }

  async #run(intent: Intent): Promise<void> {
    this.#abort = new AbortController();
    const outcome = await carryOut(intent, {
      buy: (i, signal) =>
        this.api.buy(
          i.dropId,
          {
            quantity: i.quantity,
            currency: i.currency,
            ...(i.code ? { code: i.code } : {}),
            ...(i.proof ? { proof: i.proof } : {}),
          },
          i.key,
          signal,
        ),
      onAttempt: (attempt) => (this.state = { kind: 'sending', attempt }),
      onPause: (pause) => (this.state = { kind: 'waiting', pause }),
      signal: this.#abort.signal,
    });
    if (outcome.kind === 'unanswered' || (outcome.kind === 'stopped' && outcome.inDoubt)) {
      this.state = { kind: 'unanswered' };
      return this.onChanged(null);
    }
    const signedOut = outcome.kind === 'refused' && outcome.problem.status === 401;
    // The token was refused, not the key: an attempt in doubt stays in doubt until the next sign-in.
    if (!(signedOut && outcome.inDoubt)) forgetIntent(this.shelf, this.dropId);
    this.#intent = null;
    this.state = outcome.kind === 'stopped' ? { kind: 'idle' } : outcome;
    if (outcome.kind === 'bought') this.onChanged(outcome.order);
    // What counts against the limit was bought elsewhere, and this page knows nothing of it yet.
    if (outcome.kind === 'refused' && outcome.problem.code === 'purchase_limit') this.onChanged(null);
    if (signedOut) this.onSignedOut();
  }
}
