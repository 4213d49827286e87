import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as footfall from '../src/index'

type Sent = Record<string, unknown>

let sent: Sent[]
const beacon = vi.fn((_: string, body: string) => {
  sent.push(...parse(body))
  return true
})

const parse = (body: string) => body.split('\n').map((line) => JSON.parse(line) as Sent)

function press(element: Element | null, trusted = true): void {
  const click = new MouseEvent('click', { bubbles: true, composed: true })
  Object.defineProperty(click, 'isTrusted', { value: trusted })
  element!.dispatchEvent(click)
}

/** All that was sent since, without the view that every start begins with. */
async function interactions(): Promise<Sent[]> {
  await footfall.flush()
  return sent.slice(1)
}

beforeEach(() => {
  sent = []
  history.replaceState(null, '', '/start?from=mail')
  document.body.innerHTML = '<button data-track="Buy Now" data-track-value="49" data-track-course="sql">Buy</button>'
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    sent.push(...parse(init.body as string))
    return new Response(null, { status: 202 })
  })
  vi.stubGlobal('navigator', { sendBeacon: beacon })
  beacon.mockClear()
  footfall.start({ collector: 'https://collector.test/', app: 'shop' })
})

afterEach(() => {
  footfall.off()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a click', () => {
  test('is told with all that it carries, and no more', async () => {
    const before = Date.now()
    press(document.querySelector('button'))
    const [click] = await interactions()
    expect(click).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      app: 'shop',
      target: 'Buy Now',
      page: '/start',
      visitor: sent[0]!['visitor'],
      at: expect.any(Number),
      value: 49,
      properties: { course: 'sql' },
    })
    expect(click!['at']).toBeGreaterThanOrEqual(before)
    expect(parseInt((click!['id'] as string).replace(/-/g, '').slice(0, 12), 16)).toBe(click!['at'])
  })

  test('is found inside a shadow root', async () => {
    const host = document.body.appendChild(document.createElement('div'))
    host.attachShadow({ mode: 'open' }).innerHTML = '<button><b>Inside</b></button>'
    press(host.shadowRoot!.querySelector('b'))
    expect((await interactions()).map((click) => click['target'])).toEqual(['Inside'])
  })

  test('is told although the page stops it', async () => {
    document.querySelector('button')!.addEventListener('click', (event) => event.stopImmediatePropagation())
    press(document.querySelector('button'))
    expect(await interactions()).toHaveLength(1)
  })

  test('is left out where a script made it', async () => {
    press(document.querySelector('button'), false)
    expect(await interactions()).toEqual([])
  })

  test('leaves out a value that is no number', async () => {
    document.body.innerHTML = '<button data-track="Buy" data-track-value="€49">Buy</button>'
    press(document.querySelector('button'))
    expect((await interactions())[0]).not.toHaveProperty('value')
  })

  test('never carries half of a surrogate pair', async () => {
    document.body.innerHTML = `<button>${'x'.repeat(199)}😀</button>`
    press(document.querySelector('button'))
    expect((await interactions())[0]!['target']).toBe('x'.repeat(199))
  })
})

describe('a view', () => {
  const pages = async () => {
    await footfall.flush()
    expect(sent.every((view) => view['type'] === 'view' && !('target' in view))).toBe(true)
    return sent.map((view) => view['page'])
  }

  test('is told at the start', async () => {
    expect(await pages()).toEqual(['/start'])
  })

  test('is told where the path changes, not with the query or the fragment', async () => {
    history.pushState(null, '', '/a')
    history.pushState(null, '', '/a?q=1')
    history.replaceState(null, '', '/a#part')
    history.replaceState(null, '', '/b')
    expect(await pages()).toEqual(['/start', '/a', '/b'])
  })

  test('is told on the way back', async () => {
    history.pushState(null, '', '/a')
    history.replaceState(null, '', '/a')
    window.dispatchEvent(new PopStateEvent('popstate'))
    expect(await pages()).toEqual(['/start', '/a'])
  })

  test('is told when the page comes back from the cache', async () => {
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    expect(await pages()).toEqual(['/start', '/start'])
  })
})

describe('track', () => {
  test('tells of what the page names', async () => {
    footfall.track('Newsletter', { type: 'submit', value: 2, properties: { list: 'weekly' } })
    expect(await interactions()).toMatchObject([
      { target: 'Newsletter', type: 'submit', value: 2, properties: { list: 'weekly' } },
    ])
  })

  test('leaves out what has no target', async () => {
    footfall.track('  ')
    footfall.track(undefined as never)
    expect(await interactions()).toEqual([])
  })

  test('never throws into the page', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(() => footfall.track('x', { properties: circle as never })).not.toThrow()
    expect(() => footfall.track('x', null as never)).not.toThrow()
    expect(() => footfall.start(undefined as never)).not.toThrow()
  })
})

describe('when the page hides', () => {
  test.each([
    ['pagehide', () => window.dispatchEvent(new Event('pagehide'))],
    [
      'visibilitychange',
      () => {
        vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
      },
    ],
  ])('all goes by beacon: %s', (_, hide) => {
    press(document.querySelector('button'))
    hide()
    expect(beacon).toHaveBeenCalledExactlyOnceWith('https://collector.test/v1/interactions', expect.any(String))
    expect(sent.map((one) => one['target'])).toEqual([undefined, 'Buy Now'])
  })

  test('what the page tells in a listener of its own goes along', () => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    document.addEventListener('visibilitychange', () => footfall.track('Goodbye'), { once: true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    expect(sent.map((one) => one['target'])).toEqual([undefined, 'Goodbye'])
  })
})

describe('a page rendered ahead of time', () => {
  test('is viewed when it is activated', async () => {
    sent = []
    Object.assign(document, { prerendering: true })
    footfall.start({ collector: 'https://collector.test' })
    await footfall.flush()
    expect(sent).toEqual([])
    document.dispatchEvent(new Event('prerenderingchange'))
    await footfall.flush()
    expect(sent).toMatchObject([{ type: 'view', page: '/start' }])
    Object.assign(document, { prerendering: false })
  })
})

describe('off', () => {
  test('listens and sends no more, and gives back what it took', async () => {
    await footfall.flush()
    const patched = history.pushState
    footfall.off()
    expect(history.pushState).not.toBe(patched)
    press(document.querySelector('button'))
    history.pushState(null, '', '/later')
    footfall.track('x')
    window.dispatchEvent(new Event('pagehide'))
    await footfall.flush()
    expect(sent).toHaveLength(1)
    expect(beacon).not.toHaveBeenCalled()
  })

  test("leaves another script's wrapper of history in place, and does not count through it", async () => {
    const ours = history.pushState
    const theirs: typeof ours = (...entry) => ours.apply(history, entry)
    history.pushState = theirs
    footfall.start({ collector: 'https://collector.test', app: 'shop' })
    await footfall.flush()
    sent = []
    history.pushState(null, '', '/once')
    await footfall.flush()
    expect(sent).toHaveLength(1)
    history.pushState = ours
  })
})
