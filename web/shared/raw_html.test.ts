import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const web = join(import.meta.dirname, '..');
const sources = ['shared', 'fan', 'console', 'docs'].flatMap((folder) =>
  readdirSync(join(web, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(svelte|ts|html)$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name)),
);

// Names and reasons come from people: whatever is shown goes through the framework, which escapes it.
test('no text becomes markup or code', () => {
  expect(sources.length).toBeGreaterThan(50);
  const raw = /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:/;
  expect(sources.filter((path) => raw.test(readFileSync(join(web, path), 'utf8')))).toEqual([]);
});
