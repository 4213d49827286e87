import { capture } from './capture'
import { uuid, visitor } from './identity'
import { toLine } from './interaction'
import type { Details } from './interaction'
import { tidy } from './name'
import { quietly } from './quietly'
import { createTransport } from './transport'
import type { Transport } from './transport'

export type { Details, Properties } from './interaction'

export interface Options {
  /** The collector's address, for example `https://collect.example.com`. */
  collector: string
  /** The site's name, where one collector serves several. */
  app?: string | undefined
  /** The site's write key, where it has one. */
  key?: string | undefined
}

let app: string | undefined
let transport: Transport | undefined
let endCapture: (() => void) | undefined

/** Starts to capture and send; a second call starts anew with its own options. */
export const start: (options: Options) => void = quietly((options) => {
  off()
  app = options.app || undefined
  const key = options.key ? '?key=' + options.key : ''
  transport = createTransport(options.collector.replace(/\/+$/, '') + '/v1/interactions' + key, {
    // Looked up at each call: the page may put its own in place.
    fetch: (url, init) => fetch(url, init),
    beacon: (url, body) => navigator.sendBeacon?.(url, body),
    random: Math.random,
  })
  endCapture = capture({ record, hide: transport.hide })
})

/** Records an interaction of the page's own. Does nothing before `start` and after `off`. */
export const track: (target: string, details?: Details) => void = quietly((target, details = {}) => {
  const name = tidy(String(target ?? ''))
  if (name || details.type === 'view') {
    record(name || undefined, details)
  }
})

/** Sends what waits now. Never rejects; resolves when the collector has answered for all of it, or a try failed. */
export function flush(): Promise<void> {
  return transport?.flush() ?? Promise.resolve()
}

/** Stops for good: listens to nothing, sends nothing, and forgets what waited. */
export function off(): void {
  endCapture?.()
  transport?.stop()
  endCapture = transport = undefined
}

/** How many interactions were lost since `start`: pushed out of a full queue, too large, or refused. */
export function dropped(): number {
  return transport?.dropped() ?? 0
}

function record(target: string | undefined, { type, value, properties }: Details): void {
  const at = Date.now()
  transport?.add(
    toLine({
      id: uuid(at),
      app,
      type,
      target,
      page: location.pathname,
      visitor: visitor(at),
      at,
      value: Number.isFinite(value) ? value : undefined,
      properties,
    }),
  )
}
