import type { Listen, Sink } from './capture.js'
import { quietly } from './quietly.js'

/**
 * Ends each page view with an interaction of type `leave`: how long it was in sight, and how far down it was seen.
 * Reads the layout in idle time only.
 */
export function leave(listen: Listen, record: Sink['record']) {
  let page: string | undefined
  let inSight = false
  let since = 0
  let seen = 0 // ms
  let depth = 0 // percent of the page's height

  const tick = () => {
    const now = performance.now()
    seen += inSight ? now - since : 0
    since = now
    inSight = !document.hidden
  }

  const measure = quietly(() => {
    const shown = ((scrollY + innerHeight) / document.documentElement.scrollHeight) * 100
    depth = Math.max(depth, Math.min(100, Math.round(shown)))
  })

  const measureLater = () => (window.requestIdleCallback ?? setTimeout)(measure)

  listen(document, 'scroll', measureLater)
  listen(document, 'visibilitychange', tick)

  /** A page view begins. */
  function begin(viewed: string): void {
    tick()
    page = viewed
    seen = depth = 0
    measureLater()
  }

  /** A page view ends, which is told once. The value is seconds. */
  function end(): void {
    tick()
    if (page) {
      record(undefined, { type: 'leave', value: Math.round(seen / 100) / 10, properties: { depth } }, page)
      page = undefined
    }
  }

  return { begin, end }
}
