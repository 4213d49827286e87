import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { type Browser, press } from '../harness/browser'
import { expectConservation } from '../harness/conservation'
import { growth, Prometheus, seriesName } from '../harness/prometheus'
import { onBothLogs } from '../harness/scenario'
import { until, untilEqual } from '../harness/until'

/** From a press until Prometheus says it. */
const PROMISED = 3_000 // ms

onBothLogs('Prometheus shows each press within 3 s, and goes on after a restart', ['chromium', 'prometheus'], async ({ log, footfall, browser }) => {
  await footfall.up()
  const chromium = await browser()
  const shop = await chromium.visit(`${footfall.collector}/demo/`)
  const prometheus = new Prometheus(footfall.prometheus)
  const prices = await pricesOf(shop)
  const times: number[] = []

  const pressAndMeasure = async (button: 'Enroll Now' | 'Buy Now', nth: number, count: number) => {
    await press(shop, button, nth)
    await shows(prometheus, button, count)
    // From the moment that the page itself noted: the mouse's way to the button is not Footfall's.
    times.push(Date.now() - Math.max(...[...chromium.sent.values()].filter(({ target }) => target === button).map(({ at }) => at)))
  }

  for (let i = 0; i < 7; i++) {
    await pressAndMeasure('Enroll Now', i % 3, i + 1)
  }
  for (let i = 0; i < 3; i++) {
    await pressAndMeasure('Buy Now', i * 2, i + 1)
  }
  await expectConservation(footfall)

  expect(await footfall.stop()).toBe(0)
  await footfall.up()
  await shows(prometheus, 'Enroll Now', 7)
  await shows(prometheus, 'Buy Now', 3)
  await pressAndMeasure('Enroll Now', 0, 8)
  // On another page of the shop: a series that begins after the restart.
  await shop.getByRole('link', { name: 'Practical SQL' }).first().click()
  await shop.waitForURL('**/demo/courses/*')
  await pressAndMeasure('Buy Now', 0, 4)
  // The first page led to both buttons, and the second one, without "Enroll Now" before it, to none.
  for (const [step, visitors] of [['view', 2], ['Enroll Now', 1], ['Buy Now', 1]] as const) {
    const reached = `sum(footfall_funnel_visitors_total{app="demo", funnel="enroll", step="${step}"})`
    await untilEqual(`Prometheus shows who reached ${step}`, visitors, () => prometheus.value(reached))
  }

  times.sort((a, b) => a - b)
  const [median, longest] = [times[Math.floor(times.length / 2)]!, times.at(-1)!]
  console.log(`Press to Prometheus, ${log} log: median ${Math.round(median)} ms, max ${Math.round(longest)} ms of ${times.length}`)
  await expectTruth(prometheus, chromium, prices[0]! + prices[2]! + prices[4]!)
  await expectConservation(footfall)
  expect(await footfall.stop()).toBe(0)
  expect(longest).toBeLessThan(PROMISED)
})

async function shows(prometheus: Prometheus, target: string, count: number): Promise<void> {
  await untilEqual(`Prometheus shows ${target}`, count, () => prometheus.value(`sum(footfall_interactions_total{target="${target}"})`))
}

/** Over the whole time, each series grew by what the page sent, and none went back. */
async function expectTruth(prometheus: Prometheus, { sent }: Browser, bought: number): Promise<void> {
  const counts = new Map<string, number>()
  const values = new Map<string, number>()
  for (const interaction of sent.values()) {
    // As pages are shown: without the slash at the end.
    const name = seriesName({ ...interaction, page: interaction.page.replace(/(.)\/$/, '$1') })
    counts.set(name, (counts.get(name) ?? 0) + 1)
    if (interaction.value !== undefined) {
      values.set(name, (values.get(name) ?? 0) + interaction.value)
    }
  }
  // The account is itself held to what was done above.
  expect(Object.fromEntries(counts)).toEqual({
    'view /demo': 1,
    'click "Enroll Now" /demo': 8,
    'click "Buy Now" /demo': 3,
    'click "Practical SQL" /demo': 1,
    'view /demo/courses/practical-sql': 1,
    'click "Buy Now" /demo/courses/practical-sql': 1,
  })
  expect(values.get('click "Buy Now" /demo')).toBe(bought)

  const grown = await until('Prometheus has all of it', async () => {
    const now = await growth(prometheus, 'footfall_interactions_total')
    return total(now) >= total(counts) && now
  })
  expect(sorted(grown)).toEqual(sorted(counts))
  expect(sorted(await growth(prometheus, 'footfall_interaction_value_total'))).toEqual(sorted(values))
}

/** As the shop shows them, in its order. */
async function pricesOf(shop: Page): Promise<number[]> {
  const shown = await shop.locator('.card .price').allInnerTexts()
  return shown.map((text) => Number(text.replace('€', '')))
}

function total(counts: Map<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

function sorted(counts: Map<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}
