import { numberOf, type Chart, type Moment } from './chart'
import { byId, make, nameBox, setText } from './dom'
import { clock, count } from './format'
import { isOther, type Line, type Series } from './series'
import type { Only } from './url'

interface Item {
  item: HTMLElement
  swatch: HTMLElement
  number: HTMLElement
  press: HTMLElement
}

/** What the colours mean, with the numbers of the range, or of the moment that is read. */
export class Legend {
  readonly #list = byId('legend')
  readonly #at = byId('legend-at')
  readonly #items = new Map<string, Item>()
  readonly #choose: (only: Only) => void

  constructor(choose: (only: Only) => void) {
    this.#choose = choose
  }

  draw(chart: Chart, series: Series | null, rangeText: string, problem: string | null, notice: string): void {
    if (!series) {
      setText(this.#at, problem ?? 'Loading…')
      this.#list.replaceChildren()
      this.#items.clear()
      return
    }
    const { moment } = chart
    // What is seen in part is told whole.
    const [from, to] = series.whole(chart.window)
    const sum = (counts: readonly number[]): number => (chart.zoomed ? series.sum(counts, from, to) : series.sum(counts))
    const span = chart.zoomed ? `${clock(from * 1000)} to ${clock(to * 1000)}` : `Last ${rangeText}`
    setText(this.#at, moment ? headOf(moment) : `${notice}${span}  ·  ${count(sum(series.total))}`)
    const there = new Set<string>()
    for (const [index, line] of series.lines.entries()) {
      there.add(line.key)
      const item = this.#items.get(line.key) ?? this.#make(line)
      item.swatch.style.backgroundColor = chart.colour(line.key)
      // What is beyond the ten has nothing to say where there is nothing beyond them.
      item.item.hidden = isOther(line) && sum(line.counts) === 0
      setText(item.number, moment ? (moment.known ? numberOf(moment, moment.counts.get(line.key) ?? 0) : '–') : count(sum(line.counts)))
      if (this.#list.children[index] !== item.item) {
        this.#list.insertBefore(item.item, this.#list.children[index] ?? null)
      }
    }
    for (const [key, { item }] of this.#items) {
      if (!there.has(key)) {
        item.remove()
        this.#items.delete(key)
      }
    }
  }

  #make(line: Line): Item {
    const swatch = make('span', 'swatch')
    const number = make('span', 'number')
    const box = nameBox(line.name)
    const { type, key } = line
    const parts = [swatch, box, number]
    const press = isOther(line) || type === null ? make('span', 'legend-line', ...parts) : make('button', 'legend-line', ...parts)
    if (press instanceof HTMLButtonElement && type !== null) {
      press.type = 'button'
      const [, target] = JSON.parse(key) as [string, string]
      press.addEventListener('click', () => this.#choose({ type, target }))
    }
    const item = { item: make('li', '', press), swatch, number, press }
    this.#items.set(key, item)
    return item
  }
}

function headOf(moment: Moment): string {
  const { start, seconds, known, unit, total } = moment
  const of = seconds > 1 ? ` to ${clock((start + seconds) * 1000)}` : ''
  return `${clock(start * 1000)}${of}  ·  ${known ? `${numberOf(moment, total)}${unit === 'second' ? ' a second' : ''}` : 'not known'}`
}
