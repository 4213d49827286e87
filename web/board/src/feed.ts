import { Series, type NameOf } from './series'
import type { Only } from './url'
import type { Increments, SeriesAnswer, Tick } from './wire'

/** After a failure: time enough for a server to start, and no flood of questions. */
export const AGAIN_MS = 3_000

export interface Question {
  query: string
  /** What it is of; null: all targets. Live tells nothing of single pages: their series is asked for again and again. */
  only: Only
  /** How old an answer gets: (other) has to be split anew now and then, and a page has nothing but its answers. */
  againMs: number
}

/** A series that is asked for once and kept going by what live tells. */
export class Feed {
  series: Series | null = null
  problem: string | null = null
  readonly #load: (query: string) => Promise<SeriesAnswer>
  readonly #changed: () => void
  #question: Question | null = null
  #asked = 0
  #pending: { seq: number; increments: Increments }[] = []
  #loading = false
  /** When, by the server's clock, live was first heard after the last answer, or after a question failed. */
  #answeredAt: number | null = null
  /** The event that the series is as of. */
  #asOf = 0

  constructor(load: (query: string) => Promise<SeriesAnswer>, changed: () => void) {
    this.#load = load
    this.#changed = changed
  }

  /** Asks; what is shown stays until the answer is there, unless it is of another question. */
  async ask(question: Question, nameOf: NameOf): Promise<void> {
    if (question.query !== this.#question?.query) {
      this.series = null
      this.problem = null
    }
    this.#question = question
    this.#pending = []
    this.#loading = true
    this.#answeredAt = null
    const asked = ++this.#asked
    try {
      const answer = await this.#load(question.query)
      if (asked !== this.#asked) {
        return
      }
      const series = new Series(answer, question.only)
      // Told of while the answer was on its way. Where the server does not say what the answer is as of, it has all of this in it.
      for (const { seq, increments } of this.#pending) {
        if (answer.seq !== null && seq > answer.seq && followed(question)) {
          series.add(increments, nameOf)
        }
      }
      this.#asOf = answer.seq ?? 0
      this.series = series
      this.problem = null
    } catch (error) {
      if (asked !== this.#asked) {
        return
      }
      this.problem = error instanceof Error ? error.message : String(error)
    }
    this.#pending = []
    this.#loading = false
    this.#changed()
  }

  tick(tick: Tick, nameOf: NameOf): void {
    const increments = tick.seconds ?? []
    if (this.#loading) {
      this.#pending.push({ seq: tick.seq, increments })
    } else if (this.#question) {
      this.#answeredAt ??= tick.at
      if (tick.at - this.#answeredAt >= (this.problem === null ? this.#question.againMs : AGAIN_MS)) {
        void this.ask(this.#question, nameOf)
      }
    }
    if (!this.series) {
      return
    }
    if (this.#question && followed(this.#question) && tick.seq > this.#asOf) {
      this.series.add(increments, nameOf)
    }
    // Also where nothing happens, time goes on. The second that just began belongs to the window.
    this.series.advance(Math.floor(tick.at / 1000))
  }

  forget(): void {
    this.#asked++
    this.#question = null
    this.#loading = false
    this.#pending = []
    this.series = null
    this.problem = null
  }
}

function followed({ only }: Question): boolean {
  return !(only && 'page' in only)
}
