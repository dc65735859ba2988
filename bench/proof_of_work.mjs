// How long Chromium takes for a proof of work (docs/proof-of-work.md) on a slow device:
//
//   node bench/proof_of_work.mjs [BITS ...] [--proofs 300] [--slowdown 6]
//
// Runs web/shared/proofOfWork.ts, as the fan page has it, over other challenges each time, in the main thread of
// a page whose processor DevTools slows down: workers cannot be slowed. CHROMIUM names the browser.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const web = createRequire(new URL('../web/package.json', import.meta.url));
const { chromium } = web('playwright-core');
const { build } = await import(web.resolve('vite'));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { proofs: { type: 'string', default: '300' }, slowdown: { type: 'string', default: '6' } },
});
const proofs = Number(values.proofs);
const rate = Number(values.slowdown);

const [bundle] = await build({
  configFile: false,
  logLevel: 'error',
  build: {
    write: false,
    lib: { entry: fileURLToPath(new URL('../web/shared/proofOfWork.ts', import.meta.url)), formats: ['iife'], name: 'proof' },
  },
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage();
await page.addScriptTag({ content: bundle.output[0].code });
const devtools = await page.context().newCDPSession(page);
await devtools.send('Emulation.setCPUThrottlingRate', { rate });

for (const bits of positionals.length > 0 ? positionals.map(Number) : [16]) {
  const taken = [];
  for (let i = 0; i < proofs; i += 1) {
    const challenge = createHash('sha256').update(`${bits} ${i}`).digest('hex').slice(0, 32);
    const [ms, nonce] = await page.evaluate(
      ([given, wanted]) => {
        const begin = performance.now();
        const found = proof.solveProof(given, wanted);
        return [performance.now() - begin, found];
      },
      [challenge, bits],
    );
    taken.push({ ms, tries: Number.parseInt(nonce, 16) });
  }
  const sorted = taken.map((one) => one.ms).sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  const tries = taken.reduce((sum, one) => sum + one.tries, 0);
  const ms = taken.reduce((sum, one) => sum + one.ms, 0);
  console.log(
    JSON.stringify({
      bits,
      slowdown: rate,
      proofs,
      median_ms: at(0.5),
      p95_ms: at(0.95),
      p99_ms: at(0.99),
      max_ms: at(1),
      within_2s: sorted.filter((one) => one <= 2_000).length / proofs,
      tries_per_second: Math.round((tries / ms) * 1000),
    }),
  );
}
await browser.close();
