import { uuid } from './identity.js'
import { quietly } from './quietly.js'

const LEASE = 120_000 // ms: longer than a page of its own accord waits between two tries, and than a hidden tab's timers sleep
const MAX_AGE = 20 * 3_600_000 // ms: within the day that the metrics service can tell repeats
const LOCK = 1_000 // ms until other tabs surely see what was taken

/**
 * Keeps the lines of one page where the site's other pages find them: localStorage, an entry a page, its first line
 * the time until which they are this page's own. Where storage is denied, it keeps nothing.
 */
export function createStore(url: string) {
  // Pages of one site may report to several collectors.
  const prefix = `footfall ${url} `
  let key: string | undefined

  /** Replaces what was kept. `forOthers` leaves it to whoever comes next. Returns whether it is kept. */
  function keep(lines: string[], forOthers?: boolean): boolean {
    const now = Date.now()
    try {
      if (lines.length) {
        localStorage.setItem((key ??= prefix + uuid(now)), [now + (forOthers ? 0 : LEASE), ...lines].join('\n'))
      } else if (key) {
        remove(key)
      }
    } catch {
      return false
    }
    if (forOthers) {
      key = undefined
    }
    return true
  }

  /** Hands over what other pages left behind, and how many of their lines were too old. One tab at a time does. */
  const adopt = quietly((take: (lines: string[], expired: number) => void) => {
    const look = () => {
      const now = Date.now()
      const found: string[] = []
      let expired = 0
      for (const entry of entries()) {
        const [until, ...lines] = localStorage[entry].split('\n')
        if (entry !== key && until <= now) {
          if (now - until < MAX_AGE) {
            found.push(...lines)
          } else {
            expired += lines.length
          }
          remove(entry)
        }
      }
      take(found, expired)
      // A page that holds a lock can't go to the back-forward cache.
      return found[0] && new Promise((free) => setTimeout(free, LOCK))
    }
    if (navigator.locks) {
      // The page may have handed over its own entry by then: it takes no others.
      navigator.locks.request(prefix, { ifAvailable: true }, (lock) => lock && key && look()).catch(() => {})
    } else {
      void look()
    }
  })

  const entries = () => Object.keys(localStorage).filter((entry) => entry.startsWith(prefix))

  const remove = (entry: string) => localStorage.removeItem(entry)

  return { keep, adopt }
}
