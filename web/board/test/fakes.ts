import { readFileSync } from 'node:fs'
import type { Health, State, TargetRow, Tick } from '../src/wire'

export const HEALTH: Health = {
  level: 'ok',
  message: null,
  advice: null,
  notReady: null,
  lag: 2,
  written: 500,
  counted: 480,
  duplicates: 15,
  unreadable: 1,
  missed: 2,
  late: 0,
  unseen: 0,
  overflowed: 0,
  rejected: null,
  accepted: null,
  spool: null,
  log: 'embedded',
  partitions: [{ partition: 0, lag: 2 }],
  totalsShown: true,
  version: '0.1.0',
}

export function row(k: number, target: string, total = 0, more: Partial<TargetRow> = {}): TargetRow {
  return { k, type: 'click', target, pinned: false, total, value: null, minute: 0, ...more }
}

export function state(more: Partial<State> = {}): State {
  return {
    instance: 'k3x9',
    seq: 17,
    at: 1_764_141_600_123,
    app: 'shop',
    apps: ['demo', 'shop'],
    upTo: 1_764_141_600_010,
    total: 123,
    value: 1298.5,
    now: { second: 3, minute: 120, visitors: { '1m': 3, '5m': 5, '30m': 9 }, delivery: { p50: 0.21, p99: 0.45 } },
    targets: [row(0, 'Buy Now', 12), row(1, 'Enroll Now', 9)],
    moreTargets: 0,
    pages: [{ k: 3, page: '/courses/:course', total: 40, minute: 2 }],
    morePages: 0,
    seconds: [],
    funnels: [],
    stream: [],
    streamSkipped: 0,
    health: HEALTH,
    ...more,
  }
}

export function tick(seq: number, more: Partial<Tick> = {}): Tick {
  return { seq, at: 1_764_141_600_123 + seq * 200, ...more }
}

export const html = readFileSync(`${import.meta.dirname}/../index.html`, 'utf8')

/** The page as it is before any script has run. */
export function showPage(): void {
  const parsed = new DOMParser().parseFromString(html.slice(html.indexOf('<body>')), 'text/html')
  document.body.replaceChildren(...[...parsed.body.childNodes].map((node) => document.importNode(node, true)))
}
