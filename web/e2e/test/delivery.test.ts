import { expect } from 'vitest'
import { press } from '../harness/browser'
import { expectConservation } from '../harness/conservation'
import { scrape, sumOf } from '../harness/exposition'
import type { Footfall } from '../harness/footfall'
import { onBothLogs } from '../harness/scenario'
import { until, untilEqual } from '../harness/until'

onBothLogs('A press on a page that is left at once arrives, once', ['chromium'], async ({ footfall, browser }) => {
  await footfall.up()
  const shop = await (await browser()).visit(`${footfall.collector}/demo/`)
  for (let i = 0; i < 10; i++) {
    // Leaves within the click itself, before the script's 100 ms are over.
    await shop.evaluate((next) => addEventListener('click', () => location.assign(next)), `/v1/elsewhere?${i}`)
    await press(shop, 'Buy Now', i % 6)
    await shop.waitForURL(`**/v1/elsewhere?${i}`)
    await shop.goto(`${footfall.collector}/demo/`)
  }
  await untilEqual('ten presses are counted', 10, () => countOf(footfall, 'Buy Now'))
  await untilEqual('and eleven views', 11, () => viewsOf(footfall))
  await shop.close({ runBeforeUnload: true })
  await expectConservation(footfall)
  expect(await countOf(footfall, 'Buy Now')).toBe(10)
  expect(await footfall.stop()).toBe(0)
})

onBothLogs('What people do while the collector is away arrives when it is back, once', ['chromium'], async ({ footfall, browser }) => {
  await footfall.up()
  const shop = await (await browser()).visit(`${footfall.collector}/demo/`)
  await press(shop, 'Enroll Now')
  await untilEqual('a first press is counted', 1, () => countOf(footfall, 'Enroll Now'))

  let failed = 0
  shop.on('requestfailed', () => failed++)
  expect(await footfall.stop()).toBe(0)
  const away = performance.now()
  for (let i = 0; i < 5; i++) {
    await press(shop, 'Enroll Now', i)
  }
  await until('the page has tried in vain, for 5 s', () => failed >= 2 && performance.now() - away >= 5_000)
  await press(shop, 'Buy Now')
  await footfall.up()
  await untilEqual('six presses are counted', 6, () => countOf(footfall, 'Enroll Now'))
  await untilEqual('and the last', 1, () => countOf(footfall, 'Buy Now'))
  expect(await shop.evaluate(() => (window as { footfall?: { dropped(): number } }).footfall?.dropped())).toBe(0)
  // Nothing waits in the page any more that could come a second time.
  await shop.evaluate(() => (window as { footfall?: { flush(): Promise<void> } }).footfall?.flush())
  await expectConservation(footfall)
  expect(await countOf(footfall, 'Enroll Now')).toBe(6)
  expect(await viewsOf(footfall)).toBe(1)
  expect(await footfall.stop()).toBe(0)
})

async function countOf(footfall: Footfall, target: string): Promise<number> {
  return sumOf(await scrape(`${footfall.metrics}/metrics`), 'footfall_interactions_total', { target })
}

async function viewsOf(footfall: Footfall): Promise<number> {
  return sumOf(await scrape(`${footfall.metrics}/metrics`), 'footfall_interactions_total', { type: 'view' })
}
