const FIRST_WAIT = 500 // ms
const LONGEST_WAIT = 30_000 // ms
const LONGEST_TIMER = 1e9 // ms, 11 days: from 2^31 on, setTimeout takes a wait for none at all

/** Whether the same batch, sent again, could be taken: the collector is away, or asks for patience. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/**
 * How long to wait after this many failures in a row, in milliseconds: twice as long each time, the half of it by
 * chance so that browsers that failed together come back apart, and never sooner than `Retry-After` (seconds) asks.
 */
export function waitAfter(failures: number, retryAfter: number): number {
  const wait = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT)
  return Math.min(Math.max((wait * (1 + Math.random())) / 2, retryAfter * 1_000), LONGEST_TIMER)
}
