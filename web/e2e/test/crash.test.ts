import { expect } from 'vitest'
import { press } from '../harness/browser'
import { expectConservation } from '../harness/conservation'
import { growth, Prometheus } from '../harness/prometheus'
import { onBothLogs } from '../harness/scenario'
import { Stream } from '../harness/stream'
import { until, untilEqual } from '../harness/until'

const CRASHES = 2
const PRESSES = 4 // around each crash

onBothLogs('kill -9 loses nothing that was accepted, and counts nothing twice', ['chromium', 'prometheus'], async ({ footfall, browser }) => {
  await footfall.up()
  const shop = await (await browser()).visit(`${footfall.collector}/demo/`)
  const prometheus = new Prometheus(footfall.prometheus)
  const stream = new Stream(footfall.collector, 'Lesson Done')
  const totalOf = (target: string) => prometheus.value(`sum(footfall_interactions_total{target="${target}"})`)

  for (let crash = 1; crash <= CRASHES; crash++) {
    const before = stream.accepted
    stream.start()
    await until('a stream of interactions', () => stream.accepted > before + 200)
    const pressing = (async () => {
      for (let i = 0; i < PRESSES; i++) {
        await press(shop, 'Enroll Now', i % 2)
      }
    })()
    await footfall.kill()
    await Promise.all([pressing, stream.ended()])
    expect(stream.unanswered.length).toBeGreaterThan(0)

    await footfall.up()
    await untilEqual('what the page kept arrives', crash * PRESSES, () => totalOf('Enroll Now'))
    await expectConservation(footfall)
    // Prometheus may be a scrape behind; what was accepted has to come, and nothing that was never sent.
    const counted = await until('all that was accepted is shown', async () => {
      const shown = (await totalOf(stream.target)) ?? 0
      if (shown < stream.accepted) {
        throw new Error(`${shown} of ${stream.accepted}`)
      }
      return shown
    })
    expect(counted).toBeLessThanOrEqual(stream.sent)

    await stream.sendAgain()
    await untilEqual('what was not answered for is there once', stream.accepted, () => totalOf(stream.target))
  }

  await expectConservation(footfall)
  const grown = await growth(prometheus, 'footfall_interactions_total')
  expect(grown.get(`click "${stream.target}" /lessons`)).toBe(stream.accepted)
  expect(grown.get('click "Enroll Now" /demo')).toBe(CRASHES * PRESSES)
  const values = await growth(prometheus, 'footfall_interaction_value_total')
  expect(values.get(`click "${stream.target}" /lessons`)).toBeCloseTo(stream.accepted / 10, 6)
  expect(await footfall.stop()).toBe(0)
})
