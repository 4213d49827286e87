import type { Labels } from './prometheus'

export interface Sample {
  name: string
  labels: Labels
  value: number
}

/** Reads a `/metrics` page, the text format 0.0.4. */
export async function scrape(url: string): Promise<Sample[]> {
  const response = await fetch(url)
  if (!response.ok) {
    throw new Error(`${response.status} from ${url}`)
  }
  return (await response.text()).split('\n').flatMap((line) => {
    const [, name, labels, value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    return name === undefined ? [] : [{ name, labels: parseLabels(labels ?? ''), value: Number(value) }]
  })
}

/** The sum of a metric's samples with these labels. */
export function sumOf(samples: readonly Sample[], name: string, labels: Labels = {}): number {
  return samples
    .filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

function parseLabels(text: string): Labels {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)
  const unescape = (value: string) => value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  return Object.fromEntries([...pairs].map(([, name, value]) => [name!, unescape(value!)]))
}
