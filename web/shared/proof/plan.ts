// What was fixed before a sale: the moments of random waves (docs/formats/wave-moment.md), and who is
// kept out. The same as src/verify/plan_book.cpp.

import { commitmentOf } from './draw.ts';
import type { Leaf } from './leaf.ts';
import { count, idNumber } from './leaf.ts';
import type { Hash } from './merkle.ts';
import { isSame } from './merkle.ts';
import { bigEndian, fromHex, sha256, utf8 } from './sha256.ts';

/** Why a leaf is not accepted; the words are the page's. */
export type PlanFault =
  | 'malformed'
  | 'not_planned'
  | 'kept_out_too_late'
  | 'moments_fixed_again'
  | 'moment_not_fixed'
  | 'wave_secret_differs'
  | 'moment_differs';

/** Times are milliseconds since 1970. */
export interface PlannedWave {
  /** Of a random wave. */
  readonly window: { readonly from: number; readonly seconds: number } | undefined;
  /** That its secret came to. */
  moment?: number;
  released?: number;
}

export class PlannedDrop {
  isCommitted = false;
  commitment: Hash | undefined;
  readonly waves = new Map<number, PlannedWave>();
  /** People, by reason. */
  readonly excluded = new Map<string, number>();

  constructor(readonly opensAt: string) {}
}

const wavesMax = 32;
// 2@2026-11-21T20:00:00.000Z+60
const windowForm = /^([0-9]{1,2})@(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\+([0-9]{1,9})$/;

export class PlanBook {
  readonly drops = new Map<string, PlannedDrop>();

  /** Undefined if all is well. */
  take(leaf: Leaf): PlanFault | undefined {
    const name = leaf.fields.get('drop') ?? '';
    if (leaf.kind === 'drop_created') {
      if (!this.drops.has(name)) this.drops.set(name, new PlannedDrop(leaf.fields.get('opens_at') ?? ''));
      return undefined;
    }
    if (!['drop_committed', 'drop_excluded', 'wave_released', 'wave_revealed'].includes(leaf.kind)) return undefined;
    const drop = this.drops.get(name);
    if (drop === undefined) return 'not_planned';
    if (leaf.kind === 'drop_committed') return committed(drop, leaf);
    if (leaf.kind === 'wave_revealed') return revealed(drop, leaf);
    if (leaf.kind === 'drop_excluded') {
      // All times have one form, whose order is that of its text.
      if (leaf.time >= drop.opensAt) return 'kept_out_too_late';
      const reason = leaf.fields.get('reason') ?? '';
      drop.excluded.set(reason, (drop.excluded.get(reason) ?? 0) + 1);
      return undefined;
    }
    const number = count(leaf, 'wave');
    if (!number) return 'malformed';
    const wave: PlannedWave = drop.waves.get(number) ?? { window: undefined };
    wave.released = Date.parse(leaf.time);
    drop.waves.set(number, wave);
    return undefined;
  }
}

function committed(drop: PlannedDrop, leaf: Leaf): PlanFault | undefined {
  if (drop.isCommitted || drop.waves.size > 0) return 'moments_fixed_again';
  drop.isCommitted = true;
  const windows = leaf.fields.get('windows');
  if (!windows) return undefined;
  drop.commitment = fromHex(leaf.fields.get('commitment') ?? '', 32);
  if (drop.commitment === undefined) return 'malformed';
  for (const text of windows.split(',')) {
    const match = windowForm.exec(text);
    const number = Number(match?.[1]);
    const from = Date.parse(match?.[2] ?? '');
    const seconds = Number(match?.[3]);
    if (!(number >= 1 && number <= wavesMax && seconds >= 1) || Number.isNaN(from)) return 'malformed';
    if (drop.waves.has(number)) return 'malformed';
    drop.waves.set(number, { window: { from, seconds } });
  }
  return undefined;
}

function revealed(drop: PlannedDrop, leaf: Leaf): PlanFault | undefined {
  const number = count(leaf, 'wave');
  const id = idNumber(leaf, 'drop');
  const moment = Date.parse(leaf.fields.get('moment') ?? '');
  const secret = fromHex(leaf.fields.get('secret') ?? '', 32);
  if (!number || !id || Number.isNaN(moment) || secret === undefined) return 'malformed';
  const wave = drop.waves.get(number);
  if (wave?.window === undefined || drop.commitment === undefined) return 'moment_not_fixed';
  let hashed = secret;
  for (let times = 0; times < number; times += 1) hashed = commitmentOf(hashed);
  if (!isSame(hashed, drop.commitment)) return 'wave_secret_differs';
  const word = sha256(utf8('firebrand-wave/1\0'), bigEndian(id, 8), bigEndian(number, 2), secret);
  const after = new DataView(word.buffer).getBigUint64(0) % BigInt(wave.window.seconds * 1000);
  if (wave.window.from + Number(after) !== moment) return 'moment_differs';
  wave.moment = moment;
  return undefined;
}
