/** What of the view is in the address, so that it can be shared. */
export interface View {
  app: string | null
  range: Range
  /** One target alone, or one page alone, or all. */
  only: Only
  targetSort: Sort
  pageSort: Sort
  targetFilter: string
  pageFilter: string
  streamFilter: string
  wall: boolean
  /** What the chart is zoomed to, Unix seconds; null: live. */
  zoom: readonly [from: number, to: number] | null
}

export type Range = '5m' | '30m' | '2h'
export const RANGES: readonly Range[] = ['5m', '30m', '2h']
const LONGEST = RANGES.at(-1)
export const SECONDS: Record<Range, number> = { '5m': 300, '30m': 1800, '2h': 7200 }

export type Only = { type: string; target: string } | { page: string } | null

export interface Sort {
  by: string
  down: boolean
}

const DEFAULT_SORT = '-total'
/** A filter longer than any name that the metrics service keeps finds nothing. */
const MAX_FILTER = 300

export function fromUrl(search: string): View {
  const query = new URLSearchParams(search)
  const range = query.get('range')
  const page = query.get('page')
  const type = query.get('type')
  const target = query.get('target')
  return {
    app: query.get('app') || null,
    range: RANGES.find((known) => known === range) ?? '5m',
    only: page !== null ? { page } : type !== null || target !== null ? { type: type ?? 'click', target: target ?? '' } : null,
    targetSort: sortOf(query.get('sort')),
    pageSort: sortOf(query.get('pagesort')),
    targetFilter: filterOf(query.get('find')),
    pageFilter: filterOf(query.get('findpage')),
    streamFilter: filterOf(query.get('stream')),
    wall: query.get('wall') === '1',
    zoom: zoomOf(query.get('from'), query.get('to')),
  }
}

/** Only what is not as it is by default: a plain view has a plain address. */
export function toUrl(view: View): string {
  const query = new URLSearchParams()
  if (view.app) query.set('app', view.app)
  if (view.range !== '5m') query.set('range', view.range)
  if (view.only && 'page' in view.only) {
    query.set('page', view.only.page)
  } else if (view.only) {
    query.set('type', view.only.type)
    query.set('target', view.only.target)
  }
  for (const [key, sort] of [['sort', view.targetSort], ['pagesort', view.pageSort]] as const) {
    if (sortText(sort) !== DEFAULT_SORT) query.set(key, sortText(sort))
  }
  for (const [key, filter] of [['find', view.targetFilter], ['findpage', view.pageFilter], ['stream', view.streamFilter]] as const) {
    if (filter !== '') query.set(key, filter)
  }
  if (view.wall) query.set('wall', '1')
  if (view.zoom) {
    query.set('from', String(view.zoom[0]))
    query.set('to', String(view.zoom[1]))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

export function sameOnly(a: Only, b: Only): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

export function sameZoom(a: View['zoom'], b: View['zoom']): boolean {
  return a?.[0] === b?.[0] && a?.[1] === b?.[1]
}

/** The shortest range, but none shorter than `range`, that reaches back so many seconds and, unless it is the longest, still will for a moment; null: none does. */
export function reaching(seconds: number, range: Range): Range | null {
  return RANGES.find((one) => SECONDS[one] >= SECONDS[range] && SECONDS[one] * (one === LONGEST ? 1 : 0.98) >= seconds) ?? null
}

/** Another click on what is alone shows all again. */
export function toggled(now: Only, chosen: Only): Only {
  return sameOnly(now, chosen) ? null : chosen
}

function sortOf(text: string | null): Sort {
  const given = text && /^-?[a-z]+$/.test(text) ? text : DEFAULT_SORT
  return given.startsWith('-') ? { by: given.slice(1), down: true } : { by: given, down: false }
}

function sortText({ by, down }: Sort): string {
  return down ? `-${by}` : by
}

function zoomOf(from: string | null, to: string | null): View['zoom'] {
  const seconds = [from, to].map((text) => (/^\d{1,11}$/.test(text ?? '') ? Number(text) : NaN))
  return seconds[0]! < seconds[1]! ? [seconds[0]!, seconds[1]!] : null
}

function filterOf(text: string | null): string {
  return (text ?? '').slice(0, MAX_FILTER)
}
