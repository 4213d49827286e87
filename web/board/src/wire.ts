/** What the metrics service says, as docs/reference/http-api.md has it. Times are Unix, `at` in ms, seconds where it says so. */

export interface Visitors {
  '1m': number
  '5m': number
  '30m': number
}

export interface Now {
  second: number
  minute: number
  visitors: Visitors
  /** Seconds, over the last minute; null where nothing came. */
  delivery: { p50: number | null; p99: number | null }
}

export interface TargetRow {
  k: number
  type: string
  target: string
  pinned: boolean
  total: number
  value: number | null
  minute: number
}

export interface PageRow {
  k: number
  page: string
  total: number
  minute: number
}

export interface Funnel {
  name: string
  /** Seconds from the first step to the last. */
  window: number
  steps: { name: string; visitors: number }[]
}

export interface Interaction {
  at: number
  type: string
  target: string
  page: string
  value: number | null
  visitor: string | null
}

export interface Health {
  level: 'ok' | 'warn' | 'bad'
  message: string | null
  advice: string | null
  notReady: string | null
  lag: number
  written: number
  counted: number
  duplicates: number
  unreadable: number
  missed: number
  late: number
  unseen: number
  overflowed: number
  rejected: number | null
  accepted: number | null
  spool: { records: number; awaySeconds: number } | null
  log: 'embedded' | 'kafka'
  partitions: { partition: number; lag: number }[]
  totalsShown: boolean
  version: string
}

/** At Unix second s, target row k got n more. */
export type Increments = [second: number, rows: [k: number, n: number][]][]

export interface State {
  instance: string
  seq: number
  at: number
  app: string
  apps: string[]
  /** When the newest interaction that is counted came in; null before the first. */
  upTo: number | null
  total: number
  value: number | null
  now: Now
  targets: TargetRow[]
  moreTargets: number
  pages: PageRow[]
  morePages: number
  seconds: Increments
  funnels: Funnel[]
  stream: Interaction[]
  streamSkipped: number
  health: Health
}

/** Only what changed: what is absent is as it was. */
export type Tick = Pick<State, 'seq' | 'at'> & Partial<State>

export interface SeriesAnswer {
  app: string
  from: number
  to: number
  step: number
  since: number | null
  /** Which event of `live` this is as of; null: nobody follows the app. */
  seq: number | null
  series: { k: number | null; type?: string; target?: string; page?: string; counts: number[] }[]
  total: number[]
}

/** What config.json says. */
export interface Config {
  /** null: the collector is not of the same process. */
  collector: Collector | null
}

export interface Collector {
  scheme: 'http' | 'https'
  /** null: the name that one reached the board by. */
  host: string | null
  port: number
  hasDemo: boolean
}
