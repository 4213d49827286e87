import { randomUUID } from 'node:crypto'

const BATCH = 5
const SENDERS = 4

/** Servers that send interactions as fast as they are answered, and keep account of the answers. */
export class Stream {
  /** How many the collector has answered for. */
  accepted = 0
  /** Bodies that were sent and not answered for: they may be in the log or not. */
  readonly unanswered: string[] = []
  #running: Promise<unknown> = Promise.resolve()

  constructor(
    readonly collector: string,
    readonly target: string,
  ) {}

  get sent(): number {
    return this.accepted + this.unanswered.length * BATCH
  }

  /** Sends until the collector is gone. */
  start(): void {
    this.#running = Promise.all(Array.from({ length: SENDERS }, () => this.#send()))
  }

  /** Completes when the collector is gone. */
  async ended(): Promise<void> {
    await this.#running
  }

  /** The same again, with the same ids. */
  async sendAgain(): Promise<void> {
    for (const body of this.unanswered.splice(0)) {
      await this.#post(body)
      this.accepted += BATCH
    }
  }

  async #send(): Promise<void> {
    for (;;) {
      const body = this.#batch()
      try {
        await this.#post(body)
        this.accepted += BATCH
      } catch {
        this.unanswered.push(body)
        return
      }
    }
  }

  async #post(body: string): Promise<void> {
    const response = await fetch(`${this.collector}/v1/interactions`, { method: 'POST', body })
    if (response.status !== 202) {
      throw new Error(`${response.status}: ${await response.text()}`)
    }
  }

  #batch(): string {
    const one = () => ({ id: randomUUID(), target: this.target, page: '/lessons', visitor: randomUUID(), value: 0.1 })
    return Array.from({ length: BATCH }, () => JSON.stringify(one())).join('\n')
  }
}
