import { beforeEach, describe, expect, test, vi, afterEach } from 'vitest'
import { Live, problemOf, RETRIES, SILENCE, type Answer, type Connection, type Source } from '../src/live'
import type { State, Tick } from '../src/wire'
import { state, tick } from './fakes'

/** The server's side of one connection. */
class Line implements Source {
  readonly heard = new Map<string, (data: string) => void>()
  lost: () => void = () => undefined
  closed = false

  constructor(readonly url: string) {}

  on(type: 'state' | 'tick', heard: (data: string) => void): void {
    this.heard.set(type, heard)
  }

  onLost(lost: () => void): void {
    this.lost = lost
  }

  close(): void {
    this.closed = true
  }

  state(more: Partial<State> = {}): void {
    this.heard.get('state')!(JSON.stringify(state(more)))
  }

  tick(seq: number, more: Partial<Tick> = {}): void {
    this.heard.get('tick')!(JSON.stringify(tick(seq, more)))
  }
}

let lines: Line[]
let answer: Answer | Error
let asked: string[]
let states: { seq: number; fresh: boolean }[]
let ticks: number[]
let connections: Connection[]
let live: Live

function start(app: string | null = 'shop'): Line {
  live = new Live(
    {
      open: (url) => {
        lines.push(new Line(url))
        return lines.at(-1)!
      },
      ask: (url) => {
        asked.push(url)
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
      },
      after: (ms, act) => {
        const timer = setTimeout(act, ms)
        return () => clearTimeout(timer)
      },
    },
    {
      state: ({ seq }, fresh) => states.push({ seq, fresh }),
      tick: ({ seq }) => ticks.push(seq),
      connection: (connection) => connections.push(connection),
    },
    app,
  )
  live.start()
  return lines.at(-1)!
}

const refusal = (status: number, detail: string | null = null, more: Partial<Answer> = {}): Answer => ({ status, detail, reason: null, retryAfter: null, ...more })

const last = (): Line => lines.at(-1)!
const now = (): Connection => connections.at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  lines = []
  asked = []
  states = []
  ticks = []
  connections = []
  answer = new Error('no answer')
})

afterEach(() => {
  live.stop()
  vi.useRealTimers()
})

describe('the connection', () => {
  test('asks for its app, by its own name', () => {
    expect(start('a&b').url).toBe('api/v1/live?app=a%26b')
    expect(start(null).url).toBe('api/v1/live')
  })

  test('is live from the first state on, and says so once', () => {
    const line = start()
    expect(now()).toEqual({ is: 'connecting' })
    line.state()
    line.tick(18)
    line.tick(19)
    expect(connections).toEqual([{ is: 'connecting' }, { is: 'live' }])
    expect(states).toEqual([{ seq: 17, fresh: true }])
    expect(ticks).toEqual([18, 19])
  })

  test('is away when nothing is heard for five seconds, although nobody says it broke', async () => {
    const line = start()
    line.state()
    await vi.advanceTimersByTimeAsync(SILENCE - 1)
    expect(now()).toEqual({ is: 'live' })
    await vi.advanceTimersByTimeAsync(1)
    expect(now()).toMatchObject({ is: 'away', lastSeen: state().at, problem: null })
    expect(line.closed).toBe(true)
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    expect(lines).toHaveLength(2)
  })

  test('is kept by what is heard', async () => {
    const line = start()
    line.state()
    for (let seq = 18; seq < 38; seq++) {
      await vi.advanceTimersByTimeAsync(1_000)
      line.tick(seq)
    }
    expect(lines).toHaveLength(1)
    expect(now()).toEqual({ is: 'live' })
  })

  test('comes back at once, then ever later, and early again after it was well', async () => {
    start().state()
    last().lost()
    for (const wait of [...RETRIES, RETRIES.at(-1)!]) {
      const before = lines.length
      await vi.advanceTimersByTimeAsync(wait - 1)
      expect(lines).toHaveLength(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(lines).toHaveLength(before + 1)
      last().lost()
    }
    await vi.advanceTimersByTimeAsync(RETRIES.at(-1)!)
    last().state({ seq: 90 })
    expect(now()).toEqual({ is: 'live' })
    const before = lines.length
    last().lost()
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    expect(lines).toHaveLength(before + 1)
  })

  test('hears nothing of a line that it gave up', async () => {
    const line = start()
    line.state()
    line.lost()
    line.tick(18)
    line.lost()
    expect(ticks).toEqual([])
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    expect(lines).toHaveLength(2)
  })

  test('ends when it is stopped', async () => {
    start().state()
    live.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines).toHaveLength(1)
    expect(lines[0]!.closed).toBe(true)
  })
})

describe('what was missed', () => {
  test('is what was told by the number that a new line begins with', async () => {
    start().state()
    last().tick(18)
    last().lost()
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    last().state({ seq: 19 })
    expect(states).toEqual([{ seq: 17, fresh: true }, { seq: 19, fresh: true }])
  })

  test('is nothing where nothing came meanwhile', async () => {
    start().state()
    last().lost()
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    last().state({ seq: 17 })
    expect(states[1]!.fresh).toBe(false)
  })

  test('is told by numbers that jump', async () => {
    start().state()
    last().lost()
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    last().state({ seq: 25 })
    expect(states[1]!.fresh).toBe(true)
  })

  test('is all, where another instance answers', async () => {
    start().state()
    last().lost()
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    last().state({ seq: 18, instance: 'other' })
    expect(states[1]!.fresh).toBe(true)
  })

  test('is told by a state in the middle, for who was slow', () => {
    const line = start()
    line.state()
    line.state({ seq: 30 })
    line.tick(31)
    expect(states[1]).toEqual({ seq: 30, fresh: true })
    expect(ticks).toEqual([31])
    expect(lines).toHaveLength(1)
  })

  test('by a tick that is not the next is not guessed: the whole comes with a new line', async () => {
    const line = start()
    line.state()
    line.tick(20)
    expect(ticks).toEqual([])
    expect(line.closed).toBe(true)
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    last().state({ seq: 21 })
    expect(states[1]!.fresh).toBe(true)
  })

  test('makes a tick before any state worth nothing, and what can’t be read likewise', async () => {
    start().tick(1)
    expect(ticks).toEqual([])
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    last().heard.get('state')!('{"half')
    expect(states).toEqual([])
    await vi.advanceTimersByTimeAsync(RETRIES[1])
    last().state()
    expect(states).toHaveLength(1)
  })
})

describe('a refusal', () => {
  test.each([
    [401, 'You are not signed in.'],
    [403, 'You may not look at this.'],
    [404, 'There is no app “x”.'],
    [503, 'It reads its log.'],
    [500, 'It broke.'],
  ])('%i says what it means', async (status, title) => {
    answer = refusal(status, status === 404 ? 'There is no app “x”.' : status === 503 ? 'It reads its log.' : status === 500 ? 'It broke.' : null)
    start('x').lost()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toEqual(['api/v1/live?app=x'])
    expect(now()).toMatchObject({ is: 'away', problem: { status, title } })
    expect(problemOf(refusal(status))?.advice).not.toBe('')
  })

  test('is forgotten when it is over', async () => {
    answer = refusal(503)
    start().lost()
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    last().state()
    expect(now()).toEqual({ is: 'live' })
    last().lost()
    expect(now()).toMatchObject({ is: 'away', problem: null })
  })

  test('that is explained too late is not told', async () => {
    let explain: (answer: Answer) => void = () => undefined
    answer = { then: (resolve: typeof explain) => (explain = resolve) } as unknown as typeof answer
    start().lost()
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    last().state()
    explain(refusal(503))
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(1)
    expect(now()).toEqual({ is: 'live' })
  })

  test('of one viewer too many says so, waits as long as it is told to, and goes on', async () => {
    answer = refusal(503, 'there are 1000 viewers, and no more may be', { reason: 'too_many_viewers', retryAfter: 5_000 })
    start().lost()
    await vi.advanceTimersByTimeAsync(0)
    expect(now()).toMatchObject({ is: 'away', problem: { status: 503, title: 'As many people look at the board as may.' } })
    for (const tries of [2, 3]) {
      await vi.advanceTimersByTimeAsync(4_999)
      expect(lines).toHaveLength(tries - 1)
      await vi.advanceTimersByTimeAsync(1)
      expect(lines).toHaveLength(tries)
      last().lost()
      await vi.advanceTimersByTimeAsync(0)
    }
    await vi.advanceTimersByTimeAsync(5_000)
    last().state()
    expect(now()).toEqual({ is: 'live' })
    answer = new Error('no answer')
    last().lost()
    await vi.advanceTimersByTimeAsync(RETRIES[0])
    expect(lines).toHaveLength(5)
  })

  test('is not asked about where a line broke that was well', async () => {
    start().state()
    last().lost()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toEqual([])
  })

  test('without any answer is no problem of ours to name', async () => {
    start().lost()
    await vi.advanceTimersByTimeAsync(0)
    expect(now()).toEqual({ is: 'away', lastSeen: null, problem: null })
  })
})
