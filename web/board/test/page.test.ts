import { beforeEach, describe, expect, test } from 'vitest'
import { addressOf, EmptyView, scriptTag } from '../src/empty'
import { Funnels } from '../src/funnel'
import { comparison, halves, tileRows, Tiles } from '../src/tiles'
import { Series } from '../src/series'
import { whole } from '../src/state'
import { StreamView } from '../src/stream'
import type { Collector } from '../src/wire'
import { html, row, showPage, state } from './fakes'

describe('the page', () => {
  beforeEach(showPage)

  test('has nothing that a strict content security policy forbids', () => {
    const all = [...document.querySelectorAll('body *')]
    expect(all.length).toBeGreaterThan(100)
    expect(all.flatMap((element) => element.getAttributeNames()).filter((name) => name === 'style' || name.startsWith('on'))).toEqual([])
    expect(document.querySelectorAll('style, script').length).toBe(0)
    expect(html.match(/<script[^>]*>[^<]/)).toBeNull()
    // What of an address others are told is the header's to say, alone.
    expect(html).not.toMatch(/referrer/i)
  })

  test('has its figures before any script has run', () => {
    for (const id of ['now-second', 'now-minute', 'now-visitors-1m', 'now-delivery', 'now-total']) {
      expect(document.getElementById(id)!.textContent).toBe('–')
    }
  })

  test('names every control and every region', () => {
    for (const control of document.querySelectorAll<HTMLInputElement>('input, select')) {
      expect(control.labels?.length ?? document.querySelectorAll(`label[for="${control.id}"]`).length, control.id).toBeGreaterThan(0)
    }
    for (const region of document.querySelectorAll('section, dialog')) {
      const by = region.getAttribute('aria-labelledby')
      expect(region.getAttribute('aria-label') ?? document.getElementById(by ?? '')?.textContent, region.id).toBeTruthy()
    }
  })
})

describe('no code of the board', () => {
  // Trusted Types would stop it in the browser; here it is said before.
  test('makes markup of text', () => {
    const modules = Object.values(import.meta.glob('../src/*.ts', { query: '?raw', import: 'default', eager: true })) as string[]
    expect(modules.length).toBeGreaterThan(15)
    for (const text of modules) {
      expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style'/)
    }
  })
})

describe('the script tag', () => {
  test('has the app as text', () => {
    expect(scriptTag('http://metrics.example:8081', 'shop')).toBe('<script defer src="http://metrics.example:8081/footfall.js" data-app="shop"></script>')
    expect(scriptTag('http://h', '"><script>&')).toContain('data-app="&quot;>&lt;script>&amp;"')
  })

  test.each<[string, Collector | null, string]>([
    ['it usually is, where nobody knows', null, 'http://metrics.example:8081'],
    ['it is', { scheme: 'http', host: null, port: 9000, hasDemo: true }, 'http://metrics.example:9000'],
    ['its own name says', { scheme: 'https', host: 'collect.example', port: 8443, hasDemo: false }, 'https://collect.example:8443'],
    ['its scheme says', { scheme: 'https', host: null, port: 443, hasDemo: false }, 'https://metrics.example'],
  ])('finds the collector where %s', (_, collector, address) => {
    expect(addressOf(collector, 'metrics.example')).toBe(address)
  })

  test('says what its address is, and shows the demo shop where there is one', () => {
    showPage()
    const view = new EmptyView(() => undefined)
    const shop = document.querySelector<HTMLElement>('#empty-demo')!
    view.collector(null)
    expect(document.getElementById('empty-where')!.textContent).toContain('by default')
    expect(shop.hidden).toBe(true)
    view.collector({ scheme: 'http', host: null, port: 9000, hasDemo: true })
    expect(document.getElementById('empty-where')!.textContent).not.toContain('by default')
    expect([shop.hidden, shop.querySelector('a')!.href]).toEqual([false, `http://${location.hostname}:9000/demo/`])
    expect(document.querySelector<HTMLElement>('#foot-demo')!.hidden).toBe(false)
  })
})

describe('tiles', () => {
  test('are the pinned targets, in the order of the server', () => {
    const board = whole(state({ targets: [row(0, 'a', 99), row(1, 'b', 0, { pinned: true }), row(2, 'c', 5, { pinned: true })] }))
    expect(tileRows(board).map(({ target }) => target)).toEqual(['b', 'c'])
  })

  test('are the busiest where nothing is pinned', () => {
    const board = whole(state({ targets: [0, 3, 1, 7, 2, 9].map((total, k) => row(k, `t${total}`, total)) }))
    expect(tileRows(board).map(({ target }) => target)).toEqual(['t9', 't7', 't3', 't2'])
  })

  test('of a target that is pressed and submitted stand beside each other, also when the second came later', () => {
    const pinned = (k: number, target: string, type = 'click') => row(k, target, 9 - k, { pinned: true, type })
    const board = whole(state({ targets: [pinned(0, 'b'), pinned(1, 'a'), pinned(5, 'b', 'submit')] }))
    expect(tileRows(board).map(({ type, target }) => `${type} ${target}`)).toEqual(['click b', 'submit b', 'click a'])
  })

  test('that are there stay where they are when others come to them', () => {
    const board = whole(state({ targets: [0, 3, 1].map((total, k) => row(k, `t${total}`, total)) }))
    expect(tileRows(board, [row(2, 't1', 1)]).map(({ target }) => target)).toEqual(['t1', 't3'])
  })

  test('come while there is room for them', () => {
    showPage()
    const tiles = new Tiles(() => new Promise(() => undefined), () => undefined, () => undefined)
    const shown = (): (string | null)[] => [...document.querySelectorAll('#tiles .tile .name')].map((name) => name.textContent)
    const draw = (fresh: boolean, ...totals: number[]): void => tiles.set(whole(state({ targets: totals.map((total, k) => row(k, `t${k}`, total)) })), 0, fresh, () => undefined)
    draw(true, 1)
    const first = document.querySelector('#tiles li')
    draw(false, 1, 5, 0)
    expect(shown()).toEqual(['t0', 't1'])
    expect(document.querySelector('#tiles li')).toBe(first)
    draw(false, 1, 5, 0, 9, 9, 9)
    expect(shown()).toEqual(['t0', 't1', 't3', 't4'])
  })

  const series = (since: number | null): Series => new Series({ app: 'a', from: 6_000, to: 6_600, step: 5, since, seq: null, series: [], total: [] }, { type: 'click', target: 'a' })

  test('compare five minutes with the five before them', () => {
    const { now, before } = halves(Array.from({ length: 130 }, (_, i) => i))
    expect([now.length, before.length, now[0], before[0], now.at(-1)]).toEqual([60, 60, 70, 10, 129])
    expect(comparison(series(null), 74, 84)).toMatchObject({ direction: 'down', text: '▼ 12 % on the 5 min before' })
    expect(comparison(series(null), 0, 0).text).toBe('')
  })

  test('compare nothing with what is not known', () => {
    expect(comparison(series(6_200), 74, 3).text).toBe('')
    expect(comparison(series(6_000), 74, 3).text).not.toBe('')
  })
})

describe('hostile names', () => {
  const NAMES = ['<img src=x onerror=alert(1)>', '\u202Ereversed', `a${'\u0301'.repeat(10_000)}`, 'W'.repeat(200), '"\'`</bdi>']

  test('stay text in the stream', () => {
    showPage()
    const view = new StreamView(() => undefined)
    view.list.latest(NAMES.map((name) => ({ at: 0, type: name, target: name, page: name, value: 1, visitor: '<b>' })))
    view.draw(true)
    const list = document.getElementById('stream')!
    expect(list.children).toHaveLength(NAMES.length)
    expect(list.querySelector('img, b')).toBeNull()
    expect([...list.querySelectorAll('.what .name')].map((name) => name.textContent).reverse()).toEqual(NAMES)
    expect([...list.querySelectorAll('.name')].every((name) => name.tagName === 'BDI')).toBe(true)
  })

  test('stay text in funnels', () => {
    showPage()
    new Funnels().draw(NAMES.map((name) => ({ name, window: 60, steps: [{ name, visitors: 1 }] })))
    const list = document.getElementById('funnels')!
    expect(list.querySelector('img')).toBeNull()
    expect([...list.querySelectorAll('h3 .name')].map((name) => name.textContent)).toEqual(NAMES)
  })
})

describe('the stream on the page', () => {
  test('keeps what it shows, and puts what is new above it', () => {
    showPage()
    const view = new StreamView(() => undefined)
    const one = (target: string) => ({ at: 0, type: 'click', target, page: '/', value: null, visitor: null })
    view.list.add([one('a')], 0, 1_000)
    view.draw(true)
    const first = document.querySelector('#stream li')
    view.list.add([one('b')], 0, 2_000)
    view.list.add([], 9, 2_200)
    view.draw(true)
    expect([...document.querySelectorAll('#stream li')].map((item) => item.querySelector('.name')?.textContent ?? item.textContent)).toEqual(['and 9 more', 'b', 'a'])
    expect(document.querySelector('#stream li:last-child')).toBe(first)
    view.list.add([], 3, 2_400)
    view.draw(true)
    expect(document.querySelector('#stream li')!.textContent).toBe('and 12 more')
  })
})

describe('funnels', () => {
  test('show visitors, the share of the step before, and of all', () => {
    showPage()
    const funnels = new Funnels()
    const funnel = (visitors: number[]) => [{ name: 'enroll', window: 1800, steps: visitors.map((n, i) => ({ name: `step ${i}`, visitors: n })) }]
    funnels.draw(funnel([100, 40, 30]))
    const text = (): string[] => [...document.querySelectorAll('.step')].map((step) => `${step.querySelector('b')!.textContent} ${step.querySelector('.step-of')!.textContent}`)
    expect(text()).toEqual(['100 visitors', '40 40 %', '30 75 %'])
    expect(document.querySelector('.funnel .quiet')!.textContent).toBe('30 % go all the way, within 30 min')
    funnels.draw(funnel([100, 140, 70]))
    expect(text()).toEqual(['100 visitors', '140 –', '70 50 %'])
    expect(document.querySelector<HTMLElement>('.step:nth-child(2) .step-of')!.title).toContain('changed under the same name')
    funnels.draw(funnel([100, 140, 170]))
    expect(document.querySelector('.funnel .quiet')!.textContent).toBe('– go all the way, within 30 min')
    funnels.draw(funnel([0, 0]))
    expect(text()).toEqual(['0 visitors', '0 –'])
    funnels.draw([])
    expect(document.getElementById('funnels-card')!.hidden).toBe(true)
  })
})
