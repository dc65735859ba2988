// The real program as a process, with a demo's launch: FIREBRAND_PROGRAM names it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const launch = `
[installation]
currency = "CNY"
[[sku]]
code = "phone"
name.zh = "手机"
name.en = "Phone"
prices = ["CNY 1999.00", "USD 299.00"]
stock = 100
[launch]
code = "first"
name.zh = "首发"
name.en = "First"
[[drop]]
code = "day-one"
sku = "phone"
opens = "+0s"
per_person_limit = 1
payment_window = "15m"
[[drop.wave]]
opens = "+0s"
units = 100
`;

export const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** A directory with the program's data, its configuration and its keys. */
export class Program {
  directory = mkdtempSync(join(tmpdir(), 'firebrand-payments-'));
  url = '';
  setupToken = '';

  file(name, text) {
    writeFileSync(join(this.directory, name), text);
    return join(this.directory, name);
  }

  /** @param config  Text of a firebrand.toml. */
  async start(config) {
    this.server = spawn(
      process.env.FIREBRAND_PROGRAM,
      [
        'serve',
        ...['--config', this.file('firebrand.toml', config)],
        ...['--demo', this.file('launch.toml', launch)],
        ...['--data', join(this.directory, 'data'), '--port', '0'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.ended = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.stdout.setEncoding('utf8');
    let said = '';
    for await (const text of this.server.stdout) {
      said += text;
      this.url = /firebrand serves (\S+)/.exec(said)?.[1];
      this.setupToken = /setup\?token=(\S+)/.exec(said)?.[1] ?? this.setupToken;
      if (this.url && said.includes('/docs')) break;
    }
    assert.ok(this.url, said);
  }

  async kill() {
    this.server.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    this.server.kill('SIGTERM');
    assert.equal(await this.ended, 0);
    rmSync(this.directory, { recursive: true });
  }

  post(path, body, headers = {}) {
    return fetch(this.url + path, { method: 'POST', body, headers });
  }

  /** Somebody new: headers that speak for them. */
  async fan() {
    const name = randomBytes(8).toString('hex');
    const json = { 'Content-Type': 'application/json' };
    const { token } = await (await this.post('/demo/sign-in', JSON.stringify({ name }), json)).json();
    return { ...json, Authorization: `Bearer ${token}`, 'Idempotency-Key': name };
  }

  /** An order of somebody new that waits for payment. */
  async order(currency) {
    const headers = await this.fan();
    const placed = await this.post('/v1/drops/drop_1/orders', JSON.stringify({ currency }), headers);
    assert.equal(placed.status, 201, await placed.clone().text());
    const { order_id } = await placed.json();
    const state = async () => (await (await fetch(`${this.url}/v1/orders/${order_id}`, { headers })).json()).state;
    return { order_id, state, headers };
  }
}
