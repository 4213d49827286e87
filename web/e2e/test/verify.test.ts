import { execFileSync, spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import { scrape, sumOf } from '../harness/exposition'
import type { Footfall } from '../harness/footfall'
import { footfallProgram } from '../harness/here'
import { onBothLogs, scenario } from '../harness/scenario'
import { PATIENCE, until } from '../harness/until'

onBothLogs('A live system passes, while interactions come', [], async ({ footfall }) => {
  await footfall.up('--simulate', '500')
  await counted(footfall, 1_000)
  const { code, output } = verify(footfall)
  expect(output).toMatch(/^All equal: [\d,]+ records, /m)
  expect(code).toBe(0)
  expect(await footfall.stop()).toBe(0)
})

scenario('A total that somebody wrote to Kafka is found', ['kcat'], async ({ footfall }) => {
  await footfall.up('--simulate', '500')
  await counted(footfall, 1_000)
  const key = String.raw`[0,"[\"interactions\",\"nobody\",\"click\",\"Buy Now\",\"/\"]"]`
  execFileSync('kcat', ['-P', '-b', footfall.bootstrapServers, '-t', 'footfall.totals', '-p', '0', '-K', '|'], {
    input: `${key}|{"total":7}\n`,
    timeout: PATIENCE,
  })
  const { code, output } = verify(footfall)
  expect(output).toContain('interactions nobody click "Buy Now" / (partition 0): 7 committed, 0 recounted, difference +7\n')
  expect(code).toBe(1)
}, 'kafka')

async function counted(footfall: Footfall, least: number): Promise<void> {
  await until(`${least} are counted`, async () => sumOf(await scrape(`${footfall.metrics}/metrics`), 'footfall_interactions_total') >= least)
}

/** Beside the Footfall that runs. */
function verify(footfall: Footfall): { code: number | null; output: string } {
  const kafka = footfall.log === 'kafka' ? ['--kafka', footfall.bootstrapServers] : []
  const { status, stdout, stderr } = spawnSync(footfallProgram, ['verify', '--data', footfall.data, ...kafka], {
    cwd: footfall.folder,
    encoding: 'utf8',
    timeout: PATIENCE,
  })
  return { code: status, output: stdout + stderr }
}
