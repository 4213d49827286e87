import { defineConfig } from 'vitest/config'

export default defineConfig({
  base: './', // also behind a proxy that gives the board a path of its own
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // scripts and styles come from files only: the content security policy
  },
  // `vite` alone shows a running metrics service, with the sources as they are.
  server: { proxy: { '/api': 'http://localhost:8082' } },
  test: { environment: 'happy-dom', include: ['test/*.test.ts'] },
})
