import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import { press } from '../harness/browser'
import { scenario } from '../harness/scenario'
import { until } from '../harness/until'

interface Record {
  key: string | null
  payload: string
  headers: string[]
  ts: number
}

const VISITOR = '0193a5c0-0000-7000-8000-00000000aaaa'

scenario('Records on Kafka can be read by anyone: JSON with CloudEvents headers, by visitor', ['chromium', 'kcat'], async ({ footfall, browser }) => {
  await footfall.up()
  const at = Date.now() - 3_600_000
  const sent = {
    id: '0193a5c0-0000-7000-8000-000000000001',
    app: 'demo',
    type: 'purchase',
    target: '  Buy \n Now ',
    page: 'https://shop.example/courses/42/?utm_source=letter#price',
    visitor: VISITOR,
    session: 's-1',
    at,
    value: 24.5,
    properties: { course: 'houseplants “that live”', seats: 2, gift: false },
    unheardOf: 'left out',
  }
  const response = await fetch(`${footfall.collector}/v1/interactions`, { method: 'POST', body: JSON.stringify(sent) })
  expect(response.status).toBe(202)

  const record = await until('the record', () => records(footfall.bootstrapServers).find(({ key }) => key === VISITOR))
  const { received } = JSON.parse(record.payload) as { received: string }
  expect(received).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(Date.now() - Date.parse(received)).toBeLessThan(120_000)
  // Everything but the moment it was received, to the byte.
  expect(record.payload.replace(received, 'RECEIVED')).toBe(
    `{"id":"0193a5c0-0000-7000-8000-000000000001","app":"demo","type":"purchase","target":"Buy Now","page":"/courses/:id",` +
      `"visitor":"${VISITOR}","received":"RECEIVED","value":24.5,"at":"${new Date(at).toISOString()}","session":"s-1",` +
      `"properties":{"course":"houseplants “that live”","seats":2,"gift":false}}`,
  )
  expect(pairs(record.headers)).toEqual([
    ['ce_specversion', '1.0'],
    ['ce_id', sent.id],
    ['ce_source', '/apps/demo'],
    ['ce_type', 'footfall.interaction.purchase'],
    ['ce_time', received],
    ['content-type', 'application/json'],
  ])
  // The broker stamps records with their arrival, by which it keeps them.
  expect(record.ts).toBeGreaterThanOrEqual(Date.parse(received))

  // What a browser sends comes through as it is, with the moment it was received.
  const chromium = await browser()
  const shop = await chromium.visit(`${footfall.collector}/demo/`)
  await press(shop, 'Buy Now')
  const pressed = await until('the press is sent', () => [...chromium.sent.values()].find(({ target }) => target === 'Buy Now'))
  const stored = await until('its record', () => records(footfall.bootstrapServers).find(({ payload }) => payload.includes(pressed.id)))
  expect(JSON.parse(stored.payload)).toEqual({
    ...pressed,
    type: 'click',
    page: '/demo',
    at: new Date(pressed.at).toISOString(),
    received: expect.any(String),
  })
  expect(stored.key).toBe(pressed.visitor)
  expect(await footfall.stop()).toBe(0)
}, 'kafka')

function records(bootstrapServers: string): Record[] {
  const output = execFileSync('kcat', ['-C', '-q', '-e', '-J', '-b', bootstrapServers, '-t', 'footfall.interactions'], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  return output.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record)
}

function pairs(headers: string[]): [string, string][] {
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]!] as [string, string]] : []))
}
