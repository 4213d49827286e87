import { isTemporary, waitAfter } from './retry.js'
import { createStore } from './store.js'

const MAX_DELAY = 100 // ms an interaction waits for company: a live board has to feel live
const MAX_PENDING = 500 // interactions kept while the collector is away: about 200 KB
const MAX_BODY = 60 * 1024 // bytes; browsers take 64 KiB of keepalive and beacon bodies in all
const MAX_REQUEST = 30_000 // ms until an answer is given up, so that one lost request can't stop all others

export type Transport = ReturnType<typeof createTransport>

/**
 * Brings lines to the collector, in order and one request at a time, until it answers for them. A line is on one
 * of two lists: `waiting`, or `travelling` with the request under way; with each try, and when the page hides or ends,
 * both are kept in the site's storage too, so that they outlive it. What fails goes back to the head of `waiting`; the ids in the lines make sending again
 * harmless. To the address, the time of sending is appended.
 */
export function createTransport(url: string) {
  let waiting: string[] = []
  let travelling: string[] = []
  let dropped = 0
  let failures = 0 // in a row
  let timer: ReturnType<typeof setTimeout> | undefined
  let backingOff = false // the timer is for the next try after a failure
  let asked = false // ... and the collector named the time
  let sending: Promise<void> | undefined
  const store = createStore(url)

  function add(line: string): void {
    if (bytesOf(line) >= MAX_BODY) {
      dropped++
      return
    }
    waiting.push(line)
    dropOldest()
    // While backing off, there is one.
    timer ??= setTimeout(sendNow, MAX_DELAY)
  }

  /** Sends now, unless the collector asked to wait. Never rejects; resolves when all is answered, or a try failed. */
  async function flush(): Promise<void> {
    keep() // the page may be ended while it is hidden
    await (asked || sendNow())
  }

  function sendNow(): Promise<void> | undefined {
    schedule()
    if (!sending && waiting.length) {
      sending = drain()
    }
    return sending
  }

  async function drain(): Promise<void> {
    while (waiting.length && !backingOff) {
      const batch = (travelling = takeBody(waiting))
      keep()
      const answer = await send(batch)
      if (travelling !== batch) {
        return // stopped, or handed over
      }
      travelling = []
      const retryAfter = Number(answer?.headers?.get('retry-after')) || 0
      if (!answer || retryAfter || isTemporary(answer.status)) {
        backOff(batch, retryAfter)
      } else {
        failures = 0
        dropped += answer.ok ? 0 : batch.length
      }
      keep()
      if (!failures) {
        store.adopt(adopt)
      }
    }
    sending = undefined
  }

  function backOff(batch: string[], retryAfter: number): void {
    waiting.unshift(...batch)
    dropOldest()
    schedule(waitAfter(++failures, retryAfter))
    asked = retryAfter > 0
  }

  function adopt(lines: string[], expired: number): void {
    waiting.unshift(...lines)
    dropped += expired
    dropOldest()
    void flush()
  }

  /** One request. Resolves to nothing where no answer came. */
  async function send(lines: string[]): Promise<Response | undefined> {
    try {
      return await fetch(url + Date.now(), {
        method: 'POST',
        body: lines.join('\n'), // a string goes as text/plain, which needs no preflight
        credentials: 'omit',
        keepalive: true,
        signal: AbortSignal.timeout?.(MAX_REQUEST) as AbortSignal,
      })
    } catch {
      return undefined
    }
  }

  /**
   * The page ends, or goes to the back-forward cache: what waits goes by beacon, unless the collector asked to wait,
   * and all is left to the next page.
   */
  function handOver(): void {
    const kept = keep(true)
    const lines = kept && asked ? [] : [...waiting]
    while (lines.length) {
      const piece = takeBody(lines)
      if (!navigator.sendBeacon?.(url + Date.now(), piece.join('\n'))) {
        void send(piece)
      }
    }
    // Nobody answers for a beacon. Where nothing could be kept, a page that lives on sends again.
    if (kept) {
      stop()
    }
  }

  /** Forgets what is this page's own. */
  function stop(): void {
    waiting = []
    travelling = []
    keep(true)
    sending = undefined
    schedule()
  }

  function keep(forOthers?: boolean): boolean {
    return store.keep([...travelling, ...waiting], forOthers)
  }

  /** Sets the time of the next try after a failure, or clears it and any other. */
  function schedule(wait?: number): void {
    clearTimeout(timer)
    asked = false
    backingOff = !!wait
    timer = wait ? setTimeout(sendNow, wait) : undefined
  }

  function dropOldest(): void {
    dropped += waiting.splice(0, travelling.length + waiting.length - MAX_PENDING).length
  }

  return { add, flush, handOver, stop, dropped: () => dropped }
}

/** Takes as many lines off the head as one body holds. */
function takeBody(lines: string[]): string[] {
  let bytes = 0
  let count = 0
  while (count < lines.length && (bytes += bytesOf(lines[count]!) + 1) <= MAX_BODY) {
    count++
  }
  return lines.splice(0, count)
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
