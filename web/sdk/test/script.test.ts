import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

let urls: string[]
let targets: unknown[]

async function load(attributes: Record<string, string>): Promise<void> {
  const script = document.createElement('script')
  Object.entries(attributes).forEach(([name, value]) => script.setAttribute(name, value))
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(script)
  vi.resetModules()
  await import('../src/script')
}

beforeEach(() => {
  urls = []
  targets = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    urls.push(url)
    targets.push(...(init.body as string).split('\n').map((line) => JSON.parse(line).target))
    return new Response(null, { status: 202 })
  })
})

afterEach(() => {
  window.footfall?.off?.()
  delete window.footfall
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('the script tag', () => {
  test('sends to where the script came from', async () => {
    await load({ src: 'https://collector.test:8081/some/footfall.js' })
    await window.footfall!.flush!()
    expect(urls).toEqual(['https://collector.test:8081/v1/interactions'])
  })

  test('sends to data-collector where given', async () => {
    await load({ src: 'https://cdn.test/footfall.js', 'data-collector': 'https://collector.test' })
    await window.footfall!.flush!()
    expect(urls).toEqual(['https://collector.test/v1/interactions'])
  })

  test('shows its write key where it has one', async () => {
    await load({ src: 'https://collector.test/footfall.js', 'data-key': 'shop-key-0123456789' })
    await window.footfall!.flush!()
    expect(urls).toEqual(['https://collector.test/v1/interactions?key=shop-key-0123456789'])
  })

  test('makes up for calls that came before it', async () => {
    window.footfall = {
      q: [],
      track(...call) {
        this.q!.push(call)
      },
    }
    window.footfall.track('Early', { value: 1 })
    await load({ src: 'https://collector.test/footfall.js' })
    await window.footfall.flush!()
    expect(targets).toEqual([undefined, 'Early'])
    expect(window.footfall.dropped).toBe(0)
  })

  test('counts once although it is there twice', async () => {
    await load({ src: 'https://collector.test/footfall.js' })
    const first = window.footfall
    await load({ src: 'https://collector.test/footfall.js' })
    expect(window.footfall).toBe(first)
  })
})
