import { isTemporary, waitAfter } from './retry'

const MAX_DELAY = 100 // ms an interaction waits for company: a live board has to feel live
const MAX_COMPANY = 20 // interactions that wait; then they go at once
const MAX_PENDING = 500 // interactions kept while the collector is away: about 150 KB
const MAX_BODY = 60 * 1024 // bytes; browsers take 64 KiB of keepalive and beacon bodies in all
const MAX_REQUEST = 30_000 // ms until an answer is given up, so that one lost request can't stop all others

/** The parts of the browser that the transport uses. */
export interface Network {
  fetch(url: string, init: RequestInit): Promise<Response>
  /** Other than true where the browser did not take the body. */
  beacon(url: string, body: string): boolean | undefined
  random(): number
}

export type Transport = ReturnType<typeof createTransport>

/**
 * Brings lines to the collector, in order and one request at a time, until it answers for them. A line is on one
 * of two lists: `waiting`, or `travelling` with the request under way. What fails goes back to the head of
 * `waiting`; the ids in the lines make sending again harmless.
 */
export function createTransport(url: string, network: Network) {
  let waiting: string[] = []
  let travelling: string[] = []
  let dropped = 0
  let failures = 0 // in a row
  let timer: ReturnType<typeof setTimeout> | undefined
  let backingOff = false // the timer is for the next try after a failure
  let asked = false // ... and the collector named the time
  let sending: Promise<void> | undefined
  let stopped = false

  function add(line: string): void {
    if (bytesOf(line) >= MAX_BODY) {
      dropped++
      return
    }
    waiting.push(line)
    dropOldest()
    if (backingOff) {
      return
    }
    if (waiting.length >= MAX_COMPANY) {
      void sendNow()
    } else {
      timer ??= setTimeout(sendNow, MAX_DELAY)
    }
  }

  /** Sends now, unless the collector asked to wait. Never rejects; resolves when all is answered, or a try failed. */
  function flush(): Promise<void> {
    return asked ? Promise.resolve() : sendNow()
  }

  function sendNow(): Promise<void> {
    schedule()
    if (!sending && waiting.length) {
      sending = drain()
    }
    return sending ?? Promise.resolve()
  }

  async function drain(): Promise<void> {
    while (waiting.length && !backingOff) {
      const batch = (travelling = takeBody(waiting))
      const answer = await send(batch)
      if (stopped) {
        return
      }
      travelling = []
      if (!answer || isTemporary(answer.status)) {
        backOff(batch, Number(answer?.headers.get('retry-after')) || 0)
      } else {
        failures = 0
        dropped += answer.ok ? 0 : batch.length
      }
    }
    sending = undefined
  }

  function backOff(batch: string[], retryAfter: number): void {
    waiting.unshift(...batch)
    dropOldest()
    schedule(waitAfter(++failures, retryAfter, network.random))
    asked = retryAfter > 0
  }

  /** One request. Resolves to nothing where no answer came. */
  async function send(lines: string[]): Promise<Response | undefined> {
    try {
      return await network.fetch(url, request(lines))
    } catch {
      return undefined
    }
  }

  /** The page may be gone in a moment: hands everything to the browser, what travels too, since its answer may be lost. */
  function hide(): void {
    const lines = [...travelling, ...waiting]
    let taken = true
    while (lines.length) {
      const piece = takeBody(lines)
      if (!network.beacon(url, piece.join('\n'))) {
        taken = false
        void send(piece)
      }
    }
    // Nobody answers for a beacon. Where it is in doubt, and the page lives on after all, the lines are sent again.
    if (taken && !failures) {
      waiting = []
      travelling = []
    }
  }

  /** Forgets everything. To be called last. */
  function stop(): void {
    stopped = true
    waiting = []
    travelling = []
    schedule()
  }

  /** Sets the time of the next try after a failure, or clears it and any other. */
  function schedule(wait?: number): void {
    clearTimeout(timer)
    asked = false
    backingOff = wait !== undefined
    timer = backingOff ? setTimeout(sendNow, wait) : undefined
  }

  function dropOldest(): void {
    const excess = travelling.length + waiting.length - MAX_PENDING
    if (excess > 0) {
      dropped += waiting.splice(0, excess).length
    }
  }

  return { add, flush, hide, stop, dropped: () => dropped }
}

function request(lines: string[]): RequestInit {
  return {
    method: 'POST',
    body: lines.join('\n'), // a string goes as text/plain, which needs no preflight
    credentials: 'omit',
    keepalive: true,
    signal: AbortSignal.timeout?.(MAX_REQUEST) ?? null,
  }
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
  return new Blob([text]).size
}
