import { byId, make, nameBox, setName, setText, show } from './dom'
import { count, readable, share, span } from './format'
import type { Funnel } from './wire'

interface Step {
  item: HTMLElement
  name: HTMLElement
  number: HTMLElement
  of: HTMLElement
  bar: HTMLElement
}

interface Card {
  card: HTMLElement
  name: HTMLElement
  whole: HTMLElement
  list: HTMLElement
  steps: Step[]
}

/** How many visitors go from step to step. */
export class Funnels {
  readonly #section = byId('funnels-card')
  readonly #list = byId('funnels')
  #cards: Card[] = []
  #drawn: readonly Funnel[] = []

  draw(funnels: readonly Funnel[]): void {
    if (funnels === this.#drawn) {
      return
    }
    this.#drawn = funnels
    show(this.#section, funnels.length > 0)
    while (this.#cards.length > funnels.length) {
      this.#cards.pop()!.card.remove()
    }
    funnels.forEach((funnel, index) => this.#fill(this.#cards[index] ?? this.#make(), funnel))
  }

  #make(): Card {
    const name = nameBox('')
    const whole = make('span', 'quiet')
    const list = make('ol', 'steps')
    const card = make('li', 'card funnel', make('div', 'head', make('h3', '', name), make('span', 'push'), whole), list)
    const made = { card, name, whole, list, steps: [] }
    this.#cards.push(made)
    this.#list.append(card)
    return made
  }

  #fill(card: Card, funnel: Funnel): void {
    setName(card.name, readable(funnel.name))
    const first = funnel.steps[0]?.visitors ?? 0
    const last = funnel.steps.at(-1)?.visitors ?? 0
    setText(card.whole, first === 0 && last === 0 ? 'No visitors yet' : `${share(last, first)} go all the way, within ${span(funnel.window)}`)
    while (card.steps.length > funnel.steps.length) {
      card.steps.pop()!.item.remove()
    }
    funnel.steps.forEach((step, index) => {
      const view = card.steps[index] ?? this.#step(card)
      const before = funnel.steps[index - 1]?.visitors
      setName(view.name, readable(step.name))
      setText(view.number, count(step.visitors))
      setText(view.of, before === undefined ? 'visitors' : share(step.visitors, before))
      view.of.title = before === undefined ? '' : placeOf(step.visitors, before)
      view.bar.style.setProperty('--part', String(first > 0 ? Math.min(1, step.visitors / first) : 0))
    })
  }

  #step(card: Card): Step {
    const name = nameBox('')
    const number = make('b')
    const of = make('span', 'step-of')
    const bar = make('span', 'step-bar')
    const item = make('li', 'step', make('span', 'step-name', name), bar, number, of)
    const step = { item, name, number, of, bar }
    card.steps.push(step)
    card.list.append(item)
    return step
  }
}

function placeOf(visitors: number, before: number): string {
  return visitors > before ? `more than the ${count(before)} at the step before: its steps were changed under the same name` : `of ${count(before)} at the step before`
}
