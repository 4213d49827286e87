import { setTimeout as pause } from 'node:timers/promises'

const POLL = 50 // ms

/** For what takes long only when the machine has other work. */
export const PATIENCE = 60_000 // ms

/**
 * Waits until `look` gives something other than undefined, null and false, and returns it.
 * What `look` throws counts as "not yet", and is told when the time is over; but a failed assertion is an answer.
 */
export async function until<T>(what: string, look: () => T | Promise<T>, within = PATIENCE): Promise<NonNullable<Exclude<T, false>>> {
  const start = performance.now()
  let last: unknown
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined && found !== null && found !== false) {
        return found as NonNullable<Exclude<T, false>>
      }
      last = found
    } catch (error) {
      if ((error as Error).name === 'AssertionError') {
        throw error
      }
      last = error
    }
    if (performance.now() - start > within) {
      throw new Error(`Not within ${within / 1_000} s: ${what}`, { cause: last })
    }
    await pause(POLL)
  }
}

/** Waits until `look` gives `wanted`; in the end it says what it gave instead. */
export async function untilEqual<T>(what: string, wanted: T, look: () => T | Promise<T>, within = PATIENCE): Promise<void> {
  let seen: unknown = 'nothing yet'
  await until(what, async () => (seen = await look()) === wanted, within).catch((error: Error) => {
    throw new Error(`${error.message}: wanted ${String(wanted)}, saw ${String(seen)}`, { cause: error.cause })
  })
}
