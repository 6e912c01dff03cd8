import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // The policy of the server allows no inline script and no data: fonts or
    // scripts: nothing may be folded into the document.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // `npm run dev` beside a running `nightdesk serve` or the mock server.
    proxy: { '/api': process.env.NIGHTDESK_URL ?? 'http://127.0.0.1:8080' },
  },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
