import type { FeedEvent } from '../../../shared/api/types.ts';

/** The newest events of a stream, newest first. While it is held, what comes is counted and kept back. */
export class EventList {
  #shown: FeedEvent[] = [];
  #kept: FeedEvent[] = [];
  #known = new Set<string>();
  #heldBack = 0;
  held = false;

  constructor(private readonly sizeMax: number) {}

  /** An event that is here already is not taken twice: a stream that resumes may repeat its last one. */
  push(event: FeedEvent): void {
    if (this.#known.has(event.id)) return;
    this.#known.add(event.id);
    this.#kept.push(event);
    if (this.held) this.#heldBack += 1;
    if (this.#kept.length <= this.sizeMax) return;
    for (const gone of this.#kept.splice(0, this.#kept.length - this.sizeMax)) this.#known.delete(gone.id);
  }

  /** What came since the list was held, dropped ones included. */
  get heldBack(): number {
    return this.held ? this.#heldBack : 0;
  }

  rows(): FeedEvent[] {
    if (!this.held) {
      this.#shown = [...this.#kept].reverse();
      this.#heldBack = 0;
    }
    return this.#shown;
  }
}

export const shortType = (type: string): string => type.replace(/^org\.firebrand\./, '');

/** The data of an event in one line: `order_id ord_7 · quantity 1`. */
export function inOneLine(data: Record<string, unknown>): string {
  return Object.entries(data)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' · ');
}
