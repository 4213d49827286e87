import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import { repository } from '../harness/here'
import { Prometheus, type Series } from '../harness/prometheus'
import { scenario } from '../harness/scenario'
import { until } from '../harness/until'

/** As `npm run -s queries -w dashboards` prints it. */
interface PanelQuery {
  dashboard: string
  panel: string
  refId: string
  expr: string
  instant: boolean
  interval?: string
}

const SPAN = 75 // s of samples: the widest range below and what is scraped every 15 s, twice

scenario('Every query of every panel finds data', ['prometheus'], async ({ footfall }) => {
  await footfall.up('--simulate', '200')
  const prometheus = new Prometheus(footfall.prometheus)
  const queries = JSON.parse(
    execFileSync('npm', ['run', '-s', 'queries', '-w', 'dashboards'], { cwd: `${repository}/web`, encoding: 'utf8' }),
  ) as PanelQuery[]
  expect(queries.length).toBeGreaterThan(0)
  await until('there are samples of a minute', async () => span(await prometheus.query('up[10m]')) >= SPAN, 3 * 60_000)

  const found: string[] = []
  const end = Date.now() / 1_000
  for (const query of queries) {
    const expr = filledIn(query)
    const answers = [() => prometheus.query(expr, end), () => prometheus.range(expr, end - 15, end, query.interval === '15s' ? 15 : 5)]
    for (const [form, ask] of Object.entries({ instant: answers[0]!, range: answers[1]! })) {
      const trouble = await ask().then(troubleWith, (error: Error) => error.message)
      if (trouble !== undefined) {
        found.push(`${query.dashboard}, ${query.panel}, ${query.refId} (${form}): ${trouble}: ${expr}`)
      }
    }
  }
  expect(found).toEqual([])
  expect(await footfall.stop()).toBe(0)
})

/** What Grafana would put in, for short ranges. */
function filledIn({ expr, interval }: PanelQuery): string {
  const values: Record<string, string> = {
    app: '.*',
    compare: '10s',
    __rate_interval: interval === '15s' ? '60s' : '20s',
    __interval: interval ?? '1s',
    __range: '60s',
  }
  return expr.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) {
      throw new Error(`Nobody says what ${whole} is, in ${expr}`)
    }
    return value
  })
}

function troubleWith(answer: Series[]): string | undefined {
  if (answer.length === 0) {
    return 'no data'
  }
  const numbers = answer.flatMap(({ samples }) => samples.map(([, value]) => value))
  return numbers.every(Number.isNaN) ? 'nothing but NaN' : undefined
}

/** How many seconds the series with the fewest reaches over. */
function span(series: Series[]): number {
  return Math.min(...series.map(({ samples }) => samples.at(-1)![0] - samples[0]![0]))
}
