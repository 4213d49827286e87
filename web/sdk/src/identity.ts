const VISITOR_KEY = 'footfall.visitor'

let millisecond = 0
let sequence = 0

/**
 * A UUIDv7 (RFC 9562, 5.7). Ids made in one tab sort in the order they were made: within a millisecond, and when
 * the clock is set back, the 12 bits after the time count up from a random start (6.2, method 1).
 */
export function uuid(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(10))
  if (now > millisecond || ++sequence > 0xfff) {
    millisecond = Math.max(now, millisecond + 1)
    sequence = random[8]! << 3 // half the range at most, the other half is to count in
  }
  const time = hex(millisecond, 12)
  const tail = Array.from(random, (byte) => hex(byte, 2)).join('')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(sequence, 3)}-${hex((random[9]! & 3) | 8, 1)}${tail.slice(0, 3)}-${tail.slice(3, 15)}`
}

let memory: string | undefined

/** Names this tab, not the person: it ends with the tab, or with the page where storage is denied. */
export function visitor(now: number): string {
  try {
    memory ??= sessionStorage.getItem(VISITOR_KEY) ?? undefined
    memory ??= uuid(now)
    sessionStorage.setItem(VISITOR_KEY, memory)
  } catch {
    memory ??= uuid(now)
  }
  return memory
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
