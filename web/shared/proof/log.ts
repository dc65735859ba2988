// Reads a whole public log while it arrives, and says whether it is the one that its head stands over.

import { DrawBook } from './drawlog.ts';
import type { Hash } from './merkle.ts';
import { isSame, MerkleRoot, merkleLeaf } from './merkle.ts';
import type { Leaf } from './leaf.ts';
import { readLeaf } from './leaf.ts';
import type { PlanFault } from './plan.ts';
import { PlanBook } from './plan.ts';
import type { QueueFault } from './queue.ts';
import { QueueBook } from './queue.ts';
import { utf8 } from './sha256.ts';
import type { StockFault } from './stock.ts';
import { StockBook } from './stock.ts';

export type LogFault = StockFault | PlanFault | QueueFault | 'unknown_leaf' | 'not_rising';
export interface Refused {
  readonly leaf: number;
  readonly fault: LogFault;
}

export class LogReader {
  readonly stock = new StockBook();
  readonly plans = new PlanBook();
  readonly queues = new QueueBook();
  readonly draws = new DrawBook();
  /** The first leaf that cannot be; the rest is still hashed. */
  refused: Refused | undefined;
  readonly #tree = new MerkleRoot();
  #before: Leaf | undefined;

  get size(): number {
    return this.#tree.size;
  }
  root(): Hash {
    return this.#tree.root();
  }
  isAt(head: { readonly size: number; readonly root: Hash }): boolean {
    return this.size === head.size && isSame(this.root(), head.root);
  }

  take(line: string): void {
    this.#tree.append(merkleLeaf(utf8(line)));
    if (this.refused !== undefined) return;
    const fault = this.#look(line);
    if (fault !== undefined) this.refused = { leaf: this.size - 1, fault };
  }

  #look(line: string): LogFault | undefined {
    const leaf = readLeaf(line);
    if (leaf === undefined) return 'unknown_leaf';
    const before = this.#before;
    this.#before = leaf;
    if (before !== undefined) {
      const rises = leaf.offset > before.offset || (leaf.offset === before.offset && leaf.index > before.index);
      if (!rises || leaf.time < before.time) return 'not_rising';
    }
    const fault = this.stock.take(leaf) ?? this.plans.take(leaf) ?? this.queues.take(leaf);
    if (fault === undefined) this.draws.take(leaf);
    return fault;
  }
}
