import { beforeEach, describe, expect, test, vi } from 'vitest'

let identity: typeof import('../src/identity')

beforeEach(async () => {
  vi.resetModules()
  sessionStorage.clear()
  identity = await import('../src/identity')
})

describe('an id', () => {
  test('has the form of a UUIDv7', () => {
    for (let i = 0; i < 1_000; i++) {
      expect(identity.uuid(1_700_000_000_000 + i)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
    }
  })

  test('begins with the Unix time in milliseconds', () => {
    expect(identity.uuid(0x0123_4567_89ab)).toMatch(/^01234567-89ab-7/)
  })

  test('sorts after those made before it, also within a millisecond and with the clock set back', () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => identity.uuid(1_700_000_000_000 - (i % 3)))
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('the visitor', () => {
  test('stays the same within a tab', async () => {
    const first = identity.visitor(1)
    vi.resetModules()
    const nextPage = await import('../src/identity')
    expect(nextPage.visitor(2)).toBe(first)
  })

  test('is another in a new tab', async () => {
    const first = identity.visitor(1)
    sessionStorage.clear()
    vi.resetModules()
    const nextTab = await import('../src/identity')
    expect(nextTab.visitor(2)).not.toBe(first)
  })

  test('lives in memory where storage is denied', () => {
    const denied = vi.spyOn(globalThis, 'sessionStorage', 'get').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    expect(identity.visitor(1)).toBe(identity.visitor(2))
    denied.mockRestore()
  })
})
