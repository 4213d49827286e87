import { byId, make, nameBox, setAttribute, setText, show, svg } from './dom'
import { change, count, targetName } from './format'
import { Feed } from './feed'
import { fit, Roll } from './roll'
import type { NameOf, Series } from './series'
import type { Board } from './state'
import type { Only } from './url'
import type { SeriesAnswer, TargetRow, Tick } from './wire'

/** More would be no tiles any more; the table has them all, the pinned ones marked. */
const MOST = 8
/** Where nothing is pinned. */
const BUSIEST = 4
const STEP = 5
const AGAIN_MS = 60_000
/** Five minutes, and the five before them. */
const BUCKETS = 60

interface Tile {
  row: TargetRow
  item: HTMLElement
  press: HTMLButtonElement
  number: HTMLElement
  total: Roll
  minute: HTMLElement
  five: HTMLElement
  than: HTMLElement
  line: SVGElement
  before: SVGElement
  feed: Feed
}

export class Tiles {
  readonly #title = byId('tiles-title')
  readonly #list = byId('tiles')
  readonly #load: (query: string) => Promise<SeriesAnswer>
  readonly #choose: (only: Only) => void
  readonly #changed: () => void
  #tiles: Tile[] = []

  constructor(load: (query: string) => Promise<SeriesAnswer>, choose: (only: Only) => void, changed: () => void) {
    this.#load = load
    this.#choose = choose
    this.#changed = changed
  }

  /** `fresh`: rows have new numbers, or something was missed. */
  set(board: Board, now: number, fresh: boolean, nameOf: NameOf): void {
    if (fresh) {
      this.#arrange(tileRows(board), nameOf, true)
    } else if (this.#tiles.length < MOST) {
      // While there is room a new one comes to the others, which stay what they are.
      const rows = tileRows(board, this.#tiles.map(({ row }) => row))
      if (rows.length > this.#tiles.length) {
        this.#arrange(rows, nameOf, false)
      }
    }
    for (const tile of this.#tiles) {
      tile.row = board.targets.get(tile.row.k) ?? tile.row
      tile.total.set(tile.row.total, now)
    }
  }

  tick(tick: Tick, nameOf: NameOf): void {
    for (const { feed } of this.#tiles) {
      feed.tick(tick, nameOf)
    }
  }

  draw(now: number, still: boolean, only: Only, redraw: boolean): boolean {
    let moving = false
    for (const tile of this.#tiles) {
      moving = tile.total.draw(now, still) || moving
      fit([tile.number])
      if (redraw) {
        setText(tile.minute, count(tile.row.minute))
        const alone = only !== null && 'target' in only && only.type === tile.row.type && only.target === tile.row.target
        setAttribute(tile.press, 'aria-pressed', String(alone))
        this.#spark(tile)
      }
    }
    return moving
  }

  forget(): void {
    this.#tiles.forEach(({ feed }) => feed.forget())
    this.#tiles = []
    // As the page is before anything is known.
    this.#list.replaceChildren(...[0, 1].map(() => make('li', 'tile tile-empty')))
    this.#list.dataset['n'] = '2'
  }

  #arrange(rows: readonly TargetRow[], nameOf: NameOf, fresh: boolean): void {
    const before = this.#tiles
    this.#tiles = rows.map((row) => {
      const tile = before.find((one) => one.row.type === row.type && one.row.target === row.target) ?? this.#make(row)
      tile.row = row
      if (before.includes(tile) && !fresh) {
        return tile
      }
      const query = `range=10m&step=${STEP}&type=${encodeURIComponent(row.type)}&target=${encodeURIComponent(row.target)}`
      void tile.feed.ask({ query, only: { type: row.type, target: row.target }, againMs: AGAIN_MS }, nameOf)
      return tile
    })
    before.filter((tile) => !this.#tiles.includes(tile)).forEach(({ feed }) => feed.forget())
    this.#list.replaceChildren(...this.#tiles.map(({ item }) => item))
    this.#list.dataset['n'] = String(this.#tiles.length)
    setText(this.#title, rows.some(({ pinned }) => pinned) ? 'Pinned targets' : 'Busiest targets')
    show(this.#list.parentElement!, rows.length > 0)
  }

  #make(row: TargetRow): Tile {
    const total = make('span', 'tile-total')
    const minute = make('b')
    const five = make('b')
    const than = make('span', 'tile-than')
    const line = svg('path', { class: 'spark-now' })
    const before = svg('path', { class: 'spark-before' })
    const spark = svg('svg', { class: 'spark', viewBox: `0 0 ${BUCKETS} 24`, preserveAspectRatio: 'none', 'aria-hidden': 'true' })
    spark.append(before, line)
    const press = make('button', 'tile-name', nameBox(targetName(row.type, row.target)))
    press.type = 'button'
    press.title = 'Show it alone in the chart'
    if (row.type !== 'click') {
      press.append(make('span', 'chip', row.type))
    }
    const picture = make('div', 'tile-spark')
    picture.append(spark)
    const item = make(
      'li',
      'tile',
      make('h3', '', press),
      total,
      picture,
      make('p', 'tile-rates', make('span', '', minute, ' last minute'), make('span', '', five, ' in 5 min'), than),
    )
    const tile: Tile = {
      row,
      item,
      press,
      number: total,
      total: new Roll(total, count),
      minute,
      five,
      than,
      line,
      before,
      feed: new Feed(this.#load, this.#changed),
    }
    press.addEventListener('click', () => this.#choose({ type: tile.row.type, target: tile.row.target }))
    return tile
  }

  #spark(tile: Tile): void {
    const { series } = tile.feed
    if (!series) {
      setText(tile.five, '–')
      setText(tile.than, tile.feed.problem ?? '')
      return
    }
    const counts = series.lines[0]?.counts ?? series.total
    const { now, before } = halves(counts)
    const top = Math.max(2, ...now, ...before)
    setAttribute(tile.line, 'd', steps(now, top))
    setAttribute(tile.before, 'd', steps(before, top))
    const sum = total(now)
    setText(tile.five, count(sum))
    const than = comparison(series, sum, total(before))
    if (setText(tile.than, than.text)) {
      tile.than.dataset['direction'] = than.direction
      tile.than.title = than.title
    }
  }
}

/** The pinned rows in the server's order, which is the configuration's; a target that is also submitted stands beside itself. */
export function tileRows(board: Board, shown: readonly TargetRow[] = []): TargetRow[] {
  const rows = [...board.targets.values()]
  const pinned = rows.filter((row) => row.pinned)
  if (pinned.length > 0) {
    const places = new Map<string, number>()
    pinned.forEach(({ target }) => places.has(target) || places.set(target, places.size))
    return pinned.sort((a, b) => places.get(a.target)! - places.get(b.target)!).slice(0, MOST)
  }
  const busiest = rows.filter((row) => row.total > 0).sort((a, b) => b.total - a.total)
  return [...shown, ...busiest.filter(({ k }) => !shown.some((row) => row.k === k))].slice(0, BUSIEST)
}

/** The last five minutes, and the five before. */
export function halves(counts: readonly number[]): { now: number[]; before: number[] } {
  const last = counts.slice(-2 * BUCKETS)
  const padded = [...new Array<number>(Math.max(0, 2 * BUCKETS - last.length)).fill(0), ...last]
  return { now: padded.slice(BUCKETS), before: padded.slice(0, BUCKETS) }
}

export function comparison(series: Series, now: number, before: number): { text: string; title: string; direction: string } {
  const begin = series.to - 2 * BUCKETS * STEP
  if (series.since !== null && series.since > begin + STEP) {
    return { text: '', title: 'Not known yet: counting began less than ten minutes ago', direction: 'unknown' }
  }
  if (now === 0 && before === 0) {
    return { text: '', title: '', direction: 'same' }
  }
  const { direction, by } = change(now, before)
  const sign = direction === 'up' ? '▲' : '▼'
  const words = { up: `${by} more than in the 5 minutes before`, down: `${by} less than in the 5 minutes before`, same: 'as many as in the 5 minutes before' }
  return { text: direction === 'same' ? 'as in the 5 min before' : `${sign} ${by} on the 5 min before`, title: `${words[direction]}: ${count(now)} after ${count(before)}`, direction }
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, n) => sum + n, 0)
}

function steps(counts: readonly number[], top: number): string {
  const height = (n: number): string => (24 - (n / top) * 22).toFixed(2)
  return `M0 24${counts.map((n, i) => `V${height(n)}H${i + 1}`).join('')}V24Z`
}
