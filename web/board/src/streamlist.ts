import { targetName } from './format'
import type { Interaction } from './wire'

/** A line of the stream: an interaction, or how many more there were at that place. */
export type Entry = { id: number; interaction: Interaction } | { id: number; more: number }

/** Nobody reads more lines a second than this. */
const A_SECOND = 4
/** Lines that are kept: more than a screen has. */
const KEPT = 60

/**
 * Which interactions the stream shows. It takes all that comes, lets through what one can read and counts the rest. While it is held,
 * the lines stay as they are, and what comes waits.
 */
export class StreamList {
  /** The newest first. */
  entries: readonly Entry[] = []
  /** What came while it was held. */
  waiting = 0
  #behind: Entry[] = []
  #held = false
  #filter = ''
  #recent: Interaction[] = []
  #id = 0
  #second = -1
  #shown = 0

  /** A `state`: the latest there are. What is here already stays: a service that has just started remembers less than the page. */
  latest(latest: readonly Interaction[]): void {
    if (this.#recent.length === 0) {
      this.#recent = latest.slice(-KEPT)
      this.#rebuild()
      return
    }
    const newest = Math.max(...this.#recent.map(({ at }) => at))
    const here = this.#recent.filter(({ at }) => at === newest).map((one) => JSON.stringify(one))
    // Shown without counting how fast it came.
    const news = latest.filter((one) => one.at > newest || (one.at === newest && !taken(here, JSON.stringify(one))))
    this.#recent = [...this.#recent, ...news].slice(-KEPT)
    this.#put(news.filter((one) => matches(one, this.#filter)).map((interaction) => ({ id: ++this.#id, interaction })).reverse(), 0)
  }

  /** Another app. */
  forget(): void {
    this.#recent = []
    this.#rebuild()
  }

  add(interactions: readonly Interaction[], skipped: number, at: number): void {
    const second = Math.floor(at / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#shown = 0
    }
    let more = skipped
    const lines: Entry[] = []
    for (const interaction of interactions) {
      this.#recent.push(interaction)
      if (!matches(interaction, this.#filter)) {
        continue
      }
      if (this.#shown < A_SECOND) {
        this.#shown++
        lines.unshift({ id: ++this.#id, interaction })
      } else {
        more++
      }
    }
    this.#recent.splice(0, Math.max(0, this.#recent.length - KEPT))
    this.#put(lines, more)
  }

  filter(text: string): void {
    this.#filter = fold(text)
    this.#rebuild()
  }

  hold(held: boolean): void {
    this.#held = held
    if (!held && this.#behind.length > 0) {
      this.entries = this.#behind
      this.#behind = []
    }
    this.waiting = 0
  }

  #put(lines: readonly Entry[], more: number): void {
    const base = this.#held && this.#behind.length > 0 ? this.#behind : this.entries
    // Of one second there is one line that says how many more: it stands on top of what came before, and counts on.
    const top = base[0]
    let next: Entry[]
    if (more > 0 && lines.length === 0 && top && 'more' in top) {
      next = [{ id: top.id, more: top.more + more }, ...base.slice(1)]
    } else {
      next = [...(more > 0 ? [{ id: ++this.#id, more }] : []), ...lines, ...base]
    }
    next.length = Math.min(next.length, KEPT)
    if (this.#held) {
      this.#behind = next
      this.waiting += lines.length + more
    } else {
      this.entries = next
    }
  }

  #rebuild(): void {
    this.entries = this.#recent
      .filter((interaction) => matches(interaction, this.#filter))
      .map((interaction) => ({ id: ++this.#id, interaction }))
      .reverse()
    this.#behind = []
    this.waiting = 0
  }
}

/** Whether it was there; then it no longer is. */
function taken(from: string[], one: string): boolean {
  const place = from.indexOf(one)
  return place !== -1 && from.splice(place, 1).length > 0
}

export function matches({ type, target, page }: Interaction, folded: string): boolean {
  return folded === '' || fold(`${targetName(type, target)} ${type} ${page}`).includes(folded)
}

export function fold(text: string): string {
  return text.trim().toLocaleLowerCase('en')
}
