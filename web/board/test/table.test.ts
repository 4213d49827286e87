import { beforeEach, describe, expect, test } from 'vitest'
import { Stillness, stillOrder } from '../src/order'
import { Table, type Shown } from '../src/table'
import type { Sort } from '../src/url'
import type { TargetRow } from '../src/wire'
import { row } from './fakes'

describe('the order of rows', () => {
  test('is the wanted one where nobody reads', () => {
    expect(stillOrder([1, 2, 3], [3, 1, 2], false)).toEqual([3, 1, 2])
  })

  test('is kept while somebody does: those that go leave, those that come are last', () => {
    expect(stillOrder([1, 2, 3], [4, 3, 1, 5], true)).toEqual([1, 3, 4, 5])
  })

  test('loses no row and doubles none', () => {
    let seed = 3
    const random = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n
    let shown: readonly number[] = []
    for (let i = 0; i < 300; i++) {
      const wanted = [...new Set(Array.from({ length: 20 }, () => random(30)))]
      shown = stillOrder(shown, wanted, random(2) === 0)
      expect([...shown].sort()).toEqual([...wanted].sort())
    }
  })
})

describe('who reads holds the rows', () => {
  test('with the pointer or the focus inside, and a little longer', () => {
    const still = new Stillness()
    expect(still.held(0)).toBe(false)
    still.pointer(true, 0)
    expect(still.held(60_000)).toBe(true)
    still.focus(true, 60_000)
    still.pointer(false, 61_000)
    expect(still.held(90_000)).toBe(true)
    still.focus(false, 90_000)
    expect(still.held(90_000 + Stillness.AFTER - 1)).toBe(true)
    expect(still.held(90_000 + Stillness.AFTER)).toBe(false)
  })

  test('with a finger, which leaves no pointer behind', () => {
    const still = new Stillness()
    still.touch(0)
    expect(still.held(Stillness.AFTER_TOUCH - 1)).toBe(true)
    expect(still.held(Stillness.AFTER_TOUCH)).toBe(false)
  })

  test('and nobody: they move at a pace that can be followed', () => {
    const still = new Stillness()
    expect(still.mayMove(0)).toBe(true)
    still.moved(0)
    expect(still.mayMove(Stillness.PACE - 1)).toBe(false)
    expect(still.mayMove(Stillness.PACE)).toBe(true)
  })
})

describe('a table', () => {
  let root: HTMLElement
  let sortButton: HTMLButtonElement
  let counter: HTMLElement
  let table: Table<TargetRow>
  let sort: Sort
  let chosen: string[]
  let now: number

  beforeEach(() => {
    document.body.replaceChildren()
    root = document.createElement('div')
    sortButton = document.createElement('button')
    counter = document.createElement('span')
    document.body.append(root, sortButton, counter)
    sort = { by: 'total', down: true }
    chosen = []
    now = performance.now() + 100_000
    table = new Table<TargetRow>({
      root,
      caption: 'All targets',
      sortButton,
      counter,
      title: 'Target',
      name: ({ target }) => target,
      chip: ({ type }) => (type === 'click' ? '' : type),
      columns: [
        { id: 'total', title: 'Total', text: ({ total }) => String(total), by: ({ total }) => total },
        { id: 'value', title: 'Value', text: ({ value }) => (value === null ? '' : String(value)), by: ({ value }) => value ?? -1, optional: true },
      ],
      sorted: (wanted) => (sort = wanted),
      chosen: ({ target }) => chosen.push(target),
      changed: () => undefined,
    })
  })

  const draw = (rows: TargetRow[], more: Partial<Shown<TargetRow>> = {}, after = 10_000): void => {
    now += after
    table.draw({ rows: new Map(rows.map((one) => [one.k, one])), more: 0, sort, filter: '', alone: () => false, colour: () => null, ...more }, now, true)
  }
  const names = (): string[] => [...root.querySelectorAll('tbody .name')].map((name) => name.textContent ?? '')
  const enter = (type: string): boolean => root.dispatchEvent(Object.assign(new Event(type), { pointerType: 'mouse' }))

  test('is sorted, and sorted again when nobody reads', () => {
    draw([row(0, 'a', 1), row(1, 'b', 3)])
    expect(names()).toEqual(['b', 'a'])
    draw([row(0, 'a', 5), row(1, 'b', 3)])
    expect(names()).toEqual(['a', 'b'])
  })

  test('keeps its rows under the pointer, offers to sort, and does it on demand', () => {
    draw([row(0, 'a', 1), row(1, 'b', 3)])
    enter('pointerenter')
    draw([row(0, 'a', 5), row(1, 'b', 3), row(2, 'c', 9)])
    expect(names()).toEqual(['b', 'a', 'c'])
    expect(root.querySelector('tbody td')!.textContent).toBe('3')
    expect(sortButton.dataset['wanted']).toBe('true')
    sortButton.click()
    draw([row(0, 'a', 5), row(1, 'b', 3), row(2, 'c', 9)])
    expect(names()).toEqual(['c', 'a', 'b'])
    expect(sortButton.dataset['wanted']).toBe('false')
  })

  test('keeps its rows while the focus is in it, and the focus where it is', () => {
    draw([row(0, 'a', 1), row(1, 'b', 3)])
    const button = root.querySelector<HTMLElement>('tbody tr:last-child button')!
    button.focus()
    draw([row(0, 'a', 5), row(1, 'b', 3)])
    expect(names()).toEqual(['b', 'a'])
    expect(document.activeElement).toBe(button)
    table.sortNow()
    draw([row(0, 'a', 5), row(1, 'b', 3)])
    expect(names()).toEqual(['a', 'b'])
    expect(document.activeElement).toBe(button)
  })

  test('does not change its order faster than the eye', () => {
    draw([row(0, 'a', 1), row(1, 'b', 3)])
    draw([row(0, 'a', 4), row(1, 'b', 3)])
    draw([row(0, 'a', 4), row(1, 'b', 5)], {}, 200)
    expect(names()).toEqual(['a', 'b'])
    draw([row(0, 'a', 4), row(1, 'b', 5)], {}, Stillness.PACE)
    expect(names()).toEqual(['b', 'a'])
  })

  test('is sorted by a press on a head at once, and says so', () => {
    draw([row(0, 'b', 1), row(1, 'a', 3), row(2, 'B10', 2), row(3, 'b9', 2)])
    const head = (id: string): HTMLElement => root.querySelector(`th[data-column=${id}]`)!
    expect(head('total').getAttribute('aria-sort')).toBe('descending')
    enter('pointerenter')
    head('name').querySelector('button')!.click()
    draw([row(0, 'b', 1), row(1, 'a', 3), row(2, 'B10', 2), row(3, 'b9', 2)])
    expect(names()).toEqual(['a', 'b', 'b9', 'B10'])
    expect(head('name').getAttribute('aria-sort')).toBe('ascending')
    expect(head('total').getAttribute('aria-sort')).toBeNull()
    head('name').querySelector('button')!.click()
    draw([row(0, 'b', 1), row(1, 'a', 3)])
    expect(names()).toEqual(['b', 'a'])
  })

  test('is filtered by name and type, and says how many there are', () => {
    const rows = [row(0, 'Buy Now', 1), row(1, 'Enroll Now', 3), row(2, 'Send', 2, { type: 'submit' })]
    draw(rows, { more: 7 })
    expect(counter.textContent).toBe('10')
    draw(rows, { filter: 'NOW' })
    expect(names()).toEqual(['Enroll Now', 'Buy Now'])
    expect(counter.textContent).toBe('2 of 3')
    draw(rows, { filter: 'submit' })
    expect(names()).toEqual(['Send'])
    draw(rows, { filter: 'zzz' })
    expect(root.textContent).toContain('Nothing has this in its name.')
  })

  test('touches only what changed', async () => {
    const rows = Array.from({ length: 500 }, (_, k) => row(k, `Button ${k}`, 1_000 - k))
    draw(rows)
    const changes: MutationRecord[] = []
    const observer = new MutationObserver((records) => changes.push(...records))
    observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true })
    draw(rows.map((one) => (one.k === 7 ? { ...one, total: one.total + 0.5 } : one)))
    await new Promise((resolve) => setTimeout(resolve))
    observer.disconnect()
    const touched = new Set(changes.map(({ target }) => (target instanceof Element ? target : target.parentElement)?.closest('tr')))
    expect([...touched]).toEqual([root.querySelectorAll('tbody tr')[7]])
  })

  test('shows a column only where there is something in it', () => {
    draw([row(0, 'a', 1)])
    const shown = (): string | undefined => root.querySelector('table')!.dataset['noValue']
    expect(shown()).toBe('true')
    draw([row(0, 'a', 1, { value: 5 })])
    expect(shown()).toBe('false')
  })

  test('is chosen from by its rows', () => {
    draw([row(0, 'a', 1), row(1, 'b', 3)], { alone: ({ target }) => target === 'a' })
    root.querySelector<HTMLElement>('tbody button')!.click()
    root.querySelectorAll<HTMLElement>('tbody tr')[1]!.click()
    expect(chosen).toEqual(['b', 'a'])
    expect([...root.querySelectorAll('tbody button')].map((button) => button.getAttribute('aria-pressed'))).toEqual(['false', 'true'])
  })

  test('shows names as text, whatever they are', () => {
    const hostile = '<img src=x onerror=alert(1)>'
    draw([row(0, hostile, 1), row(1, `${'\u0301'.repeat(10_000)}a`, 2), row(2, '\u202Eevil', 3), row(3, '__proto__', 4), row(4, 'constructor', 5)])
    expect(root.querySelector('img')).toBeNull()
    expect(names()).toContain(hostile)
    for (const name of root.querySelectorAll('tbody .name')) {
      expect(name.tagName).toBe('BDI')
      expect(name.getAttribute('title')).toBe(name.textContent)
    }
  })
})
