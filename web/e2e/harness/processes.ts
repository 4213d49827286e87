import { readdirSync, readFileSync } from 'node:fs'

// All that a test starts, and all that this starts in turn, has the mark in its environment: children
// are found also when their parent is gone. Read from /proc, so Linux only.
const NAME = 'FOOTFALL_E2E'

/** The environment of a marked process: ours, without what would configure Footfall from outside. */
export function markedEnvironment(mark: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('FOOTFALL__'))
  return { ...Object.fromEntries(own), [NAME]: mark }
}

export interface Running {
  pid: number
  command: string
}

export function runningWith(mark: string): Running[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`${NAME}=${mark}`))
    .map((pid) => ({ pid: Number(pid), command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }))
    // It may have ended between the two looks.
    .filter(({ command }) => command !== '')
}

export function killAllWith(mark: string): void {
  for (const { pid } of runningWith(mark)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone by itself.
    }
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
