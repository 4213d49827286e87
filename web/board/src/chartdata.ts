import { isOther, type Line, type Series } from './series'

/** Columns of the chart: one or more buckets of a series each. */
export interface Columns {
  /** When the first one begins, and how long each is. Unix seconds. */
  from: number
  width: number
  starts: number[]
  /** How many seconds of a column are over: all, but for the last one. */
  seconds: number[]
  known: boolean[]
  total: number[]
  lines: { line: Line; counts: number[] }[]
}

/** Narrower columns than this, in CSS pixels, are confetti and not a picture. */
const NARROWEST = 8
const FACTORS = [1, 2, 5, 10, 15, 30, 60]

/** How many buckets make a column, so that it can be seen. */
export function factorOf(seconds: number, step: number, pixels: number): number {
  const buckets = seconds / step
  return FACTORS.find((factor) => (pixels * factor) / buckets >= NARROWEST) ?? FACTORS.at(-1)!
}

/** Columns begin at multiples of their width, so they stay what they are while the window slides. `now`: Unix seconds. */
export function columnsOf(series: Series, factor: number, now: number): Columns {
  const width = series.step * factor
  const from = Math.floor(series.from / width) * width
  const n = Math.ceil((series.to - from) / width)
  const columnOf = (bucket: number): number => Math.floor((series.from + bucket * series.step - from) / width)
  const summed = (counts: readonly number[]): number[] => {
    const sums = new Array<number>(n).fill(0)
    counts.forEach((count, bucket) => (sums[columnOf(bucket)]! += count))
    return sums
  }
  const starts = Array.from({ length: n }, (_, i) => from + i * width)
  return {
    from,
    width,
    starts,
    seconds: starts.map((start) => Math.max(1, Math.min(width, Math.floor(now) + 1 - start))),
    known: starts.map((start) => start + width > (series.since ?? -Infinity)),
    total: summed(series.total),
    lines: series.lines.map((line) => ({ line, counts: summed(line.counts) })),
  }
}

/** For each line the upper edge of what is drawn, a second, the topmost first: what comes later is drawn over it. */
export interface Stack {
  lines: Line[]
  edges: (number | null)[][]
}

/** What a column's height says: how many a second, or how many in it, which are whole ones. */
export type Unit = 'second' | 'column'

/** Where less than one comes a second, a rate is a fraction that nobody has seen happen. It changes late, so that it stays what one reads. */
export function unitOf(columns: Columns, before: Unit | null): Unit {
  // The last one is not over.
  const most = Math.max(0, ...columns.total.slice(0, -1)) / columns.width
  return most < (before === 'second' ? 0.75 : before === 'column' ? 1.5 : 1) ? 'column' : 'second'
}

/** Lines stand on each other, so that the outline is the total: the busiest at the bottom, where it is read best, (other) on top. */
export function stackOf(columns: Columns, unit: Unit = 'second'): Stack {
  const lines = [...columns.lines.filter(({ line }) => !isOther(line)), ...columns.lines.filter(({ line }) => isOther(line))]
  const sums = columns.starts.map(() => 0)
  const edges = lines.map(({ counts }) =>
    counts.map((count, i) => {
      sums[i]! += unit === 'second' ? count / columns.seconds[i]! : count
      return columns.known[i] ? sums[i]! : null
    }),
  )
  return { lines: lines.map(({ line }) => line).reverse(), edges: edges.reverse() }
}

/** The next round number that leaves some air, so that the scale is still while the top moves. */
export function ceiling(max: number): number {
  const wanted = max > 0 ? max * 1.1 : 2
  const power = 10 ** Math.floor(Math.log10(wanted))
  const round = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= wanted) ?? 10
  return round * power
}

/** A scale goes up at once, and down only when it is far too high: else it would breathe. */
export function calmCeiling(now: number, max: number): number {
  const wanted = ceiling(max)
  return wanted > now || wanted < now * 0.55 ? wanted : now
}
