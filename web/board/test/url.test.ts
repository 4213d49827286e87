import { describe, expect, test } from 'vitest'
import { fromUrl, reaching, toggled, toUrl, type View } from '../src/url'

const PLAIN: View = {
  app: null,
  range: '5m',
  only: null,
  targetSort: { by: 'total', down: true },
  pageSort: { by: 'total', down: true },
  targetFilter: '',
  pageFilter: '',
  streamFilter: '',
  wall: false,
  zoom: null,
}

describe('the address', () => {
  test('of a plain view is plain', () => {
    expect(toUrl(PLAIN)).toBe('')
    expect(fromUrl('')).toEqual(PLAIN)
  })

  test.each<[string, Partial<View>]>([
    ['an app', { app: 'shop' }],
    ['a range', { range: '2h' }],
    ['a target', { only: { type: 'submit', target: 'Buy Now & <more>' } }],
    ['a target without a name', { only: { type: 'view', target: '' } }],
    ['a page', { only: { page: '/courses/:course?#&=%' } }],
    ['a page without a name', { only: { page: '' } }],
    ['sorts', { targetSort: { by: 'name', down: false }, pageSort: { by: 'minute', down: true } }],
    ['filters', { targetFilter: 'buy +1', pageFilter: '/', streamFilter: 'ö\u202E' }],
    ['the wall', { wall: true }],
    ['what the chart is zoomed to', { zoom: [1_764_141_000, 1_764_141_060], range: '30m' }],
    ['all of it', { app: 'a b', range: '30m', only: { page: '/x' }, targetSort: { by: 'value', down: true }, targetFilter: 'x', wall: true }],
  ])('keeps %s', (_, change) => {
    const view = { ...PLAIN, ...change }
    expect(fromUrl(toUrl(view))).toEqual(view)
  })

  test('that means nothing is a plain view', () => {
    expect(fromUrl('?range=9y&sort=<img>&wall=yes&app=&pagesort=')).toEqual(PLAIN)
    for (const zoom of ['from=1', 'to=9', 'from=9&to=9', 'from=10&to=9', 'from=-1&to=9', 'from=1.5&to=9', 'from=a&to=b', `from=1&to=${'9'.repeat(40)}`]) {
      expect(fromUrl(`?${zoom}`)).toEqual(PLAIN)
    }
    expect(fromUrl(`?find=${'x'.repeat(9_000)}`).targetFilter).toHaveLength(300)
  })
})

test('a range reaches back to what is zoomed to, and is none where that is longer ago than all', () => {
  expect([0, 200, 300, 1_700, 1_800, 7_000].map((seconds) => reaching(seconds, '5m'))).toEqual(['5m', '5m', '30m', '30m', '2h', '2h'])
  expect([reaching(10, '2h'), reaching(7_200, '5m'), reaching(7_201, '5m'), reaching(-50, '30m')]).toEqual(['2h', '2h', null, '30m'])
})

test('another click on what is alone shows all again', () => {
  const buy = { type: 'click', target: 'Buy Now' }
  expect(toggled(null, buy)).toEqual(buy)
  expect(toggled(buy, { ...buy })).toBeNull()
  expect(toggled(buy, { page: '/' })).toEqual({ page: '/' })
})
