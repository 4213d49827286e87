import { defineConfig } from 'vitest/config'

const collector = 'http://localhost:8081'

export default defineConfig({
  base: '/demo/',
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the content security policy of the collector knows no data: but for images
  },
  // `vite dev` asks a running collector for what the collector serves.
  server: { proxy: { '/footfall.js': collector, '/v1': collector, '/demo/config.json': collector } },
  test: { environment: 'happy-dom', include: ['test/*.test.ts'] },
})
