import { setText } from './dom'

/** How long a number takes to its new value: less than the time to the next one. */
const TAKES = 450
/** What is no further is there at once: there is nothing in between to move through, and a click is shown sooner. */
const A_STEP = 2

/** A number that moves to where it should be. */
export class Roll {
  readonly #element: HTMLElement
  readonly #format: (n: number) => string
  #from = 0
  #to = 0
  #began = -Infinity
  #known = false

  constructor(element: HTMLElement, format: (n: number) => string) {
    this.#element = element
    this.#format = format
  }

  set(value: number, now: number): void {
    if (this.#known && value === this.#to) {
      return
    }
    // The first value is simply there: a page that counts up from 0 tells something that never happened.
    const shown = this.#known ? this.at(now) : value
    this.#from = Math.abs(value - shown) <= A_STEP ? value : shown
    this.#to = value
    this.#began = now
    this.#known = true
  }

  /** What to show at this time. */
  at(now: number): number {
    const part = Math.min(1, Math.max(0, (now - this.#began) / TAKES))
    return part >= 1 ? this.#to : this.#from + (this.#to - this.#from) * (1 - (1 - part) ** 3)
  }

  /** Shows it; true while it has further to go. */
  draw(now: number, still: boolean): boolean {
    if (!this.#known) {
      return false
    }
    const moving = !still && now - this.#began < TAKES
    setText(this.#element, this.#format(moving ? this.at(now) : this.#to))
    return moving
  }

  /** Nothing is known any more. */
  forget(): void {
    this.#known = false
  }
}

/** Gives numbers that stand together one size, in which the longest of them fits: `--n` in style.css. */
export function fit(elements: readonly HTMLElement[]): void {
  const n = String(Math.max(...elements.map((element) => element.textContent?.length ?? 0)))
  for (const element of elements) {
    if (element.style.getPropertyValue('--n') !== n) {
      element.style.setProperty('--n', n)
    }
  }
}
