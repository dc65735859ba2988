import { svelte } from '@sveltejs/vite-plugin-svelte';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

// The program answers `/` and `/d/<drop>` with the fan page, `/console/` with the console, `/docs` with
// the API reference and `/proof` with what was really offered; `vite` alone has to be told.
function pageAddresses(): Plugin {
  return {
    name: 'firebrand-page-addresses',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? '/').split(/[?#]/)[0] ?? '/';
        if (path === '/' || path.startsWith('/d/')) request.url = '/fan/index.html';
        else if (path === '/console' || path === '/console/') request.url = '/console/index.html';
        else if (path === '/docs') request.url = '/docs/index.html';
        else if (path === '/proof') request.url = '/proof/index.html';
        next();
      });
    },
  };
}

// Each face is a build of its own (`--mode fan` and so on), so that nothing only the console needs ends up
// in a chunk that a phone downloads.
const allFaces = ['fan', 'console', 'docs', 'proof'];

export default defineConfig(({ mode }) => {
  const faces = allFaces.includes(mode) ? [mode] : allFaces;
  const server = process.env.FIREBRAND_URL ?? 'http://127.0.0.1:8080';
  return {
    root,
    base: '/',
    plugins: [svelte({ configFile: false, compilerOptions: { runes: true, discloseVersion: false } }), pageAddresses()],
    build: {
      outDir: resolve(root, 'dist'),
      emptyOutDir: mode === 'fan',
      target: ['chrome98', 'firefox93', 'safari16'],
      // A strict Content-Security-Policy: nothing inline, no data: addresses.
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(faces.map((face) => [face, resolve(root, face, 'index.html')])),
        output: {
          entryFileNames: 'assets/[name]-[hash].js',
          chunkFileNames: 'assets/[name]-[hash].js',
          assetFileNames: 'assets/[name]-[hash][extname]',
        },
      },
    },
    server: {
      host: '127.0.0.1',
      proxy: Object.fromEntries(['/v1', '/demo', '/openapi.json'].map((path) => [path, server])),
    },
    test: {
      include: ['{shared,fan,console,docs,proof}/**/*.test.ts'],
      environment: 'node',
      // Ends what hangs; tests that change every byte take seconds on a busy machine.
      testTimeout: 120_000,
    },
  };
});
