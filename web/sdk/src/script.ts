import { dropped, flush, off, start, track } from './index'
import { quietly } from './quietly'

type Call = Parameters<typeof track>

declare global {
  interface Window {
    footfall?: {
      track(...call: Call): void
      flush?(): Promise<void>
      off?(): void
      readonly dropped?: number
      /** Calls made before the script was there, kept by the page's stub. */
      q?: Call[]
    }
  }
}

quietly(() => {
  const before = window.footfall
  if (before?.off) {
    return // the script is there already: twice on a page, it would count everything twice
  }
  const { src, dataset } = document.currentScript as HTMLScriptElement
  start({ collector: dataset['collector'] || new URL(src).origin, app: dataset['app'], key: dataset['key'] })
  window.footfall = {
    track,
    flush,
    off,
    get dropped() {
      return dropped()
    },
  }
  before?.q?.forEach((call) => track(...call))
})()
