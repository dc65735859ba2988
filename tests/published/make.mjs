// Writes the files of this folder and the seeds of published_files_fuzz, the same ones each time:
//
//   node tests/published/make.mjs
//
// After docs/proof.md and docs/formats/ alone, with the hashes and signatures of Node.js (OpenSSL): it shares no
// code with src/ and web/, so that a fault of theirs is not in the files too.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const number = (value, bytes) => Buffer.from(BigInt(value).toString(16).padStart(2 * bytes, '0'), 'hex');
const secretOf = (name) => sha256(`published ${name}`);
const commitment = (secret) => sha256('firebrand-commit/1\0', secret);

// --- the log ------------------------------------------------------------------------------------

const origin = 'firebrand/5f2b8d0e7c9a4163/00d1e2f3a4b5c6d7';
const leaves = [];
let now = Date.parse('2026-11-21T19:00:00.000Z');
const at = (time) => (now = Date.parse(`2026-11-21T${time}Z`));

function add(kind, fields) {
  const i = leaves.length;
  const text = (value) => (Buffer.isBuffer(value) ? value.toString('hex') : value);
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${text(value)}`);
  leaves.push(`1 ${103 + 3 * i}-${i % 2} ${new Date(now).toISOString()} ${kind}${pairs.join('')}`);
  now += 250;
  return i;
}

// RFC 6962, 2.1 and 2.1.1, as they are written there.
const split = (size) => 2 ** Math.floor(Math.log2(size - 1));
function rootOf(from, to) {
  if (to - from === 1) return sha256(Buffer.of(0), leaves[from]);
  const middle = from + split(to - from);
  return sha256(Buffer.of(1), rootOf(from, middle), rootOf(middle, to));
}
function pathOf(leaf, from, to) {
  if (to - from === 1) return [];
  const middle = from + split(to - from);
  return leaf < middle
    ? [...pathOf(leaf, from, middle), rootOf(middle, to)]
    : [...pathOf(leaf, middle, to), rootOf(from, middle)];
}

const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secretOf('key')]);
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
const keyId = sha256(`${origin}\n`, Buffer.of(1), publicKey).subarray(0, 4);
const keys = `${origin}+${keyId.toString('hex')}+${Buffer.concat([Buffer.of(1), publicKey]).toString('base64')}\n`;
function headAt(size) {
  const text = `${origin}\n${size}\n${rootOf(0, size).toString('base64')}\n`;
  const signature = Buffer.concat([keyId, sign(null, Buffer.from(text), privateKey)]).toString('base64');
  return `${text}\n\u2014 ${origin} ${signature}\n`;
}

// --- orders -------------------------------------------------------------------------------------

const opening = (name) => secretOf(`opening ${name}`).subarray(0, 16);
const orderName = (order) => sha256(`firebrand-order/1\0${order}\0`, opening(order));
const buyerName = (buyer, drop) => sha256(`firebrand-buyer/1\0${drop} ${buyer}\0`, opening(`${drop} ${buyer}`));

function place(order, buyer, wave, units, drop = 'drop_1') {
  return add('order_placed', { order: orderName(order), buyer: buyerName(buyer, drop), drop, wave, units });
}
const step = (kind, order, more = {}) => add(kind, { order: orderName(order), ...more });

function receipt(order, buyer, drop, numbers) {
  const lines = numbers.flatMap((leaf) => [
    `leaf ${leaf} ${leaves[leaf]}`,
    ['path', ...pathOf(leaf, 0, leaves.length).map((node) => node.toString('hex'))].join(' '),
  ]);
  const names = `order ${order}\norder_opening ${opening(order).toString('hex')}\nbuyer ${buyer}\n`;
  const mine = `buyer_opening ${opening(`${drop} ${buyer}`).toString('hex')}\n`;
  return `firebrand-receipt/1\n${names}${mine}${lines.join('\n')}\nhead\n${headAt(leaves.length)}`;
}

// --- the order of a waiting room: docs/formats/waiting-room-order.md ----------------------------

function sipHash(key, message) {
  const cut = (value) => BigInt.asUintN(64, value);
  const turn = (value, by) => cut(value << by) | (value >> (64n - by));
  const [k0, k1] = [key.readBigUInt64LE(0), key.readBigUInt64LE(8)];
  let [a, b] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn];
  let [c, d] = [k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const mix = () => {
    [a, c] = [cut(a + b), cut(c + d)];
    [b, d] = [turn(b, 13n) ^ a, turn(d, 16n) ^ c];
    [a, c] = [cut(turn(a, 32n) + d), cut(c + b)];
    [b, d] = [turn(b, 17n) ^ c, turn(d, 21n) ^ a];
    c = turn(c, 32n);
  };
  for (const word of [message.readBigUInt64LE(0), message.readBigUInt64LE(8), 16n << 56n]) {
    d ^= word;
    mix(), mix();
    a ^= word;
  }
  c ^= 0xffn;
  mix(), mix(), mix(), mix();
  return a ^ b ^ c ^ d;
}

function roomOrder(drop, wave, early, secret) {
  const seed = sha256('firebrand-room/1\0', number(drop, 8), number(wave, 2), number(early, 8), secret);
  const part = (round) => sha256(seed, Buffer.of(round));
  const order = [];
  for (let place = 1; place <= early; place += 1) {
    let i = BigInt(place - 1);
    for (let round = 0; round < 90; round += 1) {
      const pivot = part(round).readBigUInt64LE(0) % BigInt(early);
      const j = (pivot - i + BigInt(early)) % BigInt(early);
      const message = Buffer.alloc(16);
      message.writeBigUInt64LE(BigInt(round), 0);
      message.writeBigUInt64LE(i > j ? i : j, 8);
      if (sipHash(part(255).subarray(0, 16), message) & 1n) i = j;
    }
    order[Number(i)] = place;
  }
  return order;
}

// --- a draw: docs/formats/draw-record.md ---------------------------------------------------------

function drawnOrder(seed, entries) {
  const order = [...entries];
  let words = [];
  for (let i = 0, counter = 0; i < order.length; i += 1) {
    const many = BigInt(order.length - i);
    for (;;) {
      if (words.length === 0) {
        const block = sha256(seed, number(counter++, 8));
        words = [0, 8, 16, 24].map((at) => block.readBigUInt64BE(at));
      }
      const word = words.shift();
      if (word >= (1n << 64n) - ((1n << 64n) % many)) continue;
      const j = i + Number(word % many);
      [order[i], order[j]] = [order[j], order[i]];
      break;
    }
  }
  return order;
}
function entriesRoot(entries) {
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0]);
  const middle = split(entries.length);
  return sha256(Buffer.of(1), entriesRoot(entries.slice(0, middle)), entriesRoot(entries.slice(middle)));
}

// --- what happened --------------------------------------------------------------------------------

const drop = 'drop_1';
const waveSecrets = [secretOf('wave 4')]; // Of waves 4 to 1: that of a wave, hashed, is that of the wave before.
while (waveSecrets.length < 4) waveSecrets.push(commitment(waveSecrets.at(-1)));
const tieKey = secretOf('tie key');
const roomSecret = secretOf('room');

add('stock_received', { sku: 'sku_1', units: 100 });
add('drop_created', {
  drop, sku: 'sku_1', opens_at: '2026-11-21T20:00:00.000Z', units: 20, per_person_limit: 2, payment_window_seconds: 900,
});
add('drop_committed', {
  drop,
  commitment: commitment(waveSecrets.at(-1)),
  windows: '4@2026-11-21T20:00:20.000Z+10',
  tie_commitment: commitment(tieKey),
});
add('drop_excluded', { drop, excluded: secretOf('excluded 1'), reason: 'reseller' });
add('drop_excluded', { drop, excluded: secretOf('excluded 2'), reason: 'automated' });
add('waiting_room_opened', {
  drop, wave: 2, joins_from: '2026-11-21T19:00:00.000Z', ends_at: '2026-11-21T23:00:00.000Z', commitment: commitment(roomSecret),
});
for (let place = 1; place <= 6; place += 1) add('place_joined', { drop, wave: 2, place });
add('place_ended', { drop, wave: 2, place: 2, state: 'left' });

at('20:00:00.000');
add('drop_opened', { drop });
add('wave_released', { drop, wave: 1, units: 5 });
const mine = [place('ord_7', 'per_9', 1, 2)];
place('ord_8', 'per_10', 1, 1);
const older = leaves.length;
mine.push(step('order_paid', 'ord_7'));
step('order_expired', 'ord_8');
add('tie_order_recorded', { drop, windows: 2, decided: 5, inversions: 3 });

// The early places in their order, but for who has left and who does not come; then who came late.
add('wave_released', { drop, wave: 2, units: 4 });
add('waiting_room_revealed', { drop, wave: 2, secret: roomSecret, early: 6 });
add('place_joined', { drop, wave: 2, place: 7 });
const line = [...roomOrder(1, 2, 6, roomSecret), 7].filter((place) => place !== 2);
add('place_ended', { drop, wave: 2, place: line[1], state: 'lapsed' });
[line[0], line[2], line[3], line[4], line[5]].forEach((each, i) => {
  add('place_admitted', { drop, wave: 2, place: each });
  if (i > 3) return;
  place(`ord_${9 + i}`, `per_${11 + i}`, 2, 1);
  add('place_ended', { drop, wave: 2, place: each, state: 'used' });
});
add('wave_sold_out', { drop, wave: 2 });
add('place_ended', { drop, wave: 2, place: line[5], state: 'expired' });
for (const order of ['ord_9', 'ord_10', 'ord_11']) step('order_paid', order);
step('order_cancelled', 'ord_12');
add('waiting_room_closed', { drop, wave: 2, waiting: 0 });

// A draw of three units, one of which comes from the first wave.
const reveal = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const beacon = sha256('beacon-1');
const plan = {
  closes_at: '2026-11-21T20:00:13.500Z', reveal_due_at: '2026-11-21T20:00:15.000Z', beacon_at: '2026-11-21T20:00:16.000Z',
  beacon_source: 'drand quicknet', beacon_round: 14300000, fallback: 'zero_reveal', wins: 'one_per_draw',
  tickets_max: 2, reserve_max: 1, commit: commitment(reveal),
};
const people = Array.from({ length: 7 }, (_, i) => secretOf(`entrant ${i}`).subarray(0, 16).toString('hex'));
const draw = 'draw_1';
add('wave_released', { drop, wave: 3, units: 2 });
add('draw_opened', { draw, drop, wave: 3, ...plan, beacon_source: 'drand%20quicknet' });
add('units_moved', { drop, from_wave: 1, to_wave: 3, units: 1 });
for (const entrant of people) add('draw_entered', { draw, entrant, tickets: 1 });
add('draw_tickets_granted', { draw, entrant: people[0], tickets: 2 });
add('draw_left', { draw, entrant: people[5] });
add('draw_excluded', { draw, entrant: people[6], reason: 'reseller' });
at('20:00:13.500');
const entries = [...people.slice(0, 5).map((each) => `${each}#1`), `${people[0]}#2`].sort();
add('draw_closed', { draw, entrants: 5, tickets: 6 });
const root = entriesRoot(entries);
const rootAt = new Date(now).toISOString();
add('draw_root_published', { draw, root, count: 6 });
add('draw_revealed', { draw, reveal });
at('20:00:17.000');
add('draw_beacon_posted', { draw, beacon });
const seed = sha256(`firebrand-draw/1\0${draw}\0`, root, reveal, beacon);
// The second has bought enough already.
const [first, passed, second, third, reserve] = new Set(drawnOrder(seed, entries).map((entry) => entry.split('#')[0]));
const winners = [first, second, third];
const win = (kind, entrant, order, buyer) => {
  place(order, buyer, 3, 1);
  add(kind, { draw, entrant, order: orderName(order) });
};
win('draw_won', first, 'ord_13', 'per_21');
add('draw_passed_over', { draw, entrant: passed, reason: 'purchase_limit' });
win('draw_won', second, 'ord_14', 'per_22');
win('draw_won', third, 'ord_15', 'per_23');
add('draw_reserved', { draw, entrant: reserve, place: 1 });
add('draw_completed', { draw, winners: 3, reserves: 1 });
step('order_paid', 'ord_13');
step('order_paid', 'ord_14');
step('order_expired', 'ord_15');
win('draw_promoted', reserve, 'ord_16', 'per_24');

// The fourth wave at its moment.
const windowAt = Date.parse('2026-11-21T20:00:20.000Z');
const word = sha256('firebrand-wave/1\0', number(1, 8), number(4, 2), waveSecrets[0]).readBigUInt64BE(0);
now = windowAt + Number(word % 10_000n);
add('wave_revealed', { drop, wave: 4, moment: new Date(now).toISOString(), secret: waveSecrets[0] });
add('wave_released', { drop, wave: 4, units: 3 });

// Units come back, for whoever waits for them, and for nobody.
at('20:30:00.000');
add('waitlist_opened', { drop, ends_at: '2026-11-21T23:00:00.000Z', places_max: 50 });
for (const place of [1, 2, 3]) add('waitlist_joined', { drop, place });
add('waitlist_left', { drop, place: 1 });
mine.push(step('units_returned', 'ord_7', { units: 1, to: 'on_sale' }));
place('ord_17', 'per_31', 1, 1);
add('waitlist_served', { drop, place: 2, order: orderName('ord_17') });
step('order_paid', 'ord_17');
step('units_returned', 'ord_9', { units: 1, to: 'returned' });
add('waitlist_closed', { drop, waiting: 1 });
add('units_withdrawn', { drop, wave: 2, units: 1 });
add('tie_order_recorded', { drop, windows: 1, decided: 2, inversions: 0 });
add('tie_key_revealed', { drop, key: tieKey });

// A second drop, cancelled while somebody pays.
add('drop_created', {
  drop: 'drop_2', sku: 'sku_1', opens_at: '2026-11-21T20:40:00.000Z', units: 10, per_person_limit: 1, payment_window_seconds: 900,
});
at('20:40:00.000');
add('wave_released', { drop: 'drop_2', wave: 1, units: 6 });
place('ord_18', 'per_9', 1, 1, 'drop_2');
add('drop_cancelled', { drop: 'drop_2', withdrawn: 9 });
step('order_cancelled', 'ord_18');

// --- the files --------------------------------------------------------------------------------------

const excluded = sha256('firebrand-excluded/1\0', plan.commit, people[6]).toString('hex');
const { commit, ...fixed } = plan;
const record = [
  'firebrand-draw/1',
  `draw ${draw}`,
  'drop 1',
  'wave 3',
  'units 3',
  ...Object.entries(fixed).map(([name, value]) => `${name} ${value}`),
  `commit ${commit.toString('hex')}`,
  `root_published_at ${rootAt}`,
  `root ${root.toString('hex')}`,
  'revealing revealed',
  `reveal ${reveal.toString('hex')}`,
  `beacon ${beacon.toString('hex')}`,
  `excluded ${excluded} reseller`,
  `passed ${passed} purchase_limit`,
  ...winners.map((winner) => `winner ${winner}`),
  `reserve ${reserve}`,
  `entries ${entries.length}`,
  ...entries,
  '',
].join('\n');

const files = {
  'log.keys': ['k', keys],
  'log.leaves': ['l', `${leaves.join('\n')}\n`],
  'log.head': ['n', headAt(leaves.length)],
  'draw.record': ['d', record],
  'ord_7.receipt': ['r', receipt('ord_7', 'per_9', drop, mine)],
  'older.head': ['', headAt(older)],
};
for (const [name, [kind, text]] of Object.entries(files)) {
  writeFileSync(new URL(name, import.meta.url), text);
  // The first letter tells the fuzzer which file it is.
  const seed = new URL(`../fuzz/published_files_fuzz/${name.split('.')[0]}_${kind}`, import.meta.url);
  if (kind !== '') writeFileSync(seed, kind + text);
}
