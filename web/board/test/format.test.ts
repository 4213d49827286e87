import { describe, expect, test } from 'vitest'
import { amount, change, clock, clockTenths, count, counted, rate, readable, share, span, targetName, took, tookText } from '../src/format'

describe('numbers', () => {
  test('counts', () => {
    expect([0, 999, 1_234_567, 1.6, 12_345_678_901].map(count)).toEqual(['0', '999', '1,234,567', '2', '12.35B'])
  })

  test('of things', () => {
    expect([0, 1, 2, 1_000].map((n) => counted(n, 'interaction'))).toEqual(['0 interactions', '1 interaction', '2 interactions', '1,000 interactions'])
  })

  test('amounts', () => {
    expect([null, 99, 1298.5, 0.1, -3.25, 2.5e12].map(amount)).toEqual(['–', '99', '1,298.50', '0.10', '-3.25', '2.5T'])
  })

  test('rates', () => {
    expect([0, 3, 2.345, 0.04, 123.4].map(rate)).toEqual(['0', '3', '2.3', '0.04', '123'])
  })

  test('how long it took', () => {
    expect(took(null)).toEqual({ number: '–', unit: '' })
    expect([0.004, 0.21, 9.999, 42].map(tookText)).toEqual(['4 ms', '0.21 s', '10.00 s', '42 s'])
  })

  test('a length of time', () => {
    expect([0, 40, 60, 90, 120, 1800, 7800, 7200].map(span)).toEqual(['0 min', '40 s', '1 min', '90 s', '2 min', '30 min', '2 h 10 min', '2 h'])
  })

  test('a share is never all of what is not all, nor nothing of what is something', () => {
    expect(share(999, 1_000)).toBe('99 %')
    expect(share(1, 1_000)).toBe('< 1 %')
    expect(share(6, 5)).toBe('–')
    expect([share(0, 5), share(5, 5), share(1, 3), share(1, 0)]).toEqual(['0 %', '100 %', '33 %', '–'])
  })

  test('a change of few is in numbers, of many in percent', () => {
    expect(change(3, 1)).toEqual({ direction: 'up', by: '2' })
    expect(change(74, 84)).toEqual({ direction: 'down', by: '12 %' })
    expect(change(423, 29)).toEqual({ direction: 'up', by: '394' })
    expect(change(20, 20)).toEqual({ direction: 'same', by: '0 %' })
    expect(change(1001, 1000)).toEqual({ direction: 'up', by: '< 1 %' })
  })
})

test('times are of who looks', () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 670).getTime()
  expect(clock(at)).toBe('03:04:05')
  expect(clockTenths(at)).toBe('03:04:05.6')
})

describe('a name', () => {
  test('of a view is its type', () => {
    expect(targetName('view', '')).toBe('(view)')
    expect(targetName('click', 'Buy Now')).toBe('Buy Now')
  })

  test('that shows nothing is told by its characters', () => {
    expect(readable(' \u200B\u00A0')).toBe('(U+0020 U+200B U+00A0)')
    expect(readable('\u202E')).toBe('(U+202E)')
    expect(readable('\u0301'.repeat(100))).toBe(`(${new Array<string>(6).fill('U+0301').join(' ')})`)
    expect(readable('')).toBe('(none)')
  })

  test('that shows something is as it is', () => {
    for (const name of ['/', '\u202Eabc', '🏳️‍🌈', '<b>', 'مرحبا', '−']) {
      expect(readable(name)).toBe(name)
    }
  })
})
