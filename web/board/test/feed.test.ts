import { describe, expect, test } from 'vitest'
import { AGAIN_MS, Feed } from '../src/feed'
import type { SeriesAnswer } from '../src/wire'
import { tick } from './fakes'

const T = Math.floor(tick(0).at / 1000)
const QUESTION = { query: 'range=5m', only: null, againMs: 60_000 }
const nameOf = (): undefined => undefined

function answer(more: Partial<SeriesAnswer> = {}): SeriesAnswer {
  return { app: 'shop', from: T - 9, to: T + 1, step: 1, since: null, seq: null, series: [{ k: 0, type: 'click', target: 'Buy Now', counts: new Array<number>(10).fill(0) }], total: new Array<number>(10).fill(0), ...more }
}

/** Answers when told to. */
function server(): { load: (query: string) => Promise<SeriesAnswer>; asked: string[]; answer: (answer: SeriesAnswer | Error) => Promise<void> } {
  const waiting: ((answer: SeriesAnswer | Error) => void)[] = []
  const asked: string[] = []
  return {
    asked,
    load: (query) => {
      asked.push(query)
      return new Promise((resolve, reject) => waiting.push((given) => (given instanceof Error ? reject(given) : resolve(given))))
    },
    answer: async (given) => {
      waiting.shift()!(given)
      await new Promise((resolve) => setTimeout(resolve))
    },
  }
}

const sum = (feed: Feed): number | undefined => feed.series?.total.reduce((all, n) => all + n, 0)

describe('a series and what live tells', () => {
  test('meet without a hole and without counting twice, where the answer says what it is as of', async () => {
    const { load, answer: give } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask(QUESTION, nameOf)
    feed.tick(tick(18, { seconds: [[T, [[0, 1]]]] }), nameOf)
    feed.tick(tick(19, { seconds: [[T, [[0, 10]]]] }), nameOf)
    // As of 18: the first is in it, the second is not.
    await give(answer({ seq: 18, total: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1], series: [{ k: 0, type: 'click', target: 'Buy Now', counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }] }))
    expect(sum(feed)).toBe(11)
    feed.tick(tick(20, { seconds: [[T, [[0, 100]]]] }), nameOf)
    expect(sum(feed)).toBe(111)
  })

  test('meet where the answer is ahead of live', async () => {
    const { load, answer: give } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask(QUESTION, nameOf)
    await give(answer({ seq: 18, total: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }))
    feed.tick(tick(18, { seconds: [[T, [[0, 1]]]] }), nameOf)
    expect(sum(feed)).toBe(1)
    feed.tick(tick(19, { seconds: [[T, [[0, 1]]]] }), nameOf)
    expect(sum(feed)).toBe(2)
  })

  test('meet where nobody followed the app when it was asked for: all that came meanwhile is in it', async () => {
    const { load, answer: give } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask(QUESTION, nameOf)
    feed.tick(tick(18, { seconds: [[T, [[0, 1]]]] }), nameOf)
    await give(answer({ total: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }))
    expect(sum(feed)).toBe(1)
    feed.tick(tick(19, { seconds: [[T, [[0, 1]]]] }), nameOf)
    expect(sum(feed)).toBe(2)
  })

  test('go on while it is asked again', async () => {
    const { load, answer: give } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask(QUESTION, nameOf)
    await give(answer({ seq: 17 }))
    void feed.ask(QUESTION, nameOf)
    feed.tick(tick(18, { seconds: [[T, [[0, 1]]]] }), nameOf)
    expect(sum(feed)).toBe(1)
    await give(answer({ seq: 17 }))
    expect(sum(feed)).toBe(1)
  })

  test('move on where nothing happens', async () => {
    const { load, answer: give } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask(QUESTION, nameOf)
    await give(answer())
    feed.tick({ seq: 18, at: (T + 60) * 1000 }, nameOf)
    expect(feed.series!.to).toBe(T + 61)
  })

  test('are apart for a page, of which live tells nothing', async () => {
    const { load, answer: give } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask({ query: 'page=/', only: { page: '/' }, againMs: 2_000 }, nameOf)
    await give(answer({ series: [{ k: 0, page: '/', counts: [] }], total: [] }))
    feed.tick(tick(18, { seconds: [[T, [[0, 1]]]] }), nameOf)
    expect(sum(feed)).toBe(0)
  })
})

describe('an answer', () => {
  test('gets only so old', async () => {
    const { load, answer: give, asked } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask({ ...QUESTION, againMs: 2_000 }, nameOf)
    await give(answer({ seq: 17 }))
    const { at } = tick(18)
    feed.tick({ seq: 18, at }, nameOf)
    feed.tick({ seq: 19, at: at + 1_999 }, nameOf)
    expect(asked).toHaveLength(1)
    feed.tick({ seq: 20, at: at + 2_000 }, nameOf)
    feed.tick({ seq: 21, at: at + 2_200 }, nameOf)
    expect(asked).toHaveLength(2)
  })

  test('to an earlier question is nothing', async () => {
    const { load, answer: give } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask(QUESTION, nameOf)
    void feed.ask({ ...QUESTION, query: 'range=2h' }, nameOf)
    await give(answer({ total: new Array<number>(10).fill(9) }))
    expect(feed.series).toBeNull()
    await give(answer())
    expect(sum(feed)).toBe(0)
  })

  test('that fails is told, what is shown stays, and it is asked again after a while', async () => {
    const { load, answer: give, asked } = server()
    const feed = new Feed(load, () => undefined)
    void feed.ask(QUESTION, nameOf)
    await give(answer({ seq: 17 }))
    void feed.ask(QUESTION, nameOf)
    await give(new Error('not now'))
    expect(feed.problem).toBe('not now')
    expect(feed.series).not.toBeNull()
    const { at } = tick(18)
    feed.tick({ seq: 18, at }, nameOf)
    feed.tick({ seq: 19, at: at + AGAIN_MS - 1 }, nameOf)
    expect(asked).toHaveLength(2)
    feed.tick({ seq: 20, at: at + AGAIN_MS }, nameOf)
    expect(asked).toHaveLength(3)
    await give(answer({ seq: 20 }))
    expect(feed.problem).toBeNull()
  })
})
