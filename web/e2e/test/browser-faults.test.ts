import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { expectConservation } from '../harness/conservation'
import { scrape, sumOf } from '../harness/exposition'
import type { Footfall } from '../harness/footfall'
import { Gate, type Mode } from '../harness/gate'
import { scenario, type Scene } from '../harness/scenario'
import { Site } from '../harness/site'
import { until, untilEqual } from '../harness/until'

type Window = { footfall: { flush(): Promise<void>; dropped(): number } }

scenario('Whatever becomes of requests, each press is counted once', ['chromium'], async (scene) => {
  const { footfall, gate, open } = await prepare(scene)
  const page = await open()
  let pressed = 0
  const pressFor = async (seconds: number, mode: Mode) => {
    gate.set(mode)
    const end = performance.now() + seconds * 1_000
    // The page may still wait to send again what it had no answer to before.
    for (; performance.now() < end || gate.requests.every((request) => request.mode !== mode); pressed++) {
      await page.getByRole('button').click()
      await page.waitForTimeout(200) // as people do; below what the page keeps while nobody answers
    }
    gate.set('pass')
    await untilEqual('all presses are counted', pressed, () => countOf(footfall, { type: 'click' }))
  }
  await pressFor(3, 'cut')
  await pressFor(3, 'half')
  await pressFor(3, { status: 503 })
  await pressFor(3, 'hang')
  await pressFor(5, { status: 429, retryAfter: 3 })
  await pressFor(60, 'refuse')
  expect(await page.evaluate(() => (window as unknown as Window).footfall.dropped())).toBe(0)
  await page.evaluate(() => (window as unknown as Window).footfall.flush())
  await expectConservation(footfall)
  expect(await countOf(footfall, { type: 'click' })).toBe(pressed)
  expect(await countOf(footfall, { type: 'view' })).toBe(1)

  // The test did what it says: the collector had some twice, and was not asked before its time.
  expect(Math.max(...gate.passed.values())).toBeGreaterThan(1)
  const modes = new Set(gate.requests.map(({ mode }) => (typeof mode === 'object' ? mode.status : mode)))
  expect([...modes].sort()).toEqual([429, 503, 'cut', 'half', 'hang', 'pass', 'refuse'])
  gate.requests.forEach(({ at, mode }, i) => {
    const next = gate.requests[i + 1]
    if (next && typeof mode === 'object' && mode.retryAfter) {
      expect(next.at - at).toBeGreaterThanOrEqual(mode.retryAfter * 1_000 - 50) // Chromium's timers may be early by some ms
    }
  })
  expect(await footfall.stop()).toBe(0)
})

scenario('A tab that is closed at once after a press loses nothing, a hundred times', ['chromium'], async (scene) => {
  const { footfall, gate, open } = await prepare(scene)
  const modes: Mode[] = ['pass', 'refuse', 'cut', 'hang', { status: 503 }, { status: 429, retryAfter: 1 }]
  for (let i = 0; i < 100; i++) {
    gate.set(modes[i % modes.length]!)
    const page = await open()
    await page.getByRole('button').click()
    await page.close({ runBeforeUnload: i % 4 < 2 }) // in each of the modes, either way
  }
  gate.set('pass')
  // What could not be sent is left to the site's next page.
  await open()
  await untilEqual('a hundred presses are counted', 100, () => countOf(footfall, { type: 'click' }))
  await untilEqual('and 101 views', 101, () => countOf(footfall, { type: 'view' }))
  await expectConservation(footfall)
  expect(await countOf(footfall, {})).toBe(201)
  expect(await footfall.stop()).toBe(0)
})

scenario('What is pressed offline arrives when the browser is back, once', ['chromium'], async (scene) => {
  const { footfall, open, context } = await prepare(scene)
  const page = await open()
  await untilEqual('the view is counted', 1, () => countOf(footfall, { type: 'view' }))
  await context.setOffline(true)
  let failed = 0
  page.on('requestfailed', () => failed++)
  for (let i = 0; i < 10; i++) {
    await page.getByRole('button').click()
  }
  await until('the page has tried in vain', () => failed > 0)
  await context.setOffline(false)
  await untilEqual('ten presses are counted', 10, () => countOf(footfall, { type: 'click' }))
  await expectConservation(footfall)
  expect(await countOf(footfall, {})).toBe(11)
  expect(await footfall.stop()).toBe(0)
})

scenario('Two tabs share what waits, and nothing is sent twice', ['chromium'], async (scene) => {
  const { footfall, gate, open } = await prepare(scene)
  const [first, second] = [await open(), await open()]
  await untilEqual('two views are counted', 2, () => countOf(footfall, { type: 'view' }))
  gate.set('refuse')
  for (let i = 0; i < 5; i++) {
    await first.getByRole('button').click()
    await second.getByRole('button').click()
  }
  await until('both have tried in vain', () => gate.requests.filter(({ mode }) => mode === 'refuse').length >= 4)
  await first.close({ runBeforeUnload: true })
  await until('the beacon of the first tab was in vain', () => gate.requests.some(({ isBeacon }) => isBeacon))
  gate.set('pass')
  await untilEqual('ten presses are counted', 10, () => countOf(footfall, { type: 'click' }))
  await expectConservation(footfall)
  expect([...gate.passed.values()]).toEqual(Array.from({ length: 12 }, () => 1))
  const kept = await second.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('footfall ')))
  expect(kept).toEqual([])
  expect(await footfall.stop()).toBe(0)
})

/** A Footfall behind a gate, and a site whose pages send through it. */
async function prepare({ footfall, browser }: Scene) {
  await footfall.up()
  const gate = await Gate.open(footfall.collector)
  onTestFinished(() => gate.close())
  const site = await Site.open(`<script defer src="${gate.url}/footfall.js"></script>`)
  onTestFinished(() => site.close())
  const chromium = await browser()
  const open = async (): Promise<Page> => {
    const page = await chromium.visit(site.url)
    await page.waitForFunction('!!window.footfall?.off')
    return page
  }
  return { footfall, gate, open, context: chromium.context }
}

async function countOf(footfall: Footfall, labels: Record<string, string>): Promise<number> {
  return sumOf(await scrape(`${footfall.metrics}/metrics`), 'footfall_interactions_total', labels)
}
