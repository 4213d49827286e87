import { gzipSync } from 'node:zlib'
import { expect, onTestFinished } from 'vitest'
import { press } from '../harness/browser'
import { scrape, sumOf } from '../harness/exposition'
import { scenario } from '../harness/scenario'
import { Shop } from '../harness/shop'
import { untilEqual } from '../harness/until'

scenario('A press in an app with the collector inside is counted by the metrics service beside it', ['chromium'], async ({ footfall, browser }) => {
  // Headless, so that what is pressed here is a program's.
  const shop = await Shop.open(footfall.data, { Footfall__Capture__Apps__shop__Bots: 'Count' })
  onTestFinished(() => shop.close())
  footfall.start('metrics', '--data', footfall.data, '--metrics-port', `${footfall.ports.metrics}`)
  const countOf = async (labels: Record<string, string>) =>
    sumOf(await scrape(`${footfall.metrics}/metrics`), 'footfall_interactions_total', { app: 'shop', page: '/', ...labels })

  const chromium = await browser()
  const requests: string[] = []
  chromium.context.on('request', (request) => requests.push(`${request.method()} ${request.url().replace(/\?.*/, '')}`))
  const page = await chromium.visit(shop.url)
  await press(page, 'Buy Now')
  await untilEqual('the press is counted', 1, () => countOf({ type: 'click', target: 'Buy Now' }))
  await untilEqual('and the view', 1, () => countOf({ type: 'view' }))
  expect([...new Set(requests)].sort()).toEqual(['GET ' + shop.url + '/', `GET ${shop.url}/footfall/footfall.js`, `POST ${shop.url}/footfall/v1/interactions`])

  // Lines that break off in the middle of their gzip are refused, whatever the app's own switches say.
  const lines = gzipSync('{"target":"x"}\n'.repeat(1000))
  const half = { method: 'POST', headers: { 'Content-Encoding': 'gzip', 'Content-Type': 'application/x-ndjson' }, body: lines.subarray(0, -10) }
  expect((await fetch(`${shop.url}/footfall/v1/interactions`, half)).status).toBe(400)

  // What was accepted stays when the shop is closed.
  await press(page, 'Enroll Now')
  await untilEqual('the press is counted', 1, () => countOf({ type: 'click', target: 'Enroll Now' }))
  await page.close()
  expect(await shop.stop(), shop.output).toBe(0)
  expect(await footfall.stop()).toBe(0)
})
