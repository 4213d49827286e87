import type { State, Tick } from './wire'

/** How it stands with the connection, and what somebody should read about it. */
export type Connection =
  | { is: 'connecting' }
  | { is: 'live' }
  /** `lastSeen`: the server's time of the last event. */
  | { is: 'away'; lastSeen: number | null; problem: Problem | null }

export interface Problem {
  status: number
  title: string
  advice: string
}

/** As much of an EventSource as is needed. */
export interface Source {
  on(type: 'state' | 'tick', heard: (data: string) => void): void
  onLost(lost: () => void): void
  close(): void
}

/** A status, what its problem details say, and after how many ms one may come again. */
export interface Answer {
  status: number
  detail: string | null
  reason: string | null
  retryAfter: number | null
}

export interface World {
  open(url: string): Source
  /** How a GET is answered; what is not refused isn't read. */
  ask(url: string): Promise<Answer>
  after(ms: number, act: () => void): () => void
}

export interface Listener {
  /** `fresh`: what was known of the series is not to be gone on with. */
  state(state: State, fresh: boolean): void
  tick(tick: Tick): void
  connection(connection: Connection): void
}

/** The server says something each second; five times that is silence. */
export const SILENCE = 5_000
/** The first try comes at once, then ever later; a server that was restarted is back within seconds. */
export const RETRIES = [300, 1_000, 2_000, 4_000, 8_000] as const

/**
 * The connection to /api/v1/live of one app. An EventSource tells neither that a line has died in silence nor why it was refused,
 * and goes on by itself only after some faults: so each one here is used once, and what comes after it is decided here.
 */
export class Live {
  readonly #world: World
  readonly #listener: Listener
  readonly #query: string
  #source: Source | null = null
  #cancel: () => void = () => undefined
  #instance: string | null = null
  #seq = 0
  #lastSeen: number | null = null
  #failures = 0
  /** Nothing of this connection has come yet: without a `state`, a tick has nothing to change. */
  #whole = false
  #problem: Problem | null = null
  /** How long the server wants to be left alone, where it says so. */
  #retryAfter: number | null = null
  #saidLive = false
  #stopped = false

  constructor(world: World, listener: Listener, app: string | null) {
    this.#world = world
    this.#listener = listener
    this.#query = app === null ? '' : `?app=${encodeURIComponent(app)}`
  }

  start(): void {
    this.#listener.connection({ is: 'connecting' })
    this.#connect()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
    this.#close()
  }

  #connect(): void {
    this.#close()
    this.#whole = false
    const source = this.#world.open(`api/v1/live${this.#query}`)
    this.#source = source
    // What an earlier connection still says is of no interest.
    const ifCurrent = (act: () => void): void => (source === this.#source ? act() : undefined)
    source.on('state', (data) => ifCurrent(() => this.#state(data)))
    source.on('tick', (data) => ifCurrent(() => this.#tick(data)))
    source.onLost(() => ifCurrent(() => this.#lost()))
    this.#watch()
  }

  #state(data: string): void {
    const state = parse<State>(data)
    if (!state) {
      return this.#lost()
    }
    // A state tells no increments: those of any number that this page did not hear are in the series only.
    const fresh = state.instance !== this.#instance || state.seq !== this.#seq
    this.#instance = state.instance
    this.#whole = true
    this.#heard(state)
    this.#listener.state(state, fresh)
  }

  #tick(data: string): void {
    const tick = parse<Tick>(data)
    // A hole in the numbers: what was in it can't be guessed, and the whole comes with the next connection.
    if (!tick || !this.#whole || tick.seq !== this.#seq + 1) {
      return this.#lost()
    }
    this.#heard(tick)
    this.#listener.tick(tick)
  }

  #heard({ seq, at }: { seq: number; at: number }): void {
    this.#seq = seq
    this.#lastSeen = at
    this.#watch()
    this.#failures = 0
    this.#problem = null
    this.#retryAfter = null
    if (!this.#saidLive) {
      this.#saidLive = true
      this.#listener.connection({ is: 'live' })
    }
  }

  #watch(): void {
    this.#cancel()
    this.#cancel = this.#world.after(SILENCE, () => this.#lost())
  }

  #lost(): void {
    const refused = !this.#whole
    this.#close()
    this.#cancel()
    const wait = this.#retryAfter ?? RETRIES[Math.min(this.#failures, RETRIES.length - 1)]!
    this.#failures++
    this.#say()
    this.#again(wait)
    if (refused) {
      void this.#explain()
    }
  }

  #again(wait: number): void {
    this.#cancel()
    this.#cancel = this.#world.after(wait, () => this.#connect())
  }

  /** An EventSource does not tell the status it was refused with. Another address may answer what this one refuses. */
  async #explain(): Promise<void> {
    const answer = await this.#world.ask(`api/v1/live${this.#query}`).catch(() => null)
    // Meanwhile it may be back, or nobody's any more.
    if (this.#failures > 0 && !this.#stopped) {
      this.#problem = answer ? problemOf(answer) : null
      this.#retryAfter = this.#problem ? answer!.retryAfter : null
      this.#say()
      if (this.#retryAfter !== null && this.#source === null) {
        this.#again(this.#retryAfter)
      }
    }
  }

  #say(): void {
    this.#saidLive = false
    this.#listener.connection({ is: 'away', lastSeen: this.#lastSeen, problem: this.#problem })
  }

  #close(): void {
    this.#source?.close()
    this.#source = null
  }
}

export function problemOf({ status, detail, reason }: Pick<Answer, 'status' | 'detail' | 'reason'>): Problem | null {
  if (reason === 'too_many_viewers') {
    return { status, title: 'As many people look at the board as may.', advice: 'This page asks again every few seconds, and goes on as soon as one of them has left.' }
  }
  const known: Record<number, Omit<Problem, 'status'>> = {
    401: { title: 'You are not signed in.', advice: 'What stands before Footfall asks for a sign-in. Load the page again to sign in.' },
    403: { title: 'You may not look at this.', advice: 'What stands before Footfall refuses you. Ask who runs it.' },
    404: { title: detail ?? 'There is no such app here.', advice: 'Choose another, or see whether it is in the configuration under Capture:Apps.' },
    503: { title: detail ?? 'The metrics service is not ready.', advice: 'It starts, or it has lost its log; /health/ready says which. This page goes on by itself.' },
  }
  const problem = known[status]
  if (problem) {
    return { status, ...problem }
  }
  return status >= 400 ? { status, title: detail ?? `The metrics service answers ${status}.`, advice: 'Its log says why. This page tries again by itself.' } : null
}

function parse<T>(data: string): T | null {
  try {
    return JSON.parse(data) as T
  } catch {
    return null
  }
}
