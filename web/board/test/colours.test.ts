import { describe, expect, test } from 'vitest'
import { DARK, LIGHT, OTHER_DARK, OTHER_LIGHT, Slots } from '../src/colours'

type Rgb = [number, number, number]

/** Machado, Oliveira, Fernandes 2009, for who sees no red, no green, no blue at all; on linear light. */
const SIGHTS: Record<string, number[][]> = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}

function linear(hex: string): Rgb {
  const part = (i: number): number => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

function times(matrix: number[][], [r, g, b]: Rgb): Rgb {
  return matrix.map((row) => Math.min(1, Math.max(0, row[0]! * r + row[1]! * g + row[2]! * b))) as Rgb
}

/** OKLab: distances in it are as people see them. */
function lab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function distance(a: string, b: string, sight: number[][]): number {
  const [x, y] = [lab(times(sight, linear(a))), lab(times(sight, linear(b)))]
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2])
}

const GROUNDS = { light: { colours: [...LIGHT, OTHER_LIGHT], ground: '#ffffff' }, dark: { colours: [...DARK, OTHER_DARK], ground: '#161d1a' } }

describe.each(Object.entries(GROUNDS))('the colours on %s', (_, { colours, ground }) => {
  test.each(Object.entries(SIGHTS))('are told apart with %s', (_, sight) => {
    for (const [i, a] of colours.entries()) {
      for (const b of colours.slice(i + 1)) {
        expect(distance(a, b, sight), `${a} and ${b}`).toBeGreaterThan(0.05)
      }
      // Those of the busiest targets, and so of the pinned ones, most of all.
      for (const b of colours.slice(0, 4).filter((one) => i < 4 && one !== a)) {
        expect(distance(a, b, sight), `${a} and ${b}`).toBeGreaterThan(0.1)
      }
      expect(distance(a, ground, sight), `${a} on ${ground}`).toBeGreaterThan(0.15)
    }
  })
})

describe('a line', () => {
  test('keeps its colour when others come and go', () => {
    const slots = new Slots()
    slots.assign(['a', 'b', 'c'])
    slots.assign(['c', 'd', 'a'])
    expect(['a', 'b', 'c', 'd'].map((key) => slots.of(key))).toEqual([0, 1, 2, 3])
  })

  test('takes the colour of one that is gone, when there is no other', () => {
    const slots = new Slots()
    const ten = Array.from({ length: 10 }, (_, i) => `k${i}`)
    slots.assign(ten)
    slots.assign([...ten.slice(1), 'new'])
    expect(slots.of('new')).toBe(0)
    expect(slots.of('k0')).toBeUndefined()
    expect(new Set([...ten.slice(1), 'new'].map((key) => slots.of(key))).size).toBe(10)
  })

  test('beyond ten has none', () => {
    const slots = new Slots()
    slots.assign(Array.from({ length: 11 }, (_, i) => `k${i}`))
    expect(slots.of('k10')).toBeUndefined()
  })
})
