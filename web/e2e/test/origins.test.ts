import { expect, onTestFinished } from 'vitest'
import { expectConservation } from '../harness/conservation'
import { scrape, sumOf } from '../harness/exposition'
import type { Footfall } from '../harness/footfall'
import { onBothLogs } from '../harness/scenario'
import { Site } from '../harness/site'
import { until, untilEqual } from '../harness/until'

onBothLogs('Any local site can send with the one script tag, another may not', ['chromium'], async ({ footfall, browser }) => {
  await footfall.up()
  const site = await Site.open(`<script defer src="${footfall.collector}/footfall.js" data-app="demo"></script>`)
  onTestFinished(() => site.close())
  const chromium = await browser('--host-resolver-rules=MAP shop.example 127.0.0.1')

  const local = await chromium.visit(`http://127.0.0.1:${site.port}/`)
  await local.getByRole('button').click()
  await untilEqual('the press is counted', 1, () => countOf(footfall, { target: 'Press me' }))
  await untilEqual('and the view', 1, () => countOf(footfall, { type: 'view' }))
  expect(await preflights(footfall)).toBe(0)

  const stranger = await chromium.visit(`http://shop.example:${site.port}/`)
  await stranger.getByRole('button').click()
  const refused = () => rejectedOf(footfall, 'origin_not_allowed')
  await until('the press and the view are refused', async () => (await refused()) >= 2)
  await stranger.close()
  await expectConservation(footfall)
  expect(await countOf(footfall, {})).toBe(2)
  expect(await preflights(footfall)).toBe(0)

  // The other way that browsers have: a type that needs a preflight, which is answered.
  const status = await local.evaluate(async (collector) => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${collector}/v1/interactions`, { method: 'POST', headers, body: '{"target":"By hand"}' })).status
  }, footfall.collector)
  expect(status).toBe(202)
  await untilEqual('its preflight is seen, so the others would have been', 1, () => preflights(footfall))
  await untilEqual('and it is counted', 1, () => countOf(footfall, { target: 'By hand' }))
  expect(await footfall.stop()).toBe(0)
})

async function countOf(footfall: Footfall, labels: Record<string, string>): Promise<number> {
  return sumOf(await scrape(`${footfall.metrics}/metrics`), 'footfall_interactions_total', labels)
}

async function rejectedOf(footfall: Footfall, reason: string): Promise<number> {
  return sumOf(await scrape(`${footfall.collector}/metrics`), 'footfall_rejected_total', { reason })
}

/** As the collector's own web server counts requests. */
async function preflights(footfall: Footfall): Promise<number> {
  const samples = await scrape(`${footfall.collector}/metrics/runtime`)
  expect(sumOf(samples, 'http_server_request_duration_seconds_count')).toBeGreaterThan(0)
  return sumOf(samples, 'http_server_request_duration_seconds_count', { http_request_method: 'OPTIONS' })
}
