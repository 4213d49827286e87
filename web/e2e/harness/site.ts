import { createServer, type Server } from 'node:http'
import { freePort } from './ports'

/** Somebody's web site on an origin of its own: one page with a button and the one script tag. */
export class Site {
  private constructor(
    readonly port: number,
    readonly server: Server,
  ) {}

  static async open(scriptTag: string): Promise<Site> {
    const html = `<!doctype html><title>A site</title><button>Press me</button>${scriptTag}`
    const server = createServer(({ url }, response) => {
      response.writeHead(url === '/' ? 200 : 404, { 'content-type': 'text/html' }).end(url === '/' ? html : '')
    })
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new Site(port, server)
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}
