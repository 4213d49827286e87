import uPlot from 'uplot'
import { calmCeiling, columnsOf, factorOf, stackOf, unitOf, type Columns, type Stack, type Unit } from './chartdata'
import { colourOf, type Slots } from './colours'
import { setAttribute } from './dom'
import { clock, clockMinutes, count, counted, rate, span } from './format'
import { isOther, type Series } from './series'

/** Unix seconds. */
export type Window = [from: number, to: number]

/** Below this there is nothing left to see. */
const CLOSEST_BUCKETS = 8
/** What the axis takes of the width, in sizes of its text. */
const AXIS = 3.2

/** What is read of the chart: one column. */
export interface Moment {
  start: number
  seconds: number
  known: boolean
  unit: Unit
  total: number
  counts: ReadonlyMap<string, number>
}

/** The plot: draws a series, and is zoomed, moved and read by mouse and keyboard. */
export class Chart {
  readonly #root: HTMLElement
  readonly #slots: Slots
  readonly #changed: () => void
  readonly #zoomed: (zoom: Window | null) => void
  readonly #dark = matchMedia('(prefers-color-scheme: dark)')
  #plot: uPlot | null = null
  #look = ''
  #series: Series | null = null
  #columns: Columns | null = null
  #zoom: Window | null = null
  /** Where the keyboard reads. */
  #reading: number | null = null
  #hover: number | null = null
  #top = 0
  #unit: Unit | null = null
  #textSize = 12
  #now = 0

  /** `changed`: zoomed, or another moment is read. `zoomed`: by who looks; null: live. */
  constructor(root: HTMLElement, slots: Slots, changed: () => void, zoomed: (zoom: Window | null) => void) {
    this.#root = root
    this.#slots = slots
    this.#changed = changed
    this.#zoomed = zoomed
    root.addEventListener('keydown', (event) => this.#key(event))
    root.addEventListener('blur', () => this.#read(null))
    root.addEventListener('pointerdown', (event) => this.#grab(event), { capture: true })
    new ResizeObserver(() => this.#resize()).observe(root)
    this.#dark.addEventListener('change', () => this.restyle())
  }

  get zoomed(): boolean {
    return this.#zoom !== null
  }

  /** What its heights are. */
  get title(): string {
    const width = this.#columns?.width ?? 1
    return this.#unit === 'column' && width > 1 ? `Interactions in each ${span(width)}` : 'Interactions a second'
  }

  /** What is read, by the mouse or by keys. */
  get moment(): Moment | null {
    const at = this.#hover ?? this.#reading
    return at === null ? null : this.#momentAt(at)
  }

  /** What is seen now. Live, it ends with a whole column, which fills up. */
  get window(): Window {
    const series = this.#series
    if (this.#zoom || !series) {
      return this.#zoom ?? [0, 1]
    }
    const length = series.length * series.step
    const width = series.step * factorOf(length, series.step, this.#pixels)
    const to = Math.ceil(series.to / width) * width
    return [to - length, to]
  }

  /** The width of the plot, as if its text had the size that it has on a desk: what is read from afar has to be wider. */
  get #pixels(): number {
    return Math.max(1, ((this.#root.clientWidth - AXIS * this.#textSize) * 12) / this.#textSize)
  }

  show(series: Series | null, now: number): void {
    if (series !== this.#series && (!series || !this.#series || series.step !== this.#series.step)) {
      this.#zoom = null
      this.#top = 0
    }
    this.#series = series
    this.#now = now
    this.#draw()
  }

  backToLive(): void {
    this.live()
    this.#zoomed(null)
  }

  /** As `backToLive`, but not at the wish of who looks. */
  live(): void {
    this.#zoom = null
    this.#read(null)
    this.#draw()
    this.#changed()
  }

  /** Shows what somebody zoomed to before. */
  restore([from, to]: Window): void {
    this.#zoom = this.#within(from, to)
    this.#draw()
    this.#changed()
  }

  /** Other colours or sizes. */
  restyle(): void {
    this.#look = ''
    this.#draw()
    this.#changed()
  }

  colour(key: string): string {
    return colourOf(this.#slots.of(key), this.#dark.matches)
  }

  #draw(): void {
    const series = this.#series
    if (!series) {
      this.#plot?.destroy()
      this.#plot = null
      this.#look = ''
      return
    }
    const [min, max] = this.window
    this.#columns = columnsOf(series, factorOf(max - min, series.step, this.#pixels), this.#now)
    const unit = unitOf(this.#columns, this.#unit)
    if (unit !== this.#unit) {
      this.#unit = unit
      this.#top = 0
    }
    const stack = stackOf(this.#columns, unit)
    const data = [this.#columns.starts, ...stack.edges] as uPlot.AlignedData
    const look = JSON.stringify([stack.lines.map((line) => this.colour(line.key)), this.#dark.matches, unit])
    if (!this.#plot || look !== this.#look) {
      this.#plot?.destroy()
      this.#plot = this.#make(stack, data)
      this.#look = look
    }
    const plot = this.#plot
    plot.batch(() => {
      plot.setData(data, false)
      plot.setScale('x', { min, max })
    })
    if (this.#reading !== null) {
      this.#point()
    }
    this.#speak()
  }

  #make(stack: Stack, data: uPlot.AlignedData): uPlot {
    const style = getComputedStyle(this.#root)
    const quiet = style.getPropertyValue('--quiet').trim() || '#777'
    const line = style.getPropertyValue('--line').trim() || '#ddd'
    const font = `${style.fontSize} ${style.fontFamily}`
    const px = parseFloat(style.fontSize) || 12
    this.#textSize = px
    const options: uPlot.Options = {
      ...this.#size(),
      padding: [px * 0.6, px * 2.4, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true, auto: false },
        y: {
          range: (_, __, max) => {
            this.#top = calmCeiling(this.#top, Number.isFinite(max) ? max : 0)
            return [0, this.#top]
          },
        },
      },
      axes: [
        {
          stroke: quiet,
          font,
          size: px * 2.3,
          gap: px * 0.5,
          space: px * 7.5,
          incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600],
          grid: { show: false },
          ticks: { stroke: line, width: 1, size: px * 0.4 },
          values: (_, splits, __, ___, incr) => splits.map((second) => (incr < 60 ? clock(second * 1000) : clockMinutes(second * 1000))),
        },
        {
          stroke: quiet,
          font,
          size: px * AXIS,
          gap: px * 0.5,
          space: px * 3.2,
          incrs: [...(this.#unit === 'second' ? [0.5] : []), 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000],
          grid: { stroke: line, width: 1 },
          ticks: { show: false },
          values: (_, splits) => splits.map(rate),
        },
      ],
      series: [
        {},
        ...stack.lines.map((one) => ({
          scale: 'y',
          fill: this.colour(one.key),
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars!({ align: 1, size: [0.88, Infinity] }),
        })),
      ],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => {
            this.backToLive()
            return null
          },
        },
      },
      hooks: {
        drawClear: [(plot) => this.#unknown(plot, line, quiet, font)],
        setCursor: [
          (plot) => {
            // Keys move the same cursor, and that is no hovering.
            const { left } = plot.cursor
            const hover = this.#reading === null && left !== undefined && left >= 0 ? plot.posToVal(left, 'x') : null
            if (hover !== this.#hover) {
              this.#hover = hover
              this.#changed()
            }
          },
        ],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select
            if (width > 0) {
              this.#zoomTo(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
              plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false)
            }
          },
        ],
      },
    }
    return new uPlot(options, data, this.#root)
  }

  /** Hatches what the server knows nothing of: an empty place there would say that nothing happened. */
  #unknown(plot: uPlot, line: string, quiet: string, font: string): void {
    const since = this.#series?.since
    const from = plot.scales['x']?.min
    const columns = this.#columns
    if (since === null || since === undefined || from === undefined || since <= from || !columns) {
      return
    }
    // A column of which something is known is shown.
    const edge = Math.floor(since / columns.width) * columns.width
    const { ctx, bbox } = plot
    const ratio = devicePixelRatio
    const end = Math.min(plot.valToPos(edge, 'x', true), bbox.left + bbox.width)
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, end - bbox.left, bbox.height)
    ctx.clip()
    ctx.strokeStyle = line
    ctx.lineWidth = ratio
    ctx.beginPath()
    for (let x = bbox.left - bbox.height; x < end; x += 9 * ratio) {
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
    }
    ctx.stroke()
    const text = `Nothing is known before ${clock(since * 1000)}`
    ctx.font = font.replace(/^([\d.]+)px/, (_, px: string) => `${Number(px) * ratio}px`)
    const width = ctx.measureText(text).width
    if (width + 32 * ratio < end - bbox.left) {
      const x = bbox.left + (end - bbox.left) / 2
      const y = bbox.top + bbox.height / 2
      const px = parseFloat(ctx.font)
      ctx.fillStyle = getComputedStyle(this.#root).getPropertyValue('--paper').trim() || '#fff'
      ctx.fillRect(x - width / 2 - px, y - px * 1.1, width + 2 * px, px * 2.2)
      ctx.fillStyle = quiet
      ctx.textAlign = 'center'
      ctx.textBaseline = 'middle'
      ctx.fillText(text, x, y)
    }
    ctx.restore()
  }

  // By mouse

  /** With Shift a drag moves the chart; without, it is uPlot's own, which zooms. */
  #grab(event: PointerEvent): void {
    const plot = this.#plot
    if (!plot || !event.shiftKey || event.button !== 0) {
      return
    }
    event.stopPropagation()
    event.preventDefault()
    const [from, to] = this.window
    const perPixel = (to - from) / plot.over.clientWidth
    const move = (moved: PointerEvent): void => this.#zoomTo(from - (moved.clientX - event.clientX) * perPixel, to - (moved.clientX - event.clientX) * perPixel)
    const end = (): void => {
      removeEventListener('pointermove', move)
      removeEventListener('pointerup', end)
    }
    addEventListener('pointermove', move)
    addEventListener('pointerup', end)
  }

  #zoomTo(from: number, to: number): void {
    this.restore([from, to])
    this.#zoomed(this.#zoom)
  }

  /** As much of it as can be shown; null: that is all. */
  #within(from: number, to: number): Window | null {
    const series = this.#series
    if (!series) {
      return null
    }
    const length = Math.min(Math.max(to - from, CLOSEST_BUCKETS * series.step), series.length * series.step)
    const middle = (from + to) / 2
    const start = Math.min(Math.max(middle - length / 2, series.from), series.to - length)
    const whole = length >= series.length * series.step && start + length >= series.to - series.step
    return whole ? null : [start, start + length]
  }

  // By keys

  #key(event: KeyboardEvent): void {
    const series = this.#series
    if (!series || event.ctrlKey || event.metaKey || event.altKey) {
      return
    }
    const [from, to] = this.window
    const length = to - from
    const middle = this.#reading ?? (from + to) / 2
    const sign = event.key === 'ArrowLeft' || event.key === 'ArrowDown' ? -1 : 1
    const acts: Record<string, () => void> = {
      ArrowLeft: () => (event.shiftKey ? this.#zoomTo(from + (sign * length) / 8, to + (sign * length) / 8) : this.#readBy(sign)),
      ArrowDown: () => this.#readBy(sign),
      ArrowUp: () => this.#readBy(sign),
      PageUp: () => this.#readBy(10),
      PageDown: () => this.#readBy(-10),
      Home: () => this.#read(from),
      End: () => this.#read(to),
      '+': () => this.#zoomTo(middle - length / 4, middle + length / 4),
      '=': () => this.#zoomTo(middle - length / 4, middle + length / 4),
      '-': () => this.#zoomTo(middle - length, middle + length),
      '0': () => this.backToLive(),
    }
    acts['ArrowRight'] = acts['ArrowLeft']!
    const act = acts[event.key]
    if (act) {
      event.preventDefault()
      event.stopPropagation()
      act()
    }
  }

  #readBy(columns: number): void {
    const width = this.#columns?.width ?? 1
    this.#read((this.#reading ?? this.window[1] - width) + columns * width)
  }

  #read(second: number | null): void {
    const columns = this.#columns
    const [from, to] = this.window
    this.#reading = second === null || !columns ? null : Math.floor(Math.min(Math.max(second, from), to - 1) / columns.width) * columns.width
    this.#point()
    this.#speak()
    this.#changed()
  }

  #point(): void {
    const reading = this.#reading
    const half = (this.#columns?.width ?? 0) / 2
    this.#plot?.setCursor(reading === null ? { left: -10, top: -10 } : { left: this.#plot.valToPos(reading + half, 'x'), top: 0 })
  }

  #momentAt(second: number): Moment | null {
    const columns = this.#columns
    const i = columns ? Math.floor((second - columns.from) / columns.width) : -1
    return columns && i >= 0 && i < columns.starts.length
      ? {
          start: columns.starts[i]!,
          seconds: columns.seconds[i]!,
          known: columns.known[i]!,
          unit: this.#unit ?? 'second',
          total: columns.total[i]!,
          counts: new Map(columns.lines.map(({ line, counts }) => [line.key, counts[i]!])),
        }
      : null
  }

  /** What a screen reader says of the moment that is read. */
  #speak(): void {
    const series = this.#series
    if (!series) {
      return
    }
    const [from, to] = this.window
    const at = this.#reading ?? to - 1
    const moment = this.#reading === null ? null : this.#momentAt(at)
    setAttribute(this.#root, 'aria-valuemin', String(Math.floor(from)))
    setAttribute(this.#root, 'aria-valuemax', String(Math.floor(to)))
    setAttribute(this.#root, 'aria-valuenow', String(Math.floor(at)))
    setAttribute(this.#root, 'aria-valuetext', moment ? momentText(moment, series) : 'now')
  }

  // Sizes

  #size(): { width: number; height: number } {
    return { width: Math.max(50, this.#root.clientWidth), height: Math.max(50, this.#root.clientHeight) }
  }

  #resize(): void {
    const plot = this.#plot
    const size = this.#size()
    if (plot && (plot.width !== size.width || plot.height !== size.height)) {
      plot.setSize(size)
      this.#draw()
    }
  }
}

/** A count of a moment in the unit of the chart. */
export function numberOf(moment: Moment, n: number): string {
  return moment.unit === 'second' ? rate(n / moment.seconds) : count(n)
}

/** 12:00:03: 5 a second; Buy Now 3, Enroll Now 2 */
export function momentText(moment: Moment, series: Series): string {
  if (!moment.known) {
    return `${clock(moment.start * 1000)}: not known`
  }
  const parts = series.lines
    .filter(({ key }) => (moment.counts.get(key) ?? 0) > 0)
    .map((line) => `${isOther(line) ? 'other' : line.name} ${numberOf(moment, moment.counts.get(line.key) ?? 0)}`)
  const unit = moment.unit === 'second' ? 'a second' : `in ${span(moment.seconds)}`
  return `${clock(moment.start * 1000)}: ${numberOf(moment, moment.total)} ${unit}${parts.length > 0 ? `; ${parts.join(', ')}` : ''}`
}

/** What is seen in words: the last of the range, or what is zoomed to. */
export function chartText(series: Series, rangeText: string, zoom: Window | null = null): string {
  const [from, to] = zoom ? series.whole(zoom) : [series.start, series.to]
  const sum = series.sum(series.total, from, to)
  let top = 0
  let topAt = from
  const end = Math.min(series.total.length, Math.round((to - series.from) / series.step))
  for (let i = Math.max(0, Math.round((from - series.from) / series.step)); i < end; i++) {
    if ((series.total[i] ?? 0) > top) {
      top = series.total[i] ?? 0
      topAt = series.from + i * series.step
    }
  }
  const busiest = [...series.lines]
    .map((line) => ({ name: isOther(line) ? 'other' : line.name, sum: series.sum(line.counts, from, to) }))
    .filter((line) => line.sum > 0)
    .sort((a, b) => b.sum - a.sum)
    .slice(0, 3)
    .map((line) => `${line.name} ${count(line.sum)}`)
  const when = zoom ? `from ${clock(from * 1000)} to ${clock(to * 1000)}` : `in the last ${rangeText}`
  const parts = [`${counted(sum, 'interaction')} ${when}`]
  if (top > 0) {
    const most = top >= series.step ? `${rate(top / series.step)} a second` : `${count(top)} in ${span(series.step)}`
    parts.push(`most at ${clock(topAt * 1000)}, ${most}`, `busiest: ${busiest.join(', ')}`)
  }
  return `${parts.join('; ')}. Arrow keys read it moment by moment.`
}
