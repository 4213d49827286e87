import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTransport } from '../src/transport'
import type { Transport } from '../src/transport'

const URL = 'https://collector.test/v1/interactions?key=&sent='
const LIMIT = 60 * 1024

/** A collector whose answers a test decides; `requests` and `beacons` hold the lines of each body. */
class FakeNetwork {
  readonly bodies: string[] = []
  readonly requests: string[][] = []
  readonly beacons: string[][] = []
  readonly inits: RequestInit[] = []
  answers: (number | Error | [status: number, retryAfter: string] | Promise<Response>)[] = []
  takesBeacons = true

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    expect(url).toBe(URL + Date.now())
    this.inits.push(init)
    this.bodies.push(init.body as string)
    this.requests.push((init.body as string).split('\n'))
    const answer = this.answers.shift() ?? 202
    if (answer instanceof Error) {
      throw answer
    }
    if (answer instanceof Promise) {
      return answer
    }
    const [status, retryAfter] = Array.isArray(answer) ? answer : [answer]
    return new Response(null, { status, headers: retryAfter ? { 'Retry-After': retryAfter } : {} })
  }

  readonly beacon = (url: string, body: string): boolean => {
    expect(url).toBe(URL + Date.now())
    if (this.takesBeacons) {
      this.bodies.push(body)
      this.beacons.push(body.split('\n'))
    }
    return this.takesBeacons
  }
}

let network: FakeNetwork
let transport: Transport

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const add = (...lines: string[]) => lines.forEach((line) => transport.add(line))
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`)

function later() {
  let answer!: (status: number) => void
  let fail!: () => void
  const promise = new Promise<Response>((resolve, reject) => {
    answer = (status) => resolve(new Response(null, { status }))
    fail = () => reject(new TypeError('network'))
  })
  return { promise, answer, fail }
}

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  network = new FakeNetwork()
  vi.stubGlobal('fetch', network.fetch)
  vi.stubGlobal('navigator', { sendBeacon: network.beacon })
  vi.spyOn(Math, 'random').mockReturnValue(1)
  transport = createTransport(URL)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('a batch', () => {
  test('goes 100 ms after its first interaction', async () => {
    add('a')
    await after(60)
    add('b')
    await after(39)
    expect(network.requests).toEqual([])
    await after(1)
    expect(network.requests).toEqual([['a', 'b']])
  })

  test('goes at once on flush, which resolves with the answer', async () => {
    const { promise, answer } = later()
    network.answers = [promise]
    add('a')
    let flushed = false
    void transport.flush().then(() => (flushed = true))
    await after(1_000)
    expect(network.requests).toEqual([['a']])
    expect(flushed).toBe(false)
    answer(202)
    await after(0)
    expect(flushed).toBe(true)
  })

  test('after a flush has its 100 ms again', async () => {
    add('a')
    await after(100)
    await transport.flush()
    await after(100)
    add('b')
    await after(99)
    expect(network.requests).toEqual([['a']])
    await after(1)
    expect(network.requests).toEqual([['a'], ['b']])
  })

  test('is a text without credentials that outlives the page', async () => {
    add('a')
    await transport.flush()
    expect(network.inits[0]).toMatchObject({ method: 'POST', body: 'a', credentials: 'omit', keepalive: true })
    expect(network.inits[0]).not.toHaveProperty('headers')
  })

  test('waits for the one before it', async () => {
    const { promise, answer } = later()
    network.answers = [promise]
    add('a')
    await after(100)
    add('b')
    await after(10_000)
    expect(network.requests).toEqual([['a']])
    answer(202)
    await after(0)
    expect(network.requests).toEqual([['a'], ['b']])
  })

  test('is followed by the next after any pause', async () => {
    for (const line of ['a', 'b', 'c']) {
      add(line)
      await after(5_000)
    }
    expect(network.requests).toEqual([['a'], ['b'], ['c']])
  })

  test('stays below 60 KiB in UTF-8, in order', async () => {
    const lines = Array.from({ length: 10 }, (_, i) => `${i}${'é'.repeat(8_000)}`) // 16,001 bytes, 8,001 characters
    add(...lines)
    await after(100)
    expect(network.requests.map((request) => request.length)).toEqual([3, 3, 3, 1])
    expect(network.requests.flat()).toEqual(lines)
    expect(Math.max(...network.bodies.map((body) => new Blob([body]).size))).toBeLessThan(LIMIT)
  })

  test('leaves out an interaction that no body can hold, and counts it', async () => {
    add('x'.repeat(LIMIT), 'x'.repeat(LIMIT - 1), 'b')
    await after(100)
    expect(network.requests.map((request) => request.map((line) => line.length))).toEqual([[LIMIT - 1], [1]])
    expect(transport.dropped()).toBe(1)
  })
})

describe('an answer', () => {
  test.each([200, 202, 204])('of %i is the end of the batch', async (status) => {
    network.answers = [status]
    add('a')
    await after(60_000)
    expect(network.requests).toEqual([['a']])
    expect(transport.dropped()).toBe(0)
  })

  test.each([400, 401, 404, 413, 415])('of %i drops the batch, and the next goes on', async (status) => {
    network.answers = [status]
    add('a')
    await after(60_000)
    expect(network.requests).toEqual([['a']])
    expect(transport.dropped()).toBe(1)
    add('b')
    await after(100)
    expect(network.requests).toEqual([['a'], ['b']])
  })

  test.each([408, 429, 500, 503, new TypeError('network')])('of %s sends the same lines again', async (answer) => {
    network.answers = [answer]
    add('a', 'b')
    await after(100 + 500)
    expect(network.requests).toEqual([['a', 'b'], ['a', 'b']])
    expect(transport.dropped()).toBe(0)
  })
})

describe('a retry', () => {
  test('waits twice as long each time, up to 30 s', async () => {
    network.answers = Array.from({ length: 9 }, () => 503)
    add('a')
    await after(100)
    for (const wait of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const before = network.requests.length
      await after(wait - 1)
      expect(network.requests.length).toBe(before)
      await after(1)
      expect(network.requests.length).toBe(before + 1)
    }
  })

  test('begins small again after an answer', async () => {
    network.answers = [503, 503, 503, 202, 503]
    add('a')
    await after(100 + 500 + 1_000 + 2_000)
    add('b')
    await after(100 + 500)
    expect(network.requests.slice(4)).toEqual([['b'], ['b']])
  })

  test('takes along what came since, in order', async () => {
    network.answers = [503]
    add('a')
    await after(100)
    add(...numbered(30))
    await after(499)
    expect(network.requests).toEqual([['a']])
    await after(1)
    expect(network.requests[1]).toEqual(['a', ...numbered(30)])
  })

  test('comes before what came while the first try was under way', async () => {
    const { promise, fail } = later()
    network.answers = [promise]
    add('a')
    await after(100)
    add('b')
    fail()
    await after(500)
    expect(network.requests).toEqual([['a'], ['a', 'b']])
  })

  test.each([429, 503])('obeys Retry-After with %i, also when flushed', async (status) => {
    network.answers = [[status, '7']]
    add('a')
    await after(100)
    await transport.flush()
    add('b')
    await after(6_999)
    expect(network.requests).toEqual([['a']])
    await after(1)
    expect(network.requests).toEqual([['a'], ['a', 'b']])
  })

  test('goes at once when flushed, where the collector named no time', async () => {
    network.answers = [new TypeError('network')]
    add('a')
    await after(100)
    await transport.flush()
    expect(network.requests).toEqual([['a'], ['a']])
  })

  test('survives a Retry-After longer than a timer takes', async () => {
    network.answers = [[503, '99999999999']]
    add('a')
    await after(60_000)
    expect(network.requests).toEqual([['a']])
  })
})

describe('a full queue', () => {
  test('drops the oldest of more than 500, and counts them', async () => {
    network.answers = [503]
    add('first')
    await after(100)
    add(...numbered(502))
    await after(500)
    expect(network.requests.slice(1).flat()).toEqual(numbered(502).slice(2))
    expect(transport.dropped()).toBe(3)
  })

  test('does not drop what travels', async () => {
    const { promise, answer } = later()
    network.answers = [promise]
    add('first')
    await after(100)
    add(...numbered(500))
    answer(202)
    await after(0)
    expect(network.requests.flat()).toEqual(['first', ...numbered(500).slice(1)])
    expect(transport.dropped()).toBe(1)
  })
})

describe('an answer that took some and asks for the others later', () => {
  test('sends the batch again, which the ids make harmless', async () => {
    network.answers = [[202, '3']]
    add('a', 'b')
    await after(100 + 2_999)
    expect(network.requests).toEqual([['a', 'b']])
    await after(1)
    expect(network.requests).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(transport.dropped()).toBe(0)
  })
})

/** What storage holds, entry by entry, without the time until which the page keeps it for itself. */
const kept = () => Object.values(localStorage).map((entry: string) => entry.split('\n').slice(1))

/** As another page of the site left it: `age` ms after it was its own. */
const left = (age: number, ...lines: string[]) =>
  localStorage.setItem(`footfall ${URL} ${lines[0]}`, [Date.now() - age, ...lines].join('\n'))

describe('storage', () => {
  test('has what waits behind a request under way, once the page is out of sight', async () => {
    network.answers = [later().promise]
    add('a')
    await after(100)
    add('b')
    void transport.flush()
    expect(kept()).toEqual([['a', 'b']])
  })

  test('has what travels and what waits, until it is answered', async () => {
    const { promise, answer } = later()
    network.answers = [promise]
    add('a')
    await after(100)
    expect(kept()).toEqual([['a']])
    answer(202)
    await after(0)
    expect(kept()).toEqual([])
  })

  test('has all of it while the collector is away', async () => {
    network.answers = [503, 503]
    add('a')
    await after(100)
    add('b')
    await after(500)
    expect(kept()).toEqual([['a', 'b']])
    await after(1_000)
    expect(kept()).toEqual([])
  })

  test('that is denied changes nothing else', async () => {
    vi.stubGlobal('localStorage', {
      setItem() {
        throw new DOMException('denied', 'SecurityError')
      },
    })
    network.answers = [503]
    add('a')
    await after(600)
    expect(network.requests).toEqual([['a'], ['a']])
    expect(transport.dropped()).toBe(0)
  })
})

describe('what other pages left', () => {
  test('is sent after the first answer, once', async () => {
    left(1, 'x', 'y')
    add('a')
    await after(100)
    expect(network.requests).toEqual([['a'], ['x', 'y']])
    expect(kept()).toEqual([])
  })

  test('is kept while it fails to be sent', async () => {
    left(1, 'x')
    network.answers = [202, 503]
    add('a')
    await after(100)
    expect(network.requests).toEqual([['a'], ['x']])
    expect(kept()).toEqual([['x']])
  })

  test('waits while the collector is away', async () => {
    left(1, 'x')
    network.answers = [503]
    add('a')
    await after(100)
    expect(network.requests).toEqual([['a']])
    await after(500)
    expect(network.requests).toEqual([['a'], ['a'], ['x']])
  })

  test('stays where the other page still has it for itself', async () => {
    left(-1_000, 'x')
    add('a')
    await after(100)
    expect(network.requests).toEqual([['a']])
    expect(kept()).toEqual([['x']])
  })

  test('is dropped after 20 hours, and counted: the metrics service could not tell it from a repeat much longer', async () => {
    left(20 * 3_600_000, 'x', 'y')
    left(20 * 3_600_000 - 10_000, 'z')
    add('a')
    await after(100)
    expect(network.requests).toEqual([['a'], ['z']])
    expect(transport.dropped()).toBe(2)
    expect(kept()).toEqual([])
  })

  test('for another collector is not touched', async () => {
    localStorage.setItem('footfall https://other.test/v1/interactions?key=&sent= id', '0\nx')
    localStorage.setItem("the page's own", '0\nx')
    add('a')
    await after(100)
    expect(network.requests).toEqual([['a']])
    expect(localStorage).toHaveLength(2)
  })

  test('is not taken by a page that ends meanwhile', async () => {
    let grant = () => {}
    const request = async (_: string, __: object, act: (lock: object) => unknown) => {
      await new Promise<void>((resolve) => (grant = resolve))
      return act({})
    }
    vi.stubGlobal('navigator', { sendBeacon: network.beacon, locks: { request } })
    left(1, 'x')
    add('a')
    await after(100)
    transport.handOver()
    grant()
    await after(1_000)
    expect(network.requests).toEqual([['a']])
    expect(kept()).toEqual([['x']])
  })

  test('is taken by one tab at a time', async () => {
    let free = () => {}
    const request = vi.fn(async (_: string, __: object, act: (lock: object | null) => unknown) => {
      await new Promise<void>((resolve) => (free = resolve))
      return act(null) // another tab has it
    })
    vi.stubGlobal('navigator', { sendBeacon: network.beacon, locks: { request } })
    left(1, 'x')
    add('a')
    await after(100)
    expect(request).toHaveBeenCalledExactlyOnceWith(expect.any(String), { ifAvailable: true }, expect.any(Function))
    free()
    await after(1_000)
    expect(network.requests).toEqual([['a']])
    expect(kept()).toEqual([['x']])
  })
})

describe('when the page ends', () => {
  test('what waits goes by beacon, and is left to the next page', async () => {
    add('a', 'b')
    transport.handOver()
    expect(network.beacons).toEqual([['a', 'b']])
    expect(kept()).toEqual([['a', 'b']])
    await after(60_000)
    expect(network.requests).toEqual([])
    createTransport(URL).add('c')
    await after(100)
    expect(network.requests).toEqual([['c'], ['a', 'b']])
    expect(kept()).toEqual([])
  })

  test('what travels goes on travelling, and is left to the next page too', async () => {
    const { promise, answer } = later()
    network.answers = [promise]
    add('a')
    await after(100)
    add('b')
    transport.handOver()
    answer(202)
    await after(60_000)
    expect(network.beacons).toEqual([['b']])
    expect(network.requests).toEqual([['a']])
    expect(kept()).toEqual([['a', 'b']])
  })

  test('a page that comes back takes up what nobody else did', async () => {
    network.answers = [503]
    add('a')
    await after(100)
    transport.handOver()
    add('b')
    await after(100)
    expect(network.requests).toEqual([['a'], ['b'], ['a']])
    expect(kept()).toEqual([])
  })

  test('nothing goes where the collector asked to wait; it is left to the next page', async () => {
    network.answers = [[429, '60']]
    add('a')
    await after(100)
    add('b')
    transport.handOver()
    expect(network.beacons).toEqual([])
    expect(kept()).toEqual([['a', 'b']])
  })

  test('the second time sends nothing', () => {
    add('a')
    transport.handOver()
    transport.handOver()
    expect(network.beacons).toEqual([['a']])
    expect(kept()).toEqual([['a']])
  })

  test('no piece reaches 60 KiB', () => {
    const lines = Array.from({ length: 10 }, (_, i) => `${i}${'é'.repeat(8_000)}`)
    add(...lines)
    transport.handOver()
    expect(network.beacons.flat()).toEqual(lines)
    expect(Math.max(...network.bodies.map((body) => new Blob([body]).size))).toBeLessThan(LIMIT)
  })

  test('what the beacon refuses goes by fetch', async () => {
    network.takesBeacons = false
    add('a')
    transport.handOver()
    await after(0)
    expect(network.requests).toEqual([['a']])
  })

  test('without storage, a page that lives on sends again what is in doubt', async () => {
    vi.stubGlobal('localStorage', undefined)
    network.answers = [503]
    add('a')
    await after(100)
    transport.handOver()
    await after(500)
    expect(network.requests).toEqual([['a'], ['a']])
  })

  test('with nothing to send, nothing is sent or kept', () => {
    transport.handOver()
    expect(network.beacons).toEqual([])
    expect(localStorage).toHaveLength(0)
  })
})

test('after stop, nothing is sent', async () => {
  network.answers = [503]
  add('a')
  await after(100)
  transport.stop()
  await after(60_000)
  expect(network.requests).toEqual([['a']])
})

test('after stop, what travelled is not tried again', async () => {
  const { promise, fail } = later()
  network.answers = [promise]
  add('a')
  await after(100)
  transport.stop()
  fail()
  await after(60_000)
  expect(network.requests).toEqual([['a']])
})
