export type Labels = Record<string, string>

export interface Series {
  labels: Labels
  /** Unix seconds and value, in order. */
  samples: [time: number, value: number][]
}

interface Answer {
  status: 'success' | 'error'
  error?: string
  data: { resultType: string; result: unknown }
}

type Point = [number, string]

/** What Prometheus says, by its own HTTP API. */
export class Prometheus {
  constructor(readonly url: string) {}

  /** An instant query; a range vector selector (`name[1h]`) gives every sample as it was scraped. */
  async query(expr: string, time?: number): Promise<Series[]> {
    return this.#ask('query', { query: expr, ...(time === undefined ? {} : { time: `${time}` }) })
  }

  async range(expr: string, start: number, end: number, step: number): Promise<Series[]> {
    return this.#ask('query_range', { query: expr, start: `${start}`, end: `${end}`, step: `${step}` })
  }

  /** The one value of a query; undefined where there is none. */
  async value(expr: string): Promise<number | undefined> {
    return (await this.query(expr))[0]?.samples.at(-1)?.[1]
  }

  async #ask(endpoint: string, parameters: Record<string, string>): Promise<Series[]> {
    const response = await fetch(`${this.url}/api/v1/${endpoint}`, { method: 'POST', body: new URLSearchParams(parameters) })
    const answer = (await response.json()) as Answer
    if (answer.status !== 'success') {
      throw new Error(`${answer.error}: ${parameters['query']}`)
    }
    const { resultType, result } = answer.data
    if (resultType === 'scalar') {
      return [{ labels: {}, samples: [number(result as Point)] }]
    }
    return (result as { metric: Labels; value?: Point; values?: Point[] }[]).map(({ metric, value, values }) => ({
      labels: metric,
      samples: (values ?? [value!]).map(number),
    }))
  }
}

function number([time, value]: Point): [number, number] {
  return [time, value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value)]
}

/**
 * How much each series of a counter grew over all that Prometheus has: last sample minus first.
 * Throws where a series went back, if only for one sample.
 */
export async function growth(prometheus: Prometheus, counter: string): Promise<Map<string, number>> {
  const grown = new Map<string, number>()
  for (const { labels, samples } of await prometheus.query(`${counter}[1h]`)) {
    const name = seriesName(labels)
    for (const [index, [time, value]] of samples.entries()) {
      const before = samples[index - 1]?.[1] ?? 0
      if (value < before) {
        throw new Error(`${counter} ${name} went back from ${before} to ${value} at ${time}`)
      }
    }
    const by = samples.at(-1)![1] - samples[0]![1]
    if (by !== 0) {
      grown.set(name, (grown.get(name) ?? 0) + by)
    }
  }
  return grown
}

/** `click "Buy Now" /demo/` */
export function seriesName({ type, target, page }: { type?: string; target?: string; page?: string }): string {
  return [type ?? 'click', target === undefined ? '' : `"${target}"`, page ?? ''].filter((part) => part !== '').join(' ')
}
