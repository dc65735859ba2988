import type { ServerClock } from './clock.ts';

/**
 * Server time as reactive state, renewed once a second. The ticks fall on whole seconds before and after
 * `target`, so that a countdown shows zero at its very moment and not up to a second late.
 */
export class Ticker {
  now: number = $state(0);
  /** False until the server has been asked: what a device believes may be hours off. */
  known: boolean = $state(false);
  #target = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly clock: ServerClock) {
    this.now = clock.now();
  }

  aimAt(targetMs: number): void {
    if (targetMs === this.#target) return;
    this.#target = targetMs;
    this.#tick();
  }

  /** @return stops it. */
  start(): () => void {
    const tick = () => this.#tick();
    const forget = this.clock.onChange(tick);
    document.addEventListener('visibilitychange', tick);
    tick();
    return () => {
      clearTimeout(this.#timer);
      forget();
      document.removeEventListener('visibilitychange', tick);
    };
  }

  #tick(): void {
    clearTimeout(this.#timer);
    const now = this.clock.now();
    this.now = now;
    this.known = this.clock.state !== 'unknown';
    const phase = (((this.#target - now) % 1000) + 1000) % 1000;
    // Timers may fire a little early; one more millisecond keeps "now >= target" true at zero.
    this.#timer = setTimeout(() => this.#tick(), Math.ceil(phase === 0 ? 1000 : phase) + 1);
  }
}
