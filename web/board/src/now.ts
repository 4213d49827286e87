import { byId, setText } from './dom'
import { amount, count, NONE, took, tookText } from './format'
import { fit, Roll } from './roll'
import type { Board } from './state'

/** The figures on top. */
export class NowView {
  readonly #second = new Roll(byId('now-second'), count)
  readonly #minute = new Roll(byId('now-minute'), count)
  readonly #v1 = new Roll(byId('now-visitors-1m'), count)
  readonly #v5 = new Roll(byId('now-visitors-5m'), count)
  readonly #v30 = new Roll(byId('now-visitors-30m'), count)
  readonly #total = new Roll(byId('now-total'), count)
  readonly #delivery = byId('now-delivery')
  readonly #unit = byId('now-delivery-unit')
  readonly #slowest = byId('now-delivery-99')
  readonly #value = byId('now-value')

  readonly #together = [['now-second'], ['now-minute'], ['now-visitors-1m', 'now-visitors-5m', 'now-visitors-30m'], ['now-total']].map((ids) =>
    ids.map((id) => byId(id)),
  )

  set(board: Board, now: number): void {
    this.#second.set(board.now.second, now)
    this.#minute.set(board.now.minute, now)
    this.#v1.set(board.now.visitors['1m'], now)
    this.#v5.set(board.now.visitors['5m'], now)
    this.#v30.set(board.now.visitors['30m'], now)
    this.#total.set(board.total, now)
    const { p50, p99 } = board.now.delivery
    const { number, unit } = took(p50)
    setText(this.#delivery, number)
    setText(this.#unit, unit)
    setText(this.#slowest, p99 === null ? 'nothing in the last minute' : `99 of 100 within ${tookText(p99)}`)
    setText(this.#value, board.value === null ? 'interactions' : `worth ${amount(board.value)}`)
  }

  /** True while something moves. */
  draw(now: number, still: boolean): boolean {
    const moving = this.#rolls().map((roll) => roll.draw(now, still)).some(Boolean)
    this.#together.forEach(fit)
    return moving
  }

  forget(): void {
    this.#rolls().forEach((roll) => roll.forget())
    for (const element of [...this.#together.flat(), this.#delivery]) {
      setText(element, NONE)
    }
    for (const element of [this.#unit, this.#slowest, this.#value]) {
      setText(element, '')
    }
  }

  #rolls(): Roll[] {
    return [this.#second, this.#minute, this.#v1, this.#v5, this.#v30, this.#total]
  }
}
