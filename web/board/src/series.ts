import { readable, targetName } from './format'
import type { Only } from './url'
import type { Increments, SeriesAnswer } from './wire'

export interface Line {
  /** The row of the live targets that adds to this line; null for (other), and for a page. */
  k: number | null
  key: string
  name: string
  type: string | null
  counts: number[]
}

/** What a row is called, for a line that begins while one looks. */
export type NameOf = (k: number) => { type: string; target: string } | undefined

const OTHER = '(other)'
/** As many lines as the server's answer has at most, without (other). */
const MAX_LINES = 10

/**
 * One answer of /api/v1/series, gone on with by the increments of live. Buckets of `step` seconds; the window is as long as the
 * answer was and slides, and as much again is kept behind it, for who has zoomed in and reads.
 */
export class Series {
  readonly step: number
  /** Buckets of the window. */
  readonly length: number
  readonly since: number | null
  readonly lines: Line[]
  readonly total: number[]
  /** When the first bucket that is kept begins, and the last one ends. Unix seconds. */
  from: number
  to: number
  readonly #only: Only

  /** `only`: what the answer is of; null: all targets. */
  constructor(answer: SeriesAnswer, only: Only) {
    this.step = answer.step
    this.from = answer.from
    this.to = answer.to
    this.since = answer.since
    this.length = Math.max(1, Math.round((answer.to - answer.from) / answer.step))
    this.total = fit(answer.total, this.length)
    this.lines = answer.series.map((line) => {
      const name = line.page !== undefined ? readable(line.page) : line.k === null ? (line.target ?? OTHER) : targetName(line.type ?? '', line.target ?? '')
      return { k: line.k, key: keyOf(line), name, type: line.type ?? null, counts: fit(line.counts, this.length) }
    })
    this.#only = only
  }

  /** Where the window begins. */
  get start(): number {
    return this.to - this.length * this.step
  }

  /** Lets the window reach this second. */
  advance(second: number): boolean {
    const to = (Math.floor(second / this.step) + 1) * this.step
    const more = Math.round((to - this.to) / this.step)
    if (more <= 0) {
      return false
    }
    // Further than all that is kept, be it after a night asleep or by a clock that is wrong: what is known is over.
    const zeros = Math.min(more, 2 * this.length)
    for (const counts of [this.total, ...this.lines.map((line) => line.counts)]) {
      for (let i = 0; i < zeros; i++) {
        counts.push(0)
      }
      counts.splice(0, Math.max(0, counts.length - 2 * this.length))
    }
    this.to = to
    this.from = to - this.total.length * this.step
    return true
  }

  /** Adds what live told; what is older than all that is kept has no place any more. */
  add(increments: Increments, nameOf: NameOf): void {
    for (const [second, rows] of increments) {
      this.advance(second)
      const bucket = Math.floor((second - this.from) / this.step)
      if (bucket < 0) {
        continue
      }
      for (const [k, n] of rows) {
        const line = this.#lineOf(k, nameOf)
        if (line) {
          line.counts[bucket] = (line.counts[bucket] ?? 0) + n
          this.total[bucket] = (this.total[bucket] ?? 0) + n
        }
      }
    }
  }

  /** Whether the ring of the server reached back to this bucket: else its 0 means nothing. */
  known(bucketStart: number): boolean {
    return this.since === null || bucketStart + this.step > this.since
  }

  /** All of the steps that a window has a part of: what can be summed. */
  whole([from, to]: readonly [number, number]): [from: number, to: number] {
    const first = Math.floor((from - this.from) / this.step)
    const end = Math.ceil((to - this.from) / this.step)
    return [this.from + Math.max(0, first) * this.step, Math.min(this.to, this.from + end * this.step)]
  }

  /** The counts of a line over the window, or over the same time before it. */
  sum(counts: readonly number[], from = this.start, to = this.to): number {
    const first = Math.max(0, Math.round((from - this.from) / this.step))
    const end = Math.round((to - this.from) / this.step)
    let sum = 0
    for (let i = first; i < end; i++) {
      sum += counts[i] ?? 0
    }
    return sum
  }

  /** The answer names what was there within its time. A row that it does not name begins now, or is of its rest. */
  #lineOf(k: number, nameOf: NameOf): Line | undefined {
    const line = this.lines.find((one) => one.k === k)
    const only = this.#only
    if (line || (only && 'page' in only)) {
      return line
    }
    const name = nameOf(k)
    if (only && !(name && name.type === only.type && name.target === only.target)) {
      return undefined
    }
    // What has no name of its own beyond the cap on series is the rest here, too.
    if (name && name.target !== OTHER && this.lines.filter((one) => !isOther(one)).length < MAX_LINES) {
      return this.#begin({ k, key: keyOf({ k, ...name }), name: targetName(name.type, name.target), type: name.type })
    }
    return this.lines.find(isOther) ?? this.#begin({ k: null, key: OTHER, name: OTHER, type: null })
  }

  #begin(line: Omit<Line, 'counts'>): Line {
    const begun = { ...line, counts: new Array<number>(this.total.length).fill(0) }
    const other = this.lines.findIndex(isOther)
    this.lines.splice(other === -1 || isOther(begun) ? this.lines.length : other, 0, begun)
    return begun
  }
}

/** What a line is, whichever instance numbers the rows. */
export function keyOf(line: { k: number | null; type?: string; target?: string; page?: string }): string {
  return line.page !== undefined ? JSON.stringify([line.page]) : line.k === null ? OTHER : JSON.stringify([line.type, line.target])
}

export function isOther(line: Pick<Line, 'key'>): boolean {
  return line.key === OTHER
}

function fit(counts: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, index) => counts[index] ?? 0)
}
