import { byId, make, setText, show } from './dom'
import { clock, clockTenths, count, span } from './format'
import type { Connection } from './live'
import type { Board } from './state'
import type { Health } from './wire'

/** The quiet line: how fresh the numbers are, and what is on its way. */
export function lineOf({ upTo, health }: Pick<Board, 'upTo' | 'health'>): string {
  const parts = [upTo === null ? 'Nothing counted yet' : `Counted up to ${clockTenths(upTo)}`]
  if (upTo !== null || health.lag > 0) {
    parts.push(`${count(health.lag)} in flight`)
  }
  const spool = spoolText(health)
  if (spool) {
    parts.push(spool)
  }
  return parts.join(' · ')
}

export function spoolText({ spool }: Pick<Health, 'spool'>): string | null {
  if (!spool) {
    return null
  }
  const records = `${count(spool.records)} in the spool`
  return spool.awaySeconds > 0 ? `Kafka away for ${span(spool.awaySeconds)}, ${records}` : records
}

/** What is wrong and what to do; null where nothing is. */
export function alarmOf(health: Health): { level: 'warn' | 'bad'; message: string; advice: string } | null {
  if (health.level === 'ok') {
    return null
  }
  return { level: health.level, message: health.message ?? health.notReady ?? 'Something is wrong.', advice: health.advice ?? '' }
}

/** written = counted + duplicates + unreadable + missed + lag */
export function balance(health: Health): { accounted: number; holds: boolean } {
  const accounted = health.counted + health.duplicates + health.unreadable + health.missed + health.lag
  return { accounted, holds: accounted === health.written }
}

const LEVELS = { ok: 'All is well.', warn: 'Something needs a look.', bad: 'Something is wrong.' }

export class HealthView {
  readonly #button = byId('health')
  readonly #text = byId('health-text')
  readonly #alarm = byId('alarm')
  readonly #message = byId('alarm-message')
  readonly #advice = byId('alarm-advice')
  readonly #dialog = byId<HTMLDialogElement>('health-dialog')
  readonly #body = byId('health-body')
  #told = ''
  /** What the sheet shows once it is opened. */
  #newest: { board: Board; live: boolean } | null = null
  readonly #tell: (text: string) => void

  /** `tell`: says it to who doesn't see the page. */
  constructor(tell: (text: string) => void) {
    this.#tell = tell
    this.#button.addEventListener('click', () => this.open())
    byId('alarm-details').addEventListener('click', () => this.open())
  }

  open(): void {
    if (!this.#dialog.open) {
      this.#fill()
      this.#dialog.showModal()
    }
  }

  draw(board: Board | null, is: Connection['is']): void {
    const live = is === 'live'
    this.#newest = board && { board, live }
    if (this.#dialog.open) {
      this.#fill()
    }
    if (!board) {
      setText(this.#text, is === 'away' ? 'Not connected' : 'Connecting…')
      this.#button.dataset['level'] = 'away'
      show(this.#alarm, false)
      return
    }
    const alarm = alarmOf(board.health)
    this.#button.dataset['level'] = live ? board.health.level : 'away'
    setText(this.#text, live ? lineOf(board) : `Last seen ${clock(board.at)}`)
    show(this.#alarm, alarm !== null)
    if (alarm) {
      this.#alarm.dataset['level'] = alarm.level
      setText(this.#message, alarm.message)
      setText(this.#advice, alarm.advice)
    }
    // Numbers in a message change all the time; that something is wrong is said once.
    const key = board.health.level
    if (this.#told !== key) {
      if (this.#told !== '' || alarm) {
        this.#tell(alarm ? `${alarm.message} ${alarm.advice}` : 'All is well again.')
      }
      this.#told = key
    }
  }

  #fill(): void {
    if (!this.#newest) {
      this.#body.replaceChildren(make('p', 'health-state', 'Nothing has been heard yet.'))
      return
    }
    const { board, live } = this.#newest
    const { health } = board
    const { holds, accounted } = balance(health)
    const alarm = alarmOf(health)
    const term = (n: number, word: string): HTMLElement => make('span', 'term', make('b', '', count(n)), make('span', '', word))
    const sign = (text: string): HTMLElement => make('span', 'sign', text)
    const mark = make('span', 'verdict', holds ? '✓' : '✗')
    mark.dataset['holds'] = String(holds)
    this.#body.replaceChildren(
      make(
        'p',
        'health-state',
        make('strong', '', live ? LEVELS[health.level] : `Not connected: this is as it was at ${clock(board.at)}.`),
        ` ${alarm ? `${alarm.message} ${alarm.advice}` : lineOf(board)}`,
      ),
      make('h3', '', 'Every record is accounted for'),
      make(
        'p',
        'equation',
        term(health.written, 'written'),
        sign('='),
        term(health.counted, 'counted'),
        sign('+'),
        term(health.duplicates, 'duplicates'),
        sign('+'),
        term(health.unreadable, 'unreadable'),
        sign('+'),
        term(health.missed, 'missed'),
        sign('+'),
        term(health.lag, 'in flight'),
        mark,
      ),
      make(
        'p',
        holds ? 'quiet' : 'wrong',
        holds
          ? 'It holds, for the partitions of this instance.'
          : `It does not hold: the right side is ${count(accounted)}. If it stays so, report it, with the output of footfall verify.`,
      ),
      make('h3', '', 'Beside it'),
      facts([
        ['Duplicates', count(health.duplicates), 'sent again, counted once'],
        ['Rejected', health.rejected === null ? '–' : count(health.rejected), 'by the collector of this process, since it started'],
        ['Accepted', health.accepted === null ? '–' : count(health.accepted), 'likewise'],
        ['Late', count(health.late), 'counted, but older than the window of duplicates'],
        ['Unseen', count(health.unseen), 'numbered by a page, and never arrived'],
        ['Beyond the cap', count(health.overflowed), 'counted in (other)'],
        ['Spool', spoolText(health) ?? 'empty', 'what waits for Kafka'],
      ]),
      make('h3', '', 'Where it comes from'),
      facts([
        ['Log', health.log, ''],
        ['Partitions', partitionsText(health), ''],
        ['On /metrics', health.totalsShown ? 'totals shown here' : 'totals shown by another instance', ''],
        ['Version', health.version, `instance ${board.instance}`],
      ]),
    )
  }
}

export function partitionsText({ partitions }: Pick<Health, 'partitions'>): string {
  if (partitions.length === 0) {
    return 'none'
  }
  const behind = partitions.filter(({ lag }) => lag > 0).sort((a, b) => b.lag - a.lag)
  const worst = behind.slice(0, 4).map(({ partition, lag }) => `${partition} by ${count(lag)}`)
  return behind.length === 0
    ? `${partitions.length}, none behind`
    : `${partitions.length}; behind: ${worst.join(', ')}${behind.length > 4 ? `, and ${behind.length - 4} more` : ''}`
}

function facts(rows: [name: string, value: string, note: string][]): HTMLElement {
  return make(
    'dl',
    'facts',
    ...rows.map(([name, value, note]) => make('div', '', make('dt', '', name), make('dd', '', make('b', '', value), ` ${note}`))),
  )
}
