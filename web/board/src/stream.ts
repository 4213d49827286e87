import { byId, make, nameBox, setAttribute, setText } from './dom'
import { amount, clock, count, readable, targetName } from './format'
import { StreamList, type Entry } from './streamlist'

/** Lines on the page; the room for them shows fewer. */
const LINES = 40

/** The latest interactions, as they come. */
export class StreamView {
  readonly list = new StreamList()
  readonly #box = byId('stream')
  readonly #pause = byId<HTMLButtonElement>('pause')
  readonly #lines = new Map<number, { item: HTMLElement; more: number }>()
  readonly #changed: () => void
  #paused = false
  #pointed = false
  #drawn: readonly Entry[] | null = null

  constructor(changed: () => void) {
    this.#changed = changed
    this.#pause.addEventListener('click', () => this.toggle())
    // What one points at stays where it is.
    this.#box.addEventListener('pointerenter', (event) => event.pointerType === 'mouse' && this.#point(true))
    this.#box.addEventListener('pointerleave', () => this.#point(false))
  }

  toggle(): void {
    this.#paused = !this.#paused
    this.#hold()
  }

  #point(pointed: boolean): void {
    this.#pointed = pointed
    this.#hold()
  }

  #hold(): void {
    this.list.hold(this.#paused || this.#pointed)
    this.#changed()
  }

  draw(still: boolean): void {
    setAttribute(this.#pause, 'aria-pressed', String(this.#paused))
    const waiting = this.list.waiting > 0 ? ` · ${count(this.list.waiting)} new` : ''
    setText(this.#pause, this.#paused ? `Go on${waiting}` : this.#pointed ? `Held${waiting}` : 'Pause')
    if (this.#drawn === this.list.entries) {
      return
    }
    const first = this.#drawn === null
    this.#drawn = this.list.entries
    const entries = this.list.entries.slice(0, LINES)
    const there = new Set(entries.map(({ id }) => id))
    for (const [id, { item }] of this.#lines) {
      if (!there.has(id)) {
        item.remove()
        this.#lines.delete(id)
      }
    }
    // From the oldest to the newest, each before the one that came before it: what is there already is not touched.
    let after: Element | null = null
    for (const entry of [...entries].reverse()) {
      const line = this.#lines.get(entry.id)
      if (line) {
        if ('more' in entry && entry.more !== line.more) {
          line.more = entry.more
          setText(line.item, moreText(entry.more))
        }
        after = line.item
        continue
      }
      const item = lineOf(entry)
      this.#lines.set(entry.id, { item, more: 'more' in entry ? entry.more : 0 })
      this.#box.insertBefore(item, after ?? null)
      after = item
      if (!first && !still) {
        // It can be read from the first moment on: no fading in.
        item.animate([{ transform: 'translateY(-0.6rem)' }, { transform: 'none' }], { duration: 220, easing: 'ease-out' })
      }
    }
  }
}

function moreText(more: number): string {
  return `and ${count(more)} more`
}

function lineOf(entry: Entry): HTMLElement {
  if ('more' in entry) {
    return make('li', 'more', moreText(entry.more))
  }
  const { at, type, target, page, value, visitor } = entry.interaction
  const time = make('time', 'when', clock(at))
  const what = make('span', 'what', nameBox(targetName(type, target)))
  if (type !== 'click' && target !== '') {
    what.append(make('span', 'chip', type))
  }
  const worth = make('span', 'worth', value === null ? '' : amount(value))
  const who = make('span', 'who', visitor ?? '')
  who.title = visitor === null ? 'no visitor named' : 'The last four characters of a random name that expires'
  return make('li', 'event', time, what, worth, nameBox(readable(page), 'where'), who)
}
