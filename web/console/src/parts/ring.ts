/**
 * The newest `capacity` points of several series over one time axis. Old points fall out; memory is
 * taken once.
 */
export class Ring {
  readonly #columns: Float64Array[];
  #next = 0;
  #size = 0;

  /** @param width columns: time first, then one per series. */
  constructor(
    readonly width: number,
    readonly capacity: number,
  ) {
    this.#columns = Array.from({ length: width }, () => new Float64Array(capacity));
  }

  get size(): number {
    return this.#size;
  }

  push(...row: number[]): void {
    for (let c = 0; c < this.width; c += 1) this.#column(c)[this.#next] = row[c] ?? 0;
    this.#next = (this.#next + 1) % this.capacity;
    this.#size = Math.min(this.#size + 1, this.capacity);
  }

  /** `back` = 0 is the newest point. Undefined beyond the oldest. */
  at(column: number, back: number): number | undefined {
    if (back >= this.#size) return undefined;
    return this.#column(column)[(this.#next - 1 - back + 2 * this.capacity) % this.capacity];
  }

  /** A column from the oldest point to the newest. */
  values(column: number): Float64Array {
    const source = this.#column(column);
    if (this.#size < this.capacity) return source.slice(0, this.#size);
    const ordered = new Float64Array(this.capacity);
    ordered.set(source.subarray(this.#next), 0);
    ordered.set(source.subarray(0, this.#next), this.capacity - this.#next);
    return ordered;
  }

  #column(index: number): Float64Array {
    const column = this.#columns[index];
    if (column === undefined) throw new RangeError(`no column ${index}`);
    return column;
  }
}
