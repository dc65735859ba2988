// Follows every unit from leaf to leaf, and does not accept what units cannot do. The same as
// src/verify/stock_book.cpp.

import type { Leaf } from './leaf.ts';
import { count } from './leaf.ts';

/** Why a leaf is not accepted; the words are the page's. */
export type StockFault =
  | 'malformed'
  | 'announced_too_many'
  | 'drop_exists'
  | 'not_releasable'
  | 'offered_too_many'
  | 'moved_too_many'
  | 'withdrawn_differs'
  | 'not_on_sale'
  | 'bought_too_many'
  | 'over_limit'
  | 'order_exists'
  | 'not_waiting_for_payment'
  | 'not_sold';

interface Wave {
  released: boolean;
  available: number;
}
interface Order {
  readonly drop: DropStock;
  readonly buyer: string;
  readonly wave: number;
  units: number;
  state: 'pending' | 'paid' | 'ended';
}

export class DropStock {
  offered = 0;
  unreleased: number;
  held = 0;
  sold = 0;
  returned = 0;
  withdrawn = 0;
  cancelled = false;
  readonly waves = new Map<number, Wave>();
  readonly buyers = new Map<string, number>();

  constructor(
    readonly sku: string,
    readonly announced: number,
    readonly limit: number,
  ) {
    this.unreleased = announced;
  }

  get available(): number {
    let sum = 0;
    for (const wave of this.waves.values()) sum += wave.available;
    return sum;
  }

  wave(number: number): Wave {
    const found = this.waves.get(number) ?? { released: false, available: 0 };
    this.waves.set(number, found);
    return found;
  }
}

export class StockBook {
  readonly drops = new Map<string, DropStock>();
  readonly #free = new Map<string, number>();
  readonly #orders = new Map<string, Order>();

  /** Undefined if all is well. */
  take(leaf: Leaf): StockFault | undefined {
    switch (leaf.kind) {
      case 'stock_received':
        return this.#received(leaf);
      case 'drop_created':
        return this.#created(leaf);
      case 'drop_cancelled':
        return this.#cancelled(leaf);
      case 'wave_released':
        return this.#released(leaf);
      case 'units_moved':
        return this.#moved(leaf);
      case 'units_withdrawn':
        return this.#withdrawn(leaf);
      case 'order_placed':
        return this.#placed(leaf);
      case 'order_paid':
        return this.#paid(leaf);
      case 'order_expired':
      case 'order_cancelled':
        return this.#ended(leaf);
      case 'units_returned':
        return this.#returned(leaf);
      default:
        return undefined; // Draws, queues and moments move no unit.
    }
  }

  #drop(leaf: Leaf): DropStock | undefined {
    return this.drops.get(leaf.fields.get('drop') ?? '');
  }
  #setFree(sku: string, by: number): void {
    this.#free.set(sku, (this.#free.get(sku) ?? 0) + by);
  }

  #received(leaf: Leaf): StockFault | undefined {
    const units = count(leaf, 'units');
    const sku = leaf.fields.get('sku');
    if (units === undefined || sku === undefined) return 'malformed';
    this.#setFree(sku, units);
    return undefined;
  }

  #created(leaf: Leaf): StockFault | undefined {
    const units = count(leaf, 'units');
    const limit = count(leaf, 'per_person_limit');
    const sku = leaf.fields.get('sku');
    const name = leaf.fields.get('drop');
    if (units === undefined || limit === undefined || sku === undefined || name === undefined) return 'malformed';
    if ((this.#free.get(sku) ?? 0) < units) return 'announced_too_many';
    if (this.drops.has(name)) return 'drop_exists';
    this.#setFree(sku, -units);
    this.drops.set(name, new DropStock(sku, units, limit));
    return undefined;
  }

  #released(leaf: Leaf): StockFault | undefined {
    const drop = this.#drop(leaf);
    const number = count(leaf, 'wave');
    const units = count(leaf, 'units');
    if (drop === undefined || !number || units === undefined) return 'malformed';
    if (drop.cancelled || drop.wave(number).released) return 'not_releasable';
    if (drop.unreleased < units) return 'offered_too_many';
    drop.unreleased -= units;
    drop.offered += units;
    drop.waves.set(number, { released: true, available: units });
    return undefined;
  }

  #moved(leaf: Leaf): StockFault | undefined {
    const drop = this.#drop(leaf);
    const from = count(leaf, 'from_wave');
    const to = count(leaf, 'to_wave');
    const units = count(leaf, 'units');
    if (drop === undefined || !from || !to || units === undefined || drop.cancelled) return 'malformed';
    const source = drop.wave(from);
    const target = drop.wave(to);
    if ((source.released ? source.available : drop.unreleased) < units) return 'moved_too_many';
    if (source.released) source.available -= units;
    else drop.unreleased -= units;
    if (target.released) target.available += units;
    else drop.unreleased += units;
    if (target.released && !source.released) drop.offered += units;
    if (source.released && !target.released) drop.offered -= units;
    return undefined;
  }

  #withdrawn(leaf: Leaf): StockFault | undefined {
    const drop = this.#drop(leaf);
    const number = count(leaf, 'wave');
    const units = count(leaf, 'units');
    if (drop === undefined || !number || units === undefined) return 'malformed';
    const wave = drop.wave(number);
    if (wave.available !== units) return 'withdrawn_differs';
    wave.available = 0;
    drop.withdrawn += units;
    this.#setFree(drop.sku, units);
    return undefined;
  }

  #cancelled(leaf: Leaf): StockFault | undefined {
    const drop = this.#drop(leaf);
    const units = count(leaf, 'withdrawn');
    if (drop === undefined || units === undefined || drop.cancelled) return 'malformed';
    if (drop.unreleased + drop.available !== units) return 'withdrawn_differs';
    drop.unreleased = 0;
    for (const wave of drop.waves.values()) wave.available = 0;
    drop.withdrawn += units;
    this.#setFree(drop.sku, units);
    drop.cancelled = true;
    return undefined;
  }

  #placed(leaf: Leaf): StockFault | undefined {
    const drop = this.#drop(leaf);
    const number = count(leaf, 'wave');
    const units = count(leaf, 'units');
    const buyer = leaf.fields.get('buyer');
    const name = leaf.fields.get('order');
    if (drop === undefined || !number || units === undefined || !buyer || !name) return 'malformed';
    const wave = drop.wave(number);
    if (drop.cancelled || !wave.released) return 'not_on_sale';
    if (wave.available < units) return 'bought_too_many';
    const owned = (drop.buyers.get(buyer) ?? 0) + units;
    if (owned > drop.limit) return 'over_limit';
    if (this.#orders.has(name)) return 'order_exists';
    drop.buyers.set(buyer, owned);
    this.#orders.set(name, { drop, buyer, wave: number, units, state: 'pending' });
    wave.available -= units;
    drop.held += units;
    return undefined;
  }

  #pending(leaf: Leaf): Order | undefined {
    const order = this.#orders.get(leaf.fields.get('order') ?? '');
    return order?.state === 'pending' ? order : undefined;
  }

  #paid(leaf: Leaf): StockFault | undefined {
    const order = this.#pending(leaf);
    if (order === undefined) return 'not_waiting_for_payment';
    order.state = 'paid';
    order.drop.held -= order.units;
    order.drop.sold += order.units;
    return undefined;
  }

  #ended(leaf: Leaf): StockFault | undefined {
    const order = this.#pending(leaf);
    if (order === undefined) return 'not_waiting_for_payment';
    order.state = 'ended';
    order.drop.held -= order.units;
    this.#comeBack(order, order.units);
    return undefined;
  }

  #returned(leaf: Leaf): StockFault | undefined {
    const order = this.#orders.get(leaf.fields.get('order') ?? '');
    const units = count(leaf, 'units');
    const to = leaf.fields.get('to');
    if (order === undefined || units === undefined || (to !== 'on_sale' && to !== 'returned')) return 'malformed';
    if (order.state !== 'paid' || order.units < units) return 'not_sold';
    order.units -= units;
    order.drop.sold -= units;
    if (to === 'on_sale') {
      this.#comeBack(order, units);
    } else {
      order.drop.returned += units;
      this.#giveRight(order, units);
    }
    return undefined;
  }

  /** To the wave; to free stock if the drop is over. */
  #comeBack(order: Order, units: number): void {
    const { drop } = order;
    this.#giveRight(order, units);
    if (drop.cancelled) {
      drop.withdrawn += units;
      this.#setFree(drop.sku, units);
    } else {
      drop.wave(order.wave).available += units;
    }
  }
  #giveRight(order: Order, units: number): void {
    order.drop.buyers.set(order.buyer, (order.drop.buyers.get(order.buyer) ?? 0) - units);
  }
}
