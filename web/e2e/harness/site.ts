import { createServer, type Server } from 'node:http'
import { freePort } from './ports'

const ONE_BUTTON: Pages = (path) => (path === '/' ? '<title>A site</title><button>Press me</button>' : undefined)

/** The body of a page, or nothing where there is none. */
export type Pages = (path: string) => string | undefined

/** Somebody's web site on an origin of its own, with the one script tag on every page. */
export class Site {
  private constructor(
    readonly port: number,
    readonly server: Server,
  ) {}

  static async open(scriptTag: string, pages = ONE_BUTTON, headers: Record<string, string> = {}): Promise<Site> {
    const server = createServer(({ url }, response) => {
      const body = pages(new URL(url!, 'http://site').pathname)
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8', ...headers })
      response.end(body === undefined ? '' : `<!doctype html>${body}${scriptTag}`)
    })
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new Site(port, server)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}
