import { make, nameBox, setAttribute, setName, setText, show } from './dom'
import { count } from './format'
import { sameOrder, Stillness, stillOrder } from './order'
import { fold } from './streamlist'
import type { Sort } from './url'

export interface Row {
  k: number
  total: number
  minute: number
}

export interface Column<R> {
  id: string
  title: string
  text(row: R): string
  /** What is sorted by: a number, or a text in the order of people. */
  by(row: R): number | string
  /** Not shown where no row has anything here. */
  optional?: boolean
}

export interface TableOptions<R> {
  root: HTMLElement
  caption: string
  sortButton: HTMLButtonElement
  counter: HTMLElement
  /** The first column, which names the row. */
  title: string
  name(row: R): string
  /** Beside the name: what kind it is. */
  chip?(row: R): string
  pinned?(row: R): boolean
  columns: Column<R>[]
  sorted(sort: Sort): void
  chosen(row: R): void
  changed(): void
}

export interface Shown<R> {
  rows: ReadonlyMap<number, R>
  more: number
  sort: Sort
  filter: string
  alone(row: R): boolean
  colour(row: R): string | null
}

interface View<R> {
  row: R
  tr: HTMLTableRowElement
  swatch: HTMLElement
  press: HTMLButtonElement
  name: HTMLElement
  chip: HTMLElement
  cells: HTMLElement[]
  part: number
  /** Scrolled out of sight. */
  away: boolean
}

/** The bars of the last minute move in so many steps: a hair's breadth is not worth a change of the page. */
const PARTS = 24
/** Rows out of sight follow at this pace: five hundred that change five times a second would be all that the page does. */
const OUT_OF_SIGHT_MS = 5_000
const NAME = 'name'
/** Where more rows change at once, lighting them up tells nothing. */
const FLASHES = 5

/** A table that is sorted, filtered and kept still while somebody reads it. Only what changed touches the page. */
export class Table<R extends Row> {
  readonly #options: TableOptions<R>
  readonly #columns: Column<R>[]
  readonly #body = make('tbody')
  readonly #heads = new Map<string, HTMLTableCellElement>()
  readonly #table: HTMLTableElement
  readonly #nothing = make('p', 'nothing')
  readonly #views = new Map<number, View<R>>()
  readonly #ofRow = new WeakMap<Element, View<R>>()
  readonly #sight: IntersectionObserver
  readonly #stillness = new Stillness()
  readonly #collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
  #order: readonly number[] = []
  #force = true
  #wroteAll = -Infinity
  #settings = ''

  constructor(options: TableOptions<R>) {
    this.#options = options
    this.#columns = options.columns
    const head = make('tr')
    for (const { id, title } of [{ id: NAME, title: options.title }, ...options.columns]) {
      const button = make('button', 'sort', title)
      button.type = 'button'
      button.addEventListener('click', () => this.#sortBy(id))
      const cell = make('th', id === NAME ? '' : 'numeric', button)
      cell.scope = 'col'
      cell.dataset['column'] = id
      head.append(cell)
      this.#heads.set(id, cell)
    }
    this.#table = make('table', '', make('caption', 'unseen', options.caption), make('thead', '', head), this.#body)
    const { root, sortButton } = options
    root.replaceChildren(this.#table, this.#nothing)
    this.#sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const view = this.#ofRow.get(target)
        if (view) {
          view.away = !isIntersecting
        }
      }
      options.changed()
    }, { root, rootMargin: '200px' })
    sortButton.addEventListener('click', () => this.sortNow())
    // While somebody is in here, rows stay where they are.
    const now = (): number => performance.now()
    root.addEventListener('pointerenter', (event) => event.pointerType === 'mouse' && this.#stillness.pointer(true, now()))
    root.addEventListener('pointerleave', () => this.#stillness.pointer(false, now()))
    root.addEventListener('focusin', () => this.#stillness.focus(true, now()))
    root.addEventListener('focusout', (event) => {
      if (!root.contains(event.relatedTarget as Node | null)) {
        this.#stillness.focus(false, now())
      }
    })
    for (const type of ['touchstart', 'touchmove', 'scroll', 'wheel']) {
      root.addEventListener(type, () => this.#stillness.touch(now()), { passive: true })
    }
  }

  sortNow(): void {
    this.#force = true
    this.#options.changed()
  }

  forget(): void {
    this.#sight.disconnect()
    this.#views.clear()
    this.#body.replaceChildren()
    setText(this.#options.counter, '')
    this.#order = []
    this.#force = true
  }

  draw(shown: Shown<R>, now: number, still: boolean): void {
    const settings = JSON.stringify([shown.sort, fold(shown.filter)])
    if (settings !== this.#settings) {
      this.#settings = settings
      this.#force = true
    }
    const rows = shown.rows
    const wanted = this.#wanted(shown)
    // Rows that come or go don't wait: only the order among those that stay does.
    const move = this.#force || this.#stillness.mayMove(now)
    const order = stillOrder(this.#order, wanted, !move)
    if (move && !sameOrder(order, this.#order)) {
      this.#stillness.moved(now)
    }
    this.#force = false
    const focused = document.activeElement
    this.#place(order, rows)
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.#body.contains(focused)) {
      focused.focus({ preventScroll: true })
    }
    this.#order = order
    // Where nobody is in it, the table does it by itself.
    const offered = !sameOrder(order, wanted) && this.#stillness.held(now)
    setAttribute(this.#options.sortButton, 'data-wanted', String(offered))
    this.#options.sortButton.disabled = !offered
    this.#update(shown, now, still)
    this.#titles(shown, wanted.length)
  }

  #sortBy(id: string): void {
    const cell = this.#heads.get(id)
    const was = cell?.getAttribute('aria-sort')
    // Numbers are wanted from the top, names from A.
    this.#options.sorted({ by: id, down: was ? was === 'ascending' : id !== NAME })
    this.sortNow()
  }

  #wanted({ rows, sort, filter }: Shown<R>): number[] {
    const text = fold(filter)
    const { name, chip } = this.#options
    const found = [...rows.values()].filter((row) => text === '' || fold(`${name(row)} ${chip?.(row) ?? ''}`).includes(text))
    const by = this.#columns.find(({ id }) => id === sort.by)?.by ?? name
    const sign = sort.down ? -1 : 1
    return found.sort((a, b) => sign * this.#compare(by(a), by(b)) || b.total - a.total || a.k - b.k).map(({ k }) => k)
  }

  #compare(a: number | string, b: number | string): number {
    return typeof a === 'number' && typeof b === 'number' ? a - b : this.#collator.compare(String(a), String(b))
  }

  #place(order: readonly number[], rows: ReadonlyMap<number, R>): void {
    const there = new Set(order)
    for (const [k, { tr }] of this.#views) {
      if (!there.has(k)) {
        tr.remove()
        this.#sight.unobserve(tr)
        this.#views.delete(k)
      }
    }
    let at = this.#body.firstElementChild
    for (const k of order) {
      const view = this.#views.get(k) ?? this.#make(rows.get(k)!)
      if (view.tr === at) {
        at = at.nextElementSibling
      } else {
        this.#body.insertBefore(view.tr, at)
      }
    }
  }

  #make(row: R): View<R> {
    const swatch = make('span', 'swatch')
    const name = nameBox(this.#options.name(row))
    const press = make('button', 'row-name', name)
    press.type = 'button'
    const chip = make('span', 'chip')
    const head = make('th', '', make('div', 'row-head', swatch, press, chip))
    head.scope = 'row'
    const cells = this.#columns.map(({ id }) => {
      const cell = make('td', 'numeric')
      cell.dataset['column'] = id
      return cell
    })
    const tr = make('tr', '', head, ...cells)
    const view: View<R> = { row, tr, swatch, press, name, chip, cells, part: 0, away: false }
    // The whole row can be pressed; its name is what the keyboard reaches.
    tr.addEventListener('click', () => this.#options.chosen(view.row))
    this.#views.set(row.k, view)
    this.#ofRow.set(tr, view)
    this.#sight.observe(tr)
    this.#write(view, row)
    return view
  }

  #write(view: View<R>, row: R): void {
    view.row = row
    setName(view.name, this.#options.name(row))
    setText(view.chip, this.#options.chip?.(row) ?? '')
    view.tr.dataset['pinned'] = String(this.#options.pinned?.(row) ?? false)
    this.#columns.forEach((column, index) => setText(view.cells[index]!, column.text(row)))
  }

  #update(shown: Shown<R>, now: number, still: boolean): void {
    const all = now - this.#wroteAll >= OUT_OF_SIGHT_MS
    if (all) {
      this.#wroteAll = now
    }
    const grown: View<R>[] = []
    let most = 1
    for (const { minute } of shown.rows.values()) {
      most = Math.max(most, minute)
    }
    for (const [k, view] of this.#views) {
      const row = shown.rows.get(k)
      if (!row || (view.away && !all)) {
        continue
      }
      if (row !== view.row) {
        const grew = row.total > view.row.total
        this.#write(view, row)
        if (grew) {
          grown.push(view)
        }
      }
      const part = Math.round((row.minute / most) * PARTS) / PARTS
      if (part !== view.part) {
        view.part = part
        view.tr.style.setProperty('--part', String(part))
      }
      setAttribute(view.press, 'aria-pressed', String(shown.alone(row)))
      const colour = shown.colour(row) ?? ''
      if (view.swatch.dataset['colour'] !== colour) {
        view.swatch.dataset['colour'] = colour
        view.swatch.style.backgroundColor = colour
      }
    }
    if (!still && grown.length <= FLASHES) {
      const total = this.#columns.findIndex(({ id }) => id === 'total')
      grown.forEach(({ cells }) => flash(cells[total]!))
    }
  }

  #titles({ rows, more, sort, filter }: Shown<R>, found: number): void {
    for (const [id, cell] of this.#heads) {
      setAttribute(cell, 'aria-sort', id === sort.by ? (sort.down ? 'descending' : 'ascending') : null)
    }
    for (const { id, text, optional } of this.#columns) {
      if (optional) {
        const any = [...rows.values()].some((row) => text(row) !== '')
        setAttribute(this.#table, `data-no-${id}`, String(!any))
      }
    }
    const all = rows.size + more
    setText(this.#options.counter, fold(filter) === '' ? count(all) : `${count(found)} of ${count(all)}`)
    setAttribute(this.#options.counter, 'title', more > 0 ? `${count(more)} more have smaller totals and are not listed` : null)
    const nothing = found > 0 ? '' : rows.size > 0 ? 'Nothing has this in its name.' : 'Nothing yet.'
    setText(this.#nothing, nothing)
    show(this.#nothing, nothing !== '')
  }
}

function flash(cell: HTMLElement): void {
  const { color } = getComputedStyle(cell)
  const brand = getComputedStyle(cell).getPropertyValue('--brand')
  cell.animate([{ color: brand || color }, { color: brand || color, offset: 0.4 }, { color }], { duration: 1_000, easing: 'ease-out' })
}
