import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { frames } from '../src/frame'
import { fit, Roll } from '../src/roll'

let hidden = false
let waiting: Map<number, (now: number) => void>
let ids = 0

beforeEach(() => {
  hidden = false
  waiting = new Map()
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
  vi.stubGlobal('requestAnimationFrame', (draw: (now: number) => void) => (waiting.set(++ids, draw), ids))
  vi.stubGlobal('cancelAnimationFrame', (id: number) => waiting.delete(id))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function frame(now = 0): void {
  const due = [...waiting.values()]
  waiting.clear()
  due.forEach((draw) => draw(now))
}

function hide(now: boolean): void {
  hidden = now
  document.dispatchEvent(new Event('visibilitychange'))
}

describe('drawing', () => {
  test('is done once a frame, however much changes', () => {
    const draw = vi.fn()
    const { want } = frames(draw)
    want()
    want()
    frame(5)
    expect(draw.mock.calls).toEqual([[5]])
    frame()
    expect(draw).toHaveBeenCalledTimes(1)
    want()
    frame()
    expect(draw).toHaveBeenCalledTimes(2)
  })

  test('does not wait for a frame that does not come, and does nothing when it comes after all', () => {
    const draw = vi.fn()
    const { want } = frames(draw)
    want()
    vi.advanceTimersByTime(99)
    expect(draw).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(draw).toHaveBeenCalledTimes(1)
    frame()
    vi.advanceTimersByTime(1_000)
    expect(draw).toHaveBeenCalledTimes(1)
  })

  test('is not done while nobody sees the page, and is made up for', () => {
    const draw = vi.fn()
    const { want } = frames(draw)
    hide(true)
    want()
    want()
    expect(waiting.size).toBe(0)
    hide(false)
    frame()
    expect(draw).toHaveBeenCalledTimes(1)
  })
})

describe('a number that moves', () => {
  const text = (n: number): string => String(Math.round(n))

  test('is there at once at first, then goes to where it should be and stays', () => {
    const element = document.createElement('b')
    const roll = new Roll(element, text)
    roll.set(100, 0)
    expect(roll.draw(0, false)).toBe(true)
    expect(element.textContent).toBe('100')
    roll.set(200, 1_000)
    expect(roll.draw(1_000, false)).toBe(true)
    expect(element.textContent).toBe('100')
    roll.draw(1_200, false)
    const on = Number(element.textContent)
    expect(on).toBeGreaterThan(100)
    expect(on).toBeLessThan(200)
    expect(roll.draw(2_000, false)).toBe(false)
    expect(element.textContent).toBe('200')
  })

  test('is there at once where it is a click or two further', () => {
    const element = document.createElement('b')
    const roll = new Roll(element, text)
    roll.set(41, 0)
    roll.draw(1_000, false)
    roll.set(42, 2_000)
    roll.draw(2_000, false)
    expect(element.textContent).toBe('42')
  })

  test('does not move where motion is not wanted', () => {
    const element = document.createElement('b')
    const roll = new Roll(element, text)
    roll.set(1, 0)
    roll.set(9, 1_000)
    expect(roll.draw(1_000, true)).toBe(false)
    expect(element.textContent).toBe('9')
  })

  test('has the size of the longest beside it', () => {
    const pair = ['1', '12,345'].map((content) => Object.assign(document.createElement('b'), { textContent: content }))
    fit(pair)
    expect(pair.map((element) => element.style.getPropertyValue('--n'))).toEqual(['6', '6'])
  })
})
