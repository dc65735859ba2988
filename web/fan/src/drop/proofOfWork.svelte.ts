import type { Http } from '../../../shared/api/http.ts';
import { pauseMs } from '../../../shared/api/retry.ts';
import type { DropProof, DropStatus, ProofTask } from '../../../shared/api/types.ts';
import type { Shelf } from './purchase.ts';
import type { Stage } from './stage.ts';

/** `resting`: it is not yet time, or nothing asks for a proof now. */
export type ProofState = 'resting' | 'working' | 'ready' | 'missing';

/** Fans do not all ask at once: one begins within this time, as far as the countdown leaves room. */
const spreadMsMax = 60_000;
/** A countdown that is this short leaves no room. */
const hurryMs = 20_000;

/** Until when a wave is for those with a proof; null if none is. */
export function headStartEnds(status: DropStatus, nowMs: number): number | null {
  for (const wave of status.waves) {
    if (wave.state !== 'released' || wave.available === 0 || (wave.decision ?? 'first_come') !== 'first_come') continue;
    const beginsMs = Date.parse(wave.release === 'automatic' ? wave.opens_at : status.opens_at);
    const endsMs = beginsMs + (status.proof?.head_start_ms ?? 0);
    if (nowMs >= beginsMs && nowMs < endsMs) return endsMs;
  }
  return null;
}

/**
 * The work that gives a fan the head start of a drop. It is done during a countdown only: from the
 * opening on the device is the buyer's, and who has found nothing until then comes after the head start.
 */
export class MyProof {
  state: ProofState = $state('resting');
  /** What goes with an order; null while nothing is found. */
  nonce: string | null = $state(null);
  #beginAtMs: number | null = null;
  #asking = false;
  #failures = 0;
  #worker: Worker | null = null;

  constructor(
    private readonly http: Http,
    private readonly dropId: string,
    private readonly person: string,
    private readonly shelf: Shelf,
    private readonly makeWorker: () => Worker,
    private readonly random: () => number = Math.random,
  ) {
    try {
      this.nonce = shelf.getItem(this.shelfName);
    } catch {
      // Nothing was kept.
    }
  }

  private get shelfName(): string {
    return `firebrand-proof-${this.dropId}-${this.person}`;
  }

  /** To be called with every tick of the page. */
  look(status: DropStatus, proof: DropProof, stage: Stage, nowMs: number): void {
    if (stage.kind !== 'countdown') {
      this.stop();
      this.#beginAtMs = null;
      const wanted = headStartEnds(status, nowMs) !== null || stage.kind === 'opening';
      this.state = !wanted ? 'resting' : this.nonce === null ? 'missing' : 'ready';
      return;
    }
    if (this.nonce !== null) {
      this.state = 'ready';
      return;
    }
    const fromMs = Math.max(Date.parse(proof.from), nowMs);
    const leftMs = stage.targetMs - fromMs;
    this.#beginAtMs ??= fromMs + (leftMs < hurryMs ? 0 : this.random() * Math.min(spreadMsMax, leftMs / 2));
    if (nowMs < this.#beginAtMs) {
      this.state = 'resting';
      return;
    }
    this.state = 'working';
    if (!this.#asking && this.#worker === null) void this.#begin(nowMs);
  }

  async #begin(nowMs: number): Promise<void> {
    this.#asking = true;
    try {
      const task = await this.http.get<ProofTask>(`/v1/drops/${encodeURIComponent(this.dropId)}/proof`);
      this.#failures = 0;
      if (this.state !== 'working') return;
      const worker = this.makeWorker();
      this.#worker = worker;
      worker.onmessage = ({ data }: MessageEvent<string>) => {
        this.stop();
        this.nonce = data;
        this.state = 'ready';
        try {
          this.shelf.setItem(this.shelfName, data);
        } catch {
          // It lives as long as the page.
        }
      };
      worker.postMessage(task);
    } catch {
      this.#failures += 1;
      this.#beginAtMs = nowMs + pauseMs(this.#failures, null, this.random);
    } finally {
      this.#asking = false;
    }
  }

  stop(): void {
    this.state = 'resting';
    this.#worker?.terminate();
    this.#worker = null;
  }
}
