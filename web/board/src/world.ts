import { SILENCE, type World } from './live'
import type { Collector, Config, SeriesAnswer } from './wire'

const NOTHING = { detail: null, reason: null }
/** A proxy in maintenance may say an hour: who looks would take the page for dead. */
const LONGEST_WAIT = 30_000 // ms

/** The browser, as the connection sees it. Addresses are relative: the board may have a path of its own behind a proxy. */
export const world: World = {
  open(url) {
    const source = new EventSource(url)
    return {
      on: (type, heard) => source.addEventListener(type, (event: MessageEvent<string>) => heard(event.data)),
      onLost: (lost) => source.addEventListener('error', lost),
      close: () => source.close(),
    }
  },
  async ask(url) {
    const stop = new AbortController()
    const late = setTimeout(() => stop.abort(), SILENCE)
    try {
      const answer = await fetch(url, { signal: stop.signal })
      const { detail, reason } = answer.ok ? NOTHING : await problemOf(answer)
      const seconds = Number(answer.headers.get('Retry-After') ?? NaN)
      return { status: answer.status, detail, reason, retryAfter: seconds > 0 ? Math.min(seconds * 1000, LONGEST_WAIT) : null }
    } finally {
      clearTimeout(late)
      // What is not refused is a stream, and has no end.
      stop.abort()
    }
  },
  after(ms, act) {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

export async function loadSeries(query: string): Promise<SeriesAnswer> {
  const answer = await fetch(`api/v1/series?${query}`, { headers: { Accept: 'application/json' } })
  if (!answer.ok) {
    throw new Error((await problemOf(answer)).detail ?? `The metrics service answers ${answer.status}.`)
  }
  return (await answer.json()) as SeriesAnswer
}

/** What problem details say. A proxy's page of its own says nothing that could be shown here. */
async function problemOf(answer: Response): Promise<{ detail: string | null; reason: string | null }> {
  try {
    const { detail, title, reason } = (await answer.json()) as Record<string, unknown>
    return { detail: text(detail) ?? text(title), reason: text(reason) }
  } catch {
    return NOTHING
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** The apps there are, for who asked for one that isn't. */
export async function loadApps(): Promise<string[]> {
  const answer = await fetch('api/v1/totals', { headers: { Accept: 'application/json' } })
  return answer.ok ? ((await answer.json()) as { apps: string[] }).apps : []
}

/** Where the collector is; null where that is not known. */
export async function loadCollector(): Promise<Collector | null> {
  const answer = await fetch('config.json', { headers: { Accept: 'application/json' } })
  return answer.ok ? ((await answer.json()) as Config).collector : null
}
