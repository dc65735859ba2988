// A server under `firebrand crowd` again and again, with a fault in each round, in an order that the
// seed says. Nothing may be lost, doubled or out of order, and memory stays flat: docs/soak.md.
//
//   FIREBRAND_PROGRAM, FIREBRAND_SOAK_WORK, FIREBRAND_SOAK_SMALL_DISK: set by run.sh
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Receiver } from './receiver.mjs';
import { Server } from './server.mjs';
import { SlowClients } from './slow_clients.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    fans: { type: 'string', default: '400' },
    report: { type: 'string' },
  },
});
const [minutes, seed, fans] = [values.minutes, values.seed, values.fans].map(Number);
if (!(minutes > 0 && fans > 0 && seed >= 0)) throw new Error('--minutes, --seed and --fans are numbers');

const program = process.env.FIREBRAND_PROGRAM;
const work = process.env.FIREBRAND_SOAK_WORK;
const disk = join(work, 'disk');
const crowdSeconds = 8;
/** Memory is judged when a third is long enough to stand for something. */
const judgedMinutes = 10;

/** SplitMix32: the same seed is the same order of faults. */
let state = seed >>> 0;
function random(below) {
  state = (state + 0x9e3779b9) >>> 0;
  let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) % below;
}

const failures = [];
function check(holds, what) {
  if (holds) return;
  failures.push(what);
  console.log(`WRONG: ${what}`);
}

// ---- Faults ------------------------------------------------------------------------------------

const server = new Server({ program, work, data: join(disk, 'data') });
const receiver = new Receiver();

async function restart() {
  await server.kill();
  await pause(random(2_000));
  await server.start();
}

async function fillDisk() {
  const filler = join(disk, 'filler');
  const deadline = Date.now() + 4_000 + random(4_000);
  const pieces = [];
  while (Date.now() < deadline) {
    // Again and again, because the server gives space back and takes it between look and grip.
    const { bavail, bsize } = statfsSync(disk);
    if (bavail > 0) {
      pieces.push(`${filler}-${pieces.length}`);
      try {
        execFileSync('fallocate', ['-l', String(bavail * bsize), pieces.at(-1)], { stdio: 'ignore' });
      } catch {
        // It took what there was.
      }
    }
    await pause(200);
  }
  for (const piece of pieces) rmSync(piece, { force: true });
}

async function jumpClock(seconds) {
  server.setClock(seconds);
  await pause(4_000 + random(4_000));
  server.setClock(0);
}

const slow = new SlowClients();
const faults = {
  kill: restart,
  disk_full: fillDisk,
  clock_forward: () => jumpClock(3_600),
  clock_back: () => jumpClock(-3_600),
  // A server that starts within its tolerance behind its log: stamps stand still until it has caught up.
  async clock_restart() {
    server.setClock(2);
    await restart();
    await pause(1_000);
    server.setClock(0);
    await restart();
  },
  slow_clients: () => slow.run(server.port, 20, 10_000),
  async webhook_down() {
    await receiver.close();
    await pause(3_000 + random(3_000));
    receiver.refuses = true;
    await receiver.listen();
    await pause(2_000);
    receiver.refuses = false;
  },
};
if (!process.env.FIREBRAND_SOAK_SMALL_DISK) delete faults.disk_full;

/** Every fault once, in a new order each time, so that all parts of the run have their share. */
const order = [];
function nextFault() {
  if (order.length === 0) {
    order.push(...Object.keys(faults));
    for (let i = order.length - 1; i > 0; --i) {
      const j = random(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
  }
  return order.pop();
}

// ---- One round ---------------------------------------------------------------------------------

const drops = [];
const done = {};
let acknowledged = 0;

async function plan(launch, sku) {
  const units = Math.ceil(fans / 2);
  const { server_time } = await server.ask('GET', '/v1/time');
  const opens = new Date(Date.parse(server_time) + 3_000).toISOString();
  const wave = { opens_at: opens, units, release: 'automatic', audience: 'everyone', decision: 'first_come' };
  await server.ask('POST', `/v1/skus/${sku}/stock`, { quantity: units }, `stock-${drops.length}`);
  const { drop_id } = await server.ask('POST', `/v1/launches/${launch}/drops`, {
    code: `soak-${drops.length}`,
    sku_id: sku,
    currency: 'CNY',
    opens_at: opens,
    per_person_limit: 1,
    payment_window_seconds: 60,
    waves: [wave],
  });
  drops.push({ drop_id, units });
  return drop_id;
}

async function crowd(drop) {
  const report = join(work, `crowd-${drops.length}.json`);
  const child = spawn(
    program,
    ['crowd', '--server', server.url, '--drop', drop, '--fans', String(fans), '--report', report].concat(
      ['--duration', String(crowdSeconds), '--connections', '64', '--seed', String(seed + drops.length)],
      ['--run', `soak${seed}x${drops.length}`],
    ),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const code = await new Promise((resolve) => child.once('exit', (status, signal) => resolve(signal ?? status)));
  check(code === 0, `the crowd of ${drop} ended with ${code}: ${said.slice(-3_000)}`);
  if (code !== 0) return;
  acknowledged += JSON.parse(readFileSync(report, 'utf8')).sold;
  rmSync(report);
}

/** minted = sum, and nothing below zero. */
async function checkUnits({ drop_id, units }) {
  const at = (await server.ask('GET', `/v1/drops/${drop_id}`)).units;
  const { total, ...parts } = at;
  const sum = ['unreleased', 'available', 'held', 'sold', 'returned', 'withdrawn'].map((name) => parts[name] ?? 0);
  check(total === units, `${drop_id} was given ${units} units and counts ${total}`);
  check(sum.reduce((a, b) => a + b) === total && sum.every((n) => n >= 0), `${drop_id}: ${JSON.stringify(at)}`);
}

async function round(launch, sku) {
  const drop = await plan(launch, sku);
  const coming = crowd(drop);
  await pause(3_500 + random(3_000));
  const fault = nextFault();
  await faults[fault]();
  done[fault] = (done[fault] ?? 0) + 1;
  await coming;
  await checkUnits(drops.at(-1));
}

// ---- The whole ---------------------------------------------------------------------------------

/** KiB, each second: what the process holds, and the state as its newest snapshot has it. */
const samples = [];
/** MiB, the median of each third of the run. */
function thirds(kibOf) {
  const size = Math.floor(samples.length / 3);
  const median = (part) => part.map(kibOf).sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
  return [0, 1, 2].map((i) => Math.round(median(samples.slice(i * size, (i + 1) * size)) / 102.4) / 10);
}
/** Orders are kept for a month, so the state grows all the time; in memory it takes twice its snapshot. */
const besideState = ({ memory, state }) => memory - 2 * state;

/** Every event of the feed behind `after` reached the endpoint, and of each key in the feed's order. */
async function checkWebhook(after) {
  const told = [];
  for (let more = true; more; ) {
    const page = await server.ask('GET', `/v1/events?limit=1000&after=${after}`);
    told.push(...page.data);
    after = page.next_after;
    more = page.has_more;
  }
  const deadline = Date.now() + 180_000;
  const missing = () => told.filter(({ id }) => !receiver.first.has(id));
  while (missing().length > 0 && Date.now() < deadline) await pause(500);
  const lost = missing().map(({ id }) => id);
  check(lost.length === 0, `${lost.length} of ${told.length} events never came: ${lost.slice(0, 5)}`);
  const last = new Map();
  for (const { id, partitionkey } of told) {
    const place = receiver.first.get(id);
    if (place === undefined) continue;
    check(place > (last.get(partitionkey) ?? -1), `${id} came before an older event of ${partitionkey}`);
    last.set(partitionkey, place);
  }
  return told.length;
}

async function main() {
  console.log(`soak: ${minutes} min, seed ${seed}, ${fans} fans a round, faults: ${Object.keys(faults).join(' ')}`);
  await receiver.listen();
  await server.start();
  await server.signIn();
  await server.ask('POST', '/v1/webhooks', { url: `${receiver.url}/hooks`, note: 'soak', per_second: 1_000 });
  const after = (await server.ask('GET', '/v1/events?after=latest&limit=1')).next_after;
  const name = { zh: '长跑', en: 'Soak' };
  const prices = [{ amount: 199_900, currency: 'CNY' }];
  const { sku_id } = await server.ask('POST', '/v1/skus', { code: 'soak', name, prices });
  const { launch_id } = await server.ask('POST', '/v1/launches', { code: 'soak', name });

  const started = Date.now();
  const sampling = setInterval(() => samples.push(...server.memory()), 1_000);
  const telling = setInterval(() => {
    const minute = Math.round((Date.now() - started) / 60_000);
    const mib = Math.round((samples.at(-1)?.memory ?? 0) / 1_024);
    console.log(
      `minute ${minute}: ${drops.length} rounds, ${acknowledged} orders, ${receiver.first.size} events, ` +
        `${mib} MiB, ${JSON.stringify(done)}, ${failures.length} wrong`,
    );
  }, 60_000);
  try {
    while (Date.now() - started < minutes * 60_000 && failures.length === 0) await round(launch_id, sku_id);
    for (const drop of drops) await checkUnits(drop);
    const events = await checkWebhook(after);
    clearInterval(sampling);
    const [, middle, last] = thirds(besideState);
    if (minutes >= judgedMinutes) check(last <= middle * 1.1, `memory grew from ${middle} to ${last} MiB`);
    check((await server.stop()) === 0, 'the server did not stop as it was asked');
    const audit = server.audit();
    check(audit.status === 0, `the audit: ${audit.output}`);
    const summary = {
      passed: failures.length === 0,
      ...{ minutes, seed, fans, rounds: drops.length, faults: done, orders: acknowledged },
      faults_left_out: faults.disk_full ? [] : ['disk_full'],
      webhook: { events, calls: receiver.calls, refused: receiver.refused },
      slow_clients: { connections: slow.connections, cut_off: slow.cutOff },
      memory_mib: thirds(({ memory }) => memory),
      state_mib: thirds(({ state }) => state),
      beside_state_mib: thirds(besideState),
      memory_judged: minutes >= judgedMinutes,
      failures,
    };
    console.log(JSON.stringify(summary));
    if (values.report) writeFileSync(values.report, JSON.stringify(summary, null, 2) + '\n');
  } finally {
    clearInterval(sampling);
    clearInterval(telling);
    await server.kill();
    await receiver.close();
    // The small disk goes with the namespace: what tells of a failure is taken out of it.
    if (failures.length > 0) cpSync(join(disk, 'data'), join(work, 'data'), { recursive: true });
  }
}

main().then(
  () => process.exit(failures.length === 0 ? 0 : 1),
  (error) => {
    console.log(error, server.said.slice(-3_000));
    process.exit(1);
  },
);
