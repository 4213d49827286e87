import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as footfall from '../src/index'
import { leave } from '../src/leave'

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
  localStorage.clear()
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
      view: expect.stringMatching(/^[0-9a-f-]{36}$/),
      n: 2,
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

  test('numbers its interactions from 1, and the next view anew', async () => {
    press(document.querySelector('button'))
    history.pushState(null, '', '/a')
    footfall.track('x')
    await footfall.flush()
    expect(sent.map((one) => one['n'])).toEqual([1, 2, 1, 2])
    const views = sent.map((one) => one['view'])
    expect(views[1]).toBe(views[0])
    expect(views[2]).not.toBe(views[0])
    expect(views[3]).toBe(views[2])
  })

  test('is told of fragments where they are asked for, without what follows a question mark', async () => {
    footfall.start({ collector: 'https://collector.test', hash: true })
    await footfall.flush()
    sent = []
    history.pushState(null, '', '#/courses/sql?ref=mail')
    history.pushState(null, '', '#!cart')
    history.pushState(null, '', '/start')
    expect(await pages()).toEqual(['/start/courses/sql', '/start/cart', '/start'])
  })

  test('is told by the Navigation API where there is one', async () => {
    const navigation = Object.assign(new EventTarget(), { currentEntry: {} })
    vi.stubGlobal('navigation', navigation)
    const original = history.pushState
    footfall.start({ collector: 'https://collector.test' })
    expect(history.pushState).toBe(original)
    await footfall.flush()
    sent = []
    history.pushState(null, '', '/a')
    navigation.dispatchEvent(new Event('currententrychange'))
    navigation.dispatchEvent(new Event('currententrychange'))
    expect(await pages()).toEqual(['/a'])
  })

  test('is told by history where the page has something else by the name of navigation', async () => {
    vi.stubGlobal('navigation', document.createElement('nav'))
    footfall.start({ collector: 'https://collector.test' })
    await footfall.flush()
    sent = []
    history.pushState(null, '', '/a')
    expect(await pages()).toEqual(['/a'])
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
  ])('all goes at once: %s', async (_, hide) => {
    press(document.querySelector('button'))
    hide()
    await Promise.resolve()
    expect(sent.map((one) => one['target'])).toEqual([undefined, 'Buy Now'])
  })

  test('what failed before goes when the network is back', async () => {
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('offline')))
    await footfall.flush()
    press(document.querySelector('button'))
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
      sent.push(...parse(init.body as string))
      return new Response(null, { status: 202 })
    })
    window.dispatchEvent(new Event('online'))
    await Promise.resolve()
    expect(sent.map((one) => one['target'])).toEqual([undefined, 'Buy Now'])
  })

  test('for good, it goes by beacon', () => {
    window.dispatchEvent(new Event('pagehide'))
    expect(beacon).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^https:\/\/collector\.test\/v1\/interactions\?key=&sent=\d{13}$/),
      expect.any(String),
    )
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
  test('listens and sends no more', async () => {
    await footfall.flush()
    footfall.off()
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
    history.pushState = (...entry) => ours.apply(history, entry)
    footfall.start({ collector: 'https://collector.test', app: 'shop' })
    await footfall.flush()
    sent = []
    history.pushState(null, '', '/once')
    await footfall.flush()
    expect(sent).toHaveLength(1)
    history.pushState = ours
  })

  test('removes what waited from storage', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 503 }))
    await footfall.flush()
    expect(localStorage).toHaveLength(1)
    footfall.off()
    expect(localStorage).toHaveLength(0)
  })
})

describe('a browser that asks not to be tracked', () => {
  test.each([{ globalPrivacyControl: true }, { doNotTrack: '1' }])('is obeyed: %o', async (signal) => {
    vi.stubGlobal('navigator', { sendBeacon: beacon, ...signal })
    await footfall.flush()
    sent = []
    footfall.start({ collector: 'https://collector.test' })
    press(document.querySelector('button'))
    footfall.track('x')
    footfall.consent(true)
    await footfall.flush()
    expect(sent).toEqual([])
    footfall.start({ collector: 'https://collector.test', signals: 'ignore' })
    await footfall.flush()
    expect(sent).toHaveLength(1)
  })
})

describe('where consent is required', () => {
  beforeEach(async () => {
    await footfall.flush()
    footfall.consent(false)
    sent = []
    localStorage.clear()
    footfall.start({ collector: 'https://collector.test', consent: 'required', visitor: 'site' })
  })

  test('nothing is captured, stored or sent before it is given', async () => {
    press(document.querySelector('button'))
    footfall.track('x')
    window.dispatchEvent(new Event('pagehide'))
    await footfall.flush()
    expect(sent).toEqual([])
    expect(sessionStorage).toHaveLength(0)
    expect(localStorage).toHaveLength(0)
  })

  test('nothing of earlier pages stays either when it is refused', () => {
    localStorage.setItem('footfall https://collector.test/v1/interactions?key=&sent= abc', '0\n{}')
    localStorage.setItem("the page's own", 'x')
    footfall.consent(false)
    expect(Object.keys(localStorage)).toEqual(["the page's own"])
  })

  test.each(['', 'true', 'Required'])('it is also where the attribute says %o', async (consent) => {
    footfall.start({ collector: 'https://collector.test', consent: consent as 'required' })
    await footfall.flush()
    expect(sent).toEqual([])
  })

  test('the page is viewed when it is given, once', async () => {
    footfall.consent(true)
    footfall.consent(true)
    press(document.querySelector('button'))
    await footfall.flush()
    expect(sent.map((one) => one['target'])).toEqual([undefined, 'Buy Now'])
  })

  test('nothing stays in the browser when it is withdrawn, and a later one begins anew', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 503 }))
    footfall.consent(true)
    await footfall.flush()
    expect(localStorage).toHaveLength(2) // the visitor, and what waits
    footfall.consent(false)
    expect(localStorage).toHaveLength(0)
    press(document.querySelector('button'))
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
      sent.push(...parse(init.body as string))
      return new Response(null, { status: 202 })
    })
    footfall.consent(true)
    await footfall.flush()
    expect(sent.map((one) => one['type'])).toEqual(['view'])
  })
})

describe('leave', () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    await footfall.flush()
    sent = []
    footfall.start({ collector: 'https://collector.test', leave })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  const leaves = async () => {
    await footfall.flush()
    return sent.filter((one) => one['type'] === 'leave')
  }

  test('ends each view once, with how long it was in sight', async () => {
    vi.advanceTimersByTime(2_000)
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    vi.advanceTimersByTime(60_000)
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    vi.advanceTimersByTime(1_240)
    history.pushState(null, '', '/a')
    vi.advanceTimersByTime(500)
    window.dispatchEvent(new Event('pagehide'))
    window.dispatchEvent(new Event('pagehide'))
    const [first, second, ...more] = await leaves()
    expect(more).toEqual([])
    expect(first).toMatchObject({ value: 3.2, n: 2, page: '/start', view: sent[0]!['view'] })
    expect(second).toMatchObject({ value: 0.5, page: '/a' })
  })
})
