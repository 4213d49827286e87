// What trackers cost a page, in one run and in turns: bytes of the script, bytes sent, time of the main thread.
// node trackers.mjs [ROUNDS]; the others' sources come from npm, into a temporary folder.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { minify } from 'terser'

const UMAMI = 'umami@2.10.0' // the newest that npm has; the whole application, of which its tracker is one file
const PLAUSIBLE = '@plausible-analytics/tracker@0.4.6'
const ROUNDS = Number(process.argv[2] ?? 15)
const CLICKS = 20
const LONGEST_WAIT = 15_000 // ms for what a page has to send
const QUIET = 500 // ms without a request: the page has sent what it had

const folder = mkdtempSync(join(tmpdir(), 'trackers-'))
try {
  await measure(await trackers())
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Each with its script, as its maker builds it, and the tag and the button that make it count. */
async function trackers() {
  const footfall = readFileSync(fileURLToPath(new URL('../sdk/dist/footfall.js', import.meta.url)), 'utf8')
  const umami = await minify(readFileSync(join(unpack(UMAMI), 'src/tracker/index.js'), 'utf8'), { compress: { evaluate: false } })
  const plausible = await build({
    stdin: {
      contents: `import { init, track } from '${join(unpack(PLAUSIBLE), 'plausible.js')}'
        init({ domain: 'shop', endpoint: '/api/event', captureOnLocalhost: true, formSubmissions: true })
        addEventListener('click', (event) => event.target.closest('button') && track('Buy Now'))`,
      resolveDir: folder,
    },
    bundle: true,
    minify: true,
    format: 'iife',
    write: false,
  })
  return [
    { name: 'none', script: '', button: '' },
    { name: 'footfall.js', script: footfall, tag: 'data-app="shop"', button: '' },
    { name: UMAMI, script: umami.code, tag: 'data-website-id="shop"', button: 'data-umami-event="Buy Now"' },
    { name: PLAUSIBLE, script: plausible.outputFiles[0].text, tag: '', button: '' },
  ]
}

function unpack(name) {
  const [archive] = JSON.parse(execFileSync('npm', ['pack', name, '--json', '--silent'], { cwd: folder, encoding: 'utf8' }))
  const target = join(folder, archive.filename.replace(/\.tgz$/, ''))
  execFileSync('mkdir', ['-p', target])
  execFileSync('tar', ['xzf', join(folder, archive.filename), '-C', target, '--strip-components=1'])
  return target
}

async function measure(all) {
  let sent = { requests: 0, bytes: 0, last: 0 }
  const server = createServer((request, response) => {
    const [, place, file] = request.url.split('?')[0].split('/')
    if (request.method === 'POST') {
      request.on('data', (chunk) => (sent.bytes += chunk.length)).on('end', () => {
        sent.requests++
        sent.last = performance.now()
        response.writeHead(202, { 'content-type': 'application/json' }).end('{"accepted":1,"rejected":[]}')
      })
      return
    }
    const tracker = all[Number(place)]
    if (file === 'tracker.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(tracker.script)
      return
    }
    const tag = tracker?.script ? `<script defer src="/${place}/tracker.js" ${tracker.tag}></script>` : ''
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(`<!doctype html><title>A shop</title>${tag}<main><section><button ${tracker?.button}><b>Buy Now</b></button></section></main>`)
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const origin = `http://127.0.0.1:${server.address().port}`
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', chromiumSandbox: false, args: ['--disable-gpu'] })
  const rounds = all.map(() => [])
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [place] of all.entries()) {
        sent = { requests: 0, bytes: 0, last: performance.now() }
        const page = await browser.newPage()
        await browser.startTracing(page, { categories: ['devtools.timeline', 'v8.execute', 'disabled-by-default-v8.compile'] })
        await page.goto(`${origin}/${place}/`, { waitUntil: 'load' })
        for (let i = 0; i < CLICKS; i++) {
          await page.mouse.click(40, 20)
        }
        const start = performance.now()
        while (performance.now() - sent.last < QUIET && performance.now() - start < LONGEST_WAIT) {
          await page.waitForTimeout(50)
        }
        rounds[place].push({ ...times(JSON.parse((await browser.stopTracing()).toString())), ...sent })
        await page.close()
      }
    }
    console.log(`Chromium ${browser.version()}, ${cpus().length} cores (${cpus()[0].model.trim()}); medians of ${ROUNDS} rounds, in turns; one view and ${CLICKS} clicks each`)
  } finally {
    await browser.close()
    server.close()
  }
  console.table(
    all.slice(1).map(({ name, script }, i) => ({
      tracker: name,
      'script, gzipped bytes': gzipSync(script, { level: 9 }).length,
      'load, ms': median(rounds[i + 1], 'load'),
      'a click, ms': median(rounds[i + 1], 'click'),
      'longest click, ms': median(rounds[i + 1], 'longest'),
      'all, ms': median(rounds[i + 1], 'all'),
      requests: median(rounds[i + 1], 'requests'),
      'sent, bytes': median(rounds[i + 1], 'bytes'),
    })),
  )
}

/** Main-thread time of the tracker's own code, in ms: of its compilation and first run, in click events, and in all. */
function times({ traceEvents }) {
  const own = ({ name, ph, args }) => ph === 'X' && /EvaluateScript|FunctionCall|v8\.compile$/.test(name) && (args?.data?.url ?? '').endsWith('/tracker.js')
  const spans = traceEvents.filter(own).sort((a, b) => a.ts - b.ts)
  // What is inside another of them is in its time already.
  const outer = spans.filter((span) => !spans.some((other) => other !== span && other.tid === span.tid && other.ts <= span.ts && other.ts + other.dur >= span.ts + span.dur && (other.ts < span.ts || other.dur > span.dur)))
  const clicks = traceEvents.filter(({ name, args }) => name === 'EventDispatch' && args?.data?.type === 'click')
  const perClick = clicks.map((click) =>
    sum(outer.filter(({ ts, dur, tid }) => tid === click.tid && ts >= click.ts && ts + dur <= click.ts + click.dur)),
  )
  return {
    load: sum(outer.filter(({ name }) => name !== 'FunctionCall')),
    click: perClick.reduce((total, time) => total + time, 0) / (perClick.length || 1),
    longest: Math.max(0, ...perClick),
    all: sum(outer),
  }
}

function sum(spans) {
  return spans.reduce((total, { dur, tdur }) => total + (tdur ?? dur), 0) / 1_000
}

function median(values, key) {
  const sorted = values.map((value) => value[key]).sort((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length / 2)] * 1_000) / 1_000
}
