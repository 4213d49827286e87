import { consent, dropped, flush, off, start, track } from './index.js'
import type { Options } from './index.js'
import { quietly } from './quietly.js'

type Call = Parameters<typeof track>

declare global {
  interface Window {
    footfall?: {
      track(...call: Call): void
      flush?(): Promise<void>
      off?(): void
      consent?(given: boolean): void
      dropped?(): number
      /** Calls made before the script was there, kept by the page's stub. */
      q?: Call[]
    }
  }
}

/** What a script tag does: starts with the tag's attributes, and makes `window.footfall`. */
export const run = quietly((more?: Partial<Options>) => {
  const before = window.footfall
  if (before?.off) {
    return // the script is there already: twice on a page, it would count everything twice
  }
  const { src, dataset } = document.currentScript as HTMLScriptElement
  window.footfall = { track, flush, off, consent, dropped }
  start({ collector: src.replace(/\/[^/]*$/, ''), ...(dataset as Partial<Options>), ...more })
  before?.q?.forEach((call) => track(...call))
})
