import { chromium, type Browser as Chromium, type BrowserContext, type Page } from 'playwright-core'
import { chromiumProgram } from './here'

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** An interaction as a page sent it. */
export interface Sent {
  id: string
  type?: string
  target?: string
  page: string
  value?: number
  visitor: string
  at: number
  properties?: Record<string, unknown>
}

/** Chromium, and what its pages sent to collectors: the tests' own account, made outside of Footfall. */
export class Browser {
  /** By id: what is sent again is still one. */
  readonly sent = new Map<string, Sent>()

  private constructor(
    readonly chromium: Chromium,
    readonly context: BrowserContext,
  ) {
    context.on('request', (request) => {
      if (request.method() === 'POST' && new URL(request.url()).pathname === '/v1/interactions') {
        const lines = (request.postData() ?? '').split('\n').filter((line) => line !== '')
        for (const interaction of lines.map((line) => JSON.parse(line) as Sent)) {
          this.sent.set(interaction.id, interaction)
        }
      }
    })
  }

  /** As playwright does it, with an empty profile that is removed afterwards. */
  static async open(...args: string[]): Promise<Browser> {
    const opened = await chromium.launch({
      executablePath: chromiumProgram!,
      chromiumSandbox: false,
      // Pages go to the back-forward cache, as they do for people.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      args: [...ARGUMENTS, ...args],
      handleSIGINT: false,
      timeout: 120_000,
    })
    const context = await opened.newContext({ viewport: { width: 1280, height: 900 } })
    context.setDefaultTimeout(60_000)
    return new Browser(opened, context)
  }

  async visit(url: string): Promise<Page> {
    const page = await this.context.newPage()
    await page.goto(url)
    return page
  }

  async close(): Promise<void> {
    await this.chromium.close()
  }
}

/** Presses one of the shop's buttons, as a person would; `nth` is the course's place in the catalogue. */
export async function press(page: Page, button: 'Enroll Now' | 'Buy Now', nth = 0): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).nth(nth).click()
}
