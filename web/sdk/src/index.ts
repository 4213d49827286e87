import { capture } from './capture.js'
import { forgetAll, uuid, visitor } from './identity.js'
import type { Visitor } from './identity.js'
import { toLine } from './interaction.js'
import type { Details } from './interaction.js'
import type { leave as Leave } from './leave.js'
import { tidy } from './name.js'
import { quietly } from './quietly.js'
import { createTransport } from './transport.js'
import type { Transport } from './transport.js'

export type { Details, Properties } from './interaction.js'
export type { Visitor } from './identity.js'

/** As on the script tag, where their names begin with `data-`. */
export interface Options {
  /** The collector's address, for example `https://collect.example.com`. */
  collector: string
  /** The site's name, where one collector serves several. */
  app?: string | undefined
  /** The app's write key, where it has one. */
  key?: string | undefined
  /** For how long a visitor has the same random name: `tab` (at most a day), or `site` (at most 30 days). */
  visitor?: Visitor | undefined
  /** The fragment of the address makes another page: for sites that route by it. */
  hash?: true | '' | undefined
  /** Each page view ends with an interaction of type `leave`: `leave` of `footfall/leave`. */
  leave?: typeof Leave | undefined
  /** `ignore`: goes on where the visitor's browser asks not to be tracked (Global Privacy Control, Do Not Track). */
  signals?: 'obey' | 'ignore' | undefined
  /** `required`: captures, stores and sends nothing before `consent(true)`. */
  consent?: 'required' | undefined
}

let options: Options
let transport: Transport | undefined
let capturing: AbortController | undefined
let view: string
let n = 0

/** Starts to capture and send, at once or with consent; a second call starts anew with its own options. */
export const start: (options: Options) => void = quietly((given) => {
  off()
  options = given
  if (given.consent == null) {
    begin()
  }
})

/** What the visitor decided: true starts; false stops, and removes all that is stored in the browser. */
export const consent: (given: boolean) => void = quietly((given) => {
  if (!given) {
    off()
    forgetAll()
  } else if (!transport) {
    begin()
  }
})

/** Records an interaction of the page's own. Does nothing before `start` and after `off`. */
export const track: (target: string, details?: Details) => void = quietly((target, details = {}) => {
  const name = tidy(target)
  if (name || details.type === 'view') {
    record(name, details)
  }
})

/** Sends what waits now. Never rejects; resolves when the collector has answered for all of it, or a try failed. */
export async function flush(): Promise<void> {
  await transport?.flush()
}

/** Stops for good: listens to nothing, sends nothing, and forgets what waited. */
export function off(): void {
  capturing?.abort()
  transport?.stop()
  capturing = transport = undefined
}

/** How many interactions were lost since `start`: pushed out of a full queue, too old, too large, or refused. */
export function dropped(): number {
  return transport?.dropped() ?? 0
}

function begin(): void {
  const { collector, key, leave, signals } = options
  const { doNotTrack, globalPrivacyControl } = navigator as Navigator & { globalPrivacyControl?: boolean }
  if (signals !== 'ignore' && (globalPrivacyControl || doNotTrack === '1')) {
    return
  }
  const path = `/v1/interactions?key=${encodeURIComponent(key || '')}&sent=`
  const sender = (transport = createTransport(collector.replace(/\/*$/, path)))
  capturing = capture({ record, flush: sender.flush, handOver: sender.handOver }, pageNow, leave)
}

function record(target: string | undefined, { type, value, properties }: Details, page = pageNow()): void {
  const at = Date.now()
  if (!target && type === 'view') {
    view = uuid(at)
    n = 0
  }
  transport?.add(
    toLine({
      id: uuid(at),
      app: options.app || undefined,
      type,
      target: target || undefined,
      page,
      visitor: visitor(at, options.visitor),
      view,
      n: ++n,
      at,
      value: isFinite(value!) ? +value! : undefined,
      properties,
    }),
  )
}

/** The path, and the fragment where that makes another page. */
function pageNow(): string {
  return location.pathname + (options.hash == null ? '' : location.hash.replace(/^#!?\/?([^?]*).*/, '/$1'))
}
