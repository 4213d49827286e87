import { beforeEach, describe, expect, test, vi } from 'vitest'

let identity: typeof import('../src/identity')

beforeEach(async () => {
  vi.resetModules()
  sessionStorage.clear()
  localStorage.clear()
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

  test('is another each time', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => identity.uuid(1_700_000_000_000))).size).toBe(10_000)
  })

  test('is random in every digit that is not its time, version or variant', () => {
    const ids = Array.from({ length: 1_000 }, () => identity.uuid(1_700_000_000_000))
    for (const [at, digit] of [...ids[0]!].entries()) {
      const digits = new Set(ids.map((id) => id[at]))
      expect(digits.size, `digit ${at}`).toBe(at < 13 || at === 14 || digit === '-' ? 1 : at === 19 ? 4 : 16)
    }
  })
})

const NOW = 1_700_000_000_000
const DAY = 86_400_000

describe('the visitor', () => {
  /** The next page of the same site, in the same tab or in one that has another session. */
  async function nextPage(sameTab = true): Promise<typeof identity> {
    if (!sameTab) {
      sessionStorage.clear()
    }
    vi.resetModules()
    return import('../src/identity')
  }

  test('stays the same within a tab, and is another in a new one', async () => {
    const first = identity.visitor(NOW, undefined)
    expect((await nextPage()).visitor(NOW + 1, 'tab')).toBe(first)
    expect((await nextPage(false)).visitor(NOW + 2, 'tab')).not.toBe(first)
  })

  test('of a site stays the same in all its tabs', async () => {
    const first = identity.visitor(NOW, 'site')
    expect((await nextPage(false)).visitor(NOW + 1, 'site')).toBe(first)
  })

  test.each([
    ['tab', DAY],
    ['site', 30 * DAY],
  ] as const)('of a %s ends after %i ms, also in a page that stays open', async (extent, age) => {
    const first = identity.visitor(NOW, extent)
    expect(identity.visitor(NOW + age - 1, extent)).toBe(first)
    const second = identity.visitor(NOW + age, extent)
    expect(second).not.toBe(first)
    expect((await nextPage()).visitor(NOW + age + 1, extent)).toBe(second)
  })

  test('is made anew where what is stored is none', async () => {
    sessionStorage.setItem('footfall.visitor', 'me@example.com')
    expect(identity.visitor(NOW, 'tab')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('lives in memory where storage is denied', () => {
    const denied = vi.spyOn(globalThis, 'sessionStorage', 'get').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError')
    })
    expect(identity.visitor(NOW, 'tab')).toBe(identity.visitor(NOW + 1, 'tab'))
    denied.mockRestore()
  })

  test('is a stranger after it was forgotten', () => {
    const first = identity.visitor(NOW, 'site')
    identity.forgetAll()
    expect(localStorage.getItem('footfall.visitor')).toBeNull()
    expect(identity.visitor(NOW, 'site')).not.toBe(first)
  })
})
