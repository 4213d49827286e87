import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { expectConservation } from '../harness/conservation'
import { scrape, sumOf } from '../harness/exposition'
import { freePort } from '../harness/ports'
import { Prometheus } from '../harness/prometheus'
import { onBothLogs, scenario } from '../harness/scenario'
import { until } from '../harness/until'

scenario('A port that is taken is told in one line', [], async ({ footfall }) => {
  const port = await taken()
  const options = ['--data', footfall.data, '--no-prometheus']
  expect(await footfall.run('up', ...options, '--collector-port', `${port}`)).toEqual({
    code: 3,
    output: `Footfall can't start: port ${port} for the collector is taken: give another with --collector-port.\n`,
  })
  expect(await footfall.run('up', ...options, '--collector-port', `${await freePort()}`, '--metrics-port', `${port}`)).toEqual({
    code: 3,
    output: `Footfall can't start: port ${port} for the metrics service is taken: give another with --metrics-port.\n`,
  })
  const alone = await footfall.run('collector', '--data', footfall.data, '--collector-port', `${port}`)
  expect(alone).toEqual({
    code: 3,
    output: `Footfall can't start: the collector can't listen on http://localhost:${port}: the port is taken. Another with --collector-port.\n`,
  })
})

scenario('An option that is wrong is told, with exit code 2', [], async ({ footfall }) => {
  const unknown = await footfall.run('up', '--colour', 'red')
  expect(unknown.code).toBe(2)
  expect(unknown.output).toContain('--colour')
  const noPort = await footfall.run('up', '--collector-port', '99999')
  expect(noPort.code).toBe(2)
  expect(noPort.output).toContain("--collector-port is '99999': must be a port from 1 to 65535")
  const tooMuch = await footfall.run('up', '--simulate', '0')
  expect(tooMuch.code).toBe(2)
  expect(tooMuch.output).toContain("--simulate is '0': must be from 1 to 50000 interactions a second")
})

scenario('A configuration file that is wrong is told with all its errors at once', [], async ({ footfall }) => {
  const configuration = {
    Capture: { Listen: 'everywhere', MaxBodyBytes: 5, Apps: { shop: { Origins: ['shop.example'] } } },
    Log: { Retention: '01:00:00' },
    Count: { DuplicateWindow: '02:00:00', MaxSeries: 0 },
  }
  writeFileSync(join(footfall.folder, 'footfall.json'), JSON.stringify(configuration))
  expect(await footfall.run('up', '--no-prometheus')).toEqual({
    code: 2,
    output: [
      "The configuration can't be used:",
      "  Capture:Listen is 'everywhere': must be an address such as http://localhost:8081",
      "  Capture:Apps:shop: origin 'shop.example': must be like https://shop.example, https://*.shop.example, local or *",
      '  Capture:MaxBodyBytes is 5: must be from 1024 to 67108864',
      '  Count:MaxSeries is 0: must be from 10 to 1000000',
      '  Log:Retention is 01:00:00, shorter than Count:DuplicateWindow (02:00:00): the window could not be rebuilt after a restart',
      '',
    ].join('\n'),
  })
  const missing = await footfall.run('up', '--config', 'nowhere.json')
  expect(missing.code).toBe(2)
  expect(missing.output).toContain('nowhere.json')
})

onBothLogs('Simulated visitors move the numbers', ['prometheus'], async ({ footfall }) => {
  await footfall.up('--simulate', '100')
  const prometheus = new Prometheus(footfall.prometheus)
  await until('Prometheus shows hundreds', async () => (await prometheus.value('sum(footfall_interactions_total)'))! > 300)
  for (const target of ['Enroll Now', 'Buy Now']) {
    await until(`${target} moves`, async () => (await prometheus.value(`sum(footfall_interactions_total{target="${target}"})`))! > 0)
  }
  expect(sumOf(await scrape(`${footfall.collector}/metrics`), 'footfall_rejected_total')).toBe(0)
  // Numbers move while it is looked at; the law holds in every scrape all the same.
  await expectConservation(footfall)
  expect(await footfall.stop()).toBe(0)
})

async function taken(): Promise<number> {
  const port = await freePort()
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return port
}
