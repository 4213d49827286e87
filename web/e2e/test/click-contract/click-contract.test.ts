import { expect, onTestFinished } from 'vitest'
import { expectConservation } from '../../harness/conservation'
import { scrape, type Sample } from '../../harness/exposition'
import { scenario } from '../../harness/scenario'
import { Site } from '../../harness/site'
import { until } from '../../harness/until'
import { type Case, cases } from './cases'

scenario('Of each case of the click contract, exactly what it says arrives', ['chromium'], async ({ footfall, browser }) => {
  await footfall.up()
  const byPath = new Map(cases.map((one) => [pathOf(one), one]))
  expect(byPath.size, 'names are for one case each').toBe(cases.length)
  const site = await Site.open(`<script defer src="${footfall.collector}/footfall.js"></script>`, (path) =>
    path === '/elsewhere' ? '<p>Elsewhere</p>' : byPath.get(path)?.html,
  )
  onTestFinished(() => site.close())
  const { context } = await browser()

  for (const one of cases) {
    const page = await context.newPage()
    await page.goto(site.url + pathOf(one))
    await page.waitForFunction('!!window.footfall.off')
    await one.act(page)
    await page.close({ runBeforeUnload: true })
  }

  const wanted = Object.fromEntries(cases.map((one) => [one.name, expectation(one)]))
  const seen = () => scrape(`${footfall.metrics}/metrics`).then((samples) => Object.fromEntries(cases.map((one) => [one.name, arrived(one, samples)])))
  await until('everything has arrived', async () => JSON.stringify(await seen()) === JSON.stringify(wanted)).catch(() => {})
  // What comes beyond it would come with what is sent last.
  await expectConservation(footfall)
  expect(await seen()).toEqual(wanted)
  expect(await footfall.stop()).toBe(0)
})

const pathOf = ({ name }: Case) => `/contract/${name}`

/** `type target` of each, in the order of the alphabet, and the sum of their values. */
function expectation({ arrive, value = 0 }: Case): { arrive: string[]; value: number } {
  return { arrive: ['view ', ...arrive.map((one) => (one.startsWith('submit ') ? one : `click ${one}`))].sort(), value }
}

function arrived(one: Case, samples: readonly Sample[]): ReturnType<typeof expectation> {
  const of = (name: string) => samples.filter((sample) => sample.name === name && sample.labels['page'] === pathOf(one))
  const arrive = of('footfall_interactions_total').flatMap(({ labels, value }) =>
    Array.from({ length: value }, () => `${labels['type']} ${labels['target'] ?? ''}`),
  )
  return { arrive: arrive.sort(), value: of('footfall_interaction_value_total').reduce((sum, { value }) => sum + value, 0) }
}
