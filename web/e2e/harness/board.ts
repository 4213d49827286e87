import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'
import { repository } from './here'

const folder = join(repository, 'web/board')

/** The board as it is built, before a server that is made up: each of its apps is a situation. */
export interface MadeUp {
  url: string
  close(): Promise<void>
}

export async function madeUpServer(): Promise<MadeUp> {
  const dist = mkdtempSync(join(tmpdir(), 'footfall-board-'))
  execFileSync('npx', ['vite', 'build', '--logLevel', 'error', '--emptyOutDir', '--outDir', dist], { cwd: folder, stdio: 'inherit' })
  const server = spawn(process.execPath, ['dev/mock.mjs'], { cwd: folder, env: { ...process.env, PORT: '0', DIST: dist }, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
  return {
    url: new URL(line.split(' ')[0]!).origin,
    async close() {
      server.kill()
      await once(server, 'exit')
      rmSync(dist, { recursive: true, force: true })
    },
  }
}

export interface Violation {
  impact: string
  id: string
  where: string[]
}

/** What axe-core finds. It looks from a world of its own: the policy of the page lets no foreign script in. */
export async function violations(page: Page): Promise<Violation[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const client = await page.context().newCDPSession(page)
  const { frameTree } = await client.send('Page.getFrameTree')
  const { executionContextId: contextId } = await client.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' })
  await client.send('Runtime.evaluate', { contextId, expression: axe })
  const look = 'axe.run().then(({ violations }) => violations.map(({ impact, id, nodes }) => ({ impact, id, where: nodes.map(({ html }) => html.slice(0, 200)) })))'
  const { result, exceptionDetails } = await client.send('Runtime.evaluate', { contextId, awaitPromise: true, returnByValue: true, expression: look })
  await client.detach()
  if (exceptionDetails) {
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
  }
  return result.value as Violation[]
}
