import { byId, make, setText, show } from './dom'
import { clock } from './format'
import type { Connection } from './live'

/** A line that is lost for less than this needs no words: the next try is under way. */
const QUIET_MS = 1_200

/** Says that the connection is lost, since when, and why where that is known. */
export class AwayView {
  readonly #note = byId('away')
  readonly #title = byId('away-title')
  readonly #advice = byId('away-advice')
  readonly #apps = byId('away-apps')
  readonly #tell: (text: string) => void
  #since: number | null = null
  #told = ''

  constructor(tell: (text: string) => void) {
    this.#tell = tell
  }

  /** True while it waits for its moment to speak. */
  draw(connection: Connection, apps: readonly string[], now: number): boolean {
    if (connection.is !== 'away') {
      this.#since = null
      show(this.#note, false)
      if (this.#told !== '' && connection.is === 'live') {
        this.#told = ''
        this.#tell('Connected again.')
      }
      return false
    }
    this.#since ??= now
    const { lastSeen, problem } = connection
    if (!problem && now - this.#since < QUIET_MS) {
      return true
    }
    const title = problem ? problem.title : 'Reconnecting…'
    const seen = lastSeen === null ? '' : `Last seen ${clock(lastSeen)}.`
    const advice = problem
      ? `${problem.advice} ${seen}`.trim()
      : seen
        ? `${seen} What is counted meanwhile is shown when it is back.`
        : 'The metrics service does not answer.'
    this.#note.dataset['level'] = problem ? 'warn' : 'quiet'
    setText(this.#title, title)
    setText(this.#advice, advice)
    const others = problem?.status === 404 ? apps : []
    show(this.#apps, others.length > 0)
    if (this.#apps.dataset['apps'] !== others.join()) {
      this.#apps.dataset['apps'] = others.join()
      this.#apps.replaceChildren(...others.map((app) => Object.assign(make('a', 'button', app), { href: `?app=${encodeURIComponent(app)}` })))
    }
    show(this.#note, true)
    if (this.#told !== title) {
      this.#told = title
      this.#tell(`${title} ${advice}`)
    }
    return false
  }
}
