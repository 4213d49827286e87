import type { Details } from './interaction'
import { controlOn, detailsOf, labelOf } from './name'
import { quietly } from './quietly'

/** What capture leads to. */
export interface Sink {
  record(target: string | undefined, details: Details): void
  hide(): void
}

/** Listens to the page until the returned function is called. */
export function capture({ record, hide }: Sink): () => void {
  const ending = new AbortController()
  let page: string | undefined

  const on = <E extends Event>(target: EventTarget, type: string, act: (event: E) => void) =>
    target.addEventListener(type, quietly(act) as EventListener, { capture: true, signal: ending.signal })

  const clicked = (event: Event) => {
    // A click that a script made is not something a person did.
    const control = event.isTrusted && controlOn(event.composedPath())
    const label = control && labelOf(control)
    if (label) {
      record(label, detailsOf(control))
    }
  }

  const viewed = () => {
    page = location.pathname
    record(undefined, { type: 'view' })
  }

  const moved = quietly(() => {
    if (location.pathname !== page) {
      viewed()
    }
  })

  on(window, 'click', clicked)
  on(window, 'popstate', moved)
  on(window, 'pageshow', (event: PageTransitionEvent) => event.persisted && viewed())
  on(window, 'pagehide', hide)
  on(document, 'visibilitychange', () => document.hidden && hide())
  follow('pushState', moved, ending.signal)
  follow('replaceState', moved, ending.signal)

  // What the browser renders ahead of time is seen only once it is activated.
  if ((document as { prerendering?: boolean }).prerendering) {
    on(document, 'prerenderingchange', viewed)
  } else {
    viewed()
  }

  return () => ending.abort()
}

/** Calls `then` after each call of a method of `history`, until the end. */
function follow(method: 'pushState' | 'replaceState', then: () => void, end: AbortSignal): void {
  const original = history[method]
  const followed: typeof original = function (this: History, ...entry) {
    original.apply(this, entry)
    if (!end.aborted) {
      then()
    }
  }
  history[method] = followed
  end.addEventListener('abort', () => {
    // Somebody may have wrapped ours since; then it stays in the chain and does nothing.
    if (history[method] === followed) {
      history[method] = original
    }
  })
}
