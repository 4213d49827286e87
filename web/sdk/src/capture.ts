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

  const on = <E extends Event>(type: string, act: (event: E) => void, capture = false) =>
    addEventListener(type, quietly(act) as EventListener, { capture, signal: ending.signal })

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

  on('click', clicked, true)
  on('popstate', moved)
  on('pageshow', (event: PageTransitionEvent) => event.persisted && viewed())
  on('pagehide', hide)
  // Bubbles up to here after the page's own listeners on the document, which may have had something to track.
  on('visibilitychange', () => document.hidden && hide())
  follow('pushState', moved, ending.signal)
  follow('replaceState', moved, ending.signal)

  // What the browser renders ahead of time is seen only once it is activated.
  if ((document as { prerendering?: boolean }).prerendering) {
    document.addEventListener('prerenderingchange', quietly(viewed), { signal: ending.signal })
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
