// Builds the scripts for a tag and the ES modules, prints what a page needs to pin a script (SRI), and holds the
// scripts to their budgets.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'

// Bytes, gzipped at level 9.
const BUDGETS = { 'footfall.js': 3_000, 'footfall-leave.js': 3_300 }

// Names of our own objects' parts; none is one of the browser's that the script uses, or of its own API. In the
// modules they stay, since those are built apart and used together.
const OWN = /^(add|adopt|begin|end|handOver|keep|record|stop)$/

const common = { bundle: true, target: 'es2022', legalComments: 'none', logLevel: 'warning', outdir: 'dist' }

await Promise.all([
  build({
    ...common,
    entryPoints: { footfall: 'src/script.ts', 'footfall-leave': 'src/script-leave.ts' },
    format: 'iife',
    minify: true,
    mangleProps: OWN,
    tsconfigRaw: {}, // without "use strict", which is for nothing here
  }),
  build({
    ...common,
    entryPoints: { footfall: 'src/index.ts', leave: 'src/leave.ts' },
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    outExtension: { '.js': '.mjs' },
  }),
])

for (const [name, budget] of Object.entries(BUDGETS)) {
  const file = `dist/${name}`
  const { code } = await minify(readFileSync(file, 'utf8'), { ecma: 2022, compress: { passes: 5, unsafe_arrows: true } })
  writeFileSync(file, code)
  const size = gzipSync(code, { level: 9 }).length
  console.log(`${file}: ${size} bytes gzipped, of ${budget}; integrity="sha384-${createHash('sha384').update(code).digest('base64')}"`)
  if (size > budget) {
    process.exitCode = 1
    console.error(`${file} is over its budget`)
  }
}
