import type { Listen } from './capture.js'
import type { Details } from './interaction.js'
import { quietly } from './quietly.js'

/**
 * Ends each page view with an interaction of type `leave`: how long it was in sight, and how far down it was seen.
 * Reads the layout in idle time only.
 */
export function leave(listen: Listen) {
  let begun = false
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
  function begin(): void {
    tick()
    seen = depth = 0
    begun = true
    measureLater()
  }

  /** A page view ends: what is to be told of it, once. The value is seconds. */
  function end(): Details | undefined {
    tick()
    return begun && !(begun = false) ? { type: 'leave', value: Math.round(seen / 100) / 10, properties: { depth } } : undefined
  }

  return { begin, end }
}
