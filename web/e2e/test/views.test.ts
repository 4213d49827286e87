import { expect, onTestFinished } from 'vitest'
import { expectConservation } from '../harness/conservation'
import { scrape } from '../harness/exposition'
import type { Footfall } from '../harness/footfall'
import { scenario } from '../harness/scenario'
import { type Pages, Site } from '../harness/site'
import { until } from '../harness/until'

const PAGES: Record<string, string> = {
  '/': '<a href="/next">Next</a>',
  '/next': '<p>Next</p>',
  '/app': '<button onclick="history.pushState(null, \'\', \'/app/one\')">One</button>',
  '/navigated': `<button onclick="navigation.navigate('/navigated/one')">One</button>
    <script>navigation.addEventListener('navigate', (event) => event.canIntercept && event.intercept({ handler: async () => {} }))</script>`,
  '/ahead': `<a href="/rendered">Rendered</a>
    <script type="speculationrules">{"prerender":[{"urls":["/rendered"],"eagerness":"immediate"}]}</script>`,
  '/rendered': '<p>Rendered ahead of time</p>',
  '/long': '<p style="height:3000px">A long page</p>',
}

const pages: Pages = (path) => PAGES[path]

scenario('Each page is viewed when people see it, and once', ['chromium'], async ({ footfall, browser }) => {
  await footfall.up()
  const site = await Site.open(`<script defer src="${footfall.collector}/footfall.js"></script>`, pages)
  onTestFinished(() => site.close())
  const { context } = await browser()

  const cached = await context.newPage()
  await cached.goto(`${site.url}/`)
  await cached.evaluate(() => ((window as { isTheSame?: boolean }).isTheSame = true))
  await cached.getByRole('link').click()
  await cached.waitForURL('**/next')
  await cached.goBack({ waitUntil: 'commit' }) // a page from the cache does not load
  expect(await cached.evaluate(() => (window as { isTheSame?: boolean }).isTheSame)).toBe(true)
  await untilViews(footfall, { '/': 2, '/next': 1 })
  await cached.close()

  const app = await context.newPage()
  await app.goto(`${site.url}/app`)
  await app.getByRole('button').click()
  await app.goBack()
  await app.evaluate(() => history.replaceState(null, '', '/app?query#fragment'))
  await untilViews(footfall, { '/': 2, '/next': 1, '/app': 2, '/app/one': 1 })
  await app.close()

  const navigated = await context.newPage()
  await navigated.goto(`${site.url}/navigated`)
  await navigated.getByRole('button').click()
  await untilViews(footfall, { '/': 2, '/next': 1, '/app': 2, '/app/one': 1, '/navigated': 1, '/navigated/one': 1 })
  await navigated.close()
  await expectConservation(footfall)
  expect(await footfall.stop()).toBe(0)
})

scenario('A page that the browser takes ahead of time is viewed when it is shown', ['chromium'], async ({ footfall, browser }) => {
  await footfall.up()
  let ahead = 0
  const site = await Site.open(`<script defer src="${footfall.collector}/footfall.js"></script>`, (path) => {
    ahead += path === '/rendered' ? 1 : 0
    return pages(path)
  })
  onTestFinished(() => site.close())
  const page = await (await browser()).visit(`${site.url}/ahead`)
  // Whether it also runs it before is the browser's to decide; where a test drives it, this one does not.
  await until('it is taken ahead of time', () => ahead > 0)
  await untilViews(footfall, { '/ahead': 1 })
  await page.getByRole('link').click()
  await page.waitForURL('**/rendered')
  await untilViews(footfall, { '/ahead': 1, '/rendered': 1 })
  await expectConservation(footfall)
  expect(await viewsOf(footfall)).toEqual({ '/ahead': 1, '/rendered': 1 })
  expect(ahead).toBe(1)
  expect(await footfall.stop()).toBe(0)
})

scenario('footfall-leave.js tells how long a page was in sight, and how far down, by each fragment where that is asked for', ['chromium'], async ({ footfall, browser }) => {
  await footfall.up()
  const site = await Site.open(`<script defer src="${footfall.collector}/footfall-leave.js" data-hash></script>`, pages)
  onTestFinished(() => site.close())
  const chromium = await browser()
  const page = await chromium.visit(`${site.url}/long`)
  await page.mouse.wheel(0, 10_000)
  await page.waitForFunction(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1)
  await page.waitForFunction((from) => performance.now() - from >= 300, await page.evaluate(() => performance.now())) // in sight, which is what is measured
  await page.evaluate(() => (location.hash = '#/part'))
  await untilViews(footfall, { '/long': 1, '/long/part': 1 })
  await page.close({ runBeforeUnload: true })
  const first = [...chromium.sent.values()].find(({ type }) => type === 'leave')
  expect(first).toMatchObject({ page: '/long', properties: { depth: 100 } })
  expect(first!.value).toBeGreaterThanOrEqual(0.3)
  expect(first!.value).toBeLessThan(60)
  // The last goes by beacon, which is seen in the totals alone.
  await untilSeries(footfall, 'leave', { '/long': 1, '/long/part': 1 })
  await expectConservation(footfall)
  expect(await footfall.stop()).toBe(0)
})

scenario('Under a strict content security policy with Trusted Types, and where storage is denied, presses arrive', ['chromium'], async ({ footfall, browser }) => {
  await footfall.up()
  const script = await fetch(`${footfall.collector}/footfall.js`).then((response) => response.arrayBuffer())
  const hash = Buffer.from(await crypto.subtle.digest('SHA-384', script)).toString('base64')
  const policy = `default-src 'none'; script-src ${footfall.collector}; connect-src ${footfall.collector}; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'`
  const tag = `<script defer src="${footfall.collector}/footfall.js" integrity="sha384-${hash}" crossorigin></script>`
  const site = await Site.open(tag, () => '<button>Press me</button>', { 'content-security-policy': policy })
  onTestFinished(() => site.close())
  const chromium = await browser()
  const page = await chromium.context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  await page.addInitScript(() => {
    for (const storage of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, storage, {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    }
  })
  await page.goto(`${site.url}/strict`)
  await page.waitForFunction('!!window.footfall?.off')
  await page.getByRole('button').click()
  await until('the press is counted', async () => {
    const samples = await scrape(`${footfall.metrics}/metrics`)
    return samples.some(({ name, labels, value }) => name === 'footfall_interactions_total' && labels['target'] === 'Press me' && value === 1)
  })
  expect(complaints).toEqual([])
  await expectConservation(footfall)
  expect(await footfall.stop()).toBe(0)
})

const viewsOf = (footfall: Footfall) => countsOf(footfall, 'view')
const untilViews = (footfall: Footfall, wanted: Record<string, number>) => untilSeries(footfall, 'view', wanted)

/** By page. */
async function countsOf(footfall: Footfall, type: string): Promise<Record<string, number>> {
  const samples = await scrape(`${footfall.metrics}/metrics`)
  return Object.fromEntries(
    samples
      .filter(({ name, labels, value }) => name === 'footfall_interactions_total' && labels['type'] === type && value > 0)
      .map(({ labels, value }) => [labels['page']!, value]),
  )
}

async function untilSeries(footfall: Footfall, type: string, wanted: Record<string, number>): Promise<void> {
  const sorted = (counts: Record<string, number>) => JSON.stringify(Object.entries(counts).sort())
  let seen: Record<string, number> = {}
  await until(`it is ${sorted(wanted)}`, async () => sorted((seen = await countsOf(footfall, type))) === sorted(wanted)).catch(() => {})
  expect(seen).toEqual(wanted)
}
