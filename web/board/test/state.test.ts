import { describe, expect, test } from 'vitest'
import { isEmpty, next, targetOf, whole } from '../src/state'
import { HEALTH, row, state, tick } from './fakes'

describe('what is known', () => {
  test('is all of a state', () => {
    const board = whole(state())
    expect([...board.targets.keys()]).toEqual([0, 1])
    expect(board.pages.get(3)?.page).toBe('/courses/:course')
    expect(board).toMatchObject({ instance: 'k3x9', seq: 17, total: 123, value: 1298.5, upTo: 1_764_141_600_010 })
  })

  test('changes where a tick says so, and nowhere else', () => {
    const before = whole(state())
    const after = next(before, tick(18, { total: 124, targets: [row(0, 'Buy Now', 13)] }))
    expect(after.total).toBe(124)
    expect(after.targets.get(0)?.total).toBe(13)
    expect(after.targets.get(1)).toBe(before.targets.get(1))
    expect(after.pages).toBe(before.pages)
    expect(after.health).toBe(before.health)
    expect(after.value).toBe(1298.5)
    expect(after.seq).toBe(18)
  })

  test('stays as it was for who still looks at it', () => {
    const before = whole(state())
    next(before, tick(18, { targets: [row(0, 'Buy Now', 13), row(7, 'New', 1)] }))
    expect(before.targets.get(0)?.total).toBe(12)
    expect(before.targets.has(7)).toBe(false)
  })

  test('takes new rows', () => {
    const after = next(whole(state()), tick(18, { targets: [row(7, 'New', 1)] }))
    expect(targetOf(after, 'click', 'New')?.k).toBe(7)
    expect(targetOf(after, 'submit', 'New')).toBeUndefined()
  })

  test('tells null from absent', () => {
    const before = whole(state())
    expect(next(before, tick(18)).upTo).toBe(before.upTo)
    expect(next(before, tick(18, { upTo: null, value: null }))).toMatchObject({ upTo: null, value: null })
  })

  test('is empty before the first interaction only', () => {
    const empty = whole(state({ total: 0, upTo: null }))
    expect(isEmpty(empty)).toBe(true)
    expect(isEmpty(next(empty, tick(18, { total: 1, upTo: 5 })))).toBe(false)
  })

  test('takes all of a tick that has all', () => {
    const health = { ...HEALTH, level: 'bad' as const }
    const now = { second: 9, minute: 9, visitors: { '1m': 9, '5m': 9, '30m': 9 }, delivery: { p50: null, p99: null } }
    const after = next(whole(state()), tick(18, { apps: ['x'], now, health, funnels: [{ name: 'f', window: 60, steps: [] }], moreTargets: 4, morePages: 5 }))
    expect(after).toMatchObject({ apps: ['x'], now, health, moreTargets: 4, morePages: 5 })
    expect(after.funnels).toHaveLength(1)
  })
})
