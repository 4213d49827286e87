// @vitest-environment node
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { build, type Rollup } from 'vite'

/** What a first visit loads, compressed: 60 KB. */
const BUDGET = 60_000

let files: Map<string, Buffer>

beforeAll(async () => {
  const built = (await build({ root: `${import.meta.dirname}/..`, logLevel: 'error', build: { write: false } })) as Rollup.RollupOutput
  files = new Map(built.output.map((file) => [file.fileName, Buffer.from(file.type === 'chunk' ? file.code : file.source)]))
}, 60_000)

describe('what is built', () => {
  test(`weighs less than ${BUDGET} bytes in all, compressed`, ({ annotate }) => {
    const weights = [...files].map(([name, body]) => ({ name, bytes: gzipSync(body, { level: 9 }).length }))
    const sum = weights.reduce((all, { bytes }) => all + bytes, 0)
    void annotate(`${weights.map(({ name, bytes }) => `${name} ${bytes}`).join(', ')}: ${sum}`)
    expect(weights.map(({ name }) => name.replace(/^.*\./, '')).sort()).toEqual(['css', 'html', 'js'])
    expect(sum).toBeLessThan(BUDGET)
  })

  test('has its scripts and styles in files of the same origin', () => {
    const html = files.get('index.html')!.toString()
    expect([...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([expect.stringMatching(/ src="\.\/assets\/[^"]+\.js"/)])
    expect(html).not.toMatch(/<style|data:|https?:\/\//)
  })
})
