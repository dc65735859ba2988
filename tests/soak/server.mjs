// The server under soak: a process that is started, killed and asked, with a clock that can be set.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const startMs = 60_000;
/** Of the demo, which lets the crowd sign in and pay: every start plans it once more, so it is small. */
const launch = `[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00"]
stock = 1
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "day-one"
sku = "phone"
currency = "CNY"
opens = "+0s"
per_person_limit = 1
payment_window = "1m"
[[drop.wave]]
opens = "+0s"
units = 1
`;
const config = `[webhooks]
private_addresses = true
retry_seconds = [1, 1, 2, 2, 5, 5, 10, 10, 20, 20, 30, 30, 60, 60]
[log]
segment_mib = 16
segments_ahead = 1
[snapshots]
records = 10000
`;

const isFree = (port) =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

/** One below the ports that clients get, so that it can be had again after a kill. */
async function freePort() {
  for (let port = 15_000 + (process.pid % 10_000); port < 32_000; ++port) {
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

export class Server {
  said = '';
  cookie = '';

  constructor({ program, work, data }) {
    Object.assign(this, { program, work, data });
    this.clock = join(work, 'clock');
    writeFileSync(this.clock, Buffer.alloc(8));
    writeFileSync(join(work, 'firebrand.toml'), config);
    writeFileSync(join(work, 'launch.toml'), launch);
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The wall clock shows as many seconds more than the machine's. */
  setClock(seconds) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    // In place: the server has it mapped.
    const file = openSync(this.clock, 'r+');
    writeSync(file, bytes, 0, 8, 0);
    closeSync(file);
  }

  async start() {
    this.port ??= await freePort();
    const words = ['serve', '--config', join(this.work, 'firebrand.toml'), '--demo', join(this.work, 'launch.toml')];
    const child = spawn(this.program, [...words, '--data', this.data, '--port', String(this.port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LD_PRELOAD: join(this.work, 'clock.so'), FIREBRAND_SOAK_CLOCK: this.clock },
    });
    this.child = child;
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => (this.said = (this.said + text).slice(-100_000)));
    }
    for (const deadline = Date.now() + startMs; ; await pause(50)) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.status === 200) return;
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('the server does not get ready');
    }
  }

  async kill() {
    this.child?.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  audit() {
    const { status, stdout, stderr } = spawnSync(this.program, ['audit', '--data', this.data], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }

  /** KiB that the process holds for itself, files that it maps left out, and KiB of the newest snapshot; nothing
   * while it is away or has none. */
  memory() {
    try {
      const [, memory] = /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'));
      const snapshots = join(this.data, 'snapshots');
      const newest = readdirSync(snapshots).filter((name) => name.endsWith('.snapshot')).sort().at(-1);
      return [{ memory: Number(memory), state: statSync(join(snapshots, newest)).size / 1_024 }];
    } catch {
      return [];
    }
  }

  async signIn() {
    // It is ready before it has said all of its addresses.
    let token;
    for (const deadline = Date.now() + startMs; token === undefined && Date.now() < deadline; await pause(50)) {
      token = /#\/setup\?token=([0-9a-f]+)/.exec(this.said)?.[1];
    }
    const body = JSON.stringify({ token, login: 'owner', password: 'a sentence to remember' });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${this.url}/v1/staff/setup`, { method: 'POST', body, headers });
    if (answer.status !== 200) throw new Error(await answer.text());
    this.cookie = answer.headers.getSetCookie()[0].split(';')[0];
  }

  /** As staff, again with the same key until there is an answer that is none of an overload. */
  async ask(method, path, body, key) {
    const headers = { Cookie: this.cookie, ...(body && { 'Content-Type': 'application/json' }) };
    if (key) headers['Idempotency-Key'] = key;
    for (const deadline = Date.now() + startMs; ; await pause(500)) {
      const sent = { method, headers, body: body && JSON.stringify(body) };
      const answer = await fetch(this.url + path, sent).catch(() => null);
      if (answer?.ok) return answer.json();
      if ((answer && answer.status < 500) || Date.now() > deadline) {
        throw new Error(`${method} ${path}: ${answer ? answer.status + ' ' + (await answer.text()) : 'no answer'}`);
      }
    }
  }
}
