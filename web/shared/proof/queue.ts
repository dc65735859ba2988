// Whether queues let people in by the order that was fixed before anybody came. The same as
// src/verify/queue_check.cpp.

import { commitmentOf } from './draw.ts';
import type { Leaf } from './leaf.ts';
import { count, idNumber } from './leaf.ts';
import type { Hash } from './merkle.ts';
import { isSame } from './merkle.ts';
import { ShuffledOrder } from './order.ts';
import { bigEndian, fromHex, sha256, utf8 } from './sha256.ts';

/** Why a leaf is not accepted; the words are the page's. */
export type QueueFault =
  | 'malformed'
  | 'queue_fixed_again'
  | 'queue_step_out_of_turn'
  | 'queue_secret_differs'
  | 'more_early_than_joined'
  | 'place_left_out'
  | 'let_in_too_soon'
  | 'let_in_without_waiting'
  | 'let_in_after_turn'
  | 'let_in_before_others'
  | 'turn_without_waiting'
  | 'turn_before_others'
  | 'tie_fixed_again'
  | 'tie_key_differs';

const placesMax = 100_000_000;
/** Sums of them are exact. */
const tieCountMax = 2 ** 40;

function hash(leaf: Leaf, name: string): Hash | undefined {
  return fromHex(leaf.fields.get(name) ?? '', 32);
}

/** From 0. */
function place(leaf: Leaf): number | undefined {
  const number = count(leaf, 'place');
  return number === undefined || number === 0 || number > placesMax ? undefined : number - 1;
}

/** People who wait for a wave. */
export class Room {
  withheld = false;
  admitted = 0;
  /** By place, from 0. */
  readonly waits: boolean[] = [];
  #commitment: Hash | undefined;
  #order: ShuffledOrder | undefined;
  /** Positions before it were passed. */
  #next = 0;

  /** Whether the order is known. */
  get revealed(): boolean {
    return this.#order !== undefined;
  }

  take(leaf: Leaf, wave: number): QueueFault | undefined {
    if (leaf.kind === 'waiting_room_opened') {
      if (this.#commitment !== undefined) return 'queue_fixed_again';
      this.#commitment = hash(leaf, 'commitment');
      return this.#commitment === undefined ? 'malformed' : undefined;
    }
    if (this.#commitment === undefined) return 'queue_step_out_of_turn';
    if (leaf.kind === 'waiting_room_revealed') return this.#reveal(leaf, wave, this.#commitment);
    if (leaf.kind === 'waiting_room_closed') return undefined;
    const at = place(leaf);
    if (at === undefined) return 'malformed';
    if (leaf.kind === 'place_joined') {
      if (at > this.waits.length) return 'place_left_out';
      this.waits[at] = true;
      return undefined;
    }
    if (leaf.kind === 'place_admitted') return this.#admit(at);
    if (at < this.waits.length) this.waits[at] = false; // place_ended
    return undefined;
  }

  #reveal(leaf: Leaf, wave: number, commitment: Hash): QueueFault | undefined {
    if (this.#order !== undefined) return 'queue_step_out_of_turn';
    const secret = hash(leaf, 'secret');
    const early = count(leaf, 'early');
    const drop = idNumber(leaf, 'drop');
    if (secret === undefined || early === undefined || drop === undefined) return 'malformed';
    this.withheld = secret.every((byte) => byte === 0);
    if (!this.withheld && !isSame(commitmentOf(secret), commitment)) return 'queue_secret_differs';
    if (early > this.waits.length) return 'more_early_than_joined';
    const numbers = [bigEndian(drop, 8), bigEndian(wave, 2), bigEndian(early, 8)];
    this.#order = new ShuffledOrder(sha256(utf8('firebrand-room/1\0'), ...numbers, secret), early);
    return undefined;
  }

  #admit(at: number): QueueFault | undefined {
    const order = this.#order;
    if (order === undefined) return 'let_in_too_soon';
    if (this.waits[at] !== true) return 'let_in_without_waiting';
    // Position p is place p + 1, but for those who came early.
    const position = at < order.size ? order.positionOf(at) : at;
    if (position < this.#next) return 'let_in_after_turn';
    for (; this.#next < position; this.#next += 1) {
      const ahead = this.#next < order.size ? order.entryAt(this.#next) : this.#next;
      if (this.waits[ahead] === true) return 'let_in_before_others';
    }
    this.waits[at] = false;
    this.#next = position + 1;
    this.admitted += 1;
    return undefined;
  }
}

/** People who wait for what comes back, in the order of joining. */
export class Waitlist {
  served = 0;
  /** By place, from 0. */
  readonly waits: boolean[] = [];
  /** No place before it waits. */
  #next = 0;

  take(leaf: Leaf): QueueFault | undefined {
    if (leaf.kind === 'waitlist_opened' || leaf.kind === 'waitlist_closed') return undefined;
    const at = place(leaf);
    if (at === undefined) return 'malformed';
    if (leaf.kind === 'waitlist_joined') {
      if (at !== this.waits.length) return 'place_left_out';
      this.waits.push(true);
      return undefined;
    }
    if (this.waits[at] !== true) return 'turn_without_waiting';
    while (this.waits[this.#next] !== true) this.#next += 1;
    if (leaf.kind !== 'waitlist_left' && this.#next !== at) return 'turn_before_others';
    this.waits[at] = false;
    if (leaf.kind === 'waitlist_served') this.served += 1;
    return undefined;
  }
}

/** Purchases that came so close together that a key decided their order. */
export class Ties {
  windows = 0;
  decided = 0;
  inversions = 0;
  revealed = false;
  commitment: Hash | undefined;

  take(leaf: Leaf): QueueFault | undefined {
    if (leaf.kind === 'drop_committed') {
      const read = hash(leaf, 'tie_commitment');
      if (read === undefined) return 'malformed';
      if (this.commitment !== undefined) return 'tie_fixed_again';
      this.commitment = read;
      return undefined;
    }
    if (leaf.kind === 'tie_key_revealed') {
      const key = hash(leaf, 'key');
      if (key === undefined) return 'malformed';
      if (this.commitment === undefined || !isSame(commitmentOf(key), this.commitment)) return 'tie_key_differs';
      this.revealed = true;
      return undefined;
    }
    for (const name of ['windows', 'decided', 'inversions'] as const) {
      const some = count(leaf, name);
      if (some === undefined || some > tieCountMax) return 'malformed';
      this[name] += some;
    }
    return undefined;
  }
}

/** Made where there is none yet. */
function entry<Value>(map: Map<string, Value>, name: string, make: () => Value): Value {
  const found = map.get(name) ?? make();
  map.set(name, found);
  return found;
}

export class QueueBook {
  /** By drop, then by wave. */
  readonly rooms = new Map<string, Map<number, Room>>();
  readonly waitlists = new Map<string, Waitlist>();
  /** Of drops that have fixed a key or decided something. */
  readonly ties = new Map<string, Ties>();

  /** Undefined if all is well. */
  take(leaf: Leaf): QueueFault | undefined {
    const { kind } = leaf;
    const drop = leaf.fields.get('drop') ?? '';
    if (kind.startsWith('waitlist_')) return entry(this.waitlists, drop, () => new Waitlist()).take(leaf);
    const fixesTies = kind === 'drop_committed' && leaf.fields.has('tie_commitment');
    if (fixesTies || kind.startsWith('tie_')) {
      return entry(this.ties, drop, () => new Ties()).take(leaf);
    }
    if (!kind.startsWith('waiting_room_') && !kind.startsWith('place_')) return undefined;
    const wave = count(leaf, 'wave');
    if (wave === undefined) return 'malformed';
    const waves = entry(this.rooms, drop, () => new Map<number, Room>());
    const room = waves.get(wave) ?? new Room();
    waves.set(wave, room);
    return room.take(leaf, wave);
  }
}
