import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { Analytics } from '@segment/analytics-node'
import { CloudEvent, emitterFor, HTTP, httpTransport, Mode } from 'cloudevents'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { expectConservation } from '../harness/conservation'
import { scrape, sumOf } from '../harness/exposition'
import type { Footfall } from '../harness/footfall'
import { repository } from '../harness/here'
import { Lossy } from '../harness/lossy'
import { freePort } from '../harness/ports'
import { scenario } from '../harness/scenario'
import { Site } from '../harness/site'
import { until, untilEqual } from '../harness/until'

// The vendors' own clients, as they come from npm. On their way answers get lost, so that they send again.

const KEY = 'shop-key-0123456789'

/** The part of analytics.js that its page uses. */
interface PageWithAnalytics {
  AnalyticsNext: {
    AnalyticsBrowser: {
      load(settings: object, options: object): {
        page(): Promise<unknown>
        identify(id: string, traits: object): Promise<unknown>
        track(event: string, properties: object): Promise<unknown>
      }
    }
  }
}

scenario("Segment's client for Node sends again what was not answered, and each call counts once", [], async ({ footfall }) => {
  const way = await upBehindLossyWay(footfall)
  const failed: unknown[] = []
  const analytics = new Analytics({ writeKey: KEY, host: way.url, flushAt: 5, flushInterval: 100, maxRetries: 20 })
  analytics.on('error', (error) => failed.push(error))
  const answers: unknown[] = []
  const done = (error: unknown) => answers.push(error)

  way.toLose = 2
  analytics.identify({ userId: 'ann@example.com', traits: { email: 'ann@example.com' } })
  analytics.page({ anonymousId: 'a-1', name: 'Pricing', properties: { path: '/pricing', url: 'https://shop.example/pricing?mail=ann' } }, done)
  for (const [at, event] of ['Enrolled', 'Enrolled', 'Bought'].entries()) {
    analytics.track({ anonymousId: `a-${at}`, event, properties: { value: 49.5, course: 'sql', cart: [{ sku: 1 }] } }, done)
  }
  await until('all calls are answered', () => answers.length === 4)
  expect([answers, failed]).toEqual([[undefined, undefined, undefined, undefined], []])
  expect([way.lost, way.posts]).toEqual([2, 3])
  await untilEqual('each is counted once', 4, () => countOf(footfall, { app: 'shop' }))
  expect(await countOf(footfall, { type: 'view', target: 'Pricing', page: '/pricing' })).toBe(1)
  expect(await countOf(footfall, { type: 'track', target: 'Enrolled' })).toBe(2)
  expect(await metricOf(footfall, 'footfall_interaction_value_total', { target: 'Bought' })).toBe(49.5)
  await untilEqual('what came again was seen as such', 8, () => metricOf(footfall, 'footfall_duplicates_total', {}))
  expect(await collectorOf(footfall, 'footfall_ignored_total', { kind: 'identify' })).toBe(3)

  // The collector is killed, and is back while the client tries.
  await footfall.kill()
  analytics.track({ userId: 'ann@example.com', event: 'Bought' }, done)
  await footfall.up()
  await until('the call is answered', () => answers.length === 5)
  await untilEqual('and counted', 2, () => countOf(footfall, { type: 'track', target: 'Bought' }))
  await analytics.closeAndFlush()
  expect([answers[4], failed]).toEqual([undefined, []])
  await expectConservation(footfall)
  expect(await footfall.stop()).toBe(0)
})

for (const [how, deliveryStrategy] of [
  ['one by one', { strategy: 'standard', config: {} }],
  ['in batches, with credentials', { strategy: 'batching', config: { size: 2, timeout: 100, credentials: 'include' } }],
] as const) {
  scenario(`Segment's client for browsers finds its settings here, and each call counts once (${how})`, ['chromium'], async ({ footfall, browser }) => {
    const way = await upBehindLossyWay(footfall)
    const site = await siteWithAnalytics()
    const chromium = await browser()
    const hosts = new Set<string>()
    chromium.context.on('request', (request) => hosts.add(new URL(request.url()).host))
    const page = await chromium.visit(`${site}/courses/12?mail=ann@example.com`)

    way.toLose = 2
    await page.evaluate(
      async ({ key, url, deliveryStrategy }) => {
        const { AnalyticsBrowser } = (window as unknown as PageWithAnalytics).AnalyticsNext
        const analytics = AnalyticsBrowser.load({ writeKey: key, cdnURL: url }, { integrations: { 'Segment.io': { deliveryStrategy } } })
        await analytics.page()
        await analytics.identify('ann@example.com', { email: 'ann@example.com' })
        await analytics.track('Enroll Now', { revenue: 49, course: 'sql' })
        await analytics.track('Enroll Now', { revenue: 49, course: 'sql' })
      },
      { key: KEY, url: way.url, deliveryStrategy },
    )

    await untilEqual('both tracks are counted', 2, () => countOf(footfall, { app: 'shop', type: 'track', target: 'Enroll Now', page: '/courses/:id' }))
    await untilEqual('and the view', 1, () => countOf(footfall, { type: 'view', page: '/courses/:id' }))
    await until('all that was lost has come again', async () => (await metricOf(footfall, 'footfall_duplicates_total', {})) + (await ignored(footfall)) >= way.lost + 1)
    expect(way.lost).toBe(2)
    expect(await countOf(footfall, {})).toBe(3)
    expect(await metricOf(footfall, 'footfall_interaction_value_total', {})).toBe(98)
    expect([...hosts].sort()).toEqual([new URL(site).host, new URL(way.url).host].sort())
    await expectConservation(footfall)
    expect(await footfall.stop()).toBe(0)
  })
}

scenario("CloudEvents' client in each mode: source and id together count once", [], async ({ footfall }) => {
  const way = await upBehindLossyWay(footfall)
  const transport = httpTransport(`${way.url}/v1/cloudevents?key=${KEY}`)
  const binary = emitterFor(transport, { binding: HTTP, mode: Mode.BINARY })
  const structured = emitterFor(transport, { binding: HTTP, mode: Mode.STRUCTURED })
  const click = { type: 'footfall.interaction.click', data: { target: 'Enroll Now', page: '/courses/12', visitor: 'v-1', value: 49.5 } }
  const events: CloudEvent<unknown>[] = [
    new CloudEvent({ id: '1', source: '/shop', ...click }),
    new CloudEvent({ id: '1', source: '/other', ...click }),
    new CloudEvent({ id: '2', source: '/shop', ...click, subject: 'x', partitionkey: 'v-1' }),
    new CloudEvent({ id: '3', source: 'https://orders.example/', type: 'com.example.order.paid', data: { mail: 'ann@example.com' } }),
  ]

  way.toLose = 3
  for (const event of events) {
    for (const emit of [binary, structured]) {
      await until('it is answered', async () => JSON.stringify((await emit(event)) as { body: string }).includes('accepted'))
    }
  }
  expect(way.lost).toBe(3)
  const batch = await fetch(`${way.url}/v1/cloudevents?key=${KEY}`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  })
  expect([batch.status, await batch.json()]).toEqual([202, { accepted: 4, rejected: [] }])

  await untilEqual('what came again was seen as such', 4 + 3 + 4, () => metricOf(footfall, 'footfall_duplicates_total', {}))
  await untilEqual('and each is counted once', 4, () => countOf(footfall, {}))
  expect(await countOf(footfall, { app: 'shop', type: 'click', target: 'Enroll Now', page: '/courses/:id' })).toBe(3)
  expect(await countOf(footfall, { app: 'shop', type: 'event', target: 'com.example.order.paid' })).toBe(1)
  expect(await metricOf(footfall, 'footfall_interaction_value_total', {})).toBe(148.5)
  await expectConservation(footfall)
  expect(await footfall.stop()).toBe(0)
})

scenario("OpenTelemetry's exporter: an event with an id counts once, one without counts as often as it came", [], async ({ footfall }) => {
  const way = await upBehindLossyWay(footfall)
  const exporter = new OTLPLogExporter({
    url: `${way.url}/v1/logs`,
    headers: { authorization: `Bearer ${KEY}` },
    compression: CompressionAlgorithm.GZIP,
    timeoutMillis: 60_000,
  })
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'web', 'session.id': 's-1' }),
    processors: [new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 60_000, exportTimeoutMillis: 60_000 })],
  })
  const logger = provider.getLogger('shop')

  way.toLose = 1
  for (const id of ['e-1', 'e-2', 'e-2']) {
    logger.emit({
      eventName: 'app.widget.click',
      attributes: { 'app.widget.name': 'Buy Now', 'event.id': id, 'url.full': 'https://shop.example/courses/12?mail=ann', 'user.email': 'ann@example.com', value: 49 },
    })
  }
  logger.emit({ eventName: 'course.enrolled' })
  logger.emit({ body: 'a line of a log' })
  await provider.forceFlush()
  expect([way.lost, way.posts]).toEqual([1, 2])

  await untilEqual('those with an id are counted once', 2, () => countOf(footfall, { app: 'shop', type: 'click', target: 'Buy Now', page: '/courses/:id' }))
  await untilEqual('that without one, twice', 2, () => countOf(footfall, { type: 'event', target: 'course.enrolled' }))
  expect(await metricOf(footfall, 'footfall_interaction_value_total', {})).toBe(98)
  expect(await collectorOf(footfall, 'footfall_ignored_total', { kind: 'log_record' })).toBe(2)
  await provider.shutdown()
  await expectConservation(footfall)
  expect(await footfall.stop()).toBe(0)
})

scenario('Our own script shows its write key, and without it nothing is taken', ['chromium'], async ({ footfall, browser }) => {
  await upBehindLossyWay(footfall)
  const chromium = await browser()
  for (const key of [`data-key="${KEY}"`, '']) {
    const site = await Site.open(`<script defer src="${footfall.collector}/footfall.js" ${key}></script>`)
    onTestFinished(() => site.close())
    await (await chromium.visit(`http://127.0.0.1:${site.port}/`)).getByRole('button').click()
  }
  await untilEqual('the view and the press with the key are counted', 2, () => countOf(footfall, { app: 'shop' }))
  await untilEqual('those without it are not taken', 2, () => collectorOf(footfall, 'footfall_rejected_total', { app: 'shop', reason: 'invalid_key' }))
  await expectConservation(footfall)
  expect(await countOf(footfall, {})).toBe(2)
  expect(await footfall.stop()).toBe(0)
})

/** One app with a write key, open to this machine's pages, which a program drives here. */
async function upBehindLossyWay(footfall: Footfall): Promise<Lossy> {
  const configuration = { Capture: { Apps: { shop: { Origins: ['local'], WriteKey: KEY, Bots: 'Count' } } } }
  writeFileSync(join(footfall.folder, 'footfall.json'), JSON.stringify(configuration))
  await footfall.up()
  const way = await Lossy.open(footfall.ports.collector)
  onTestFinished(() => way.close())
  return way
}

/** A page on an origin of its own, with analytics.js as it lies in its package. */
async function siteWithAnalytics(): Promise<string> {
  const script = readFileSync(join(repository, 'web/node_modules/@segment/analytics-next/dist/umd/index.js'))
  const server = createServer(({ url }, response) => {
    const isScript = url === '/analytics.js'
    response.writeHead(url === '/favicon.ico' ? 404 : 200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? script : '<!doctype html><title>A site</title><script src="/analytics.js"></script>')
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://localhost:${port}`
}

function countOf(footfall: Footfall, labels: Record<string, string>): Promise<number> {
  return metricOf(footfall, 'footfall_interactions_total', labels)
}

async function metricOf(footfall: Footfall, name: string, labels: Record<string, string>): Promise<number> {
  return sumOf(await scrape(`${footfall.metrics}/metrics`), name, labels)
}

async function collectorOf(footfall: Footfall, name: string, labels: Record<string, string>): Promise<number> {
  return sumOf(await scrape(`${footfall.collector}/metrics`), name, labels)
}

function ignored(footfall: Footfall): Promise<number> {
  return collectorOf(footfall, 'footfall_ignored_total', {})
}
