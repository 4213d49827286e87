import type { Details } from './interaction.js'
import type { leave as Leave } from './leave.js'
import { controlOn, detailsOf, labelOf } from './name.js'
import { quietly } from './quietly.js'

/** What capture leads to. */
export interface Sink {
  /** `page` where it is not the one of this moment. */
  record(target: string | undefined, details: Details, page?: string): void
  /** What waits should go now: the page is out of sight, and may never be seen again, or the network is back. */
  flush(): void
  /** The page ends, or goes to the back-forward cache. */
  handOver(): void
}

/** Adds a listener that never throws, for as long as capture goes on. */
export type Listen = <E extends Event>(to: EventTarget, type: string, act: (event: E) => unknown, capture?: boolean) => void

/** Listens to the page until what it returns is aborted. `pageOf` names the page at this moment. */
export function capture({ record, flush, handOver }: Sink, pageOf: () => string, measure?: typeof Leave): AbortController {
  const ending = new AbortController()
  const { signal } = ending
  const listen: Listen = (to, type, act, capture = true) =>
    to.addEventListener(type, quietly(act) as EventListener, { capture, signal })
  const engagement = measure?.(listen, record)
  let page: string | undefined

  const told = (control: Element | undefined, type?: string) => {
    const label = control && labelOf(control)
    if (label) {
      record(label, { type, ...detailsOf(control) })
    }
  }

  const viewed = () => {
    engagement?.end()
    page = pageOf()
    record(undefined, { type: 'view' })
    engagement?.begin(page)
  }

  const moved = quietly(() => {
    if (!signal.aborted && pageOf() !== page) {
      viewed()
    }
  })

  // A click that a script made is not something a person did.
  listen(window, 'click', (event) => event.isTrusted && told(controlOn(event.composedPath())))
  listen(window, 'submit', ({ target }) => (target as Element).matches('[data-track]') && told(target as Element, 'submit'))
  listen(window, 'pageshow', (event: PageTransitionEvent) => event.persisted && viewed())
  listen(window, 'pagehide', () => {
    engagement?.end()
    handOver()
  })
  listen(window, 'online', flush)
  // Bubbles up to here after the page's own listeners on the document, which may have had something to track.
  listen(window, 'visibilitychange', () => document.hidden && flush(), false)

  // A page may have something of its own by that name.
  const { navigation } = window as { navigation?: EventTarget & { currentEntry?: unknown } }
  if (navigation?.currentEntry) {
    listen(navigation, 'currententrychange', moved)
  } else {
    listen(window, 'popstate', moved)
    for (const method of ['pushState', 'replaceState'] as const) {
      const original = history[method]
      // Stays in the chain for good, since somebody may wrap it.
      history[method] = function (this: History, ...entry) {
        original.apply(this, entry)
        moved()
      }
    }
  }

  // What the browser renders ahead of time is seen only once it is activated.
  if ((document as { prerendering?: boolean }).prerendering) {
    listen(document, 'prerenderingchange', viewed)
  } else {
    viewed()
  }

  return ending
}
