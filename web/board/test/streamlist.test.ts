import { describe, expect, test } from 'vitest'
import { StreamList } from '../src/streamlist'
import type { Interaction } from '../src/wire'

const of = (target: string, more: Partial<Interaction> = {}): Interaction => ({ at: 0, type: 'click', target, page: '/', value: null, visitor: null, ...more })
const many = (n: number, from = 0): Interaction[] => Array.from({ length: n }, (_, i) => of(String(from + i)))

const shown = (list: StreamList): (string | number)[] => list.entries.map((entry) => ('more' in entry ? entry.more : entry.interaction.target))

describe('the stream', () => {
  test('has the newest on top', () => {
    const list = new StreamList()
    list.latest([of('a'), of('b')])
    list.add([of('c')], 0, 1_000)
    expect(shown(list)).toEqual(['c', 'b', 'a'])
  })

  test('shows what one can read of a second, and how many more there were', () => {
    const list = new StreamList()
    list.add(many(10), 120, 1_000)
    expect(shown(list)).toEqual([126, '3', '2', '1', '0'])
    list.add(many(20, 10), 5, 1_200)
    expect(shown(list)).toEqual([151, '3', '2', '1', '0'])
    list.add(many(1, 50), 0, 2_000)
    expect(shown(list)).toEqual(['50', 151, '3', '2', '1', '0'])
  })

  test('loses nothing without saying so', () => {
    const list = new StreamList()
    let sent = 0
    for (let i = 0; i < 12; i++) {
      const n = (i * 7) % 5
      list.add(many(n), i, i * 200)
      sent += n + i
    }
    expect(list.entries.reduce((sum, entry) => sum + ('more' in entry ? entry.more : 1), 0)).toBe(sent)
  })

  test('stands still while it is held, counts what waits, and goes on from there', () => {
    const list = new StreamList()
    list.add([of('a')], 0, 1_000)
    list.hold(true)
    const before = list.entries
    list.add([of('b'), of('c')], 3, 2_000)
    expect(list.entries).toBe(before)
    expect(list.waiting).toBe(5)
    list.hold(false)
    expect(shown(list)).toEqual([3, 'c', 'b', 'a'])
    expect(list.waiting).toBe(0)
  })

  test('keeps what it has when a service that has just started tells less, and takes what is new', () => {
    const list = new StreamList()
    list.latest([of('a', { at: 1 }), of('b', { at: 2 })])
    list.add([], 7, 1_000)
    list.latest([])
    expect(shown(list)).toEqual([7, 'b', 'a'])
    // One that it has, the same once more, and one that came meanwhile.
    list.latest([of('a', { at: 1 }), of('b', { at: 2 }), of('b', { at: 2 }), of('new', { at: 3 })])
    expect(shown(list)).toEqual(['new', 'b', 7, 'b', 'a'])
    list.filter('new')
    expect(shown(list)).toEqual(['new'])
  })

  test('stands still while it is held, also over a restart', () => {
    const list = new StreamList()
    list.latest([of('a', { at: 1 })])
    list.hold(true)
    list.latest([of('b', { at: 2 })])
    expect(shown(list)).toEqual(['a'])
    expect(list.waiting).toBe(1)
    list.hold(false)
    expect(shown(list)).toEqual(['b', 'a'])
  })

  test('is empty for another app', () => {
    const list = new StreamList()
    list.latest([of('a', { at: 9 })])
    list.forget()
    list.latest([of('b', { at: 2 })])
    expect(shown(list)).toEqual(['b'])
  })

  test('is as it was where it was held and nothing came', () => {
    const list = new StreamList()
    list.add([of('a')], 0, 1_000)
    list.hold(true)
    list.hold(false)
    expect(shown(list)).toEqual(['a'])
  })

  test('is filtered by target, type and page, also of what came before', () => {
    const list = new StreamList()
    list.add([of('Buy Now'), of('Send', { type: 'submit' }), of('', { type: 'view', page: '/Courses' })], 0, 1_000)
    const found = (text: string): (string | number)[] => {
      list.filter(text)
      return shown(list)
    }
    expect(found('buy')).toEqual(['Buy Now'])
    expect(found(' SUBMIT ')).toEqual(['Send'])
    expect(found('courses')).toEqual([''])
    expect(found('nothing')).toEqual([])
    expect(found('')).toHaveLength(3)
  })

  test('is bounded', () => {
    const list = new StreamList()
    for (let s = 0; s < 500; s++) {
      list.add(many(20), 100, s * 1_000)
    }
    expect(list.entries.length).toBeLessThanOrEqual(60)
  })
})
