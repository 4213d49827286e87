import { describe, expect, test } from 'vitest'
import { chartText, momentText } from '../src/chart'
import { calmCeiling, ceiling, columnsOf, factorOf, stackOf, unitOf } from '../src/chartdata'
import { isOther, Series } from '../src/series'
import type { SeriesAnswer } from '../src/wire'

const T = 1_764_141_600

const BUY = { type: 'click', target: 'Buy Now' }
const TEN = Array.from({ length: 10 }, (_, k) => ({ k: k + 50, type: 'click', target: `Button ${k + 50}`, counts: [1] }))
const REST = { k: null, target: '(other)', counts: [1] }

const nameOf = (k: number): { type: string; target: string } | undefined => (k < 100 ? { type: 'click', target: `Button ${k}` } : undefined)

function answer(more: Partial<SeriesAnswer> = {}): SeriesAnswer {
  return {
    app: 'shop',
    from: T - 10,
    to: T,
    step: 1,
    since: null,
    seq: null,
    series: [
      { k: 0, type: 'click', target: 'Buy Now', counts: [0, 1, 0, 0, 0, 0, 0, 0, 0, 2] },
      { k: null, target: '(other)', counts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
    ],
    total: [1, 1, 0, 0, 0, 0, 0, 0, 0, 2],
    ...more,
  }
}

const countsOf = (series: Series, k: number | null): number[] | undefined => series.lines.find((line) => line.k === k)?.counts

describe('a series goes on', () => {
  test('with increments of its last second, of the past and of the next', () => {
    const series = new Series(answer(), null)
    series.add([[T - 1, [[0, 3]]], [T - 9, [[0, 1]]], [T, [[0, 4]]]], nameOf)
    expect(countsOf(series, 0)).toEqual([0, 2, 0, 0, 0, 0, 0, 0, 0, 5, 4])
    expect(series.total).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 0, 5, 4])
    expect(series.to).toBe(T + 1)
    expect(series.start).toBe(T - 9)
  })

  test('over seconds in which nothing happened', () => {
    const series = new Series(answer(), null)
    series.add([[T + 3, [[0, 1]]]], nameOf)
    expect(countsOf(series, 0)!.slice(-4)).toEqual([0, 0, 0, 1])
    expect(series.to).toBe(T + 4)
  })

  test('in buckets of its step', () => {
    const series = new Series(answer({ from: T - 20, step: 5, total: [0, 0, 0, 1], series: [{ k: 0, type: 'click', target: 'Buy Now', counts: [0, 0, 0, 1] }] }), null)
    series.add([[T - 1, [[0, 1]]], [T, [[0, 1]]], [T + 4, [[0, 1]]], [T + 5, [[0, 1]]]], nameOf)
    expect(countsOf(series, 0)).toEqual([0, 0, 0, 2, 2, 1])
    expect(series.to).toBe(T + 10)
  })

  test('with a window that slides, and as much again behind it', () => {
    const series = new Series(answer(), null)
    for (let s = T; s < T + 100; s++) {
      series.add([[s, [[0, 1]]]], nameOf)
    }
    expect(series.total).toHaveLength(20)
    expect(series.from).toBe(T + 80)
    expect(series.sum(series.total)).toBe(10)
    expect(series.sum(series.total, series.from, series.start)).toBe(10)
  })

  test('without what is older than all it keeps', () => {
    const series = new Series(answer(), null)
    series.add([[T - 11, [[0, 5]]]], nameOf)
    expect(series.sum(series.total)).toBe(4)
  })

  test('also after a night, or a clock that is years ahead, without growing', () => {
    const series = new Series(answer(), null)
    series.add([[T + 10 ** 9, [[0, 1]]]], nameOf)
    expect(series.total).toHaveLength(20)
    expect(series.sum(series.total)).toBe(1)
  })

  test('where the total is the sum of its lines, whatever comes', () => {
    const series = new Series(answer(), null)
    let seed = 7
    const random = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n
    for (let i = 0; i < 500; i++) {
      series.add([[T + Math.floor(i / 5) - random(30), [[random(30), random(4)]]]], nameOf)
    }
    series.total.forEach((total, bucket) => expect(series.lines.reduce((sum, line) => sum + line.counts[bucket]!, 0)).toBe(total))
  })
})

describe('what has no line', () => {
  test('belongs to (other), where ten have one and the rest counted it before', () => {
    const series = new Series(answer({ series: [...TEN, REST] }), null)
    series.add([[T - 1, [[42, 1]]]], nameOf)
    expect(countsOf(series, null)!.at(-1)).toBe(1)
    expect(series.lines).toHaveLength(11)
  })

  test.each<[string, SeriesAnswer['series']]>([
    ['nothing', []],
    ['an (other) without a count', [{ k: null, target: '(other)', counts: new Array<number>(10).fill(0) }]],
    ['fewer than ten and an (other) beside them', [...TEN.slice(1), REST]],
  ])('begins one, where the answer has %s', (_, lines) => {
    const series = new Series(answer({ series: lines, total: new Array<number>(10).fill(0) }), null)
    series.add([[T - 1, [[42, 1]]]], nameOf)
    expect(series.lines.find(({ k }) => k === 42)).toMatchObject({ name: 'Button 42', type: 'click', counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] })
    expect(series.lines.findIndex(isOther)).toBe(lines.some(({ k }) => k === null) ? series.lines.length - 1 : -1)
  })

  test('is (other) where that is its name, beyond the cap on series', () => {
    const series = new Series(answer({ series: [], total: [] }), null)
    series.add([[T - 1, [[7, 1]]]], () => ({ type: 'click', target: '(other)' }))
    expect(series.lines).toMatchObject([{ k: null, name: '(other)' }])
  })

  test('is (other) from the eleventh on, and without a name', () => {
    const series = new Series(answer({ series: [], total: new Array<number>(10).fill(0) }), null)
    series.add([[T - 1, [[200, 1]]]], nameOf)
    expect(series.lines.map(({ name }) => name)).toEqual(['(other)'])
    const many = new Series(answer({ series: [], total: new Array<number>(10).fill(0) }), null)
    many.add([[T - 1, Array.from({ length: 12 }, (_, k): [number, number] => [k, 1])]], nameOf)
    expect(many.lines).toHaveLength(11)
    expect(countsOf(many, null)!.at(-1)).toBe(2)
  })

  test('is nothing where one target is alone', () => {
    const series = new Series(answer({ series: [{ k: 0, type: 'click', target: 'Buy Now', counts: [] }], total: [] }), BUY)
    series.add([[T - 1, [[0, 2], [1, 5]]]], nameOf)
    expect(series.total.at(-1)).toBe(2)
  })

  test('begins one, where one target is alone and had nothing yet, as on a tile', () => {
    const series = new Series(answer({ series: [], total: [] }), { type: 'click', target: 'Button 1' })
    series.add([[T - 1, [[0, 2], [1, 5], [200, 1]]]], nameOf)
    expect(series.lines).toMatchObject([{ k: 1, name: 'Button 1' }])
    expect(series.total.at(-1)).toBe(5)
  })
})

describe('what the server does not know', () => {
  test('is not 0', () => {
    const series = new Series(answer({ since: T - 4 }), null)
    const columns = columnsOf(series, 1, T)
    expect(columns.known).toEqual([false, false, false, false, false, false, true, true, true, true])
    expect(stackOf(columns).edges[0]!.slice(0, 7)).toEqual([null, null, null, null, null, null, 0])
  })

  test('is told of a column that is known in part', () => {
    const series = new Series(answer({ from: T - 20, step: 5, since: T - 8, total: [0, 0, 3, 0] }), null)
    expect([T - 20, T - 15, T - 10, T - 5].map((start) => series.known(start))).toEqual([false, false, true, true])
  })
})

describe('columns', () => {
  test('are as wide as can be seen', () => {
    expect(factorOf(300, 1, 3000)).toBe(1)
    expect(factorOf(300, 1, 900)).toBe(5)
    expect(factorOf(300, 1, 300)).toBe(10)
    expect(factorOf(7200, 20, 1)).toBe(60)
  })

  test('stay what they are while the window slides', () => {
    const series = new Series(answer({ from: T - 7, total: [1, 1, 1, 1, 1, 1, 1], series: [{ k: 0, type: 'click', target: 'Buy Now', counts: [1, 1, 1, 1, 1, 1, 1] }] }), null)
    const at = (columns: ReturnType<typeof columnsOf>, start: number): number | undefined => columns.total[columns.starts.indexOf(start)]
    const before = columnsOf(series, 5, T - 1)
    series.add([[T, [[0, 1]]]], nameOf)
    const after = columnsOf(series, 5, T)
    expect(at(before, T - 5)).toBe(5)
    expect(at(after, T - 5)).toBe(5)
    expect(after.starts.every((start) => start % 5 === 0)).toBe(true)
  })

  test('of which a part is over show the rate of that part', () => {
    const series = new Series(answer({ from: T - 10, to: T, step: 5, total: [0, 4], series: [{ k: 0, type: 'click', target: 'Buy Now', counts: [0, 4] }] }), null)
    expect(stackOf(columnsOf(series, 1, T - 4)).edges[0]).toEqual([0, 2])
    expect(stackOf(columnsOf(series, 1, T - 1)).edges[0]).toEqual([0, 0.8])
  })

  test('stand on each other: the topmost edge is the total, (other) is on top', () => {
    const series = new Series(answer(), null)
    const { lines, edges } = stackOf(columnsOf(series, 1, T))
    expect(lines.map(({ name }) => name)).toEqual(['(other)', 'Buy Now'])
    expect(edges[0]).toEqual(series.total)
    expect(edges[1]).toEqual(countsOf(series, 0))
  })
})

describe('the scale', () => {
  test('is a round number with some air', () => {
    expect([0, 0.3, 1, 5, 9, 11, 95, 1234].map(ceiling)).toEqual([2, 0.4, 1.5, 6, 10, 15, 150, 1500])
  })

  test('goes up at once and down late', () => {
    expect(calmCeiling(10, 12)).toBe(15)
    expect(calmCeiling(15, 9)).toBe(15)
    expect(calmCeiling(15, 4)).toBe(5)
  })
})

describe('the unit', () => {
  const of = (n: number): ReturnType<typeof columnsOf> => {
    const counts = [n, 0, 0, 0, 0, 0, 0, 0, 0, 99]
    return columnsOf(new Series(answer({ from: T - 50, to: T, step: 5, total: counts, series: [{ k: 0, ...BUY, counts }] }), null), 1, T - 1)
  }

  test('is whole ones in a column while less than one comes a second, and stays what it is for a while', () => {
    expect([0, 4, 5, 20].map((n) => unitOf(of(n), null))).toEqual(['column', 'column', 'second', 'second'])
    expect([unitOf(of(7), 'column'), unitOf(of(8), 'column'), unitOf(of(4), 'second'), unitOf(of(3), 'second')]).toEqual(['column', 'second', 'second', 'column'])
    expect(stackOf(of(3), 'column').edges[0]![0]).toBe(3)
    expect(stackOf(of(3), 'second').edges[0]![0]).toBe(0.6)
  })

  test('is said of a moment', () => {
    const series = new Series(answer(), null)
    const moment = { start: T, seconds: 5, known: true, total: 1, counts: new Map([[series.lines[0]!.key, 1]]) }
    expect(momentText({ ...moment, unit: 'column' }, series)).toMatch(/^[\d:]+: 1 in 5 s; Buy Now 1$/)
    expect(momentText({ ...moment, unit: 'second' }, series)).toMatch(/^[\d:]+: 0.2 a second; Buy Now 0.2$/)
  })
})

describe('the chart in words', () => {
  const words = (counts: number[], step = 1): string =>
    chartText(new Series(answer({ from: T - 10 * step, step, total: counts, series: [{ k: 0, ...BUY, counts }] }), null), '5 minutes')

  test('sums whole steps of what is zoomed to, and says which', () => {
    const series = new Series(answer({ from: T - 100, step: 20, total: [20, 20, 20, 20, 20], series: [] }), null)
    expect(series.whole([T - 71, T - 49])).toEqual([T - 80, T - 40])
    expect(series.sum(series.total, ...series.whole([T - 71, T - 49]))).toBe(40)
    expect(series.whole([T - 60, T - 40])).toEqual([T - 60, T - 40])
    expect(series.whole([T - 1_000, T + 1_000])).toEqual([T - 100, T])
  })

  test('says of what is zoomed to what is seen there', () => {
    const counts = [0, 0, 0, 3, 1, 0, 0, 0, 0, 9]
    const series = new Series(answer({ from: T - 10, step: 1, total: counts, series: [{ k: 0, ...BUY, counts }] }), null)
    expect(chartText(series, '5 minutes', [T - 8.2, T - 4.6])).toMatch(/^4 interactions from [\d:]+ to [\d:]+; most at [\d:]+, 3 a second; busiest: Buy Now 4\. /)
    expect(chartText(series, '5 minutes', [T - 5, T - 2])).toMatch(/^0 interactions from [\d:]+ to [\d:]+\. /)
  })

  test('counts one as one, and says no fraction of one', () => {
    expect(words([])).toBe('0 interactions in the last 5 minutes. Arrow keys read it moment by moment.')
    expect(words([1], 5)).toMatch(/^1 interaction in the last 5 minutes; most at [\d:]+, 1 in 5 s; busiest: Buy Now 1\. /)
    expect(words([1_200])).toMatch(/^1,200 interactions in the last 5 minutes; most at [\d:]+, 1,200 a second; busiest: Buy Now 1,200\. /)
  })
})
