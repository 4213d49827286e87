import { AwayView } from './away'
import { Chart, chartText, type Window } from './chart'
import { Slots } from './colours'
import { byId, make, setAttribute, setName, setText, show } from './dom'
import { EmptyView } from './empty'
import { Feed } from './feed'
import { amount, count, rate, readable, targetName } from './format'
import { frames } from './frame'
import { Funnels } from './funnel'
import { HealthView } from './health'
import { Keys } from './keys'
import { Legend } from './legend'
import { Live, type Connection } from './live'
import { NowView } from './now'
import { isOther, keyOf, type NameOf, type Series } from './series'
import { isEmpty, next, whole, type Board } from './state'
import { StreamView } from './stream'
import { Table } from './table'
import { Tiles } from './tiles'
import { fromUrl, RANGES, reaching, sameOnly, sameZoom, toggled, toUrl, type Only, type Range, type View } from './url'
import type { PageRow, State, TargetRow, Tick } from './wire'
import { loadApps, loadCollector, loadSeries, world } from './world'

const RANGE_TEXT: Record<Range, string> = { '5m': '5 minutes', '30m': '30 minutes', '2h': '2 hours' }
/** Live tells nothing of single pages, so theirs is asked for; and (other) has to be split anew now and then. */
const PAGE_AGAIN_MS: Record<Range, number> = { '5m': 2_000, '30m': 5_000, '2h': 20_000 }
const ALL_AGAIN_MS = 60_000
const WORDS_AGAIN_MS = 10_000
const MOVE_MS = 30
/** Browsers bound how often an address may change, and a drag changes it with each step. */
const ADDRESS_MS = 300
const TOO_OLD = 'What the address shows is longer ago than two hours.  ·  '

/** The whole page: what is known, what is looked at, and the parts that show it. */
export class Page {
  #view: View = fromUrl(location.search)
  #board: Board | null = null
  #live: Live | null = null
  #connection: Connection = { is: 'connecting' }
  /** Those one can choose where the one that was asked for isn't there. */
  #apps: readonly string[] = []
  #worded = -Infinity
  #wordedZoom: string | undefined
  #address: ReturnType<typeof setTimeout> | undefined
  #notice = ''
  #drawn = -Infinity
  /** Something other than time changed since the last frame. */
  #dirty = true

  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #frame = frames((now) => this.#draw(now))
  readonly #slots = new Slots()
  readonly #now = new NowView()
  readonly #health = new HealthView((text) => this.#tell(text))
  readonly #away = new AwayView((text) => this.#tell(text))
  readonly #empty = new EmptyView((text) => this.#tell(text))
  readonly #funnels = new Funnels()
  readonly #stream = new StreamView(() => this.#changed())
  readonly #feed = new Feed(loadSeries, () => this.#loaded())
  readonly #chart = new Chart(byId('plot'), this.#slots, () => this.#changed(), (zoom) => this.#zoom(zoom))
  readonly #legend = new Legend((only) => this.#only(only))
  readonly #tiles = new Tiles((query) => loadSeries(this.#query(query)), (only) => this.#only(only), () => this.#changed())
  readonly #targets: Table<TargetRow>
  readonly #pages: Table<PageRow>

  constructor() {
    this.#targets = new Table<TargetRow>({
      root: byId('targets'),
      caption: 'All targets',
      sortButton: byId<HTMLButtonElement>('targets-sort'),
      counter: byId('targets-count'),
      title: 'Target',
      name: ({ type, target }) => targetName(type, target),
      chip: ({ type, target }) => (type === 'click' || target === '' ? '' : type),
      pinned: ({ pinned }) => pinned,
      columns: [
        { id: 'minute', title: 'Minute', text: ({ minute }) => count(minute), by: ({ minute }) => minute },
        { id: 'total', title: 'Total', text: ({ total }) => count(total), by: ({ total }) => total },
        { id: 'value', title: 'Value', text: ({ value }) => (value === null ? '' : amount(value)), by: ({ value }) => value ?? -Infinity, optional: true },
      ],
      sorted: (sort) => this.#look({ targetSort: sort }, false),
      chosen: ({ type, target }) => this.#only({ type, target }),
      changed: () => this.#changed(),
    })
    this.#pages = new Table<PageRow>({
      root: byId('pages'),
      caption: 'All pages',
      sortButton: byId<HTMLButtonElement>('pages-sort'),
      counter: byId('pages-count'),
      title: 'Page',
      name: ({ page }) => readable(page),
      columns: [
        { id: 'minute', title: 'Minute', text: ({ minute }) => count(minute), by: ({ minute }) => minute },
        { id: 'total', title: 'Total', text: ({ total }) => count(total), by: ({ total }) => total },
      ],
      sorted: (sort) => this.#look({ pageSort: sort }, false),
      chosen: ({ page }) => this.#only({ page }),
      changed: () => this.#changed(),
    })
    this.#controls()
    new Keys({
      wall: () => this.#wall(!this.#view.wall),
      range: (index) => this.#range(RANGES[index]!),
      find: () => byId('targets-filter').focus(),
      sort: () => (this.#targets.sortNow(), this.#pages.sortNow()),
      pause: () => this.#stream.toggle(),
      health: () => this.#health.open(),
      escape: () => this.#escape(),
    })
  }

  start(): void {
    this.#reflect()
    this.#connect()
    this.#empty.collector(null)
    void loadCollector().then((collector) => {
      this.#empty.collector(collector)
      this.#changed()
    }, () => undefined)
    this.#frame.want()
  }

  // What comes in

  #connect(): void {
    this.#live?.stop()
    this.#live = new Live(
      world,
      {
        state: (state, fresh) => this.#state(state, fresh),
        tick: (tick) => this.#tick(tick),
        connection: (connection) => this.#connected(connection),
      },
      this.#view.app,
    )
    this.#live.start()
  }

  #connected(connection: Connection): void {
    this.#connection = connection
    if (connection.is === 'away' && connection.problem?.status === 404 && this.#apps.length === 0) {
      void loadApps().then((apps) => {
        this.#apps = apps
        this.#changed()
      }, () => undefined)
    }
    this.#changed()
  }

  #state(state: State, fresh: boolean): void {
    this.#board = whole(state)
    this.#stream.list.latest(state.stream)
    this.#tiles.set(this.#board, performance.now(), fresh, this.#nameOf)
    this.#now.set(this.#board, performance.now())
    if (fresh || !this.#feed.series) {
      this.#ask()
    }
    this.#changed()
  }

  #tick(tick: Tick): void {
    if (!this.#board) {
      return
    }
    const empty = isEmpty(this.#board)
    const now = performance.now()
    this.#board = next(this.#board, tick)
    this.#stream.list.add(tick.stream ?? [], tick.streamSkipped ?? 0, tick.at)
    this.#feed.tick(tick, this.#nameOf)
    this.#tiles.tick(tick, this.#nameOf)
    this.#tiles.set(this.#board, now, empty && !isEmpty(this.#board), this.#nameOf)
    this.#now.set(this.#board, now)
    this.#changed()
  }

  #ask(): void {
    this.#reach()
    const { only, range } = this.#view
    const which =
      only === null ? '' : 'page' in only ? `&page=${encodeURIComponent(only.page)}` : `&type=${encodeURIComponent(only.type)}&target=${encodeURIComponent(only.target)}`
    const query = this.#query(`range=${range}${which}`)
    void this.#feed.ask({ query, only, againMs: only && 'page' in only ? PAGE_AGAIN_MS[range] : ALL_AGAIN_MS }, this.#nameOf)
  }

  /** Chooses a range that has in it what the chart is zoomed to. */
  #reach(): boolean {
    const { zoom, range } = this.#view
    const reached = zoom && this.#board ? reaching(this.#board.at / 1000 - zoom[0], range) : range
    if (reached !== range) {
      this.#view = reached ? { ...this.#view, range: reached } : { ...this.#view, zoom: null }
      this.#notice = reached ? '' : TOO_OLD
      this.#chart.live()
      this.#write()
      this.#reflect()
    }
    return reached !== range
  }

  #loaded(): void {
    this.#colour()
    this.#changed()
  }

  /** Pinned targets first: theirs are the same colours on every screen. */
  #colour(): void {
    const pinned = [...(this.#board?.targets.values() ?? [])].filter((row) => row.pinned).map(keyOf)
    const lines = (this.#feed.series?.lines ?? []).filter((line) => !isOther(line)).map(({ key }) => key)
    this.#slots.assign([...pinned, ...lines])
  }

  #query(query: string): string {
    const app = this.#board?.app ?? this.#view.app
    return app === null ? query : `${query}&app=${encodeURIComponent(app)}`
  }

  readonly #nameOf: NameOf = (k) => this.#board?.targets.get(k)

  // What is looked at

  /** `step`: the way back leads here. */
  #look(change: Partial<View>, step: boolean): void {
    const before = this.#view
    this.#view = { ...before, ...change }
    this.#notice = ''
    history[step ? 'pushState' : 'replaceState'](null, '', `${location.pathname}${toUrl(this.#view)}`)
    this.#follow(before)
  }

  /** As one zooms: the address follows when one is done. */
  #zoom(zoom: Window | null): void {
    this.#view = { ...this.#view, zoom: zoom && [Math.floor(zoom[0]), Math.ceil(zoom[1])] }
    this.#notice = ''
    clearTimeout(this.#address)
    this.#address = setTimeout(() => this.#write(), ADDRESS_MS)
  }

  #write(): void {
    history.replaceState(null, '', `${location.pathname}${toUrl(this.#view)}`)
  }

  #follow(before: View): void {
    const view = this.#view
    if (!sameZoom(view.zoom, before.zoom)) {
      // What is wanted instead is shown with the series.
      this.#chart.live()
    }
    if (view.app !== before.app) {
      this.#forget()
      this.#connect()
    } else if (view.range !== before.range || !sameOnly(view.only, before.only)) {
      this.#ask()
      this.#worded = -Infinity
    }
    this.#reflect()
    this.#changed()
  }

  #forget(): void {
    this.#board = null
    this.#feed.forget()
    this.#tiles.forget()
    this.#targets.forget()
    this.#pages.forget()
    this.#now.forget()
    this.#funnels.draw([])
    this.#stream.list.forget()
  }

  #only(only: Only): void {
    this.#look({ only: toggled(this.#view.only, only) }, true)
  }

  #range(range: Range): void {
    this.#look({ range, zoom: null }, true)
  }

  #wall(wall: boolean): void {
    this.#look({ wall }, true)
    // A screen that stays a window is a wall, too.
    if (wall) {
      void document.documentElement.requestFullscreen?.().catch(() => undefined)
    } else if (document.fullscreenElement) {
      void document.exitFullscreen().catch(() => undefined)
    }
  }

  #escape(): void {
    if (this.#chart.zoomed) {
      this.#chart.backToLive()
    } else if (this.#view.only) {
      this.#only(null)
    } else if (this.#view.wall) {
      this.#wall(false)
    }
  }

  /** The controls say what the address says. */
  #reflect(): void {
    const view = this.#view
    const filters = { 'targets-filter': view.targetFilter, 'pages-filter': view.pageFilter, 'stream-filter': view.streamFilter }
    for (const [id, text] of Object.entries(filters)) {
      const input = byId<HTMLInputElement>(id)
      if (input.value !== text) {
        input.value = text
      }
    }
    this.#stream.list.filter(view.streamFilter)
    for (const input of byId('ranges').querySelectorAll('input')) {
      input.checked = input.value === view.range
    }
    const was = document.documentElement.classList.contains('wall')
    document.documentElement.classList.toggle('wall', view.wall)
    setAttribute(byId('wall'), 'aria-pressed', String(view.wall))
    if (was !== view.wall) {
      this.#chart.restyle()
    }
    const { only } = view
    show(byId('only'), only !== null)
    setName(byId('only-name'), only === null ? '' : 'page' in only ? readable(only.page) : targetName(only.type, only.target))
  }

  #controls(): void {
    for (const [id, key] of [['targets-filter', 'targetFilter'], ['pages-filter', 'pageFilter'], ['stream-filter', 'streamFilter']] as const) {
      byId<HTMLInputElement>(id).addEventListener('input', (event) => this.#look({ [key]: (event.target as HTMLInputElement).value }, false))
    }
    byId('ranges').addEventListener('change', (event) => this.#range((event.target as HTMLInputElement).value as Range))
    byId('only').addEventListener('click', () => this.#only(null))
    byId('back-to-live').addEventListener('click', () => this.#chart.backToLive())
    byId('wall').addEventListener('click', () => this.#wall(!this.#view.wall))
    byId<HTMLSelectElement>('app').addEventListener('change', (event) =>
      this.#look({ app: (event.target as HTMLSelectElement).value, only: null, zoom: null }, true),
    )
    addEventListener('popstate', () => {
      const before = this.#view
      this.#view = fromUrl(location.search)
      this.#follow(before)
    })
  }

  #tell(text: string): void {
    setText(byId('said'), text)
  }

  // What is drawn

  #changed(): void {
    this.#dirty = true
    this.#frame.want()
  }

  #draw(now: number): void {
    const still = this.#calm.matches
    const dirty = this.#dirty
    // Moving numbers are smooth at half of a screen's frames, and cost half.
    if (!dirty && now - this.#drawn < MOVE_MS) {
      this.#frame.want()
      return
    }
    this.#drawn = now
    this.#dirty = false
    let moving = this.#now.draw(now, still)
    moving = this.#tiles.draw(now, still, this.#view.only, dirty) || moving
    if (dirty) {
      this.#drawParts(now, still)
    }
    const waiting = this.#away.draw(this.#connection, this.#board?.apps ?? this.#apps, now)
    if (moving || waiting) {
      this.#frame.want()
    }
  }

  #drawParts(now: number, still: boolean): void {
    const board = this.#board
    const view = this.#view
    const live = this.#connection.is === 'live'
    const second = (board?.at ?? 0) / 1000
    document.documentElement.dataset['connection'] = this.#connection.is
    document.documentElement.classList.toggle('nothing-yet', board !== null && isEmpty(board))
    this.#health.draw(board, this.#connection.is)
    this.#title(board, live)
    const { series, problem } = this.#feed
    this.#colour()
    this.#chart.show(series, second)
    if (series && view.zoom) {
      this.#keepZoom(series, view.zoom)
    }
    setText(byId('chart-title'), this.#chart.title)
    this.#legend.draw(this.#chart, series, RANGE_TEXT[this.#view.range], problem, this.#notice)
    show(byId('back-to-live'), this.#chart.zoomed)
    const zoom = this.#chart.zoomed ? this.#chart.window : null
    if (series && (now - this.#worded >= WORDS_AGAIN_MS || zoom?.join() !== this.#wordedZoom)) {
      ;[this.#worded, this.#wordedZoom] = [now, zoom?.join()]
      setText(byId('chart-text'), chartText(series, RANGE_TEXT[view.range], zoom))
    }
    this.#stream.draw(still)
    if (!board) {
      return
    }
    show(byId('empty'), isEmpty(board))
    this.#empty.draw(board.app)
    this.#choices(board)
    this.#funnels.draw(board.funnels)
    const lines = new Set(series?.lines.map(({ key }) => key))
    const { only } = view
    this.#targets.draw(
      {
        rows: board.targets,
        more: board.moreTargets,
        sort: view.targetSort,
        filter: view.targetFilter,
        alone: ({ type, target }) => only !== null && 'target' in only && only.type === type && only.target === target,
        colour: (row) => (lines.has(keyOf(row)) ? this.#chart.colour(keyOf(row)) : null),
      },
      now,
      still,
    )
    this.#pages.draw(
      {
        rows: board.pages,
        more: board.morePages,
        sort: view.pageSort,
        filter: view.pageFilter,
        alone: ({ page }) => only !== null && 'page' in only && only.page === page,
        colour: () => null,
      },
      now,
      still,
    )
    setText(byId('foot-version'), `Footfall ${board.health.version} · log: ${board.health.log}`)
  }

  /** The chart forgets with each other series what it was zoomed to, and each series in time what it began with. */
  #keepZoom(series: Series, [from, to]: readonly [number, number]): void {
    if (from < series.from && this.#reach()) {
      this.#ask()
    } else if (!this.#chart.zoomed) {
      // What is yet to come is no place to look at.
      if (from < series.to) {
        this.#chart.restore([from, to])
      }
      const [start, end] = this.#chart.window
      const zoom = this.#chart.zoomed ? ([Math.floor(start), Math.ceil(end)] as const) : null
      if (!sameZoom(zoom, [from, to])) {
        // The address has what is seen.
        this.#view = { ...this.#view, zoom }
        this.#write()
      }
    }
  }

  #title(board: Board | null, live: boolean): void {
    const title = board ? `${live ? `${rate(board.now.second)} a second` : 'away'} · ${board.app} · Footfall` : 'Footfall'
    const mark = board && board.health.level !== 'ok' ? '⚠ ' : ''
    if (document.title !== mark + title) {
      document.title = mark + title
    }
  }

  #choices(board: Board): void {
    const select = byId<HTMLSelectElement>('app')
    const key = JSON.stringify(board.apps)
    if (select.dataset['apps'] !== key) {
      select.dataset['apps'] = key
      select.replaceChildren(...board.apps.map((app) => Object.assign(make('option', '', app), { value: app })))
    }
    if (select.value !== board.app) {
      select.value = board.app
    }
    select.disabled = board.apps.length < 2
  }
}
