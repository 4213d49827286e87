/** In which order rows stand, and when they may move. Keys only: what a row shows is no business of this. */

/**
 * The order to show. While somebody reads (`held`), every row that stays keeps its place among the others, and new ones come at
 * the end: what moves under the eyes or the pointer is pressed by mistake.
 */
export function stillOrder(shown: readonly number[], wanted: readonly number[], held: boolean): readonly number[] {
  if (!held) {
    return wanted
  }
  const there = new Set(wanted)
  const kept = shown.filter((key) => there.has(key))
  const known = new Set(kept)
  return [...kept, ...wanted.filter((key) => !known.has(key))]
}

export function sameOrder(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index])
}

/** Whether the rows of a table may move now. Time is given: milliseconds that only grow. */
export class Stillness {
  #inside = false
  #focus = false
  #until = -Infinity
  #moved = -Infinity

  /** After the pointer left, the eyes may still be there. */
  static readonly AFTER = 1_500
  /** A finger leaves no pointer behind. */
  static readonly AFTER_TOUCH = 4_000
  /** Also when nobody is in the table, its order changes at a pace that can be followed. */
  static readonly PACE = 3_000

  pointer(inside: boolean, now: number): void {
    this.#inside = inside
    this.#hold(now + Stillness.AFTER)
  }

  focus(inside: boolean, now: number): void {
    this.#focus = inside
    this.#hold(now + Stillness.AFTER)
  }

  /** Touched, or scrolled. */
  touch(now: number): void {
    this.#hold(now + Stillness.AFTER_TOUCH)
  }

  #hold(until: number): void {
    this.#until = Math.max(this.#until, until)
  }

  /** Somebody is reading. */
  held(now: number): boolean {
    return this.#inside || this.#focus || now < this.#until
  }

  mayMove(now: number): boolean {
    return !this.held(now) && now - this.#moved >= Stillness.PACE
  }

  moved(now: number): void {
    this.#moved = now
  }
}
