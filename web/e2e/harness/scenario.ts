import { test } from 'vitest'
import { Browser } from './browser'
import { Footfall, type Log } from './footfall'
import { lacking, type Need } from './here'

/** What a test may use; all of it is ended with the test, whatever becomes of it. */
export interface Scene {
  log: Log
  footfall: Footfall
  /** Opened at the first call. `args` are Chromium's own. */
  browser(...args: string[]): Promise<Browser>
}

/** A test with a Footfall of its own. Where something that it needs is not here, it is skipped and says why. */
export function scenario(name: string, needs: readonly Need[], act: (scene: Scene) => Promise<void>, log: Log = 'embedded'): void {
  test(name, async ({ skip, onTestFinished, onTestFailed }) => {
    const reason = lacking(log === 'kafka' ? [...needs, 'kafka'] : needs)
    if (reason !== undefined) {
      console.warn(`Skipped: ${name}: ${reason}.`)
      skip(reason)
    }
    const footfall = await Footfall.prepare(log, needs.includes('prometheus'))
    let browser: Promise<Browser> | undefined
    let report = ''
    onTestFailed(() => console.error(report))
    onTestFinished(async () => {
      report = footfall.report()
      await browser?.then((opened) => opened.close())
      await footfall.close()
    })
    await act({ log, footfall, browser: (...args) => (browser ??= Browser.open(...args)) })
  })
}

/** The same test on either log: what people see must not depend on where interactions are kept. */
export function onBothLogs(name: string, needs: readonly Need[], act: (scene: Scene) => Promise<void>): void {
  scenario(`${name} (embedded log)`, needs, act, 'embedded')
  scenario(`${name} (Kafka)`, needs, act, 'kafka')
}
