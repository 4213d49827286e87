import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { freePort } from './ports'

/**
 * A way to the collector on which answers get lost: what was sent has arrived, and its sender does not learn so. It
 * keeps the bodies' number, since clients that send again are what it is for.
 */
export class Lossy {
  /** POSTs that came through. */
  posts = 0
  /** Of them, how many answers were lost. */
  lost = 0
  /** How many answers to POSTs are lost from now on. */
  toLose = 0

  private constructor(
    readonly port: number,
    readonly server: Server,
  ) {}

  static async open(collectorPort: number): Promise<Lossy> {
    const port = await freePort()
    const server = createServer((incoming, outgoing) => lossy.#pass(incoming, outgoing, collectorPort))
    const lossy = new Lossy(port, server)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return lossy
  }

  get url(): string {
    return `http://localhost:${this.port}`
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
    const { method, url, headers } = incoming
    const onwards = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        this.posts += method === 'POST' ? 1 : 0
        if (method === 'POST' && this.toLose > 0) {
          this.toLose--
          this.lost++
          incoming.socket.destroy()
          return
        }
        outgoing.writeHead(answer.statusCode!, answer.headers).end(Buffer.concat(parts))
      })
    })
    onwards.on('error', () => incoming.socket.destroy())
    incoming.pipe(onwards)
  }
}
