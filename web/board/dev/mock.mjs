// A metrics service that is made up: it serves the built board under the same content security policy, and plays its API with numbers
// that move. Each app is a situation to look at. `npm run dev`, then http://localhost:8092/?app=shop
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = process.env.DIST ?? fileURLToPath(new URL('../dist/', import.meta.url))
const port = Number(process.env.PORT ?? 8092)

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const RING = 7200

// The same numbers each time: what looks wrong looks wrong again.
let seed = 4
function random() {
  seed = (seed * 1664525 + 1013904223) >>> 0
  return seed / 2 ** 32
}

function poisson(mean) {
  let n = 0
  for (let p = random(), limit = Math.exp(-mean); p > limit; p *= random()) n++
  return n
}

const click = (target, page, perSecond, value = null, pinned = false) => ({ type: 'click', target, page, perSecond, value, pinned })
const view = (page, perSecond) => ({ type: 'view', target: '', page, perSecond, value: null, pinned: false })

const SHOP = [
  click('Enroll Now', '/courses/:course', 0.55, null, true),
  click('Buy Now', '/courses/:course', 0.28, 49, true),
  view('/', 1.1),
  click('Search', '/', 0.35),
  click('Practical SQL', '/', 0.22),
  click('Cart', '/courses/:course', 0.2),
  { ...click('Subscribe', '/', 0.05), type: 'submit' },
  click('Preview lesson', '/courses/:course', 0.3),
  click('Reviews', '/courses/:course', 0.12),
  click('Checkout', '/cart', 0.11),
  click('Remove from cart', '/cart', 0.03),
  click('Teachers', '/teachers', 0.06),
  click('Gift a course', '/gift', 0.02, 99),
  click('Help', '/help', 0.04),
]

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '\u202Egnp.esrever dna \u202Eagain',
  'Zalgo ' + 'a\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030A\u030B\u030C\u0310\u0311\u0314\u033D\u0489\u0316\u0317\u0318\u0319'.repeat(500),
  'W'.repeat(200),
  'مرحبا بالعالم',
  '"><script>alert(1)</script>',
  '\u2066\u2067isolates that never end',
  '   \u00A0\u200B\u2003 ',
  '🏳️‍🌈👩‍👩‍👧‍👦'.repeat(20),
  '﷽'.repeat(30),
  'line\nbreak\tand tab',
  'constructor',
  '__proto__',
].map((target, index) => ({ ...click(target, `/${target}`, 0.4, index === 3 ? 1e12 : null, index < 4), type: index === 5 ? '<b>type that is far too long</b>' : 'click' }))

const many = Array.from({ length: 500 }, (_, i) => click(`Button ${i + 1}`, `/section/${i % 120}`, 120 / (i + 3), i % 7 ? null : 5, i < 2))

const SITUATIONS = {
  busy: { actions: many },
  empty: { actions: [{ ...SHOP[0], perSecond: 0 }, { ...SHOP[1], perSecond: 0 }], history: false },
  // One may look, and no more.
  full: { actions: SHOP, maxViewers: 1 },
  hostile: { actions: HOSTILE },
  restart: { actions: SHOP, restartEvery: 20_000 },
  shop: { actions: SHOP },
  unhealthy: { actions: SHOP, ill: true },
  // A click now and then.
  calm: { actions: SHOP.slice(0, 6).map((action) => ({ ...action, perSecond: action.perSecond / 40 })) },
  // Something is pressed that never was before, two seconds after somebody looks.
  news: { actions: [{ ...SHOP[0], perSecond: 0 }, { ...SHOP[1], begins: 2_000, perSecond: 2 }, view('/', 0.5), { ...SHOP[3], begins: 2_000, perSecond: 2 }] },
  young: { actions: SHOP, since: 90 },
}

class App {
  constructor(name, { actions, history = true, since = Infinity, ill = false, restartEvery = 0, maxViewers = 1_000 }) {
    Object.assign(this, { name, actions, ill, restartEvery, maxViewers, viewers: new Set(), away: false, seen: Infinity })
    this.began = Date.now()
    const keys = new Map()
    this.rows = []
    this.pages = []
    for (const action of actions) {
      const key = JSON.stringify([action.type, action.target])
      if (!keys.has(key)) {
        keys.set(key, this.rows.length)
        this.rows.push({ k: this.rows.length, type: action.type, target: action.target, pinned: action.pinned, total: 0, value: null, minute: 0 })
      }
      action.row = keys.get(key)
      let page = this.pages.find((one) => one.page === action.page)
      if (!page) {
        page = { k: this.pages.length, page: action.page, total: 0, minute: 0 }
        this.pages.push(page)
      }
      action.pageRow = page.k
    }
    this.ring = new Map()
    this.stream = []
    this.total = 0
    this.value = null
    this.upTo = null
    this.renew()
    const second = Math.floor(Date.now() / 1000)
    const known = Math.min(RING, since)
    this.since = second - known
    if (history) {
      for (let s = second - known; s < second; s++) this.live(s * 1000, 1, 0)
      this.pending = this.emptyPending()
    }
  }

  renew() {
    this.instance = Math.floor(random() * 36 ** 4).toString(36)
    this.seq = 1
    this.pending = this.emptyPending()
  }

  emptyPending() {
    return { seconds: new Map(), rows: new Set(), pages: new Set(), stream: [], skipped: 0 }
  }

  /** Lets some time of the site pass. */
  live(at, seconds, jitter) {
    const wave = 1 + 0.45 * Math.sin(at / 97_000) + 0.3 * Math.sin(at / 23_000)
    const second = Math.floor(at / 1000)
    const first = Math.floor(random() * this.actions.length)
    for (const action of [...this.actions.slice(first), ...this.actions.slice(0, first)]) {
      if (at < this.seen + action.begins) continue
      const n = poisson(action.perSecond * seconds * wave)
      if (n === 0) continue
      const bucket = this.ring.get(second) ?? { rows: new Map(), pages: new Map() }
      this.ring.set(second, bucket)
      bucket.rows.set(action.row, (bucket.rows.get(action.row) ?? 0) + n)
      bucket.pages.set(action.pageRow, (bucket.pages.get(action.pageRow) ?? 0) + n)
      const row = this.rows[action.row]
      row.total += n
      this.pages[action.pageRow].total += n
      this.total += n
      if (action.value !== null) {
        row.value = (row.value ?? 0) + n * action.value
        this.value = (this.value ?? 0) + n * action.value
      }
      const told = this.pending.seconds.get(second) ?? new Map()
      this.pending.seconds.set(second, told)
      told.set(action.row, (told.get(action.row) ?? 0) + n)
      this.pending.rows.add(action.row)
      this.pending.pages.add(action.pageRow)
      for (let i = 0; i < n; i++) {
        if (this.pending.stream.length >= 20) {
          this.pending.skipped++
          continue
        }
        const one = {
          at: at + Math.floor(random() * jitter),
          type: action.type,
          target: action.target,
          page: action.page,
          value: action.value,
          visitor: random() < 0.1 ? null : Math.floor(random() * 65536).toString(16).padStart(4, '0'),
        }
        this.pending.stream.push(one)
        this.stream = [...this.stream, one].slice(-50)
      }
      this.upTo = at + Math.floor(random() * jitter)
    }
    this.ring.delete(second - RING)
  }

  count() {
    const second = Math.floor(Date.now() / 1000)
    const minute = { rows: new Map(), pages: new Map(), total: 0 }
    for (let s = second - 59; s <= second; s++) {
      const bucket = this.ring.get(s)
      if (!bucket) continue
      for (const kind of ['rows', 'pages']) for (const [k, n] of bucket[kind]) minute[kind].set(k, (minute[kind].get(k) ?? 0) + n)
      for (const n of bucket.rows.values()) minute.total += n
    }
    for (const [kind, rows] of [['rows', this.rows], ['pages', this.pages]]) {
      for (const row of rows) {
        const n = minute[kind].get(row.k) ?? 0
        if (n !== row.minute) {
          row.minute = n
          this.pending[kind].add(row.k)
        }
      }
    }
    return { second: [...(this.ring.get(second - 1)?.rows.values() ?? [])].reduce((sum, n) => sum + n, 0), minute: minute.total }
  }

  body() {
    const { second, minute } = this.count()
    const away = Math.round((Date.now() - this.began) / 1000) + 40
    const lag = this.ill ? 812 : this.total === 0 ? 0 : Math.floor(random() * 4)
    const duplicates = Math.floor(this.total / 31)
    return {
      at: Date.now(),
      app: this.name,
      apps: Object.keys(SITUATIONS),
      upTo: this.upTo,
      total: this.total,
      value: this.value,
      now: {
        second,
        minute,
        visitors: { '1m': Math.ceil(minute / 9), '5m': Math.ceil(minute / 3.4), '30m': Math.ceil(minute * 1.2) },
        delivery: minute === 0 ? { p50: null, p99: null } : { p50: 0.18 + random() * 0.05, p99: 0.4 + random() * 0.1 },
      },
      moreTargets: this.rows.length >= 500 ? 1234 : 0,
      morePages: 0,
      funnels:
        this.total === 0
          ? []
          : [
              { name: 'Enroll', window: 1800, steps: [['Course seen', 1], ['Preview lesson', 0.42], ['Enroll Now', 0.31]].map(([name, part]) => ({ name, visitors: Math.floor((this.total * part) / 9) })) },
              { name: 'Buy', window: 1800, steps: [['Course seen', 1], ['Buy Now', 0.17], ['Checkout', 0.068], ['Thank you', 0.061]].map(([name, part]) => ({ name, visitors: Math.floor((this.total * part) / 9) })) },
            ],
      health: {
        level: this.ill ? 'bad' : 'ok',
        message: this.ill ? `Kafka has been away for ${away} s. What comes in waits in the spool; nothing is lost.` : null,
        advice: this.ill ? 'See whether the brokers run and can be reached: footfall doctor tries each of them.' : null,
        notReady: this.ill ? 'The log has not been read for 5 s.' : null,
        lag,
        written: this.total + duplicates + lag,
        counted: this.total,
        duplicates,
        unreadable: 0,
        missed: 0,
        late: 3,
        unseen: 12,
        overflowed: 0,
        rejected: 7,
        accepted: this.total + duplicates,
        spool: this.ill ? { records: 812 + away * 6, awaySeconds: away } : null,
        log: this.ill ? 'kafka' : 'embedded',
        partitions: this.ill ? Array.from({ length: 12 }, (_, partition) => ({ partition, lag: partition < 6 ? 130 + partition : 0 })) : [{ partition: 0, lag }],
        totalsShown: !this.ill,
        version: '0.1.0',
      },
    }
  }

  state() {
    return { instance: this.instance, seq: this.seq, ...this.body(), targets: this.rows, pages: this.pages, seconds: [], stream: this.stream, streamSkipped: 0 }
  }

  tick() {
    if (this.away) return
    this.live(Date.now(), 0.2, 0)
    const body = this.body()
    const { seconds, rows, pages, stream, skipped } = this.pending
    this.pending = this.emptyPending()
    this.seq++
    const data = {
      seq: this.seq,
      ...body,
      targets: [...rows].map((k) => this.rows[k]),
      pages: [...pages].map((k) => this.pages[k]),
      seconds: [...seconds].map(([second, told]) => [second, [...told]]),
      stream,
      streamSkipped: skipped,
    }
    const text = `id: ${this.seq}\nevent: tick\ndata: ${JSON.stringify(data)}\n\n`
    for (const viewer of this.viewers) viewer.write(text)
  }

  /** As if the process had been stopped and started again some seconds later. */
  restart() {
    this.away = true
    for (const viewer of this.viewers) viewer.end()
    setTimeout(() => {
      this.renew()
      this.stream = [] // who has just started remembers none
      this.away = false
    }, 6_000)
  }

  series(query) {
    const range = query.get('range') ?? '5m'
    const match = /^(\d+)([sm]|h)$/.exec(range)
    const seconds = match ? Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2]] : 0
    if (seconds < 1 || seconds > RING) return null
    const step = Number(query.get('step') ?? (seconds <= 300 ? 1 : seconds <= 1800 ? 5 : 20))
    const to = (Math.floor(Date.now() / 1000 / step) + 1) * step
    const from = to - Math.ceil(seconds / step) * step
    const n = (to - from) / step
    const sums = new Map()
    const total = new Array(n).fill(0)
    const page = query.get('page')
    const all = page === null && query.get('type') === null && query.get('target') === null
    const kind = page === null ? 'rows' : 'pages'
    const wanted = (k) =>
      page !== null
        ? this.pages[k].page === page
        : (query.get('type') === null || this.rows[k].type === query.get('type')) && (query.get('target') === null || this.rows[k].target === query.get('target'))
    for (let s = Math.max(from, this.since); s < to; s++) {
      for (const [k, count] of this.ring.get(s)?.[kind] ?? []) {
        if (!wanted(k)) continue
        const i = Math.floor((s - from) / step)
        if (!sums.has(k)) sums.set(k, new Array(n).fill(0))
        sums.get(k)[i] += count
        total[i] += count
      }
    }
    const busiest = [...sums].sort((a, b) => sum(b[1]) - sum(a[1]))
    const line = ([k, counts]) => (page === null ? { k, type: this.rows[k].type, target: this.rows[k].target, counts } : { k, page, counts })
    const rest = busiest.slice(10)
    return {
      app: this.name,
      seq: this.seq,
      from,
      to,
      step,
      since: this.since > from ? this.since : null,
      series: [
        ...busiest.slice(0, 10).map(line),
        ...(kind === 'rows' && (all || rest.length > 0) ? [{ k: null, target: '(other)', counts: total.map((_, i) => sum(rest.map(([, counts]) => counts[i]))) }] : []),
      ],
      total,
    }
  }
}

function sum(numbers) {
  return numbers.reduce((all, n) => all + n, 0)
}

const apps = Object.fromEntries(Object.entries(SITUATIONS).map(([name, situation]) => [name, new App(name, situation)]))
setInterval(() => Object.values(apps).forEach((app) => app.tick()), 200)
for (const app of Object.values(apps).filter((one) => one.restartEvery)) setInterval(() => app.restart(), app.restartEvery)

function problem(response, status, title, { headers = {}, ...more } = {}) {
  response.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers }).end(JSON.stringify({ status, title, ...more }))
}

function api(path, query, response) {
  const name = query.get('app') ?? Object.keys(apps)[0]
  const app = Object.hasOwn(apps, name) ? apps[name] : undefined
  if (!app) return problem(response, 404, 'There is no such app.', { detail: `There is no app “${name}” here.`, reason: 'unknown_app' })
  if (app.away) return problem(response, 503, 'Not ready', { detail: 'The metrics service reads its log.' })
  if (path === '/api/v1/live') {
    if (app.viewers.size >= app.maxViewers) {
      return problem(response, 503, 'As many look at the board as may.', {
        detail: `there are ${app.maxViewers} viewers, and no more may be`,
        reason: 'too_many_viewers',
        headers: { 'Retry-After': '5' },
      })
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(`retry: 1000\n\nid: ${app.seq}\nevent: state\ndata: ${JSON.stringify(app.state())}\n\n`)
    app.seen = Math.min(app.seen, Date.now())
    app.viewers.add(response)
    response.on('close', () => app.viewers.delete(response))
    return
  }
  const body = path === '/api/v1/totals' ? app.state() : path === '/api/v1/series' ? app.series(query) : undefined
  if (body === undefined) return problem(response, 404, 'Not found')
  if (body === null) return problem(response, 400, 'The range can’t be read.', { detail: 'range is a number of seconds, minutes or hours, at most 2h.', reason: 'invalid_range' })
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

// Names of the hostile app are long, and stand in addresses.
createServer({ maxHeaderSize: 1 << 18 }, async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  if (pathname.startsWith('/api/')) return api(pathname, searchParams, response)
  if (pathname === '/config.json') {
    return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ collector: { scheme: 'http', host: null, port: 18081, hasDemo: true } }))
  }
  const file = normalize(pathname === '/' ? '/index.html' : pathname)
  try {
    const body = await readFile(join(dist, file))
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': POLICY,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(body)
  } catch {
    problem(response, 404, 'Not found')
  }
}).listen(port, '127.0.0.1', function () {
  console.log(`http://localhost:${this.address().port}/?app=shop  (${Object.keys(apps).join(', ')})`)
})
