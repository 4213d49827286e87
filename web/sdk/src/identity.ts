const VISITOR_KEY = 'footfall.visitor'
const DAY = 86_400_000 // ms

/** For how long a visitor has the same name: in a tab, or on the whole site. */
export type Visitor = 'tab' | 'site'

/** A UUIDv7 (RFC 9562, 5.7): the time, and 74 random bits. */
export function uuid(now: number): string {
  const time = now.toString(16).padStart(12, '0')
  const random = crypto.getRandomValues(new Uint8Array(23))
  const rest = '-7xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (digit, at: number) =>
    (digit === 'x' ? random[at]! & 15 : (random[at]! & 3) | 8).toString(16),
  )
  return time.slice(0, 8) + '-' + time.slice(8) + rest
}

let name: string | undefined

/** A random name for the tab or the site; it ends after its time, or with the page where storage is denied. */
export function visitor(now: number, extent: Visitor | undefined): string {
  const maxAge = extent === 'site' ? 30 * DAY : DAY
  // The name itself tells its time, up to its second dash. What is no UUIDv7 is over.
  const lasts = (id: string | null | undefined) => id && now - parseInt(id.replace('-', ''), 16) < maxAge
  if (!lasts(name)) {
    name = uuid(now)
    try {
      const storage = storageOf(extent)
      const stored = storage.getItem(VISITOR_KEY)
      if (lasts(stored)) {
        name = stored!
      }
      storage.setItem(VISITOR_KEY, name)
    } catch {
      // Denied: the name lives as long as the page.
    }
  }
  return name!
}

/** Removes all that is stored for this page: names, and what waits to be sent, of other pages too. */
export function forgetAll(): void {
  name = undefined
  for (const storage of [sessionStorage, localStorage]) {
    Object.keys(storage).forEach((key) => /^footfall[ .]/.test(key) && storage.removeItem(key))
  }
}

function storageOf(extent: Visitor | undefined): Storage {
  return extent === 'site' ? localStorage : sessionStorage
}
