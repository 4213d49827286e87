import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { madeUpServer, violations, type MadeUp } from '../harness/board'
import { Browser } from '../harness/browser'
import { lacking } from '../harness/here'
import { until, untilEqual } from '../harness/until'

const reason = lacking(['chromium'])
if (reason !== undefined) {
  console.warn(`Skipped: the live board in a browser: ${reason}.`)
}

const SCREENS: Record<string, BrowserContextOptions> = {
  'a desk, light': { viewport: { width: 1440, height: 1000 }, colorScheme: 'light' },
  'a desk, dark': { viewport: { width: 1440, height: 1000 }, colorScheme: 'dark' },
  'a phone, dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', deviceScaleFactor: 2, hasTouch: true },
  'a phone without motion, light': { viewport: { width: 390, height: 844 }, colorScheme: 'light', reducedMotion: 'reduce' },
}

describe.skipIf(reason !== undefined)('The live board', () => {
  let server: MadeUp
  let browser: Browser

  beforeAll(async () => {
    server = await madeUpServer()
    browser = await Browser.open()
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  /** A page of its own, and all that it complained of. */
  async function look(query: string, screen: BrowserContextOptions = SCREENS['a desk, light']!): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.chromium.newContext(screen)
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => message.type() !== 'log' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => (complaints.push(`dialog: ${dialog.message()}`), void dialog.dismiss()))
    await page.goto(`${server.url}/${query}`)
    return { page, complaints }
  }

  const text = (page: Page, selector: string) => page.locator(selector).first().textContent()
  const shown = async (page: Page) => until('the chart is there', async () => (await page.locator('#plot canvas').count()) > 0 && /\d/.test((await text(page, '#now-total')) ?? ''))
  const grave = async (page: Page) => (await violations(page)).filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const tooWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

  for (const [screen, options] of Object.entries(SCREENS)) {
    for (const app of screen === 'a desk, light' ? ['shop', 'hostile', 'unhealthy', 'busy', 'young'] : ['shop', 'hostile', 'unhealthy']) {
      test(`of ${app} on ${screen} is usable, fits, and breaks no policy`, async () => {
        const { page, complaints } = await look(`?app=${app}`, options)
        await shown(page)
        expect(await grave(page)).toEqual([])
        expect(await tooWide(page)).toBe(0)
        await page.keyboard.press('h')
        await until('the sheet is open', () => page.locator('#health-dialog[open]').count())
        expect(await grave(page)).toEqual([])
        expect(await text(page, '.verdict')).toBe('✓')
        await page.keyboard.press('Escape')
        expect(complaints).toEqual([])
      })
    }

    test(`of an app without a click on ${screen} says what to paste`, async () => {
      const { page, complaints } = await look('?app=empty', options)
      await page.locator('#empty').waitFor()
      await untilEqual('it is the address of the collector', '<script defer src="http://localhost:18081/footfall.js" data-app="empty"></script>', () => text(page, '#snippet'))
      for (const link of ['#empty-demo a', '#foot-demo a']) {
        expect(await page.locator(link).getAttribute('href')).toBe('http://localhost:18081/demo/')
      }
      expect(await page.locator('#chart-card').isVisible()).toBe(false)
      expect(await grave(page)).toEqual([])
      expect(await tooWide(page)).toBe(0)
      expect(complaints).toEqual([])
    })
  }

  test('says that the collector’s address is a guess where it is one', async () => {
    const context = await browser.chromium.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.route('**/config.json', (route) => route.fulfill({ json: { collector: null } }))
    await page.goto(`${server.url}/?app=empty`)
    await page.locator('#empty').waitFor()
    expect(await text(page, '#snippet')).toBe('<script defer src="http://localhost:8081/footfall.js" data-app="empty"></script>')
    expect(await text(page, '#empty-where')).toContain('listens by default')
    expect(await page.locator('#empty-demo').isVisible()).toBe(false)
  })

  test('is drawn before its script is there', async () => {
    const context = await browser.chromium.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.route('**/*.js', (route) => route.abort())
    await page.goto(`${server.url}/?app=shop`)
    expect(await page.locator('h1').isVisible()).toBe(true)
    expect(await text(page, '#now-second')).toBe('–')
    expect(await page.locator('#chart-title').isVisible()).toBe(true)
  })

  test('is painted within a second, with nothing kept from before', async () => {
    const paints: number[] = []
    for (let i = 0; i < 5; i++) {
      const context = await browser.chromium.newContext()
      const page = await context.newPage()
      await page.goto(`${server.url}/?app=shop`)
      paints.push(await until('it is painted', () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)))
      await context.close()
    }
    paints.sort((a, b) => a - b)
    console.log(`The board's first paint: ${paints.map(Math.round).join(', ')} ms`)
    expect(paints[2]).toBeLessThan(1_000)
  })

  test('keeps names that paint over others in their rows', async () => {
    const { page } = await look('?app=hostile')
    await shown(page)
    // Each looked at in one step of the page: a line that left the stream between being found and being asked has no style.
    const heights = await page.evaluate(() => [...document.querySelectorAll('#targets tbody tr')].map((row) => row.getBoundingClientRect().height))
    expect(heights.length).toBeGreaterThan(10)
    expect(new Set(heights).size).toBe(1)
    // What is outside of its box is not painted, whatever the font does; and the box is as high as a line.
    const boxes = await page.evaluate(() =>
      [...document.querySelectorAll('.name')].map((name) => {
        const { overflow, unicodeBidi } = getComputedStyle(name)
        return { overflow, bidi: unicodeBidi, high: name.getBoundingClientRect().height }
      }),
    )
    expect(boxes.length).toBeGreaterThan(heights.length)
    for (const { overflow, bidi, high } of boxes) {
      expect({ overflow, bidi }).toEqual({ overflow: 'clip', bidi: 'isolate' })
      expect(high).toBeLessThan(40)
    }
    expect(await page.locator('main img').count()).toBe(0)
  })

  test('keeps rows still under the pointer, and sorts on demand', async () => {
    const { page } = await look('?app=busy&sort=-minute')
    await shown(page)
    const names = () => page.locator('#targets tbody .name').evaluateAll((all) => all.map((name) => name.textContent))
    const numbers = () => page.locator('#targets tbody td').evaluateAll((all) => all.map((cell) => cell.textContent).join())
    await page.locator('#targets tbody tr').nth(3).hover()
    const before = { names: await names(), numbers: await numbers() }
    await until('the numbers move on', async () => (await numbers()) !== before.numbers)
    await page.locator('#targets-sort').waitFor()
    expect(await names()).toEqual(before.names)
    await page.keyboard.press('s')
    await until('the rows are sorted', async () => JSON.stringify(await names()) !== JSON.stringify(before.names))
  })

  test('draws what was never pressed before as a line of its own, in the chart and on its tile', async () => {
    const { page } = await look('?app=news')
    await shown(page)
    const legend = () => page.locator('#legend li:visible .name').allTextContents()
    await until('both new ones are there', async () => (await legend()).sort().join() === '(view),Buy Now,Search')
    const tile = page.locator('#tiles .tile', { hasText: 'Buy Now' })
    const numbers = async () => (await tile.locator('.tile-rates b').allTextContents()).map(Number)
    await until('the tile has its minute in its five', async () => {
      const [minute, five] = await numbers()
      return minute! > 0 && minute === five
    })
    // The server's answer says the same.
    await page.reload()
    await shown(page)
    await until('nothing changes with a reload', async () => (await legend()).sort().join() === '(view),Buy Now,Search')
  })

  test('goes on without a hole and without counting twice after another instance has taken over', async () => {
    const { page } = await look('?app=restart')
    await shown(page)
    await page.locator('#away').waitFor({ timeout: 60_000 })
    expect(await text(page, '#away-title')).toBe('The metrics service reads its log.')
    const lines = () => page.locator('#stream .event').allTextContents()
    const before = await lines()
    expect(before.length).toBeGreaterThan(3)
    await page.locator('#away').waitFor({ state: 'hidden', timeout: 60_000 })
    // The service remembers none; the page does.
    expect(await lines()).toContain(before[0])
    // Between two interactions the page and the server say the same.
    await until('the chart has what the server has', () =>
      page.evaluate(async () => {
        const { total } = (await (await fetch('api/v1/series?app=restart&range=5m')).json()) as { total: number[] }
        const sum = total.reduce((all, n) => all + n, 0)
        return document.getElementById('legend-at')!.textContent === `Last 5 minutes  ·  ${sum.toLocaleString('en')}`
      }),
    )
  })

  test('says that as many look as may, asks again as it is told to, and is let in when one has left', async () => {
    const { page: first } = await look('?app=full')
    await shown(first)
    const { page } = await look('?app=full')
    await page.locator('#away').waitFor()
    expect(await text(page, '#away-title')).toBe('As many people look at the board as may.')
    const asked: number[] = []
    page.on('request', (request) => request.url().includes('/live') && request.resourceType() === 'eventsource' && asked.push(Date.now()))
    await until('it has asked again twice', () => asked.length === 2)
    expect(asked[1]! - asked[0]!).toBeGreaterThan(4_500)
    expect(await page.locator('#away').isVisible()).toBe(true)
    await first.close()
    await page.locator('#away').waitFor({ state: 'hidden', timeout: 60_000 })
    await shown(page)
  })

  test('shows in its address what it shows', async () => {
    const { page } = await look('?app=shop')
    await shown(page)
    await page.getByRole('button', { name: 'Buy Now', exact: true }).first().click()
    await page.keyboard.press('2')
    expect(new URL(page.url()).search).toBe('?app=shop&range=30m&type=click&target=Buy+Now')
    await untilEqual('one line is left', 1, () => page.locator('#legend li').count())
    const shared = await look(new URL(page.url()).search)
    await shown(shared.page)
    expect(await text(shared.page, '#only-name')).toBe('Buy Now')
    expect(await shared.page.locator('#ranges input:checked').inputValue()).toBe('30m')
    await page.goBack()
    await page.goBack()
    expect(await page.locator('#only').isVisible()).toBe(false)
  })

  test('has what it is zoomed to in its address', async () => {
    const { page } = await look('?app=shop')
    await shown(page)
    const { x, y, width } = (await page.locator('#plot').boundingBox())!
    await page.mouse.move(x + width / 3, y + 50)
    await page.mouse.down()
    await page.mouse.move(x + width / 2, y + 50, { steps: 4 })
    await page.mouse.up()
    await page.mouse.move(5, 5)
    const search = await until('it is in the address', () => /^\?app=shop&from=\d+&to=\d+$/.test(new URL(page.url()).search) && new URL(page.url()).search)
    const at = (page: Page) => page.locator('#legend-at').textContent()
    const zoomed = (await at(page))!.split('·')[0]
    const shared = await look(search)
    await shared.page.locator('#back-to-live').waitFor()
    await untilEqual('it shows the same', zoomed, async () => (await at(shared.page))!.split('·')[0])
    // A target alone, of the same time; another range is live.
    await shared.page.locator('#legend button').first().click()
    await until('one line is left', async () => (await shared.page.locator('#legend li').count()) === 1)
    await untilEqual('it shows the same', zoomed, async () => (await at(shared.page))!.split('·')[0])
    await shared.page.keyboard.press('2')
    await shared.page.locator('#back-to-live').waitFor({ state: 'hidden' })
    expect(shared.page.url()).not.toContain('from=')
    await shared.page.goBack()
    await shared.page.locator('#back-to-live').waitFor()
    await page.locator('#back-to-live').click()
    await until('the address is plain', () => new URL(page.url()).search === '?app=shop')
  })

  test('reaches back to what its address shows, and says where that is longer ago than is known', async () => {
    const second = Math.floor(Date.now() / 1000)
    const { page } = await look(`?app=shop&from=${second - 1_200}&to=${second - 1_100}`)
    await page.locator('#back-to-live').waitFor()
    expect(await page.locator('#ranges input:checked').inputValue()).toBe('30m')
    expect(new URL(page.url()).search).toBe(`?app=shop&range=30m&from=${second - 1_200}&to=${second - 1_100}`)
    const old = await look(`?app=shop&from=${second - 9_000}&to=${second - 8_000}`)
    await until('it says so', async () => (await text(old.page, '#legend-at'))?.startsWith('What the address shows is longer ago than two hours.'))
    expect(await old.page.locator('#back-to-live').isVisible()).toBe(false)
    expect(new URL(old.page.url()).search).toBe('?app=shop')
  })

  test('has the head of the stream on one line, also while it waits', async () => {
    const { page } = await look('?app=busy', { viewport: { width: 1280, height: 900 } })
    await shown(page)
    const middles = () => page.locator('#stream-card .head > :is(h2, input, button)').evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ top, height }) => Math.round(top + height / 2)))
    expect(new Set(await middles()).size).toBe(1)
    await page.keyboard.press('p')
    await until('some wait', async () => /^Go on · \d+ new$/.test((await text(page, '#pause')) ?? ''))
    expect(new Set(await middles()).size).toBe(1)
    expect(await page.locator('#stream-card').evaluate((card) => card.scrollWidth - card.clientWidth)).toBe(0)
  })

  test('shows few as whole ones', async () => {
    const { page } = await look('?app=calm')
    await shown(page)
    await untilEqual('it is by column', 'Interactions in each 5 s', () => text(page, '#chart-title'))
    await page.locator('#plot').focus()
    await page.keyboard.press('ArrowLeft')
    await until('a moment is read', async () => /^\d\d:\d\d:\d\d: \d+ in 5 s/.test((await page.locator('#plot').getAttribute('aria-valuetext')) ?? ''))
  })

  test('is zoomed and read by mouse and by keys', async () => {
    const { page, complaints } = await look('?app=shop')
    await shown(page)
    const { x, y, width } = (await page.locator('#plot').boundingBox())!
    await page.mouse.move(x + width / 2, y + 50)
    await page.mouse.down()
    await page.mouse.move(x + width / 2 + 150, y + 50, { steps: 4 })
    await page.mouse.up()
    await page.locator('#back-to-live').waitFor()
    await page.mouse.dblclick(x + width / 2, y + 50)
    await page.locator('#back-to-live').waitFor({ state: 'hidden' })
    await page.mouse.move(5, 5)
    await page.locator('#plot').focus()
    await page.keyboard.press('ArrowLeft')
    await until('a moment is read', async () => /^\d\d:\d\d:\d\d: /.test((await page.locator('#plot').getAttribute('aria-valuetext')) ?? ''))
    await page.keyboard.press('+')
    await page.locator('#back-to-live').waitFor()
    await page.keyboard.press('0')
    await page.locator('#back-to-live').waitFor({ state: 'hidden' })
    expect(complaints).toEqual([])
  })

  test('is large on a wall, and fits there without scrolling', async () => {
    for (const viewport of [{ width: 1920, height: 1080 }, { width: 1280, height: 720 }, { width: 3840, height: 2160 }]) {
      const { page, complaints } = await look('?app=shop&wall=1', { viewport, colorScheme: 'dark' })
      await shown(page)
      const size = (selector: string) => page.locator(selector).first().evaluate((element) => parseFloat(getComputedStyle(element).fontSize))
      expect(await size('.tile-total')).toBeGreaterThan(viewport.height / 14)
      expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0)
      expect(await tooWide(page)).toBe(0)
      expect((await page.locator('#plot').boundingBox())!.height).toBeGreaterThan(viewport.height / 8)
      const bad = await look('?app=unhealthy&wall=1', { viewport })
      await bad.page.locator('#alarm').waitFor()
      expect(await bad.page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0)
      await page.keyboard.press('Escape')
      await until('the board is back', async () => !page.url().includes('wall'))
      expect(complaints).toEqual([])
    }
  })
})
