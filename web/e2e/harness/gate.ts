import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { freePort } from './ports'

/**
 * What becomes of interactions that are sent: `pass`; `refuse`: the connection ends, as if nobody were there; `hang`:
 * no answer as long as it is so; `cut`: the collector has them, and the connection ends before its answer; `half`: the
 * same in the middle of the answer's first line; or the gate answers itself.
 */
export type Mode = 'pass' | 'refuse' | 'hang' | 'cut' | 'half' | { status: number; retryAfter?: number }

/** Stands between pages and the collector, and does to their interactions what networks and collectors do. */
export class Gate {
  mode: Mode = 'pass'
  /** By id, how often an interaction was handed to the collector. */
  readonly passed = new Map<string, number>()
  /** When each request with interactions came, the mode it met, and whether it was a beacon, whose answer no page sees. */
  readonly requests: { at: number; mode: Mode; isBeacon: boolean }[] = []
  readonly #hanging = new Set<Socket>()

  private constructor(
    readonly port: number,
    readonly server: Server,
  ) {}

  static async open(collector: string): Promise<Gate> {
    const server = createServer((incoming, outgoing) => void gate.#serve(collector, incoming, outgoing))
    // Where a connection that was used before ends without an answer, browsers try again on another by themselves.
    server.maxRequestsPerSocket = 1
    const gate = new Gate(await freePort(), server)
    await new Promise<void>((resolve) => server.listen(gate.port, '127.0.0.1', resolve))
    return gate
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** From now on; requests that hang end. */
  set(mode: Mode): void {
    this.mode = mode
    this.#hanging.forEach((socket) => socket.destroy())
    this.#hanging.clear()
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  async #serve(collector: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of incoming) {
        chunks.push(chunk as Buffer)
      }
    } catch {
      return // the page went away
    }
    const body = Buffer.concat(chunks)
    const { socket } = incoming
    const sends = incoming.method === 'POST'
    const mode = sends ? this.mode : 'pass'
    if (sends) {
      this.requests.push({ at: performance.now(), mode, isBeacon: incoming.headers['sec-fetch-mode'] === 'no-cors' })
    }
    if (mode === 'refuse') {
      socket.destroy()
    } else if (mode === 'hang') {
      this.#hanging.add(socket)
    } else if (typeof mode === 'object') {
      const { status, retryAfter } = mode
      outgoing.setHeader('access-control-allow-origin', '*').setHeader('access-control-expose-headers', 'retry-after')
      if (retryAfter !== undefined) {
        outgoing.setHeader('retry-after', retryAfter)
      }
      outgoing.writeHead(status).end()
    } else {
      this.#forward(collector, incoming, body, outgoing, mode)
    }
  }

  #forward(collector: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, mode: 'pass' | 'cut' | 'half'): void {
    const { socket } = incoming
    const { method, url, headers } = incoming
    const forwarded = request(collector + url!, { method: method!, headers, agent: false }, (answer) => {
      if (method === 'POST') {
        for (const line of body.toString('utf8').split('\n')) {
          const { id } = JSON.parse(line) as { id: string }
          this.passed.set(id, (this.passed.get(id) ?? 0) + 1)
        }
      }
      if (mode === 'pass') {
        outgoing.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outgoing)
        return
      }
      answer.resume().on('end', () => {
        if (mode === 'half') {
          socket.end(`HTTP/1.1 ${answer.statusCode} Acc`)
        } else {
          socket.destroy()
        }
      })
    })
    forwarded.on('error', () => socket.destroy())
    forwarded.end(body)
  }
}
