import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../../../', import.meta.url))

export const footfallProgram =
  process.env['FOOTFALL_EXE'] || join(repository, 'artifacts/bin/Footfall.Server/release/footfall')

export const chromiumProgram = process.env['CHROMIUM'] || onPath('chromium')

export type Need = 'chromium' | 'prometheus' | 'kafka' | 'kcat'

const lacks: Record<Need, () => string | undefined> = {
  chromium: () => (chromiumProgram ? undefined : 'Chromium is not here: put chromium on the PATH, or its path in CHROMIUM'),
  prometheus: () => (onPath('prometheus') ? undefined : 'Prometheus is not on the PATH'),
  kafka: () => (process.env['KAFKA_HOME'] ? undefined : 'KAFKA_HOME is not set'),
  kcat: () => (onPath('kcat') ? undefined : 'kcat is not on the PATH'),
}

/** Why a test that needs these can't run here. */
export function lacking(needs: readonly Need[]): string | undefined {
  return needs.map((need) => lacks[need]()).find((reason) => reason !== undefined)
}

function onPath(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
