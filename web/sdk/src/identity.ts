const VISITOR_KEY = 'footfall.visitor'

let millisecond = 0
let sequence = 0

/**
 * A UUIDv7 (RFC 9562, 5.7). Ids made in one tab sort in the order they were made: within a millisecond, and when
 * the clock is set back, the 12 bits after the time count up from a random start (6.2, method 1).
 */
export function uuid(now: number): string {
  const [start, first, ...rest] = crypto.getRandomValues(new Uint8Array(9)) as unknown as [number, number]
  if (now > millisecond || ++sequence > 0xfff) {
    millisecond = Math.max(now, millisecond + 1)
    sequence = start << 3 // in the lower half of the range, the upper is to count in
  }
  const variant = (first & 0x3f) | 0x80
  const random = [variant, ...rest].map((byte) => hex(byte, 2)).join('')
  return (hex(millisecond, 12) + '7' + hex(sequence, 3) + random).replace(
    /(.{8})(.{4})(.{4})(.{4})/,
    '$1-$2-$3-$4-',
  )
}

let name: string | undefined

/** Names this tab, not the person: it ends with the tab, or with the page where storage is denied. */
export function visitor(now: number): string {
  if (!name) {
    name = uuid(now)
    try {
      name = sessionStorage.getItem(VISITOR_KEY) || name
      sessionStorage.setItem(VISITOR_KEY, name)
    } catch {
      // Denied: the name lives as long as the page.
    }
  }
  return name
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
