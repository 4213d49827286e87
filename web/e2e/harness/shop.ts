import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './here'
import { freePort } from './ports'
import { killAllWith, markedEnvironment } from './processes'
import { PATIENCE, until } from './until'

const folder = join(repository, 'samples/Shop')
const program = join(repository, 'artifacts/bin/Shop/release/Shop')

/** samples/Shop as it is built, with its data where a test has it. */
export class Shop {
  output = ''

  private constructor(
    readonly url: string,
    readonly child: ChildProcess,
    readonly mark: string,
  ) {
    const append = (text: string) => (this.output += text)
    child.stdout!.setEncoding('utf8').on('data', append)
    child.stderr!.setEncoding('utf8').on('data', append)
  }

  static async open(data: string, settings: Record<string, string> = {}): Promise<Shop> {
    if (!existsSync(program)) {
      throw new Error(`There is no ${program}: dotnet build samples/Shop -c Release`)
    }
    const url = `http://localhost:${await freePort()}`
    const mark = randomUUID()
    const env = { ...markedEnvironment(mark), Footfall__Data: data, ...settings }
    const shop = new Shop(url, spawn(program, ['--urls', url], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] }), mark)
    await until('the shop is open', async () => shop.child.exitCode !== null || (await fetch(url)).ok)
    if (shop.child.exitCode !== null) {
      throw new Error(`The shop ended with ${shop.child.exitCode}:\n${shop.output}`)
    }
    return shop
  }

  /** Ctrl-C. */
  async stop(): Promise<number | null> {
    const closed = once(this.child, 'close', { signal: AbortSignal.timeout(PATIENCE) })
    this.child.kill('SIGINT')
    const [code] = (await closed) as [number | null]
    return code
  }

  /** Ends it if it still runs. */
  close(): void {
    killAllWith(this.mark)
  }
}
