// Builds dist/footfall.js (script tag) and dist/footfall.mjs (ES module), and holds the script to its byte budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const BUDGET = 3_000 // bytes of dist/footfall.js, gzipped at level 9

const common = { bundle: true, minify: true, target: 'es2020', legalComments: 'none', logLevel: 'warning' }

await Promise.all([
  build({ ...common, entryPoints: ['src/script.ts'], outfile: 'dist/footfall.js', format: 'iife' }),
  build({ ...common, entryPoints: ['src/index.ts'], outfile: 'dist/footfall.mjs', format: 'esm' }),
])

const size = gzipSync(readFileSync('dist/footfall.js'), { level: 9 }).length
console.log(`dist/footfall.js: ${size} bytes gzipped, of ${BUDGET}`)
if (size > BUDGET) {
  process.exitCode = 1
  console.error('dist/footfall.js is over its budget')
}
